"""A film whose pictures, sounds and music come from servers that share a card."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator

import pytest
from movie_director import api
from movie_director.core import service_file
from movie_director.core.graph import Graph, Link, Node
from movie_director.executors._finding import OFF

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import served
from servers.ace_step import AceStepServer
from servers.wan2gp import Wan2GPServer

SMALL = {"resolution": "custom", "width": 160, "height": 90, "fps": 12.0, "quality": "final"}
LINKS = (
    "steps.sound > one.sounds", "one.shot > film.shots", "two.shot > film.shots",
    "one.last_frame > two.image", "score.music > film.music", "film.sequence > out.sequence",
    "project.project > out.project",
)  # fmt: skip
NODES = (
    Node(id="project", type="project", params=SMALL),
    Node(id="steps", type="sound_effect", params={"prompt": "footsteps", "length": 1.0}),
    Node(id="score", type="music", params={"mood": "tense"}),
    Node(id="one", type="shot", params={"action": "A platform.", "duration": 1.0}),
    Node(id="two", type="shot", params={"action": "She turns.", "duration": 1.0}),
    Node(id="film", type="sequence", params={}),
    Node(id="out", type="output", params={}),
)
ENDS = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
FILM = Graph(nodes=NODES, links=tuple(Link(source=a, target=b) for a, b in ENDS))


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Wan2GPServer, AceStepServer]]:
    monkeypatch.delenv(OFF, raising=False)
    with Wan2GPServer() as wan2gp, AceStepServer() as ace_step:
        for server in (wan2gp, ace_step):
            service_file.change(lambda known, url=server.url: known.with_place(url))
        yield wan2gp, ace_step


def test_a_final_film_is_made_by_servers_in_turn(servers, tmp_path) -> None:
    wan2gp, ace_step = servers
    overlaps: list[tuple[int, int]] = []
    watch = served.when(
        lambda: bool(overlaps.append((wan2gp.running, ace_step.running)))
        or (len(wan2gp.submitted) == 3 and wan2gp.running == 0),
        lambda: None,
        seconds=60.0,
    )  # fmt: skip
    result = api.evaluate(FILM, tmp_path, base=tmp_path)
    watch.join()
    assert result.ok, result.errors
    assert (tmp_path / "film.mp4").is_file()
    models = [asked["model_type"] for asked in wan2gp.submitted]
    assert sorted(models) == ["i2v_2_2", "stable_audio3_small_sfx", "t2v_2_2"]
    assert len(ace_step.asked_for) == 1
    assert (1, 1) not in overlaps, "two servers had the card at once"


def test_a_server_that_is_started_again_in_the_middle_costs_no_shot(servers, tmp_path) -> None:
    wan2gp, _ = servers
    wan2gp.seconds = 0.6
    forgot = served.when(lambda: wan2gp.running == 1, wan2gp.forget, seconds=60.0)
    result = api.evaluate(FILM, tmp_path, base=tmp_path)
    forgot.join()
    assert result.ok, result.errors
    assert len(wan2gp.submitted) == 4
