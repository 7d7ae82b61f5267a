"""Plans on a simulated card that says no: what would not fit beside what it holds is refused."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from movie_director.core.errors import OutOfMemory
from movie_director.core.executor import CancelFlag, Emit, Failed, Ticket
from movie_director.core.plan import plan
from movie_director.core.run import Run
from movie_director.core.step import ModelId, Option, Placed, Service
from movie_director.core.store import Store

from tests.fakes import FakeExecutor, finish, made, program, step

BUDGET, IDLE = 24, 1
SIZES = {ModelId(f"m{n}"): 2 + 3 * (n % 4) for n in range(8)}


class Card(FakeExecutor):
    """Holds models until it is told to let go, as a service on a GPU does."""

    def __init__(self, unload: str, budget: int = BUDGET) -> None:
        super().__init__(budget_bytes=budget)
        self.unload = unload
        self.room = budget - IDLE
        self.resident: set[ModelId] = set()
        self.loads = 0
        self.most = 0

    def services(self) -> tuple[Service, ...]:
        (one,) = super().services()
        return (replace(one, unload=self.unload, idle_bytes=IDLE),)  # type: ignore[arg-type]

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        missing = work.option.models - self.resident
        self.loads += len(missing)
        self.resident |= missing
        held = sum(SIZES[model] for model in self.resident) + work.option.work_bytes
        self.most = max(self.most, held + IDLE)
        if held > self.room:
            error = OutOfMemory("The card is full.", remedy="Let go of something.")
            emit(Failed(step=ticket.step, error=error))
            return
        super().run(work, ticket, emit, cancel)

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        super().free(service, models)
        assert models is not None
        if self.unload == "all":
            assert models >= self.resident, "it can only let go of everything"
        self.resident -= models


def film(seed: int) -> list[object]:
    """Thirty steps that want one to three models and some memory to work in."""
    dice = random.Random(seed)
    steps = []
    for number in range(30):
        models = frozenset(dice.sample(sorted(SIZES), dice.randint(1, 3)))
        while sum(SIZES[model] for model in models) > BUDGET - IDLE - 3:
            models = frozenset(sorted(models)[1:])
        option = Option(executor="fake", models=models, work_bytes=dice.randint(0, 3))
        parents = {f"p{n}": made(f"s{n}:clip") for n in dice.sample(range(number), min(number, 2))}
        steps.append(step(f"s{number}:clip", options=(option,), **parents))
    return steps


@pytest.mark.parametrize("unload", ["selective", "all"])
@pytest.mark.parametrize("seed", range(6))
def test_a_plan_never_asks_a_card_for_more_than_it_has(
    seed: int, unload: str, tmp_path: Path
) -> None:
    card = Card(unload)
    store = Store(tmp_path / "film")
    planned = plan(
        program(film(seed)), devices=card.devices(), services=card.services(), refuse=card.refuse,
        find=store.find, sizes=SIZES,
    )  # fmt: skip
    run = Run(planned, {card.name: card}, store)
    run.start()
    finish(run)
    assert run.close()
    assert run.result.errors == {}
    assert card.most <= planned.peak_bytes <= BUDGET
    assert card.loads == planned.figures.loads
    assert run.result.measured.loaded_bytes == planned.figures.loaded_bytes


def test_the_card_says_no(tmp_path: Path) -> None:
    """A plan for a larger card than there is fails on it: the refusal is real."""
    card, larger = Card("selective", budget=12), Card("selective", budget=40)
    store = Store(tmp_path / "film")
    planned = plan(
        program(film(0)), devices=larger.devices(), services=larger.services(),
        refuse=card.refuse, find=store.find, sizes=SIZES,
    )  # fmt: skip
    run = Run(planned, {card.name: card}, store)
    run.start()
    finish(run)
    assert run.close()
    assert any(isinstance(error, OutOfMemory) for error in run.result.errors.values())
