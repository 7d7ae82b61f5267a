# SPDX-License-Identifier: GPL-3.0-or-later
"""The threads that find services and keep an eye on them.

One thread (``md-watch``) owns the states of all places and decides; questions, which may hang for
seconds, are put by askers (``md-ask-N``), as many as questions are out at once.  What the owner
gets is a snapshot through a queue: looking at twenty services costs it no more than at one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import TypeAlias

from .errors import MovieDirectorError, ServiceError
from .executor import Health
from .modest import modest_error, modest_health, modest_service
from .service_state import (
    Answered,
    AskHealth,
    Command,
    Due,
    Failed,
    Found,
    Happening,
    Held,
    Identify,
    Nothing,
    Released,
    State,
    Tell,
    Wanted,
    Watched,
    advance,
)
from .step import Service

__all__ = ["Look", "Place", "Seen", "Watch"]

log = logging.getLogger(__name__)

#: What answers at an address (``Executor.identify``, whichever executor's), and how it is.
Look: TypeAlias = Callable[[str], Service | None]
Feel: TypeAlias = Callable[[Service], Health]

#: Most askers at once; each has at most 5 s of work (``Executor.identify``).
MOST_ASKERS = 64
#: Longest time between two looks at the clock, in seconds.
_LONGEST_WAIT = 1.0
#: Least time between two snapshots in which nothing but numbers changed, in seconds.
_QUIET_S = 0.5
#: News kept for an owner who does not look; the oldest go first.
_MOST_NEWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere to watch.  ``refusal`` says why nothing may be asked there (None: it may)."""

    address: str
    named: bool = False
    refusal: ServiceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All places as they are, by address; ``news`` since the last snapshot."""

    places: Mapping[str, Watched]
    news: tuple[Tell, ...] = ()

    @property
    def open(self) -> tuple[Watched, ...]:
        """The places that have neither said what they are and how they are, nor been given up."""
        return tuple(
            each
            for each in self.places.values()
            if each.state in (State.UNKNOWN, State.CONNECTING)
            or (each.state is State.READY and not each.felt)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question; ``turn`` tells it from those that the same place was asked before."""

    address: str
    turn: int
    question: Identify | AskHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """An asker's answer."""

    asked: _Asked
    happening: Happening


_Inbox: TypeAlias = "SimpleQueue[_Heard | tuple[Place, ...] | frozenset[str] | None]"


class Watch:
    """Watches places until it is closed.  Its methods are the owner's, and none of them waits.

    Two SimpleQueues are all that it shares with its threads: there is no lock to order.
    """

    def __init__(
        self, look: Look, feel: Feel, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``look`` and ``feel`` are called on askers' threads, several at a time."""
        self._inbox: _Inbox = SimpleQueue()
        self._outbox: SimpleQueue[Seen] = SimpleQueue()
        self._seen = Seen(places={})
        watching = _Watching(look, feel, self._inbox, self._outbox, clock)
        self._thread = threading.Thread(target=watching.loop, name="md-watch", daemon=True)
        self._thread.start()

    def watch(self, places: Iterable[Place]) -> None:
        """Watch these places and no others; what is known of those that stay is kept."""
        self._inbox.put(tuple(places))

    def ask(self, addresses: Iterable[str]) -> None:
        """Ask at once what is at these places, if nothing is known to be there."""
        self._inbox.put(frozenset(addresses))

    def drain(self) -> Seen:
        """All places as they are; ``news`` are those since the last call."""
        news: tuple[Tell, ...] = ()
        try:
            while True:
                self._seen = self._outbox.get_nowait()
                news += self._seen.news
        except Empty:
            return replace(self._seen, news=news)

    def wait(self, seconds: float, named_s: float = 0.0) -> Seen:
        """As ``drain``, once no place is open or ``seconds`` are over: for programs without a window.

        Those that a person named get ``named_s`` seconds more.
        """
        began = time.monotonic()
        seen = self.drain()
        news = seen.news
        while not seen.places or seen.open:
            named = any(each.named for each in seen.open)
            left = began + seconds + (named_s if named else 0.0) - time.monotonic()
            try:
                self._seen = seen = self._outbox.get(timeout=max(0.0, left))
            except Empty:
                break
            news += seen.news
        return replace(self._seen, news=news)

    def close(self, seconds: float = 1.0) -> bool:
        """Ask nothing any more; whether the watching thread ended in time.

        A question that is out ends by itself within its 5 s, and its asker with it.
        """
        self._inbox.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()


class _Watching:
    """What the watching thread owns."""

    def __init__(
        self,
        look: Look,
        feel: Feel,
        inbox: _Inbox,
        outbox: SimpleQueue[Seen],
        clock: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._clock = clock
        self._places: dict[str, Watched] = {}
        self._turns: dict[str, int] = {}  #: the last question of each place, also of those left
        self._news: list[Tell] = []
        self._changed = False
        self._shown_s = float("-inf")
        self._askers = _Askers(look, feel, inbox, clock)

    def loop(self) -> None:
        """Until there is None in the inbox."""
        try:
            while self._take():
                now = self._clock()
                for address in self._places:
                    self._step(address, Due(now=now))
                self._show(now)
        finally:
            self._askers.end()

    def _take(self) -> bool:
        """Wait for what comes next, or is due; whether to go on."""
        now = self._clock()
        due = [each.next_s for each in self._places.values() if self._waits(each)]
        if self._changed:
            due.append(self._shown_s + _QUIET_S)
        wait = max(0.0, min([_LONGEST_WAIT, *(when - now for when in due)]))
        try:
            message = self._inbox.get(timeout=wait)
            while message is not None:
                self._heed(message)
                message = self._inbox.get_nowait()
        except Empty:
            return True
        return False

    def _waits(self, watched: Watched) -> bool:
        return not watched.asking and watched.state is not State.HELD

    def _heed(self, message: _Heard | tuple[Place, ...] | frozenset[str]) -> None:
        if isinstance(message, frozenset):
            for address in message & self._places.keys():
                self._step(address, Wanted(now=self._clock()))
            return
        if isinstance(message, _Heard):
            address = message.asked.address
            # A place that was left or held meanwhile, and asked again, waits for another answer.
            if address in self._places and message.asked.turn == self._turns[address]:
                self._step(address, message.happening)
            return
        wanted = {place.address: place for place in message}
        for address in self._places.keys() - wanted.keys():
            del self._places[address]
        for address, place in wanted.items():
            known = self._places.get(address) or Watched(address=address)
            self._places[address] = replace(known, named=place.named)
            now = self._clock()
            held = place.refusal is not None
            self._step(address, Held(now=now, error=place.refusal) if held else Released(now=now))
        self._changed = True
        self._shown_s = float("-inf")

    def _step(self, address: str, happening: Happening) -> None:
        before = self._places[address]
        after, commands = advance(before, happening)
        self._places[address] = after
        if not isinstance(happening, Due) or before.state is not after.state:
            self._changed = True
        if (before.state, before.felt) != (after.state, after.felt):
            self._shown_s = float("-inf")
        for command in commands:
            self._do(command)

    def _do(self, command: Command) -> None:
        if isinstance(command, Tell):
            self._news.append(command)
            return
        where = command.address if isinstance(command, Identify) else command.service.address
        turn = self._turns[where] = self._turns.get(where, 0) + 1
        self._askers.put(_Asked(address=where, turn=turn, question=command))

    def _show(self, now: float) -> None:
        if self._changed and (self._news or now - self._shown_s >= _QUIET_S):
            news = (*self._unread(), *self._news)[-_MOST_NEWS:]
            self._outbox.put(Seen(places=dict(self._places), news=news))
            self._news.clear()
            self._changed, self._shown_s = False, now

    def _unread(self) -> list[Tell]:
        """The news of snapshots nobody took, which are taken back: who never looks fills no memory."""
        unread: list[Tell] = []
        try:
            while True:
                unread += self._outbox.get_nowait().news
        except Empty:
            return unread


class _Askers:
    """Threads that put questions; owned by the watching thread."""

    def __init__(self, look: Look, feel: Feel, inbox: _Inbox, clock: Callable[[], float]) -> None:
        self._look = look
        self._feel = feel
        self._inbox = inbox
        self._clock = clock
        self._questions: SimpleQueue[_Asked | None] = SimpleQueue()
        self._ready: SimpleQueue[None] = SimpleQueue()  #: one for each asker that waits
        self._count = 0

    def put(self, asked: _Asked) -> None:
        """Have it asked at once; by a new thread where all are busy."""
        self._questions.put(asked)
        try:
            self._ready.get_nowait()
        except Empty:
            if self._count < MOST_ASKERS:
                self._count += 1
                name = f"md-ask-{self._count}"
                threading.Thread(target=self._loop, name=name, daemon=True).start()

    def end(self) -> None:
        """Let each end after what it is asking."""
        for _ in range(self._count):
            self._questions.put(None)

    def _loop(self) -> None:
        while (asked := self._questions.get()) is not None:
            if isinstance(asked.question, Identify):
                happening = self._identified(asked.address)
            else:
                happening = self._felt(asked.question.service)
            self._ready.put(None)
            self._inbox.put(_Heard(asked=asked, happening=happening))

    def _identified(self, address: str) -> Happening:
        try:
            service = self._look(address)
        except Exception as caught:  # the thread must live; the owner sees what is wrong
            return Failed(now=self._clock(), error=_error(caught, address))
        if service is None:
            return Nothing(now=self._clock())
        return Found(now=self._clock(), service=replace(modest_service(service), address=address))

    def _felt(self, service: Service) -> Happening:
        try:
            health = self._feel(service)
        except Exception as caught:  # the thread must live; the owner sees what is wrong
            return Failed(now=self._clock(), error=_error(caught, service.address))
        return Answered(now=self._clock(), health=modest_health(health))


def _error(caught: Exception, address: str) -> ServiceError:
    if isinstance(caught, ServiceError):
        return modest_error(caught)
    if isinstance(caught, MovieDirectorError):
        return ServiceError(caught.what, remedy=caught.remedy)
    log.error("asking %s broke", address, exc_info=caught)
    return ServiceError(
        f"Asking {address} broke with {type(caught).__name__}. This is a bug.",
        remedy="Report it with the log; the other services are not affected.",
    )
