# SPDX-License-Identifier: GPL-3.0-or-later
"""A cut as stretches: runs of frames over which the same shots are seen in the same way.

Pure.  A stretch of one shot at full strength can be copied; any other is composed
frame by frame with the weights given here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ....core.edit import Edit, EditClip

__all__ = ["FULL", "Layer", "Stretch", "stretches", "weights"]

#: A weight of one; what is missing to it is black.
FULL = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A shot seen in a stretch: ``clip`` by index, from its own frame ``first`` on."""

    clip: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """``frames`` frames from film frame ``start``; no layer means black.

    ``plain``: one layer, unchanged.
    """

    start: int
    frames: int
    layers: tuple[Layer, ...]
    plain: bool


def stretches(edit: Edit) -> tuple[Stretch, ...]:
    """The whole film, frame 0 to its last, without a hole."""
    edges = {0, edit.frames}
    for clip in edit.clips:
        end = clip.start + clip.frames
        edges |= {clip.start, clip.start + clip.enter.frames, end - clip.leave.frames, end}
    cuts = sorted(edge for edge in edges if 0 <= edge <= edit.frames)
    return tuple(_stretch(edit, start, end - start) for start, end in pairwise(cuts))


def _stretch(edit: Edit, start: int, frames: int) -> Stretch:
    seen = [
        (index, clip)
        for index, clip in enumerate(edit.clips)
        if clip.start <= start < clip.start + clip.frames
    ]
    layers = tuple(Layer(clip=index, first=start - clip.start) for index, clip in seen)
    plain = len(seen) == 1 and _strength(seen[0][1], layers[0].first) == 1.0
    return Stretch(start=start, frames=frames, layers=layers, plain=plain)


def weights(edit: Edit, stretch: Stretch, offset: int) -> tuple[int, ...]:
    """How strongly each layer is seen at the stretch's frame ``offset``, in 256ths.

    A dissolving shot lies over those before it; the first and the last frame of a
    transition are already under way, so no frame is spent on standing still.
    """
    shares: list[float] = []
    for layer in stretch.layers:
        clip, at = edit.clips[layer.clip], layer.first + offset
        cover = _ramp(at, clip.enter.frames) if clip.enter.kind == "dissolve" else 1.0
        shares = [share * (1.0 - cover) for share in shares]
        shares.append(cover * _fade(clip, at))
    return tuple(round(FULL * share) for share in shares)


def _strength(clip: EditClip, at: int) -> float:
    cover = _ramp(at, clip.enter.frames) if clip.enter.kind == "dissolve" else 1.0
    return cover * _fade(clip, at)


def _fade(clip: EditClip, at: int) -> float:
    inward = _ramp(at, clip.enter.frames) if clip.enter.kind == "fade" else 1.0
    outward = _ramp(clip.frames - 1 - at, clip.leave.frames) if clip.leave.kind == "fade" else 1.0
    return inward * outward


def _ramp(at: int, frames: int) -> float:
    return min(1.0, (at + 1) / (frames + 1))
