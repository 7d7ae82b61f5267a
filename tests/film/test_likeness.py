"""A film with a character whose looks are learned, by a server and without one."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director import api
from movie_director.cli import main
from movie_director.core import service_file
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.graph_json import graph_to_text
from movie_director.core.step import StepId
from movie_director.core.workflow_library import own_workflows_folder
from movie_director.executors._comfyui.stock import stock_nodes
from movie_director.executors._finding import OFF

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.comfyui import ComfyServer
from servers.comfyui_worker import Card

LEARNED = StepId("anna:lora_training")
SMALL = {"resolution": "custom", "width": 160, "height": 90, "fps": 12.0, "quality": "draft"}
#: A clip without weights of its own that a LoRA can be put before.
SHOWS = """
schema: movie-director/workflow@1
version: 1
title: A shot that a LoRA works on
kind: text_to_video
quality: draft
base:
  nodes:
    model:
      class_type: LabModel
      inputs: {}
    '1':
      class_type: LabSleep
      inputs: {seconds: 0, ticks: 2, salt: 0, text: '', model: [model, 0]}
    '2':
      class_type: SaveVideo
      inputs: {video: ['1', 0], filename_prefix: movie_director/shot}
inputs:
  prompt: {at: '1.text', required: true}
  seed: {at: '1.salt', default: 0}
  loras: {at: '1.model'}
outputs:
  clip: {node: '2', media: video}
"""
WEIGHTS = ("z_image_bf16.safetensors", "qwen_3_4b.safetensors", "ae.safetensors")
GIB = 2**30
LINKS = (
    "where.backend > one.backend", "where.backend > two.backend",
    "anna.character > one.characters", "anna.character > two.characters", "one.shot > film.shots",
    "two.shot > film.shots", "film.sequence > out.sequence", "project.project > out.project",
)  # fmt: skip


def film(
    folder: pathlib.Path,
    pictures: int = 5,
    backend: dict[str, Any] | None = None,
    shot: dict[str, Any] | None = None,
    **anna: Any,
) -> Graph:
    names = [f"anna_{number}.png" for number in range(pictures)]
    for number, name in enumerate(names):
        picture(folder / name, number)
    nodes = (
        Node(id="project", type="project", params=SMALL),
        Node(id="anna", type="character",
             params={"name": "ANNA", "tier": "ultimate", "images": tuple(names), **anna}),
        Node(id="where", type="backend", params=backend or {}),
        Node(id="one", type="shot", params={"action": "She waits.", "duration": 0.5, **(shot or {})}),
        Node(id="two", type="shot", params={"action": "She turns.", "duration": 0.5, **(shot or {})}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output", params={}),
    )  # fmt: skip
    ends = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
    return Graph(nodes=nodes, links=tuple(Link(source=a, target=b) for a, b in ends))


def picture(path: pathlib.Path, number: int) -> None:
    """A picture of one colour, another for each number."""
    import av
    import numpy as np

    frame = av.VideoFrame.from_ndarray(np.full((64, 48, 3), 40 * number, np.uint8), format="rgb24")
    with av.open(str(path), "w", format="image2") as file:
        stream = file.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 48, 64, "rgb24"
        file.mux(stream.encode(frame))
        file.mux(stream.encode())


def stocked(server: ComfyServer) -> ComfyServer:
    """With stock nodes, those of the laboratory, and the weights that training needs."""
    names = (*stock_nodes(), "LabModel", "LabSleep")
    server.classes = {name: {} for name in names}
    server.classes["AnyLoader"] = {"input": {"required": {"name": [list(WEIGHTS)]}}}
    return server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ComfyServer]:
    monkeypatch.delenv(OFF, raising=False)
    own = own_workflows_folder()
    own.mkdir(parents=True, exist_ok=True)
    (own / "shows_anna.yaml").write_text(SHOWS, encoding="utf-8")
    with ComfyServer("0.33.0", card=Card(budget_bytes=24 * GIB)) as found:
        service_file.change(lambda known: known.with_place(stocked(found).url, elsewhere=False))
        yield found


#: Shots that a LoRA can work on.
SHOWN = {"service": "comfyui", "template": "shows_anna"}
ALONE, BEGUN = {"still": "never"}, {"still": "always"}


def asked(server: ComfyServer, kind: str) -> list[dict[str, Any]]:
    """The inputs of every node of a class that was sent, in order."""
    sent = [server.worker.history[id]["prompt"][2] for id in server.queued]
    return [
        each["inputs"] for nodes in sent for each in nodes.values() if each["class_type"] == kind
    ]


def made(graph: Graph, folder: pathlib.Path) -> api.Result:
    result = api.evaluate(graph, folder, base=folder)
    assert result.ok, result.errors
    return result


def test_without_a_service_that_learns_the_film_is_made_and_says_that_nobody_was_learned(
    tmp_path,
) -> None:
    result = made(film(tmp_path, shot=BEGUN), tmp_path)
    assert (tmp_path / "film.mp4").is_file()
    assert result.artifacts[LEARNED].facts == {"trained": False, "stand_in": True}
    assert not result.artifacts[LEARNED].fidelity.enough


def test_too_few_pictures_are_told_of_with_what_to_do(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "film.json"
    path.write_text(graph_to_text(film(tmp_path, pictures=2)), "utf-8")
    for verb in ("plan", "evaluate"):
        assert main([verb, str(path)]) == 0
        said = " ".join(capsys.readouterr().err.split())
        assert "ANNA has 2 reference pictures, too few to learn a LoRA from" in said
        assert "Add pictures until there are 5 different ones" in said


def test_a_character_is_learned_once_and_every_shot_of_it_uses_the_lora(server, tmp_path) -> None:
    graph = film(tmp_path, backend=SHOWN, shot=ALONE, training_steps=12)
    result = made(graph, tmp_path)
    (training,) = asked(server, "TrainLoraNode")
    assert training["steps"] == 12
    name = result.artifacts[LEARNED].facts["lora"]
    assert [each["lora_name"] for each in asked(server, "LoraLoaderModelOnly")] == [name, name]
    assert all("md_anna, ANNA" in each["text"] for each in asked(server, "LabSleep"))
    kept = result.artifacts[LEARNED]
    assert kept.path.suffix == ".safetensors"
    assert kept.fidelity.enough
    before = len(server.queued)
    assert made(graph, tmp_path).made == 0
    assert len(server.queued) == before


def test_another_picture_has_them_learned_anew_and_their_shots_made_again(server, tmp_path) -> None:
    graph = film(tmp_path, backend=SHOWN, shot=ALONE, training_steps=12)
    first = made(graph, tmp_path).artifacts[LEARNED]
    picture(tmp_path / "anna_2.png", 6)
    again = made(graph, tmp_path).artifacts[LEARNED]
    assert len(asked(server, "TrainLoraNode")) == 2
    assert again.facts["lora"] != first.facts["lora"]
    used = [each["lora_name"] for each in asked(server, "LoraLoaderModelOnly")]
    assert used == [first.facts["lora"]] * 2 + [again.facts["lora"]] * 2


def test_where_the_card_is_too_small_smaller_pictures_are_tried_and_then_it_is_done_without(
    server, tmp_path
) -> None:
    server.worker.card.sizes = dict.fromkeys(WEIGHTS, 30 * GIB)
    result = made(film(tmp_path, backend=SHOWN, shot=ALONE, training_steps=12), tmp_path)
    pixels = [each["megapixels"] for each in asked(server, "ImageScaleToTotalPixels")]
    assert pixels == sorted(pixels, reverse=True)
    assert (pixels[0], pixels[-1]) == (0.5, pytest.approx(0.124, abs=0.01))
    assert result.artifacts[LEARNED].facts["trained"] is False
    assert asked(server, "LoraLoaderModelOnly") == []
    assert not any("md_anna" in each["text"] for each in asked(server, "LabSleep"))


def test_shots_are_made_again_once_somebody_learned_what_was_stood_in_for(server, tmp_path) -> None:
    graph = film(tmp_path, backend=SHOWN, shot=ALONE, training_steps=12)
    loads, server.classes["AnyLoader"] = server.classes.pop("AnyLoader"), {}
    assert made(graph, tmp_path).artifacts[LEARNED].facts["trained"] is False
    server.classes["AnyLoader"] = loads
    result = made(graph, tmp_path)
    assert result.artifacts[LEARNED].facts["trained"] is True
    assert len(asked(server, "LabSleep")) == 4
    assert len(asked(server, "LoraLoaderModelOnly")) == 2
