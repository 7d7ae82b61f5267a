# SPDX-License-Identifier: GPL-3.0-or-later
"""What to keep when not everything fits: one device's tour, turned into stages.

The order of the jobs is given here; what is decided is what leaves memory before which job.
Dead items (nobody needs them again) go first, then those of the lowest priority, then those
needed latest: for equal sizes that is optimal (Tang and Denardo 1988).  For unequal sizes
several choices are followed side by side and the cheapest kept.

A service that frees *selectively* gives up any of its items, one that frees *all or nothing*
all of them, so that those still needed are loaded again.  One that frees *by itself* holds
nothing beyond its stage and is never asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .problem import Items, Problem, Way, bits

__all__ = ["Call", "Served", "serve", "serve_quickly"]

#: How many choices are followed side by side where sizes differ; all of them for few items.
BEAM, EVERY = 24, 4096
#: Up to so many items every set worth keeping is looked at; beyond, likely ones are.
ENUMERATED = 8
#: "Needed never again", as a position in the tour.
NEVER = 1 << 60

#: A job's index and the way it is done.
Call = tuple[int, Way]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One job of a tour: what leaves before it, what is loaded for it, what is there meanwhile."""

    job: int
    way: Way
    unload: Items
    load: Items
    resident: Items


@dataclass(frozen=True, slots=True)
class _Line:
    """One way the tour may have gone so far; ``past`` is a chain, newest first."""

    bytes: int
    resident: Items
    past: tuple[Served, object] | None


def serve(problem: Problem, tour: Sequence[Call]) -> tuple[Served, ...]:
    """The tour with its loads and unloads, few bytes loaded.

    Every way must fit alone.  The same tour always gives the same answer.
    """
    return _served(problem, tour, _width(problem, tour))


def serve_quickly(problem: Problem, tour: Sequence[Call]) -> tuple[Served, ...]:
    """The same, following the likeliest choice alone: linear in the tour."""
    return _served(problem, tour, 1)


def _served(problem: Problem, tour: Sequence[Call], beam: int) -> tuple[Served, ...]:
    if not tour:
        return ()
    keeper = _Keeper(problem, tour)
    device = problem.homes[tour[0][1].service]
    mine = sum(items for s, items in enumerate(problem.belongings) if problem.homes[s] == device)
    lines = [_Line(0, problem.loaded & mine, None)]
    for position, (job, way) in enumerate(tour):
        best: dict[Items, _Line] = {}
        for line in lines:
            for kept in keeper.choices(position, line.resident, beam > 1):
                there = kept | way.items
                load = there & ~kept
                total = line.bytes + problem.weight(load)
                known = best.get(there)
                if known is None or total < known.bytes:
                    done = Served(
                        job=job, way=way, load=load, resident=there,
                        unload=line.resident & ~kept & ~keeper.leaves_alone(line.resident),
                    )  # fmt: skip
                    best[there] = _Line(total, there, (done, line.past))
        lines = sorted(best.values(), key=lambda line: (line.bytes, line.resident))[:beam]
    return _unrolled(lines[0])


def _unrolled(line: _Line) -> tuple[Served, ...]:
    served: list[Served] = []
    past: object = line.past
    while isinstance(past, tuple):
        served.append(past[0])
        past = past[1]
    return tuple(reversed(served))


def _width(problem: Problem, tour: Sequence[Call]) -> int:
    """How many choices to follow: one where keeping what is needed soonest is known to be best."""
    needed = 0
    for _, way in tour:
        needed |= way.items
    sizes = {problem.sizes[item] for item in bits(needed)}
    plain = all(problem.services[way.service].unload == "selective" for _, way in tour)
    if len(sizes) <= 1 and plain:
        return 1
    return EVERY if needed.bit_count() <= ENUMERATED + 2 else BEAM


class _Keeper:
    """Knows when each item of a tour is needed next, and proposes what to keep."""

    def __init__(self, problem: Problem, tour: Sequence[Call]) -> None:
        self._problem = problem
        self._tour = tour
        self._uses: dict[int, list[int]] = {}
        for position, (_, way) in enumerate(tour):
            for item in bits(way.items):
                self._uses.setdefault(item, []).append(position)
        self._pointer = dict.fromkeys(self._uses, 0)
        self._all = 0
        self._alone = 0
        for number, service in enumerate(problem.services):
            if service.unload == "all":
                self._all |= problem.belongings[number]
            elif service.unload == "self":
                self._alone |= problem.belongings[number]

    def leaves_alone(self, resident: Items) -> Items:
        """Items that leave without being asked: of a service that frees by itself."""
        return resident & self._alone

    def next_use(self, item: int, position: int) -> int:
        """The first position from ``position`` on that needs the item."""
        uses = self._uses.get(item)
        if uses is None:
            return NEVER
        at = self._pointer[item]
        while at < len(uses) and uses[at] < position:
            at += 1
        self._pointer[item] = at
        return uses[at] if at < len(uses) else NEVER

    def choices(self, position: int, resident: Items, several: bool) -> Iterator[Items]:
        """Sets of what is there that could be kept before the job at ``position`` is served."""
        problem, way = self._problem, self._tour[position][1]
        resident = self._left_by_themselves(resident, position)
        room = problem.room[way.device] - way.work
        if problem.weight(resident | way.items) <= room:
            yield resident
            if several:
                yield from self._freed_early(position, resident)
            return
        whole = self._whole(resident, way, room)
        for base in whole if several else whole[:1]:
            yield from self._trimmed(position, base, way, room, several)

    def _freed_early(self, position: int, resident: Items) -> Iterator[Items]:
        """What stays when a service that frees everything does so while little is lost by it."""
        for number, service in enumerate(self._problem.services):
            held = resident & self._problem.belongings[number]
            if service.unload == "all" and any(
                self.next_use(item, position) == NEVER for item in bits(held)
            ):
                yield resident & ~held

    def _left_by_themselves(self, resident: Items, position: int) -> Items:
        """Without what self-freeing services dropped since the last job."""
        if not resident & self._alone or not position:
            return resident
        last, now = self._tour[position - 1][1], self._tour[position][1]
        if last.service != now.service:
            return resident & ~self._alone
        together = resident | now.items
        if self._problem.weight(together) <= self._problem.room[now.device] - now.work:
            return resident
        return resident & ~self._alone

    def _whole(self, resident: Items, way: Way, room: int) -> list[Items]:
        """What is there after each sensible set of all-or-nothing services has let go."""
        problem = self._problem
        groups = [
            held
            for number, service in enumerate(problem.services)
            if service.unload == "all" and (held := resident & problem.belongings[number])
        ]
        free_rest = resident & ~self._all
        found: list[tuple[int, Items]] = []
        for mask in range(1 << len(groups)):
            kept = free_rest
            for number, held in enumerate(groups):
                if not mask >> number & 1:
                    kept |= held
            # What stays whole must fit even when everything selective has gone.
            if problem.weight(kept & self._all | way.items) <= room:
                found.append((problem.weight(resident & ~kept), kept))
        found.sort()
        return [kept for _, kept in found]

    def _trimmed(
        self, position: int, base: Items, way: Way, room: int, several: bool
    ) -> Iterator[Items]:
        """Sets left of ``base`` when selective services give up what does not fit."""
        weight = self._problem.weight
        fixed = base & self._all | base & way.items
        loose = base & ~fixed
        if weight(base | way.items) <= room:
            yield base
            return
        live = [item for item in bits(loose) if self.next_use(item, position) != NEVER]
        live.sort(key=lambda item: self._worth(item, position))
        yield self._kept_in_turn(live, fixed, way, room)
        if not several:
            return
        if len(live) <= ENUMERATED:
            yield from self._every_keep(live, fixed, way, room)
        else:
            by_size = sorted(live, key=lambda item: (-self._rank(item), self._problem.sizes[item]))
            yield self._kept_in_turn(by_size, fixed, way, room)
            yield self._kept_in_turn(by_size[::-1], fixed, way, room)

    def _rank(self, item: int) -> int:
        """Higher is kept longer."""
        return -self._problem.ranks[item]

    def _worth(self, item: int, position: int) -> tuple[int, int, int]:
        """Sort key: what is most worth keeping comes last."""
        return (self._rank(item), -self.next_use(item, position), item)

    def _kept_in_turn(self, queue: Sequence[int], fixed: Items, way: Way, room: int) -> Items:
        """Keep from the end of the queue as long as it fits, and nothing less worthy after."""
        left = room - self._problem.weight(fixed | way.items)
        kept, refused = fixed, None
        for item in reversed(queue):
            size = self._problem.sizes[item]
            if refused is not None and self._rank(item) < refused:
                break
            if size <= left:
                kept |= 1 << item
                left -= size
            elif refused is None:
                refused = self._rank(item)
        return kept

    def _every_keep(
        self, live: Sequence[int], fixed: Items, way: Way, room: int
    ) -> Iterator[Items]:
        """Every maximal set of live items that fits and breaks no priority."""
        problem = self._problem
        left = room - problem.weight(fixed | way.items)
        fits = [
            mask
            for mask in range(1 << len(live))
            if sum(problem.sizes[item] for n, item in enumerate(live) if mask >> n & 1) <= left
        ]
        known = set(fits)
        for mask in fits:
            larger = any(mask | 1 << n in known for n in range(len(live)) if not mask >> n & 1)
            if not larger and not self._breaks_rank(live, mask):
                yield fixed | sum(1 << item for n, item in enumerate(live) if mask >> n & 1)

    def _breaks_rank(self, live: Sequence[int], mask: int) -> bool:
        kept = [self._rank(item) for n, item in enumerate(live) if mask >> n & 1]
        gone = [self._rank(item) for n, item in enumerate(live) if not mask >> n & 1]
        return bool(kept and gone) and min(kept) < max(gone)
