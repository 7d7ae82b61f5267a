"""A card that has less by now than was planned with: told only where it can be, and planned around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from movie_director.core.budget import Limits, Reading, Sampler, budget_of
from movie_director.core.executor import CancelFlag, Emit, Ticket
from movie_director.core.plan import Plan, plan
from movie_director.core.run import Run
from movie_director.core.step import Device, Fidelity, ModelId, Option, Placed, Service, Step
from movie_director.core.store import Store

from tests.fakes import Act, FakeExecutor, finish, program, step

GIB = 2**30
LARGE, LESS, FIRST = ModelId("large/fp16"), ModelId("large/fp8"), ModelId("first/fp16")
SIZES = {LARGE: 16 * GIB, LESS: 8 * GIB, FIRST: 16 * GIB}
SIZES |= {ModelId(f"other-{model}"): size for model, size in SIZES.items()}
#: The second stage wants a large model, or a smaller one.
WAYS = (
    Option(executor="fake", precision="fp16", models=frozenset({LARGE}), work_bytes=GIB),
    Option(
        executor="fake", precision="fp8", models=frozenset({LESS}), work_bytes=GIB,
        fidelity=Fidelity.FP8, note="fp8 instead of fp16",
    ),
)  # fmt: skip
OTHER_WAYS = tuple(
    replace(way, models=frozenset(ModelId(f"other-{model}") for model in way.models))
    for way in WAYS
)
BEFORE = Option(executor="fake", models=frozenset({FIRST}), work_bytes=GIB)


class Card(FakeExecutor):
    """A service on a card of 24 GiB that gives back all or nothing; ``others`` is what others hold."""

    def __init__(self, unload: str = "all") -> None:
        super().__init__(budget_bytes=24 * GIB)
        self.unload, self.others, self.held = unload, 0, 0
        self.while_making: dict[str, int] = {}  #: what others hold from then on
        self.starving = frozenset[str]()

    def devices(self) -> tuple[Device, ...]:
        (one,) = super().devices()
        return (replace(one, gpu="card"),)

    def services(self) -> tuple[Service, ...]:
        (one,) = super().services()
        return (replace(one, unload=self.unload),)  # type: ignore[arg-type]

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        self.held = sum(SIZES[model] for model in work.option.models) + 2 * GIB
        self.begun.append(ticket.step)
        if work.step.id in self.while_making:
            self.others = self.while_making[work.step.id]
        starve = work.option.precision in self.starving
        self._play(Act(starve=starve), work, ticket, emit, cancel)

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        super().free(service, models)
        self.held = 0

    def read(self) -> list[Reading]:
        free = 24 * GIB - self.others - self.held
        return [Reading(card="card", total_bytes=24 * GIB, free_bytes=free, told_by="driver")]


def planned(card: Card, store: Store, *more: Step) -> Plan:
    budget = budget_of(card.read()[0], Limits())
    (device,) = card.devices()
    return plan(
        program([step("a:clip", options=(BEFORE,)), step("b:clip", options=WAYS), *more]),
        devices=[replace(device, budget_bytes=budget.bytes)], services=card.services(),
        refuse=card.refuse, find=store.find, sizes=SIZES, budgets={device.id: budget},
    )  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., tuple[Run, list[str]]]]:
    runs: list[Run] = []

    def make(card: Card, *more: Step) -> tuple[Run, list[str]]:
        store = Store(tmp_path / "film")
        plan = planned(card, store, *more)
        assert {each.option.precision for each in plan.to_do} == {"", "fp16"}
        run = Run(plan, {"fake": card}, store, cards=Sampler(card.read))
        runs.append(run)
        run.start()
        notes = [change.note for change in finish(run) if change.note]
        assert run.result.ok
        return run, notes

    yield make
    closed = [run.close() for run in runs]
    assert all(closed)


def precisions(run: Run) -> list[str]:
    return [each.option.precision for each in run.plan.to_do]


def test_another_program_that_takes_memory_has_what_is_left_planned_anew(made) -> None:
    card = Card()
    card.while_making = {"a:clip": 10 * GIB}
    run, notes = made(card)
    assert precisions(run) == ["", "fp8"]
    assert notes == ["fp8 instead of fp16: only 14.0 GiB of fake are free"]
    assert run.plan.budgets[card.devices()[0].id].bytes < 14 * GIB


def test_what_a_service_keeps_anyway_is_no_shortage(made) -> None:
    card = Card()
    card.while_making = {"a:clip": 512 * 2**20}
    run, notes = made(card)
    assert (precisions(run), notes) == (["", "fp16"], [])


def test_a_service_that_gives_back_only_some_of_it_is_not_judged(made) -> None:
    # What it still holds would look like another program's.
    card = Card("selective")
    card.while_making = {"a:clip": 10 * GIB}
    run, _ = made(card)
    assert precisions(run) == ["", "fp16"]


def test_after_running_out_of_memory_the_shortage_is_seen_before_it_is_tried_again(made) -> None:
    card = Card("selective")
    card.while_making = {"a:clip": 10 * GIB}
    card.starving = frozenset({"fp16"})
    run, notes = made(card)
    assert precisions(run) == ["", "fp8"]
    assert card.begun == ["a:clip", "b:clip", "b:clip"]
    assert notes == ["fp8 instead of fp16: only 14.0 GiB of fake are free"]


def test_memory_that_comes_back_is_planned_with_again(made) -> None:
    card = Card()
    card.while_making = {"a:clip": 10 * GIB, "b:clip": 0}
    run, notes = made(card, step("c:clip", options=OTHER_WAYS))
    assert precisions(run) == ["", "fp8", "fp16"]
    assert len(notes) == 3
    assert notes[-1].endswith("24.0 GiB of fake are free again")
