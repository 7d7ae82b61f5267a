# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors, glass, metal, paper: things that are touched, dropped and broken.

A struck thing is its modes (metal rings long and inharmonically, wood short, glass high),
a rubbed one is noise whose loudness stutters.  Each recipe draws on a canvas.
"""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, decay, glide, modes, shape
from .sound import Array

__all__ = [
    "camera", "clang", "clink", "coins", "crash", "creak", "dishes", "door_close", "door_open",
    "door_slam", "door_sliding", "glass_break", "impact", "keys", "lock", "paper", "pouring",
    "sword", "switch", "thud", "typing", "umbrella", "whoosh", "zipper",
]  # fmt: skip


def _click(canvas: Canvas, at: float, gain: float, *, low: float = 1500, pan: float = 0.0) -> None:
    canvas.add(canvas.burst(low, low * 4, 0.004, attack=0.0005), at, gain, pan)
    canvas.add(modes(0.06, (low * 0.9, 0.006, 1), (low * 1.7, 0.004, 0.6)), at, gain * 0.5, pan)


def _squeal(canvas: Canvas, seconds: float, low: float, high: float) -> Array:
    """A hinge: stick and slip, a buzz whose pitch wanders from ``low`` to ``high``."""
    count = round(seconds * 48_000)
    pitch = low + (high - low) * (0.6 * np.linspace(0, 1, count) + 0.4 * canvas.wander(seconds, 6))
    rasp = glide(pitch, harmonics=(1, 0.7, 0.6, 0.45, 0.35, 0.25, 0.15, 0.1))
    stutter = np.clip(canvas.wander(seconds, 22) * 2 - 0.5, 0, 1)
    return rasp * stutter * shape(seconds, (0, 0), (0.15, 1), (0.8, 0.8), (1, 0))


def door_open(canvas: Canvas) -> None:
    """A latch, then a door that swings with a small creak."""
    _click(canvas, 0.03, 0.7)
    _click(canvas, 0.13, 0.5, low=1100)
    canvas.add(_squeal(canvas, 0.8, 210, 330), 0.3, 0.16)
    canvas.add(canvas.noise(0.8, 150, 900) * shape(0.8, (0, 0), (0.5, 1), (1, 0)), 0.25, 0.06)
    canvas.room(0.5, 0.2)


def door_close(canvas: Canvas) -> None:
    """A door falls to and its latch catches."""
    canvas.add(canvas.noise(0.35, 120, 800) * shape(0.35, (0, 0), (0.9, 1), (1, 0)), 0, 0.1)
    canvas.add(modes(0.5, (88, 0.05, 1), (165, 0.04, 0.7), (260, 0.02, 0.4)), 0.34, 0.9)
    canvas.add(canvas.burst(300, 2200, 0.02), 0.34, 0.3)
    _click(canvas, 0.37, 0.5, low=1300)
    canvas.room(0.6, 0.25)


def door_slam(canvas: Canvas) -> None:
    """A door thrown shut; the frame shakes."""
    canvas.add(canvas.burst(60, 2500, 0.03, attack=0.001), 0.03, 0.7)
    canvas.add(
        modes(0.9, (62, 0.09, 1), (118, 0.07, 0.9), (195, 0.04, 0.6), (340, 0.02, 0.3)), 0.03, 1
    )
    for at in (0.09, 0.14, 0.2):
        canvas.add(canvas.burst(400, 3000, 0.012), at, 0.14)
    canvas.room(1.1, 0.4)


def door_sliding(canvas: Canvas) -> None:
    """Doors that slide with a hiss of air and meet."""
    canvas.add(canvas.burst(2500, 9000, 0.1, attack=0.02), 0.02, 0.4)
    slide = canvas.noise(0.9, 200, 1800) * shape(0.9, (0, 0), (0.2, 1), (0.85, 0.9), (1, 0))
    canvas.add(slide * (0.7 + 0.3 * canvas.wander(0.9, 30)), 0.15, 0.3)
    canvas.add(modes(0.4, (75, 0.05, 1), (150, 0.04, 0.6)), 1.03, 0.8)
    canvas.room(0.5, 0.2)


def creak(canvas: Canvas) -> None:
    """Wood or a hinge under load."""
    canvas.add(_squeal(canvas, min(1.3, canvas.seconds), 150, 380), 0.02, 0.4)
    canvas.room(0.6, 0.25)


def lock(canvas: Canvas) -> None:
    """A key goes in, turns, and the bolt falls."""
    for index in range(5):
        _click(canvas, 0.03 + index * 0.035, 0.25, low=2600)
    _click(canvas, 0.42, 0.5, low=1600)
    _click(canvas, 0.55, 0.9, low=900)
    canvas.add(modes(0.2, (180, 0.02, 1), (320, 0.015, 0.5)), 0.55, 0.5)
    canvas.room(0.3, 0.15)


def switch(canvas: Canvas) -> None:
    """A click, down and back."""
    _click(canvas, 0.02, 0.9, low=1900)
    _click(canvas, 0.085, 0.35, low=2400)


def keys(canvas: Canvas) -> None:
    """A bunch of keys shaken."""
    for at in canvas.times(16):
        if at > min(1.4, canvas.seconds):
            break
        base = canvas.between(2600, 5200)
        parts = ((base, 0.03, 1.0), (base * 1.51, 0.025, 0.6), (base * 2.3, 0.012, 0.4))
        canvas.add(modes(0.2, *parts), at, canvas.between(0.2, 0.8), canvas.between(-0.3, 0.3))


def paper(canvas: Canvas) -> None:
    """A sheet unfolded."""
    seconds = min(1.2, canvas.seconds)
    rustle = canvas.noise(seconds, 1800, 11_000) * np.clip(
        canvas.wander(seconds, 28) * 2.2 - 1, 0, 1
    )
    canvas.add(rustle * shape(seconds, (0, 0.2), (0.3, 1), (0.8, 0.7), (1, 0)), 0, 0.5)
    for _ in range(14):
        canvas.add(
            canvas.burst(2500, 9000, 0.004), canvas.between(0, seconds), canvas.between(0.1, 0.6)
        )


def zipper(canvas: Canvas) -> None:
    """A zip pulled up."""
    seconds = min(0.7, canvas.seconds)
    pitch = shape(seconds, (0, 70), (1, 170))
    teeth = np.clip(glide(pitch, harmonics=(1, 0.8, 0.6, 0.5)), 0, None)
    canvas.add(
        canvas.noise(seconds, 2000, 9000)
        * teeth
        * shape(seconds, (0, 0), (0.1, 1), (0.9, 1), (1, 0))
    )


def typing(canvas: Canvas) -> None:
    """Somebody types, in words."""
    at = 0.05
    while at < canvas.seconds - 0.1:
        for _ in range(int(canvas.random.integers(2, 8))):
            if at > canvas.seconds - 0.08:
                break
            _click(
                canvas,
                at,
                canvas.between(0.4, 0.8),
                low=canvas.between(1300, 2100),
                pan=canvas.between(-0.25, 0.25),
            )
            canvas.add(modes(0.09, (240, 0.012, 1)), at, 0.25)
            at += canvas.between(0.08, 0.18)
        at += canvas.between(0.15, 0.45)


def _glass(base: float, half: float) -> Array:
    ratios = (1.0, 1.58, 2.32, 3.1, 4.25)
    return modes(
        half * 7, *((base * r, half / (1 + 0.4 * k), 1 / (1 + k)) for k, r in enumerate(ratios))
    )


def glass_break(canvas: Canvas) -> None:
    """A pane bursts and its pieces rain down."""
    canvas.add(canvas.burst(1500, 12_000, 0.03, attack=0.0005), 0.02, 0.9)
    canvas.add(canvas.burst(200, 1500, 0.02), 0.02, 0.4)
    for _ in range(70):
        at = 0.03 + abs(float(canvas.random.normal(0, 0.35)))
        piece = _glass(canvas.between(2200, 6500), canvas.between(0.015, 0.06))
        canvas.add(piece, at, canvas.between(0.05, 0.4) * np.exp(-at), canvas.between(-0.7, 0.7))
    canvas.room(0.7, 0.2, dark=8000)


def clink(canvas: Canvas) -> None:
    """Two glasses meet."""
    canvas.add(_glass(2350, 0.12), 0.02, 0.6, -0.1)
    canvas.add(_glass(2710, 0.1), 0.024, 0.5, 0.1)
    canvas.room(0.5, 0.15)


def dishes(canvas: Canvas) -> None:
    """Plates, cups and a spoon."""
    for at in canvas.times(5):
        sound = _glass(canvas.between(900, 2600), canvas.between(0.02, 0.05))
        canvas.add(sound, at, canvas.between(0.1, 0.7), canvas.between(-0.5, 0.5))
    canvas.room(0.4, 0.2)


def coins(canvas: Canvas) -> None:
    """Coins fall and settle."""
    at, step = 0.03, 0.16
    while step > 0.012 and at < canvas.seconds:
        base = canvas.between(3800, 6200)
        canvas.add(
            modes(0.3, (base, 0.04, 1), (base * 1.47, 0.03, 0.7)), at, canvas.between(0.3, 0.8)
        )
        at += step
        step *= 0.86


def pouring(canvas: Canvas) -> None:
    """Liquid fills a glass; the pitch climbs."""
    seconds = min(2.2, canvas.seconds)
    for _ in range(int(90 * seconds)):
        at = canvas.between(0, seconds)
        pitch = (500 + 900 * at / seconds) * canvas.between(0.8, 1.3)
        drop = glide(np.linspace(pitch, pitch * 1.5, 1400)) * decay(1400 / 48_000, 0.007)
        canvas.add(drop, at, canvas.between(0.05, 0.3), canvas.between(-0.1, 0.1))
    canvas.add(
        canvas.noise(seconds, 800, 5000) * shape(seconds, (0, 0), (0.1, 1), (0.9, 1), (1, 0)),
        0,
        0.05,
    )


def clang(canvas: Canvas) -> None:
    """Metal struck hard."""
    base = canvas.between(300, 380)
    ratios = (1, 1.47, 2.09, 2.56, 3.39, 4.08, 5.93, 7.2)
    parts = [(base * r, 0.5 / (1 + 0.35 * k), 1 / (1 + 0.5 * k)) for k, r in enumerate(ratios)]
    canvas.add(modes(min(3.0, canvas.seconds), *parts), 0.02, 0.5)
    canvas.add(canvas.burst(1500, 9000, 0.008, attack=0.0005), 0.02, 0.6)
    canvas.room(1.6, 0.3)


def sword(canvas: Canvas) -> None:
    """A blade drawn, ringing."""
    scrape = canvas.noise(0.45, 3000, 11_000) * shape(0.45, (0, 0), (0.7, 1), (1, 0.2))
    canvas.add(scrape, 0.0, 0.3)
    canvas.add(modes(1.4, (2480, 0.3, 1), (3910, 0.22, 0.7), (5560, 0.15, 0.5)), 0.36, 0.35)
    canvas.room(0.9, 0.2)


def thud(canvas: Canvas, *, weight: float = 1.0) -> None:
    """Something heavy and soft comes down."""
    canvas.add(modes(0.7, (48 / weight, 0.08, 1), (83 / weight, 0.05, 0.7), (150, 0.03, 0.3)), 0.03)
    canvas.add(canvas.burst(80, 900, 0.03), 0.03, 0.4)
    canvas.room(0.5, 0.2, dark=2000)


def crash(canvas: Canvas) -> None:
    """Many things fall over."""
    for _ in range(26):
        at = abs(float(canvas.random.normal(0, 0.3))) + 0.03
        base = canvas.between(90, 700)
        parts = ((base, 0.05, 1.0), (base * 1.7, 0.04, 0.6), (base * 2.9, 0.02, 0.4))
        canvas.add(
            modes(0.4, *parts),
            at,
            canvas.between(0.2, 0.9) * np.exp(-at),
            canvas.between(-0.7, 0.7),
        )
        canvas.add(
            canvas.burst(600, 6000, 0.015), at, 0.25 * np.exp(-at), canvas.between(-0.7, 0.7)
        )
    canvas.room(0.9, 0.3)


def impact(canvas: Canvas) -> None:
    """A cinematic hit: a dark boom with a tail."""
    fall = glide(shape(1.8, (0, 95), (0.12, 48), (1, 34))) * decay(1.8, 0.28)
    canvas.add(fall, 0.02, 1.0)
    canvas.add(canvas.burst(60, 3500, 0.05, attack=0.001), 0.02, 0.5)
    canvas.add(canvas.burst(100, 700, 0.25), 0.03, 0.3)
    canvas.room(2.0, 0.4, dark=1800)


def whoosh(canvas: Canvas) -> None:
    """Something sweeps past from left to right."""
    seconds = min(0.9, canvas.seconds)
    swell = shape(seconds, (0, 0), (0.45, 1), (0.55, 1), (1, 0)) ** 2
    low = canvas.noise(seconds, 250, 900) * swell
    high = canvas.noise(seconds, 900, 4500, order=1) * swell**2
    sides = np.stack([shape(seconds, (0, 1), (1, 0.2)), shape(seconds, (0, 0.2), (1, 1))], axis=1)
    canvas.add((low + 0.7 * high)[:, None] * sides, 0.0, 0.4)


def camera(canvas: Canvas) -> None:
    """A shutter, and the film wound on."""
    _click(canvas, 0.02, 0.9, low=2200)
    _click(canvas, 0.07, 0.7, low=1500)
    whirr = canvas.noise(0.3, 900, 5000) * (0.5 + 0.5 * np.sign(glide(np.full(14_400, 60.0))))
    canvas.add(whirr * shape(0.3, (0, 0), (0.2, 1), (0.9, 1), (1, 0)), 0.14, 0.12)


def umbrella(canvas: Canvas) -> None:
    """An umbrella snaps open."""
    canvas.add(canvas.noise(0.18, 400, 4000) * shape(0.18, (0, 0), (0.8, 1), (1, 0)), 0.0, 0.3)
    canvas.add(canvas.burst(120, 2500, 0.03), 0.17, 0.9)
    _click(canvas, 0.2, 0.5)
