# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot that is longer than a model's clips, in parts that go on from each other.

Each part but the first begins with the last picture of the one before, so a model that begins
with a picture can go on for as long as is wanted; likeness fades with every part, so there is a
limit.  Pure: who makes the parts is not here.
"""

from __future__ import annotations

import math

__all__ = ["MOST_PARTS", "longest", "shared_out"]

#: Parts of one shot, at most: beyond, models have lost what they began with.  A judgement.
MOST_PARTS = 8


def longest(first: float, onward: float) -> float:
    """Seconds of the longest shot that can be made in parts; ``onward`` 0: there is one part."""
    return first + (MOST_PARTS - 1) * onward


def shared_out(seconds: float, first: float, onward: float) -> tuple[float, ...]:
    """The length of each part, in seconds: as few as can be, none much shorter than the others.

    ``first`` and ``onward`` are the most that the first and each further part can have.  Where
    the shot is too long for all of them, each has the most it can.
    """
    if seconds <= first or onward <= 0:
        return (min(seconds, first),)
    count = min(MOST_PARTS, 1 + math.ceil((seconds - first) / onward - 1e-9))
    most = (first, *[onward] * (count - 1))
    share = min(1.0, seconds / sum(most))
    return tuple(each * share for each in most)
