"""What the chaos suite has to know of one kind of service to break it and to count what it did."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from movie_director.core.executor import CancelFlag, Executor
from movie_director.core.step import Artifact, Step, StepId

from tests.servers import misbehaving as bad

if TYPE_CHECKING:
    from tests.chaos.lane import Lane

Ways = Mapping[str, bad.Manner]
#: What goes on beside the work, on a thread of its own.
Beside = Callable[[], None]
#: Sets a fault up before the work is sent; what it gives back happens meanwhile.
Break = Callable[["Lane", Random, CancelFlag], Beside | None]

_MARK = re.compile(r"op (\d+)\b")


def mark(number: int) -> str:
    """What tells one piece of work from all others, wherever it is written down."""
    return f"op {number}"


def marks_in(records: Collection[Any]) -> list[str]:
    """The marks in what a server wrote down of the work that it was given, one for each record."""
    found = (_MARK.search(each if isinstance(each, str) else str(each)) for each in records)
    return [each[0] for each in found if each is not None]


def length(number: int) -> float:
    """Seconds of the sound that is the answer to one piece of work: others nearby differ."""
    return 0.5 + 0.05 * (number % 40)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """``ends`` are the ways in which work may end besides being made, by the events' names.

    ``strikes`` is how much of what it does may have a service do the same work once more.
    """

    name: str
    does: Break
    ends: frozenset[str] = frozenset()
    strikes: int = 1
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Work:
    """One step, the files it takes in, and how long the sound it should give is (0: not a sound)."""

    step: Step
    made: Mapping[StepId, Artifact] = field(default_factory=dict)
    seconds: float = 0.0
    workflow: str = ""  #: "" takes what the executor offers
    backend: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One kind of service.  Every function of a server gets it as it is in its present life.

    ``given`` are the marks of the work it took, ``ran`` ids of ours whose work it did.  Where
    ``exactly_once`` holds, the protocol lets us choose ids: in one life nothing is done twice.
    """

    executor: str
    share: float  #: of all operations
    makes: Callable[[], Executor]
    server: Callable[[Path], Any]
    work: Callable[[int, Path], Work]
    given: Callable[[Any], list[str]]
    faults: tuple[Fault, ...]
    variant: str = ""
    least: int = 1  #: operations, however few there are in all
    long: bool = False  #: too slow to start for a quick form of the suite
    exactly_once: bool = False
    bound: str = ""  #: where not: why, and what bounds how often work is done
    ways: Callable[[Any], Ways] = (
        lambda server: {}
    )  #: paths that are broken, and what is good there
    ran: Callable[[Any], list[str]] = lambda server: []
    forget: Callable[[Any], None] = lambda server: None  #: what a restart makes it lose
    reborn: Callable[[Any], Any] | None = None  #: where a restart makes another server
    calm: Callable[[Any], None] = lambda server: None  #: no fault of its own any more
    tidy: Callable[[Any], None] = lambda server: None  #: drop what was noted of work that is over
    harmed: Callable[[Any, Collection[str]], set[str]] = lambda server, ids: set()
    missing: Callable[[], str] = lambda: ""  #: why it cannot be tried on this machine

    @property
    def name(self) -> str:
        return f"{self.executor}, {self.variant}" if self.variant else self.executor
