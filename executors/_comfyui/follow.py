# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand one prompt to a server and follow it to its end, whatever socket and server do meanwhile.

The socket tells quickly, queue and history tell for certain: both are listened to, and either
is enough.  A prompt is sent once: when nobody knows whether it came, it is looked for before
anything else happens.  What is sent and what comes of it is not known here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from ...core.errors import BadAnswer, ServiceLost, ServiceRefused, StepFailed
from ...core.executor import CancelFlag
from .jobs import Ended, Nowhere, Queue, Runs, Waits, Whereabouts
from .line import Line
from .progress import Progress
from .server import Server, check_uuid
from .standstill import Pace, Standstill
from .wire import (
    Cached,
    Executed,
    Executing,
    Flags,
    Message,
    Preview,
    Started,
    Status,
    Strange,
    Succeeded,
)

__all__ = ["Follow", "Pace", "Vanished"]

log = logging.getLogger(__name__)

#: How long a message is waited for at a time, seconds: the cancel flag is looked at in between.
_STEP_S = 0.1
#: How far the socket may be behind the history, seconds.
_BEHIND_S = 0.3


class Vanished(StepFailed):
    """The server no longer knows a prompt that it had taken: it may be sent anew."""


class Follow:
    """One prompt under way.  Used by one thread, which also owns ``line``.

    ``moved`` is called with fraction and note, ``seen`` with each preview, ``quiet`` with the node that
    runs and its share done whenever the socket says nothing.  ``output`` is the node whose result is
    wanted: what the socket told of it need not be asked for.
    """

    def __init__(
        self,
        server: Server,
        line: Line,
        prompt: str,
        nodes: Mapping[str, Mapping[str, Any]],
        *,
        cancel: CancelFlag,
        where: str = "",
        output: str = "",
        moved: Callable[[float, str], None],
        seen: Callable[[Preview], None],
        quiet: Callable[[str, float], None] | None = None,
        pace: Pace | None = None,
        seconds: float = 0.0,
    ) -> None:
        self.prompt = check_uuid(prompt)
        self._server, self._line, self._nodes = server, line, nodes
        self._cancel, self._where = cancel, where
        self._moved, self._seen, self._quiet = moved, seen, quiet
        self._pace = pace or Pace()
        self._progress = Progress(nodes)
        self._standstill = Standstill(self._pace, seconds)
        self._missing = 0
        self._output, self._outputs = output, dict[str, Mapping[str, Any]]()
        self._cached: frozenset[str] = frozenset()
        self._succeeded = False
        now = time.monotonic()
        self._looked = self._answered = self._connected = now
        self._heard = 0  #: messages since the last look, anybody's
        self._queue = Queue()

    def send(self) -> None:
        """Hand the prompt over, exactly once.

        Raises:
            InputError: the server refuses it.
            ServiceRefused: it did not take it, and does not have it.
            ServiceLost: it does not answer; it may have it.
        """
        try:
            self._server.submit(self.prompt, self._nodes, self._line.client, where=self._where)
        except ServiceRefused as error:
            # A server may queue what it answers 500 to; below 500 it has looked and said no.
            if error.status < 500 or not self._has_it():
                raise
        except (ServiceLost, BadAnswer) as error:
            never = isinstance(error, ServiceLost) and not error.sent
            if never or not self._has_it():
                raise

    def _has_it(self) -> bool:
        """Whether the server has the prompt after all: two looks, for one may come too early."""
        for last in (False, True):
            if not isinstance(self._server.where(self.prompt), Nowhere):
                return True
            if not last:
                self._cancel.wait(self._pace.again)
        return False

    def to_end(self) -> Ended | None:
        """How it ended; None when we gave it up.

        Raises:
            Vanished: the server forgot it.
            ServiceLost: the server is gone, or does no work any more; it may come back with it.
        """
        while not self._cancel.is_set():
            message = self._next(_STEP_S)
            ended = self._see(message) if message is not None else False
            if message is None and self._quiet is not None and self._line.open:
                self._quiet(*self._progress.running)
            if ended or time.monotonic() - self._looked >= self._between():
                found = (self._heard_whole() if ended else None) or self._look(ended)
                if isinstance(found, Ended):
                    if not ended:
                        self._hear_out()
                    return found
        self.give_up()
        return None

    def _between(self) -> float:
        return self._pace.look if self._line.open else self._pace.alone

    def _see(self, message: Message) -> bool:
        """Take a message in; whether it says that our prompt has ended."""
        self._heard += 1
        if isinstance(message, Preview):
            self._preview(message)
            return False
        if isinstance(message, Status | Flags | Strange) or message.prompt != self.prompt:
            return False
        self._standstill.moved(turn_came=isinstance(message, Started))
        self._keep(message)
        if self._progress.see(message):
            self._moved(self._progress.fraction, self._progress.note)
        return isinstance(message, Executing) and not message.node

    def _hear_out(self) -> None:
        """Take in what the socket still has to tell: the history runs ahead of it."""
        deadline = time.monotonic() + _BEHIND_S
        while time.monotonic() < deadline:
            message = self._next(_STEP_S)
            if message is not None and self._see(message):
                return

    def _keep(self, message: Message) -> None:
        """What the history would say again."""
        if isinstance(message, Executed):
            self._outputs[message.node] = message.output
        elif isinstance(message, Cached):
            self._cached = message.nodes
        elif isinstance(message, Succeeded):
            self._succeeded = True

    def _heard_whole(self) -> Ended | None:
        """How it ended, where the socket told all of it; None where the history must be asked."""
        if not self._succeeded or not self._outputs.get(self._output):
            return None
        return Ended(success=True, outputs=self._outputs, cached=self._cached)

    def _preview(self, preview: Preview) -> None:
        """Pass on a picture of ours; whose one without a name is, nobody knows where names are sent."""
        mine = preview.prompt == self.prompt
        if mine or (not preview.prompt and not self._line.names_previews and self._progress.note):
            self._standstill.moved()
            self._seen(preview)

    def _look(self, told: bool = False) -> Whereabouts:
        """Where it is for certain; errors when it is nowhere or nothing moves.

        ``told`` says that the socket spoke of its end: then its history is written, and enough.
        """
        self._looked = time.monotonic()
        try:
            if told and (ended := self._server.ended(self.prompt)) is not None:
                return ended
            queue = self._server.queue()
            found = self._server.where(self.prompt, queue)
        except (ServiceLost, ServiceRefused, BadAnswer) as error:
            return self._unanswered(error)
        self._answered = time.monotonic()
        if isinstance(found, Ended):
            return found
        self._check_there(found)
        self._check_worker(found, queue)
        self._check_line(queue)
        return found

    def _unanswered(self, error: ServiceLost | ServiceRefused | BadAnswer) -> Whereabouts:
        """Wait a while for a server that is busy; one that takes no connection is gone."""
        refused = isinstance(error, ServiceLost) and not error.sent and not self._line.open
        limit = 2 * self._pace.alone if refused else self._pace.frozen
        if time.monotonic() - self._answered < limit:
            return Runs()
        if isinstance(error, ServiceLost):
            raise error
        raise ServiceLost(error.what, remedy=error.remedy, where=self._where) from error

    def _check_there(self, found: Whereabouts) -> None:
        self._missing = self._missing + 1 if isinstance(found, Nowhere) else 0
        if self._missing >= 2:
            raise Vanished(
                "ComfyUI no longer had the work: it was restarted, or somebody deleted it.",
                remedy="Evaluate again.",
                where=self._where,
            )
        if self._missing:
            self._looked = time.monotonic() - self._between() + self._pace.alone

    def _check_worker(self, found: Whereabouts, queue: Queue) -> None:
        """A server that answers may still have lost the thread that works."""
        dead = self._standstill.look(found, queue)
        said = self._standstill.doubt(found)
        if isinstance(found, Waits):
            others = "others" if found.before != 1 else "other"
            waits = f"waiting behind {found.before} {others}"
            self._moved(self._progress.fraction, f"{waits}; {said}" if said else waits)
        elif said:
            self._moved(self._progress.fraction, said)
        if dead:
            raise ServiceLost(
                f"{self._server.http.who} took work and does none: its worker has died.",
                remedy="Restart ComfyUI; its window shows what ended the worker.",
                where=self._where,
            )

    def _check_line(self, queue: Queue) -> None:
        """Connect again when the socket broke, or is deaf: the queue moved and it said nothing."""
        now = time.monotonic()
        deaf = queue != self._queue and not self._heard and self._queue != Queue()
        self._queue, self._heard = queue, 0
        if self._line.open and not (deaf and now - self._connected >= self._pace.reconnect):
            return
        self._connected = now
        try:
            self._line.connect()
        except ServiceLost as error:
            log.info("%s", error)  # queue and history are enough

    def give_up(self) -> None:
        """Stop our prompt and watch until it has ended; ask again while it has not."""
        until = time.monotonic() + self._pace.stop
        missing = 0
        while time.monotonic() < until:
            try:
                self._server.stop(self.prompt)
                self._settle(self._pace.again)
                found = self._server.where(self.prompt)
            except (ServiceLost, ServiceRefused, BadAnswer) as error:
                log.info("while %s was being cancelled: %s", self.prompt, error)
                if isinstance(error, ServiceLost) and not error.sent:
                    return  # whoever worked on it is gone
                self._settle(self._pace.again)
                continue
            missing = missing + 1 if isinstance(found, Nowhere) else 0
            if isinstance(found, Ended) or missing >= 2:
                return
        log.warning("%s still works on %s, which was cancelled", self._server.http.who, self.prompt)

    def _settle(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            message = self._next(min(rest, _STEP_S))
            if message is not None and self._see(message):
                return

    def _next(self, seconds: float) -> Message | None:
        """The socket's next message; a broken one says nothing for just as long."""
        message = self._line.next(seconds)
        if message is None and not self._line.open:
            time.sleep(seconds)
        return message
