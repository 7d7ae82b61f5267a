# SPDX-License-Identifier: GPL-3.0-or-later
"""Several tasks in one job of Wan2GP's: which of them is done, under way, wanted no more.  Pure.

The server does them one after the other, goes on when one fails, and can only be told to stop the
whole job.  So a task that is given up while it runs stops the job, and those behind it are handed in
again; one that is given up while it waits is let wait, and stops the job when its turn comes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from ...core.errors import MovieDirectorError
from .job import Fault, Item, Job, Outcome

__all__ = ["Batch", "End", "Ending"]


class End(Enum):
    """A task that is to be handed in anew."""

    AGAIN = "the job ended before its turn came"
    ALONE = "its file cannot be told from the others'"


Ending: TypeAlias = tuple[Item, ...] | Fault | End


@dataclass(slots=True)
class Batch:
    """A job and its tasks by their ids, in their order; times are seconds of a clock.

    ``wanted`` are those that somebody waits for.  Owned by whoever holds its server's desk.
    """

    job: str
    ids: tuple[str, ...]
    began: float
    wanted: set[str]
    given_up: set[str] = field(default_factory=set)
    stopping: bool = False  #: it was asked to stop, by us
    over: bool = False
    trouble: MovieDirectorError | None = None
    seen: Job | None = None
    looked: float = 0.0
    heard: float = 0.0
    _made: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    _faults: dict[str, Fault] = field(default_factory=dict)
    _unclear: bool = False
    _place: int = 0  #: of the task under way; how many there are when all is done
    _turns: list[float] = field(default_factory=list)

    def hear(self, job: Job, shown: Collection[Item], now: float) -> None:
        """Take in what was said of the job, and which files there are by now."""
        self.seen, self.heard = job, now
        outcome = job.outcome if job.done else None
        for id in self.ids:
            mine = tuple(each for each in (outcome.items if outcome else shown) if each.task == id)
            if mine:
                self._made[id] = mine
        for fault in outcome.faults if outcome else job.faults:
            if fault.task in self.ids:
                self._faults[fault.task] = fault
        if outcome is not None:
            self._conclude(outcome)
        self.over = job.done
        self._advance(len(self.ids) if self.over else self._reached(job.number), now)

    @property
    def current(self) -> str:
        """The task under way, as far as is known; "" when all is done."""
        return "" if self.over else self.ids[self._place]

    @property
    def unwanted(self) -> bool:
        """Whether nobody waits for what is being made."""
        if self.over or not self.given_up:
            return False
        return not self.wanted or self.current in self.given_up

    def ending(self, id: str) -> Ending | None:
        """How a task ended: its files, what went wrong, or that it is to be handed in anew."""
        fault = self._faults.get(id)
        if fault is not None and not fault.cancelled:
            return fault
        if not self.over:
            # While it runs, a file may be the first part of one.
            passed = self.ids.index(id) < self._place
            return self._made.get(id) if passed and fault is None else None
        if fault is not None:
            return End.AGAIN if self.stopping else fault
        if id in self._made:
            return self._made[id]
        if self._unclear:
            return End.ALONE
        if self.stopping or any(each.cancelled for each in self._faults.values()):
            return End.AGAIN
        return Fault(task=id, message="")

    def fraction(self, id: str) -> float:
        """How far a task is, as far as what was said last speaks of it."""
        if self.seen is None or id != self.current:
            return 0.0
        return self.seen.fraction if self.seen.number in (0, self._place + 1) else 0.0

    def worked(self, id: str, now: float) -> float:
        """Seconds that a task was under way."""
        place = self.ids.index(id)
        turns = [self.began, *self._turns, now]
        return turns[min(place + 1, len(turns) - 1)] - turns[min(place, len(turns) - 1)]

    def _conclude(self, outcome: Outcome) -> None:
        """What the end says of tasks that neither a file nor an error names."""
        nameless = [each for each in outcome.faults if each.task not in self.ids]
        open_ = [id for id in self.ids if id not in self._made and id not in self._faults]
        if len(self.ids) == 1:
            (only,) = self.ids
            if not (outcome.success and outcome.items):
                said = " ".join(each.message for each in outcome.faults[:5] if each.message)
                stopped = outcome.cancelled or any(each.cancelled for each in outcome.faults)
                self._faults[only] = Fault(task=only, message=said, cancelled=stopped)
            else:
                self._made[only] = outcome.items
        elif any(not each.task for each in outcome.items):
            self._by_order(outcome, open_)
        elif nameless and nameless[0].cancelled:
            self._faults.update(dict.fromkeys(open_[:1], nameless[0]))
        elif nameless:
            self._faults.update(dict.fromkeys(open_, nameless[0]))

    def _by_order(self, outcome: Outcome, open_: list[str]) -> None:
        """A server that leaves our ids out: as many files as tasks, in their order, are theirs."""
        if len(outcome.items) == len(open_):
            self._made.update({id: (each,) for id, each in zip(open_, outcome.items, strict=True)})
        else:
            self._unclear = bool(outcome.items)

    def _reached(self, number: int) -> int:
        """Which task is under way, by what was told and what there is."""
        ended = [place for place, id in enumerate(self.ids) if id in self._made | self._faults]
        after = max(ended, default=-1) + 1
        return min(max(after, number - 1, self._place), len(self.ids) - 1)

    def _advance(self, place: int, now: float) -> None:
        """Note when turns began; those that passed between two looks share the time."""
        before = self._turns[-1] if self._turns else self.began
        count = place - self._place
        for passed in range(1, count + 1):
            self._turns.append(before + (now - before) * passed / count)
        self._place = place
