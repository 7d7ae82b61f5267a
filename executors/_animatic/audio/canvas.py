# SPDX-License-Identifier: GPL-3.0-or-later
"""A stretch of stereo silence on which a sound is put together, and its raw materials.

Every noise in the world here is filtered noise, a few decaying modes, or a gliding tone,
laid down at a time, a loudness and a place from left to right.  All chance comes from the
canvas's own generator, seeded by the name of the sound: same name and seed, same bytes.
What rain or a door is made of is in the recipes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from .reverb import Reverb
from .sound import RATE_HZ, Array, Samples
from .spectral import Curve, band, filtered, smooth_size

__all__ = ["Canvas", "Point", "decay", "glide", "modes", "seeded", "shape"]

#: Seconds and value.
Point: TypeAlias = tuple[float, float]


def seeded(name: str, seed: int) -> np.random.Generator:
    """A generator that depends on ``name`` and ``seed`` alone, in any process."""
    digest = hashlib.blake2b(f"{name}\0{seed}".encode("utf-8", "replace"), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def decay(seconds: float, half: float, *, attack: float = 0.002) -> Array:
    """``seconds`` of an envelope that rises in ``attack`` and loses half every ``half`` seconds."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    rise = np.minimum(1.0, time / max(attack, 1e-4))
    fall = np.minimum(1.0, (seconds - time) / 0.01)
    envelope: Array = rise * np.exp2(-time / half) * fall
    return envelope


def shape(seconds: float, *points: Point) -> Array:
    """An envelope of ``seconds`` through ``points``; times are shares of the whole, 0–1."""
    time = np.linspace(0, 1, round(seconds * RATE_HZ), endpoint=False)
    return np.interp(time, [at for at, _ in points], [value for _, value in points])


def glide(hertz: Array, *, harmonics: Sequence[float] = (1.0,)) -> Array:
    """A tone that follows ``hertz`` (one figure a sample), with ``harmonics`` amplitudes."""
    turns = np.cumsum(hertz) / RATE_HZ
    most = float(hertz.max(initial=1.0))
    kept = tuple(float(level) for level in harmonics[: max(1, int(0.45 * RATE_HZ / most))])
    place = (turns * _TABLE).astype(np.int64) & (_TABLE - 1)
    tone: Array = _cycle(kept)[place]
    return tone


_TABLE = 1 << 14


@lru_cache(maxsize=64)
def _cycle(harmonics: tuple[float, ...]) -> Array:
    """One cycle of a tone: looked up, it costs the same however many harmonics it has."""
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=complex)
    spectrum[1 : len(harmonics) + 1] = -0.5j * _TABLE * np.array(harmonics)
    return np.fft.irfft(spectrum, _TABLE)


def modes(seconds: float, *parts: tuple[float, float, float], attack: float = 0.001) -> Array:
    """Ringing matter: the sum of ``(hertz, half-life in seconds, level)``."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    out: Array = np.zeros(len(time))
    for hertz, half, level in parts:
        out += level * np.sin(2 * np.pi * hertz * time) * np.exp2(-time / half)
    out *= np.minimum(1.0, time / max(attack, 1e-4)) * np.minimum(1.0, (seconds - time) / 0.01)
    return out


#: Samples after which noise repeats: 5.5 s, longer than the ear remembers hiss.
_LOOP = 1 << 18

#: Longest canvas whose room is computed in one piece, in seconds.
_ONE_PIECE = 9.0


class Canvas:
    """``seconds`` of stereo, ``samples`` ``(n, 2)``; one recipe draws on it and is done."""

    def __init__(self, seconds: float, random: np.random.Generator) -> None:
        self.seconds = seconds
        self.random = random
        self.samples: Array = np.zeros((round(seconds * RATE_HZ), 2))

    def add(self, sound: Array, at: float = 0.0, gain: float = 1.0, pan: float = 0.0) -> None:
        """Lay ``sound``, ``(n,)`` or ``(n, 2)``, at ``at`` seconds; what sticks out is cut off."""
        start = round(at * RATE_HZ)
        skip = max(0, -start)
        room = min(len(sound) - skip, len(self.samples) - max(0, start))
        if room <= 0:
            return
        piece = sound[skip : skip + room] * gain
        if piece.ndim == 1:
            angle = (max(-1.0, min(1.0, pan)) + 1) * math.pi / 4
            piece = piece[:, None] * np.array([math.cos(angle), math.sin(angle)])
        self.samples[max(0, start) : max(0, start) + room] += piece

    def noise(self, seconds: float, low: float, high: float, *, order: int = 2) -> Array:
        """Mono noise between ``low`` and ``high`` Hz with a root mean square of 1."""
        return self.shaped(seconds, band(low, high, order=order))

    def shaped(self, seconds: float, curve: Curve) -> Array:
        """Mono noise with the spectrum ``curve`` and a root mean square of 1.

        Drawn as a spectrum, so it repeats without a seam: beyond five seconds it does.
        """
        count = round(seconds * RATE_HZ)
        if count == 0:
            return np.zeros(0)
        loop = self._loop(min(count, _LOOP), curve)
        return np.tile(loop, -(-count // len(loop)))[:count]

    def _loop(self, least: int, curve: Curve) -> Array:
        size = smooth_size(least)
        size += size % 2
        normal = self.random.standard_normal(size + 2, dtype=np.float32)
        spectrum = normal.view(np.complex64) * curve(np.fft.rfftfreq(size, 1 / RATE_HZ))
        out: Array = np.fft.irfft(spectrum, size)
        return out / max(1e-12, math.sqrt(float(np.mean(np.square(out)))))

    def bed(self, curve: Curve) -> Array:
        """Wide stereo noise as long as the canvas: left and right are far parts of one loop."""
        count = len(self.samples)
        loop = self._loop(min(max(count, 4), _LOOP), curve)
        times = -(-count // len(loop)) + 1
        long = np.tile(loop, times)
        half = len(loop) // 2
        return np.stack([long[:count], long[half : half + count]], axis=1)

    def wander(self, seconds: float, hertz: float) -> Array:
        """A smooth random walk between 0 and 1 that turns about ``hertz`` times a second."""
        count = max(4, math.ceil(seconds * hertz) + 4)
        knots = self.random.random(count)
        place = np.linspace(1, count - 3, round(seconds * RATE_HZ))
        index = place.astype(int)
        share = (1 - np.cos(np.pi * (place - index))) / 2
        walk: Array = knots[index] * (1 - share) + knots[index + 1] * share
        return walk

    def burst(self, low: float, high: float, half: float, *, attack: float = 0.002) -> Array:
        """A puff of noise between ``low`` and ``high`` Hz, halving every ``half`` seconds."""
        seconds = min(4.0, half * 8 + attack + 0.02)
        return self.noise(seconds, low, high) * decay(seconds, half, attack=attack)

    def times(self, per_second: float, *, spread: float = 1.0) -> list[float]:
        """Moments over the canvas; ``spread`` 0 is a clock, 1 is chance."""
        moments: list[float] = []
        at = self.random.random() / per_second * spread
        while at < self.seconds:
            moments.append(at)
            step = -math.log(1 - self.random.random()) / per_second
            at += max(0.004, spread * step + (1 - spread) / per_second)
        return moments

    def between(self, low: float, high: float) -> float:
        """A number between ``low`` and ``high``."""
        return low + (high - low) * float(self.random.random())

    def room(self, seconds: float, wet: float, *, dark: float = 4000.0) -> None:
        """Put what is there into a space that rings for ``seconds``, ``wet`` (0–1) of it."""
        if self.seconds > _ONE_PIECE:
            self._hall(seconds, wet, dark)
            return
        length = round(seconds * RATE_HZ)
        time = np.arange(length) / RATE_HZ
        size = smooth_size(len(self.samples) + length)
        hertz = np.fft.rfftfreq(size, 1 / RATE_HZ)
        tone = band(120, dark, order=1)(hertz)
        dry = self.samples * (1 - 0.4 * wet)
        for channel in (0, 1):
            tail = self.random.standard_normal(length) * np.exp(-6.9 * time / seconds)
            tail[: round(0.006 * RATE_HZ)] *= 0.2
            tail /= math.sqrt(float(np.square(tail).sum()))
            source = self.samples.mean(axis=1) * 0.6 + self.samples[:, channel] * 0.4
            spectrum = np.fft.rfft(source, size) * np.fft.rfft(tail, size) * tone
            dry[:, channel] += wet * np.fft.irfft(spectrum, size)[: len(dry)]
        self.samples = dry

    def _hall(self, seconds: float, wet: float, dark: float) -> None:
        """``room`` for long canvases: loops of delay instead of a convolution."""
        mono = filtered(self.samples.mean(axis=1).astype(np.float32), band(120, dark, order=1))
        echo = Reverb(seconds).wet(mono.astype(np.float64))
        self.samples = self.samples * (1 - 0.4 * wet) + echo * (0.8 * wet)

    def finished(self) -> Samples:
        """What was drawn, as float32."""
        return self.samples.astype(np.float32)
