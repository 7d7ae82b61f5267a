# SPDX-License-Identifier: GPL-3.0-or-later
"""Weather, water, fire and animals.

Weather is noise with the right slope and slow change; water is drops, each a tone that
rises as its bubble shrinks; birds and insects are pitches drawn by hand.  Each recipe draws
on a canvas; the same ones, softer, make the ambiences.
"""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, decay, glide, modes, shape
from .sound import Array
from .spectral import band

__all__ = [
    "birds", "bubbles", "cat", "crickets", "crow", "dog", "earthquake", "fire", "horse", "insects",
    "magic", "owl", "rain", "splash", "stream", "thunder", "water_drip", "waves", "wind", "wings",
    "wolf",
]  # fmt: skip


def rain(canvas: Canvas, *, heavy: float = 0.6) -> None:
    """Rain outdoors: a bright bed, and single drops near by."""
    bed = canvas.bed(lambda f: band(350, 14_000, order=1)(f) / (1 + (f / 5500) ** 2) ** 0.5)
    canvas.add(bed * (0.85 + 0.15 * canvas.wander(canvas.seconds, 0.4))[:, None], gain=0.1)
    canvas.add(canvas.bed(band(120, 700, order=1)), gain=0.02 + 0.05 * heavy)
    drops = [
        canvas.burst(low, low * 3, 0.004, attack=0.0006) for low in np.geomspace(1200, 5000, 10)
    ]
    for at in canvas.times(20 + 60 * heavy):
        drop = drops[int(canvas.random.integers(len(drops)))]
        canvas.add(drop, at, canvas.between(0.1, 0.7) ** 2 * 0.6, canvas.between(-1, 1))


def thunder(canvas: Canvas) -> None:
    """A crack that rolls away for seconds."""
    seconds = min(6.0, canvas.seconds)
    canvas.add(canvas.burst(200, 7000, 0.05, attack=0.001), 0.05, 0.6, -0.2)
    roll = canvas.noise(seconds, 25, 180, order=2) * (0.3 + 0.7 * canvas.wander(seconds, 3))
    canvas.add(roll * shape(seconds, (0, 0), (0.03, 1), (0.3, 0.6), (1, 0)), 0.05, 0.8)
    for _ in range(7):
        at = canvas.between(0.1, 0.55 * seconds)
        canvas.add(
            canvas.burst(40, 420, 0.16, attack=0.03),
            at,
            canvas.between(0.2, 0.7),
            canvas.between(-0.6, 0.6),
        )
    canvas.room(2.8, 0.45, dark=900)


def wind(canvas: Canvas, *, howl: float = 0.5) -> None:
    """Gusts, and a howl where the wind finds an edge."""
    seconds = canvas.seconds
    gust = 0.35 + 0.65 * canvas.wander(seconds, 0.35) ** 1.5
    low = canvas.bed(lambda f: band(60, 900, order=1)(f) / (1 + (f / 260) ** 2) ** 0.5)
    canvas.add(low * gust[:, None], gain=0.3)
    for centre, pan in ((430, -0.5), (620, 0.5)):
        narrow = canvas.noise(seconds, centre * 0.94, centre * 1.06, order=3)
        canvas.add(narrow * gust**3, gain=0.12 * howl, pan=pan)
    canvas.add(canvas.bed(band(1500, 7000, order=1)) * (gust**2)[:, None], gain=0.03)


def waves(canvas: Canvas) -> None:
    """Surf: each wave gathers, breaks and draws back."""
    canvas.add(canvas.bed(lambda f: band(50, 3000, order=1)(f) / (1 + f / 300)), gain=0.05)
    at = -1.5
    while at < canvas.seconds:
        long = canvas.between(5.0, 7.5)
        rise = shape(long, (0, 0), (0.4, 0.5), (0.48, 1), (0.6, 0.6), (1, 0)) ** 1.5
        side = canvas.between(-0.5, 0.5)
        canvas.add(canvas.noise(long, 150, 2200, order=1) * rise, at, 0.25, side)
        hiss = shape(long, (0, 0), (0.46, 0.1), (0.55, 1), (1, 0)) ** 2
        canvas.add(canvas.noise(long, 2500, 11_000, order=1) * hiss, at, 0.1, -side)
        at += canvas.between(3.6, 5.2)


def _drop(canvas: Canvas, low: float, high: float) -> Array:
    pitch = canvas.between(low, high)
    count = round(canvas.between(0.025, 0.06) * 48_000)
    return glide(np.linspace(pitch, pitch * canvas.between(1.2, 1.9), count)) * decay(
        count / 48_000, 0.01
    )


def stream(canvas: Canvas) -> None:
    """A brook: thousands of small bubbles."""
    kinds = [_drop(canvas, 350, 1900) for _ in range(40)]
    for at in canvas.times(140):
        kind = kinds[int(canvas.random.integers(len(kinds)))]
        canvas.add(kind, at, canvas.between(0.05, 0.5) ** 2, canvas.between(-0.9, 0.9))
    canvas.add(canvas.bed(lambda f: band(300, 6000, order=1)(f) / (1 + f / 900)), gain=0.02)


def water_drip(canvas: Canvas) -> None:
    """Drops into a basin, in an empty room."""
    for at in canvas.times(1.3, spread=0.35):
        canvas.add(
            _drop(canvas, 750, 1050), at, canvas.between(0.5, 0.9), canvas.between(-0.1, 0.1)
        )
        canvas.add(_drop(canvas, 1300, 1700), at + 0.05, 0.2)
    canvas.room(1.3, 0.45)


def splash(canvas: Canvas) -> None:
    """Something falls into water."""
    canvas.add(canvas.burst(100, 900, 0.06), 0.03, 0.7)
    spray = canvas.noise(1.0, 900, 8000, order=1) * shape(
        1.0, (0, 0), (0.05, 1), (0.3, 0.4), (1, 0)
    )
    canvas.add(spray, 0.03, 0.35)
    for _ in range(25):
        canvas.add(
            _drop(canvas, 400, 1400),
            canvas.between(0.2, 1.2),
            canvas.between(0.05, 0.2),
            canvas.between(-0.6, 0.6),
        )
    canvas.room(0.6, 0.2)


def bubbles(canvas: Canvas) -> None:
    """Under water, or a pot that boils."""
    for at in canvas.times(26):
        canvas.add(_drop(canvas, 180, 700), at, canvas.between(0.1, 0.6), canvas.between(-0.6, 0.6))
    canvas.add(canvas.bed(band(60, 350, order=1)), gain=0.04)


def fire(canvas: Canvas) -> None:
    """Flames, and wood that cracks."""
    flutter = 0.5 + 0.5 * canvas.wander(canvas.seconds, 6)
    canvas.add(
        canvas.bed(lambda f: band(50, 1400, order=1)(f) / (1 + f / 350)) * flutter[:, None],
        gain=0.12,
    )
    for at in canvas.times(9):
        crack = canvas.burst(
            canvas.between(900, 2500), 9000, canvas.between(0.002, 0.008), attack=0.0004
        )
        canvas.add(crack, at, canvas.between(0.1, 0.9) ** 2, canvas.between(-0.5, 0.5))
    canvas.add(canvas.bed(band(3000, 9000, order=1)), gain=0.01)


def _chirp(canvas: Canvas, start: float, end: float, seconds: float) -> Array:
    trill = 1 + 0.03 * np.sin(
        2 * np.pi * canvas.between(18, 34) * np.arange(round(seconds * 48_000)) / 48_000
    )
    return glide(shape(seconds, (0, start), (1, end)) * trill) * shape(
        seconds, (0, 0), (0.2, 1), (0.7, 0.8), (1, 0)
    )


def birds(canvas: Canvas, *, per_second: float = 0.9) -> None:
    """A few birds, each with its own phrase and branch."""
    singers = [
        (canvas.between(2300, 5200), canvas.between(0.7, 1.5), canvas.between(-0.9, 0.9),
         int(canvas.random.integers(2, 6)), canvas.between(0.25, 0.9))
        for _ in range(5)
    ]  # fmt: skip
    for at in canvas.times(per_second):
        pitch, bend, pan, notes, level = singers[int(canvas.random.integers(len(singers)))]
        for note in range(notes):
            tune = pitch * (1 + 0.08 * ((note * 7) % 3 - 1))
            seconds = canvas.between(0.06, 0.14)
            canvas.add(
                _chirp(canvas, tune, tune * bend, seconds), at + note * 0.16, level * 0.3, pan
            )
    canvas.room(1.4, 0.4, dark=7000)


def crow(canvas: Canvas) -> None:
    """A crow calls three times."""
    for at in (0.05, 0.6, 1.15):
        pitch = shape(0.35, (0, 480), (0.3, 560), (1, 430)) * (
            1 + 0.2 * (canvas.wander(0.35, 120) - 0.5)
        )
        caw = (
            glide(pitch, harmonics=(0.4, 0.8, 1, 0.8, 0.5, 0.3))
            + canvas.noise(0.35, 800, 3500) * 0.3
        )
        canvas.add(caw * shape(0.35, (0, 0), (0.15, 1), (0.7, 0.8), (1, 0)), at, 0.35, 0.3)
    canvas.room(1.2, 0.35)


def owl(canvas: Canvas) -> None:
    """An owl in the dark."""
    for at, long in ((0.1, 0.5), (0.9, 0.18), (1.15, 0.6)):
        hoot = glide(shape(long, (0, 360), (0.3, 385), (1, 345)), harmonics=(1, 0.12, 0.05))
        canvas.add(hoot * shape(long, (0, 0), (0.25, 1), (0.7, 0.8), (1, 0)), at, 0.5, -0.4)
    canvas.room(2.0, 0.5, dark=2500)


def crickets(canvas: Canvas) -> None:
    """A meadow at night."""
    ones = np.ones(len(canvas.samples))
    for _ in range(5):
        pulse = np.clip(glide(ones * canvas.between(22, 30)), 0, 1)
        song = np.clip(glide(ones * canvas.between(0.6, 1.4)) * 3, 0, 1)
        tone = glide(ones * canvas.between(3900, 5100)) * pulse * song
        canvas.add(tone, 0, canvas.between(0.03, 0.12), canvas.between(-0.9, 0.9))
    canvas.room(0.8, 0.25, dark=8000)


def insects(canvas: Canvas) -> None:
    """Flies, near."""
    for pan in (-0.5, 0.4):
        pitch = 190 + 60 * canvas.wander(canvas.seconds, 1.5)
        near = canvas.wander(canvas.seconds, 0.9) ** 2
        canvas.add(glide(pitch, harmonics=(1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2)) * near, 0, 0.25, pan)


def dog(canvas: Canvas) -> None:
    """A dog barks, twice and once more."""
    for at in (0.05, 0.42, 1.2):
        pitch = shape(0.2, (0, 330), (0.25, 520), (1, 260)) * (
            1 + 0.08 * (canvas.wander(0.2, 150) - 0.5)
        )
        bark = (
            glide(pitch, harmonics=(1, 0.9, 0.7, 0.5, 0.3, 0.2))
            + canvas.noise(0.2, 500, 3500) * 0.5
        )
        canvas.add(bark * shape(0.2, (0, 0), (0.12, 1), (0.5, 0.6), (1, 0)), at, 0.5)
    canvas.room(0.9, 0.3)


def cat(canvas: Canvas) -> None:
    """A cat asks for something."""
    pitch = shape(0.8, (0, 520), (0.35, 720), (1, 430))
    voice = glide(pitch, harmonics=(0.6, 1, 0.8, 0.4, 0.25, 0.1))
    canvas.add(voice * shape(0.8, (0, 0), (0.25, 1), (0.7, 0.7), (1, 0)), 0.05, 0.4)
    canvas.room(0.5, 0.2)


def wolf(canvas: Canvas) -> None:
    """A howl over the hills."""
    seconds = min(3.5, canvas.seconds)
    pitch = shape(seconds, (0, 260), (0.2, 480), (0.65, 450), (1, 300))
    howl = glide(
        pitch * (1 + 0.008 * np.sin(np.arange(len(pitch)) / 1500)), harmonics=(1, 0.35, 0.15, 0.05)
    )
    canvas.add(howl * shape(seconds, (0, 0), (0.2, 1), (0.75, 0.8), (1, 0)), 0, 0.4, 0.2)
    canvas.room(2.8, 0.6, dark=2500)


def horse(canvas: Canvas) -> None:
    """Hooves at a gallop."""
    for bar in np.arange(0.05, canvas.seconds - 0.3, 0.48):
        for off, level in ((0.0, 0.7), (0.11, 0.8), (0.22, 1.0)):
            base = canvas.between(150, 190)
            canvas.add(
                modes(0.15, (base, 0.02, 1), (base * 2.7, 0.012, 0.6), (1100, 0.005, 0.3)),
                bar + off,
                level * 0.7,
            )
            canvas.add(canvas.burst(500, 2500, 0.012), bar + off, level * 0.15)


def wings(canvas: Canvas) -> None:
    """Wings beat and are gone."""
    at, step = 0.02, 0.07
    while at < min(1.4, canvas.seconds):
        puff = canvas.noise(0.06, 300, 3500) * shape(0.06, (0, 0), (0.4, 1), (1, 0))
        canvas.add(puff, at, 0.6 * np.exp(-at), min(0.8, at * 0.6))
        at += step * canvas.between(0.85, 1.15)


def earthquake(canvas: Canvas) -> None:
    """The ground rolls."""
    shake = 0.4 + 0.6 * canvas.wander(canvas.seconds, 5)
    canvas.add(canvas.bed(band(22, 130)) * shake[:, None], gain=0.5)
    for at in canvas.times(7):
        canvas.add(
            canvas.burst(200, 2500, 0.015),
            at,
            canvas.between(0.02, 0.12),
            canvas.between(-0.9, 0.9),
        )


def magic(canvas: Canvas) -> None:
    """A shimmer that rises."""
    scale = (1046.5, 1174.7, 1318.5, 1568.0, 1760.0, 2093.0, 2349.3, 2637.0, 3136.0)
    for index, at in enumerate(np.arange(0.05, min(1.6, canvas.seconds), 0.075)):
        pitch = scale[(index + int(canvas.random.integers(2))) % len(scale)]
        canvas.add(
            modes(0.9, (pitch, 0.18, 1), (pitch * 2.01, 0.08, 0.3)),
            at,
            0.2,
            canvas.between(-0.8, 0.8),
        )
    canvas.room(2.2, 0.55, dark=9000)
