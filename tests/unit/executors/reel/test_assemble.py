"""A film is its clips in order: copied where they fit, composed where they meet."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Mapping
from fractions import Fraction

import av
import numpy as np
import pytest
from movie_director.core.edit import Edit, Transition
from movie_director.core.errors import MediaError
from movie_director.executors._animatic.picture.clip import ClipWriter, write_clip
from movie_director.executors._animatic.picture.planes import Planes
from movie_director.executors._animatic.reel import ReelFacts, assemble

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import footage as f

DISSOLVE = Transition(kind="dissolve", frames=6)
FADE = Transition(kind="fade", frames=8)


def make(
    edit: Edit,
    clips: Mapping[str, pathlib.Path],
    path: pathlib.Path,
    mix: pathlib.Path | None = None,
) -> ReelFacts:
    facts = assemble(
        edit,
        clips,
        mix,
        path,
        quality="standard",
        progress=lambda _: None,
        cancelled=lambda: False,
    )
    assert facts is not None
    return facts


@pytest.fixture
def clips(tmp_path: pathlib.Path) -> dict[str, pathlib.Path]:
    return {f"c{n}": f.clip(tmp_path / f"c{n}.mp4", n, 30) for n in range(3)}


def says(path: pathlib.Path) -> list[tuple[int, int]]:
    return [f.frame_of(luma) for luma in f.watched(path)]


def test_cuts_are_copied_and_every_frame_is_the_right_one(tmp_path, clips) -> None:
    edit = f.edit(f.shot(0, 0, 30), f.shot(1, 30, 17), f.shot(2, 47, 30))
    facts = make(edit, clips, tmp_path / "film.mp4")
    assert (facts.copied, facts.encoded, facts.frames) == (77, 0, 77)
    expected = [(n, k % 16) for n, count in ((0, 30), (1, 17), (2, 30)) for k in range(count)]
    assert says(tmp_path / "film.mp4") == expected


def test_a_dissolve_encodes_only_the_overlap_and_up_to_the_next_entry(tmp_path, clips) -> None:
    edit = f.edit(f.shot(0, 0, 30), f.shot(1, 24, 30, DISSOLVE))
    facts = make(edit, clips, tmp_path / "film.mp4")
    assert (facts.frames, facts.copied, facts.encoded) == (54, 24 + 18, 12)
    film = f.watched(tmp_path / "film.mp4")
    assert [f.frame_of(luma) for luma in film[:24]] == [(0, k % 16) for k in range(24)]
    assert [f.frame_of(luma) for luma in film[30:]] == [(1, k % 16) for k in range(6, 30)]
    middle = [float(np.median(luma[24:])) for luma in film[24:30]]
    expected = [60 + 40 * (k + 1) / 7 for k in range(6)]
    assert middle == pytest.approx(expected, abs=3)


def test_fades_come_from_black_and_go_to_black(tmp_path, clips) -> None:
    edit = f.edit(f.shot(2, 0, 30, FADE, FADE))
    facts = make(edit, clips, tmp_path / "film.mp4")
    levels = [float(np.median(luma[24:])) for luma in f.watched(tmp_path / "film.mp4")]
    ramp = [16 + (140 - 16) * (k + 1) / 9 for k in range(8)]
    assert levels == pytest.approx([*ramp, *[140] * 14, *reversed(ramp)], abs=3)
    assert facts.copied == 30 - 12 - 8


def test_a_gap_is_black(tmp_path, clips) -> None:
    make(f.edit(f.shot(0, 0, 20), f.shot(1, 25, 20)), clips, tmp_path / "film.mp4")
    film = f.watched(tmp_path / "film.mp4")
    assert [int(np.median(luma)) for luma in film[20:25]] == [16] * 5
    assert f.frame_of(film[25]) == (1, 0)


def test_equal_input_gives_equal_bytes(tmp_path, clips) -> None:
    edit = f.edit(f.shot(0, 0, 30), f.shot(1, 24, 30, DISSOLVE))
    mix = f.tone(tmp_path / "mix.wav", 1)
    for name in ("a.mp4", "b.mp4"):
        make(edit, clips, tmp_path / name, mix)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_the_file_is_what_players_expect(tmp_path, clips) -> None:
    mix = f.tone(tmp_path / "mix.wav", 1)
    make(f.edit(f.shot(0, 0, 30), f.shot(1, 30, 30)), clips, tmp_path / "film.mp4", mix)
    data = (tmp_path / "film.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "film.mp4")) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.codec_context.colorspace, video.codec_context.color_trc) == (1, 1)
        assert video.average_rate == video.base_rate == 24
        assert (audio.codec_context.name, audio.rate, audio.layout.name) == ("aac", 48000, "stereo")
        assert float(video.duration * video.time_base) == 60 / 24
        assert float(audio.duration * audio.time_base) == pytest.approx(60 / 24, abs=1 / 24)
        assert file.metadata.get("encoder") is None


def test_sound_is_cut_or_filled_to_the_films_length(tmp_path, clips) -> None:
    edit = f.edit(f.shot(0, 0, 30))
    for seconds in (0.5, 3.0):
        path = tmp_path / f"{seconds}.mp4"
        make(edit, clips, path, f.tone(tmp_path / "mix.wav", seconds))
        with av.open(str(path)) as file:
            heard = np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], 1)
        length = 30 / 24 * 48000
        assert length <= heard.shape[1] <= length + 1024
        assert np.abs(heard[:, 4800:19200]).max() > 0.1
        loud = np.abs(heard[:, 28800:57600]).max()
        assert (loud > 0.1) == (seconds == 3.0)


def test_a_clip_from_elsewhere_is_letterboxed_and_converted(tmp_path, clips) -> None:
    other = f.foreign(tmp_path / "o.mp4", 2, 20, size=(64, 24), rate=Fraction(12), bars=False)
    edit = f.edit(f.shot(0, 0, 24), f.shot(1, 24, 40))
    facts = make(edit, {**clips, "c1": other}, tmp_path / "film.mp4")
    assert facts.copied == 24
    assert any("Shot 1" in warning for warning in facts.warnings)
    film = f.watched(tmp_path / "film.mp4")
    assert len(film) == 64
    for luma in film[24:]:
        assert int(np.median(luma[:10])) == pytest.approx(16, abs=3)
        assert int(np.median(luma[24])) == pytest.approx(140, abs=3)


def test_frame_rates_are_converted_by_time(tmp_path) -> None:
    other = f.foreign(tmp_path / "o.mp4", 1, 15, rate=Fraction(12))
    make(f.edit(f.shot(0, 0, 30)), {"c0": other}, tmp_path / "film.mp4")
    assert says(tmp_path / "film.mp4") == [(1, k // 2) for k in range(30)]


def test_the_last_frame_of_a_short_clip_is_held(tmp_path) -> None:
    for make_clip in (f.clip, f.foreign):
        short = make_clip(tmp_path / "s.mp4", 1, 10)
        facts = make(f.edit(f.shot(0, 0, 15)), {"c0": short}, tmp_path / "film.mp4")
        assert says(tmp_path / "film.mp4") == [(1, min(k, 9)) for k in range(15)]
        assert facts.warnings


def test_a_clip_of_another_quality_is_never_spliced(tmp_path, clips) -> None:
    other = f.clip(tmp_path / "o.mp4", 1, 30, quality="final")
    edit = f.edit(f.shot(0, 0, 30), f.shot(1, 30, 30))
    facts = make(edit, {**clips, "c1": other}, tmp_path / "film.mp4")
    assert (facts.copied, facts.encoded) == (30, 30)
    assert says(tmp_path / "film.mp4")[30:] == [(1, k % 16) for k in range(30)]


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60)], ids=str)
def test_other_rates_are_constant_and_copied_too(tmp_path, rate) -> None:
    clips = {f"c{n}": f.clip(tmp_path / f"{n}.mp4", n, 40, rate=rate) for n in range(2)}
    edit = f.edit(f.shot(0, 0, 40), f.shot(1, 40, 40), rate=rate)
    facts = make(edit, clips, tmp_path / "film.mp4", f.tone(tmp_path / "m.wav", 4))
    assert facts.copied == 80
    with av.open(str(tmp_path / "film.mp4")) as file:
        assert file.streams.video[0].average_rate == rate
        stamps = [packet.pts * packet.time_base for packet in file.demux(video=0) if packet.size]
    assert stamps == [k / rate for k in range(80)]


def test_progress_only_grows_and_ends_at_one(tmp_path, clips) -> None:
    said: list[float] = []
    edit = f.edit(f.shot(0, 0, 30), f.shot(1, 24, 30, DISSOLVE))
    assemble(
        edit,
        clips,
        None,
        tmp_path / "film.mp4",
        quality="standard",
        progress=said.append,
        cancelled=lambda: False,
    )
    assert said == sorted(said)
    assert said[-1] == 1.0


def test_cancelling_leaves_nothing(tmp_path, clips) -> None:
    asked = iter([False] * 10 + [True])
    facts = assemble(
        f.edit(f.shot(0, 0, 30)),
        clips,
        None,
        tmp_path / "film.mp4",
        quality="standard",
        progress=lambda _: None,
        cancelled=lambda: next(asked),
    )
    assert facts is None
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize("damage", ["missing", "no_video_at_all", "cut_short"])
def test_a_broken_clip_is_named_with_its_shot(tmp_path, clips, damage) -> None:
    if damage == "missing":
        clips["c1"].unlink()
    elif damage == "no_video_at_all":
        clips["c1"].write_bytes(b"this is not a film" * 100)
    else:
        data = clips["c1"].read_bytes()
        clips["c1"].write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(MediaError) as caught:
        make(f.edit(f.shot(0, 0, 30), f.shot(1, 30, 30)), clips, tmp_path / "film.mp4")
    assert caught.value.where == "scene/shot_1"
    assert "Shot 1" in caught.value.what
    assert caught.value.remedy
    assert not (tmp_path / "film.mp4").exists()


def test_a_full_disk_is_an_os_error_for_the_store_to_explain(tmp_path, clips) -> None:
    if not pathlib.Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    full = tmp_path / "film.mp4"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        make(f.edit(f.shot(0, 0, 30)), clips, full)
    assert not full.is_symlink()


@pytest.mark.parametrize("quality", ["draft", "standard", "final"])
def test_a_clip_of_the_animatic_is_copied_whole(tmp_path, quality) -> None:
    writer = ClipWriter(tmp_path / "c0.mp4", *f.SIZE, 24, quality, None)
    pictures = [Planes.blank(*f.SIZE) for _ in range(30)]
    write_clip(writer, pictures, 30, 24, frozenset(), lambda _: None, lambda: False)
    facts = assemble(
        f.edit(f.shot(0, 0, 30)),
        {"c0": tmp_path / "c0.mp4"},
        None,
        tmp_path / "film.mp4",
        quality=quality,
        progress=lambda _: None,
        cancelled=lambda: False,
    )
    assert facts is not None
    assert (facts.copied, facts.encoded, facts.warnings) == (30, 0, ())
