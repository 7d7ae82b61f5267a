"""A card that has less than was planned with: once more, then ways down, then an animatic; or a no."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from movie_director.core import service_file
from movie_director.core.errors import OutOfMemory
from movie_director.core.graph import Graph
from movie_director.core.learning_file import Lessons
from movie_director.core.run import RunResult
from movie_director.core.step import CLIP, Artifact
from movie_director.executors._finding import OFF
from movie_director.executors.comfyui import ComfyUI
from movie_director.studio import Studio

from tests.servers.comfyui import ComfyServer
from tests.servers.comfyui_worker import Card
from tests.unit.executors.comfyui.test_planned import classes, film, sizes

GIB = 2**30


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.delenv(OFF)
    monkeypatch.setattr(ComfyUI, "addresses", lambda self: ())
    with Studio.open(cores=1) as made:
        for each in made.executors.values():
            monkeypatch.setattr(type(each), "addresses", lambda self: (), raising=False)
        made.lessons = Lessons()
        yield made


def starved(studio: Studio, root: Path, *, left: int, **backend: Any) -> RunResult:
    """A shot planned for 80 GiB, of which only ``left`` can be had."""
    files = sizes()
    card = Card(budget_bytes=80 * GIB, sizes=files)
    with ComfyServer("0.33.0", card=card) as server:
        server.classes = classes(files)
        service_file.change(lambda known: known.with_place(server.url))
        studio.finder.start()
        studio.refresh(5.0)
        graph: Graph = film(quality="final", **backend)
        store = studio.store(graph, root / "results")
        plan = studio.plan(studio.compile(graph, root, node="one"), store)
        server.classes = {}
        card.work_bytes = (80 - left) * GIB
        run = studio.run(plan, store)
        run.start()
        until = time.monotonic() + 60
        while not run.done:
            assert time.monotonic() < until, "it did not end"
            run.drain()
            run.wait(0.05)
        assert run.close()
        store.close()
        return run.result


def record(result: RunResult) -> tuple[Artifact, dict[str, Any]]:
    (clip,) = (each for id, each in result.artifacts.items() if id.endswith(f":{CLIP}"))
    return clip, json.loads(Path(f"{clip.path}.json").read_text(encoding="utf-8"))


def test_the_next_precision_is_taken_and_recorded(studio: Studio, tmp_path: Path) -> None:
    result = starved(studio, tmp_path, left=20)
    assert result.ok
    clip, told = record(result)
    by = told["by"]
    assert (by["workflow"], by["precision"], told["fidelity"]) == ("wan_t2v_final", "fp8", "fp8")
    assert by["gave_up"].startswith("fp8 instead of fp16, ")
    assert "memory ran out on comfyui@" in by["reason"]
    assert clip.fidelity.enough


def test_then_the_next_tier(studio: Studio, tmp_path: Path) -> None:
    result = starved(studio, tmp_path, left=12)
    assert result.ok
    _, told = record(result)
    assert told["by"]["workflow"] == "wan_5b_t2v_standard"
    assert told["fidelity"] == "lower_quality"
    assert told["by"]["gave_up"].startswith("standard quality instead of final")


def test_then_an_animatic(studio: Studio, tmp_path: Path) -> None:
    result = starved(studio, tmp_path, left=1)
    assert result.ok
    _, told = record(result)
    assert (told["by"]["executor"], told["fidelity"]) == ("animatic", "stand_in")
    assert "a stand-in" in told["by"]["reason"]
    assert "memory ran out on comfyui@" in told["by"]["reason"]


def test_each_way_is_tried_twice_with_all_memory_given_back_between(
    studio: Studio, tmp_path: Path
) -> None:
    tried: list[tuple[str, ...]] = []
    load = Card.load

    def noted(card: Card, names: list[str]) -> bool:
        fits = load(card, names)
        if not fits:
            tried.append(tuple(names))
        return fits

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Card, "load", noted)
        result = starved(studio, tmp_path, left=12)
    assert result.ok
    # fp16, fp8, fp8 with fewer pixels: what is sent alike (offloaded, the plan calls it) is not
    # tried again.
    fp16 = ("wan2.2_t2v_low_noise_14B_fp16.safetensors",)
    fp8 = ("wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",)
    assert tried == [fp16] * 2 + [fp8] * 4


def test_where_the_node_forbids_it_the_error_names_the_setting_and_what_it_saves(
    studio: Studio, tmp_path: Path
) -> None:
    result = starved(studio, tmp_path, left=20, allow_downgrade=False)
    assert not result.ok
    (error,) = (each for id, each in result.errors.items() if id.endswith(f":{CLIP}"))
    assert isinstance(error, OutOfMemory)
    assert "Allow something simpler on its Backend node (fp8 instead of fp16, " in error.remedy
    assert " less" in error.remedy
