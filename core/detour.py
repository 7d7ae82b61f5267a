# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run leaves its plan: a way ran out of memory twice, or a service fails or is gone.

It also hears when a card has less memory than was planned with (``shortage``).
What failed for good at one service is tried at another that gives as much; a service that failed
three times with nothing made in between gets no more work of this run, but what nobody else can do.
Remembers what was tried, so that no way is tried again and again.  How the rest is placed is
``replan``'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .amounts import amount
from .budget import Reading
from .candidates import Candidates, Spent
from .errors import MovieDirectorError, OutOfMemory, ServiceError
from .executor import Executor, Failed, Lost
from .happenings import Anew
from .learning_file import Lessons
from .plan import Plan
from .replan import Replanned, replan
from .schedule import MOST_ATTEMPTS
from .shortage import Shortage
from .standing import State
from .state import SETTLED
from .step import DeviceId, Fidelity, Option, Placed, Service, ServiceId, Step, StepId

__all__ = ["MOST_FAILURES", "Detour"]

log = logging.getLogger(__name__)

#: Failures of a service, with nothing made in between, until it gets no more work.
MOST_FAILURES = 3


class Detour:
    """Owned by the run."""

    def __init__(self, executors: Mapping[str, Executor], lessons: Lessons | None) -> None:
        self._executors = executors
        self._lessons = lessons
        self._spent: set[Spent] = set()
        #: Services that no longer answer, and those that failed too often.
        self.gone: set[ServiceId] = set()
        self.blocked: set[ServiceId] = set()
        self._failures: dict[ServiceId, int] = {}
        self.shortage = Shortage()

    def succeeded(self, service: ServiceId) -> None:
        """It made something: what failed before does not count."""
        self._failures.pop(service, None)

    def anew(self, found: Replanned, *ended: StepId) -> Anew:
        """What the schedule is told of another plan; the attempts at ``ended`` are over."""
        return Anew(
            stages=found.plan.stages,
            given_up=found.given_up,
            ended=frozenset(ended),
            gone=frozenset(self.gone),
        )

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
            why = f"{placed.service.id} was lost"
            return self._replanned(plan, state, placed, event.error, elapsed_s, why)
        if not isinstance(event.error, OutOfMemory):
            final = not event.transient or entry.attempt >= MOST_ATTEMPTS
            return self._failed(plan, state, placed, event.error, elapsed_s, final=final)
        if not entry.starved:
            return None
        alike = (each for each in placed.step.options if _sent_alike(each, placed.option))
        self._spent.update((placed.step.id, placed.service.id, each) for each in alike)
        _say_what_is_forbidden(event.error, placed)
        why = f"memory ran out on {placed.service.id}"
        return self._replanned(plan, state, placed, event.error, elapsed_s, why)

    def does_as_well(self, plan: Plan, placed: Placed) -> bool:
        """Whether another service can do a step well enough, were its own not there."""
        without = {*self.gone, *self.blocked, placed.service.id}
        others = [each for id, each in plan.services.items() if id not in without]
        asked = Candidates(
            plan.devices, others, self._refuse, plan.sizes, budgets=plan.budgets, spent=self._spent
        )
        return asked.best_fidelity(placed.step).enough

    def without(
        self, plan: Plan, state: State, service: ServiceId, elapsed_s: float
    ) -> Replanned | None:
        """The plan from here on where a service was waited for in vain; None: nobody else can."""
        if state.cancelled or state.halted:
            return None
        self.gone.add(service)
        return self._replanned(plan, state, None, None, elapsed_s, f"{service} was lost")

    def given_back(
        self,
        plan: Plan,
        state: State,
        device: DeviceId,
        read: Callable[[], Sequence[Reading]],
        elapsed_s: float,
        error: MovieDirectorError | None,
    ) -> Replanned | None:
        """The plan from here on where a card has less than was planned with, or has it again.

        What would fit nowhere is left as it was planned: its service may manage all the same.
        """
        if error is not None:
            log.warning("memory of %s was not given back: %s", device, error)
            self.shortage.kept(device)
        if state.lines[device].freeing > 1 or state.cancelled or state.halted:
            return None
        budget = self.shortage.look(plan, state, device, read)
        if budget is None:
            return None
        had, free = plan.devices[device], amount(budget.free_bytes)
        now = replace(
            plan,
            budgets={**plan.budgets, device: budget},
            devices={**plan.devices, device: replace(had, budget_bytes=budget.bytes)},
        )
        less = budget.bytes < had.budget_bytes
        why = f"only {free} of {device} are free" if less else f"{free} of {device} are free again"
        found = self._replanned(now, state, None, None, elapsed_s, why)
        if found is None or found.given_up:
            return None
        log.warning("what is left is planned anew: %s: %s", why, budget.explain())
        return found

    def _failed(
        self,
        plan: Plan,
        state: State,
        placed: Placed,
        error: MovieDirectorError,
        elapsed_s: float,
        *,
        final: bool,
    ) -> Replanned | None:
        """Another service's turn, where there is one; a stand-in never hides that something failed."""
        step, service = placed.step, placed.service.id
        others = [
            each.id
            for each in plan.services.values()
            if each.id != service and each.id not in self.gone and step.kind in each.capabilities
        ]
        # What was asked in a wrong way, or has no room here, is wrong everywhere.
        if not isinstance(error, ServiceError) or not others:
            return None
        count = self._failures[service] = self._failures.get(service, 0) + 1
        blocks = count >= MOST_FAILURES and service not in self.blocked
        if blocks:
            self.blocked.add(service)
        elif not final:
            return None
        why = f"{service} failed {count} times in a row" if blocks else f"{service} failed"
        if not final:
            return self._replanned(plan, state, placed, None, elapsed_s, why)
        self._spent.update((step.id, service, each) for each in step.options)
        self._spent.update(
            (step.id, id, each)
            for id in others
            for each in step.options
            if each.fidelity < min(placed.option.fidelity, Fidelity.OFFLOADED)
        )
        return self._replanned(plan, state, placed, error, elapsed_s, why)

    def _replanned(
        self,
        plan: Plan,
        state: State,
        placed: Placed | None,
        error: MovieDirectorError | None,
        elapsed_s: float,
        why: str,
    ) -> Replanned | None:
        """``error`` is what is said where the step can be done by nobody else; None: it goes on."""
        about = placed.step.id if placed is not None else None
        found = replan(
            plan,
            refuse=self._refuse,
            done=[id for id, each in state.entries.items() if each.state in SETTLED],
            running=[id for id, each in state.entries.items() if each.running and id != about],
            failed={about: error} if about is not None and error is not None else {},
            spent=self._spent,
            gone=self.gone,
            avoid=self.blocked,
            loaded={id: held for id, held in state.resident.items() if id not in self.gone},
            costs=self._lessons.learned.costs if self._lessons else None,
            why=why,
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
