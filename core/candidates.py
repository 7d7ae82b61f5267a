# SPDX-License-Identifier: GPL-3.0-or-later
"""Who could do a step: every option on every service that can, fits and does not refuse.

Only the best fidelity that can be had is kept.  Which of these ways is taken is decided for
the whole film at once, in ``planner``; who was passed over, and why, is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .amounts import amount
from .errors import OutOfMemoryBudget, PlanError
from .step import Device, DeviceId, Fidelity, Kind, ModelId, Option, Service, ServiceId, Step

__all__ = ["Candidates", "Choice", "Pace", "Refuse", "Refused"]

Refuse: TypeAlias = Callable[[Step, Option, Service], str | None]
#: Seconds taken over seconds estimated, by (executor, kind).
Pace: TypeAlias = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Who was passed over (a service, or an executor without one), and why."""

    who: str
    why: str
    option: Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The ways left for one step, best first: each option with the services it may run on."""

    step: Step
    ways: tuple[tuple[Option, tuple[Service, ...]], ...]
    refused: tuple[Refused, ...]

    @property
    def fidelity(self) -> Fidelity:
        """What each of these ways gives."""
        return self.ways[0][0].fidelity


class Candidates:
    """Asks for one step after the other; remembers those that nobody can do."""

    def __init__(
        self,
        devices: Mapping[DeviceId, Device],
        services: Collection[Service],
        refuse: Refuse,
        sizes: Mapping[ModelId, int],
        pace: Pace,
    ) -> None:
        self._refuse = refuse
        self._sizes = sizes
        self._pace = pace
        self._able: dict[tuple[str, Kind], list[Service]] = {}
        self._room: dict[ServiceId, int] = {}
        idle: dict[DeviceId, int] = {}
        for service in services:
            idle[service.device] = idle.get(service.device, 0) + service.idle_bytes
            for kind in service.capabilities:
                self._able.setdefault((service.executor, kind), []).append(service)
        for service in services:
            budget = devices[service.device].budget_bytes
            self._room[service.id] = budget - idle[service.device]
        self._unable: dict[Kind, list[tuple[Step, str]]] = {}

    def choose(self, step: Step) -> Choice | None:
        """The ways of the best fidelity there is today; None when nobody can do the step."""
        refused: list[Refused] = []
        ways: list[tuple[Option, tuple[Service, ...]]] = []
        for option in sorted(step.options, key=lambda option: -option.fidelity):
            if ways and option.fidelity < ways[0][0].fidelity:
                break
            willing = tuple(self._willing(step, option, refused))
            if willing:
                ways.append((option, willing))
        if not ways:
            self._nobody(step, refused)
            return None
        return Choice(step=step, ways=tuple(ways), refused=tuple(refused))

    def best_fidelity(self, step: Step) -> Fidelity:
        """What the step's result could be today; a stand-in when nobody can do it."""
        for option in sorted(step.options, key=lambda option: -option.fidelity):
            if any(True for _ in self._willing(step, option, [])):
                return option.fidelity
        return Fidelity.STAND_IN

    def _willing(self, step: Step, option: Option, refused: list[Refused]) -> Iterable[Service]:
        able = self._able.get((option.executor, step.kind), ())
        if not able:
            refused.append(Refused(who=option.executor, why="no service for it", option=option))
        for service in able:
            why = self._cramped(option, service) or self._refuse(step, option, service)
            if why is None:
                yield service
            else:
                refused.append(Refused(who=service.id, why=why, option=option))

    def needs(self, option: Option) -> int:
        """Bytes that this way of doing a step takes, beside what services hold when idle."""
        return sum(self._sizes.get(model, 0) for model in option.models) + option.work_bytes

    def _cramped(self, option: Option, service: Service) -> str | None:
        needs, room = self.needs(option), self._room[service.id]
        if needs <= room:
            return None
        lack = amount(needs - room)
        return f"it needs more memory than there is: {amount(needs)}, {lack} more than may be used"

    def seconds(self, step: Step, option: Option) -> float:
        """How long it will take, as estimated and as experience has corrected."""
        return option.seconds * self._pace.get((option.executor, step.kind), 1.0)

    def _nobody(self, step: Step, refused: list[Refused]) -> None:
        tight = [
            (self.needs(one.option) - room, self.needs(one.option), room)
            for one in refused
            if (room := self._room.get(ServiceId(one.who))) is not None
            and self.needs(one.option) > room
        ]
        if tight:
            _, needs, budget = min(tight)
            raise OutOfMemoryBudget(step.node, needs=needs, budget=budget)
        said = "; ".join(f"{one.who}: {one.why}" for one in refused)
        self._unable.setdefault(step.kind, []).append((step, said))

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
