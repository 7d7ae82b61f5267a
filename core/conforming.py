# SPDX-License-Identifier: GPL-3.0-or-later
"""Conforming: a clip that a generator made, brought to the film's rate and size.

Two kinds of work, in this order: *interpolation* makes the frames between the frames, *upscale* the
pixels between the pixels.  Here is how much of each a clip needs; what does it is the executors'.
A clip that still has its generator's rate and size says so (the fact ``as_made``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .step import INTERPOLATION, UPSCALE, Kind, Step, StepId

__all__ = ["AS_MADE", "CONFORMING", "enlarged_by", "frames_for_each", "source_of", "times_wanted"]

#: In the order in which they are done.
CONFORMING: tuple[Kind, ...] = (INTERPOLATION, UPSCALE)
#: The fact about a clip that is not yet in the film's form.
AS_MADE = "as_made"
#: Of the film's rate or size: from here on repeating a frame now and then, or scaling, is not seen.
_NEAR = 0.9
#: Frames for each, and pixels across for one, at most: beyond, models only invent.
_MOST_FRAMES, _MOST_PIXELS = 8, 4.0


def frames_for_each(own: float, wanted: float) -> int:
    """How many frames to make of each at ``own`` frames a second; 1 where that is near enough.

    The fewest of which every frame of the film is one, so that its steps are even: 16 becomes 48,
    of which 24 takes every other.  Where there are none such, as many as may be: the finest steps.
    """
    if own <= 0 or own >= wanted * _NEAR:
        return 1
    least = max(2, math.ceil(wanted / own - 1e-6))
    even = (n for n in range(least, _MOST_FRAMES + 1) if _whole(own * n / wanted))
    return next(even, _MOST_FRAMES)


def _whole(ratio: float) -> bool:
    return math.isclose(ratio, round(ratio), abs_tol=1e-3)


def enlarged_by(own: Sequence[int], wanted: Sequence[int]) -> float:
    """How many times as large a picture has to be to fill the film's; 1.0 where it is near enough."""
    scale = min(wanted[0] / own[0], wanted[1] / own[1])
    return 1.0 if scale * _NEAR <= 1 else min(scale, _MOST_PIXELS)


def times_wanted(kind: Kind, facts: Mapping[str, Any], inputs: Mapping[str, Any]) -> float:
    """How many frames, or pixels across, for one in a step of ``CONFORMING``; 1.0: none are lacking.

    ``facts`` are its clip's, ``inputs`` its own.
    """
    if not facts.get(AS_MADE):
        return 1.0
    if kind == INTERPOLATION:
        return float(frames_for_each(facts["fps"], inputs["fps"]))
    return enlarged_by((facts["width"], facts["height"]), inputs["size"])


def source_of(id: StepId, steps: Mapping[StepId, Step]) -> StepId:
    """The step that made what a clip shows: the one before it was conformed."""
    step = steps.get(id)
    if step is None or step.kind not in CONFORMING:
        return id
    made: StepId = step.inputs["source"].step
    return made
