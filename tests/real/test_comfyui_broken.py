"""A film at a real ComfyUI that is killed, restarted and frozen under it.  No model is loaded.

MOVIE_DIRECTOR_COMFYUI_COMMAND starts one, ours to break: 'python main.py --cpu --base-directory DIR'.
"""

from __future__ import annotations

import json
import os
import pathlib
import random
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from movie_director import api
from movie_director.core.address import parse_address
from movie_director.core.errors import ServiceError
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import Fidelity
from movie_director.core.workflow_library import own_workflows_folder
from movie_director.executors._comfyui.server import Server

from tests.servers.comfyui import wait_for

COMMAND = os.environ.get("MOVIE_DIRECTOR_COMFYUI_COMMAND", "")
#: Nodes in a row that each take a processor a second or so.
LINKS = 5
#: How long a server is frozen: it is given up for lost after 25 s.
FROZEN_S = 40.0

pytestmark = [
    pytest.mark.skipif(not COMMAND, reason="MOVIE_DIRECTOR_COMFYUI_COMMAND starts no server"),
    pytest.mark.slow,
    pytest.mark.timeout(600),
]


class Breakable:
    """A ComfyUI of ours at a port of its own."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = Server(parse_address(self.url))
        self.start()

    def start(self) -> None:
        """A new one at the same place, which remembers nothing."""
        words = [*shlex.split(COMMAND), "--port", str(self.port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(words, **quiet)  # type: ignore[call-overload]

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return self.server.stats() is not None
        except ServiceError:
            return False

    def made(self, colour: int) -> list[int]:
        """How many frames each of the film's clips has that it remembers to have made."""
        found = self.server.http.get_json("/history")
        firsts = [
            each["prompt"][2]["0"]["inputs"]
            for each in found.values()
            if each["status"]["status_str"] == "success" and "0" in each["prompt"][2]
        ]
        return [each["batch_size"] for each in firsts if each["color"] == colour]

    def close(self) -> None:
        """End it, frozen or not."""
        self.server.close()
        self.process.kill()
        self.process.wait(30)


@pytest.fixture
def comfyui() -> Iterator[Breakable]:
    made = Breakable()
    try:
        wait_for(made.answers, 120, "it never answered")
        yield made
    finally:
        made.close()


@pytest.fixture
def colour() -> int:
    """One that no server has kept anything of."""
    return random.randrange(1, 2**24)


def slow_workflow(colour: int) -> str:
    """A clip that takes some seconds; one of another length has nothing in common with it."""
    first = {"width": 320, "height": 180, "batch_size": 24, "color": colour}
    nodes: dict[str, Any] = {"0": {"class_type": "EmptyImage", "inputs": first}}
    for link in range(1, LINKS + 1):
        blur = {"image": [str(link - 1), 0], "blur_radius": 31, "sigma": 10.0}
        nodes[str(link)] = {"class_type": "ImageBlur", "inputs": blur}
    video = {"images": [str(LINKS), 0], "fps": 24.0}
    nodes["v"] = {"class_type": "CreateVideo", "inputs": video}
    saved = {"video": ["v", 0], "filename_prefix": "movie_director/test_broken"}
    nodes["s"] = {
        "class_type": "SaveVideo", "inputs": {**saved, "format": "auto", "codec": "auto"}
    }  # fmt: skip
    whole = {
        "schema": "movie-director/workflow@1", "version": 1, "title": "Slow",
        "kind": "text_to_video", "quality": "draft", "base": {"nodes": nodes},
        "inputs": {
            "frames": {"at": "0.batch_size", "default": 24, "minimum": 1, "maximum": 4096},
            "fps": {"at": "v.fps", "default": 24, "minimum": 1, "maximum": 120},
        },
        "outputs": {"clip": {"node": "s", "media": "video"}},
    }  # fmt: skip
    return json.dumps(whole)  # which is YAML


def film() -> Graph:
    """Three shots of 24, 30 and 36 frames."""
    small = {"resolution": "custom", "width": 320, "height": 180, "fps": 24.0}
    lengths = {"one": 1.0, "two": 1.25, "three": 1.5}
    nodes = (
        Node(id="project", type="project", params={"title": "Broken", **small}),
        Node(id="made", type="backend", params={"service": "comfyui", "template": "slow"}),
        *(
            Node(id=id, type="shot", params={"action": f"Shot {id}.", "duration": seconds})
            for id, seconds in lengths.items()
        ),
        Node(id="film", type="sequence", params={"title": "Broken"}),
        Node(id="out", type="output"),
    )
    ends = [
        ("project.project", "out.project"), ("film.sequence", "out.sequence"),
        *((f"{shot}.shot", "film.shots") for shot in lengths),
        *(("made.backend", f"{shot}.backend") for shot in lengths),
    ]  # fmt: skip
    links = tuple(
        Link(source=tuple(a.split(".")), target=tuple(b.split(".")))  # type: ignore[arg-type]
        for a, b in ends
    )
    return Graph(nodes=nodes, links=links)


def evaluated(
    comfyui: Breakable,
    colour: int,
    folder: pathlib.Path,
    only_at: Callable[[str], None],
    meanwhile: Callable[[], None],
) -> None:
    """The film is made there, all of it, whatever is done ``meanwhile``."""
    own = own_workflows_folder()
    own.mkdir(parents=True)
    (own / "slow.yaml").write_text(slow_workflow(colour), "utf-8")
    only_at(comfyui.url)

    def cancelled() -> bool:
        meanwhile()
        return False

    result = api.evaluate(film(), folder, cancelled=cancelled)
    assert result.ok, result.errors
    clips = {id: made for id, made in result.artifacts.items() if id.endswith(":clip")}
    assert {id: made.fidelity for id, made in clips.items()} == dict.fromkeys(
        ("one:clip", "two:clip", "three:clip"), Fidelity.FULL
    )


def in_the_middle(comfyui: Breakable, colour: int) -> bool:
    """Whether the first clip is made and the next one is worked on."""
    return len(comfyui.made(colour)) == 1 and bool(comfyui.server.queue().running)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_film_ends_whole_though_the_server_dies_and_comes_back_with_nothing(
    comfyui, colour, how, only_at, tmp_path
) -> None:
    before: list[int] = []

    def meanwhile() -> None:
        if not before and in_the_middle(comfyui, colour):
            before.extend(comfyui.made(colour))
            comfyui.process.send_signal(how)
            comfyui.process.wait(30)
            comfyui.start()

    evaluated(comfyui, colour, tmp_path / "film", only_at, meanwhile)
    assert len(before) == 1
    assert sorted(before + comfyui.made(colour)) == [24, 30, 36]


def test_a_film_ends_whole_though_the_server_freezes_and_nothing_is_made_twice(
    comfyui, colour, only_at, tmp_path
) -> None:
    frozen: list[float] = []
    thawed: list[float] = []

    def meanwhile() -> None:
        if not frozen:
            if in_the_middle(comfyui, colour):
                comfyui.process.send_signal(signal.SIGSTOP)
                frozen.append(time.monotonic())
        elif not thawed and time.monotonic() - frozen[0] > FROZEN_S:
            comfyui.process.send_signal(signal.SIGCONT)
            thawed.append(time.monotonic())

    evaluated(comfyui, colour, tmp_path / "film", only_at, meanwhile)
    assert thawed
    assert sorted(comfyui.made(colour)) == [24, 30, 36]
