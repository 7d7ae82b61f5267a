# SPDX-License-Identifier: GPL-3.0-or-later
"""From steps and what there is to stages with reasons: the first planner.

The only place where a service, a precision or a downgrade is chosen.  Steps go
in the order of the film; each takes its best option on the first capable service
that does not refuse; consecutive steps of one device share a stage as long as
what they need resident fits.  Pure: what is already made is asked of ``find``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .compile import Program
from .difference import difference
from .errors import PlanError
from .explain import explain_plan, plan_to_json
from .garbage import collector_paused
from .placing import Pace, Placing, Refuse
from .stages import cut_stages, estimated_seconds
from .step import Artifact, Device, Fidelity, ModelId, Placed, Service, Stage, Step, StepId

__all__ = ["Absent", "AbsentReason", "Dirty", "DirtyCode", "Find", "Plan", "plan"]

AbsentReason: TypeAlias = Literal["new", "stale", "missing", "edited", "stand_in"]
DirtyCode: TypeAlias = Literal["new", "stale", "missing", "edited", "stand_in", "forced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing usable is there for a step, and why.

    ``was`` holds the spelled inputs of the step's newest result (stale only);
    ``artifact`` what stands in for what was asked (stand_in only).
    """

    reason: AbsentReason
    text: str
    was: Mapping[str, Any] = field(default_factory=dict)
    artifact: Artifact | None = None


Find: TypeAlias = Callable[[Step], Artifact | Absent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirty:
    """Why a step is not as it should be."""

    code: DirtyCode
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done, where, in which order, and why.

    ``steps`` are all that were looked at, in order.  What is in ``cached`` is there
    and used; what is in ``dirty`` is not as it should be.  A stand-in that nothing
    better can replace today is in both.  ``seconds`` is the estimate from start to
    end, ``peak_bytes`` the most memory one device will hold.
    """

    stages: tuple[Stage, ...]
    steps: Mapping[StepId, Step]
    cached: Mapping[StepId, Artifact]
    dirty: Mapping[StepId, Dirty]
    services: Mapping[str, Service]
    seconds: float
    peak_bytes: int

    @property
    def to_do(self) -> tuple[Placed, ...]:
        """The placed steps of all stages, in order."""
        return tuple(placed for stage in self.stages for placed in stage.steps)

    def explain(self) -> str:
        """The plan for people: stages, steps, services and reasons."""
        return explain_plan(self)

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON, schema ``movie-director/plan@1``."""
        return plan_to_json(self)


@collector_paused()
def plan(
    program: Program,
    *,
    devices: Collection[Device],
    services: Collection[Service],
    refuse: Refuse,
    find: Find,
    force: Collection[str] = frozenset(),
    only: str = "",
    sizes: Mapping[ModelId, int] | None = None,
    pace: Pace | None = None,
) -> Plan:
    """Decide what to do, where and in which order.

    Args:
        refuse: why a service cannot do a step in a way, or None.
        find: what is already made; ``Store.find``.
        force: step ids or node paths to do again although they are there.
        only: the node to make, with what it needs; "" for everything.
        sizes: bytes of each model when resident; unknown ones count nothing.
        pace: how much slower than estimated each (executor, kind) has been.

    Raises:
        PlanError: nothing there can do a step; every missing kind is named.
        OutOfMemoryBudget: a step needs more memory than any device may use.
    """
    steps = _wanted(program, only)
    known = {device.id: device for device in devices}
    placing = Placing(known, services, refuse, sizes or {}, pace or {})
    survey = _Survey(program, find, placing, frozenset(force))
    for step in steps:
        survey.look(step)
    placing.check()
    stages = cut_stages(survey.placed, known, services, sizes or {})
    return Plan(
        stages=stages,
        steps={step.id: step for step in steps},
        cached=survey.cached,
        dirty=survey.dirty,
        services={service.id: service for service in services},
        seconds=estimated_seconds(stages, placing.seconds, known, services, sizes or {}),
        peak_bytes=max((stage.peak_bytes for stage in stages), default=0),
    )


def _wanted(program: Program, only: str) -> Sequence[Step]:
    """The steps to look at, parents first."""
    steps = program.steps
    ordered = sorted(steps.values(), key=lambda step: step.order)
    if not only:
        return ordered
    pending = [step.id for step in ordered if _belongs(step, only)]
    if not pending:
        raise PlanError(
            f"Nothing is made by the node '{only}'.",
            remedy="Name a shot, a line, a scene or an output by its path.",
            where=only,
        )
    kept: set[StepId] = set()
    while pending:
        id = pending.pop()
        if id not in kept:
            kept.add(id)
            pending.extend(steps[id].after)
    return [step for step in ordered if step.id in kept]


def _belongs(step: Step, node: str) -> bool:
    inside = f"{node}/"
    return any(owner == node or owner.startswith(inside) for owner in (step.node, *step.also))


class _Survey:
    """Goes through the steps once, parents first, and says of each what becomes of it."""

    def __init__(
        self, program: Program, find: Find, placing: Placing, force: frozenset[str]
    ) -> None:
        self.placed: list[Placed] = []
        self.cached: dict[StepId, Artifact] = {}
        self.dirty: dict[StepId, Dirty] = {}
        self._intents = {id: step.intent for id, step in program.steps.items()}
        self._order = {id: step.order for id, step in program.steps.items()}
        self._find = find
        self._placing = placing
        self._force = force
        #: What each step's result is or will be, against what was asked.
        self._fidelity: dict[StepId, Fidelity] = {}
        #: Steps whose result will be another one although their intent is the same.
        self._anew: set[StepId] = set()

    def look(self, step: Step) -> None:
        """Find the step's result, or place it."""
        found = self._find(step)
        there = found if isinstance(found, Artifact) else found.artifact
        why = self._why(step, found)
        if why is not None:
            self.dirty[step.id] = why
        if there is not None and (why is None or not self._worth_it(step, there, why)):
            self.cached[step.id] = there
            self._fidelity[step.id] = there.fidelity
            return
        if there is not None:
            self._anew.add(step.id)
        placed = self._placing.place(step)
        if placed is not None:
            self.placed.append(placed)
            self._fidelity[step.id] = self._reach(step, placed.option.fidelity)

    def _why(self, step: Step, found: Artifact | Absent) -> Dirty | None:
        if self._force and (step.id in self._force or step.node in self._force):
            return Dirty(code="forced", text="it was asked for again")
        if isinstance(found, Artifact):
            return self._why_again(step, found)
        if found.reason == "stale" and found.was:
            return Dirty(code="stale", text=difference(found.was, step, self._intents))
        return Dirty(code=found.reason, text=found.text)

    def _why_again(self, step: Step, found: Artifact) -> Dirty | None:
        """Why something that is there is done again, or None."""
        for id in sorted(step.after, key=self._order.__getitem__):
            parent = self.cached.get(id)
            if parent is None:
                if id in self._anew:
                    return Dirty(code="stale", text=f"{id} is made again")
            elif found.made_from.get(parent.intent, parent.content) != parent.content:
                return Dirty(code="stale", text=f"{id} was made again")
        return None

    def _worth_it(self, step: Step, there: Artifact, why: Dirty) -> bool:
        """Whether doing it today gives something better than the stand-in that is there."""
        if why.code != "stand_in":
            return True
        return self._reach(step, self._placing.best_fidelity(step)) > there.fidelity

    def _reach(self, step: Step, option: Fidelity) -> Fidelity:
        """A result is no better than what it is made from."""
        known = self._fidelity
        return min([option, *(known[id] for id in step.after if id in known)])
