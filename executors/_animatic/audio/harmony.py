# SPDX-License-Identifier: GPL-3.0-or-later
"""Chords and how voices move between them.

A chord is pitch classes above the key; ``voiced`` sets it for four voices so that each
moves as little as it can from the chord before, which is what makes a row of chords sound
like one thing.  Pitches are MIDI numbers (60 is middle C).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

from .moods import MODES

__all__ = ["Chord", "chord", "nearest", "scale_over", "voiced"]

_QUALITIES = {
    "M": (0, 4, 7),
    "m": (0, 3, 7),
    "M7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "7": (0, 4, 7, 10),
    "M9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "7b9": (0, 4, 7, 10, 13),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "mM": (0, 3, 7, 11),
    "h": (0, 3, 6, 10),
    "d": (0, 3, 6),
    "s4": (0, 5, 7),
    "o": (0, 7),
    "cl": (0, 1, 6, 7),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chord:
    """``root`` and ``tones`` as pitch classes 0–11, the tones from the root up."""

    root: int
    tones: tuple[int, ...]


def chord(text: str, key: int) -> Chord:
    """``"7:m9"`` in ``key`` (a pitch class)."""
    step, quality = text.split(":")
    root = (key + int(step)) % 12
    return Chord(root=root, tones=tuple((root + tone) % 12 for tone in _QUALITIES[quality]))


def voiced(wanted: Chord, before: tuple[int, ...], *, centre: int = 60) -> tuple[int, ...]:
    """Four pitches within an octave of ``centre``, near ``before``; third and seventh kept.

    The fifth goes first when there are more than four tones, for it says least.
    """
    tones = list(wanted.tones)
    if len(tones) > 4:
        tones.pop(2)
    while len(tones) < 4:
        tones.append(tones[len(tones) % len(wanted.tones)])
    last = before or tuple(centre + shift for shift in (-7, -3, 2, 7))
    best: tuple[int, ...] = ()
    lowest = 1e9
    for order in product((-12, 0), repeat=4):
        pitches = tuple(
            sorted(_near(tone, centre) + shift for tone, shift in zip(tones, order, strict=True))
        )
        cost = _awkward(pitches, last, centre)
        if cost < lowest:
            best, lowest = pitches, cost
    return best


def _awkward(pitches: tuple[int, ...], last: tuple[int, ...], centre: int) -> float:
    moved = sum(abs(a - b) for a, b in zip(pitches, last, strict=True))
    gaps = [high - low for low, high in pairwise(pitches)]
    crowded = sum(gap == 0 for gap in gaps) * 6 + sum(gap == 1 for gap in gaps[:1]) * 8
    stray = abs(sum(pitches) / 4 - centre) * 0.6
    return moved + crowded + stray + max(0, pitches[-1] - pitches[0] - 19)


def _near(tone: int, centre: int) -> int:
    """The pitch of class ``tone`` from ``centre - 5`` to ``centre + 6``."""
    return centre - 5 + (tone - (centre - 5)) % 12


def nearest(pitch: float, classes: tuple[int, ...]) -> int:
    """The pitch nearest to ``pitch`` whose class is in ``classes``; the lower of two."""
    base = round(pitch)
    for distance in range(12):
        for candidate in (base - distance, base + distance):
            if candidate % 12 in classes:
                return candidate
    return base


def scale_over(mode: str, key: int, over: Chord) -> tuple[int, ...]:
    """The mode's steps with those that rub against the chord replaced by the chord's own."""
    steps = {(key + step) % 12 for step in MODES[mode]}
    for tone in over.tones:
        if tone not in steps:
            steps -= {(tone + 1) % 12, (tone - 1) % 12} - set(over.tones)
            steps.add(tone)
    return tuple(sorted(steps))
