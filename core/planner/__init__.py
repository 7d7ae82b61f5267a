# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs where, in which order, and what stays loaded: the arithmetic behind a plan.

Nothing here knows what a film is.  A *job* is a step as the planner sees it; a *way* is one
option on one service; an *item* is one model in one service's memory; a *tour* is the order
in which one device does its jobs.  Reading order:

    problem    jobs, ways and items, as numbers and bit sets
    feasible   which ways are left: they fit, and nothing better does
    greedy     the first answer: event by event, whoever is free takes what suits it
    residency  a tour's evictions: what to keep when not everything fits
    retention  the cost of very many tours of one device at once
    anneal     a better tour of one device
    exact      the best tour of a small one
    spread     a better division among several devices
    clock      when everything starts and ends; what memory is wasted
    solve      all of these in turn
    jobs_file  the same problem as a neutral file, so that planners can be compared

On one device with equal sizes and selective unloading this is the *job sequencing and tool
switching problem* (Tang and Denardo 1988; Crama et al. 1994; Catanzaro, Gouveia and Labbé
2015).  For a fixed order, keeping what is needed soonest is optimal there.
"""

from __future__ import annotations

from .problem import Job, JobWish, Problem, Way, Wish, pose
from .solve import Effort, Solution, solve

__all__ = ["Effort", "Job", "JobWish", "Problem", "Solution", "Way", "Wish", "pose", "solve"]
