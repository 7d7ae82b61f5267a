# SPDX-License-Identifier: GPL-3.0-or-later
"""A line made to fit a time: faster or slower at the same pitch.

WSOLA: overlapping pieces of the voice are laid closer together or farther apart, each
shifted by a few milliseconds to where it continues the last one best.  Beyond what still
sounds like the same person (0.75–1.35 times as long) it stops and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .sound import RATE_HZ, Array, Samples, frames_of
from .speech import Spoken

__all__ = ["LONGEST", "SHORTEST", "Fitted", "fit", "fit_line"]

#: Lengths, against the original, between which speech still sounds natural.
SHORTEST, LONGEST = 0.75, 1.35

_PIECE = frames_of(0.03)
_HOP = _PIECE // 2
_SEARCH = frames_of(0.009)
_STEP = 4  # the best place is looked for on every fourth sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """``samples`` are ``factor`` times as long; ``fits`` says whether that is what was asked."""

    samples: Samples
    factor: float
    fits: bool


def fit(samples: Samples, seconds: float) -> Fitted:
    """Mono ``samples`` stretched to ``seconds``, or as near as speech allows."""
    wanted = frames_of(seconds)
    if len(samples) == 0 or wanted == len(samples):
        return Fitted(samples=samples, factor=1.0, fits=wanted == len(samples))
    asked = wanted / len(samples)
    factor = min(LONGEST, max(SHORTEST, asked))
    length = wanted if factor == asked else round(len(samples) * factor)
    return Fitted(samples=_stretched(samples, length), factor=factor, fits=factor == asked)


def fit_line(line: Spoken, seconds: float) -> tuple[Spoken, bool]:
    """``line`` fitted, its marks and words moved with it, and whether it fits."""
    fitted = fit(line.samples, seconds)
    length = len(fitted.samples) / RATE_HZ
    factor = length / line.seconds if line.seconds else 1.0
    return (
        replace(
            line,
            samples=fitted.samples,
            seconds=length,
            marks=tuple(replace(m, seconds=min(length, m.seconds * factor)) for m in line.marks),
            words=tuple(replace(w, seconds=min(length, w.seconds * factor)) for w in line.words),
        ),
        fitted.fits,
    )


def _stretched(samples: Samples, length: int) -> Samples:
    window = np.hanning(_PIECE + 1)[:-1].astype(np.float32)
    padded = np.pad(samples, (_HOP + _SEARCH, _PIECE + 2 * _SEARCH + _HOP))
    count = -(-length // _HOP) + 2
    out = np.zeros(count * _HOP + _PIECE, dtype=np.float32)
    rate = len(samples) / length
    place = _SEARCH
    for index in range(count):
        if index:
            ideal = _SEARCH + round(index * _HOP * rate)
            place = _best(padded, place + _HOP, min(ideal, len(padded) - _PIECE - _SEARCH))
        out[index * _HOP : index * _HOP + _PIECE] += padded[place : place + _PIECE] * window
    return out[_HOP : _HOP + length]


def _best(padded: Samples, natural: int, ideal: int) -> int:
    """Where near ``ideal`` the voice goes on most like at ``natural``."""
    natural = min(natural, len(padded) - _PIECE)
    pattern = padded[natural : natural + _PIECE : _STEP]
    region = padded[ideal - _SEARCH : ideal + _SEARCH + _PIECE : _STEP]
    scores: Array = np.correlate(region, pattern, "valid")
    energy = np.concatenate([[0.0], np.cumsum(np.square(region, dtype=np.float64))])
    norms = np.sqrt(np.maximum(energy[len(pattern) :] - energy[: -len(pattern)], 1e-9))
    return ideal - _SEARCH + _STEP * int(np.argmax(scores / norms[: len(scores)]))
