"""A real ComfyUI, where one is at hand: MOVIE_DIRECTOR_COMFYUI=http://127.0.0.1:8188 make test.

Nothing here loads a model: a server on a processor is enough.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import threading
import uuid
from typing import Any

import av
import pytest
from movie_director import api
from movie_director.core.address import parse_address
from movie_director.core.executor import CancelFlag, Setup, Want
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import CLIP, Fidelity
from movie_director.executors._comfyui.proof import prove
from movie_director.executors._comfyui.proof_graphs import long_work
from movie_director.executors._comfyui.server import Server
from movie_director.executors.comfyui import ComfyUI

ROOT = pathlib.Path(__file__).resolve().parents[2]
URL = os.environ.get("MOVIE_DIRECTOR_COMFYUI", "")

pytestmark = [
    pytest.mark.skipif(not URL, reason="MOVIE_DIRECTOR_COMFYUI names no server"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


def film() -> Graph:
    """Three shots that any ComfyUI can make, the second with a line that decides its length."""
    small = {"resolution": "custom", "width": 320, "height": 180, "fps": 24.0}
    nodes = (
        Node(id="project", type="project", params={"title": "Plain", **small}),
        Node(id="anna", type="character", params={"name": "ANNA"}),
        Node(id="hello", type="dialogue", params={"line": "Is anybody there?"}),
        Node(id="made", type="backend", params={"service": "comfyui", "template": "test_video"}),
        Node(id="one", type="shot", params={"action": "A street.", "duration": 1.0}),
        Node(id="two", type="shot", params={"action": "She waits."}),
        Node(id="three", type="shot", params={"action": "A door.", "duration": 1.5}),
        Node(id="film", type="sequence", params={"title": "Plain"}),
        Node(id="out", type="output"),
    )
    ends = [
        ("project.project", "out.project"), ("anna.character", "hello.character"),
        ("hello.dialogue", "two.dialogue"), ("one.shot", "film.shots"), ("two.shot", "film.shots"),
        ("three.shot", "film.shots"), ("film.sequence", "out.sequence"),
        *(("made.backend", f"{shot}.backend") for shot in ("one", "two", "three")),
    ]  # fmt: skip
    links = tuple(
        Link(source=tuple(a.split(".")), target=tuple(b.split(".")))
        for a, b in ends  # type: ignore[arg-type]
    )
    return Graph(nodes=nodes, links=links)


def test_every_check_of_services_test_passes_and_nothing_is_left(tmp_path) -> None:
    server = Server(parse_address(URL))
    found = {each.name: each for each in prove(server, tmp_path, CancelFlag())}
    assert [each for each in found.values() if each.works is False] == []
    unknown = {name for name, each in found.items() if each.works is None}
    assert unknown <= {"previews", "repetition"}, unknown
    server.close()


def test_the_command_says_the_same_in_json() -> None:
    words = [sys.executable, "-m", "movie_director", "services", "test", URL, "--json"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["works"] is True
    assert {"picture", "video", "sound", "cancelling"} <= {each["name"] for each in told["checks"]}


def test_a_film_of_shots_without_models_is_made_there(only_at, tmp_path) -> None:
    only_at(URL)
    graph = film()
    result = api.evaluate(graph, tmp_path / "film")
    assert result.ok, result.errors
    clips = {id: made for id, made in result.artifacts.items() if id.endswith(":clip")}
    assert sorted(clips) == ["one:clip", "three:clip", "two:clip"]
    for made in clips.values():
        assert made.fidelity is Fidelity.FULL  # no animatic stands in
        assert (made.facts["width"], made.facts["height"], made.facts["fps"]) == (320, 180, 24.0)
        with av.open(str(made.path)) as file:
            stream = file.streams.video[0]
            frames = sum(1 for _ in file.decode(stream))
            assert (frames, stream.width, stream.height) == (made.facts["frames"], 320, 180)
    again = api.evaluate(graph, tmp_path / "film")
    assert (again.ok, again.made) == (True, 0)


def test_an_executor_finds_it_and_tells_what_it_is() -> None:
    executor = ComfyUI(Setup(cores=1, memory_bytes=2**30))
    service = executor.identify(URL)
    assert service is not None
    assert service.version
    assert executor.health(service).total_bytes > 0
    wanted = Want(
        kind=CLIP, quality="draft", width=320, height=180, fps=24.0, seconds=1.0,
        backend={"service": "comfyui", "template": "test_video"},
    )  # fmt: skip
    assert [each.workflow for each in executor.offer(wanted)] == ["test_video"]
    executor.close()


def test_work_of_others_lives_through_all_that_we_do(tmp_path) -> None:
    server, theirs = Server(parse_address(URL)), str(uuid.uuid4())
    before = threading.active_count()
    server.submit(theirs, long_work(0x123456), "somebody", where="")
    server.submit(other := str(uuid.uuid4()), long_work(0x654321), "somebody", where="")
    for each in prove(server, tmp_path, CancelFlag()):
        assert each.works is not False, each
    for prompt in (theirs, other):
        history = server.history(prompt)
        assert history[prompt]["status"]["status_str"] == "success"
    server.forget([theirs, other])
    server.close()
    assert threading.active_count() == before
