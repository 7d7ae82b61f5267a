# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a service, as one table: what happened goes in, what to do comes out.

    UNKNOWN ──asked──▶ CONNECTING ──found──▶ READY ⇄ STALLED        (it is there, and keeps silent)
                           │                   └──gone──▶ LOST       (it was there)
                           └──▶ UNREACHABLE · UNAUTHORISED · INCOMPATIBLE      (asked again, 30 s)
    HELD: nothing is asked, because nobody allowed it or it is switched off

No thread, no clock, no socket: time comes with what happened.  A person is told of a change once,
with what to do; of places nobody named, only when something is found there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from .errors import Incompatible, ServiceError, ServiceLost, Unauthorised
from .executor import Health
from .step import Service

__all__ = [
    "Answered", "AskHealth", "Command", "Due", "Failed", "Found", "Happening", "Held", "Identify",
    "Nothing", "Released", "State", "Tell", "Wanted", "Watched", "advance", "told",
]  # fmt: skip

#: Seconds from one answer to the next question; twice this is when a dead process is known.
HEALTH_S = 1.0
#: The same after a connection broke, to tell a closed connection from a dead process.
DOUBT_S = 0.2
#: Seconds without an answer until a service counts as frozen; with the last question's own
#: 5 s and the pause before it, that is known after 21 s.
SILENCE_S = 15.0
#: Seconds between attempts at what is not there (domain.md, "Decided conflicts").
RETRY_S = 30.0


class State(Enum):
    """How a service stands with us; the value is what a person reads."""

    UNKNOWN = "not asked yet"
    CONNECTING = "connecting"
    READY = "connected"
    STALLED = "does not answer"
    LOST = "disconnected"
    UNREACHABLE = "not found"
    UNAUTHORISED = "token needed"
    INCOMPATIBLE = "cannot be used"
    HELD = "not asked"

    @property
    def usable(self) -> bool:
        """Whether work may be sent there."""
        return self is State.READY


#: Where there is a service that was identified and is asked how it is.
_THERE = frozenset({State.READY, State.STALLED})
#: Where it is asked again what is there.
_AWAY = frozenset({State.LOST, State.UNREACHABLE, State.UNAUTHORISED, State.INCOMPATIBLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One place that is watched.

    ``named`` says that a person asked for it, not we by ourselves.  ``next_s`` is when something is
    to be asked, ``asking`` that an answer is still out, ``again`` that somebody wants to know anew
    although one is, since it may have been asked too soon.  ``service`` is what was last identified
    there (None: nothing yet), ``felt`` that it said since how it is, ``error`` what is wrong now.
    ``up_s`` of ``seen_s`` seconds it was ready since it was first found.  ``said`` is what a person
    was last told of it.
    """

    address: str
    named: bool = False
    state: State = State.UNKNOWN
    since_s: float = 0.0
    next_s: float = 0.0
    asking: bool = False
    again: bool = False
    heard_s: float = 0.0
    doubted: bool = False
    felt: bool = False
    service: Service | None = None
    health: Health = field(default_factory=Health)
    error: ServiceError | None = None
    up_s: float = 0.0
    seen_s: float = 0.0
    counted_s: float = 0.0
    said: str = ""

    @property
    def name(self) -> str:
        """What a person calls it."""
        service = self.service
        return (service.name or service.executor) if service is not None else "A service"


# --- what happened: ``now`` is in seconds of one clock ----------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Time went by."""

    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A service of ours answers there."""

    now: float
    service: Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Nobody answers there, or somebody we do not know."""

    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """It said how it is."""

    now: float
    health: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The question failed."""

    now: float
    error: ServiceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Nothing may be asked there; ``error`` says why, None where it was simply switched off."""

    now: float
    error: ServiceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """It may be asked from now on."""

    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Somebody wants it asked now: it may be back, or have a token."""

    now: float


Happening: TypeAlias = Due | Found | Nothing | Answered | Failed | Held | Released | Wanted


# --- what to do ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """Ask what is there."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskHealth:
    """Ask how it is."""

    service: Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Tell a person: ``good`` news or bad; ``what`` happened, and ``remedy``, what to do ("")."""

    address: str
    good: bool
    what: str
    remedy: str = ""


Command: TypeAlias = Identify | AskHealth | Tell


def advance(watched: Watched, happening: Happening) -> tuple[Watched, tuple[Command, ...]]:
    """What the place is after ``happening``, and what is to be done about it."""
    now = happening.now
    before = _counted(watched, now)
    match happening:
        case Due():
            return _due(before, now)
        case Wanted():
            return _wanted(before, now), ()
        case Held(error=why):
            after = replace(
                _moved(before, State.HELD, now), error=why, asking=False, again=False, said=""
            )
        case Released():
            after = _released(before, now)
        case _ if before.state is State.HELD:
            return before, ()  # an answer that was under way
        case Found(service=service):
            after = replace(_ready(before, now), service=service, health=Health())
            after = replace(after, felt=False, next_s=now)
        case Nothing():
            after = _nothing(before, now)
        case Answered(health=health):
            after = replace(_ready(before, now), health=health, felt=True)
        case Failed(error=error):
            after = _failed(before, now, error)
    # What wants a token, goes, and comes back wanting it is no news.
    news = tuple(each for each in told(before, after) if each.what != before.said)
    return (replace(after, said=news[-1].what) if news else after), news


def _wanted(watched: Watched, now: float) -> Watched:
    if watched.asking and watched.state in _AWAY | {State.CONNECTING}:
        return replace(watched, again=True)
    return replace(watched, next_s=now) if watched.state in _AWAY else watched


def _due(watched: Watched, now: float) -> tuple[Watched, tuple[Command, ...]]:
    if watched.asking or watched.state is State.HELD or now < watched.next_s:
        return watched, ()
    watched = replace(watched, asking=True)
    if watched.state in _THERE and watched.service is not None:
        return watched, (AskHealth(service=watched.service),)
    if watched.state is State.UNKNOWN:
        watched = _moved(watched, State.CONNECTING, now)
    return watched, (Identify(address=watched.address),)


def _released(watched: Watched, now: float) -> Watched:
    if watched.state is not State.HELD:
        return watched
    return replace(_moved(watched, State.UNKNOWN, now), next_s=now, error=None, service=None)


def _ready(watched: Watched, now: float) -> Watched:
    moved = _moved(watched, State.READY, now)
    return replace(
        moved,
        asking=False,
        again=False,
        heard_s=now,
        next_s=now + HEALTH_S,
        doubted=False,
        error=None,
    )


def _away(watched: Watched, state: State, now: float, error: ServiceError | None) -> Watched:
    """Not to be used; asked again after a while."""
    moved = _moved(watched, state, now)
    next_s = now if watched.again else now + RETRY_S
    return replace(
        moved, asking=False, again=False, next_s=next_s, doubted=False, error=error, health=Health()
    )


def _nothing(watched: Watched, now: float) -> Watched:
    was_there = watched.state in _THERE or watched.state is State.LOST
    state = State.LOST if was_there else State.UNREACHABLE
    return _away(watched, state, now, watched.error if was_there else None)


def _failed(watched: Watched, now: float, error: ServiceError) -> Watched:
    if isinstance(error, Unauthorised):
        return _away(watched, State.UNAUTHORISED, now, error)
    if isinstance(error, Incompatible):
        return _away(watched, State.INCOMPATIBLE, now, error)
    if watched.state not in _THERE:
        known = watched.state is State.LOST
        return _away(watched, State.LOST if known else State.UNREACHABLE, now, error)
    if isinstance(error, ServiceLost) and error.silent:
        return _silent(watched, now, error)
    if watched.doubted:
        return _away(watched, State.LOST, now, error)
    # A server may close a connection that was kept, and an overloaded one may answer 503: twice
    # in a row it is dead or of no use.
    return replace(watched, asking=False, doubted=True, next_s=now + DOUBT_S)


def _silent(watched: Watched, now: float, error: ServiceLost) -> Watched:
    watched = replace(watched, asking=False, next_s=now + HEALTH_S, doubted=False)
    if now - watched.heard_s < SILENCE_S:
        return watched
    return replace(_moved(watched, State.STALLED, now), error=error)


def _moved(watched: Watched, state: State, now: float) -> Watched:
    return watched if watched.state is state else replace(watched, state=state, since_s=now)


def _counted(watched: Watched, now: float) -> Watched:
    """With the time since the last happening counted, up or not; none while it is held."""
    passed = max(0.0, now - watched.counted_s)
    if watched.service is None or watched.state is State.HELD:
        return replace(watched, counted_s=now)
    up = passed if watched.state is State.READY else 0.0
    return replace(watched, counted_s=now, seen_s=watched.seen_s + passed, up_s=watched.up_s + up)


def told(before: Watched, after: Watched) -> tuple[Tell, ...]:
    """What a person is told of a change; nothing where nothing changed for them."""
    if before.state is after.state:
        return ()
    where, error = after.address, after.error
    if after.state is State.READY:
        again = "answers again" if before.state in (State.STALLED, State.LOST) else "is connected"
        return (Tell(address=where, good=True, what=f"{after.name} at {where} {again}."),)
    if after.state is State.STALLED:
        return (
            Tell(
                address=where,
                good=False,
                what=f"{after.name} at {where} has not answered for {SILENCE_S:g} s.",
                remedy="Wait if it works on something heavy; otherwise start it again.",
            ),
        )
    if after.state is State.LOST:
        what = f"{after.name} at {where} is gone."
        remedy = f"Start it again: it is looked for every {RETRY_S:g} s."
        if error is not None and not isinstance(error, ServiceLost):
            # It answers, and not as it should: saying that it is gone would mislead.
            what, remedy = f"{after.name} is of no use: {error.what}", error.remedy
        return (Tell(address=where, good=False, what=what, remedy=remedy),)
    worth = after.named or after.state is not State.UNREACHABLE
    if after.state in _AWAY and worth and before.state is State.CONNECTING:
        return (Tell(address=where, good=False, what=_what(after), remedy=_remedy(error)),)
    if after.state in (State.UNAUTHORISED, State.INCOMPATIBLE):
        return (Tell(address=where, good=False, what=_what(after), remedy=_remedy(error)),)
    return ()


def _what(watched: Watched) -> str:
    if watched.error is not None:
        return watched.error.what
    return f"No service that we know answers at {watched.address}."


def _remedy(error: ServiceError | None) -> str:
    if error is not None:
        return error.remedy
    return f"Start it, or correct the address: it is looked for every {RETRY_S:g} s."
