# SPDX-License-Identifier: GPL-3.0-or-later
"""Filtering and resampling of whole sounds in the frequency domain, in plain NumPy.

One idea: a short sound is filtered by multiplying its spectrum, so any curve that can be
drawn over frequency is a filter.  Long, streamed sound goes through ``stream.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from .sound import RATE_HZ, Array, Samples

__all__ = ["Curve", "band", "filtered", "resampled", "shelf_high", "shelf_low", "smooth_size"]

#: Frequencies in Hz → linear gain (real) or response (complex).
Curve = Callable[[Array], Array]


@cache
def smooth_size(least: int) -> int:
    """The smallest product of 2, 3 and 5 that is at least ``least``: quick to transform."""
    best = 1 << max(0, least - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = three
            while two < least:
                two *= 2
            best = min(best, two)
            three *= 3
        five *= 5
    return best


def filtered(samples: Samples, curve: Curve, *, tail: float = 0.05, rate: int = RATE_HZ) -> Samples:
    """``samples`` through ``curve``; same length; ``(n,)`` or ``(n, channels)``.

    ``tail`` seconds of silence keep the end from ringing into the beginning.
    """
    count = len(samples)
    if count == 0:
        return samples
    size = smooth_size(count + round(tail * rate))
    gain = curve(np.fft.rfftfreq(size, 1 / rate))
    spectrum = np.fft.rfft(samples, size, axis=0)
    spectrum *= gain if samples.ndim == 1 else gain[:, None]
    return np.fft.irfft(spectrum, size, axis=0)[:count].astype(np.float32)


def resampled(
    samples: Samples,
    source: float,
    target: float = RATE_HZ,
    *,
    curve: Curve | None = None,
    tail: float = 0.02,
) -> Samples:
    """Mono ``samples`` of rate ``source`` at ``target``; band-limited, no delay.

    The spectrum is cut or extended, which is the ideal low-pass filter, and on the way
    goes through ``curve`` (as ``filtered`` would).  The length is
    ``round(n * target / source)``; the ratio is kept to 1 in 10,000.
    """
    if len(samples) == 0:
        return samples.astype(np.float32)
    wanted = round(len(samples) * target / source)
    before, after = _sizes(len(samples) + round(tail * source), target / source)
    spectrum = np.fft.rfft(samples, before)
    if curve is not None:
        spectrum *= curve(np.arange(len(spectrum)) * (source / before))
    kept = np.zeros(after // 2 + 1, dtype=spectrum.dtype)
    count = min(len(spectrum), len(kept))
    kept[:count] = spectrum[:count]
    out = np.fft.irfft(kept, after)[:wanted] * (after / before)
    if len(out) < wanted:
        out = np.pad(out, (0, wanted - len(out)))
    return out.astype(np.float32)


def _sizes(least: int, ratio: float) -> tuple[int, int]:
    """Sizes before and after, both quick to transform, as near to ``ratio`` as 1 in 10,000."""
    after, before = _fraction(ratio)
    scale = smooth_size(-(-least // before))
    return before * scale, after * scale


@cache
def _fraction(ratio: float) -> tuple[int, int]:
    """The fraction of numbers without a prime factor above 7 that is nearest to ``ratio``."""
    tops = np.array([number for number in range(1, 4097) if _is_smooth(number)])
    bottoms = tops[(tops * ratio <= 4096) & (tops <= 4096)]
    if not len(bottoms):
        bottoms = tops[:1]
    errors = np.abs(tops[:, None] / bottoms[None, :] / ratio - 1)
    # Of equally good fractions the smallest wastes least padding.
    row, column = np.unravel_index(np.argmin(np.maximum(errors, 1e-12)), errors.shape)
    return int(tops[row]), int(bottoms[column])


def _is_smooth(number: int) -> bool:
    for prime in (2, 3, 5, 7):
        while number % prime == 0:
            number //= prime
    return number == 1


def shelf_low(frequency: float, decibels: float) -> Curve:
    """Raise or lower everything below ``frequency`` Hz by ``decibels``, gently."""

    def curve(hertz: Array) -> Array:
        return _blend(decibels, 1 / (1 + (hertz / frequency) ** 2))

    return curve


def shelf_high(frequency: float, decibels: float) -> Curve:
    """Raise or lower everything above ``frequency`` Hz by ``decibels``, gently."""

    def curve(hertz: Array) -> Array:
        return _blend(decibels, 1 - 1 / (1 + (hertz / frequency) ** 2))

    return curve


def _blend(decibels: float, share: Array) -> Array:
    gain: Array = 10 ** (decibels * share / 20)
    return gain


def band(low: float, high: float, *, order: int = 4) -> Curve:
    """Pass ``low``–``high`` Hz (Butterworth magnitude, no phase); 0 or ``inf`` opens an end."""

    def curve(hertz: Array) -> Array:
        gain: Array = np.ones_like(hertz)
        if low > 0:
            with np.errstate(divide="ignore"):
                gain = gain / np.sqrt(1 + (low / np.maximum(hertz, 1e-9)) ** (2 * order))
        if np.isfinite(high):
            gain = gain / np.sqrt(1 + (hertz / high) ** (2 * order))
        return gain

    return curve
