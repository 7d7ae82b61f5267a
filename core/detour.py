# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run leaves its plan: a way ran out of memory twice, or a service is gone for good.

Remembers what was tried, so that no way is tried again and again.  How the rest is placed is
``replan``'s.
"""

from __future__ import annotations

from collections.abc import Mapping

from .candidates import Spent
from .errors import MovieDirectorError, OutOfMemory
from .executor import Executor, Failed, Lost
from .learning_file import Lessons
from .plan import Plan
from .replan import Replanned, replan
from .schedule import MOST_ATTEMPTS
from .standing import State
from .state import SETTLED
from .step import Option, Placed, Service, ServiceId, Step

__all__ = ["Detour"]


class Detour:
    """Owned by the run."""

    def __init__(self, executors: Mapping[str, Executor], lessons: Lessons | None) -> None:
        self._executors = executors
        self._lessons = lessons
        self._spent: set[Spent] = set()
        #: Services that no longer answer.
        self.gone: set[ServiceId] = set()

    def around(
        self, plan: Plan, state: State, placed: Placed, event: Failed | Lost, elapsed_s: float
    ) -> Replanned | None:
        """The plan from here on; None when the schedule knows what to do.

        A step that ran out of memory is tried once more with all memory given back, and one that
        was lost a few times; only then is there another plan.
        """
        entry = state.entries[placed.step.id]
        if state.cancelled or state.halted or not entry.running:
            return None
        if isinstance(event, Lost):
            if entry.attempt < MOST_ATTEMPTS:
                return None
            self.gone.add(placed.service.id)
            return self._replanned(plan, state, placed, event.error, elapsed_s)
        if not isinstance(event.error, OutOfMemory) or not entry.starved:
            return None
        alike = (each for each in placed.step.options if _sent_alike(each, placed.option))
        self._spent.update((placed.step.id, placed.service.id, each) for each in alike)
        _say_what_is_forbidden(event.error, placed)
        return self._replanned(plan, state, placed, event.error, elapsed_s)

    def _replanned(
        self,
        plan: Plan,
        state: State,
        placed: Placed,
        error: MovieDirectorError,
        elapsed_s: float,
    ) -> Replanned | None:
        step, service = placed.step, placed.service.id
        found = replan(
            plan,
            refuse=self._refuse,
            done=[id for id, each in state.entries.items() if each.state in SETTLED],
            running=[id for id, each in state.entries.items() if each.running and id != step.id],
            failed={step.id: error},
            spent=self._spent,
            gone=self.gone,
            loaded={id: held for id, held in state.resident.items() if id not in self.gone},
            costs=self._lessons.learned.costs if self._lessons else None,
            why=f"{service} was lost" if service in self.gone else f"memory ran out on {service}",
            now_s=elapsed_s,
        )
        return found if found.notes else None

    def _refuse(self, step: Step, option: Option, service: Service) -> str | None:
        executor = self._executors.get(service.executor)
        return "it is not here" if executor is None else executor.refuse(step, option, service)


def _sent_alike(one: Option, other: Option) -> bool:
    """Whether a service is asked the very same; what is resident meanwhile is the plan's view."""
    return (one.executor, one.workflow, one.precision, one.size) == (
        other.executor, other.workflow, other.precision, other.size,
    )  # fmt: skip


def _say_what_is_forbidden(error: MovieDirectorError, placed: Placed) -> None:
    """Into the remedy, the first way down that the node forbids, with what it saves."""
    for option in sorted(placed.step.options, key=lambda option: -option.fidelity):
        if not option.allowed and option.note and not _sent_alike(option, placed.option):
            error.remedy = (
                f"Allow something simpler on its Backend node ({option.note}), or close what else "
                "uses the card."
            )
            return
