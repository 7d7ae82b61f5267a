"""A film planned for a card, carried out on a server whose card refuses what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core import service_file
from movie_director.core.executor import CancelFlag, Failed, Finished, Produced, Want
from movie_director.core.footprints import known_footprints
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.learning_file import Lessons
from movie_director.core.step import CLIP, DeviceId, ModelId, Option, Placed, Service, ServiceId
from movie_director.core.workflow_library import shipped_workflows
from movie_director.executors._comfyui.stock import stock_nodes
from movie_director.executors._comfyui.ways import Ways
from movie_director.executors._finding import OFF
from movie_director.executors.comfyui import ComfyUI
from movie_director.studio import Studio

from tests.comfyui_films import executor, shot, ticket
from tests.servers.comfyui import ComfyServer
from tests.servers.comfyui_worker import Card

GIB = 2**30


def sizes() -> dict[str, int]:
    """Bytes of every file that a shipped workflow loads, as the footprints have them."""
    known = known_footprints()
    return {
        model.file: known.bytes_of(model.id)
        for workflow in shipped_workflows().values()
        for precision in workflow.precisions
        for model in precision.models
        if model.id in known.models
    }


def classes(files: dict[str, int]) -> dict[str, Any]:
    """A stock server that has all these files."""
    stock: dict[str, Any] = {name: {} for name in stock_nodes()}
    return {**stock, "AnyLoader": {"input": {"required": {"name": [sorted(files)]}}}}


def film(**backend: Any) -> Graph:
    small = {"resolution": "custom", "width": 832, "height": 480, "fps": 16.0}
    nodes = (
        Node(id="project", type="project", params={"title": "Card", "quality": "draft", **small}),
        Node(id="where", type="backend", params={"service": "comfyui", **backend}),
        Node(id="one", type="shot", params={"action": "A street.", "duration": 2.0}),
        Node(id="two", type="shot", params={"action": "A door.", "duration": 3.0}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output"),
    )
    ends = [
        ("project.project", "out.project"), ("film.sequence", "out.sequence"),
        ("where.backend", "one.backend"), ("where.backend", "two.backend"),
        ("one.shot", "film.shots"), ("two.shot", "film.shots"),
    ]  # fmt: skip
    return Graph(
        nodes=nodes,
        links=tuple(
            Link(source=tuple(a.split(".")), target=tuple(b.split(".")))  # type: ignore[arg-type]
            for a, b in ends
        ),
    )


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """One that looks for services only where it is told to."""
    monkeypatch.delenv(OFF)
    monkeypatch.setattr(ComfyUI, "addresses", lambda self: ())
    with Studio.open(cores=1) as made:
        for each in made.executors.values():
            monkeypatch.setattr(type(each), "addresses", lambda self: (), raising=False)
        made.lessons = Lessons()
        yield made


@pytest.mark.parametrize("budget", [16, 24, 48])
def test_what_is_planned_for_a_card_fits_on_it(studio: Studio, tmp_path: Path, budget: int) -> None:
    files = sizes()
    card = Card(budget_bytes=budget * GIB, sizes=files, work_bytes=2 * GIB)
    with ComfyServer("0.33.0", card=card) as server:
        server.classes = classes(files)
        service_file.change(lambda known: known.with_place(server.url))
        studio.finder.start()
        studio.refresh(5.0)
        graph = film()
        program = studio.compile(graph, tmp_path)
        plan = studio.plan(program, studio.store(graph, tmp_path / "results"))
        clips = [each for each in plan.to_do if each.step.kind == CLIP]
        assert {each.option.executor for each in clips} == {"comfyui"}
        maker = studio.executors["comfyui"]
        # Classes are not a stock server's here: what is sent is judged by the card alone.
        server.classes = {}
        for each in clips:
            events: list[Any] = []
            paper = ticket(each.step, tmp_path)
            maker.run(each, paper, events.append, CancelFlag())
            failed = [event for event in events if isinstance(event, Failed)]
            assert not failed, (each.option, failed)
            assert isinstance(events[-1], Finished)


def carried_out(work: Placed, card: Card, root: Path) -> list[Any]:
    """What is told while a server with that card does it; what is sent is judged by the card alone."""
    library = {id: each for id, each in shipped_workflows().items() if id.startswith("wan_")}
    maker = executor(workflows=library)
    events: list[Any] = []
    try:
        with ComfyServer("0.33.0", card=card) as server:
            service = maker.identify(server.url)
            assert service is not None
            maker.run(replace(work, service=service), ticket(work.step, root), events.append,
                      CancelFlag())  # fmt: skip
    finally:
        maker.close()
    return events


def whole_ways(seconds: float) -> list[Option]:
    """The ways of a shot from words whose weights are on the card, by two experts."""
    want = Want(kind=CLIP, quality="final", width=832, height=480, fps=24.0, seconds=seconds)
    named = replace(want, backend={"template": "wan_t2v_final"})
    return [each for each in Ways().offer(named) if each.models]


@pytest.mark.parametrize("number", range(4))
def test_what_a_way_says_it_needs_is_enough_on_a_card_of_just_that_size(
    tmp_path: Path, number: int
) -> None:
    option = whole_ways(4.0)[number]
    needs = option.work_bytes + sum(known_footprints().bytes_of(id) for id in option.models)
    service = Service(id=ServiceId("x"), executor="comfyui", device=DeviceId("x"))
    work = Placed(step=shot(duration=0.5), option=option, service=service)
    card = Card(budget_bytes=needs, sizes=sizes(), work_bytes=option.work_bytes)
    assert isinstance(carried_out(work, card, tmp_path)[-1], Finished)
    both = {name for name in card.loads if "noise" in name}
    assert len(both) == 2
    assert card.loads.count(max(both)) == 1
    less = Card(budget_bytes=needs - 2**20, sizes=sizes(), work_bytes=option.work_bytes)
    refused = carried_out(work, less, tmp_path)
    taking_turns = len(option.models) == 1
    assert isinstance(refused[-1], Failed if taking_turns else Finished)


def test_a_shot_of_several_parts_is_made_whole_with_experts_that_take_turns(tmp_path: Path) -> None:
    option = next(each for each in whole_ways(11.0) if len(each.models) == 1)
    assert option.models == {"wan2.2-i2v-14b-low/fp16"}
    needs = option.work_bytes + known_footprints().bytes_of(*option.models)
    service = Service(id=ServiceId("x"), executor="comfyui", device=DeviceId("x"))
    long = shot(duration=11.0, fps=4.0)
    work = Placed(step=long, option=option, service=service)
    card = Card(budget_bytes=needs, sizes=sizes(), work_bytes=option.work_bytes)
    (made,) = (each for each in carried_out(work, card, tmp_path) if isinstance(each, Produced))
    assert made.recipe["parts"] == 2
    assert {name.split("_")[1] for name in card.loads if "noise" in name} == {"t2v", "i2v"}


def test_a_shot_that_turned_out_longer_goes_on_where_there_is_memory_for_it() -> None:
    ways = Ways()
    onward = ways.library["wan_i2v_final"]
    for option in whole_ways(4.0):
        assert ways.affords(onward, option), option.note
    small = replace(whole_ways(4.0)[0], models=frozenset({ModelId("wan2.1-vae/fp16")}))
    assert not ways.affords(onward, small)


def test_a_long_shot_is_refused_where_what_goes_on_is_not_there() -> None:
    for option in whole_ways(11.0):
        assert any("_i2v_" in name for name in Ways().files(option)), option.note
    for option in whole_ways(4.0):
        assert not any("_i2v_" in name for name in Ways().files(option)), option.note


def test_a_server_without_models_takes_nothing_from_the_animatic() -> None:
    library = {id: each for id, each in shipped_workflows().items() if each.kind == "text_to_video"}
    maker = executor(workflows=library)
    want = Want(kind=CLIP, quality="draft", width=832, height=480, fps=16.0, seconds=2.0)
    with ComfyServer() as server:
        server.classes = {"CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [[]]}}}}
        assert maker.identify(server.url) is not None
        assert maker.offer(want) == ()
        named = Want(
            kind=CLIP, quality="draft", width=832, height=480, fps=16.0, seconds=2.0,
            backend={"service": "comfyui"},
        )  # fmt: skip
        assert maker.offer(named) != ()
    maker.close()
