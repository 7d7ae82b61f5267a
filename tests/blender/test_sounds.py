"""Sounds and scenes listed both ways, and one progress for picture and sound."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.timeout(180)]
bpy = pytest.importorskip("bpy")

from movie_director.core.graph import Graph, Link, Node  # noqa: E402

from tests.blender.layouts import Notes  # noqa: E402

SMALL = {"title": "Two Rooms", "resolution": "custom", "width": 160, "height": 90, "fps": 12.0}
LINKS = (
    "project.project > out.project", "line.dialogue > one.dialogue", "horn.sound > one.sounds",
    "horn.sound > two.sounds", "one.shot > first.shots", "two.shot > second.shots",
    "theme.music > first.music", "first.sequence > film.shots", "second.sequence > film.shots",
    "film.sequence > out.sequence",
)  # fmt: skip
ENDS = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
FILM = Graph(
    nodes=(
        Node(id="project", type="project", params=SMALL),
        Node(id="line", type="dialogue", params={"line": "Tea?"}),
        Node(id="horn", type="sound_effect", params={"prompt": "train horn", "length": 1.0}),
        Node(id="theme", type="music", params={"prompt": "a slow waltz"}),
        Node(id="one", type="shot", params={"action": "A cup.", "duration": 1.0}),
        Node(id="two", type="shot", params={"action": "A train.", "duration": 1.0}),
        Node(id="first", type="sequence", params={"title": "KITCHEN", "ambience": False}),
        Node(id="second", type="sequence", params={"title": "PLATFORM", "ambience": False}),
        Node(id="film", type="sequence", params={"ambience": False}),
        Node(id="out", type="output", params={"storyboard": False}),
    ),
    links=tuple(Link(source=a, target=b) for a, b in ENDS),
)


@pytest.fixture
def tree(blender, tmp_path):
    from movie_director.md_nodes import session, write_tree

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    yield write_tree(FILM, "Film")
    session.close()


def test_each_sound_names_its_scenes_and_each_scene_its_sounds(tree):
    from movie_director.md_nodes import session, sounds

    found = session.prepare(tree)
    by_sound, by_scene = Notes(), Notes()
    sounds.draw_sounds(by_sound, found.sounds)
    sounds.draw_scenes(by_scene, found.sounds)
    line, horn, waltz = (
        ("Narrator: Tea?", "line"),
        ("train horn", "horn"),
        ("a slow waltz", "theme"),
    )
    kitchen, platform = ("KITCHEN", "first"), ("PLATFORM", "second")
    assert by_sound.leads == [line, kitchen, horn, kitchen, platform, waltz, kitchen]
    assert by_scene.leads == [kitchen, line, horn, waltz, platform, horn]


def test_picture_and_sound_have_one_progress_in_the_panel(tree):
    from movie_director.md_nodes import evaluate, making, panels, pump, session

    found = session.start(tree)
    kinds = {placed.step.kind for placed in found.plan.to_do}
    assert {"clip", "speech", "sound", "music", "mix", "film"} <= kinds
    shown = Notes()
    evaluate.draw_run_buttons(shown, tree.session_uid, "out")
    panels._draw_run(shown, found)
    total = len(found.plan.to_do)
    assert shown.said[0] == f"0 of {total}"
    stages = " ".join(shown.said[1 : 1 + len(found.plan.stages)])
    assert "Voices, Sounds and more" in stages
    fractions = [found.run.progress.fraction]
    while found.run is not None:
        fractions.append(found.run.progress.fraction)
        found.run.wait(0.05)
        session.tick(1.0)
    pump.run_to_end(tree.session_uid)
    assert fractions == sorted(fractions), "one progress that only grows"
    assert len(set(fractions)) > 3
    made = Notes()
    making.draw_made_by(made, found, "one")
    assert "animatic" in made.said
    assert made.said[-1].startswith("Took ")
    assert found.errors == []
