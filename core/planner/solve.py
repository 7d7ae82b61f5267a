# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner's steps in turn: what fits, a first answer, a better one, the proof if there is one.

Never worse than the first answer, and always there: whatever the deadline cuts short only
costs quality.  Effort is counted in steps, so equal problems have equal answers; only a
machine so slow that the deadline strikes first sees another.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..step import ModelId
from .anneal import MOST_JOBS, better_tour
from .exact import best_tour
from .feasible import best_ways
from .greedy import first_answer, in_order
from .problem import Items, Problem, Way, bits
from .residency import Call
from .retention import QUICK_COUNTS
from .sooner import sooner_seen
from .spread import Answer, better_division, runs, weigh

__all__ = ["Effort", "Solution", "solve"]


#: Batches for 30 jobs, and for few of them as if; fewer where bits are counted slowly.
MOST_STEPS, FEW_STEPS = 3770, 2100
#: For few jobs a batch costs the same whatever its size: several walks share it.
FEW_JOBS, WALKS = 20, 8
#: Moves between devices times jobs: each is weighed in full, in time that grows with the jobs.
MOVES = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is searched, and for what.

    ``seconds`` at most; ``share`` of the usual steps (1: all, 0: none); ``given`` is the share
    of the whole time by which the end may come later for the sake of earlier first results,
    and ``given_seconds`` how much later in any case.
    """

    seconds: float = 1.75
    share: float = 1.0
    given: float = 0.0
    given_seconds: float = 0.0

    @classmethod
    def within(cls, seconds: float) -> Effort:
        """As much as a time limit allows: more steps than usual when there is more time."""
        return cls(seconds=seconds, share=max(1.0, seconds / cls().seconds) if seconds else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The answer, with what is known of how good it is.

    ``problem`` has the ways that were left.  ``lower_bound_bytes`` is what any plan of these
    ways loads at least, ``best_known_bytes`` the least that any plan looked at does.
    """

    problem: Problem
    answer: Answer
    optimal: bool
    lower_bound_bytes: int
    best_known_bytes: int

    @property
    def reloaded_share(self) -> float:
        """Bytes loaded beyond the best plan known, over bytes loaded."""
        loaded = self.answer.loaded_bytes
        return (loaded - self.best_known_bytes) / loaded if loaded else 0.0


def solve(problem: Problem, effort: Effort | None = None) -> Solution:
    """The best plan found.

    Raises:
        Cramped: a job fits nowhere.
        Circle: jobs wait for each other.
        ValueError: a job has no way at all.
    """
    effort = effort or Effort()
    deadline = time.perf_counter() + effort.seconds
    problem = best_ways(problem)
    order = in_order(problem)
    answer = weigh(problem, first_answer(problem, order), quickly=len(order) > 2000)
    bound = _bound(problem)
    known = answer.loaded_bytes
    proven = _at_bound(problem, answer, bound)
    if not proven and effort.share > 0:
        calls = best_tour(problem, deadline)
        if calls is not None:
            answer, proven = min(answer, weigh(problem, [calls]), key=_key), True
        else:
            answer = _searched(problem, answer, effort, deadline)
            proven = _at_bound(problem, answer, bound)
    # Which work goes side by side is chosen, not searched: nothing is proven of it.
    proven = proven and all(service.slots == 1 for service in problem.services)
    answer = sooner_seen(problem, answer, order, effort.given, effort.given_seconds)
    return Solution(
        problem=problem,
        answer=answer,
        optimal=proven,
        lower_bound_bytes=bound,
        best_known_bytes=min(known, answer.loaded_bytes),
    )


def _one_speed(problem: Problem) -> bool:
    """Whether it makes no difference which way a job is done."""
    return all(len({way.seconds for way in job.ways}) == 1 for job in problem.jobs)


def _at_bound(problem: Problem, answer: Answer, bound: int) -> bool:
    return problem.one_device and answer.loaded_bytes <= bound and _one_speed(problem)


def _bound(problem: Problem) -> int:
    """Bytes that every plan loads: models that some job needs in each of its ways."""
    there = problem.names(problem.loaded)
    surely: dict[ModelId, int] = {}
    for ways in {job.ways for job in problem.jobs}:
        common = frozenset.intersection(*(problem.names(way.items) for way in ways))
        for item in bits(ways[0].items):
            model = problem.models[item]
            if model in common and model not in there:
                surely[model] = problem.sizes[item]
    return sum(surely.values())


def _searched(problem: Problem, answer: Answer, effort: Effort, deadline: float) -> Answer:
    """A better answer, or the same."""
    for device, tour in enumerate(answer.tours):
        if len(tour) > 2 and _plain(problem, device):
            for better in _reordered(problem, tour, effort, deadline):
                answer = _with_tour(problem, answer, device, better)
    if not problem.one_device or not _plain(problem, problem.homes[0]):
        moves = round(effort.share * MOVES / (len(problem.jobs) + 40))
        divided = better_division(problem, answer, moves=moves, deadline=deadline)
        answer = min(answer, divided, key=_key)
    return answer


def _with_tour(problem: Problem, answer: Answer, device: int, tour: Sequence[Call]) -> Answer:
    """The answer with another tour of one device, if that is better."""
    tours = [tour if index == device else kept for index, kept in enumerate(answer.tours)]
    try:
        return min(answer, weigh(problem, tours), key=_key)
    except ValueError:  # devices would wait for each other
        return answer


def _key(answer: Answer) -> tuple[float, int, float]:
    return answer.key


def _plain(problem: Problem, device: int) -> bool:
    """Whether the device's services all free selectively: what the annealing counts on."""
    mine = (s for s, home in zip(problem.services, problem.homes, strict=True) if home == device)
    return all(service.unload == "selective" for service in mine)


def _reordered(
    problem: Problem, tour: Sequence[Call], effort: Effort, deadline: float
) -> list[list[Call]]:
    """Other orders of one device's calls that may load less."""
    parts = [[call] for call in tour] if len(tour) <= MOST_JOBS else runs(tour)
    # One way stands for calls with the same needs: the one that works in most memory.
    ways = [max((way for _, way in part), key=lambda way: way.work) for part in parts]
    there: Items = problem.loaded & _union(ways)
    if there:
        ways.insert(0, _holding(ways[0], there))
        parts.insert(0, [])
    if len(ways) > MOST_JOBS or len(ways) < 3:
        return []
    tours = better_tour(
        problem,
        ways,
        _links(problem, parts),
        [list(range(len(ways)))],
        steps=_steps(len(ways), effort),
        walks=WALKS if len(ways) <= FEW_JOBS else 1,
        deadline=deadline,
        pinned=bool(there),
    )
    return [[call for part in order for call in parts[part]] for order in tours]


def _steps(jobs: int, effort: Effort) -> int:
    """Batches worth looking at: for 15 jobs 30 ms of them, from 30 on 1.5 seconds' worth."""
    power = 4.7 if jobs <= 30 else -0.4 if jobs <= 40 else -1.5
    most = FEW_STEPS if jobs <= FEW_JOBS else MOST_STEPS
    usual = most * math.pow(jobs / 30, power)
    return max(8, round(effort.share * usual * (1 if QUICK_COUNTS else 0.8)))


def _holding(like: Way, items: Items) -> Way:
    """A way that stands for what is in memory at the start."""
    return Way(
        wish=-1, service=like.service, device=like.device, items=items, work=0, seconds=0.0,
        fidelity=0,
    )  # fmt: skip


def _union(ways: Sequence[Way]) -> Items:
    items = 0
    for way in ways:
        items |= way.items
    return items


def _links(problem: Problem, parts: Sequence[Sequence[Call]]) -> list[tuple[int, int]]:
    """(earlier, later) parts whose order matters, straight and by way of other devices' jobs."""
    part_of = {job: number for number, part in enumerate(parts) for job, _ in part}
    found = set()
    for number, part in enumerate(parts):
        for job, _ in part:
            for parent in problem.jobs[job].after:
                before = part_of.get(parent)
                if before is not None and before != number:
                    found.add((before, number))
    return sorted(found)
