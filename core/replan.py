# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan taken up again in the middle: something happened, and what is left is done another way.

What is settled or under way stays where it was planned; everything else is placed anew with what
there is now, keeping what is loaded.  Pure, and quick enough for the thread that draws.  Whether
something calls for it is decided in ``detour``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .candidates import Candidates, Choice, Costs, Refuse, Spent
from .casting import cast
from .errors import MovieDirectorError, OutOfMemoryBudget, PlanError
from .garbage import collector_paused
from .likeness import with_what_is_real
from .plan import Plan
from .planner import Effort
from .staging import Figures, staged
from .step import Device, Fidelity, ModelId, Placed, Service, ServiceId, Stage, Step, StepId

__all__ = ["Replanned", "replan"]

#: Everybody waits: the first answer, and moves from it only where each takes next to no time.
FEW_STEPS = 60
FEW_EFFORT, REPLAN_EFFORT = (
    Effort(seconds=0.02, share=0.02, given=0.08),
    Effort(share=0, given=0.08),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """The plan from here on.

    ``plan`` holds all stages: those begun, with the steps that are settled or under way, then the
    new ones.  ``given_up`` can be done by nobody any more, with the reason; ``notes`` say of the
    steps that are done another way now how and why.
    """

    plan: Plan
    given_up: Mapping[StepId, MovieDirectorError] = field(default_factory=dict)
    notes: Mapping[StepId, str] = field(default_factory=dict)


@collector_paused()
def replan(
    plan: Plan,
    *,
    refuse: Refuse,
    done: Collection[StepId] = (),
    running: Collection[StepId] = (),
    failed: Mapping[StepId, MovieDirectorError] | None = None,
    spent: Collection[Spent] = (),
    devices: Collection[Device] | None = None,
    services: Collection[Service] | None = None,
    gone: Collection[ServiceId] = (),
    avoid: Collection[ServiceId] = (),
    loaded: Mapping[ServiceId, frozenset[ModelId]] | None = None,
    costs: Costs | None = None,
    why: str = "",
    now_s: float = 0.0,
    effort: Effort | None = None,
) -> Replanned:
    """The plan for what is left after one event.

    Args:
        done: steps that are settled, made or not; ``running`` are under way.
        failed: steps to be done another way, with what is said when there is none.
        spent: ways that must not be taken again.
        devices, services: what there is now, instead of the plan's.
        gone: services that no longer answer; only what nobody else can do stays theirs.
        avoid: services that fail; what only a stand-in could replace stays theirs as well.
        loaded: what each service holds.
        why: what happened, in words; ``now_s``: seconds since the start of the run.
    """
    there = {service.id: service for service in services or plan.services.values()}
    known = {device.id: device for device in devices or plan.devices.values()}
    plan = replace(plan, services={**plan.services, **there}, devices=known)
    asked = [
        _candidates(plan, there, without, refuse, costs, spent) for without in _rounds(gone, avoid)
    ]
    keep = {*done, *running}
    search = _Search(asked, failed or {}, _made(plan, keep), picky=bool(avoid))
    choices = cast([*search.choices(_left(plan, keep))], _said(plan, keep), plan.services)
    usual = FEW_EFFORT if len(choices) <= FEW_STEPS else REPLAN_EFFORT
    stages, figures = staged(choices, known, there, plan.sizes, loaded or {}, effort or usual)
    joined, notes = _joined(plan, keep, stages, figures, why, now_s)
    return Replanned(plan=joined, given_up=search.given_up, notes=notes)


def _candidates(
    plan: Plan,
    there: Mapping[ServiceId, Service],
    without: Collection[ServiceId],
    refuse: Refuse,
    costs: Costs | None,
    spent: Collection[Spent],
) -> Candidates:
    left = [service for id, service in there.items() if id not in without]
    return Candidates(
        plan.devices, left, refuse, plan.sizes, costs=costs, budgets=plan.budgets, spent=spent
    )


def _rounds(
    gone: Collection[ServiceId], avoid: Collection[ServiceId]
) -> list[Collection[ServiceId]]:
    """Without whom it is asked, the best first."""
    rounds: list[Collection[ServiceId]] = [{*gone, *avoid}] if avoid else []
    return [*rounds, gone, ()] if gone else [*rounds, ()]


def _joined(
    plan: Plan,
    keep: Collection[StepId],
    stages: Sequence[Stage],
    figures: Figures,
    why: str,
    now_s: float,
) -> tuple[Plan, dict[StepId, str]]:
    """What was begun, then the new stages; and what is said of the steps that moved."""
    before = {placed.step.id: placed for placed in plan.to_do}
    notes = {
        placed.step.id: _note(before[placed.step.id], placed, why)
        for stage in stages
        for placed in stage.steps
        if _moved(before[placed.step.id], placed)
    }
    kept, spans = _kept(plan, keep)
    joined = replace(
        plan,
        stages=(*kept, *(_with_notes(stage, notes) for stage in stages)),
        figures=_summed(plan, kept, spans, figures, now_s),
    )
    return joined, notes


def _left(plan: Plan, keep: Collection[StepId]) -> list[Step]:
    """The steps still to be placed, as they were asked for, in the film's order."""
    left = (plan.steps[placed.step.id] for placed in plan.to_do if placed.step.id not in keep)
    return sorted(left, key=lambda step: step.order)


def _made(plan: Plan, keep: Collection[StepId]) -> dict[StepId, Fidelity]:
    """What is there, or under way, against what was asked."""
    made = {id: artifact.fidelity for id, artifact in plan.cached.items()}
    for placed in plan.to_do:
        if placed.step.id in keep:
            made[placed.step.id] = placed.option.fidelity
    return made


def _said(plan: Plan, keep: Collection[StepId]) -> Iterator[tuple[Step, ServiceId]]:
    """Who spoke the lines that stay, or is speaking them."""
    yield from plan.said
    yield from ((each.step, each.service.id) for each in plan.to_do if each.step.id in keep)


class _Search:
    """Asks who can do each step now; what nobody can is given up, with what needs it."""

    def __init__(
        self,
        asked: Sequence[Candidates],
        failed: Mapping[StepId, MovieDirectorError],
        made: Mapping[StepId, Fidelity],
        *,
        picky: bool,
    ) -> None:
        """``asked`` in turn, until one knows a way; ``picky``: the first only for as much as the next.

        ``made`` is what is there already, against what was asked.
        """
        self.given_up: dict[StepId, MovieDirectorError] = {}
        self._dropped: set[StepId] = set()
        self._asked = asked
        self._failed = failed
        self._made = dict(made)
        self._picky = picky

    def choices(self, steps: Sequence[Step]) -> Iterator[Choice]:
        """The ways of each step that can be done."""
        for step in steps:
            if not self._dropped.isdisjoint(step.after):
                self._dropped.add(step.id)
                continue
            choice = self._choice(with_what_is_real(step, self._made))
            if choice is not None:
                self._made[step.id] = choice.fidelity
                yield choice

    def _choice(self, step: Step) -> Choice | None:
        error = self._failed.get(step.id)
        # What has just failed is not sent back to where it failed.
        for candidates in self._asked[:1] if error is not None else self._asked:
            try:
                found = candidates.choose(step)
            except OutOfMemoryBudget as tight:
                error = error or tight
                continue
            if found is not None and self._good(found, candidates, error):
                return found
        self._dropped.add(step.id)
        self.given_up[step.id] = error or PlanError(
            "Nothing that is left can do this.",
            remedy="Start a service that can, and evaluate again.",
            where=step.node,
        )
        return None

    def _good(self, found: Choice, by: Candidates, error: MovieDirectorError | None) -> bool:
        """Whether it is taken: from those that were asked first, not if the next give more."""
        if not self._picky or by is not self._asked[0] or error is not None:
            return True
        return found.fidelity.enough or found.fidelity >= self._asked[1].best_fidelity(found.step)


def _moved(before: Placed, now: Placed) -> bool:
    return before.option != now.option or before.service.id != now.service.id


def _note(before: Placed, now: Placed, why: str) -> str:
    """How a step is done now, such as "fp8 instead of fp16, on comfy2: the memory ran out"."""
    how = ""
    if now.option != before.option:
        how = now.option.note
        if not how and not now.option.fidelity.enough:
            how = "a stand-in"
    if now.service.id != before.service.id:
        how = f"{how}, on {now.service.id}" if how else f"now on {now.service.id}"
    how = how or "done another way"
    return f"{how}: {why}" if why else how


def _with_notes(stage: Stage, notes: Mapping[StepId, str]) -> Stage:
    """The stage with what happened among the reasons of its steps, so that it gets recorded."""
    if not any(placed.step.id in notes for placed in stage.steps):
        return stage
    steps = tuple(
        replace(placed, reason=f"{notes[placed.step.id]}; {placed.reason}")
        if placed.step.id in notes
        else placed
        for placed in stage.steps
    )
    return replace(stage, steps=steps)


def _kept(plan: Plan, keep: Collection[StepId]) -> tuple[list[Stage], list[tuple[float, float]]]:
    """The stages begun, with the steps that stay; their memory was made room for long ago."""
    stages, spans = [], []
    for number, stage in enumerate(plan.stages):
        steps = tuple(placed for placed in stage.steps if placed.step.id in keep)
        if steps:
            stages.append(replace(stage, steps=steps, frees=()))
            spans.append(plan.figures.spans[number] if plan.figures.spans else (0.0, 0.0))
    return stages, spans


def _summed(
    plan: Plan,
    kept: Sequence[Stage],
    spans: Sequence[tuple[float, float]],
    rest: Figures,
    now_s: float,
) -> Figures:
    """What the whole comes to; waste and proof are those of the rest."""
    loaded = sum(plan.sizes.get(model, 0) for stage in kept for model in stage.load)
    return replace(
        rest,
        spans=(*spans, *((start + now_s, end + now_s) for start, end in rest.spans)),
        seconds=max([rest.seconds + now_s, *(end for _, end in spans)]),
        loads=rest.loads + sum(len(stage.load) for stage in kept),
        loaded_bytes=rest.loaded_bytes + loaded,
        lower_bound_bytes=rest.lower_bound_bytes + loaded,
    )
