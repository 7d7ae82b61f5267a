# SPDX-License-Identifier: GPL-3.0-or-later
"""The tickets of one run: each in the journal before its work is sent, until it is settled.

What became of a ticket is not always known when it ends; ``unsettled`` keeps those, and
before a step is sent again its service is asked about every one of them.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from .database import noting
from .errors import InputError, MovieDirectorError, OutOfMemory, StorageFull
from .executor import CancelFlag, Produced, Ticket
from .footprints import known_footprints
from .journal import LeftTicket, TicketEnd
from .learning import Learned, keys_of
from .learning_file import Lessons
from .plan import Plan
from .progress import Pacing
from .step import Artifact, Placed, ServiceId, StepId
from .store import Store
from .unsettled import Unsettled
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
        self._unsettled = Unsettled(store)

    def take_stock(self, plan: Plan) -> None:
        """Clear what earlier runs left, but for tickets that may still be known."""
        self._unsettled.take_stock(plan)
        self._store.drop_failed()

    def open(
        self,
        placed: Placed,
        attempt: int,
        inputs: Mapping[StepId, Artifact],
        worker: Worker,
        *,
        services: Collection[ServiceId],
        now: float,
    ) -> None:
        """Write a new ticket down and hand the work over; ``services`` may be asked meanwhile.

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
        left = self._unsettled.about(placed, attempt, services)
        earlier = tuple(self._again(each, placed, inputs) for each in left)
        worker.send(StepWork(placed=placed, ticket=ticket, cancel=cancel, earlier=earlier))

    def _again(self, left: LeftTicket, placed: Placed, inputs: Mapping[StepId, Artifact]) -> Ticket:
        return Ticket(
            id=left.id,
            step=placed.step.id,
            attempt=left.attempt,
            folder=self._store.left_folder(left.id),
            inputs=inputs,
        )

    def elapsed_s(self, step: StepId, now: float) -> float:
        """Seconds since the step's ticket was handed over; 0 when nobody works on it."""
        job = self.by_step.get(step)
        return now - job.began if job is not None else 0.0

    def stop(self, step: StepId) -> None:
        """Tell who works on the step to give it up; of one nobody works on, nothing."""
        job = self.by_step.get(step)
        if job is not None:
            job.cancel.set()

    def close(
        self,
        job: Job,
        end: TicketEnd,
        *,
        seconds: float = 0.0,
        peak_bytes: int = 0,
        error: MovieDirectorError | None = None,
    ) -> None:
        """The ticket has ended, its worker is free; but for a lost one its folder goes.

        What failed work began is kept to be looked at, but not where there is no room left.
        """
        job.worker.idle = True
        ticket, step = job.ticket, job.placed.step
        del self.jobs[ticket.id]
        del self.by_step[ticket.step]
        if error is not None:
            error.where = error.where or step.node
        inputs = {id: artifact.path.as_posix() for id, artifact in ticket.inputs.items()}
        note = self._store.journal.ended
        self._note(lambda: note(ticket.id, end, seconds=seconds, error=error, inputs=inputs))
        self._learn(job.placed, end, seconds, peak_bytes, error)
        if end == "lost":
            self._unsettled.add(_left(job))
            return
        over = [ticket.id]
        if end in ("finished", "failed"):
            fidelity = job.placed.option.fidelity if end == "finished" else None
            over += self._unsettled.settle(job.placed, fidelity)
        self._note(lambda: self._store.journal.abandon(over[1:]))
        if end == "failed" and not isinstance(error, StorageFull):
            self._store.keep_failed(ticket.id)
        for id in over:
            self._store.drop_ticket(id)

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
        """The run is over: what did not end in time is told to, and asked about next time."""
        for job in self.jobs.values():
            job.cancel.set()
        self._note(lambda: self._store.journal.lost(self.jobs))
        self._store.drop_tickets(keep={*self.jobs, *self._unsettled.ids})

    def _note(self, write: Callable[[], None]) -> None:
        """Write into the journal; without it the next run finds the ticket open and asks."""
        try:
            write()
        except sqlite3.Error as trouble:
            log.warning("the end of a ticket could not be noted: %s", trouble)


def _left(job: Job) -> LeftTicket:
    """The ticket of a job, as the journal would give it back."""
    ticket, placed = job.ticket, job.placed
    return LeftTicket(
        id=ticket.id,
        step=ticket.step,
        intent=placed.step.intent,
        executor=placed.option.executor,
        service=placed.service.id,
        attempt=ticket.attempt,
        sent="",
    )


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
