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

__all__ = ["Retention"]

Array: TypeAlias = np.ndarray[Any, Any]

#: Unequal sizes are rounded up to so many bits for the search; results are weighed exactly.
SIZE_BITS = 5
WORD = 64


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
        self._type = _smallest(int(spare.max() + self._sizes.max()))
        self._spare = spare.astype(self._type)
        self._sizes = self._sizes.astype(self._type)

    def _at_least(self) -> int:
        union = (
            (value, np.bitwise_or.reduce(w, keepdims=True))
            for value, ws in self._planes
            for w in ws
        )
        return sum(value * int(_count(word)[0]) for value, word in union)

    def _weigh(self, ways: int) -> Array:
        total = np.zeros(ways, np.int64)
        for value, words in self._planes:
            for word in words:
                total += value * _count(word).astype(np.int64)
        return total

    def loads(self, tours: Array) -> Array:
        """Units that each tour loads.  ``tours``: (tours, jobs) indexes of ways → (tours,)."""
        order = np.ascontiguousarray(tours.T)
        jobs, count = order.shape
        planes = [(value, [word[order] for word in words]) for value, words in self._planes]
        spare = self._spare[order]
        kept = np.zeros(count, np.int64)
        wanted = np.zeros((jobs, count), self._type)  #: of what is there, needed by a position
        for position in range(jobs - 1):
            later = wanted[position + 1 :]
            for value, words in planes:
                for word in words:
                    seen = np.bitwise_or.accumulate(word[position + 1 :], axis=0)
                    seen &= word[position]
                    again = _count(seen)
                    if value > 1:
                        again = np.multiply(again, value, dtype=self._type)
                    np.add(later, again, out=later, casting="unsafe")
            served = later[0].copy()
            kept += served
            np.subtract(later, served, out=later)
            np.minimum(later, spare[position + 1], out=later)
        total: Array = self._sizes[order].sum(axis=0, dtype=np.int64) - kept
        return total


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


if hasattr(np, "bitwise_count"):

    def _count(words: Array) -> Array:
        """How many bits are set in each word, as uint8."""
        counted: Array = getattr(np, "bitwise_count")(words)  # noqa: B009 - NumPy 1 has no such name
        return counted

else:  # NumPy 1: Blender 4.5 and 5.0
    _PAIRS, _FOURS, _EIGHTS, _SUM = (
        np.uint64(pattern)
        for pattern in (
            0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101,
        )
    )  # fmt: skip
    _ONE, _TWO, _FOUR, _TOP = (np.uint64(shift) for shift in (1, 2, 4, 56))

    def _count(words: Array) -> Array:
        """How many bits are set in each word, as uint8: neighbours are summed in pairs."""
        half = words >> _ONE
        half &= _PAIRS
        sums = words - half
        np.right_shift(sums, _TWO, out=half)
        half &= _FOURS
        sums &= _FOURS
        sums += half
        np.right_shift(sums, _FOUR, out=half)
        sums += half
        sums &= _EIGHTS
        sums *= _SUM
        sums >>= _TOP
        counted: Array = sums.astype(np.uint8)
        return counted
