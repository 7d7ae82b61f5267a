# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ways are left: those that fit into their device, and no worse than the best of them.

Fidelity comes before time, so a job keeps only its ways of the highest fidelity that fits.
That no job's choice can spoil another's is what makes this exact: jobs follow one another,
and each has the whole device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .problem import Job, Problem, Way

__all__ = ["Cramped", "best_ways", "need"]


class Cramped(Exception):
    """A job fits nowhere: ``needs`` bytes where there are ``room``, in its least hungry way."""

    def __init__(self, job: Job, needs: int, room: int) -> None:
        super().__init__(f"{job.id} needs {needs} bytes of {room}")
        self.job = job
        self.needs = needs
        self.room = room


def need(problem: Problem, way: Way) -> int:
    """Bytes of the device that a way takes, beside what idle services hold."""
    return problem.weight(way.items) + way.work


def best_ways(problem: Problem) -> Problem:
    """The problem with only the ways worth choosing between.

    Raises:
        Cramped: a job fits nowhere.
        ValueError: a job has no way at all.
    """
    seen: dict[Sequence[Way], tuple[Way, ...]] = {}
    jobs = []
    for job in problem.jobs:
        kept = seen.get(job.ways)
        if kept is None:
            kept = seen[job.ways] = _best(problem, job)
        jobs.append(job if kept == job.ways else replace(job, ways=kept))
    return replace(problem, jobs=tuple(jobs))


def _best(problem: Problem, job: Job) -> tuple[Way, ...]:
    if not job.ways:
        raise ValueError(f"{job.id} has no way to be done")
    fitting = [way for way in job.ways if need(problem, way) <= problem.room[way.device]]
    if not fitting:
        lack, needs, room = min(
            (need(problem, way) - problem.room[way.device], need(problem, way), problem.room[way.device])
            for way in job.ways
        )  # fmt: skip
        del lack
        raise Cramped(job, needs, room)
    best = max(way.fidelity for way in fitting)
    return tuple(way for way in fitting if way.fidelity == best)
