"""One service with its executor and worker, doing one operation after the other."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any

from movie_director.core.errors import MovieDirectorError, OutOfMemory
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Ticket,
)
from movie_director.core.step import Option, Placed
from movie_director.core.worker import FreeWork, Outbox, Report, StepWork, Worker

from tests import served
from tests.chaos.entry import Entry, Fault, Work, mark

LAST = (Finished, Failed, Cancelled, Lost)
#: How often one operation is tried by itself; a run does it four times, with pauses of seconds.
MOST_ATTEMPTS = 8
#: Seconds after which work that has not ended is lost; a service that is away comes back sooner.
DEADLINE_S, THERE_S = 120.0, 60.0


@dataclass
class Operation:
    """One piece of work: what was told of each ticket, and how often it was evaluated."""

    number: int
    fault: Fault
    tickets: list[str] = field(default_factory=list)
    told: list[list[Event]] = field(default_factory=list)
    evaluated: int = 0
    first_end: Event | None = None  #: how it ended before anybody asked again
    given: int = 0  #: how often the service took the work
    work: Work | None = None

    @property
    def end(self) -> Event | None:
        return self.told[-1][-1] if self.told and self.told[-1] else None

    @property
    def key(self) -> str:
        return mark(self.number)


class Lane:
    """Owned by the thread that carries its operations out; ``beside`` threads break the server."""

    def __init__(self, entry: Entry, number: int, root: Path) -> None:
        self.entry, self.number, self.root = entry, number, root
        root.mkdir(parents=True)
        self.server = entry.server(root / "server")
        self.executor = entry.makes()
        self.service = served.found(self.executor, self.server.url)
        self.past: list[Any] = []  #: servers that died
        self.theirs: set[str] = set()  #: ids of somebody else's work
        self.deaths = 0
        self.operations: list[Operation] = []
        self._outbox: Outbox = Outbox()
        self._worker = Worker(self.executor, self.service, number, self._outbox)
        self._changing = threading.Lock()  # guards server and past while it dies or rises
        self._tickets = itertools.count()

    @property
    def lives(self) -> list[Any]:
        return [*self.past, self.server]

    def die(self) -> None:
        """Killed: its connections end."""
        with self._changing:
            self.server.close()
            self.deaths += 1

    def rise(self) -> None:
        """Back at its place, knowing nothing."""
        with self._changing:
            if self.entry.reborn is None:
                self.entry.forget(self.server)
                self.server.open()
            else:
                self.past.append(self.server)
                self.server = self.entry.reborn(self.server)

    def carry_out(self, operation: Operation, seed: int) -> None:
        """As a run does it, and a person who evaluates again where it failed."""
        entry, draw, cancel = self.entry, Random(seed), CancelFlag()
        self.operations.append(operation)
        root = self.root / str(operation.number)
        root.mkdir()
        operation.work = entry.work(operation.number, root)
        self._calm()
        beside = operation.fault.does(self, draw, cancel)
        thread = threading.Thread(target=beside) if beside is not None else None
        if thread is not None:
            thread.start()
        self._evaluate(operation, root, cancel)
        operation.first_end = operation.end
        if thread is not None:
            thread.join()
        if isinstance(operation.end, Failed | Lost):
            self._calm()
            self._until_there()
            self._evaluate(operation, root, CancelFlag())

    def close(self) -> bool:
        """End worker, executor and server; whether the worker's thread ended."""
        self._worker.end()
        ended = self._worker.join(30)
        self.executor.close()
        self.server.close()
        return ended

    def _calm(self) -> None:
        """Nothing is wrong with the service any more."""
        self.server.thaw()
        self.entry.calm(self.server)
        for path, manner in self.entry.ways(self.server).items():
            self.server.on(path, manner)

    def _evaluate(self, operation: Operation, root: Path, cancel: CancelFlag) -> None:
        """Attempts as the schedule makes them: what was lost is asked about before it is sent."""
        operation.evaluated += 1
        lost: list[Ticket] = []
        starved = False
        for _ in range(MOST_ATTEMPTS):
            ticket = self._ticket(operation, root)
            placed = self._placed(operation)
            told = self._sent(
                StepWork(placed=placed, ticket=ticket, cancel=cancel, earlier=tuple(lost))
            )
            operation.told.append(told)
            end = told[-1] if told else None
            if isinstance(end, Lost):
                lost.insert(0, ticket)
                self._until_there()
            elif isinstance(end, Failed) and isinstance(end.error, OutOfMemory) and not starved:
                starved = True
                self._worker.send(FreeWork(device=self.service.device, models=None))
                self._outbox.get(timeout=DEADLINE_S)
            elif not (isinstance(end, Failed) and end.transient):
                return
            cancel.wait(0.02)

    def _ticket(self, operation: Operation, root: Path) -> Ticket:
        assert operation.work is not None
        id = str(uuid.uuid4())
        operation.tickets.append(id)
        folder = root / f"t{next(self._tickets)}"
        folder.mkdir()
        step = operation.work.step.id
        return Ticket(id=id, step=step, attempt=1, folder=folder, inputs=operation.work.made)

    def _placed(self, operation: Operation) -> Placed:
        work = operation.work
        assert work is not None
        if work.workflow:
            option = Option(executor=self.entry.executor, workflow=work.workflow)
        else:
            option = served.option_for(self.executor, work.step, self.service, backend=work.backend)
        return Placed(step=work.step, option=option, service=self.service)

    def _sent(self, work: StepWork) -> list[Event]:
        """What is told until it has ended; [] at the deadline."""
        self._worker.send(work)
        told: list[Event] = []
        while not (told and isinstance(told[-1], LAST)):
            try:
                report = self._outbox.get(timeout=DEADLINE_S)
            except Empty:
                work.cancel.set()
                return []
            assert isinstance(report, Report)
            assert report.ticket == work.ticket.id
            told.append(report.event)
        return told

    def _until_there(self) -> None:
        """As the watch does: a service that is away gets no work before it is known again."""
        ends = time.monotonic() + THERE_S
        while self.executor.identify(self.server.url) is None:
            if time.monotonic() > ends:
                raise TimeoutError(f"{self.entry.name} is not known again")
            time.sleep(0.02)


def error_of(event: Event | None) -> MovieDirectorError | None:
    """What went wrong, where something did."""
    return event.error if isinstance(event, Failed | Lost) else None
