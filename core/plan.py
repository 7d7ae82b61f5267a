# SPDX-License-Identifier: GPL-3.0-or-later
"""From steps and what there is to stages with reasons.

The only place where a service, a precision or a downgrade is chosen: of each step it is
asked whether its result is there, who could make it, and then, of all of them together, who
does what when (``planner``).  Pure: what is already made is asked of ``find``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .budget import Budget
from .candidates import Candidates, Choice, Costs, Refuse
from .casting import cast, said_by
from .compile import Program
from .difference import difference
from .errors import PlanError
from .explain import explain_plan
from .garbage import collector_paused
from .likeness import LIKENESSES, with_what_is_real
from .plan_json import plan_to_json
from .planner import Effort
from .staging import Figures, staged
from .step import (
    SPEECH,
    Artifact,
    Device,
    DeviceId,
    Fidelity,
    ModelId,
    Placed,
    Service,
    ServiceId,
    Stage,
    Step,
    StepId,
    references,
)

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
#: A person waits for the plan, and wants to see shot one soon: estimates of a film's time are
#: off by more than what is given up for it, and of a second at the end nobody takes notice.
FILM_EFFORT = Effort(seconds=0.12, share=0.08, given=0.08, given_seconds=1.0)


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
    better can replace today is in both.  ``sizes`` are the bytes of each model, ``figures``
    what the stages come to, ``budgets`` how the GPUs' budgets came about; ``said`` are the film's
    lines that are there, also beside what is wanted, with who spoke them.
    """

    stages: tuple[Stage, ...]
    steps: Mapping[StepId, Step]
    cached: Mapping[StepId, Artifact]
    dirty: Mapping[StepId, Dirty]
    services: Mapping[ServiceId, Service]
    devices: Mapping[DeviceId, Device]
    sizes: Mapping[ModelId, int]
    figures: Figures
    budgets: Mapping[DeviceId, Budget] = field(default_factory=dict)
    said: tuple[tuple[Step, ServiceId], ...] = ()

    @property
    def seconds(self) -> float:
        """The estimate from start to end, loading included."""
        return self.figures.seconds

    @property
    def peak_bytes(self) -> int:
        """The most memory one device will hold."""
        return max((stage.peak_bytes for stage in self.stages), default=0)

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
    costs: Costs | None = None,
    budgets: Mapping[DeviceId, Budget] | None = None,
    loaded: Mapping[ServiceId, frozenset[ModelId]] | None = None,
    waiting: Mapping[ServiceId, int] | None = None,
    effort: Effort = FILM_EFFORT,
) -> Plan:
    """Decide what to do, where and when; ``budgets`` as in ``Plan``.

    Args:
        refuse: why a service cannot do a step in a way, or None.
        find: what is already made; ``Store.find``.
        force: step ids or node paths to do again although they are there.
        only: the node to make, with what it needs; "" for everything.
        sizes: bytes of each model when resident; what needs another model is refused.
        costs: what experience says of a way on a machine; ``Learned.costs``.
        loaded: what each service holds already; ``waiting``, pieces of others' work it has.

    Raises:
        PlanError: nobody can do a step; every missing kind is named.
        OutOfMemoryBudget: a step needs more memory than any device may use.
    """
    known, sizes, budgets = {device.id: device for device in devices}, sizes or {}, budgets or {}
    able = Candidates(known, services, refuse, sizes, costs=costs, budgets=budgets, waiting=waiting)
    steps = _wanted(program, only)
    survey = _Survey(program, find, able, frozenset(force)).look_at(steps)
    there = {service.id: service for service in services}
    said = _said(program, survey.cached, steps, find)
    choices = cast(survey.choices, said, there)
    stages, figures = staged(choices, known, there, sizes, loaded or {}, effort)
    return Plan(
        stages=stages, steps={step.id: step for step in steps}, cached=survey.cached,
        dirty=survey.dirty, services=there, devices=known, sizes=sizes, figures=figures,
        budgets=budgets, said=said,
    )  # fmt: skip


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


def _said(
    program: Program, cached: Mapping[StepId, Artifact], wanted: Sequence[Step], find: Find
) -> tuple[tuple[Step, ServiceId], ...]:
    """The film's lines that are there, with who spoke them; also those beside what is wanted."""
    looked_at = {step.id for step in wanted}
    beside = {
        step.id: found
        for step in program.steps.values()
        if step.kind == SPEECH and step.id not in looked_at
        if isinstance(found := find(step), Artifact)
    }
    return tuple(said_by(program.steps, {**cached, **beside}))


def _belongs(step: Step, node: str) -> bool:
    inside = f"{node}/"
    return any(owner == node or owner.startswith(inside) for owner in (step.node, *step.also))


class _Survey:
    """Goes through the steps once, parents first, and says of each what becomes of it."""

    def __init__(
        self, program: Program, find: Find, candidates: Candidates, force: frozenset[str]
    ) -> None:
        self.choices: list[Choice] = []
        self.cached: dict[StepId, Artifact] = {}
        self.dirty: dict[StepId, Dirty] = {}
        self._intents = {id: step.intent for id, step in program.steps.items()}
        self._order = {id: step.order for id, step in program.steps.items()}
        self._kinds = {id: step.kind for id, step in program.steps.items()}
        self._find = find
        self._candidates = candidates
        self._force = force
        #: What each step's result is or will be, against what was asked.
        self._fidelity: dict[StepId, Fidelity] = {}
        #: Steps whose result will be another one although their intent is the same.
        self._anew: set[StepId] = set()

    def look_at(self, steps: Iterable[Step]) -> _Survey:
        """Look at every step; the survey.

        Raises:
            PlanError: nobody can do some of them.
        """
        for step in steps:
            self.look(step)
        self._candidates.check()
        return self

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
        choice = self._candidates.choose(with_what_is_real(step, self._fidelity))
        if choice is not None:
            self.choices.append(choice)
            self._fidelity[step.id] = self._reach(choice.step, choice.fidelity)

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
        asked = with_what_is_real(step, self._fidelity)
        return self._reach(asked, self._candidates.best_fidelity(asked)) > there.fidelity

    def _reach(self, step: Step, option: Fidelity) -> Fidelity:
        """A result is no better than what it is made from."""
        known = self._fidelity
        from_ = self._made_from(step)
        return min([option, *(known[id] for id in from_ if id in known)])

    def _made_from(self, step: Step) -> Collection[StepId]:
        """Of what it waits for, what it uses."""
        if any(self._kinds[id] in LIKENESSES for id in step.after):
            return {ref.step for ref in references(step.inputs)}
        return step.after
