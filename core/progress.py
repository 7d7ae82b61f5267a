# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is and when it will end: an estimate that improves.

Every finished step says how much slower or faster than estimated its kind of work
goes here; what is still to do is corrected by it.  Experience from earlier runs is
where it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .plan import Plan
from .state import NodeState
from .step import Placed, StepId

__all__ = ["Pacing", "RunProgress", "StageProgress"]

#: Least seconds a step counts for: an estimate of nothing would show no progress.
_LEAST_S = 0.05
#: How much each finished step counts against what was known before.
_NEWEST_SHARE = 0.3
#: How much of a step has to be done until its own pace tells when it ends.
_TELLING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress:
    """One stage.  ``fraction`` is by time, 0–1; ``eta_s`` from now to its end."""

    title: str
    done: int
    total: int
    fraction: float
    eta_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """The whole run.  ``done`` counts settled steps of those to do; ``cached`` are not among them.

    ``fraction`` only grows; where there is more to do than was thought, it waits.

    ``warning`` says that the storage or a card's memory is nearly full, or who is waited for.
    """

    done: int
    total: int
    cached: int
    fraction: float
    eta_s: float
    elapsed_s: float
    stages: tuple[StageProgress, ...]
    warning: str = ""


@dataclass(slots=True)
class _StageCount:
    title: str
    device: str
    slots: int
    total: int
    done: int = 0


class Pacing:
    """Counts what is done and learns how fast it goes.  Owned by the run.

    Work is summed by stage and kind as estimated, and corrected by each kind's pace
    when somebody looks: looking costs the same whatever the film's length.
    """

    def __init__(self, plan: Plan, pace: Mapping[tuple[str, str], float]) -> None:
        self._pace = dict(pace)
        self._stage_of: dict[StepId, int] = {}
        self._placed: dict[StepId, Placed] = {}
        self._work: dict[tuple[int, tuple[str, str]], tuple[float, float]] = {}
        self._stages: list[_StageCount] = []
        self._cooking: dict[StepId, tuple[Placed, float]] = {}
        self._cached = len(plan.cached)
        self._farthest = 0.0  #: what was last shown: an estimate that grows takes nothing back
        for number, stage in enumerate(plan.stages):
            service = plan.services[stage.service]
            self._stages.append(
                _StageCount(
                    title=str(stage.service),
                    device=str(stage.device),
                    slots=service.slots,
                    total=len(stage.steps),
                )
            )
            for placed in stage.steps:
                self._stage_of[placed.step.id] = number
                self._placed[placed.step.id] = placed
                self._add(number, placed, total=_weight(placed), done=0.0)

    def _add(self, number: int, placed: Placed, *, total: float, done: float) -> None:
        key = (number, _kind(placed))
        was_total, was_done = self._work.get(key, (0.0, 0.0))
        self._work[key] = (was_total + total, was_done + done)

    def replanned(self, plan: Plan, settled: Iterable[StepId]) -> Pacing:
        """The same experience for another plan of the same work; ``settled`` steps are behind it."""
        other = Pacing(plan, self._pace)
        placed = {each.step.id: each for each in plan.to_do}
        for id in settled:
            if id in placed:
                other.settled(placed[id], NodeState.CACHED)
        other._farthest = self._farthest
        other._cooking = {id: each for id, each in self._cooking.items() if id in placed}
        return other

    def cooking(self, placed: Placed, fraction: float) -> None:
        """A step is this far."""
        self._cooking[placed.step.id] = (placed, min(1.0, max(0.0, fraction)))

    def settled(self, placed: Placed, state: NodeState, seconds: float = 0.0) -> None:
        """A step is done with; ``seconds`` is what it took when it was made."""
        self._cooking.pop(placed.step.id, None)
        number = self._stage_of.get(placed.step.id)
        if number is None:  # no plan holds it any more
            return
        self._stages[number].done += 1
        self._add(number, placed, total=0.0, done=_weight(placed))
        if state is NodeState.COOKED and seconds > 0:
            key, ratio = _kind(placed), self.ratio(placed, seconds)
            before = self._pace.get(key)
            self._pace[key] = ratio if before is None else before + (ratio - before) * _NEWEST_SHARE

    @staticmethod
    def ratio(placed: Placed, seconds: float) -> float:
        """How much longer than estimated a step took."""
        return seconds / _weight(placed)

    def left_s(self, step: StepId, elapsed_s: float = 0.0) -> float:
        """Seconds of work left of a step that is not settled, as fast as its kind goes here.

        ``elapsed_s`` is how long it has been worked on: from a tenth on that says more than what
        was estimated.  0 for a step that no plan holds.
        """
        placed = self._placed.get(step)
        if placed is None:
            return 0.0
        _, fraction = self._cooking.get(step, (placed, 0.0))
        if elapsed_s > 0 and fraction >= _TELLING:
            return elapsed_s * (1.0 - fraction) / fraction
        return _weight(placed) * self._pace.get(_kind(placed), 1.0) * (1.0 - fraction)

    def look(self, elapsed_s: float, warning: str) -> RunProgress:
        """Where the run stands."""
        cooking: dict[tuple[int, tuple[str, str]], float] = {}
        for placed, fraction in self._cooking.values():
            key = (self._stage_of[placed.step.id], _kind(placed))
            cooking[key] = cooking.get(key, 0.0) + _weight(placed) * fraction
        total = [0.0] * len(self._stages)
        done = [0.0] * len(self._stages)
        for key, (estimated, finished) in self._work.items():
            pace = self._pace.get(key[1], 1.0)
            total[key[0]] += estimated * pace
            done[key[0]] += min(estimated, finished + cooking.get(key, 0.0)) * pace
        stages = tuple(
            StageProgress(
                title=stage.title,
                done=stage.done,
                total=stage.total,
                fraction=1.0 if stage.done == stage.total else done[number] / total[number],
                eta_s=max(0.0, total[number] - done[number]) / stage.slots,
            )
            for number, stage in enumerate(self._stages)
        )
        by_device: dict[str, float] = {}
        for stage, seen in zip(self._stages, stages, strict=True):
            by_device[stage.device] = by_device.get(stage.device, 0.0) + seen.eta_s
        count, settled = sum(s.total for s in stages), sum(s.done for s in stages)
        share = 1.0 if settled == count else min(1.0, sum(done) / sum(total))
        self._farthest = max(self._farthest, share)
        return RunProgress(
            done=settled,
            total=count,
            cached=self._cached,
            fraction=self._farthest,
            eta_s=max(by_device.values(), default=0.0),
            elapsed_s=elapsed_s,
            stages=stages,
            warning=warning,
        )


def _weight(placed: Placed) -> float:
    return max(_LEAST_S, placed.option.seconds)


def _kind(placed: Placed) -> tuple[str, str]:
    return placed.option.executor, placed.step.kind
