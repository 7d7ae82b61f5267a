"""Films whose people, place and style are known from pictures, made beside a scripted ComfyUI."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from movie_director.core import service_file
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.run import RunResult
from movie_director.core.step import Artifact, Kind
from movie_director.core.workflow_library import shipped_workflows
from movie_director.executors._animatic.picture import write_still
from movie_director.studio import Studio

from tests.servers.comfyui import ComfyServer
from tests.servers.comfyui_worker import Card
from tests.unit.executors.comfyui.test_planned import classes, sizes

GIB = 2**30
Opened: TypeAlias = Callable[[], AbstractContextManager[Studio]]
SIZE = (832, 480)


def drawing(path: Path, shade: int) -> str:
    """A picture of one grey; its name from the project's folder."""
    write_still(np.full((96, 64, 3), shade, np.uint8), path)
    return path.name


def film(root: Path, **changes: Any) -> Graph:
    """One shot of Anna, of whom there are two pictures, and Ben, of whom there is one."""
    small = {"resolution": "custom", "width": SIZE[0], "height": SIZE[1], "fps": 16.0}
    anna = [drawing(root / "anna_1.png", 40), drawing(root / "anna_2.png", 80)]
    ben = [drawing(root / "ben.png", 120)]
    where = {"name": "Platform", "images": (drawing(root / "platform.png", 160),)}
    shot = {"action": "They meet.", "duration": 1.0, "camera_move": "pan"}
    params = {
        "project": {"title": "Stills", "quality": "final", "conform": "never", **small},
        "anna": {"name": "Anna", "images": anna},
        "ben": {"name": "Ben", "images": ben},
        "where": where,
        "one": shot,
        "film": {},
        "out": {},
    }
    types = {
        "anna": "character", "ben": "character", "where": "environment", "one": "shot",
        "film": "sequence", "out": "output", "project": "project",
    }  # fmt: skip
    ends = [
        ("project.project", "out.project"), ("film.sequence", "out.sequence"),
        ("anna.character", "one.characters"), ("ben.character", "one.characters"),
        ("where.environment", "one.environment"), ("one.shot", "film.shots"),
    ]  # fmt: skip
    return Graph(
        nodes=tuple(
            Node(id=id, type=type, params={**params[id], **changes.get(id, {})})
            for id, type in types.items()
        ),
        links=tuple(
            Link(source=tuple(a.split(".")), target=tuple(b.split(".")))  # type: ignore[arg-type]
            for a, b in ends
        ),
    )


def ultimate(root: Path) -> Graph:
    five = [drawing(root / f"anna_{n}.png", 20 + n) for n in range(5)]
    return film(root, anna={"tier": "ultimate", "images": five})


def in_style(graph: Graph, root: Path, shade: int = 210) -> Graph:
    """The film with its shot in a style of which there is a picture."""
    look = Node(id="look", type="style", params={"images": (drawing(root / "look.png", shade),)})
    link = Link(source=("look", "style"), target=("one", "style"))
    return replace(graph, nodes=(*graph.nodes, look), links=(*graph.links, link))


def with_another_shot(graph: Graph, **params: Any) -> Graph:
    """The film with a second shot, at the same place."""
    two = Node(id="two", type="shot", params={"action": "A train.", "duration": 1.0, **params})
    there = Link(source=("where", "environment"), target=("two", "environment"))
    shown = Link(source=("two", "shot"), target=("film", "shots"))
    return replace(graph, nodes=(*graph.nodes, two), links=(*graph.links, there, shown))


def noted_refusals(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What cards are asked for from now on that does not fit."""
    refused: list[list[str]] = []
    load = Card.load

    def noted(card: Card, names: list[str]) -> bool:
        fits = load(card, names)
        if not fits:
            refused.append(names)
        return fits

    monkeypatch.setattr(Card, "load", noted)
    return refused


def files_of(*kinds: str) -> dict[str, int]:
    """The files of the shipped workflows of some kinds, with their bytes."""
    named = {
        model.file
        for workflow in shipped_workflows().values()
        if workflow.kind in kinds
        for precision in workflow.precisions
        for model in precision.models
    }
    return {file: size for file, size in sizes().items() if file in named}


PICTURES = files_of("character_variation", "image_edit")
VIEWS = files_of("environment_angle")
VIDEOS = files_of("image_to_video", "text_to_video")


class Made:
    """A film evaluated beside a server that has some files."""

    def __init__(
        self,
        studio: Opened,
        root: Path,
        graph: Graph,
        files: dict[str, int],
        *,
        gib: int = 80,
        node: str = "one",
        video: Callable[[ComfyServer], Any] | None = None,
        carry_out: bool = True,
    ) -> None:
        card = Card(budget_bytes=gib * GIB, sizes=sizes())
        with ComfyServer("0.33.0", card=card) as server, studio() as made:
            server.classes = classes(files)
            server.worker.video = video(server) if video else None
            service_file.change(lambda known: known.with_place(server.url))
            made.finder.start()
            made.refresh(5.0)
            store = made.store(graph, root / "results")
            self.plan = made.plan(made.compile(graph, root, node=node), store)
            # What is sent is judged by the card alone: these classes are not a stock server's.
            server.classes = {}
            if carry_out:
                self.result = self._carried_out(made, store)
            self.asked = [server.worker.history[id]["prompt"][2] for id in server.worker.ran]
            self.uploads = dict(server.uploads)
            store.close()
            service_file.change(lambda known: known.without(server.url))

    def _carried_out(self, studio: Studio, store: Any) -> RunResult:
        run = studio.run(self.plan, store)
        run.start()
        until = time.monotonic() + 60
        while not run.done:
            assert time.monotonic() < until, "it did not end"
            run.drain()
            run.wait(0.05)
        assert run.close()
        return run.result

    def of(self, kind: Kind) -> tuple[Artifact, dict[str, Any]]:
        (made,) = (each for id, each in self.result.artifacts.items() if id.endswith(f":{kind}"))
        return made, json.loads(Path(f"{made.path}.json").read_text(encoding="utf-8"))

    def shown(self, prompt: dict[str, Any], words: str = "") -> list[bytes]:
        """The pictures that a prompt looks at, as its encoder of ``words`` is given them."""
        encoder = next(
            node["inputs"]
            for node in prompt.values()
            if "image1" in node["inputs"] and words in str(node["inputs"].get("prompt"))
        )
        links = [encoder[f"image{n}"] for n in (1, 2, 3) if f"image{n}" in encoder]
        return [self.uploads[_loaded(prompt, link[0])] for link in links]


def _loaded(prompt: dict[str, Any], id: str) -> str:
    """The file of the picture that a node makes something of."""
    inputs = prompt[id]["inputs"]
    if prompt[id]["class_type"] == "LoadImage":
        return str(inputs["image"])
    return _loaded(prompt, inputs["image"][0])
