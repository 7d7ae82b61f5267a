# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does a step: its best option, on the first capable service that does not refuse.

Better fidelity goes first, then the order in which executors offered.  Of several
services that could, the one with the least to do so far gets the step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias

from .errors import OutOfMemoryBudget, PlanError
from .step import (
    Device,
    DeviceId,
    Fidelity,
    Kind,
    ModelId,
    Option,
    Placed,
    Service,
    ServiceId,
    Step,
)

__all__ = ["Pace", "Placing", "Refuse"]

Refuse: TypeAlias = Callable[[Step, Option, Service], str | None]
#: Seconds taken over seconds estimated, by (executor, kind).
Pace: TypeAlias = Mapping[tuple[str, str], float]


class Placing:
    """Chooses for one step after the other; remembers what it gave to whom."""

    def __init__(
        self,
        devices: Mapping[DeviceId, Device],
        services: Collection[Service],
        refuse: Refuse,
        sizes: Mapping[ModelId, int],
        pace: Pace,
    ) -> None:
        self._devices = devices
        self._refuse = refuse
        self._sizes = sizes
        self._pace = pace
        self._able: dict[tuple[str, Kind], list[Service]] = {}
        for service in services:
            for kind in service.capabilities:
                self._able.setdefault((service.executor, kind), []).append(service)
        self._busy: dict[ServiceId, float] = {service.id: 0.0 for service in services}
        self._unable: dict[Kind, list[tuple[Step, str]]] = {}

    def place(self, step: Step) -> Placed | None:
        """The step with the way and the service chosen; None where there is none, see ``check``.

        Raises:
            OutOfMemoryBudget: every way needs more memory than its device may use.
        """
        refused: list[str] = []
        tight: list[tuple[int, int]] = []
        for option in _best_first(step.options):
            able = self._able.get((option.executor, step.kind), ())
            if not able:
                refused.append(f"{option.executor}: no service for it")
            chosen = self._first_willing(step, option, able, refused, tight)
            if chosen is not None:
                self._busy[chosen.id] += self.seconds(step, option) / chosen.slots
                return Placed(
                    step=step, option=option, service=chosen, reason=_reason(option, refused)
                )
        if tight:
            needs, budget = min(tight)
            raise OutOfMemoryBudget(step.node, needs=needs, budget=budget)
        self._unable.setdefault(step.kind, []).append((step, "; ".join(refused)))
        return None

    def _first_willing(
        self,
        step: Step,
        option: Option,
        able: Collection[Service],
        refused: list[str],
        tight: list[tuple[int, int]],
    ) -> Service | None:
        ranked = able if len(able) < 2 else sorted(able, key=lambda s: (self._busy[s.id], s.id))
        for service in ranked:
            needs = self.needs(option, service)
            budget = self._devices[service.device].budget_bytes
            if needs > budget:
                tight.append((needs, budget))
                refused.append(f"{service.id}: it needs more memory than there is")
                continue
            why = self._refuse(step, option, service)
            if why is None:
                return service
            refused.append(f"{service.id}: {why}")
        return None

    def needs(self, option: Option, service: Service) -> int:
        """Bytes of the service's device that this way of doing a step takes."""
        models = sum(self._sizes.get(model, 0) for model in option.models)
        return models + option.work_bytes + service.idle_bytes

    def seconds(self, step: Step, option: Option) -> float:
        """How long it will take, as estimated and as experience has corrected."""
        return option.seconds * self._pace.get((option.executor, step.kind), 1.0)

    def best_fidelity(self, step: Step) -> Fidelity:
        """What the step's result could be today; a stand-in when nobody can do it."""
        for option in _best_first(step.options):
            able = self._able.get((option.executor, step.kind), ())
            if self._first_willing(step, option, able, [], []) is not None:
                return option.fidelity
        return Fidelity.STAND_IN

    def check(self) -> None:
        """Complain about the steps that nobody can do.

        Raises:
            PlanError: there are some; names every kind and why services refused.
        """
        if not self._unable:
            return
        kinds = ", ".join(f"{kind} ({len(found)})" for kind, found in self._unable.items())
        reasons = dict.fromkeys(why for found in self._unable.values() for _, why in found if why)
        said = "".join(f" {why}." for why in list(reasons)[:3])
        first = next(iter(self._unable.values()))[0][0]
        raise PlanError(
            f"Nothing here can do this kind of work: {kinds} steps.{said}",
            remedy="Choose another service on the Backend node, or start one that can do it.",
            where=first.node,
        )


def _best_first(options: tuple[Option, ...]) -> Iterator[Option]:
    if len(options) < 2:
        return iter(options)
    return iter(sorted(options, key=lambda option: -option.fidelity))


def _reason(option: Option, refused: list[str]) -> str:
    text = (
        "the best way there is" if option.fidelity.enough else "a stand-in, nothing better is there"
    )
    return f"{text}; not {', not '.join(refused)}" if refused else text
