# SPDX-License-Identifier: GPL-3.0-or-later
"""A glance at a tour nearly says what it keeps."""

from __future__ import annotations

import numpy as np
import pytest
from movie_director.core.planner.anneal import LONG, all_neighbours, better_tour, neighbours
from movie_director.core.planner.glance import AFTER, NEXT, Glance, Moves
from movie_director.core.planner.retention import Retention

from .problems import random_sets, tools


def test_what_is_needed_again_counts_less_the_later_it_is() -> None:
    problem = tools([0b0011, 0b0101, 0b1100, 0b1011], 4)  # ab, ac, cd, abd
    glance = Glance(Retention(problem, [job.ways[0] for job in problem.jobs]), 4)
    tours = np.array([[0, 1, 2, 3], [1, 2, 3, 0]])
    # a, c and d again next, a after one between; then c, d, a and b next, a after one between.
    assert glance.promise(tours).tolist() == [3 * NEXT + AFTER, 4 * NEXT + AFTER]


@pytest.mark.parametrize("capacity", [15, 25])
def test_the_best_neighbours_are_among_those_it_likes(capacity: int) -> None:
    problem = tools(random_sets(30, 40, 5, 15, "glance"), capacity)
    ways = [job.ways[0] for job in problem.jobs]
    retention = Retention(problem, ways)
    start = list(range(30))
    tour = np.array(better_tour(problem, ways, [], [start], steps=200, deadline=float("inf"))[0])
    tours = tour[neighbours(30, 2000, np.random.default_rng(3))]
    worth = retention.weigh(tours)[1]
    promise = Glance(retention, 30).promise(tours)
    assert np.corrcoef(promise, -worth)[0, 1] > 0.5
    liked = set(np.argsort(-promise, kind="stable")[:500].tolist())
    best = np.argsort(worth, kind="stable")[:20].tolist()
    assert len(liked.intersection(best)) >= 12


@pytest.mark.parametrize("jobs", [5, 20, 52])
def test_what_a_neighbour_gains_is_the_difference_of_two_promises(jobs: int) -> None:
    problem = tools(random_sets(jobs, 70, 3, 9, "gains"), 12)
    glance = Glance(Retention(problem, [job.ways[0] for job in problem.jobs]), jobs)
    dice = np.random.default_rng(4)
    rows = all_neighbours(jobs)
    tours = np.array([dice.permutation(jobs) for _ in range(3)])
    chosen = dice.integers(0, len(rows), (3, 40))
    gains = glance.gains(tours, Moves(rows), chosen)
    after = np.take_along_axis(tours[:, None], rows[chosen], axis=2).reshape(-1, jobs)
    before = glance.promise(tours)[:, None]
    assert gains.tolist() == (glance.promise(after).reshape(3, 40) - before).tolist()


def test_no_neighbour_is_left_out() -> None:
    drawn = neighbours(9, 20_000, np.random.default_rng(0))
    assert set(map(tuple, all_neighbours(9).tolist())) == set(map(tuple, drawn.tolist()))


def test_jobs_that_need_nothing_keep_nothing() -> None:
    problem = tools([0] * 24, 3)
    ways = [job.ways[0] for job in problem.jobs]
    assert Glance(Retention(problem, ways), 24).promise(np.arange(24)[None]).tolist() == [0.0]


def test_a_long_search_keeps_links_and_the_first_job() -> None:
    problem = tools(random_sets(24, 30, 3, 8, "links"), 10)
    ways = [job.ways[0] for job in problem.jobs]
    links = [(n, n + 5) for n in range(1, 19, 3)]
    found = [
        better_tour(
            problem, ways, links, [list(range(24))],
            steps=LONG, deadline=float("inf"), pinned=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert found[0] == found[1]
    for tour in found[0]:
        assert tour[0] == 0
        assert sorted(tour) == list(range(24))
        assert all(tour.index(before) < tour.index(after) for before, after in links)
