# SPDX-License-Identifier: GPL-3.0-or-later
"""A better tour of one device: simulated annealing, hundreds of neighbours at a time.

A neighbour moves one to three jobs elsewhere, swaps two, or turns a stretch around.  Because
``Retention`` weighs a whole batch for little more than one tour, each step draws a batch and
takes the best improvement in it, else the first neighbour that chance accepts; most tours
have very many neighbours of equal weight, and walking among those is what finds the way out.
Steps are counted, not timed, so the same problem always gives the same answer; a deadline
only cuts short.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from .problem import Problem, Way
from .retention import Retention

__all__ = ["better_tour", "neighbours"]

Array: TypeAlias = np.ndarray[Any, Any]

BATCH = 128
#: First and last temperature, in units of weight (one model, where all are equal): tuned on
#: generated instances of 40 jobs and 60 models, ``bench/planner.py``.
HOT, COLD = 0.8, 0.3
#: More jobs than this have too many neighbours to list, and are searched by runs instead.
MOST_JOBS = 120


@functools.lru_cache(maxsize=8)
def neighbours(jobs: int) -> Array:
    """Every neighbour of a tour of so many jobs, as rows of positions: (neighbours, jobs)."""
    line = list(range(jobs))
    rows = []
    for length in (1, 2, 3):
        for start in range(jobs - length + 1):
            block, rest = line[start : start + length], line[:start] + line[start + length :]
            for target in range(jobs - length + 1):
                if target != start:
                    rows.append(rest[:target] + block + rest[target:])
    for first in range(jobs):
        for last in range(first + 2, jobs):
            rows.append(line[:first] + line[first : last + 1][::-1] + line[last + 1 :])
            swapped = line[:]
            swapped[first], swapped[last] = swapped[last], swapped[first]
            rows.append(swapped)
    return np.array(rows or [line], dtype=np.intp)


def better_tour(
    problem: Problem,
    ways: Sequence[Way],
    links: Sequence[tuple[int, int]],
    starts: Sequence[Sequence[int]],
    *,
    steps: int,
    deadline: float,
    pinned: bool = False,
) -> list[list[int]]:
    """Orders of the ways that load little, best first; never worse than the best start.

    Args:
        ways: one for each job of the device.
        links: (earlier, later) pairs of indexes of ``ways``.
        starts: orders to begin with; each keeps every link.
        steps: batches to look at.
        deadline: ``time.perf_counter()`` at which to stop all the same.
        pinned: the first way of every start stays first: what is loaded already.
    """
    retention = Retention(problem, list(ways))
    first = np.array(starts, dtype=np.intp)
    weights = retention.loads(first)
    begin = int(weights.argmin())
    search = _Search(retention, first[begin], int(weights[begin]), np.array(links, dtype=np.intp))
    search.walk(steps, deadline, pinned)
    return [list(map(int, tour)) for tour in search.best]


class _Search:
    """One walk: where it is, and the best it saw."""

    def __init__(self, retention: Retention, tour: Array, weight: int, links: Array) -> None:
        self._retention = retention
        self._links = links
        self.tour, self.weight = tour, weight
        self.best, self.least = [tour], weight

    def walk(self, steps: int, deadline: float, pinned: bool) -> None:
        """Go ``steps`` batches far, cooling evenly in the logarithm."""
        table = neighbours(len(self.tour) - pinned) + pinned
        if pinned:
            table = np.insert(table, 0, 0, axis=1)
        dice = np.random.default_rng(0)
        for step in range(steps):
            enough = self.least <= self._retention.least
            if enough or (step % 8 == 0 and time.perf_counter() > deadline):
                return
            heat = HOT * (COLD / HOT) ** (step / steps)
            tours = self.tour[table[dice.integers(0, len(table), BATCH)]]
            self._take(self._allowed(tours), heat, dice)

    def _allowed(self, tours: Array) -> Array:
        """Those that keep every link."""
        if not len(self._links):
            return tours
        places = np.argsort(tours, axis=1)
        kept = (places[:, self._links[:, 0]] < places[:, self._links[:, 1]]).all(axis=1)
        allowed: Array = tours[kept]
        return allowed

    def _take(self, tours: Array, heat: float, dice: np.random.Generator) -> None:
        if not len(tours):
            return
        change = self._retention.loads(tours) - self.weight
        chosen = int(change.argmin())
        if change[chosen] >= 0:
            accepted = np.flatnonzero(change < -heat * np.log(dice.random(len(tours))))
            if not len(accepted):
                return
            chosen = int(accepted[0])
        self.tour, self.weight = tours[chosen], self.weight + int(change[chosen])
        if self.weight < self.least:
            self.best, self.least = [self.tour, *self.best[:3]], self.weight
        elif self.weight == self.least and len(self.best) < 4:
            self.best.append(self.tour)
