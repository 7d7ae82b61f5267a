"""A film in the sequencer: in the right place, on channels of its own, never doubled."""

from __future__ import annotations

import pathlib
import sys
import wave
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")
av = pytest.importorskip("av")

from movie_director.core.edit import Cue, Edit, EditClip, EditScene, Transition  # noqa: E402
from movie_director.core.step import Artifact  # noqa: E402

SHOTS = 4
FRAMES = 24


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    """A clip of one second, a line of one second, and music of half a second, as artifacts."""
    folder = tmp_path_factory.mktemp("media")
    with av.open(str(folder / "clip.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(FRAMES):
            picture = np.full((36, 64, 3), number * 8, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    for name, seconds in (("line", 1.0), ("music", 0.5)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as sound:
            sound.setparams((1, 2, 48000, 0, "NONE", ""))
            sound.writeframes(b"\0\0" * int(48000 * seconds))
    made = {f"s{n}:clip": "clip.mp4" for n in range(SHOTS)}
    made |= {f"l{n}:speech": "line.wav" for n in range(SHOTS)} | {"m:music": "music.wav"}
    return {
        id: Artifact(
            step=id, intent="i", path=folder / name, content=name,
            facts={"seconds": 0.5 if "music" in name else 1.0},
        )
        for id, name in made.items()
    }  # fmt: skip


def cut(dissolve: int = 6) -> Edit:
    """Four shots; the third dissolves in; everybody speaks; music all through."""
    starts = [0, 24, 48 - dissolve, 72 - dissolve]
    clips = tuple(
        EditClip(
            key=f"s{n}", source=f"s{n}:clip", name=f"Shot {n}", scene="Yard", number=f"{n}",
            start=start, frames=FRAMES,
            enter=Transition(kind="dissolve", frames=dissolve) if n == 2 and dissolve else Transition(),
        )
        for n, start in enumerate(starts)
    )  # fmt: skip
    lines = tuple(
        Cue(
            key=f"l{n}", source=f"l{n}:speech", name=f"ANNA: line {n}", track="dialogue",
            start=start / 24, seconds=1.0, scene="Yard", number=f"{n}", speaker="ANNA",
        )
        for n, start in enumerate(starts)
    )  # fmt: skip
    end = starts[-1] + FRAMES
    music = Cue(
        key="m", source="m:music", name="Score", track="music", start=0.0, seconds=end / 24,
        loop=True, duck=True, fade_in=0.2, fade_out=0.2,
    )  # fmt: skip
    return Edit(
        title="T", rate=Fraction(24), width=64, height=36, frames=end, clips=clips,
        cues=(*lines, music), scenes=(EditScene(key="y", name="Yard", start=0, frames=end),),
    )  # fmt: skip


def seen(scene) -> list[tuple]:
    from movie_director.md_nodes import strips

    return sorted(
        (strip.channel, *strips._span(strip), strip.type, strip.name)
        for strip in strips.strips_of(scene)
    )


@pytest.fixture
def scene(blender):
    return bpy.context.scene


def test_every_track_has_channels_of_its_own_at_the_right_frames(scene, media):
    from movie_director.md_nodes.strips import place_film

    assert place_film(scene, cut(), media, channel=2, start_frame=11) == ()
    found = seen(scene)
    pictures = [strip for strip in found if strip[3] == "MOVIE"]
    assert [strip[:3] for strip in pictures] == [
        (2, 11, 35), (2, 35, 59), (2, 77, 101), (3, 53, 77),
    ]  # fmt: skip
    assert [s[:3] for s in found if s[3] == "CROSS"] == [(4, 53, 59)]
    sounds = [strip for strip in found if strip[3] == "SOUND"]
    speech = [strip for strip in sounds if "ANNA" in strip[4]]
    assert [strip[1:3] for strip in speech] == [(11, 35), (35, 59), (77, 101), (53, 77)]
    assert {s[0] for s in speech} == {5, 6}, "lines that overlap lie above each other"
    assert speech[0][4] == "0 ANNA: line 0 (Yard)"
    score = [strip for strip in sounds if "Score" in strip[4]]
    assert {strip[0] for strip in score} == {7}
    assert (score[0][1], score[-1][2]) == (11, 101)
    assert (scene.frame_start, scene.frame_end, scene.render.fps) == (11, 100, 24)
    assert [(mark.name, mark.frame) for mark in scene.timeline_markers] == [("Yard", 11)]
    named = [scene.sequence_editor.channels[number].name for number in range(1, 8)]
    assert named == [
        "Channel 1", "Picture", "Picture 2", "Dissolve", "Dialogue", "Dialogue 2", "Music",
    ]  # fmt: skip


def test_the_next_run_replaces_and_does_not_double(scene, media):
    from movie_director.md_nodes import strips

    strips.place_film(scene, cut(), media)
    before = seen(scene)
    own = strips.strips_of(scene).new_sound("Mine", str(media["l0:speech"].path), 1, 500)
    kept = {strip.as_pointer() for strip in strips.strips_of(scene)}
    strips.place_film(scene, cut(), media)
    assert {strip.as_pointer() for strip in strips.strips_of(scene)} == kept
    strips.place_film(scene, cut(dissolve=0), media)
    assert own.name in strips.strips_of(scene)
    assert "CROSS" not in {strip[3] for strip in seen(scene)}
    strips.remove_film(scene, "output")
    assert [strip[4] for strip in seen(scene)] == ["Mine"]
    strips.strips_of(scene).remove(own)
    strips.place_film(scene, cut(), media)
    assert seen(scene) == before
    assert len(scene.timeline_markers) == 1


def test_a_changed_result_renews_its_strip_alone(scene, media):
    from movie_director.md_nodes import strips

    strips.place_film(scene, cut(dissolve=0), media)
    before = {s["md_key"]: s.as_pointer() for s in strips.strips_of(scene)}
    changed = {**media, "l1:speech": replace(media["l1:speech"], content="another take")}
    strips.place_film(scene, cut(dissolve=0), changed)
    after = {s["md_key"]: s["md_spec"] for s in strips.strips_of(scene)}
    assert after.keys() == before.keys()
    strips.place_film(scene, cut(dissolve=0), changed)


def test_two_outputs_lie_beside_each_other(scene, media):
    from movie_director.md_nodes import strips

    strips.place_film(scene, cut(), media, output="one")
    first = seen(scene)
    strips.place_film(scene, cut(), media, output="two")
    assert len(seen(scene)) == 2 * len(first)
    strips.remove_film(scene, "two")
    assert seen(scene) == first


def test_what_has_no_file_is_named(scene, media):
    from movie_director.md_nodes.strips import place_film

    without = {id: made for id, made in media.items() if id not in ("s1:clip", "l2:speech")}
    assert place_film(scene, cut(), without) == ("Shot 1", "ANNA: line 2")


def test_two_hundred_shots_are_placed_in_short_steps(scene, media):
    from movie_director.md_nodes.strips import Placement, placing

    one = cut(dissolve=0).clips[0]
    clips = tuple(replace(one, key=f"s{n}", start=n * FRAMES) for n in range(200))
    edit = replace(cut(), clips=clips, cues=(), frames=200 * FRAMES)
    steps = placing(Placement(scene=scene.name, output="out", edit=edit, artifacts=media))
    assert sum(1 for _ in steps) == 201
    assert len(seen(scene)) == 200


def test_files_are_named_relative_to_the_blend_and_cost_it_little(blender, media, tmp_path):
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    from graphs import film
    from movie_director.md_nodes import files

    files.build_blend(film(1), tmp_path / "bare.blend")
    beside = {id: _moved(made, tmp_path) for id, made in media.items()}
    path = tmp_path / "film.blend"
    files.build_blend(film(1), path, edit=cut(), artifacts=beside)
    grown = path.stat().st_size - (tmp_path / "bare.blend").stat().st_size
    files.open_blend(path)
    from movie_director.md_nodes import strips

    paths = {
        getattr(s, "filepath", "") or s.sound.filepath
        for s in strips.strips_of(bpy.context.scene)
        if s.type != "CROSS"
    }
    assert paths == {"//clip.mp4", "//line.wav", "//music.wav"}
    assert grown < 1024 * len(beside)


def _moved(made: Artifact, folder: pathlib.Path) -> Artifact:
    target = folder / made.path.name
    target.write_bytes(made.path.read_bytes())
    return replace(made, path=target)
