"""*Last Train*, whole, by six kinds of service that are killed and started again all the while.

Shots come from ComfyUI and Wan2GP, where Wan2GP's begin with pictures by ComfyUI, lines from a speech server and RVC, effects from Wan2GP, the score
from ACE-Step; who dies when comes from a seed.  ``MOVIE_DIRECTOR_CHAOS_SEED`` chooses another one,
``MOVIE_DIRECTOR_FILMS`` how many films are made, each from the next seed:

    MOVIE_DIRECTOR_FILMS=20 .venv/bin/python -m pytest tests/film/test_survival.py
"""

from __future__ import annotations

import json
import os
import pathlib
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from movie_director import api
from movie_director.core import service_file
from movie_director.core.step import Artifact, Fidelity
from movie_director.core.workflow_library import own_workflows_folder
from movie_director.executors import ace_step
from movie_director.executors._finding import OFF
from movie_director.executors._service import Served
from movie_director.executors._wan2gp import following
from movie_director.executors.comfyui import ComfyUI

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import film_check
from servers.ace_step import AceStepServer
from servers.comfyui import ComfyServer
from servers.rvc_python import RvcServer
from servers.speech import SpeechServer
from servers.wan2gp import Wan2GPServer

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "examples" / "last_train.fountain"
SEED = int(os.environ.get("MOVIE_DIRECTOR_CHAOS_SEED", "1"))
FILMS = int(os.environ.get("MOVIE_DIRECTOR_FILMS", "1"))
#: Shots that Wan2GP makes: it makes five seconds at once.
SHORT = ("shot_01_020", "shot_02_010", "shot_02_030", "shot_03_020")
#: Seconds a server is away, at most: less than a run waits for it.
AWAY_S = 0.6
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 * FILMS)]


def workflow(kind: str, seconds: float, saver: str, takes: str, output: str, media: str) -> str:
    """A workflow whose one node that works is given its prompt and takes so many seconds."""
    work = {"seconds": seconds, "ticks": round(seconds / 0.05), "salt": 0, "text": ""}
    saved = {takes: ["1", 0], "filename_prefix": f"movie_director/{output}"}
    return json.dumps({
        "schema": "movie-director/workflow@1", "version": 1, "title": f"A {output} that takes its time",
        "kind": kind, "quality": "standard",
        "base": {"nodes": {
            "1": {"class_type": "LabSleep", "inputs": work},
            "2": {"class_type": saver, "inputs": saved},
        }},
        "inputs": {
            "prompt": {"at": "1.text", "required": True}, "seed": {"at": "1.salt", "default": 0},
        },
        "outputs": {output: {"node": "2", "media": media}},
    })  # fmt: skip


@dataclass
class Lives:
    """One address whose server dies and comes back knowing nothing.

    ``took`` tells the pieces of work it has taken in this life, each by what was asked for.
    """

    name: str
    server: Any
    took: Callable[[Any], list[str]]
    forget: Callable[[Any], None]
    loses: int = 1  #: pieces at most with each death: the one under way, and one made just before
    before: list[Counter[str]] = field(default_factory=list)

    def kill(self) -> None:
        self.server.close()
        self.before.append(Counter(self.took(self.server)))

    def rise(self) -> None:
        if isinstance(self.server, ComfyServer):
            self.server = _with_nodes(self.server.reborn())
            return
        self.forget(self.server)
        self.server.open()

    @property
    def lives(self) -> list[Counter[str]]:
        return [*self.before, Counter(self.took(self.server))]


def _told(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _emptied(*names: str) -> Callable[[Any], None]:
    def forget(server: Any) -> None:
        for name in names:
            getattr(server, name).clear()
        if hasattr(server, "forget"):
            server.forget()

    return forget


def _with_nodes(server: ComfyServer) -> ComfyServer:
    """It has no more than the shots need, so effects and score are left to others."""
    server.classes = {"LabSleep": {}, "SaveVideo": {}, "SaveImage": {}}
    return server


def _ran(server: ComfyServer) -> list[str]:
    """What it did, by what was asked for."""
    worker = server.worker
    return [_told(worker.history[id]["prompt"][2]) for id in worker.ran]


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Lives]]:
    monkeypatch.delenv(OFF, raising=False)
    for kind in (Served, ComfyUI):  # what happens to run on this machine makes no film here
        monkeypatch.setattr(kind, "addresses", lambda self: ())
    monkeypatch.setattr(following, "POLL_S", 0.05)
    monkeypatch.setattr(ace_step, "POLL_S", 0.05)
    folder = own_workflows_folder()
    folder.mkdir(parents=True)
    shot = workflow("text_to_video", 0.3, "SaveVideo", "video", "clip", "video")
    (folder / "slow_shot.yaml").write_text(shot, "utf-8")
    still = workflow("text_to_image", 0.2, "SaveImage", "images", "picture", "image")
    (folder / "slow_still.yaml").write_text(still, "utf-8")
    rvc, heard = RvcServer(), list[str]()
    convert = rvc._convert

    def listen(request: Any, line: Any) -> None:
        before = len(rvc.converted)
        convert(request, line)
        heard.extend([request.body.hex()] * (len(rvc.converted) - before))

    def rvc_forgets(server: RvcServer) -> None:
        server.models.pop("vera", None)
        server.loaded = ""
        heard.clear()

    rvc.on("/convert", listen)
    wan2gp = Wan2GPServer(seconds=0.3)
    wan2gp.available.discard("ace_step_v1_5")
    found = [
        Lives("comfyui", _with_nodes(ComfyServer()), _ran, lambda _: None),
        Lives("wan2gp", wan2gp, lambda s: [*map(_told, s.begun)], _emptied("begun"), loses=2),
        Lives("ace_step", AceStepServer(seconds=0.3), lambda s: [*map(_told, s.asked_for)],
              _emptied("asked_for")),
        Lives("openai_speech", SpeechServer(), lambda s: [*map(_told, s.said)], _emptied("said")),
        Lives("rvc_python", rvc, lambda _: [*heard], rvc_forgets),
    ]  # fmt: skip
    for each in found:
        service_file.change(lambda known, url=each.server.url: known.with_place(url))
    yield {each.name: each for each in found}
    for each in found:
        each.server.close()


def film(folder: pathlib.Path) -> api.Graph:
    """The example, small, with who makes what."""
    made = api.edit(api.read(SCRIPT))
    made.set("project", resolution="custom", width=160, height=90, fps=12.0, quality="standard")
    (folder / "vera.pth").write_bytes(b"weights")
    made.set("vera_voice", model="vera.pth")
    made.set("scene_02/shot_02_010", duration=4.0)
    for scene in ("scene_01", "scene_02", "scene_03"):
        comfyui = made.add("backend", within=scene, service="comfyui", template="slow_shot")
        wan2gp = made.add("backend", within=scene, service="wan2gp")
        for path in made.find("shot"):
            if path.startswith(f"{scene}/"):
                maker = wan2gp if path.rpartition("/")[2] in SHORT else comfyui
                made.link(maker, "backend", path, "backend")
                if maker == wan2gp:
                    made.set(path, still="always")
    return made.graph


class Reaper(threading.Thread):
    """Kills one server after another and brings it back, until it is told that it is enough."""

    def __init__(self, places: dict[str, Lives], seed: int) -> None:
        super().__init__(daemon=True)
        self.killed: list[str] = []
        self.begin, self.enough = threading.Event(), threading.Event()
        self._places, self._draw = places, random.Random(seed)

    def run(self) -> None:
        self.begin.wait()
        draw = self._draw
        while not self.enough.wait(draw.uniform(0.2, 1.0)):
            place = draw.choice(list(self._places.values()))
            place.kill()
            self.killed.append(place.name)
            time.sleep(draw.uniform(0.0, AWAY_S))
            place.rise()


@pytest.mark.parametrize("seed", range(SEED, SEED + FILMS))
def test_whoever_dies_it_becomes_the_film(
    places: dict[str, Lives], tmp_path: pathlib.Path, seed: int
) -> None:
    reaper, told = Reaper(places, seed), list[str]()
    reaper.start()

    def listen(change: api.Change) -> None:
        if change.state is api.NodeState.COOKING:
            reaper.begin.set()
        if change.note.startswith("now on animatic"):
            told.append(change.step)

    graph, out = film(tmp_path), tmp_path / "out"
    try:
        result = api.evaluate(graph, out, base=tmp_path, on_change=listen)
    finally:
        reaper.enough.set()
        reaper.begin.set()
        reaper.join(30)
    assert result.ok, result.errors
    assert film_check.check(out).problems == []
    assert len(reaper.killed) >= 3
    # A service that came back too late had the animatic stand in: that is told, and made good.
    stand_ins = {id for id, made in result.artifacts.items() if _of_service(id) and not _full(made)}
    assert stand_ins <= set(told)
    if stand_ins:
        result = api.evaluate(graph, out, base=tmp_path)
        assert result.ok, result.errors
        assert film_check.check(out).problems == []
    makers = Counter(f"{_kind(id)} {_maker(made)}" for id, made in result.artifacts.items())
    assert {made: times for made, times in makers.items() if _of_service(made.split()[0])} == {
        "clip comfyui": 6, "still comfyui": 4, "clip wan2gp": 4, "speech openai_speech": 6,
        "voice_conversion rvc_python": 3, "sound wan2gp": 5, "ambience wan2gp": 3,
        "music ace_step": 3,
    }  # fmt: skip
    _check_nothing_was_done_twice(places)


def _kind(id: str) -> str:
    return id.rpartition(":")[2]


def _of_service(id: str) -> bool:
    kinds = ("still", "clip", "speech", "voice_conversion", "sound", "ambience", "music")
    return _kind(id) in kinds


def _full(made: Artifact) -> bool:
    return made.fidelity is Fidelity.FULL and _maker(made) != "animatic"


def _maker(made: Artifact) -> str:
    """The executor that a result's own record names."""
    record = json.loads(made.path.with_name(f"{made.path.name}.json").read_text("utf-8"))
    return str(record["by"]["executor"])


def _check_nothing_was_done_twice(places: dict[str, Lives]) -> None:
    """In one life nothing was begun again; with each death at most what was in hand was lost."""
    for place in places.values():
        for life in place.lives:
            twice = [what[:200] for what, times in life.items() if times > 1]
            assert twice == [], place.name
        done = sum(place.lives, Counter())
        repeated = sum(times - 1 for times in done.values())
        assert repeated <= place.loses * len(place.before), place.name
