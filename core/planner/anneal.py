# SPDX-License-Identifier: GPL-3.0-or-later
"""A better tour of one device: simulated annealing, hundreds of neighbours at a time.

A neighbour moves one to three jobs elsewhere, swaps two, or turns a stretch around.  Because
``Retention`` weighs a whole batch for little more than one tour, each step draws a batch and
takes the best improvement in it, else the first neighbour that chance accepts; most tours
have very many neighbours of equal weight, and walking among those is what finds the way out.
In a long search a glance at more neighbours says which are weighed, and several walks cool
together, of which the worst goes on from the best now and then ("go with the winners", Aldous
and Vazirani 1994): one alone is now and then unlucky.
Steps are counted, not timed, so the same problem always gives the same answer; a deadline
only cuts short.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from .glance import Glance, Moves
from .problem import Problem, Way
from .retention import Retention

__all__ = ["better_tour", "neighbours"]

Array: TypeAlias = np.ndarray[Any, Any]
Dice: TypeAlias = np.random.Generator

#: Neighbours of a batch, and for each walk at least.
BATCH, LEAST_EACH = 128, 48
#: First and last temperature, in units of weight (one model, where all are equal), and the
#: same where only promising neighbours are weighed: tuned on generated instances of 40 jobs and
#: 60 models, ``bench/planner.py``.
HEATS, GLANCING_HEATS = (1.0, 0.3), (1.5, 0.35)
#: A long search is so many walks side by side; each glances at so many neighbours, and weighs
#: so many of these.  Getting ready takes as long as a hundred batches: ``LONG`` is several.
LONG_WALKS, GLANCED, WEIGHED, LONG = 4, 128, 16, 400
#: A search of so many steps first finds out from so many neighbours how far ahead to look.
WORTH_A_LOOK, LOOKED_AT = 50, 64
#: A long search chooses among all neighbours; for more than so many jobs among so many, and
#: after so many steps others.
FEW_TO_MOVE, MOVES, RENEWED = 48, 8192, 200
#: When, as shares of a long search, the worst walk is given up for the best.
FOLLOW = (0.25, 0.4, 0.55, 0.7, 0.85)
#: Jobs moved at once; shares of the neighbours that turn a stretch, and (less those) swap two.
MOST_MOVED, TURNED, SWAPPED = 3, 0.13, 0.13
#: In place of by how many jobs a stretch is turned: it is turned around, or its ends swapped.
TURN, SWAP = -1, -2
#: Neighbours drawn at a time, and how many batches are taken from them.
POOL, BATCHES = 2048, 64
#: Tours of more are searched by runs of equal jobs instead.
MOST_JOBS = 120


def neighbours(jobs: int, count: int, dice: Dice) -> Array:
    """``count`` neighbours of a tour of so many jobs, as rows of positions: (count, jobs).

    All work on a stretch drawn at random: a block of one to three jobs goes from one end of
    it to the other, or its ends change places, or it is turned around.
    """
    one = dice.integers(0, jobs, (count, 1))
    other = (one + dice.integers(1, jobs, (count, 1))) % jobs
    first, last = np.minimum(one, other), np.maximum(one, other)
    block = np.minimum(dice.integers(1, MOST_MOVED + 1, (count, 1)), last - first)
    turn = np.where(dice.random((count, 1)) < 0.5, block, last - first + 1 - block)
    kind = dice.random((count, 1))
    turn[kind < TURNED + SWAPPED] = SWAP
    turn[kind < TURNED] = TURN
    return _moved(jobs, first, last, turn)


def all_neighbours(jobs: int) -> Array:
    """Every such neighbour, as often as it would be drawn: (neighbours, jobs)."""
    first, last = (ends[:, None] for ends in np.triu_indices(jobs, 1))
    turns: list[Any] = [TURN, SWAP]
    for block in range(1, MOST_MOVED + 1):
        few = np.minimum(block, last - first)
        turns += [few, last - first + 1 - few]
    return np.concatenate([_moved(jobs, first, last, np.asarray(turn)) for turn in turns])


def _moved(jobs: int, first: Array, last: Array, turn: Array) -> Array:
    """Tours whose stretches are turned by so many jobs, or have something else done to them."""
    line = np.arange(jobs)
    inside = (line >= first) & (line <= last)
    moved = np.where(inside, first + (line - first + turn) % (last - first + 1), line)
    reversed_ = np.where(inside, first + last - line, line)
    swapped = np.where(line == first, last, np.where(line == last, first, line))
    rows: Array = np.where(turn == TURN, reversed_, np.where(turn == SWAP, swapped, moved))
    return rows


def better_tour(
    problem: Problem,
    ways: Sequence[Way],
    links: Sequence[tuple[int, int]],
    starts: Sequence[Sequence[int]],
    *,
    steps: int,
    deadline: float,
    walks: int = 1,
    pinned: bool = False,
) -> list[list[int]]:
    """Orders of the ways that load little, best first; never worse than the best start.

    Args:
        ways: one for each job of the device.
        links: (earlier, later) pairs of indexes of ``ways``.
        starts: orders to begin with; each keeps every link.
        steps: batches to look at.
        deadline: ``time.perf_counter()`` at which to stop all the same.
        walks: how many to go at once from the best start; a batch is shared among them.
            With 1 a long search takes several all the same, and glances first.
        pinned: the first way of every start stays first: what is loaded already.
    """
    retention = Retention(problem, list(ways))
    first = np.array(starts, dtype=np.intp)
    loads = retention.loads(first)
    begin = int(loads.argmin())
    glances = walks == 1 and steps >= LONG and loads[begin] > retention.least
    if steps >= WORTH_A_LOOK and loads[begin] > retention.least:
        near = neighbours(len(ways), LOOKED_AT, np.random.default_rng(0))
        retention.look_near(first[begin][near])
    walks = LONG_WALKS if glances else walks
    search = _Search(retention, first[begin], np.array(links, dtype=np.intp), walks)
    if glances:
        search.glance = Glance(retention, len(ways))
    search.walk(steps, deadline, pinned)
    return [list(map(int, tour)) for tour in search.best]


class _Search:
    """Walks that cool together: where they are, and the best that any of them saw."""

    def __init__(self, retention: Retention, tour: Array, links: Array, walks: int) -> None:
        loads, worth = retention.weigh(tour[None])
        self._retention = retention
        self._links = links
        self._walks = walks
        self._each = max(BATCH, LEAST_EACH * walks) // walks
        self.tours = np.repeat(tour[None], walks, axis=0)
        self.worth = np.repeat(worth, walks)
        self.best, self.least = [tour], int(loads[0])
        self.glance: Glance | None = None  #: says which neighbours are weighed; None: all

    def walk(self, steps: int, deadline: float, pinned: bool) -> None:
        """Go ``steps`` batches far, cooling evenly in the logarithm."""
        dice = np.random.default_rng(0)
        glance = self.glance
        jobs = self.tours.shape[1]
        hot, cold = GLANCING_HEATS if glance else HEATS
        follow = {round(share * steps) for share in FOLLOW} if glance else set()
        for step in range(steps):
            enough = self.least <= self._retention.least
            if enough or (step % 8 == 0 and time.perf_counter() > deadline):
                return
            if step in follow:
                self._follow()
            heat = hot * (cold / hot) ** (step / steps)
            if glance:
                if step % RENEWED == 0 and (not step or jobs > FEW_TO_MOVE):
                    moves = Moves(self._moves(pinned, dice))
                tours = self._glanced(glance, moves, heat, dice)
            else:
                if step % BATCHES == 0:
                    pool = self._pool(POOL, pinned, dice)
                tours = self._drawn(pool, dice)
            self._take(tours, heat, dice)

    def _drawn(self, pool: Array, dice: Dice) -> Array:
        """Neighbours of each walk: (walks, each, jobs)."""
        picked = pool[dice.integers(0, POOL, (self._walks, self._each))]
        return np.take_along_axis(self.tours[:, None], picked, axis=2)

    def _glanced(self, glance: Glance, moves: Moves, heat: float, dice: Dice) -> Array:
        """Promising neighbours of each walk: (walks, those to weigh, jobs).

        Whatever would be accepted if it kept what it promises, and what luck allows as well.
        """
        chosen = dice.integers(0, len(moves.rows), (self._walks, GLANCED))
        gains = glance.gains(self.tours, moves, chosen)
        gains += heat * dice.standard_exponential(gains.shape, np.float32)
        if len(self._links):
            tours = np.take_along_axis(self.tours[:, None], moves.rows[chosen], axis=2)
            kept = self._keeps_links(tours.reshape(-1, tours.shape[2]))
            gains[~kept.reshape(gains.shape)] = -np.inf
        # In the order they were drawn, for chance to choose among.
        best = np.sort(np.argsort(-gains, axis=1, kind="stable")[:, :WEIGHED], axis=1)
        rows = moves.rows[np.take_along_axis(chosen, best, axis=1)]
        return np.take_along_axis(self.tours[:, None], rows, axis=2)

    def _follow(self) -> None:
        """The walk that is worst goes on from where the best is."""
        best, worst = self.worth.argmin(), self.worth.argmax()
        self.tours[worst], self.worth[worst] = self.tours[best], self.worth[best]

    def _moves(self, pinned: bool, dice: Dice) -> Array:
        """What a long search has to choose from: all there is, or a share of it."""
        jobs = self.tours.shape[1] - pinned
        if jobs > FEW_TO_MOVE:
            return self._pool(MOVES, pinned, dice)
        return _behind(all_neighbours(jobs), pinned)

    def _pool(self, count: int, pinned: bool, dice: Dice) -> Array:
        return _behind(neighbours(self.tours.shape[1] - pinned, count, dice), pinned)

    def _take(self, tours: Array, heat: float, dice: Dice) -> None:
        """Let each walk go on to the best of its neighbours (walks, each, jobs), or to none."""
        flat = tours.reshape(-1, tours.shape[2])
        loads, worth = self._retention.weigh(flat)
        kept = self._keeps_links(flat)
        self._remember(flat, np.where(kept, loads, np.iinfo(loads.dtype).max))
        change = np.where(kept, worth, np.inf).reshape(tours.shape[:2]) - self.worth[:, None]
        lowest = change.argmin(axis=1)
        lucky = change < -heat * np.log(dice.random(change.shape))
        walks = np.arange(self._walks)
        improves = change[walks, lowest] < 0
        chosen = np.where(improves, lowest, lucky.argmax(axis=1))
        goes = improves | lucky.any(axis=1)
        self.worth = np.where(goes, self.worth + change[walks, chosen], self.worth)
        self.tours = np.where(goes[:, None], tours[walks, chosen], self.tours)

    def _keeps_links(self, tours: Array) -> Array:
        """Which of the tours keep every link."""
        if not len(self._links):
            return np.ones(len(tours), bool)
        places = np.argsort(tours, axis=1)
        kept: Array = (places[:, self._links[:, 0]] < places[:, self._links[:, 1]]).all(axis=1)
        return kept

    def _remember(self, tours: Array, loads: Array) -> None:
        """Keep the best few tours, of whatever worth."""
        lightest = int(loads.argmin())
        if loads[lightest] < self.least:
            self.best, self.least = [tours[lightest], *self.best[:3]], int(loads[lightest])
        elif loads[lightest] == self.least and len(self.best) < 4:
            self.best.append(tours[lightest])


def _behind(rows: Array, pinned: bool) -> Array:
    """The rows as they are, or behind a first job that stays where it is."""
    return np.insert(rows + 1, 0, 0, axis=1) if pinned else rows
