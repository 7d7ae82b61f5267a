"""Which scene uses which sound, read from a compiled film."""

from __future__ import annotations

from pathlib import Path

import pytest
from movie_director import api
from movie_director.api import AudioUse, SceneName, audio_by_scene
from movie_director.core.audio_uses import audio_uses
from movie_director.core.graph import Graph, Link, Node

ROOT = Path(__file__).resolve().parent.parent.parent.parent


def film(*links: str) -> Graph:
    """Two scenes of a shot each; ``links`` come on top."""
    nodes = (
        Node(id="horn", type="sound_effect", params={"prompt": "train horn", "length": 1.0}),
        Node(id="theme", type="music", params={"prompt": "a slow waltz"}),
        Node(id="one", type="shot", params={"action": "A platform.", "duration": 1.0}),
        Node(id="two", type="shot", params={"action": "A carriage.", "duration": 1.0}),
        Node(id="first", type="sequence", params={"title": "PLATFORM"}),
        Node(id="second", type="sequence", params={"title": "CARRIAGE"}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output", params={}),
    )
    wired = (
        "one.shot > first.shots", "two.shot > second.shots", "first.sequence > film.shots",
        "second.sequence > film.shots", "film.sequence > out.sequence", *links,
    )  # fmt: skip
    ends = [[tuple(end.split(".")) for end in link.split(" > ")] for link in wired]
    return Graph(nodes=nodes, links=tuple(Link(source=a, target=b) for a, b in ends))


def uses(graph: Graph, root: Path) -> dict[str, AudioUse]:
    with api.prepare(graph, root, base=root, cores=1) as job:
        assert job.audio == audio_uses(job.program.steps.values())
        return {use.step: use for use in job.audio}


def test_a_sound_of_two_scenes_names_both_and_each_of_them_names_it(tmp_path: Path) -> None:
    found = uses(film("horn.sound > one.sounds", "horn.sound > two.sounds"), tmp_path)
    horn = found["horn:sound"]
    assert horn.track == "effects"
    assert [scene.node for scene in horn.scenes] == ["first", "second"]
    scenes = audio_by_scene(found.values())
    assert all(horn in used for used in scenes.values())
    assert [scene.node for scene in scenes][:2] == ["first", "second"]


def test_music_over_the_whole_film_belongs_to_every_scene_of_it(tmp_path: Path) -> None:
    found = uses(film("theme.music > film.music"), tmp_path)
    assert [scene.node for scene in found["theme:music"].scenes] == ["first", "second"]
    found = uses(film("theme.music > second.music"), tmp_path)
    assert [scene.node for scene in found["theme:music"].scenes] == ["second"]


@pytest.fixture(scope="module")
def last_train(tmp_path_factory: pytest.TempPathFactory) -> tuple[AudioUse, ...]:
    root = tmp_path_factory.mktemp("film")
    graph = api.read(ROOT / "examples" / "last_train.fountain")
    with api.prepare(graph, root, base=ROOT / "examples", cores=1) as job:
        return job.audio


def test_every_sound_of_a_screenplay_is_listed_once_with_its_scene(last_train) -> None:
    assert len({use.step for use in last_train}) == len(last_train)
    assert {use.track for use in last_train} == {"dialogue", "effects", "ambience", "music"}
    assert all(use.scenes and use.name and use.node for use in last_train)
    line = next(use for use in last_train if use.step == "scene_01/line_01_010:speech")
    assert line.scenes == (
        SceneName(node="scene_01/sequence", name="EXT. HARBOUR STATION - PLATFORM - NIGHT"),
    )
    assert line.name.startswith("Vera: Eleven fifty-nine.")


def test_both_directions_say_the_same(last_train) -> None:
    scenes = audio_by_scene(last_train)
    there = {(scene, use.step) for use in last_train for scene in use.scenes}
    back = {(scene, use.step) for scene, used in scenes.items() for use in used}
    assert there == back
