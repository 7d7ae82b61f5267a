# SPDX-License-Identifier: GPL-3.0-or-later
"""What very many tours of one device load, all at once, as NumPy arrays.

Keeping what is needed soonest can be counted without saying *which* items are kept: of two
items that are needed next by the same job, either will do.  So one number for each later
position is enough: how much of what is there is needed by then.  It grows by what the job at
hand will want again and is cut off where memory ends.  A tour of n jobs costs n small array
operations, shared by hundreds of tours.  Where memory is short nothing is kept for long, and
looking a few jobs ahead says it all.

For equal sizes the answer is exact.  For unequal ones it lets a fraction of an item be kept:
then it is a lower bound of what the tour loads, and serves as a guide.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from .problem import Items, Problem, Way, bits

__all__ = ["QUICK_COUNTS", "Retention", "count_bits"]

Array: TypeAlias = np.ndarray[Any, Any]
Number: TypeAlias = np.signedinteger[Any]
#: One position's part in weighing: what to copy first, what is wanted later, what it wants
#: again, what the next job is served, what the jobs after that want.
_Turn: TypeAlias = tuple[tuple[Array, Array] | None, Array, Array, Array, Array]

#: Unequal sizes are rounded up to so many bits for the search; results are weighed exactly.
SIZE_BITS = 5
WORD = 64
#: How a search looks beyond what is loaded: this share of what would be loaded with room for
#: so many items more.  Tuned as ``anneal``'s temperatures are.
EASED, ROOMIER = 0.5, 2
#: How far ahead is looked at least; of how many tours this may be too little, as a share.
FIRST_REACH, WRONG = 5, 0.05
#: How many sets of arrays to weigh in are kept.
MOST_SHEETS = 4


class Retention:
    """Weighs tours of the given ways, one for each job, on one device.  Owns only tables."""

    def __init__(self, problem: Problem, ways: list[Way]) -> None:
        #: For each bit of the sizes its worth, and the words of bits: one for each way.
        self.planes, self.unit = _planes(problem, ways)
        device = ways[0].device
        self._sizes = self._weigh(len(ways))
        self.least = self._at_least()  #: units that no tour can do without
        room = [(problem.room[device] - way.work) / self.unit for way in ways]
        widest = float(self._sizes.sum()) + 1.0
        spare = np.minimum(np.floor(np.array(room)), widest) - self._sizes
        spare = np.maximum(spare, 0)
        self._more = ROOMIER * self._typical(ways)
        self._type = _smallest(int(spare.max() + self._sizes.max()) + self._more)
        self.spare = spare.astype(self._type)  #: units of room beside each way's items
        self._sizes = self._sizes.astype(self._type)
        #: How many jobs ahead what is kept may be needed: all, unless told that fewer will do.
        self.reach = max(1, len(ways) - 1)
        self._sheets: dict[tuple[int, int], _Sheet] = {}

    def _typical(self, ways: list[Way]) -> int:
        """Units of an item of the middle, 1 at least."""
        items = sum(way.items.bit_count() for way in ways)
        return max(1, round(float(self._sizes.sum()) / max(1, items)))

    def _at_least(self) -> int:
        total = 0
        for value, words in self.planes:
            for word in words:
                union = np.bitwise_or.reduce(word, keepdims=True)
                total += value * int(count_bits(union, np.empty_like(union))[0])
        return total

    def _weigh(self, ways: int) -> Array:
        total = np.zeros(ways, np.int64)
        for value, words in self.planes:
            for word in words:
                total += value * count_bits(word.copy(), np.empty_like(word)).astype(np.int64)
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
        spare = self.spare[order]
        sheet = self._sheet(*order.shape)
        sheet.again.fill(0)
        for value, words in self.planes:
            for word in words:
                sheet.look_ahead(word[order], value)
        kept = sheet.kept(np.stack([spare, spare + self._more], axis=1))
        total = self._sizes[order].sum(axis=0, dtype=np.int64)
        loads, easier = total - kept
        return loads, loads + EASED * easier

    def look_near(self, tours: Array) -> None:
        """Look from now on no further ahead than it takes to weigh nearly all of these tours right.

        What would be kept for later than that counts as gone, so that loads are never less than
        they are.
        """
        self.reach = most = max(1, self._sizes.size - 1)
        exact = self.weigh(tours)[1]
        for reach in range(FIRST_REACH, most):
            self.reach = reach
            if np.count_nonzero(self.weigh(tours)[1] != exact) <= WRONG * len(exact):
                break
        else:
            self.reach = most
        self._sheets.clear()

    def _sheet(self, jobs: int, count: int) -> _Sheet:
        sheet = self._sheets.get((count, self.reach))
        if sheet is None:
            if len(self._sheets) >= MOST_SHEETS:
                self._sheets.clear()
            sheet = _Sheet(jobs, count, self.reach, self._type)
            self._sheets[count, self.reach] = sheet
        return sheet


class _Sheet:
    """Where so many tours are weighed: arrays, written over again and again, and views of them.

    Both are made once.  Making large arrays takes longer than filling them, and making a view
    as long as adding up a hundred numbers.
    """

    def __init__(self, jobs: int, count: int, reach: int, type_: type[Number]) -> None:
        #: What each position wants again by the next, by the one after and so on: sums.
        self.again = np.zeros((reach, jobs, count), type_)
        self._met = np.empty((jobs, count), np.uint64)
        self._seen, self._half = np.zeros((2, reach, jobs, count), np.uint64)
        #: Of what is there, how much is needed by each position; in the end, what that found kept.
        self._wanted = np.zeros((jobs, 2, count), type_)
        self._type = type_
        self._turns = [self._turn(position) for position in range(jobs - 1)]

    def _turn(self, position: int) -> _Turn:
        reach, jobs, _ = self.again.shape
        ahead = min(reach, jobs - 1 - position)
        later = self._wanted[position + 1 : position + 1 + ahead]
        again = self.again[:ahead, position, None]
        last = None
        if position and ahead == reach and reach > 1:
            # Nothing was wanted as late as that until now: so far it is what is wanted before.
            last = (later[-1], later[-2])
        return last, later, again, later[0], later[1:]

    def look_ahead(self, words: Array, value: int) -> None:
        """Add up which items of each position are wanted by each later one.  (jobs, tours)"""
        met, seen = self._met, self._seen
        met.fill(0)
        for ahead, rows in enumerate(range(len(met) - 1, len(met) - 1 - len(seen), -1), 1):
            np.bitwise_or(met[:rows], words[ahead:], out=met[:rows])
            np.bitwise_and(met[:rows], words[:rows], out=seen[ahead - 1, :rows])
        # Counted all at once: a call costs as much as counting a thousand words.
        counted = count_bits(seen, self._half).astype(self._type)
        if value > 1:
            counted *= self._type(value)
        self.again += counted

    def kept(self, spare: Array) -> Array:
        """What is kept along all tours, with each of two amounts of room.

        ``spare``: (jobs, rooms, tours); what comes back: (rooms, tours).
        """
        self._wanted.fill(0)
        for (last, later, again, served, rest), left in zip(self._turns, spare[1:], strict=True):
            if last is not None:
                np.copyto(*last)
            np.add(later, again, out=later)
            # The next job is served; what does not fit beside it, and is needed last, is gone.
            np.subtract(rest, served, out=rest)
            np.minimum(rest, left, out=rest)
        kept: Array = self._wanted.sum(axis=0, dtype=np.int64)
        return kept


def _smallest(most: int) -> type[Number]:
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

    def count_bits(words: Array, half: Array) -> Array:
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

    def count_bits(words: Array, half: Array) -> Array:
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
