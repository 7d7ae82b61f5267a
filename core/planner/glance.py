# SPDX-License-Identifier: GPL-3.0-or-later
"""Which neighbours of a tour are worth weighing: a guess at how much more each keeps.

An item that is needed again by the next job is always kept, by the one after next mostly, if
there is room; what a tour keeps is thus roughly a sum over windows of three jobs, and a table
has a number for each such window, the same read backwards.  A neighbour differs from its tour
in the windows where it was cut, eight at most, so that a glance takes a twentieth of the time
of weighing it.  What it thinks little of is seldom good: of the best hundredth of a tour's
neighbours six in seven are among the fifth that it likes best, two in three among the tenth
(generated instances of 30 and 40 jobs, midway through a search).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from .retention import Retention, count_bits

__all__ = ["Glance", "Moves"]

Array: TypeAlias = np.ndarray[Any, Any]

#: What an item counts that is needed again by the next job, and by the one after where there is
#: room for it beside the next, as a share of its size: fitted to weighed neighbours.  Sixteenths,
#: so that sums are the same on every machine.
NEXT, AFTER = 1.0625, 0.875
#: Jobs of a window beside the first.
FAR = 2
#: In how many places a neighbour may be cut.
CUTS = 4


class Moves:
    """Ways to get from any tour of so many jobs to a neighbour, with what each changes.

    ``rows``: (moves, jobs), the position from which each job comes.  Small numbers are kept in
    bytes, for the moves are looked at in no order and should lie near the processor.
    """

    def __init__(self, rows: Array) -> None:
        self.rows = rows.astype(np.uint8)
        ends = np.arange(FAR), rows.shape[1] + FAR + np.arange(FAR)
        line = _padded(rows + FAR, *ends)
        which, slot, window = _cut(line)
        #: For each place in a window, the position that each of the new windows has there.
        self.made = np.zeros((len(rows), FAR + 1, CUTS * FAR), np.uint8)
        for place in range(FAR + 1):
            self.made[which, place, slot] = line[which, window + place]
        line = _padded(np.argsort(rows, axis=1) + FAR, *ends)
        which, slot, window = _cut(line)
        #: The windows that are no more.  Window 0 stands for none: nothing is needed in it.
        self.left = np.zeros((len(rows), CUTS * FAR), np.uint8)
        self.left[which, slot] = window


class Glance:
    """Guesses what tours keep.  Owns one table."""

    def __init__(self, retention: Retention, jobs: int) -> None:
        # One job more stands for what comes before the first and after the last: it needs nothing.
        self._side = jobs + 1
        pair = np.zeros((self._side,) * 2, np.float32)
        beyond = np.zeros((self._side,) * (FAR + 1), np.float32)
        for value, plane in retention.planes:
            for word in plane:
                word = np.append(word, np.uint64(0))
                both = word[:, None] & word
                pair += value * _counts(both)
                beyond += value * _counts(both[:, None, :] & ~word[:, None])
        spare = np.append(retention.spare, 0).astype(np.float32)
        table = AFTER * np.minimum(beyond, spare[:, None])
        # Every pair of neighbours is in two windows.
        table += NEXT / 2 * (pair[:, :, None] + pair)
        self._table = table.ravel()

    def promise(self, tours: Array) -> Array:
        """About how much each tour keeps, in units of weight.  ``tours``: (tours, jobs)."""
        promise: Array = self._windows(self._places(tours)).sum(axis=1)
        return promise

    def gains(self, tours: Array, moves: Moves, chosen: Array) -> Array:
        """How much more about each neighbour keeps than its tour.

        ``chosen``: (tours, neighbours) numbers of moves; so what comes back.
        """
        places = self._places(tours)
        windows = self._windows(places)
        at = np.take(places, _within(places, moves.made[chosen])).sum(axis=2)
        new = np.take(self._table, at).sum(axis=2)
        gains: Array = new - np.take(windows, _within(windows, moves.left[chosen])).sum(axis=2)
        return gains

    def _places(self, tours: Array) -> Array:
        """What a job adds to a window's index in the table, for each place it may have there.

        (tours, places, positions)
        """
        none = np.full(FAR, self._side - 1)
        worth = self._side ** np.arange(FAR, -1, -1)[:, None]
        places: Array = _padded(tours, none, none)[:, None] * worth
        return places

    def _windows(self, places: Array) -> Array:
        """The table's numbers for all windows of each tour."""
        many = places.shape[2] - FAR
        at = sum(places[:, ahead, ahead : ahead + many] for ahead in range(FAR + 1))
        return np.take(self._table, at)


def _within(rows: Array, at: Array) -> Array:
    """Where in all rows of an array what is at ``at`` in its rows lies: (tours, moves, ...)."""
    tours, *kinds, long = rows.shape
    begin = np.arange(0, rows.size, long).reshape(tours, 1, *kinds, 1)
    within: Array = at + begin
    return within


def _padded(rows: Array, before: Array, after: Array) -> Array:
    """The rows with ``FAR`` numbers more at both ends."""
    many, jobs = rows.shape
    line = np.empty((many, jobs + 2 * FAR), np.intp)
    line[:, :FAR], line[:, FAR:-FAR], line[:, -FAR:] = before, rows, after
    return line


def _cut(line: Array) -> tuple[Array, Array, Array]:
    """The windows where rows do not go on by one, up or down: row, number in the row, window."""
    breaks = np.abs(np.diff(line, axis=1)) != 1
    cut = breaks[:, :-1] | breaks[:, 1:]
    which, window = np.nonzero(cut)
    before = np.concatenate([[0], np.cumsum(cut.sum(axis=1))])[:-1]
    return which, np.arange(len(which)) - before[which], window


def _counts(words: Array) -> Array:
    """How many bits are set in each word."""
    words = words.copy()  # which counting may write over
    counted: Array = count_bits(words, np.empty_like(words)).astype(np.float32)
    return counted
