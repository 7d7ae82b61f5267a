"""The planner as a whole: the optimum where it can be known, never over budget, always the same."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.planner import Effort, Job, JobWish, Problem, Wish, pose, solve
from movie_director.core.planner.feasible import Cramped
from movie_director.core.planner.greedy import Circle
from movie_director.core.planner.problem import bits
from movie_director.core.step import ModelId, ServiceId

from .problems import (
    check_feasible,
    gpu,
    job,
    least_seconds,
    one_device,
    random_sets,
    server,
    tools,
)

LETTERS = "abcdef"
GREEDY = Effort(share=0)


@st.composite
def small_problems(draw: st.DrawFn, even: bool = False) -> Problem:
    """Up to six jobs and six models on one device, with and without sizes and precedence."""
    budget = draw(st.integers(4, 14))
    sizes = {name: 1 if even else draw(st.integers(1, 5)) for name in LETTERS}
    jobs = []
    for number in range(draw(st.integers(1, 6))):
        models = draw(st.sets(st.sampled_from(LETTERS), max_size=4))
        while models and sum(sizes[name] for name in models) > budget:
            models.remove(max(models))
        room = budget - sum(sizes[name] for name in models)
        earlier = [str(n) for n in range(number)]
        after = draw(st.sets(st.sampled_from(earlier), max_size=2)) if earlier else set()
        jobs.append(
            job(
                str(number), "".join(sorted(models)), after=" ".join(sorted(after)),
                work=draw(st.integers(0, max(0, room))),
            )
        )  # fmt: skip
    return one_device(jobs, budget, sizes)


@settings(max_examples=150, deadline=None)
@given(small_problems())
def test_small_problems_get_the_optimum(problem: Problem) -> None:
    solution = solve(problem)
    check_feasible(problem, solution)
    assert solution.answer.timed.seconds == pytest.approx(least_seconds(problem))
    assert solution.optimal


@settings(max_examples=60, deadline=None)
@given(small_problems(even=True))
def test_with_equal_sizes_too_and_no_plan_is_worse_than_the_first_answer(problem: Problem) -> None:
    solution, first = solve(problem), solve(problem, GREEDY)
    assert solution.answer.timed.seconds == pytest.approx(least_seconds(problem))
    assert solution.answer.key <= first.answer.key
    assert solution.lower_bound_bytes <= solution.answer.loaded_bytes


GIB = 2**30
CARDS = (6, 8, 12, 16, 24, 32, 48, 80, 141)


@st.composite
def mixed_problems(draw: st.DrawFn) -> Problem:
    """Cards of real sizes, mixed; services of every kind; options of several fidelities."""
    cards = draw(st.lists(st.sampled_from(CARDS), min_size=1, max_size=3))
    devices = [gpu(f"gpu{n}", size * GIB, 2e9) for n, size in enumerate(cards)]
    services = []
    for number in range(draw(st.integers(len(cards), len(cards) + 2))):
        kind = draw(st.sampled_from(["selective", "all", "self"]))
        services.append(
            server(f"s{number}", f"gpu{number % len(cards)}", kind, draw(st.integers(0, GIB)),
                   draw(st.integers(1, 2)))
        )  # fmt: skip
    names = [f"m{n}" for n in range(6)]
    sizes = {ModelId(name): draw(st.integers(0, 6 * GIB)) for name in names}
    jobs = []
    for number in range(draw(st.integers(1, 14))):
        wishes = [
            Wish(
                services=[ServiceId(f"s{n}") for n in sorted(draw(st.sets(st.integers(0, len(services) - 1), min_size=1)))],
                models=frozenset(map(ModelId, draw(st.sets(st.sampled_from(names), max_size=2)))),
                work_bytes=draw(st.integers(0, 2 * GIB)), seconds=draw(st.sampled_from([0.5, 2.0, 30.0])),
                fidelity=draw(st.sampled_from([0, 60, 100])),
            )
            for _ in range(draw(st.integers(1, 2)))
        ]  # fmt: skip
        after = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        jobs.append(
            JobWish(id=str(number), after=[str(n) for n in after], wishes=wishes,
                    priority=draw(st.integers(0, 4)))
        )  # fmt: skip
    return pose(jobs, devices=devices, services=services, sizes=sizes)


def _fits(problem: Problem, job: Job) -> bool:
    return any(problem.weight(way.items) + way.work <= problem.room[way.device] for way in job.ways)


@settings(max_examples=150, deadline=None)
@given(mixed_problems())
def test_no_plan_is_ever_over_budget_and_every_promise_is_kept(problem: Problem) -> None:
    if any(not _fits(problem, each) for each in problem.jobs):
        with pytest.raises(Cramped):
            solve(problem, Effort(share=0.02))
        return
    solution = solve(problem, Effort(share=0.02))
    check_feasible(solution.problem, solution)
    for each, kept in zip(problem.jobs, solution.problem.jobs, strict=True):
        fitting = [
            way.fidelity for way in each.ways
            if problem.weight(way.items) + way.work <= problem.room[way.device]
        ]  # fmt: skip
        assert {way.fidelity for way in kept.ways} == {max(fitting)}


@settings(max_examples=40, deadline=None)
@given(mixed_problems())
def test_the_same_problem_has_the_same_plan(problem: Problem) -> None:
    if any(not _fits(problem, each) for each in problem.jobs):
        return
    first, again = (solve(problem, Effort(seconds=60, share=0.02)) for _ in range(2))
    assert first.answer == again.answer


@pytest.mark.parametrize(("jobs", "models", "least", "most", "capacity"), [
    (10, 10, 2, 4, 4), (15, 20, 2, 6, 6), (30, 40, 5, 15, 15),
])  # fmt: skip
def test_published_kinds_of_problems_load_less_than_the_first_answer_does(
    jobs: int, models: int, least: int, most: int, capacity: int
) -> None:
    problem = tools(random_sets(jobs, models, least, most, "seed"), capacity)
    solution, first = solve(problem), solve(problem, GREEDY)
    check_feasible(problem, solution)
    assert solution.lower_bound_bytes <= solution.answer.loaded_bytes < first.answer.loaded_bytes


def test_jobs_that_wait_for_each_other_are_named() -> None:
    with pytest.raises(Circle, match="a, b"):
        solve(one_device([job("a", "x", after="b"), job("b", "x", after="a")], 4))


def test_a_job_that_fits_nowhere_says_what_it_needs() -> None:
    with pytest.raises(Cramped) as caught:
        solve(one_device([job("a", "xyz", work=2)], 4))
    assert (caught.value.needs, caught.value.room) == (5, 4)


def test_what_is_loaded_already_is_used_first() -> None:
    jobs = [job("one", "a"), job("two", "b")]
    problem = pose(
        jobs, devices=[gpu(budget=1)], services=[server()], sizes={ModelId("a"): 1, ModelId("b"): 1},
        loaded={ServiceId("gpu"): frozenset({ModelId("b")})},
    )  # fmt: skip
    solution = solve(problem)
    assert [n for n, _ in solution.answer.tours[0]] == [1, 0]
    assert solution.answer.loaded_bytes == 1


def test_among_equals_the_film_begins_at_its_beginning() -> None:
    solution = solve(one_device([job(str(n), "ab"[n % 2]) for n in range(6)], 1))
    assert next(n for n, _ in solution.answer.tours[0]) == 0


def test_a_shot_is_not_kept_waiting_for_a_second_at_the_end_of_the_film() -> None:
    wishes = [
        job("shot", ""),
        job("air", ""),
        job("score", ""),
        job("mix", "", after="air score"),
        job("film", "", after="shot mix"),
        job("subtitles", "", on="desk"),
    ]
    services = [server(slots=2), server("desk", "desk")]
    problem = pose(wishes, devices=[gpu(), gpu("desk")], services=services, sizes={})
    begun = {
        seconds: solve(problem, Effort(given_seconds=seconds)).answer.lines[0][0].calls[0][0]
        for seconds in (0.0, 1.0)
    }
    assert begun == {0.0: 1, 1.0: 0}, "what the mix waits for, or the shot"


def test_of_work_done_side_by_side_nothing_is_claimed_to_be_the_best() -> None:
    wishes = [job("shot", ""), job("air", ""), job("score", ""), job("mix", "", after="air score")]
    proven = {
        slots: solve(
            pose(wishes, devices=[gpu()], services=[server(slots=slots)], sizes={})
        ).optimal
        for slots in (1, 2)
    }
    assert proven == {1: True, 2: False}


def test_a_lower_priority_leaves_memory_before_a_higher_one() -> None:
    jobs = [
        job("lora", "c", priority=0), job("sound", "s", priority=3),
        job("other", "xy", after="lora sound"),
        job("more_sound", "s", after="other", priority=3),
        job("more_lora", "c", after="more_sound", priority=0),
    ]  # fmt: skip
    solution = solve(one_device(jobs, 3))
    gone = [solution.problem.names(block.unload) for block in solution.answer.lines[0]]
    assert frozenset({"s"}) in gone
    assert not any("c" in names for names in gone[:2])


@st.composite
def ranked_problems(draw: st.DrawFn) -> Problem:
    """Jobs of several priorities that want the same few models, with too little room."""
    names = "abcde"
    sizes = {name: draw(st.integers(1, 3)) for name in names}
    jobs = []
    for number in range(draw(st.integers(3, 14))):
        models = "".join(sorted(draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))))
        after = str(number - 1) if number and draw(st.booleans()) else ""
        jobs.append(job(str(number), models, after=after, priority=draw(st.integers(0, 3))))
    return one_device(jobs, draw(st.integers(6, 8)), sizes)


@settings(max_examples=150, deadline=None)
@given(ranked_problems())
def test_nothing_of_a_lower_priority_stays_while_something_of_a_higher_has_to_leave(
    problem: Problem,
) -> None:
    """Of models still needed, one that leaves is never of a higher priority than one that stays."""
    solution = solve(problem, Effort(share=0.05))
    line, ranks = solution.answer.lines[0], solution.problem.ranks
    for number, block in enumerate(line):
        later = used = 0
        for _, way in block.calls:
            used |= way.items
        for other in line[number:]:
            for _, way in other.calls:
                later |= way.items
        gone = [ranks[item] for item in bits(block.unload & later)]
        kept = [ranks[item] for item in bits(block.resident & later & ~used & ~block.load)]
        assert not gone or not kept or max(kept) <= min(gone)


def test_jobs_that_share_models_are_adjacent() -> None:
    solution = solve(one_device([job(str(n), "abc"[n % 3]) for n in range(30)], 1))
    order = [n % 3 for n, _ in solution.answer.tours[0]]
    assert sum(one != other for one, other in itertools.pairwise(order)) == 2
    assert solution.answer.loaded_bytes == 3
