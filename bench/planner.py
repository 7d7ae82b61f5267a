# SPDX-License-Identifier: GPL-3.0-or-later
"""How near the planner comes to the best plan known, and how long it takes.

    python bench/planner.py [--quick] [--json FILE]

Instances of the kinds that the literature on job sequencing and tool switching uses (Crama et
al. 1994; Catanzaro, Gouveia and Labbé 2015: jobs × tools, tools of a job, capacities), made
anew from seeds; films of 500 and 10,000 steps; several unequal devices.  Beside the planner
stand its first answer (greedy) and the planner of the beginning (the order given, stages cut
where memory ends); the best plan known is the best of all these and of a long search from
several starts.  Seconds are this process's own (CPU).
"""

from __future__ import annotations

import pathlib
import random
import runpy
import sys
import time
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
runpy.run_path(str(ROOT / "tests" / "conftest.py"))

from movie_director.core.planner import Effort, JobWish, Problem, Wish, pose, solve  # noqa: E402
from movie_director.core.planner.anneal import better_tour, neighbours  # noqa: E402
from movie_director.core.planner.greedy import bottom_levels, in_order  # noqa: E402
from movie_director.core.planner.retention import Retention  # noqa: E402
from movie_director.core.planner.spread import weigh  # noqa: E402
from movie_director.core.replan import replan  # noqa: E402
from movie_director.core.step import Device, DeviceId, ModelId, Service, ServiceId  # noqa: E402
from verdict import asked, told  # noqa: E402

from tests.unit.core.films import planned_film  # noqa: E402

#: Jobs, tools, least and most tools of a job, capacities.
FAMILIES = {
    "10 x 10": (10, 10, 2, 4, (4, 5, 6, 7)),
    "15 x 20": (15, 20, 2, 6, (6, 8, 10, 12)),
    "30 x 40": (30, 40, 5, 15, (15, 17, 20, 25)),
    "40 x 60": (40, 60, 7, 20, (20, 22, 25, 30)),
}
#: What is asked: mean and worst gap to the best known; seconds; makespan over its lower bound.
MEAN_GAP, WORST_GAP = 0.01, 0.03
SMALL_S, LARGE_S, FILM_S, LONG_FILM_S, GREEDY_S, REPLAN_S = 0.05, 2.0, 0.2, 5.0, 1.0, 0.05
OVER_BOUND, WASTE, MEMORY_GROWTH = 1.1, 0.05, 1.6
#: The quick form looks at fewer instances for less long, on machines of any speed.
GUARD = 3.0
GIB = 2**30
#: What is compared with the best known: the planner, its first answer, the first planner.
GAPS = ("gap", "greedy_gap", "first_planner_gap")
#: Family, capacity, seed.
Instance = tuple[str, int, int]


def sets(jobs: int, tools: int, least: int, most: int, seed: str) -> list[frozenset[ModelId]]:
    """Tool sets of which none holds another."""
    dice = random.Random(seed)
    found: list[frozenset[ModelId]] = []
    while len(found) < jobs:
        names = dice.sample(range(tools), dice.randint(least, most))
        one = frozenset(ModelId(f"t{name:02}") for name in names)
        if not any(one <= other or other <= one for other in found):
            found.append(one)
    return found


def switching(tools: list[frozenset[ModelId]], capacity: int) -> Problem:
    """One device, every model of size 1, loading is all that takes time."""
    device = Device(id=DeviceId("gpu"), budget_bytes=capacity, load_bytes_per_s=1.0)
    service = Service(id=ServiceId("gpu"), executor="", device=device.id, unload="selective")
    jobs = [
        JobWish(id=str(n), wishes=[Wish(services=[service.id], models=models)])
        for n, models in enumerate(tools)
    ]
    sizes = {model: 1 for models in tools for model in models}
    return pose(jobs, devices=[device], services=[service], sizes=sizes)


def long_search(instance: Instance, starts: int, steps: int) -> int:
    """Loads of the best tour that walks from each of several random starts find."""
    problem = made(instance)
    ways = [job.ways[0] for job in problem.jobs]
    dice = np.random.default_rng(1)
    best = []
    for _ in range(starts):
        start = dice.permutation(len(ways)).tolist()
        tours = better_tour(problem, ways, [], [start], steps=steps, deadline=float("inf"))
        best.append(int(Retention(problem, ways).loads(np.array(tours)).min()))
    return min(best)


def made(instance: Instance) -> Problem:
    """The problem of one family, capacity and seed."""
    name, capacity, seed = instance
    tools = sets(*FAMILIES[name][:4], f"{name}/{capacity}/{seed}")
    return switching(tools, capacity)


def families(quick: bool) -> dict[str, Any]:
    """Every capacity of every family: gaps and seconds.

    First the planner alone, for its seconds; then the long searches, on all processors.
    """
    instances = [
        (name, capacity, seed)
        for name, (*_, capacities) in FAMILIES.items()
        for capacity in capacities
        for seed in range(1 if quick else 3)
    ]
    _planned(("15 x 20", 6, 99))  # NumPy's first calls are not the planner's
    rows = {instance: _planned(instance) for instance in instances}
    with ProcessPoolExecutor() as pool:
        searches = {
            instance: pool.submit(long_search, instance, 1 if quick else 2,
                                  FAMILIES[instance[0]][0] * (100 if quick else 500))
            for instance, row in rows.items() if not row["proven"]
        }  # fmt: skip
        for instance, search in searches.items():
            rows[instance]["long"] = search.result()
    return {
        name: _family([row for instance, row in rows.items() if instance[0] == name])
        for name in FAMILIES
    }


def _planned(instance: Instance) -> dict[str, float]:
    """What the planner, its first answer and the first planner load; the planner's seconds."""
    problem = made(instance)
    began = time.process_time()
    solution = solve(problem)
    seconds = time.process_time() - began
    given = weigh(problem, [[(job.index, job.ways[0]) for job in problem.jobs]])
    return {
        "gap": solution.answer.loaded_bytes, "first_planner_gap": given.loaded_bytes,
        "greedy_gap": solve(problem, Effort(share=0)).answer.loaded_bytes,
        "seconds": seconds, "proven": solution.optimal,
    }  # fmt: skip


def _family(rows: list[dict[str, float]]) -> dict[str, Any]:
    """One family's figures; gaps are to the best of all that was found."""
    gaps: dict[str, list[float]] = {}
    for row in rows:
        best = min(row[each] for each in (*GAPS, "long") if each in row)
        for each in GAPS:
            gaps.setdefault(each, []).append(row[each] / best - 1)
    seconds = [row["seconds"] for row in rows]
    return {
        "instances": len(rows),
        **{each: round(_mean(found), 4) for each, found in gaps.items()},
        "worst_gap": round(max(gaps["gap"]), 4),
        "seconds": round(_mean(seconds), 4),
        "most_seconds": round(max(seconds), 4),
        "proven": sum(row["proven"] for row in rows),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


# --- films ------------------------------------------------------------------------------

#: GiB of what a film of today loads: speech, voice, effects, music, key pictures, video.
MODELS = {
    "tts": 2.0, "rvc": 1.0, "sfx": 3.0, "ace": 7.0, "flux": 12.0, "t5": 6.0, "vae": 0.5,
    "wan-high": 14.0, "wan-low": 13.0,
}  # fmt: skip
LORAS, SHOTS_PER_SCENE = 12, 8


def film(steps: int, cards: list[tuple[int, float]]) -> Problem:
    """Lines, voices, key pictures with a LoRA, and clips, with music and effects for each scene.

    ``cards`` are (GiB, bytes loaded a second).
    """
    dice = random.Random(steps)
    devices = [
        Device(id=DeviceId(f"gpu{n}"), budget_bytes=size * GIB, load_bytes_per_s=speed)
        for n, (size, speed) in enumerate(cards)
    ]
    services = [
        Service(id=ServiceId(f"s{n}"), executor="", device=device.id, unload="selective")
        for n, device in enumerate(devices)
    ]
    sizes = {name: round(size * GIB) for name, size in MODELS.items()}
    sizes |= {f"lora{n}": GIB // 5 for n in range(LORAS)}
    jobs: list[JobWish] = []

    def job(id: str, models: list[str], work: float, seconds: float, after: list[str]) -> None:
        need = sum(sizes[name] for name in models) + work * GIB
        able = [s.id for s, d in zip(services, devices, strict=True) if d.budget_bytes >= need]
        wish = Wish(services=able, models=frozenset(map(ModelId, models)),
                    work_bytes=round(work * GIB), seconds=seconds)  # fmt: skip
        jobs.append(JobWish(id=id, after=after, wishes=[wish]))

    shot = 0
    while len(jobs) < steps:
        look = f"lora{dice.randrange(6)}"
        if shot % SHOTS_PER_SCENE == 0:
            job(f"music{shot}", ["ace"], 1, 30, [])
            job(f"sound{shot}", ["sfx"], 1, 5, [])
        job(f"line{shot}", ["tts"], 0.25, dice.uniform(2, 5), [])
        job(f"voice{shot}", ["rvc"], 0.25, 1, [f"line{shot}"])
        job(f"key{shot}", ["flux", "t5", "vae", look], 2, 12, [])
        job(f"clip{shot}", ["wan-high", "t5", "vae", f"lora{6 + shot // 40 % 6}"], 2,
            dice.uniform(60, 120), [f"voice{shot}", f"key{shot}"])  # fmt: skip
        shot += 1
    names = {ModelId(name): size for name, size in sizes.items()}
    return pose(jobs[:steps], devices=devices, services=services, sizes=names)


FILM = Effort(seconds=0.12, share=0.08, given=0.08)  # as core.plan plans films


def films() -> dict[str, Any]:
    """Seconds, waste and memory for films on one card of 24 GiB."""
    found: dict[str, Any] = {}
    neighbours(8, 8, np.random.default_rng(0))  # NumPy's first call is not the planner's
    for name, steps, effort in (("usual", 500, FILM), ("long", 10_000, Effort(seconds=4))):
        problem = film(steps, [(24, 2e9)])
        began = time.process_time()
        greedy = solve(problem, Effort(share=0))
        greedy_s = time.process_time() - began
        began = time.process_time()
        solution = solve(problem, effort)
        seconds = time.process_time() - began
        tracemalloc.start()
        solve(film(steps, [(24, 2e9)]), Effort(share=0))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        answer = solution.answer
        found[name] = {
            "steps": steps, "greedy_s": round(greedy_s, 3), "seconds": round(seconds, 3),
            "loaded_gib": round(answer.loaded_bytes / GIB, 1),
            "least_gib": round(solution.lower_bound_bytes / GIB, 1),
            "greedy_gib": round(greedy.answer.loaded_bytes / GIB, 1),
            "held_for_nobody": round(answer.timed.idle_share, 4),
            "loaded_beyond_best": round(solution.reloaded_share, 4),
            "bytes_a_step": round(peak / steps),
        }  # fmt: skip
    found["memory_growth"] = round(
        found["long"]["bytes_a_step"] / found["usual"]["bytes_a_step"], 2
    )
    return found


def several(quick: bool) -> dict[str, Any]:
    """Unequal cards: the end over the larger of the longest path and the work shared evenly."""
    ratios, seconds = [], []
    parks = (
        [(24, 2e9), (48, 3e9)],
        [(24, 2e9), (48, 3e9), (80, 4e9)],
        [(24, 2e9)] * 2 + [(141, 6e9)],
    )
    for cards in parks:
        for steps in (100, 300) if quick else (60, 100, 200, 500, 1000):
            problem = film(steps, list(cards))
            began = time.process_time()
            solution = solve(problem)
            seconds.append(time.process_time() - began)
            ratios.append(solution.answer.timed.seconds / _bound(solution.problem))
    return {
        "instances": len(ratios), "over_bound": round(_mean(ratios), 4),
        "worst_over_bound": round(max(ratios), 4), "most_seconds": round(max(seconds), 2),
    }  # fmt: skip


def anew() -> dict[str, Any]:
    """Seconds to plan 480 steps of 500 anew after one event: the best of five, on 1 and 3 cards."""
    found = {}
    for cards in (1, 3):
        plan = planned_film(500, cards)
        done = [placed.step.id for placed in plan.to_do[:20]]
        first = plan.to_do[20]
        smaller = [replace(d, budget_bytes=d.budget_bytes - GIB) for d in plan.devices.values()]
        spent = [(first.step.id, first.service.id, first.option)]
        events: dict[str, dict[str, Any]] = {"less memory": {"devices": smaller}}
        if cards > 1:
            events |= {"a step failed": {"spent": spent}, "a server left": {"gone": ["comfy1"]}}
        for name, event in events.items():
            seconds = []
            for _ in range(5):
                began = time.process_time()
                replan(plan, refuse=lambda *_: None, done=done, **event)
                seconds.append(time.process_time() - began)
            found[f"{name}, {cards} cards"] = round(min(seconds), 4)
    return found


def _bound(problem: Problem) -> float:
    work = sum(min(way.seconds for way in job.ways) for job in problem.jobs)
    return max(*bottom_levels(problem, in_order(problem)), work / len(problem.devices))


def main() -> int:
    """0 when every limit is kept."""
    options = asked("Measure the planner.")
    guard = GUARD if options.quick else 1.0
    found = families(options.quick)
    results = {
        "families": found, "films": films(), "several": several(options.quick), "anew": anew(),
    }  # fmt: skip
    long, usual = results["films"]["long"], results["films"]["usual"]
    waste = max(usual["held_for_nobody"], usual["loaded_beyond_best"],
                long["held_for_nobody"], long["loaded_beyond_best"])  # fmt: skip
    gaps = [one["gap"] for one in found.values()]
    checks = {
        "gap to the best known, mean of all families": (_mean(gaps), MEAN_GAP * guard),
        "gap to the best known, worst": (
            max(one["worst_gap"] for one in found.values()), WORST_GAP * guard),
        "15 x 20, seconds": (found["15 x 20"]["most_seconds"], SMALL_S * guard),
        "40 x 60, seconds": (found["40 x 60"]["most_seconds"], LARGE_S * guard),
        "500 steps of a film, seconds": (usual["seconds"], FILM_S * guard),
        "500 steps planned anew, seconds": (max(results["anew"].values()), REPLAN_S * guard),
        "10,000 steps of a film, seconds": (long["seconds"], LONG_FILM_S * guard),
        "10,000 steps, first answer, seconds": (long["greedy_s"], GREEDY_S * guard),
        "memory of a step, long film over usual": (results["films"]["memory_growth"], MEMORY_GROWTH),
        "waste of a film's plan": (waste, WASTE),
        "end on several cards over its lower bound, worst": (
            results["several"]["worst_over_bound"], OVER_BOUND * (1.05 if options.quick else 1)),
    }  # fmt: skip
    return told(results, checks, options.json)


if __name__ == "__main__":
    sys.exit(main())
