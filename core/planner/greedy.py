# SPDX-License-Identifier: GPL-3.0-or-later
"""The first answer: event by event, whoever is free takes what suits it best.

On one device that is a job whose models are there already, else one that loads least; on
several, the job with the longest way still to go behind it, less what loading for it would
cost (list scheduling by bottom level, Graham 1969, with loading as a penalty).  Ready jobs
that need the same are kept together, so a film of ten thousand steps is a few dozen choices
between kinds of work, made ten thousand times.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from .problem import Items, Job, Problem, Way, bits

__all__ = ["Circle", "bottom_levels", "first_answer", "in_order"]

#: A job's index and the way it is done.
Call = tuple[int, Way]
#: How much a second of loading weighs against a second of work still to go.
LOADING_WEIGHS = 3.0
#: Kinds of work looked at for one choice; when more are ready, only the first so many of them.
MOST_KINDS, FIRST_KINDS = 64, 16


class Circle(Exception):
    """Jobs wait for each other; ``jobs`` are some of them, by id."""

    def __init__(self, jobs: tuple[str, ...]) -> None:
        super().__init__(", ".join(jobs))
        self.jobs = jobs


@dataclass(slots=True)
class _Kind:
    """Ready jobs that need the same.  ``heads`` is a heap, ``coming`` counts those not ready yet."""

    ways: tuple[Way, ...]
    coming: int = 0
    heads: list[tuple[float, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Desk:
    """One device while the answer is made."""

    index: int
    free_at: float = 0.0
    resident: Items = 0
    held: int = 0  #: bytes of ``resident``
    calls: list[Call] = field(default_factory=list)
    used_at: dict[int, int] = field(default_factory=dict)


def in_order(problem: Problem) -> list[int]:
    """The jobs, each after those it waits for; lower indexes first.

    Raises:
        Circle: some wait for each other.
    """
    waits = [len(job.after) for job in problem.jobs]
    below: list[list[int]] = [[] for _ in problem.jobs]
    for job in problem.jobs:
        for parent in job.after:
            below[parent].append(job.index)
    ready = [index for index, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        index = heapq.heappop(ready)
        order.append(index)
        for child in below[index]:
            waits[child] -= 1
            if not waits[child]:
                heapq.heappush(ready, child)
    if len(order) < len(problem.jobs):
        raise Circle(tuple(problem.jobs[i].id for i, count in enumerate(waits) if count)[:5])
    return order


def bottom_levels(problem: Problem, order: Sequence[int]) -> list[float]:
    """Seconds from the start of each job to the end of the film at best; ``order`` as ``in_order``."""
    levels = [min(way.seconds for way in job.ways) for job in problem.jobs]
    own = levels[:]
    for index in reversed(order):
        for parent in problem.jobs[index].after:
            levels[parent] = max(levels[parent], own[parent] + levels[index])
    return levels


def first_answer(problem: Problem, order: Sequence[int]) -> list[list[Call]]:
    """For each device its jobs in the order it does them."""
    return _Floor(problem, order).run()


class _Floor:
    """Devices, ready jobs and the time.  Used once."""

    def __init__(self, problem: Problem, order: Sequence[int]) -> None:
        self._problem = problem
        self._alone = problem.one_device
        levels = bottom_levels(problem, order)
        self._levels = levels
        self._least = [min(way.seconds for way in job.ways) for job in problem.jobs]
        self._waits = [len(job.after) for job in problem.jobs]
        self._below: list[list[int]] = [[] for _ in problem.jobs]
        self._kinds: dict[tuple[tuple[int, Items, int], ...], _Kind] = {}
        self._ready: dict[int, _Kind] = {}  #: kinds with ready jobs, by identity
        #: (first job, kind) of ready kinds; entries that no longer hold are passed over.
        self._queue: list[tuple[tuple[float, int], int]] = []
        self._left: dict[int, int] = {}  #: jobs still to do that may use an item
        self._kind_of: list[_Kind] = [self._sorted_in(job) for job in problem.jobs]
        self._ends: list[tuple[float, int]] = []
        self._desks = [self._desk(device) for device in range(len(problem.devices))]

    def _desk(self, device: int) -> _Desk:
        problem = self._problem
        mine = (held for s, held in enumerate(problem.belongings) if problem.homes[s] == device)
        resident = problem.loaded & sum(mine)
        return _Desk(device, resident=resident, held=problem.weight(resident))

    def _sorted_in(self, job: Job) -> _Kind:
        for parent in job.after:
            self._below[parent].append(job.index)
        key = tuple((way.service, way.items, way.work) for way in job.ways)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Kind(ways=job.ways)
        kind.coming += 1
        for item in bits(_union(job)):
            self._left[item] = self._left.get(item, 0) + 1
        return kind

    def run(self) -> list[list[Call]]:
        for job in self._problem.jobs:
            if not job.after:
                self._release(job.index)
        free = [(0.0, desk.index) for desk in self._desks]
        asleep: list[int] = []  #: devices with nothing to do until something ends
        todo = len(self._problem.jobs)
        while todo:
            if not free:
                free = [(max(self._ends[0][0], 0.0), index) for index in asleep]
                asleep = []
            now, index = heapq.heappop(free)
            if self._hear_ends(now):
                for other in asleep:
                    heapq.heappush(free, (now, other))
                asleep = []
            desk = self._desks[index]
            desk.free_at = now
            call = self._chosen(desk)
            if call is None:
                asleep.append(index)
                continue
            todo -= 1
            self._give(desk, call)
            heapq.heappush(free, (desk.free_at, index))
        return [desk.calls for desk in self._desks]

    def _hear_ends(self, now: float) -> bool:
        """Release what waited for jobs that have ended by now; whether any had."""
        heard = False
        while self._ends and self._ends[0][0] <= now:
            heard = True
            _, job = heapq.heappop(self._ends)
            for child in self._below[job]:
                self._waits[child] -= 1
                if not self._waits[child]:
                    self._release(child)
        return heard

    def _release(self, job: int) -> None:
        kind = self._kind_of[job]
        kind.coming -= 1
        heapq.heappush(kind.heads, (0.0 if self._alone else -self._levels[job], job))
        self._ready[id(kind)] = kind
        heapq.heappush(self._queue, (kind.heads[0], id(kind)))

    def _chosen(self, desk: _Desk) -> Call | None:
        best: tuple[tuple[float, ...], int, Way] | None = None
        for kind in self._looked_at():
            head = kind.heads[0][1]
            for way in self._problem.jobs[head].ways:
                if way.device != desk.index:
                    continue
                key = self._merit(desk, kind, head, way)
                if key is not None and (best is None or key < best[0]):
                    best = (key, head, way)
        return None if best is None else (best[1], best[2])

    def _looked_at(self) -> list[_Kind]:
        """The ready kinds, or of very many those whose first jobs come first."""
        if len(self._ready) <= MOST_KINDS:
            return list(self._ready.values())
        found: dict[int, _Kind] = {}
        entries = []
        while self._queue and len(found) < FIRST_KINDS:
            head, number = heapq.heappop(self._queue)
            kind = self._ready.get(number)
            if kind is not None and kind.heads[0] == head and number not in found:
                found[number] = kind
                entries.append((head, number))
        for entry in entries:
            heapq.heappush(self._queue, entry)
        return list(found.values())

    def _merit(self, desk: _Desk, kind: _Kind, head: int, way: Way) -> tuple[float, ...] | None:
        """Lower is better; None when another device should rather take it."""
        problem = self._problem
        missing = way.items & ~desk.resident
        loading = problem.load_seconds(desk.index, missing) if missing else 0.0
        slower = way.seconds - self._least[head]
        if self._alone:
            # While there is room, what is loaded now need not be loaded later: the film's order.
            fits = desk.held + problem.weight(missing) + way.work <= problem.room[desk.index]
            cost = slower if fits else slower + loading
            overlap = 0 if fits else problem.weight(way.items & desk.resident)
            changes = bool(desk.calls) and desk.calls[-1][1].service != way.service
            return (not fits, cost, way.wish, changes, not fits and kind.coming > 0, -overlap, head)
        if loading and self._sooner_elsewhere(desk, kind, head, loading + way.seconds):
            return None
        others = len({other.device for other in problem.jobs[head].ways})
        score = LOADING_WEIGHS * loading - self._levels[head] + slower
        return (score, others, head)

    def _sooner_elsewhere(self, desk: _Desk, kind: _Kind, head: int, here: float) -> bool:
        """Whether a device that has the models would be done with all ready ones before us."""
        for way in self._problem.jobs[head].ways:
            other = self._desks[way.device]
            if other is not desk and not way.items & ~other.resident:
                there = max(other.free_at - desk.free_at, 0.0) + way.seconds * len(kind.heads)
                if there <= here:
                    return True
        return False

    def _give(self, desk: _Desk, call: Call) -> None:
        job, way = call
        kind = self._kind_of[job]
        heapq.heappop(kind.heads)
        if kind.heads:
            heapq.heappush(self._queue, (kind.heads[0], id(kind)))
        else:
            del self._ready[id(kind)]
        missing = way.items & ~desk.resident
        loading = self._problem.load_seconds(desk.index, missing) if missing else 0.0
        self._make_room(desk, way)
        desk.resident |= way.items
        desk.calls.append(call)
        for item in bits(way.items):
            desk.used_at[item] = len(desk.calls)
        for item in bits(_union(self._problem.jobs[job])):
            self._left[item] -= 1
            if not self._left[item]:
                desk.resident &= ~(1 << item)
        desk.held = self._problem.weight(desk.resident)
        slots = self._problem.services[way.service].slots
        desk.free_at += loading + way.seconds / slots
        heapq.heappush(self._ends, (desk.free_at, job))

    def _make_room(self, desk: _Desk, way: Way) -> None:
        """Let go of what is needed least; ``residency`` decides what really leaves."""
        problem = self._problem
        room = problem.room[desk.index] - way.work
        if problem.weight(desk.resident | way.items) <= room:
            return
        loose = desk.resident & ~way.items
        leaving = sorted(bits(loose), key=lambda item: (self._left.get(item, 0) > 0, -problem.ranks[item], desk.used_at.get(item, 0)))  # fmt: skip
        for item in leaving:
            whole = problem.services[problem.owners[item]].unload == "all"
            gone = problem.belongings[problem.owners[item]] if whole else 1 << item
            desk.resident &= ~gone
            if problem.weight(desk.resident | way.items) <= room:
                return


def _union(job: Job) -> Items:
    items = 0
    for way in job.ways:
        items |= way.items
    return items
