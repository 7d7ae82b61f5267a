# SPDX-License-Identifier: GPL-3.0-or-later
"""What one Wan2GP server is to do, does and did: orders, gathered into jobs and followed to their end.

Orders with the same locked settings that lie here together become one job: one submission, one load
of the model, no pause between.  Nobody is in charge: whichever thread finds something due does it for
all.  How threads come by a desk is not here.
"""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import (
    BadAnswer,
    MovieDirectorError,
    ServiceError,
    ServiceRefused,
    StepFailed,
)
from ...core.executor import CancelFlag
from .._service import Errand
from . import following
from .batch import Batch, End
from .following import Busy, failure, listed, look, stop, submit
from .job import Fault, Item
from .mcp import ToolFailed

__all__ = ["AT_ONCE", "Desk", "NeverBegun", "Order"]

log = logging.getLogger(__name__)

#: Tasks of one job at most: what a restart of the server costs, and a film's first results wait for.
AT_ONCE = 8
#: Seconds that the first of some orders waits for the others: a run hands over what is ready at once.
GATHER_S = 0.3
#: Seconds between two looks at what it has made, where it does not tell that a task is done.
LIST_S = 5.0


class NeverBegun(Exception):
    """A job ended before the task's turn came: it may be handed in anew."""


@dataclass(slots=True, eq=False)
class Order:
    """One thing to make; ``settings`` are None where an earlier run handed it in."""

    id: str
    errand: Errand
    since: float
    recipe: Mapping[str, Any]
    settings: Mapping[str, Any] | None = None
    alone: bool = False  #: not to be handed in with others
    batch: Batch | None = None
    trouble: Exception | None = None

    @property
    def alike(self) -> str:
        """The same for orders that go together."""
        return self.id if self.alone else str(self.recipe["locked"])


@dataclass(slots=True)
class Desk:
    """What one server is to do, does and did.  Owned by the thread that took it."""

    waiting: list[Order] = field(default_factory=list)
    active: Batch | None = None  #: the job it works on, as far as it is ours
    batches: dict[str, Batch] = field(default_factory=dict)
    last: str = ""  #: what was handed in last was like this
    not_before: float = 0.0
    lists: bool = True  #: whether it can list its files
    listed: tuple[int, float] = (0, 0.0)  #: at which task it was asked last, and when

    # --- for one order --------------------------------------------------------------------

    def turn(self, order: Order) -> tuple[Item, ...] | None:
        """Do what is due; the order's files once they are there.  Errors as ``Desks.made``."""
        if order.batch is None and order.trouble is None:
            self._go_on(order)
        batch = order.batch
        if order.trouble is not None:
            if batch is not None:
                self._settled(batch, order)
            raise order.trouble
        if batch is None:
            return None
        self._look(batch, order.errand, order.errand.cancel)
        if batch.trouble is not None:
            self._settled(batch, order)
            raise copy.copy(batch.trouble)
        end = batch.ending(order.id)
        if order.settings is not None and (end is not None or order.id == batch.current):
            order.errand.accepted()
        if end is None:
            if order.id == batch.current and batch.seen is not None:
                order.errand.progress(batch.fraction(order.id), batch.seen.note)
            return None
        self._settled(batch, order)
        if isinstance(end, Fault):
            raise failure(end, order.errand.who)
        if isinstance(end, End):
            self._anew(order, end)
            return None
        return end

    def joined(self, job: str, ids: tuple[str, ...], id: str) -> Batch:
        """A job that an earlier run handed in, as one of those who wait for it."""
        batch = self.batches.get(job)
        if batch is None or batch.trouble is not None or id not in batch.ids:
            batch = Batch(job=job, ids=ids, began=time.monotonic(), wanted=set())
            batch.heard = batch.began
            self.batches[job] = batch
        batch.wanted.add(id)
        if self.active is None or self.active.over or self.active.trouble is not None:
            self.active = batch
        return batch

    def dropped(self, order: Order) -> bool:
        """Nobody waits for it any more; whether the server may be at work on it."""
        if order in self.waiting:
            self.waiting.remove(order)
        batch = order.batch
        if batch is None or batch.over or batch.trouble is not None:
            return False
        batch.wanted.discard(order.id)
        batch.given_up.add(order.id)
        return True

    def stopping(self, order: Order) -> bool:
        """Have the job stopped where nobody wants what is made; whether it still works on that."""
        batch = order.batch
        assert batch is not None, "only what was handed in is stopped"
        if batch.trouble is not None or not (batch.stopping or batch.unwanted):
            return False
        self._stop_unwanted(batch, order.errand)
        self._look(batch, order.errand, None, every=following.POLL_S / 5)
        return not batch.over and batch.trouble is None

    def _settled(self, batch: Batch, order: Order) -> None:
        batch.wanted.discard(order.id)
        self._stop_unwanted(batch, order.errand)
        if not batch.wanted and self.batches.get(batch.job) is batch:
            del self.batches[batch.job]

    def _anew(self, order: Order, end: End) -> None:
        if order.settings is None:
            raise NeverBegun
        order.batch, order.alone, order.since = None, end is End.ALONE, time.monotonic()
        self.waiting.append(order)

    # --- for all of them ------------------------------------------------------------------

    def _go_on(self, order: Order) -> None:
        """Hand in what is due, if this order is in it; until then look after what is under way."""
        active, now = self.active, time.monotonic()
        if active is not None and not active.over and active.trouble is None:
            self._look(active, order.errand, order.errand.cancel)
            return
        group = self._next()
        if order not in group or now < self.not_before:
            return
        if len(group) == AT_ONCE or now - group[0].since >= GATHER_S or order.alone:
            self._hand_in(group, order.errand)

    def _next(self) -> list[Order]:
        """Those that go together next: like what was handed in last, else the one that came first."""
        alike = {order.alike for order in self.waiting}
        kind = self.last if self.last in alike else self.waiting[0].alike
        return [order for order in self.waiting if order.alike == kind][:AT_ONCE]

    def _hand_in(self, group: list[Order], errand: Errand) -> None:
        errand.check()
        try:
            job = submit(errand.http, {each.id: each.settings or {} for each in group})
        except Busy:
            self.not_before = time.monotonic() + following.BUSY_S
            errand.progress(0.0, "waiting: Wan2GP works on something else")
            return
        except ToolFailed as error:
            # It takes all or none, and does not say which of them it will not have.
            for each in group:
                each.alone = True
            if len(group) == 1:
                self._told(group, _refused(error))
            return
        except ServiceError as error:
            self._told(group, error)
            return
        self._taken_on(job.id, group)

    def _told(self, group: list[Order], error: Exception) -> None:
        for each in group:
            self.waiting.remove(each)
            each.trouble = copy.copy(error)

    def _taken_on(self, job: str, group: list[Order]) -> None:
        """It is the server's; every letter says so before anybody else has the desk."""
        now, ids = time.monotonic(), tuple(each.id for each in group)
        batch = Batch(job=job, ids=ids, began=now, wanted=set(ids), heard=now)
        self.active = self.batches[job] = batch
        self.last, self.lists, self.listed = group[0].alike, True, (0, now)
        for each in group:
            self.waiting.remove(each)
            each.batch = batch
            try:
                each.errand.sent(job, {**each.recipe, "task": each.id, "tasks": list(ids)})
            except OSError as error:
                each.trouble = error

    def _look(
        self, batch: Batch, errand: Errand, cancel: CancelFlag | None, every: float | None = None
    ) -> None:
        """Ask how a job is, where that is due; a server that is silent may only load a model."""
        now = time.monotonic()
        pause = following.POLL_S if every is None else every
        if batch.over or batch.trouble is not None or now - batch.looked < pause:
            return
        batch.looked = now
        try:
            job = look(errand.http, batch.job, cancel)
            shown = () if job.done else self._shown(batch, errand, job.number, cancel)
        except MovieDirectorError as error:
            # A short silence, or an answer that cannot be used, says nothing of the job.
            broke = isinstance(error, ServiceRefused) and error.status >= 500
            passing = getattr(error, "silent", False) or isinstance(error, BadAnswer) or broke
            if not passing or now - batch.heard > following.SILENCE_S:
                batch.trouble = _refused(error) if isinstance(error, ToolFailed) else error
            return
        batch.hear(job, shown, time.monotonic())
        self._stop_unwanted(batch, errand)

    def _shown(
        self, batch: Batch, errand: Errand, number: int, cancel: CancelFlag | None
    ) -> tuple[Item, ...]:
        """What it has made by now; asked when a task is done, or now and then."""
        now, (at, when) = time.monotonic(), self.listed
        due = number != at if number else now - when > LIST_S
        if len(batch.ids) == 1 or not self.lists or not due:
            return ()
        self.listed = (number, now)
        try:
            return tuple(listed(errand.http, 4 * AT_ONCE, cancel))
        except ToolFailed:
            self.lists = False  # the end of the job tells it all the same
            return ()

    def _stop_unwanted(self, batch: Batch, errand: Errand) -> None:
        if batch.stopping or not batch.unwanted:
            return
        batch.stopping = True
        try:
            stop(errand.http, batch.job)
        except ServiceError as error:
            log.info("whether %s stopped is not known: %s", errand.who, error)


def _refused(error: ToolFailed) -> MovieDirectorError:
    failed = StepFailed(error.what, remedy=error.remedy)
    failed.log = error.log
    return failed
