# SPDX-License-Identifier: GPL-3.0-or-later
"""The tickets of one run: each in the journal before its work is sent, until it is settled.

A service may still know a ticket of an earlier run, or of a connection that was
lost.  Its folder is kept until the step is settled, so that it can be taken up.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .database import noting
from .errors import InputError, MovieDirectorError, OutOfMemory
from .executor import CancelFlag, Produced, Ticket
from .footprints import known_footprints
from .journal import LeftTicket, TicketEnd
from .learning import Learned, keys_of
from .learning_file import Lessons
from .progress import Pacing
from .step import Artifact, Placed, StepId
from .store import Store
from .worker import StepWork, Worker

__all__ = ["Job", "Tickets"]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """A ticket under way.  ``began`` is by the run's clock."""

    placed: Placed
    ticket: Ticket
    worker: Worker
    cancel: CancelFlag
    began: float
    produced: Produced | None = None


class Tickets:
    """Owned by the run; needs the project to be held."""

    def __init__(self, store: Store, lessons: Lessons | None = None) -> None:
        """``lessons`` learns from how tickets end."""
        self.jobs: dict[str, Job] = {}
        self.by_step: dict[StepId, Job] = {}
        self._store = store
        self._lessons = lessons
        self._left: dict[str, LeftTicket] = {}
        self._lost: dict[StepId, Ticket] = {}

    def take_stock(self, to_do: Iterable[Placed]) -> None:
        """Clear what dead runs left, but for tickets of steps that are still to be done."""
        wanted = {placed.step.intent for placed in to_do}
        left = self._store.journal.left()
        self._left = {ticket.intent: ticket for ticket in left if ticket.intent in wanted}
        kept = {ticket.id for ticket in self._left.values()}
        self._store.journal.abandon([ticket.id for ticket in left if ticket.id not in kept])
        self._store.drop_tickets(keep=kept)

    def open(
        self,
        placed: Placed,
        attempt: int,
        inputs: Mapping[StepId, Artifact],
        worker: Worker,
        *,
        now: float,
    ) -> None:
        """Write a new ticket down and hand the work over.

        Raises:
            StoreError: its folder cannot be made.
        """  # fmt: skip
        id = str(uuid.uuid4())
        folder = self._store.ticket_folder(id)
        ticket = Ticket(id=id, step=placed.step.id, attempt=attempt, folder=folder, inputs=inputs)
        cancel = threading.Event()
        job = Job(placed=placed, ticket=ticket, worker=worker, cancel=cancel, began=now)
        with noting(folder):
            self._store.journal.sent(ticket, placed)
        self.jobs[id] = self.by_step[placed.step.id] = job
        worker.idle = False
        earlier = self._earlier(placed, attempt, inputs)
        worker.send(StepWork(placed=placed, ticket=ticket, cancel=cancel, left=earlier))

    def _earlier(
        self, placed: Placed, attempt: int, inputs: Mapping[StepId, Artifact]
    ) -> Ticket | None:
        """A ticket for this step that its service may still know."""
        lost = self._lost.get(placed.step.id)
        if lost is not None:
            return lost
        left = self._left.get(placed.step.intent) if attempt == 1 else None
        if left is None or left.service != placed.service.id:
            return None
        return Ticket(
            id=left.id,
            step=placed.step.id,
            attempt=left.attempt,
            folder=self._store.left_folder(left.id),
            inputs=inputs,
        )

    def close(
        self,
        job: Job,
        end: TicketEnd,
        *,
        seconds: float = 0.0,
        peak_bytes: int = 0,
        error: MovieDirectorError | None = None,
    ) -> None:
        """The ticket is settled, its worker free; but for a lost one its folder goes."""
        job.worker.idle = True
        ticket, step = job.ticket, job.placed.step
        del self.jobs[ticket.id]
        del self.by_step[ticket.step]
        if error is not None:
            error.where = error.where or step.node
        inputs = {id: artifact.path.as_posix() for id, artifact in ticket.inputs.items()}
        try:
            self._store.journal.ended(ticket.id, end, seconds=seconds, error=error, inputs=inputs)
        except sqlite3.Error as trouble:
            # As after a crash: the next run finds the ticket open and looks at the folder.
            log.warning("the end of %s could not be noted: %s", ticket.step, trouble)
        self._learn(job.placed, end, seconds, peak_bytes, error)
        before = self._lost.pop(ticket.step, None)
        if end == "lost":
            self._lost[ticket.step] = ticket
        else:
            self._store.drop_ticket(ticket.id)
        if before is not None:
            self._store.drop_ticket(before.id)
        left = self._left.get(step.intent)
        if left is not None:
            self._store.drop_ticket(left.id)

    def _learn(
        self,
        placed: Placed,
        end: TicketEnd,
        seconds: float,
        peak_bytes: int,
        error: MovieDirectorError | None,
    ) -> None:
        """From what finished, how long it took and what it needed; from what ran out, at once."""
        if self._lessons is None or (end != "finished" and not isinstance(error, OutOfMemory)):
            return
        keys = keys_of(str(placed.service.device), placed.step, placed.option)
        if end != "finished":
            self._lessons.change(lambda learned: learned.ran_out(keys[0]))
            return
        ratio = Pacing.ratio(placed, seconds)
        work = _work_bytes(placed, peak_bytes)

        def learn(learned: Learned) -> Learned:
            for key in keys:
                learned = learned.observed(
                    key,
                    estimated_seconds=1.0,
                    seconds=ratio,
                    estimated_bytes=placed.option.work_bytes,
                    work_bytes=work if key is keys[0] else 0,
                )
            return learned

        self._lessons.change(learn)

    def clear(self) -> None:
        """Nothing is asked for any more: all that is open is given up."""
        for job in self.jobs.values():
            job.cancel.set()
        left = [ticket.id for ticket in self._left.values()]
        try:
            self._store.journal.abandon([*self.jobs, *left])
        except sqlite3.Error as trouble:
            log.warning("what was given up could not be noted: %s", trouble)
        self._store.drop_tickets(keep=self.jobs)


def _work_bytes(placed: Placed, peak_bytes: int) -> int:
    """What was needed beside the weights; 0 when it, or the size of a model, is not known."""
    if not peak_bytes:
        return 0
    models = placed.option.models
    if not models:
        return peak_bytes
    try:
        known = known_footprints().models
    except InputError as error:
        log.warning("%s", error)  # the next plan says it; the work is done
        return 0
    if not models <= known.keys():
        return 0
    return max(0, peak_bytes - sum(known[model].bytes for model in models))
