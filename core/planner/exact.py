# SPDX-License-Identifier: GPL-3.0-or-later
"""The best tour of a small device, proven: A* over what is done and what is in memory.

A state is (jobs done, items resident).  Nothing is evicted before it must be, and then only
a largest set that fits is kept, for a smaller one can never load less.  What the jobs still
to do need and is not resident has to be loaded at least once: that is the estimate, and it
never exceeds the truth, so the first end reached is the best.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from itertools import count

from .problem import Items, Job, Problem, Way, bits

__all__ = ["MOST_ITEMS", "MOST_JOBS", "best_tour"]

#: Beyond these the states are too many to be worth trying.
MOST_JOBS, MOST_ITEMS = 12, 16
#: States looked at before giving up: about a second.
MOST_STATES = 60_000

#: (seconds, bytes): what is compared, seconds first.
Cost = tuple[float, int]
#: Estimated cost, a number that breaks ties, cost so far, state, and the calls as a chain.
_Entry = tuple[float, int, int, Cost, tuple[int, Items], object]


def best_tour(problem: Problem, deadline: float) -> list[tuple[int, Way]] | None:
    """The calls that end first, by fewest bytes among equals; None when it is not small enough.

    Only for one device whose services free selectively.
    """
    search = _Search(problem)
    if not search.small:
        return None
    return search.run(deadline)


class _Search:
    """One problem's states."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        home = problem.homes[0]
        self._room = problem.room[home]
        self._rate = problem.devices[home].load_bytes_per_s
        self._least = [min(way.seconds for way in job.ways) for job in problem.jobs]
        #: What every way of a job needs, whichever is taken.
        self._surely = [_common(job) for job in problem.jobs]
        self._maybe = [_union(job) for job in problem.jobs]
        self._keeps: dict[tuple[Items, int], tuple[Items, ...]] = {}
        used = 0
        for job in problem.jobs:
            used |= _union(job)
        self.small = (
            problem.one_device
            and len(problem.jobs) <= MOST_JOBS
            and used.bit_count() <= MOST_ITEMS
            and all(service.unload == "selective" for service in problem.services)
        )

    def run(self, deadline: float) -> list[tuple[int, Way]] | None:
        everything = (1 << len(self._problem.jobs)) - 1
        start = (0, self._problem.loaded)
        ticket = count()
        queue: list[_Entry] = [(*self._estimate(start), next(ticket), (0.0, 0), start, None)]
        settled: set[tuple[int, Items]] = set()
        while queue:
            *_, cost, state, past = heapq.heappop(queue)
            if state in settled:
                continue
            if state[0] == everything:
                return _unrolled(past)
            settled.add(state)
            if len(settled) > MOST_STATES or (
                len(settled) % 256 == 0 and time.perf_counter() > deadline
            ):
                return None
            for call, after, spent in self._next(state, cost):
                if after not in settled:
                    seconds, size = self._estimate(after)
                    key = (round(spent[0] + seconds, 9), spent[1] + size)
                    heapq.heappush(queue, (*key, next(ticket), spent, after, (call, past)))
        return None

    def _estimate(self, state: tuple[int, Items]) -> Cost:
        done, resident = state
        needed, seconds = 0, 0.0
        for job, least in enumerate(self._least):
            if not done >> job & 1:
                needed |= self._surely[job]
                seconds += least
        size = self._problem.weight(needed & ~resident)
        return seconds + size / self._rate, size

    def _next(
        self, state: tuple[int, Items], cost: Cost
    ) -> Iterator[tuple[tuple[int, Way], tuple[int, Items], Cost]]:
        done, resident = state
        for job in self._problem.jobs:
            if done >> job.index & 1 or any(not done >> a & 1 for a in job.after):
                continue
            wanted = self._wanted(done | 1 << job.index)
            for way in job.ways:
                for kept in self._kept(resident, way, wanted):
                    size = self._problem.weight(way.items & ~kept)
                    spent = (cost[0] + way.seconds + size / self._rate, cost[1] + size)
                    after = (kept | way.items) & wanted
                    yield (job.index, way), (done | 1 << job.index, after), spent

    def _wanted(self, done: int) -> Items:
        """Items that some job still to do may use: the others count as gone."""
        items = 0
        for job, maybe in enumerate(self._maybe):
            if not done >> job & 1:
                items |= maybe
        return items

    def _kept(self, resident: Items, way: Way, wanted: Items) -> tuple[Items, ...]:
        problem = self._problem
        live = resident & (wanted | way.items)
        left = self._room - way.work - problem.weight(way.items)
        loose = live & ~way.items
        if problem.weight(loose) <= left:
            return (live,)
        fixed = live & way.items
        return tuple(fixed | kept for kept in self._largest(loose, left))

    def _largest(self, loose: Items, left: int) -> tuple[Items, ...]:
        """Every largest subset of ``loose`` within ``left`` bytes that breaks no priority."""
        known = self._keeps.get((loose, left))
        if known is None:
            known = self._keeps[(loose, left)] = tuple(self._grown(loose, left))
        return known

    def _grown(self, loose: Items, left: int) -> Iterator[Items]:
        weight, ranks = self._problem.weight, self._problem.ranks
        subset = loose
        while True:
            if weight(subset) <= left:
                gone = loose & ~subset
                larger = any(weight(subset | 1 << item) <= left for item in bits(gone))
                worst_kept = max((ranks[item] for item in bits(subset)), default=-1)
                best_gone = min((ranks[item] for item in bits(gone)), default=worst_kept)
                breaks = worst_kept > best_gone
                if not breaks and (not larger or self._held_back(subset, gone, left)):
                    yield subset
            if not subset:
                return
            subset = (subset - 1) & loose

    def _held_back(self, subset: Items, gone: Items, left: int) -> bool:
        """Whether what could be added would only break a priority."""
        weight, ranks = self._problem.weight, self._problem.ranks
        for item in bits(gone):
            if weight(subset | 1 << item) > left:
                continue
            rest = gone & ~(1 << item)
            if all(ranks[other] >= ranks[item] for other in bits(rest)):
                return False
        return True


def _common(job: Job) -> Items:
    items = job.ways[0].items
    for way in job.ways[1:]:
        items &= way.items
    return items


def _union(job: Job) -> Items:
    items = 0
    for way in job.ways:
        items |= way.items
    return items


def _unrolled(past: object) -> list[tuple[int, Way]]:
    calls = []
    while isinstance(past, tuple):
        calls.append(past[0])
        past = past[1]
    return calls[::-1]
