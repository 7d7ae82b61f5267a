# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds how much of each device at this moment of a run.

Values for whoever shows them, made from the plan, where the run stands and what the driver saw
last; as cheap as the steps under way are few.  Models are what services were asked to load: a
service that loads late or frees by itself is told of by what the driver sees, not by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .amounts import amount
from .budget import Reading
from .cards import card_of
from .plan import Plan
from .standing import State
from .step import DeviceId, ModelId, Placed, ServiceId

__all__ = ["Allocation", "Holding", "allocations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one service holds.  ``work_bytes`` is for the steps under way, named in ``steps``."""

    service: ServiceId
    models: tuple[tuple[ModelId, int], ...]
    idle_bytes: int
    work_bytes: int
    steps: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """All of it."""
        return self.idle_bytes + self.work_bytes + sum(size for _, size in self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One device.

    ``stage`` is the number of the stage under way, from 1, of ``stages``; 0 when it has none left.
    ``freeing``: it waits for memory to be given back.  ``seen_bytes`` is what the driver sees in
    use, other programs included; -1 when it says nothing.
    """

    device: DeviceId
    about: str
    budget_bytes: int
    stage: int
    stages: int
    freeing: bool
    holdings: tuple[Holding, ...]
    seen_bytes: int = -1
    total_bytes: int = -1

    @property
    def bytes(self) -> int:
        """What our services hold, as planned."""
        return sum(holding.bytes for holding in self.holdings)

    @property
    def fraction(self) -> float:
        """The same of the budget, 0-1."""
        return min(1.0, self.bytes / self.budget_bytes) if self.budget_bytes else 0.0

    @property
    def has_models(self) -> bool:
        """Whether any model is there."""
        return any(holding.models for holding in self.holdings)

    def words(self) -> str:
        """One line, such as "gpu: 18.5 GiB of 22.8 GiB (flux 12.0 GiB, work 1.5 GiB)"."""
        parts = [f"{model} {amount(size)}" for model, size in self._models()]
        work = sum(holding.work_bytes for holding in self.holdings)
        idle = sum(holding.idle_bytes for holding in self.holdings)
        parts += [f"work {amount(work)}"] if work else []
        parts += [f"idle {amount(idle)}"] if idle else []
        said = f"{self.device}: {amount(self.bytes)} of {amount(self.budget_bytes)}"
        said = f"{said} ({', '.join(parts)})" if parts else said
        said = f"{said}; giving back" if self.freeing else said
        return f"{said}; in use {amount(self.seen_bytes)}" if self.seen_bytes >= 0 else said

    def _models(self) -> Iterator[tuple[ModelId, int]]:
        models = (each for holding in self.holdings for each in holding.models)
        yield from sorted(models, key=lambda each: (-each[1], each[0]))


def allocations(
    plan: Plan, state: State, running: Iterable[Placed], readings: Sequence[Reading] = ()
) -> tuple[Allocation, ...]:
    """The devices the plan uses, in its order.  ``running`` are the steps under way."""
    under_way: dict[ServiceId, list[Placed]] = {}
    for placed in running:
        under_way.setdefault(placed.service.id, []).append(placed)
    counts: dict[DeviceId, int] = {}
    for stage in state.stages:
        counts[stage.device] = counts.get(stage.device, 0) + 1
    found = []
    for id, device in plan.devices.items():
        line = state.lines.get(id)
        if line is None:
            continue
        card = card_of(device, readings)
        found.append(
            Allocation(
                device=id,
                about=device.gpu,
                budget_bytes=device.budget_bytes,
                stage=line.stages[0] + 1 if line.stages else 0,
                stages=counts.get(id, 0),
                freeing=line.freeing > 0,
                holdings=tuple(_holdings(plan, state, id, under_way)),
                seen_bytes=-1 if card is None else card.total_bytes - card.free_bytes,
                total_bytes=-1 if card is None else card.total_bytes,
            )
        )
    return tuple(found)


def _holdings(
    plan: Plan, state: State, device: DeviceId, running: dict[ServiceId, list[Placed]]
) -> Iterator[Holding]:
    for id, service in plan.services.items():
        if service.device != device:
            continue
        models = state.resident.get(id, frozenset())
        busy = running.get(id, [])
        holding = Holding(
            service=id,
            models=tuple(sorted((model, plan.sizes.get(model, 0)) for model in models)),
            idle_bytes=service.idle_bytes,
            work_bytes=sum(placed.option.work_bytes for placed in busy),
            steps=tuple(placed.step.label for placed in busy),
        )
        if holding.bytes or holding.steps:
            yield holding
