# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a synthetic voice easier to listen to, and one voice unlike another.

Breath follows the voice's own loudness; a gentle equaliser adds chest and takes away
buzz; a light compressor evens syllables; a small room puts the speaker somewhere.
All of it is deterministic, the breath noise included.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .sound import RATE_HZ, Array, Samples, frames_of
from .spectral import Curve, band, shelf_high, shelf_low

__all__ = ["at_level", "bent", "breathed", "colour", "compressed", "envelope", "ringing"]

_FRAME = 192  # 4 ms at 48 kHz, 9 ms at eSpeak's rate: about one cycle of a voice


def envelope(samples: Samples, *, frame: int = _FRAME, smooth: int = 3) -> Samples:
    """The root mean square of each ``frame`` samples, smoothed over ``2 * smooth + 1`` frames."""
    count = -(-len(samples) // frame)
    padded = np.zeros(count * frame, dtype=np.float32)
    padded[: len(samples)] = samples
    power = np.square(padded.reshape(count, frame)).mean(axis=1)
    kernel = np.hanning(2 * smooth + 3)[1:-1]
    smoothed: Array = np.convolve(power, kernel / kernel.sum(), "same")[:count]
    return np.sqrt(smoothed).astype(np.float32)


def _follow(values: Array, count: int, frame: int = _FRAME) -> Samples:
    centres = np.arange(len(values)) * frame + frame / 2
    return np.interp(np.arange(count), centres, values).astype(np.float32)


def breathed(samples: Samples, amount: float, seed: int) -> Samples:
    """``samples`` with ``amount`` (0–1) of aspiration noise that rises and falls with them."""
    if amount <= 0 or len(samples) == 0:
        return samples
    noise = np.random.default_rng(seed).standard_normal(len(samples) + 1, dtype=np.float32)
    # The difference of white noise rises 6 dB an octave: air, not rumble.
    hiss = np.diff(noise) * _follow(envelope(samples), len(samples))
    return samples * np.float32(1 - 0.35 * amount) + hiss * np.float32(0.2 * amount)


def colour(*, warmth_db: float, tilt_db: float, texture: str) -> Curve:
    """Equaliser and room of a voice; a "radio" has a narrow band and no room."""
    radio = texture == "radio"
    return _product(
        band(300, 3400) if radio else band(70, 12_500, order=3),
        shelf_low(260, warmth_db),
        _dip(3300, 0.5, -2.5),
        shelf_high(2600, tilt_db - 1.0),
        None if radio else _room,
    )


def _product(*curves: Curve | None) -> Curve:
    def curve(hertz: Array) -> Array:
        gain: Array = np.ones_like(hertz)
        for one in curves:
            if one is not None:
                gain = gain * one(hertz)
        return gain

    return curve


def _dip(frequency: float, octaves: float, decibels: float) -> Curve:
    def curve(hertz: Array) -> Array:
        distance = np.log2(np.maximum(hertz, 1.0) / frequency) / octaves
        gain: Array = 10 ** (decibels * np.exp(-(distance**2)) / 20)
        return gain

    return curve


def ringing(samples: Samples, rate: float) -> Samples:
    """The metal of a robot: a comb and a ring modulator, for samples at ``rate`` Hz."""
    time = np.arange(len(samples)) / rate
    comb = samples.copy()
    delay = round(0.009 * rate)
    if len(samples) > delay:
        comb[delay:] += np.float32(0.6) * samples[:-delay]
    wobble: Array = 0.6 + 0.4 * np.cos(2 * np.pi * 58 * time)
    return comb * wobble.astype(np.float32)


@cache
def _impulse() -> Samples:
    """A small furnished room: direct sound, four reflections, 150 ms of dark decay."""
    length = frames_of(0.15)
    time = np.arange(length) / RATE_HZ
    noise = np.random.default_rng(7).standard_normal(length)
    tail = noise * np.exp(-time / 0.030) * 0.006
    tail[: frames_of(0.008)] = 0
    for seconds, gain in ((0.0057, 0.09), (0.0093, -0.06), (0.0139, 0.05), (0.0211, -0.03)):
        tail[frames_of(seconds)] += gain
    tail[0] = 1.0
    return np.asarray(tail, dtype=np.float32)


@cache
def _room_points() -> tuple[Array, Array]:
    size = 1 << 15
    return np.fft.rfftfreq(size, 1 / RATE_HZ), np.fft.rfft(_impulse(), size)


def _room(hertz: Array) -> Array:
    """The room's response at any frequencies: looked up, for the impulse is short."""
    points, response = _room_points()
    real = np.interp(hertz, points, response.real)
    imaginary = np.interp(hertz, points, response.imag)
    gain: Array = real + 1j * imaginary
    return gain


def compressed(samples: Samples, *, ratio: float = 2.2, knee_db: float = -8.0) -> Samples:
    """Loud syllables brought towards quiet ones: above ``knee_db`` under the peak level."""
    if len(samples) == 0:
        return samples
    levels = envelope(samples, smooth=4)
    peak = float(levels.max())
    if peak <= 1e-5:
        return samples
    over = np.maximum(levels / (peak * 10 ** (knee_db / 20)), 1.0)
    gained: Samples = samples * _follow(over ** (1 / ratio - 1), len(samples))
    return gained


def at_level(samples: Samples, level_db: float, *, ceiling: float = 0.89) -> Samples:
    """``samples`` whose speaking parts have ``level_db`` dBFS (RMS), peaks bent below ``ceiling``.

    Frames 25 dB under the loudest are pauses and do not count.
    """
    levels = envelope(samples, frame=frames_of(0.02), smooth=1)
    loudest = float(levels.max(initial=0.0))
    if loudest <= 1e-5:
        return samples
    active = levels[levels > loudest * 10 ** (-25 / 20)]
    gain = 10 ** (level_db / 20) / float(np.sqrt(np.mean(np.square(active))))
    return bent(samples * np.float32(gain), ceiling)


def bent(samples: Samples, ceiling: float) -> Samples:
    """``samples`` whose peaks above 0.7 ``ceiling`` are bent to stay below it."""
    knee = 0.7 * ceiling
    over = np.abs(samples) > knee
    if not over.any():
        return samples
    room = ceiling - knee
    height = knee + room * np.tanh((np.abs(samples[over]) - knee) / room)
    out = samples.copy()
    out[over] = np.sign(samples[over]) * height
    return out
