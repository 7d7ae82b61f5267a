# SPDX-License-Identifier: GPL-3.0-or-later
"""One thread that does steps on one slot of one service.

The only place where threads are started.  Work goes in, what the executor says
comes out; an executor that breaks its promises is found out here, so nobody else
needs to doubt what it said.
"""

from __future__ import annotations

import logging
import threading
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from .digest import file_digest
from .errors import MovieDirectorError, ServiceError
from .executor import (
    CancelFlag,
    Cancelled,
    Event,
    Executor,
    Failed,
    Finished,
    Lost,
    Produced,
    Running,
    Ticket,
)
from .step import DeviceId, ModelId, Placed, Service
from .store.files import sync_file

__all__ = ["Freed", "FreeWork", "Outbox", "Report", "StepWork", "Worker"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWork:
    """Do a step; ``earlier`` are tickets for it that a service may still know, newest first."""

    placed: Placed
    ticket: Ticket
    cancel: CancelFlag
    earlier: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeWork:
    """Give memory back."""

    device: DeviceId
    models: frozenset[ModelId] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """Memory was given back, or could not be: ``error``."""

    device: DeviceId
    error: MovieDirectorError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an executor said about a ticket."""

    ticket: str
    event: Event


Outbox = SimpleQueue[Report | Freed]


class Worker:
    """Owns one thread; whoever made it owns the messages.

    ``send``, ``end`` and ``join`` are the owner's; ``_loop`` is the worker's.  They
    share two SimpleQueues and the cancel flags, and nothing else: there is no lock
    here to order.
    """

    def __init__(self, executor: Executor, service: Service, slot: int, outbox: Outbox) -> None:
        self.idle = True  #: the owner's note: nothing was sent that has not ended
        self._executor = executor
        self._service = service
        self._outbox = outbox
        self._inbox: SimpleQueue[StepWork | FreeWork | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._loop, name=f"md-{service.id}-{slot}", daemon=True
        )
        self._thread.start()

    def send(self, work: StepWork | FreeWork) -> None:
        """Have the work done after what was sent before."""
        self._inbox.put(work)

    def end(self) -> None:
        """Let the thread end after what it is doing."""
        self._inbox.put(None)

    def join(self, timeout: float) -> bool:
        """Whether the thread has ended within ``timeout`` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while (work := self._inbox.get()) is not None:
            if isinstance(work, FreeWork):
                self._free(work)
            else:
                self._do(work)

    def _free(self, work: FreeWork) -> None:
        error: MovieDirectorError | None = None
        try:
            self._executor.free(self._service, work.models)
        except Exception as caught:  # the thread must live; the owner hears of it
            error = _translated(caught, self._service, "")
        self._outbox.put(Freed(device=work.device, error=error))

    def _do(self, work: StepWork) -> None:
        teller = _Teller(work, self._outbox, self._service)
        try:
            if not self._take_up(work, teller):
                if work.cancel.is_set():
                    teller.tell(Cancelled(step=work.placed.step.id))
                else:
                    self._executor.run(work.placed, work.ticket, teller.tell, work.cancel)
            teller.check_ended()
        except Exception as caught:  # the thread must live; the owner hears of it
            error = _translated(caught, self._service, work.placed.step.node)
            teller.fail(error)

    def _take_up(self, work: StepWork, teller: _Teller) -> bool:
        """Whether an earlier ticket is still known, or nobody could be asked about it."""
        for ticket in work.earlier:
            found = self._executor.reattach(ticket, teller.tell, work.cancel)
            if isinstance(found, Finished):
                teller.tell(found)
            if isinstance(found, Finished | Running):
                return True
        return False


class _Teller:
    """Passes on what an executor says about one ticket, and holds it to its promises."""

    def __init__(self, work: StepWork, outbox: Outbox, service: Service) -> None:
        self._work = work
        self._outbox = outbox
        self._service = service
        self._produced: Produced | None = None
        self._ended = False

    def tell(self, event: Event) -> None:
        """What executors call ``emit``; any thread of theirs may."""
        if self._ended:
            return
        if isinstance(event, Produced):
            self._produced = event
        elif isinstance(event, Finished):
            self._finish(event)
        else:
            self._ended = isinstance(event, Failed | Cancelled | Lost)
            self._put(event)

    def fail(self, error: MovieDirectorError) -> None:
        """End the ticket with an error, unless it has ended."""
        self.tell(Failed(step=self._work.placed.step.id, error=error))

    def check_ended(self) -> None:
        """Complain when an executor returned without saying how it ended."""
        if not self._ended:
            self.fail(self._broken("returned without saying how the work ended"))

    def _finish(self, event: Finished) -> None:
        self._ended = True
        step = self._work.placed.step.id
        try:
            self._put(self._whole())
        except MovieDirectorError as error:
            self._put(Failed(step=step, error=error))
        except OSError as error:
            broken = self._broken(f"named a file that cannot be read ({error.strerror})")
            self._put(Failed(step=step, error=broken))
        else:
            self._put(event)

    def _whole(self) -> Produced:
        """The result with bytes and digest known, on the disk."""
        produced = self._produced
        if produced is None:
            raise self._broken("said it had finished and produced nothing")
        path = Path(produced.path)
        if not self._within(path.resolve()):
            raise self._broken("put its result outside its folder")
        size = path.stat().st_size
        if not size:
            raise self._broken("produced an empty file")
        if produced.bytes not in (0, size):
            raise self._broken(f"said {produced.bytes} bytes and wrote {size}")
        content = produced.content or file_digest(path)
        sync_file(path)
        return replace(produced, path=path, bytes=size, content=content)

    def _within(self, path: Path) -> bool:
        """Whether a file lies where a ticket of this work may put it."""
        tickets = (self._work.ticket, *self._work.earlier)
        return any(path.is_relative_to(ticket.folder.resolve()) for ticket in tickets)

    def _broken(self, what: str) -> ServiceError:
        return ServiceError(
            f"The executor '{self._service.executor}' {what}; this is a bug in it.",
            remedy="Evaluate again; if it stays so, report it with the log.",
            where=self._work.placed.step.node,
        )

    def _put(self, event: Event) -> None:
        self._outbox.put(Report(ticket=self._work.ticket.id, event=event))


def _translated(caught: Exception, service: Service, node: str) -> MovieDirectorError:
    """An executor's exception as ours; what is not ours is a bug, and its trace is kept."""
    if isinstance(caught, MovieDirectorError):
        caught.where = caught.where or node
        return caught
    trace = "".join(traceback.format_exception(caught))
    log.error("the executor '%s' raised:\n%s", service.executor, trace)
    error = ServiceError(
        f"The executor '{service.executor}' broke with {type(caught).__name__}: {caught}. "
        "This is a bug.",
        remedy="Evaluate again; if it stays so, report it with the log.",
        where=node,
    )
    error.log = trace
    error.__cause__ = caught
    return error
