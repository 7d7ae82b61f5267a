"""What goes wrong between us and a service: the same faults for all, each at one question.

A fault is planted at the k-th question that is asked at one of the paths of an entry's ``ways``; what
came before and what comes after is answered as it should be.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

from movie_director.core.executor import CancelFlag

from tests.chaos.entry import Beside, Break, Fault
from tests.chaos.lane import Lane
from tests.servers import misbehaving as bad
from tests.servers.misbehaving import Line, Manner, Request

#: How many questions go well before the fault, at most.
MOST_BEFORE = 8
FINISHED: frozenset[str] = frozenset()
MAY_FAIL = frozenset({"Failed"})
#: Of which one may be in the way of the answer that tells a made piece from a lost one.
Made = Callable[[Lane, Manner, Random, CancelFlag], Manner]


class Heard(Line):
    """A connection on which nothing goes out: what would have is in ``data``."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.sock, line.over)
        self.data = b""

    def send(self, data: bytes) -> bool:
        self.data += data
        return True


def acted(good: Manner, then: Callable[[bytes, Line], None]) -> Manner:
    """Act on the question, and have something else become of the answer."""

    def manner(request: Request, line: Line) -> None:
        heard = Heard(line)
        good(request, heard)
        then(heard.data, line)

    return manner


def swallowed(data: bytes, line: Line) -> None:
    """The answer is lost."""
    del data
    line.keep = False


def cut(share: float) -> Callable[[bytes, Line], None]:
    """A part of the answer comes, and the connection ends."""

    def part(data: bytes, line: Line) -> None:
        line.send(data[: int(len(data) * share)])
        line.keep = False

    return part


def doubled(data: bytes, line: Line) -> None:
    """The answer comes twice on one connection, as if the next question had been asked."""
    line.send(data + data)


def broken_after(data: bytes, line: Line) -> None:
    """It was done, and 500 is said."""
    del data
    bad.says({"detail": "Internal Server Error"}, 500)(_NOBODY, line)


_NOBODY = Request("GET", "/", {}, b"", 0.0)


def at_a_question(make: Made) -> Break:
    """The fault that ``make`` gives, at one question at one of the entry's paths."""

    def plant(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside | None:
        path, good = draw.choice(sorted(lane.entry.ways(lane.server).items()))
        before = [good] * draw.randrange(MOST_BEFORE)
        lane.server.on(path, *before, make(lane, good, draw, cancel), good)
        return None

    return plant


def plain(manner: Manner) -> Break:
    """A fault that answers without looking at the question."""
    return at_a_question(lambda lane, good, draw, cancel: manner)


def _restarted(lane: Lane, good: Manner, draw: Random, cancel: CancelFlag) -> Manner:
    """It was started again before it acted, and knows nothing."""
    del good, draw, cancel

    def manner(request: Request, line: Line) -> None:
        lane.entry.forget(lane.server)
        bad.reset(request, line)

    return manner


def _given_up(lane: Lane, good: Manner, draw: Random, cancel: CancelFlag) -> Manner:
    del lane, draw

    def manner(request: Request, line: Line) -> None:
        cancel.set()
        good(request, line)

    return manner


def dies(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    """It is killed at some moment, is away for a while, and comes back knowing nothing."""
    del cancel
    at, away, over = draw.uniform(0.0, 0.2), draw.uniform(0.0, 0.3), threading.Event()

    def beside() -> None:
        over.wait(at)
        lane.die()
        over.wait(away)
        lane.rise()

    return beside


def freezes(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    """It hangs for a while; connections stay."""
    del cancel
    at, long, over = draw.uniform(0.0, 0.1), draw.uniform(0.1, 0.5), threading.Event()

    def beside() -> None:
        over.wait(at)
        lane.server.freeze()
        over.wait(long)
        lane.server.thaw()

    return beside


def given_up(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    """A person presses Cancel at some moment."""
    del lane
    at, over = draw.uniform(0.0, 0.2), threading.Event()

    def beside() -> None:
        over.wait(at)
        cancel.set()

    return beside


def made(**so: object) -> Break:
    """The scripted server itself is so, until it is calmed."""

    def make(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
        del draw, cancel
        for name, value in so.items():
            setattr(lane.server, name, value)

    return make


def nothing(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """All is well."""
    del lane, draw, cancel


def _slow(lane: Lane, good: Manner, draw: Random, cancel: CancelFlag) -> Manner:
    del lane, cancel
    return bad.after(draw.uniform(0.0, 0.4), good)


NONE = Fault(name="none", does=nothing, strikes=0, weight=5.0)
CANCELLED = Fault(name="given up", does=given_up, ends=frozenset({"Cancelled"}), strikes=0)
CANCELLED_AT = Fault(
    name="given up at a question", does=at_a_question(_given_up), ends=frozenset({"Cancelled"}),
    strikes=0,
)  # fmt: skip
#: What every service over HTTP has to bear.
WIRE = (
    Fault(name="dropped", does=plain(bad.drop)),
    Fault(name="reset", does=plain(bad.reset)),
    Fault(
        name="answer lost",
        does=at_a_question(lambda lane, good, draw, cancel: acted(good, swallowed)),
    ),
    Fault(
        name="truncated",
        does=at_a_question(lambda lane, good, draw, cancel: acted(good, cut(draw.random()))),
    ),
    Fault(
        name="doubled",
        does=at_a_question(lambda lane, good, draw, cancel: acted(good, doubled)),
    ),
    Fault(name="slow", does=at_a_question(_slow), strikes=0),
    Fault(
        name="500 and done",
        does=at_a_question(lambda lane, good, draw, cancel: acted(good, broken_after)),
        ends=MAY_FAIL,
    ),
    Fault(name="500 once", does=plain(bad.says({"detail": "broken"}, 500)), ends=MAY_FAIL),
    Fault(name="503 once", does=plain(bad.says({"detail": "busy"}, 503))),
    Fault(name="a web page", does=plain(bad.answer(b"<html>", kind="text/html")), ends=MAY_FAIL),
    Fault(name="an empty answer", does=plain(bad.answer(b"")), ends=MAY_FAIL),
    Fault(name="led elsewhere", does=plain(bad.redirect("http://192.0.2.1/x")), ends=MAY_FAIL),
    Fault(name="JSON without end", does=plain(bad.deep(100_000)), ends=MAY_FAIL, weight=0.5),
    Fault(name="a bomb", does=plain(bad.gzip_bomb(20)), ends=MAY_FAIL, weight=0.3),
    Fault(name="restarted empty", does=at_a_question(_restarted), ends=FINISHED),
    Fault(name="killed", does=dies, strikes=2),
    Fault(name="frozen", does=freezes, strikes=2),
)
