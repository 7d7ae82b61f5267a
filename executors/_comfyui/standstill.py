# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server that answers still works: its worker may have died, and HTTP lives on.

Nothing tells a dead worker from a node that takes long but time, so what runs is given as much of it
as its nodes are expected to cost, many times over; before that is used up a person is told that
nothing moves.  Whose prompt runs makes no difference: another's may have killed the worker.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from .jobs import Queue, Waits, Whereabouts

__all__ = ["Pace", "Standstill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long what is waited for, in seconds.

    ``look`` and ``alone`` lie between two looks at queue and history, with and without a socket
    that speaks.  ``frozen``: no answer for so long is no server (a look
    at it takes up to 5 s more, so it is noticed within 25).  ``idle``: prompts wait and none runs;
    ``begun``: a prompt began and no node did: a worker needs a moment for either, so it has died.
    ``doubt``: nothing moves, which is told; ``quiet``: at least so long, and ``times`` what is
    expected of what runs, but never longer than ``silent``, or ``slow`` times what is expected where
    that is more (a training takes hours), may nothing move at all.
    ``stop``: what was cancelled is watched so long.
    """

    look: float = 2.0
    alone: float = 0.5
    frozen: float = 18.0
    idle: float = 10.0
    begun: float = 60.0
    doubt: float = 60.0
    quiet: float = 600.0
    times: float = 20.0
    silent: float = 3600.0
    slow: float = 4.0
    stop: float = 120.0
    again: float = 1.0  #: between two askings to stop, and two looks that must agree
    reconnect: float = 20.0


class Standstill:
    """Owned by who follows a prompt; ``seconds`` is what the prompt is expected to take (0: unknown).

    Times are ``time.monotonic``'s.
    """

    def __init__(self, pace: Pace, seconds: float) -> None:
        self._pace, self._seconds = pace, seconds
        self._moving = time.monotonic()
        self._began: float | None = None  #: its turn came, and no node has begun since
        self._idle_since: float | None = None
        self._queue = Queue()

    def moved(self, *, turn_came: bool = False) -> None:
        """Something was told of the prompt: that its turn came, or more than that."""
        self._moving = time.monotonic()
        self._began = self._moving if turn_came else None

    def look(self, found: Whereabouts, queue: Queue) -> bool:
        """Whether the worker must have died, after another look at the queue."""
        now = time.monotonic()
        if queue != self._queue:
            self._moving, self._queue = now, queue
        nothing_runs = isinstance(found, Waits) and not queue.running
        self._idle_since = (self._idle_since or now) if nothing_runs else None
        return (
            (self._idle_since is not None and now - self._idle_since >= self._pace.idle)
            or (self._began is not None and now - self._began >= self._pace.begun)
            or now - self._moving >= self._limit(found)
        )

    def doubt(self, found: Whereabouts) -> str:
        """What a person is told when nothing has moved for longer than is usual; "" before."""
        still = time.monotonic() - self._moving
        usual = max(self._pace.doubt, 2 * self._expected(found))
        if still < min(usual, self._limit(found)):
            return ""
        minutes = max(1, round(still / 60))
        return f"nothing has moved for {minutes} min: look at ComfyUI's window"

    def _expected(self, found: Whereabouts) -> float:
        own = 0.0 if isinstance(found, Waits) else self._seconds
        return max(own, self._queue.expected)

    def _limit(self, found: Whereabouts) -> float:
        pace, expected = self._pace, self._expected(found)
        most = max(pace.silent, pace.slow * expected)
        return min(max(pace.quiet, pace.times * expected), most)
