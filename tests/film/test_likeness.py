"""A film with a character whose looks are learned, by a server and without one."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from movie_director import api
from movie_director.cli import main
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.graph_json import graph_to_text
from movie_director.core.step import StepId

LEARNED = StepId("anna:lora_training")
SMALL = {"resolution": "custom", "width": 160, "height": 90, "fps": 12.0, "quality": "draft"}
LINKS = (
    "anna.character > one.characters", "anna.character > two.characters", "one.shot > film.shots",
    "two.shot > film.shots", "film.sequence > out.sequence", "project.project > out.project",
)  # fmt: skip


def film(folder: pathlib.Path, pictures: int = 5, **anna: Any) -> Graph:
    names = [f"anna_{number}.png" for number in range(pictures)]
    for number, name in enumerate(names):
        picture(folder / name, number)
    nodes = (
        Node(id="project", type="project", params=SMALL),
        Node(id="anna", type="character",
             params={"name": "ANNA", "tier": "ultimate", "images": tuple(names), **anna}),
        Node(id="one", type="shot", params={"action": "She waits.", "duration": 0.5}),
        Node(id="two", type="shot", params={"action": "She turns.", "duration": 0.5}),
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


def made(graph: Graph, folder: pathlib.Path) -> api.Result:
    result = api.evaluate(graph, folder, base=folder)
    assert result.ok, result.errors
    return result


def test_without_a_service_that_learns_the_film_is_made_and_says_that_nobody_was_learned(
    tmp_path,
) -> None:
    result = made(film(tmp_path), tmp_path)
    assert (tmp_path / "film.mp4").is_file()
    assert result.artifacts[LEARNED].facts == {"trained": False, "stand_in": True}
    assert not result.artifacts[LEARNED].fidelity.enough


def test_too_few_pictures_are_told_of_with_what_to_do(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "film.json"
    path.write_text(graph_to_text(film(tmp_path, pictures=2)), "utf-8")
    assert main(["evaluate", str(path)]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "ANNA has 2 reference pictures, too few to learn a LoRA from" in said
    assert "Add pictures until there are 5 different ones" in said
