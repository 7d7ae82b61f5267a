"""Many tours weighed at once load what each of them loads alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.planner.residency import serve
from movie_director.core.planner.retention import Retention

from .problems import random_sets, tools


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 12), st.integers(5, 9))
def test_a_tour_weighs_what_it_loads(seed: int, jobs: int, capacity: int) -> None:
    problem = tools(random_sets(jobs, 80, 1, 5, str(seed)), capacity)
    ways = [job.ways[0] for job in problem.jobs]
    dice = np.random.default_rng(seed)
    tours = np.array([dice.permutation(jobs) for _ in range(20)])
    assert Retention(problem, ways).loads(tours).tolist() == [
        sum(one.load.bit_count() for one in serve(problem, [(n, ways[n]) for n in tour]))
        for tour in tours.tolist()
    ]


def test_looking_near_weighs_nearly_all_tours_right_and_none_too_light() -> None:
    problem = tools(random_sets(40, 60, 7, 20, "near"), 22)
    ways = [job.ways[0] for job in problem.jobs]
    dice = np.random.default_rng(0)
    tours = np.array([dice.permutation(40) for _ in range(200)])
    retention = Retention(problem, ways)
    exact = retention.loads(tours)
    retention.look_near(tours[:100])
    assert retention.reach < 20
    nearly = retention.loads(tours)
    assert np.all(nearly >= exact)
    assert np.mean(nearly > exact) < 0.1
