# SPDX-License-Identifier: GPL-3.0-or-later
"""A better division among several devices, or among services that free all or nothing.

What is moved are *runs*: jobs of one device that follow one another and need the same.  A
move takes one out and puts it elsewhere, on any device that can do it; it is kept when the
film ends no later, then loads no more.  Every answer looked at is weighed in full, so this is
for dozens of runs, where a whole film's plan is weighed in a millisecond.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .clock import Block, Timed, blocks, timed
from .problem import Problem, Way
from .residency import Call, serve, serve_quickly

__all__ = ["Answer", "better_division", "runs", "weigh"]

#: Runs beyond this are too many to be moved one at a time.
MOST_RUNS = 400
#: Share of moves that exchange two runs.
SWAPS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole plan by index: each device's calls and blocks, and when all of it happens."""

    tours: tuple[tuple[Call, ...], ...]
    lines: tuple[tuple[Block, ...], ...]
    timed: Timed
    loaded_bytes: int

    @property
    def key(self) -> tuple[float, int, float]:
        """What is compared, lower is better: the end, bytes loaded, the first job's end."""
        first = self.timed.finish.get(0, 0.0)
        return (round(self.timed.seconds, 6), self.loaded_bytes, round(first, 6))


def weigh(problem: Problem, tours: Iterable[Sequence[Call]], *, quickly: bool = False) -> Answer:
    """The answer that these tours make.

    Raises:
        ValueError: devices wait for each other.
    """
    kept = tuple(tuple(tour) for tour in tours)
    server = serve_quickly if quickly else serve
    lines = tuple(blocks(problem, server(problem, tour)) for tour in kept)
    loaded = sum(problem.weight(block.load) for line in lines for block in line)
    return Answer(tours=kept, lines=lines, timed=timed(problem, lines), loaded_bytes=loaded)


def runs(tour: Sequence[Call]) -> list[list[Call]]:
    """The tour cut where what is needed changes."""
    found: list[list[Call]] = []
    for call in tour:
        way = call[1]
        last = found[-1][-1][1] if found else None
        if last is not None and (last.service, last.items) == (way.service, way.items):
            found[-1].append(call)
        else:
            found.append([call])
    return found


def better_division(problem: Problem, answer: Answer, *, moves: int, deadline: float) -> Answer:
    """An answer no worse than the one given; the same moves are tried every time."""
    return _Mover(problem, answer).improved(moves, deadline)


class _Mover:
    """Tries moves from one answer; owns the best so far."""

    def __init__(self, problem: Problem, answer: Answer) -> None:
        self._problem = problem
        self._best = answer
        self._dice = random.Random(0)
        whole = len(problem.jobs) <= MOST_RUNS // 4
        self._lines = [[[c] for c in tour] if whole else runs(tour) for tour in answer.tours]

    def improved(self, moves: int, deadline: float) -> Answer:
        if sum(map(len, self._lines)) > MOST_RUNS:
            return self._best
        for _ in range(moves):
            if time.perf_counter() > deadline:
                break
            self._try()
        return weigh(self._problem, self._best.tours)

    def _try(self) -> None:
        lines = [line[:] for line in self._lines]
        swaps = self._dice.random() < SWAPS
        moved = self._swap(lines) if swaps else self._relocate(lines)
        if not moved or not self._in_order(lines):
            return
        tours = [[call for run in line for call in run] for line in lines]
        try:
            answer = weigh(self._problem, tours, quickly=True)
        except ValueError:
            return
        if answer.key <= self._best.key:
            self._best, self._lines = answer, lines

    def _relocate(self, lines: list[list[list[Call]]]) -> bool:
        filled = [device for device, line in enumerate(lines) if line]
        source = self._dice.choice(filled)
        run = lines[source].pop(self._dice.randrange(len(lines[source])))
        return self._put(lines, run)

    def _swap(self, lines: list[list[list[Call]]]) -> bool:
        """Two runs change devices, or places on one."""
        filled = [device for device, line in enumerate(lines) if line]
        one, two = self._dice.choice(filled), self._dice.choice(filled)
        a = self._dice.randrange(len(lines[one]))
        b = self._dice.randrange(len(lines[two]))
        first, second = lines[one][a], lines[two][b]
        here, there = self._fitted(second, one), self._fitted(first, two)
        if here is None or there is None:
            return False
        lines[one][a], lines[two][b] = here, there
        return one != two or a != b

    def _put(self, lines: list[list[list[Call]]], run: list[Call]) -> bool:
        targets = sorted({way.device for way in self._problem.jobs[run[0][0]].ways})
        target = self._dice.choice(targets)
        fitted = self._fitted(run, target)
        if fitted is None:
            return False
        lines[target].insert(self._dice.randrange(len(lines[target]) + 1), fitted)
        return True

    def _fitted(self, run: list[Call], device: int) -> list[Call] | None:
        """The run with ways on another device; None where one of its jobs has none."""
        fitted = []
        for job, way in run:
            if way.device != device:
                ways = [w for w in self._problem.jobs[job].ways if w.device == device]
                if not ways:
                    return None
                way = min(ways, key=_seconds)
            fitted.append((job, way))
        return fitted

    def _in_order(self, lines: list[list[list[Call]]]) -> bool:
        """Whether no device does a job before one it waits for on the same device."""
        for line in lines:
            place = {job: n for n, (job, _) in enumerate(c for run in line for c in run)}
            for job, at in place.items():
                if any(place.get(parent, -1) > at for parent in self._problem.jobs[job].after):
                    return False
        return True


def _seconds(way: Way) -> float:
    return way.seconds
