"""Problems for the planner's tests, and the truth about small ones by trying everything."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence

from movie_director.core.planner import JobWish, Problem, Wish, pose
from movie_director.core.planner.problem import bits
from movie_director.core.planner.solve import Solution
from movie_director.core.step import Device, DeviceId, ModelId, Service, ServiceId

__all__ = [
    "check_feasible", "gpu", "job", "least_seconds", "one_device", "random_sets", "server", "tools",
]  # fmt: skip


def gpu(name: str = "gpu", budget: int = 10, speed: float = 1.0) -> Device:
    return Device(id=DeviceId(name), budget_bytes=budget, load_bytes_per_s=speed)


def server(name: str = "gpu", device: str = "gpu", unload: str = "selective", idle: int = 0,
           slots: int = 1) -> Service:  # fmt: skip
    return Service(
        id=ServiceId(name), executor="fake", device=DeviceId(device), unload=unload,  # type: ignore[arg-type]
        idle_bytes=idle, slots=slots,
    )  # fmt: skip


def job(name: str, models: str, *, after: str = "", on: str = "gpu", work: int = 0,
        seconds: float = 1.0, priority: int = 4) -> JobWish:  # fmt: skip
    """A job with one option; models and ``after`` are words, or letters when there is no space."""
    wish = Wish(
        services=[ServiceId(one) for one in on.split()], models=_models(models),
        work_bytes=work, seconds=seconds,
    )  # fmt: skip
    return JobWish(id=name, after=after.split(), wishes=[wish], priority=priority)


def _models(text: str) -> frozenset[ModelId]:
    return frozenset(ModelId(name) for name in (text.split() if " " in text else text))


def one_device(jobs: Sequence[JobWish], budget: int, sizes: Mapping[str, int] | None = None,
               unload: str = "selective") -> Problem:  # fmt: skip
    """One device with one service; every model has size 1 unless said otherwise."""
    models = {model for each in jobs for wish in each.wishes for model in wish.models}
    known = {model: (sizes or {}).get(model, 1) for model in models}
    return pose(jobs, devices=[gpu(budget=budget)], services=[server(unload=unload)], sizes=known)


def random_sets(jobs: int, tools: int, least: int, most: int, seed: str) -> list[int]:
    """Tool sets as in the published instances: none holds another."""
    dice = random.Random(seed)
    sets: list[int] = []
    while len(sets) < jobs:
        found = sum(1 << tool for tool in dice.sample(range(tools), dice.randint(least, most)))
        if not any(found & other in (found, other) for other in sets):
            sets.append(found)
    return sets


def tools(sets: Sequence[int], capacity: int) -> Problem:
    """The switching problem of these tool sets."""
    jobs = [job(str(n), " ".join(f"t{tool:02}" for tool in bits(one)) + " ") for n, one in enumerate(sets)]  # fmt: skip
    return one_device(jobs, capacity)


def least_seconds(problem: Problem) -> float:
    """The true optimum of one selective device, by every order and every eviction."""
    return min(
        _least_load(problem, order) / problem.devices[0].load_bytes_per_s
        + sum(problem.jobs[n].ways[0].seconds for n in order)
        for order in _orders(problem)
    )


def _orders(problem: Problem) -> Iterator[tuple[int, ...]]:
    for order in itertools.permutations(range(len(problem.jobs))):
        place = {n: at for at, n in enumerate(order)}
        if all(place[p] < place[n] for n in order for p in problem.jobs[n].after):
            yield order


def _least_load(problem: Problem, order: Sequence[int]) -> int:
    states = {problem.loaded: 0}
    for n in order:
        way = problem.jobs[n].ways[0]
        left = problem.room[0] - way.work
        after: dict[int, int] = {}
        for resident, cost in states.items():
            for kept in _subsets(resident):
                there = kept | way.items
                if problem.weight(there) <= left:
                    spent = cost + problem.weight(way.items & ~kept)
                    after[there] = min(after.get(there, spent), spent)
        states = after
    return min(states.values())


def _subsets(items: int) -> Iterator[int]:
    subset = items
    while True:
        yield subset
        if not subset:
            return
        subset = (subset - 1) & items


def check_feasible(problem: Problem, solution: Solution) -> None:
    """Every job once, after those it waits for, with its models there, within every budget."""
    answer = solution.answer
    done = sorted(job for line in answer.lines for block in line for job, _ in block.calls)
    assert done == list(range(len(problem.jobs)))
    for device, line in enumerate(answer.lines):
        there = problem.loaded
        for block in line:
            held = there & _of_device(problem, device)
            _check_unload(problem, block.unload, held)
            alone = _alone(problem)
            there = held & ~block.unload & ~alone | block.load | (held & alone & block.resident)
            assert block.resident == there, "what is said to be there is what is there"
            for _, way in block.calls:
                assert way.service == block.service
                assert not way.items & ~there
                assert problem.weight(there) + way.work <= problem.room[device]
            assert block.peak <= problem.devices[device].budget_bytes
    for each in problem.jobs:
        for parent in each.after:
            way = next(w for t in answer.tours for n, w in t if n == each.index)
            begun = answer.timed.finish[each.index] - way.seconds
            assert answer.timed.finish[parent] <= begun + 1e-9


def _check_unload(problem: Problem, unload: int, held: int) -> None:
    assert not unload & ~held, "only what is there is given up"
    for number, service in enumerate(problem.services):
        asked = unload & problem.belongings[number]
        if service.unload == "self":
            assert not asked
        if service.unload == "all" and asked:
            assert asked == held & problem.belongings[number]


def _of_device(problem: Problem, device: int) -> int:
    return sum(held for s, held in enumerate(problem.belongings) if problem.homes[s] == device)


def _alone(problem: Problem) -> int:
    kinds = zip(problem.services, problem.belongings, strict=True)
    return sum(held for service, held in kinds if service.unload == "self")
