# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tours are worth weighing: a guess at what each keeps, from jobs near one another.

An item that is needed again by the next job is always kept, by the one after next mostly, and
so on; what a tour keeps is thus nearly a sum over runs of three or four jobs, and a table has
a number for each such run.  A look at the table takes a thirtieth of the time of weighing the
tour, and what it thinks little of is seldom good: of the best hundredth of a tour's neighbours
four in five are among the fifth that it likes best, half among the tenth (generated instances
of 30 and 40 jobs, midway through a search).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from .retention import Retention, count_bits

__all__ = ["Glance"]

Array: TypeAlias = np.ndarray[Any, Any]

#: What an item counts that is needed again by the next job, by the one after, by the third:
#: fitted to weighed neighbours.  Eighths, so that sums are the same on every machine.
NEAR = {2: (1.375, 0.875), 3: (1.625, 1.125, 0.625)}
#: Entries of the largest table, with all its words of bits: 48 jobs and 64 items have a full one.
MOST_ENTRIES = 6_000_000


class Glance:
    """Guesses what tours keep.  Owns one table."""

    def __init__(self, retention: Retention, jobs: int) -> None:
        planes = retention.planes
        words = sum(len(words) for _, words in planes)
        self._far = 3 if (jobs + 1) ** 4 * words <= MOST_ENTRIES else 2
        # One job more stands for what comes after the last: it needs nothing.
        self._side = jobs + 1
        table = np.zeros((self._side,) * (self._far + 1), np.float32)
        for value, plane in planes:
            for word in plane:
                self._enter(table, value, np.append(word, np.uint64(0)))
        self._table = table.ravel()

    def _enter(self, table: Array, value: int, word: Array) -> None:
        """Add what one word of bits says."""
        near = [value * share for share in NEAR[self._far]]
        both = word[:, None] & word
        beyond = both[:, None, :] & ~word[:, None]
        two = near[0] * _counts(both)[:, :, None] + near[1] * _counts(beyond)
        if self._far == 2:
            table += two
            return
        between = ~(word[:, None] | word)[:, :, None]
        for job in range(self._side):
            table[job] += two[job][:, :, None] + near[2] * _counts(both[job] & between)

    def promise(self, tours: Array) -> Array:
        """About what each tour keeps, in a unit of its own, 0 at least.  ``tours``: (tours, jobs)."""
        many, jobs = tours.shape
        line = np.full((many, jobs + self._far), jobs, np.int32)
        line[:, :jobs] = tours
        at = line[:, :jobs].copy()
        for ahead in range(1, self._far + 1):
            at *= self._side
            at += line[:, ahead : jobs + ahead]
        promise: Array = self._table[at].sum(axis=1)
        return promise


def _counts(words: Array) -> Array:
    """How many bits are set in each word."""
    words = np.ascontiguousarray(words)
    counted: Array = count_bits(words, np.empty_like(words)).astype(np.float32)
    return counted
