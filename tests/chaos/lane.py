"""One service with its executor and workers, doing one round of operations after the other.

A round is one operation, or as many as the service is given at once; one fault befalls them all.
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Sequence
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
    Executor,
    Failed,
    Finished,
    Lost,
    Ticket,
)
from movie_director.core.step import Option, Placed, Service
from movie_director.core.worker import FreeWork, Outbox, Report, StepWork, Worker

from tests import served
from tests.chaos.entry import Entry, Fault, Work, mark

LAST = (Finished, Failed, Cancelled, Lost)
#: How often one operation is tried by itself; a run does it four times, with pauses of seconds.
MOST_ATTEMPTS = 8
#: The most operations of one round.
MOST_AT_ONCE = 4
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
    cancel: CancelFlag = field(default_factory=CancelFlag)
    work: Work | None = None

    @property
    def end(self) -> Event | None:
        return self.told[-1][-1] if self.told and self.told[-1] else None

    @property
    def key(self) -> str:
        return mark(self.number)


class _Hand:
    """A worker of the service and what it tells; owned by one thread at a time."""

    def __init__(self, executor: Executor, service: Service, slot: int) -> None:
        self._service = service
        self._outbox: Outbox = Outbox()
        self._worker = Worker(executor, service, slot, self._outbox)

    def sent(self, work: StepWork) -> list[Event]:
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

    def free(self) -> None:
        """Have the service give its memory back."""
        self._worker.send(FreeWork(device=self._service.device, models=None))
        self._outbox.get(timeout=DEADLINE_S)

    def end(self) -> bool:
        """Whether its thread ended."""
        self._worker.end()
        return self._worker.join(30)


class Lane:
    """Owned by the thread that carries its operations out; ``beside`` threads break the server."""

    def __init__(self, entry: Entry, root: Path) -> None:
        self.entry, self.root = entry, root
        root.mkdir(parents=True)
        self.server = entry.server(root / "server")
        self.executor = entry.makes()
        self.service = served.found(self.executor, self.server.url)
        self.past: list[Any] = []  #: servers that died
        self.theirs: set[str] = set()  #: ids of somebody else's work
        self.deaths = 0
        self.seconds = 0.0
        at_once = min(MOST_AT_ONCE, self.service.at_once)
        self._hands = [_Hand(self.executor, self.service, slot) for slot in range(at_once)]
        self._changing = threading.Lock()  # guards server and past while it dies or rises
        self._tickets = itertools.count()

    @property
    def at_once(self) -> int:
        """How many operations a round has at most."""
        return len(self._hands)

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

    def carry_out(self, round: Sequence[Operation], seed: int) -> None:
        """As a run does it, and a person who evaluates again what failed."""
        draw = Random(seed)
        for each in round:
            self._root(each).mkdir()
            each.work = self.entry.work(each.number, self._root(each))
        self._calm()
        beside = round[0].fault.does(self, draw, round[0].cancel)
        thread = threading.Thread(target=beside) if beside is not None else None
        if thread is not None:
            thread.start()
        self._evaluate(round)
        if thread is not None:
            thread.join()
        for each in round:
            each.first_end = each.end
        failed = [each for each in round if isinstance(each.end, Failed | Lost)]
        if failed:
            self._calm()
            self._until_there()
            self._evaluate(failed)

    def close(self) -> bool:
        """End workers, executor and server; whether the workers' threads ended."""
        ended = [hand.end() for hand in self._hands]
        self.executor.close()
        self.server.close()
        return all(ended)

    def _calm(self) -> None:
        """Nothing is wrong with the service any more."""
        self.server.thaw()
        self.entry.calm(self.server)
        for path, manner in self.entry.ways(self.server).items():
            self.server.on(path, manner)

    def _evaluate(self, round: Sequence[Operation]) -> None:
        """All of them at once, to their ends."""
        broken: list[BaseException] = []

        def attempts(hand: _Hand, operation: Operation) -> None:
            try:
                self._attempts(hand, operation)
            except BaseException as error:
                broken.append(error)

        threads = [
            threading.Thread(target=attempts, args=pair)
            for pair in zip(self._hands, round, strict=False)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]

    def _attempts(self, hand: _Hand, operation: Operation) -> None:
        """As the schedule makes them: what was lost is asked about before it is sent again."""
        operation.evaluated += 1
        lost: list[Ticket] = []
        starved = False
        for _ in range(MOST_ATTEMPTS):
            ticket = self._ticket(operation)
            told = hand.sent(
                StepWork(
                    placed=self._placed(operation), ticket=ticket, cancel=operation.cancel,
                    earlier=tuple(lost),
                )
            )  # fmt: skip
            operation.told.append(told)
            end = told[-1] if told else None
            if isinstance(end, Lost):
                lost.insert(0, ticket)
                self._until_there()
            elif isinstance(end, Failed) and isinstance(end.error, OutOfMemory) and not starved:
                starved = True
                hand.free()
            elif not (isinstance(end, Failed) and end.transient):
                return
            operation.cancel.wait(0.02)

    def _root(self, operation: Operation) -> Path:
        return self.root / str(operation.number)

    def _ticket(self, operation: Operation) -> Ticket:
        assert operation.work is not None
        id = str(uuid.uuid4())
        operation.tickets.append(id)
        folder = self._root(operation) / f"t{next(self._tickets)}"
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
