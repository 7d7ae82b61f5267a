# SPDX-License-Identifier: GPL-3.0-or-later
"""From tours to stages, and when everything starts and ends.

A *block* is a stage by index: jobs of one service that follow one another while nothing
leaves memory.  All it loads is loaded before its first job.  At the start of a block whatever
nobody needs any more is let go, where the service can; and when much is held for nobody, a
block ends early for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .problem import Items, Problem, bits
from .residency import Call, Served

__all__ = ["Block", "Timed", "blocks", "timed"]

#: A block ends when models that nobody needs would otherwise take this share of the device,
#: weighted by time: a fifth of what is called waste.
IDLE_SHARE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One stage.  ``resident`` is what is in memory all through it, ``peak`` bytes of the device."""

    device: int
    service: int
    calls: tuple[Call, ...]
    unload: Items
    load: Items
    resident: Items
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """When it all happens, in seconds.

    ``starts`` and ``ends`` are of the blocks, ``finish`` of the jobs by index; ``idle_share`` is
    memory held by what no remaining job uses, over budget and time.
    """

    starts: tuple[float, ...]
    ends: tuple[float, ...]
    finish: dict[int, float]
    seconds: float
    idle_share: float


def blocks(problem: Problem, served: Sequence[Served]) -> tuple[Block, ...]:
    """One device's tour as blocks."""
    if not served:
        return ()
    return tuple(_Cutter(problem, served).cut())


class _Cutter:
    """Goes along one tour."""

    def __init__(self, problem: Problem, served: Sequence[Served]) -> None:
        self._problem = problem
        self._served = served
        self._device = served[0].way.device
        self._needed_from = self._later_needs()
        seconds = (one.way.seconds for one in reversed(served))
        self._seconds_from = list(accumulate(seconds, initial=0.0))[::-1]
        self._selective = self._freed_by("selective")
        self._alone = self._freed_by("self")
        device = problem.devices[self._device]
        self._idle = device.budget_bytes - problem.room[self._device]

    def _freed_by(self, unload: str) -> Items:
        problem = self._problem
        kinds = zip(problem.services, problem.belongings, strict=True)
        return sum(items for service, items in kinds if service.unload == unload)

    def _later_needs(self) -> list[Items]:
        needed = [0] * (len(self._served) + 1)
        for position in range(len(self._served) - 1, -1, -1):
            needed[position] = needed[position + 1] | self._served[position].way.items
        return needed

    def cut(self) -> Iterator[Block]:
        first, work = 0, [self._served[0].way.work]
        held = self._at_start()
        gone = self._for_nobody(held, 0)  #: let go early; whoever needs it no more will not miss it
        for position in range(1, len(self._served) + 1):
            if position < len(self._served):
                more = self._works(work, position)
                if not self._ends(position, more, gone):
                    work = more
                    continue
                work = [self._served[position].way.work]
            yield self._block(self._served[first:position], held, gone)
            held = self._served[position - 1].resident & ~gone
            first, gone = position, gone | self._for_nobody(held, position)

    def _for_nobody(self, held: Items, position: int) -> Items:
        """What can be let go because nothing from ``position`` on needs it."""
        return held & ~self._needed_from[position] & self._selective

    def _works(self, work: list[int], position: int) -> list[int]:
        """The largest works that may be under way at once, one for each slot."""
        slots = self._problem.services[self._served[position].way.service].slots
        more = [*work, self._served[position].way.work]
        return heapq.nlargest(slots, more)

    def _ends(self, position: int, work: list[int], gone: Items) -> bool:
        before, here = self._served[position - 1], self._served[position]
        changed = before.resident & ~here.resident or here.load & before.resident
        if here.way.service != before.way.service or changed:
            return True
        if self._weight(here.resident & ~gone) + sum(work) > self._problem.room[self._device]:
            return True
        dead = self._weight(self._for_nobody(before.resident & ~gone, position))
        budget = self._problem.devices[self._device].budget_bytes
        return dead * self._seconds_from[position] > IDLE_SHARE * budget * self._seconds_from[0]

    def _weight(self, items: Items) -> int:
        return self._problem.weight(items)

    def _block(self, part: Sequence[Served], held: Items, gone: Items) -> Block:
        resident = part[-1].resident & ~gone
        again = 0  # given up as a whole, and loaded anew for one of these jobs
        for one in part:
            again |= one.load & held
        slots = self._problem.services[part[0].way.service].slots
        work = heapq.nlargest(slots, (one.way.work for one in part))
        return Block(
            device=self._device,
            service=part[0].way.service,
            calls=tuple((one.job, one.way) for one in part),
            unload=(held & ~resident | again) & ~self._alone,
            load=resident & ~held | again,
            resident=resident,
            peak=self._weight(resident) + sum(work) + self._idle,
        )

    def _at_start(self) -> Items:
        homes = self._problem.homes
        mine = (
            items for s, items in enumerate(self._problem.belongings) if homes[s] == self._device
        )
        return self._problem.loaded & sum(mine)


def timed(problem: Problem, lines: Sequence[Sequence[Block]]) -> Timed:
    """When the blocks of all devices run: each device's in turn, jobs after those they wait for."""
    return _Clock(problem, lines).run()


@dataclass(slots=True)
class _Hand:
    """Where one device is: the block under way, the next call in it, its lanes' times."""

    block: int = 0
    call: int = 0
    time: float = 0.0
    started: float = 0.0
    lanes: list[float] | None = None


class _Clock:
    """Moves every device on as far as it can, again and again until all is done."""

    def __init__(self, problem: Problem, lines: Sequence[Sequence[Block]]) -> None:
        self._problem = problem
        self._lines = lines
        self._finish: dict[int, float] = {}
        self._hands = [_Hand() for _ in lines]
        self._spans: dict[tuple[int, int], tuple[float, float]] = {}
        self._there = {call[0] for line in lines for block in line for call in block.calls}

    def run(self) -> Timed:
        moved = True
        while moved:
            moved = False
            for device in range(len(self._lines)):
                moved |= self._advance(device)
        if len(self._finish) < len(self._there):
            raise ValueError("devices wait for each other")
        order = [(d, b) for d, line in enumerate(self._lines) for b in range(len(line))]
        seconds = max((end for _, end in self._spans.values()), default=0.0)
        return Timed(
            starts=tuple(self._spans[key][0] for key in order),
            ends=tuple(self._spans[key][1] for key in order),
            finish=self._finish,
            seconds=seconds,
            idle_share=self._idle_share(seconds),
        )

    def _advance(self, device: int) -> bool:
        hand, line, moved = self._hands[device], self._lines[device], False
        while hand.block < len(line):
            block = line[hand.block]
            if hand.lanes is None:
                hand.started = hand.time
                ready = hand.time + self._problem.load_seconds(device, block.load)
                hand.lanes = [ready] * self._problem.services[block.service].slots
            while hand.call < len(block.calls):
                job, way = block.calls[hand.call]
                after = [a for a in self._problem.jobs[job].after if a in self._there]
                if any(parent not in self._finish for parent in after):
                    return moved
                lane = heapq.heappop(hand.lanes)
                begin = max([lane, *(self._finish[parent] for parent in after)])
                self._finish[job] = begin + way.seconds
                heapq.heappush(hand.lanes, begin + way.seconds)
                hand.call += 1
                moved = True
            hand.time = max(hand.lanes)
            self._spans[(device, hand.block)] = (hand.started, hand.time)
            hand.block, hand.call, hand.lanes = hand.block + 1, 0, None
            moved = True
        return moved

    def _idle_share(self, seconds: float) -> float:
        held = total = 0.0
        for device, line in enumerate(self._lines):
            total += self._problem.devices[device].budget_bytes * seconds if line else 0.0
            held += sum(self._held_for_nobody(device, line))
        return held / total if total else 0.0

    def _held_for_nobody(self, device: int, line: Sequence[Block]) -> Iterator[float]:
        """Byte-seconds of each block's items after their last use."""
        last = {
            item: self._finish[job]
            for block in line
            for job, way in block.calls
            for item in bits(way.items)
        }
        for number, block in enumerate(line):
            start, end = self._spans[(device, number)]
            if number + 1 < len(line):
                end = self._spans[(device, number + 1)][0]
            for item in bits(block.resident):
                idle = end - max(start, last.get(item, start))
                if idle > 0:
                    yield idle * self._problem.sizes[item]
