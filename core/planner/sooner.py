# SPDX-License-Identifier: GPL-3.0-or-later
"""The same plan with its first results sooner: jobs in the film's order wherever there is time.

Within a block nothing is loaded or let go, so the order of its jobs costs no memory.  A job
goes before its turn only when the end of the film would wait for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace

from .clock import Block, timed
from .greedy import bottom_levels
from .problem import Problem
from .spread import Answer

__all__ = ["sooner_seen"]


def sooner_seen(
    problem: Problem, answer: Answer, order: Sequence[int], given: float, given_seconds: float
) -> Answer:
    """The answer with its blocks' jobs as near to the order asked as the end allows.

    ``order`` is ``greedy.in_order``'s.  The end may come later by ``given`` of the whole time or
    by ``given_seconds``, whichever is more; the same answer when it would come later than that.
    """
    end = answer.timed.seconds + given_seconds
    levels = bottom_levels(problem, order)
    starts = iter(answer.timed.starts)
    lines = tuple(
        tuple(_Turns(problem, block, answer, levels, next(starts), end).taken() for block in line)
        for line in answer.lines
    )
    try:
        moved = timed(problem, lines)
    except ValueError:  # devices would wait for each other
        return answer
    if moved.seconds > max(end, answer.timed.seconds * (1 + given)) + 1e-9:
        return answer
    tours = tuple(tuple(call for block in line for call in block.calls) for line in lines)
    return Answer(tours=tours, lines=lines, timed=moved, loaded_bytes=answer.loaded_bytes)


class _Turns:
    """One block played again: the lowest job first, unless another cannot wait."""

    def __init__(
        self,
        problem: Problem,
        block: Block,
        answer: Answer,
        levels: Sequence[float],
        start: float,
        end: float,
    ) -> None:
        self._block = block
        self._levels = levels
        self._end = end
        self._ways = dict(block.calls)
        self._waits: dict[int, int] = {}
        self._below: dict[int, list[int]] = {}
        begin = start + problem.load_seconds(block.device, block.load)
        self._lanes = [begin] * problem.services[block.service].slots
        #: (when what it waits for has ended, job): of jobs whose parents here are done.
        self._coming: list[tuple[float, int]] = []
        self._free_at: dict[int, float] = {}
        for job in self._ways:
            parents = problem.jobs[job].after
            inside = [parent for parent in parents if parent in self._ways]
            outside = (answer.timed.finish.get(p, 0.0) for p in parents if p not in self._ways)
            self._free_at[job] = max(outside, default=0.0)
            self._waits[job] = len(inside)
            for parent in inside:
                self._below.setdefault(parent, []).append(job)
            if not inside:
                heapq.heappush(self._coming, (self._free_at[job], job))

    def taken(self) -> Block:
        """The block with its calls in the order they are taken."""
        order: list[int] = []
        ready: list[int] = []
        urgent: list[tuple[float, int]] = []
        done: set[int] = set()
        while len(order) < len(self._ways):
            now = heapq.heappop(self._lanes)
            if not ready and self._coming:
                now = max(now, self._coming[0][0])
            while self._coming and self._coming[0][0] <= now:
                job = heapq.heappop(self._coming)[1]
                heapq.heappush(ready, job)
                heapq.heappush(urgent, (-self._levels[job], job))
            job = self._picked(ready, urgent, done, now)
            done.add(job)
            order.append(job)
            self._finish(job, now + self._ways[job].seconds)
            while ready and ready[0] in done:
                heapq.heappop(ready)
        return replace(self._block, calls=tuple((job, self._ways[job]) for job in order))

    def _picked(
        self, ready: list[int], urgent: list[tuple[float, int]], done: set[int], now: float
    ) -> int:
        while urgent[0][1] in done:
            heapq.heappop(urgent)
        level, job = urgent[0]
        return job if now - level >= self._end else ready[0]

    def _finish(self, job: int, end: float) -> None:
        heapq.heappush(self._lanes, end)
        for child in self._below.get(job, ()):
            self._waits[child] -= 1
            self._free_at[child] = max(self._free_at[child], end)
            if not self._waits[child]:
                heapq.heappush(self._coming, (self._free_at[child], child))
