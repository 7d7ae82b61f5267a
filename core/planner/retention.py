# SPDX-License-Identifier: GPL-3.0-or-later
"""What very many tours of one device load, all at once, as NumPy arrays.

Keeping what is needed soonest can be counted without saying *which* items are kept: of two
items that are needed next by the same job, either will do.  So one number for each later
position is enough: how much of what is there is needed by then.  It grows by what the job at
hand will want again and is cut off where memory ends.  A tour of n jobs costs n small array
operations, shared by hundreds of tours.

For equal sizes the answer is exact.  For unequal ones it lets a fraction of an item be kept:
then it is a lower bound of what the tour loads, and serves as a guide.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from .problem import Items, Problem, Way, bits

__all__ = ["QUICK_COUNTS", "Retention"]

Array: TypeAlias = np.ndarray[Any, Any]

#: Unequal sizes are rounded up to so many bits for the search; results are weighed exactly.
SIZE_BITS = 5
WORD = 64
#: How a search looks beyond what is loaded: this share of what would be loaded with room for
#: so many items more.  Tuned as ``anneal``'s temperatures are.
EASED, ROOMIER = 0.5, 2


class Retention:
    """Weighs tours of the given ways, one for each job, on one device.  Owns only tables."""

    def __init__(self, problem: Problem, ways: list[Way]) -> None:
        self._planes, self.unit = _planes(problem, ways)
        device = ways[0].device
        self._sizes = self._weigh(len(ways))
        self.least = self._at_least()  #: units that no tour can do without
        room = [(problem.room[device] - way.work) / self.unit for way in ways]
        widest = float(self._sizes.sum()) + 1.0
        spare = np.minimum(np.floor(np.array(room)), widest) - self._sizes
        spare = np.maximum(spare, 0)
        self._more = ROOMIER * self._typical(ways)
        self._type = _smallest(int(spare.max() + self._sizes.max()) + self._more)
        self._spare = spare.astype(self._type)
        self._sizes = self._sizes.astype(self._type)

    def _typical(self, ways: list[Way]) -> int:
        """Units of an item of the middle, 1 at least."""
        items = sum(way.items.bit_count() for way in ways)
        return max(1, round(float(self._sizes.sum()) / max(1, items)))

    def _at_least(self) -> int:
        total = 0
        for value, words in self._planes:
            for word in words:
                union = np.bitwise_or.reduce(word, keepdims=True)
                total += value * int(_count(union, np.empty_like(union))[0])
        return total

    def _weigh(self, ways: int) -> Array:
        total = np.zeros(ways, np.int64)
        for value, words in self._planes:
            for word in words:
                total += value * _count(word.copy(), np.empty_like(word)).astype(np.int64)
        return total

    def loads(self, tours: Array) -> Array:
        """Units that each tour loads.  ``tours``: (tours, jobs) indexes of ways → (tours,)."""
        return self.weigh(tours)[0]

    def weigh(self, tours: Array) -> tuple[Array, Array]:
        """Units that each tour loads, and what it is worth to a search: both (tours,).

        The worth adds ``EASED`` of what would be loaded with room for ``ROOMIER`` items more:
        it tells apart tours that load the same but are not equally near to loading less.
        """
        order = np.ascontiguousarray(tours.T)
        jobs, count = order.shape
        spare = self._spare[order]
        line = _Line(np.stack([spare, spare + self._more], axis=1))
        planes = [(value, [word[order] for word in words]) for value, words in self._planes]
        # Written over again and again: making large arrays takes longer than filling them.
        seen, half = np.empty((2, jobs, count), np.uint64)
        for position in range(jobs - 1):
            left = jobs - 1 - position
            for value, words in planes:
                for word in words:
                    np.bitwise_or.accumulate(word[position + 1 :], axis=0, out=seen[:left])
                    np.bitwise_and(seen[:left], word[position], out=seen[:left])
                    again = _count(seen[:left], half[:left])
                    if value > 1:
                        again = np.multiply(again, value, dtype=self._type)
                    line.add(position, again)
            line.move(position)
        total = self._sizes[order].sum(axis=0, dtype=np.int64)
        loads, easier = total - line.kept
        return loads, loads + EASED * easier


class _Line:
    """What is kept along many tours at once, with each of several amounts of room.

    Arrays are (jobs, rooms, tours).
    """

    def __init__(self, spare: Array) -> None:
        self.kept = np.zeros(spare.shape[1:], np.int64)
        self._spare = spare
        #: Of what is there, how much is needed by each position.
        self._wanted = np.zeros_like(spare)

    def add(self, position: int, again: Array) -> None:
        """The job at a position wants so much again by each later one."""
        later = self._wanted[position + 1 :]
        np.add(later, again[:, None], out=later, casting="unsafe")

    def move(self, position: int) -> None:
        """The next job is served; what does not fit beside it, and is needed last, is gone."""
        later = self._wanted[position + 1 :]
        served = later[0].copy()
        self.kept += served
        np.subtract(later, served, out=later)
        np.minimum(later, self._spare[position + 1], out=later)


def _smallest(most: int) -> type[np.signedinteger[Any]]:
    """The smallest type that holds ``most``: small numbers are added faster."""
    if most < 2**7:
        return np.int8
    return np.int16 if most < 2**15 else np.int32


def _planes(problem: Problem, ways: list[Way]) -> tuple[list[tuple[int, list[Array]]], float]:
    """The items of the ways as words of bits, one set of words for each bit of the sizes.

    Also the bytes of one unit.  Items that a single way needs can never be kept for another,
    and count by their size alone; they are in the words all the same.
    """
    needed: Items = 0
    for way in ways:
        needed |= way.items
    items = list(bits(needed))
    sizes = {item: problem.sizes[item] for item in items}
    largest = max(sizes.values(), default=0)
    if len(set(sizes.values())) <= 1:
        return [(1, _words(ways, items))], float(largest or 1)
    unit = largest / (2**SIZE_BITS - 1)
    planes = []
    for bit in range(SIZE_BITS):
        lit = [item for item in items if max(1, round(sizes[item] / unit)) >> bit & 1]
        if lit:
            planes.append((1 << bit, _words(ways, lit)))
    return planes, unit


def _words(ways: list[Way], items: list[int]) -> list[Array]:
    words = []
    for first in range(0, len(items), WORD):
        chunk = items[first : first + WORD]
        words.append(
            np.array(
                [
                    sum(1 << place for place, item in enumerate(chunk) if way.items >> item & 1)
                    for way in ways
                ],
                dtype=np.uint64,
            )
        )
    return words


#: Whether NumPy counts bits by itself, from 2.0 on.
QUICK_COUNTS = hasattr(np, "bitwise_count")

if QUICK_COUNTS:

    def _count(words: Array, half: Array) -> Array:
        """How many bits are set in each word, as uint8; may write over both arrays."""
        del half
        counted: Array = getattr(np, "bitwise_count")(words)  # noqa: B009 - NumPy 1 has no such name
        return counted

else:
    _PAIRS, _FOURS, _EIGHTS, _SUM = (
        np.uint64(pattern)
        for pattern in (
            0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101,
        )
    )  # fmt: skip
    _ONE, _TWO, _FOUR, _TOP = (np.uint64(shift) for shift in (1, 2, 4, 56))

    def _count(words: Array, half: Array) -> Array:
        """How many bits are set in each word, as uint8: neighbours are summed in pairs."""
        np.right_shift(words, _ONE, out=half)
        half &= _PAIRS
        words -= half
        np.right_shift(words, _TWO, out=half)
        half &= _FOURS
        words &= _FOURS
        words += half
        np.right_shift(words, _FOUR, out=half)
        words += half
        words &= _EIGHTS
        words *= _SUM
        words >>= _TOP
        counted: Array = words.astype(np.uint8)
        return counted
