# SPDX-License-Identifier: GPL-3.0-or-later
"""What people sound like when they do not speak: steps, crowds, knocks, breath.

Each recipe draws on a canvas as long as was asked for.  The figures (modes, lengths, rates)
are set from how such sounds are built: a step is a heel and a sole of filtered noise on
what it falls on, applause many short claps, a crowd many voices' formants and no words.
"""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, decay, glide, modes, shape
from .sound import Array

__all__ = [
    "applause", "baby_cry", "breathing", "cheering", "crowd", "heartbeat", "knock", "laughter",
    "punch", "scream", "steps", "whistle",
]  # fmt: skip


def steps(canvas: Canvas, *, surface: str = "stone", per_second: float = 1.85) -> None:
    """Walking, left and right foot, on ``surface``."""
    at = 0.08
    side = 1
    while at < canvas.seconds - 0.15:
        level = canvas.between(0.8, 1.0) * (0.92 if side > 0 else 1.0)
        canvas.add(_step(canvas, surface), at, level, 0.12 * side)
        at += canvas.between(0.96, 1.04) / per_second
        side = -side
    canvas.room(0.5 if surface in ("stone", "wood") else 0.2, 0.22, dark=3000)


def _step(canvas: Canvas, surface: str) -> Array:
    out: Array = np.zeros(round(0.42 * 48_000))
    if surface == "gravel":
        _lay(out, canvas.burst(200, 1200, 0.03), 0, 0.5)
        for _ in range(22):
            grain = canvas.burst(canvas.between(1500, 3000), 8000, canvas.between(0.003, 0.012))
            _lay(out, grain, canvas.between(0.0, 0.2), canvas.between(0.15, 0.6))
    elif surface == "snow":
        crunch = canvas.noise(0.24, 900, 5000) * shape(0.24, (0, 0), (0.2, 1), (0.6, 0.7), (1, 0))
        _lay(out, crunch * (0.4 + canvas.wander(0.24, 90)), 0, 0.7)
    elif surface == "grass":
        swish = canvas.noise(0.26, 2200, 9000) * shape(0.26, (0, 0), (0.3, 1), (1, 0))
        _lay(out, swish * (0.3 + canvas.wander(0.26, 60)), 0, 0.5)
        _lay(out, canvas.burst(80, 300, 0.03), 0.02, 0.5)
    elif surface == "water":
        splash = canvas.noise(0.35, 700, 6000) * shape(0.35, (0, 0), (0.12, 1), (0.4, 0.4), (1, 0))
        _lay(out, splash, 0, 0.7)
        for _ in range(5):
            pitch = canvas.between(500, 1400)
            drop = glide(np.linspace(pitch, pitch * 1.8, 1900)) * decay(1900 / 48_000, 0.012)
            _lay(out, drop, canvas.between(0.05, 0.3), 0.25)
    else:
        wood = surface == "wood"
        pitch = canvas.between(0.94, 1.06)
        body = ((95, 0.045, 1.0), (182, 0.035, 0.7), (305, 0.02, 0.4)) if wood else (
            (70, 0.025, 0.8), (140, 0.018, 0.4), (420, 0.006, 0.2),
        )  # fmt: skip
        _lay(out, modes(0.3, *((f * pitch, half, level) for f, half, level in body)), 0, 1.0)
        _lay(out, canvas.burst(900, 3800 if wood else 6000, 0.006), 0, 0.34)
        _lay(out, canvas.burst(300, 2400, 0.018), canvas.between(0.07, 0.09), 0.2)
    return out


def _lay(out: Array, sound: Array, at: float, gain: float) -> None:
    start = round(at * 48_000)
    count = min(len(sound), len(out) - start)
    if count > 0:
        out[start : start + count] += sound[:count] * gain


def heartbeat(canvas: Canvas) -> None:
    """Two soft thuds, again and again, seventy times a minute."""
    for at in np.arange(0.1, canvas.seconds - 0.2, 60 / 72):
        canvas.add(modes(0.3, (52, 0.05, 1.0), (78, 0.03, 0.5), attack=0.012), at)
        canvas.add(modes(0.25, (60, 0.035, 0.7), (92, 0.025, 0.4), attack=0.01), at + 0.27)


def breathing(canvas: Canvas) -> None:
    """In and out through the mouth, a little fast."""
    at = 0.0
    while at < canvas.seconds:
        inward = canvas.noise(0.7, 900, 5200) * shape(0.7, (0, 0), (0.6, 1), (1, 0))
        outward = canvas.noise(0.9, 450, 3000) * shape(0.9, (0, 0), (0.15, 1), (1, 0))
        canvas.add(inward, at, 0.6)
        canvas.add(outward, at + 0.85, 0.9)
        at += canvas.between(2.0, 2.4)


def _syllable(canvas: Canvas, pitch: float, seconds: float) -> Array:
    """A voice without words: a buzz under two formants."""
    count = round(seconds * 48_000)
    bend = pitch * (1 + 0.06 * np.sin(np.linspace(0, np.pi, count)))
    first, second = canvas.between(350, 750), canvas.between(950, 1900)
    levels = [
        np.exp(-(((pitch * k - first) / 160) ** 2))
        + 0.5 * np.exp(-(((pitch * k - second) / 220) ** 2))
        for k in range(1, 16)
    ]
    return glide(bend, harmonics=levels) * shape(seconds, (0, 0), (0.2, 1), (0.7, 0.8), (1, 0))


def crowd(canvas: Canvas, *, density: float = 16.0) -> None:
    """Many people talking, none understood."""
    voices = [
        _syllable(canvas, pitch * canvas.between(0.85, 1.2), canvas.between(0.12, 0.32))
        for pitch in (115, 125, 135, 195, 210, 225)
        for _ in range(8)
    ]
    for at in canvas.times(density):
        sound = voices[int(canvas.random.integers(len(voices)))]
        canvas.add(sound, at - 0.1, canvas.between(0.1, 0.6) ** 2, canvas.between(-0.9, 0.9))
    canvas.add(canvas.bed(lambda f: 1 / (1 + (f / 500) ** 2) * (f > 120)), gain=0.012)
    canvas.room(1.2, 0.6, dark=2600)


def cheering(canvas: Canvas) -> None:
    """A crowd that roars, claps and whistles."""
    roar = canvas.bed(lambda f: np.exp(-((np.log2(np.maximum(f, 20) / 750) / 0.9) ** 2)))
    swell = shape(canvas.seconds, (0, 0.3), (0.15, 1), (0.7, 0.8), (1, 0.3))
    canvas.add(roar * swell[:, None], gain=0.14)
    for at in canvas.times(10):
        sound = _syllable(canvas, canvas.between(220, 420), canvas.between(0.4, 0.9))
        canvas.add(sound, at, canvas.between(0.03, 0.14), canvas.between(-0.9, 0.9))
    _claps(canvas, 40, 0.4)
    canvas.room(1.8, 0.5)


def applause(canvas: Canvas) -> None:
    """A hall full of clapping hands."""
    _claps(canvas, 110, 1.0)
    canvas.room(1.4, 0.45, dark=5000)


def _claps(canvas: Canvas, per_second: float, level: float) -> None:
    kinds = [
        canvas.noise(0.06, low, low * 3.2) * decay(0.06, 0.007, attack=0.001)
        for low in np.linspace(600, 1500, 12)
    ]
    for at in canvas.times(per_second):
        kind = kinds[int(canvas.random.integers(len(kinds)))]
        canvas.add(kind, at, level * canvas.between(0.1, 0.9) ** 2, canvas.between(-1, 1))


def laughter(canvas: Canvas) -> None:
    """Two people laughing."""
    for pitch, pan, first in ((150, -0.3, 0.0), (255, 0.35, 0.35)):
        at, level = first, 1.0
        while at < canvas.seconds - 0.2 and level > 0.15:
            canvas.add(
                _syllable(canvas, pitch * canvas.between(0.94, 1.1), 0.13), at, level * 0.5, pan
            )
            canvas.add(canvas.burst(1200, 5000, 0.02, attack=0.02), at, level * 0.05, pan)
            at += canvas.between(0.17, 0.23)
            level *= 0.9
    canvas.room(0.5, 0.2)


def scream(canvas: Canvas) -> None:
    """One scream, rising and breaking off."""
    seconds = min(1.5, canvas.seconds)
    count = round(seconds * 48_000)
    pitch = shape(seconds, (0, 620), (0.15, 980), (0.7, 900), (1, 600))
    pitch = pitch * (1 + 0.02 * (canvas.wander(seconds, 40)[:count] - 0.5))
    tone = glide(pitch, harmonics=(1, 0.9, 0.6, 0.25, 0.1, 0.04))
    air = canvas.noise(seconds, 1500, 7000) * 0.15
    canvas.add((tone + air) * shape(seconds, (0, 0), (0.08, 1), (0.8, 0.8), (1, 0)), 0, 0.5)
    canvas.room(1.0, 0.35)


def baby_cry(canvas: Canvas) -> None:
    """A baby crying, breath after breath."""
    at = 0.1
    while at < canvas.seconds - 0.5:
        seconds = min(canvas.between(0.7, 1.1), canvas.seconds - at)
        pitch = shape(seconds, (0, 380), (0.2, 520), (0.7, 470), (1, 360))
        cry = glide(pitch, harmonics=(0.6, 1, 0.7, 0.3, 0.2)) * shape(
            seconds, (0, 0), (0.15, 1), (0.8, 0.8), (1, 0)
        )
        canvas.add(cry, at, 0.5)
        at += seconds + canvas.between(0.3, 0.5)
    canvas.room(0.6, 0.2)


def whistle(canvas: Canvas) -> None:
    """A person whistling two notes."""
    seconds = min(1.1, canvas.seconds)
    pitch = shape(seconds, (0, 1300), (0.2, 1750), (0.5, 1700), (0.6, 1350), (1, 1400))
    tone = glide(pitch, harmonics=(1, 0.04))
    air = canvas.noise(seconds, 1200, 3000) * 0.08
    canvas.add(
        (tone + air) * shape(seconds, (0, 0), (0.1, 1), (0.5, 0.8), (0.55, 0.3), (0.7, 1), (1, 0))
    )
    canvas.room(0.8, 0.3)


def punch(canvas: Canvas) -> None:
    """A blow: cloth, flesh, body."""
    canvas.add(canvas.burst(500, 3500, 0.012), 0.02, 0.5)
    canvas.add(modes(0.35, (85, 0.04, 1.0), (140, 0.03, 0.6), (230, 0.015, 0.3)), 0.03, 1.0)
    canvas.add(canvas.burst(150, 900, 0.04), 0.03, 0.4)


def knock(canvas: Canvas) -> None:
    """Three knocks on a wooden door."""
    for at in (0.05, 0.28, 0.52):
        pitch = canvas.between(0.96, 1.04)
        parts = ((132, 0.035, 1.0), (255, 0.028, 0.8), (410, 0.018, 0.5), (690, 0.01, 0.25))
        canvas.add(
            modes(0.3, *((f * pitch, h, g) for f, h, g in parts)), at, canvas.between(0.85, 1)
        )
        canvas.add(canvas.burst(1200, 4500, 0.004), at, 0.18)
    canvas.room(0.6, 0.25)
