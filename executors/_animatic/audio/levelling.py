# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a film measured to the gain every moment of it gets.

The whole film's energy and peaks are known, one figure per 5 ms, before a sample is
written.  So the limiter is computed, not run: the gain curve looks ahead and behind, and
the loudness it will leave is solved for and not guessed.  Measuring is in ``loudness.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .loudness import gated
from .sound import Array

__all__ = ["Levelling", "levelled"]

#: Room below the ceiling for what 5 ms figures and 16-bit rounding leave out, dB.
_MARGIN_DB = 0.35

#: Most a film is raised, dB: what is fainter than this is silence, not a quiet film.
MOST_GAIN_DB = 30.0

_AHEAD = 3  # chunks the limiter looks ahead: 15 ms
_BEHIND = 16  # chunks it holds on afterwards: 80 ms
_SMOOTH = 4  # half-width of its smoothing, chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelling:
    """``gain`` for the whole film (linear) times ``curve`` per chunk (at most 1)."""

    gain: float
    curve: Array
    lufs: float  #: what will be measured; ``-inf`` for silence


def levelled(energies: Array, peaks: Array, *, lufs: float, peak_db: float) -> Levelling:
    """The gain that brings a film to ``lufs`` with true peaks below ``peak_db``.

    Silence stays as it is.  Where limiting takes loudness away more gain is given, by
    halving the interval until it is right to 0.01 LU.
    """
    before = gated(energies)
    ceiling = 10 ** ((peak_db - _MARGIN_DB) / 20)
    if before == -math.inf:
        return Levelling(gain=1.0, curve=_limited(peaks, ceiling), lufs=-math.inf)
    low = min(lufs - before, MOST_GAIN_DB)
    high = min(low + 12.0, MOST_GAIN_DB)
    if _after(energies, peaks, low, ceiling) > lufs - 0.01:
        high = low
    while high - low > 0.01:
        middle = (low + high) / 2
        if _after(energies, peaks, middle, ceiling) < lufs:
            low = middle
        else:
            high = middle
    gain = 10 ** (high / 20)
    curve = _limited(peaks * gain, ceiling)
    return Levelling(gain=gain, curve=curve, lufs=gated(energies * (gain * curve) ** 2))


def _after(energies: Array, peaks: Array, decibels: float, ceiling: float) -> float:
    gain = 10 ** (decibels / 20)
    return gated(energies * (gain * _limited(peaks * gain, ceiling)) ** 2)


def _limited(peaks: Array, ceiling: float) -> Array:
    """Gain per chunk that keeps ``peaks`` under ``ceiling``, smooth and never too late."""
    needed: Array = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    if not len(needed) or needed.min() >= 1.0:
        return np.ones(len(needed))
    reach_back, reach_on = _BEHIND + _SMOOTH, _AHEAD + _SMOOTH
    padded = np.pad(needed, (reach_back, reach_on), constant_values=1.0)
    held = np.lib.stride_tricks.sliding_window_view(padded, reach_back + reach_on + 1).min(axis=1)
    kernel = np.hanning(2 * _SMOOTH + 3)[1:-1]
    wide = np.pad(held, _SMOOTH, mode="edge")
    smooth: Array = np.convolve(wide, kernel / kernel.sum(), "valid")
    return smooth
