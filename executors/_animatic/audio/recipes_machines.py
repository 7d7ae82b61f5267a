# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains, cars, telephones, clocks, guns: what is built and makes a noise.

Engines are harmonics of their firing rate under noise; what passes by swells, falls in
pitch and crosses from side to side; bells and rings are modes.  Each recipe draws on a canvas.
"""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, decay, glide, modes, shape
from .sound import Array

__all__ = [
    "airplane", "alarm", "beep", "bell", "car_pass", "car_start", "clock", "doorbell", "elevator",
    "engine", "explosion", "gun_cock", "gunshot", "helicopter", "horn", "hum", "motorcycle",
    "phone_buzz", "phone_ring", "siren", "spark", "static", "steam", "tires", "train_arrive",
    "train_depart", "train_horn", "train_pass",
]  # fmt: skip


def clock(canvas: Canvas) -> None:
    """Tick and tock, once a second each way."""
    for index, at in enumerate(np.arange(0.05, canvas.seconds - 0.05, 0.5)):
        pitch = 2300 if index % 2 == 0 else 1850
        canvas.add(
            modes(0.1, (pitch, 0.008, 1), (pitch * 1.63, 0.006, 0.6), (480, 0.01, 0.4)), at, 0.8
        )
        canvas.add(canvas.burst(2500, 9000, 0.002, attack=0.0005), at, 0.2)
    canvas.room(0.4, 0.2)


def bell(canvas: Canvas) -> None:
    """A church bell: hum, prime, tierce, quint, nominal."""
    partials = ((0.5, 2.4, 0.5), (1, 1.6, 0.8), (1.19, 1.3, 0.7), (1.5, 0.9, 0.4), (2, 1.1, 0.9),
                (2.52, 0.5, 0.4), (3.01, 0.35, 0.3), (4.16, 0.2, 0.2))  # fmt: skip
    at = 0.03
    while at < canvas.seconds:
        parts = [(262 * ratio, half, level) for ratio, half, level in partials]
        canvas.add(modes(min(7.0, canvas.seconds - at + 0.1), *parts), at, 0.4)
        canvas.add(canvas.burst(1200, 6000, 0.01), at, 0.1)
        at += 2.4
    canvas.room(2.2, 0.35)


def doorbell(canvas: Canvas) -> None:
    """Ding, dong."""
    for at, pitch in ((0.03, 659.3), (0.6, 523.3)):
        canvas.add(
            modes(1.3, (pitch, 0.3, 1), (pitch * 2.76, 0.1, 0.3), (pitch * 5.4, 0.05, 0.1)), at, 0.6
        )
    canvas.room(0.5, 0.2)


def phone_ring(canvas: Canvas) -> None:
    """An old telephone: two bells hammered for a second, then a rest."""
    for start in np.arange(0.05, canvas.seconds, 3.0):
        for at in np.arange(start, min(start + 1.1, canvas.seconds), 1 / 22):
            canvas.add(
                modes(0.35, (1180, 0.05, 1), (2890, 0.04, 0.5), (4410, 0.02, 0.3)), at, 0.3, -0.05
            )
            canvas.add(modes(0.35, (1420, 0.05, 1), (3480, 0.04, 0.5)), at + 0.023, 0.25, 0.05)
    canvas.room(0.5, 0.2)


def phone_buzz(canvas: Canvas) -> None:
    """A phone vibrates on a table, twice and again."""
    for start in np.arange(0.05, canvas.seconds, 1.6):
        for at in (start, start + 0.5):
            tone = glide(np.full(17_000, 158.0), harmonics=(1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1))
            rattle = canvas.noise(17_000 / 48_000, 500, 3000) * 0.25
            canvas.add(
                (tone + rattle) * shape(17_000 / 48_000, (0, 0), (0.05, 1), (0.95, 1), (1, 0)),
                at,
                0.35,
            )


def beep(canvas: Canvas) -> None:
    """A console answers: short tones."""
    for index, at in enumerate(np.arange(0.05, min(canvas.seconds, 2.0) - 0.1, 0.19)):
        pitch = (988, 1319, 1175, 1568)[(index + int(canvas.random.integers(4))) % 4]
        tone = glide(np.full(5200, float(pitch)), harmonics=(1, 0, 0.12))
        canvas.add(tone * shape(5200 / 48_000, (0, 0), (0.06, 1), (0.85, 1), (1, 0)), at, 0.35)


def alarm(canvas: Canvas) -> None:
    """Two tones by turns."""
    count = len(canvas.samples)
    turn = (np.arange(count) // 16_800) % 2
    canvas.add(glide(np.where(turn == 0, 880.0, 660.0), harmonics=(1, 0, 0.3, 0, 0.15)), 0, 0.4)
    canvas.room(0.8, 0.25)


def siren(canvas: Canvas) -> None:
    """A police car's wail, far enough away."""
    time = np.arange(len(canvas.samples)) / 48_000
    pitch = 850 + 380 * np.sin(2 * np.pi * time / 3.6 - 1.2)
    canvas.add(glide(pitch, harmonics=(1, 0.5, 0.35, 0.2, 0.1)), 0, 0.35)
    canvas.room(2.0, 0.5, dark=2500)


def static(canvas: Canvas) -> None:
    """A radio between stations."""
    canvas.add(
        canvas.noise(canvas.seconds, 500, 5500) * (0.6 + 0.4 * canvas.wander(canvas.seconds, 3)),
        0,
        0.3,
    )
    for at in canvas.times(14):
        canvas.add(canvas.burst(1500, 7000, 0.003), at, canvas.between(0.1, 0.8))
    whine = glide(900 + 1200 * canvas.wander(canvas.seconds, 0.6))
    canvas.add(whine, 0, 0.03)


def hum(canvas: Canvas) -> None:
    """A transformer or a refrigerator."""
    count = len(canvas.samples)
    tone = glide(np.full(count, 50.0), harmonics=(0.4, 1, 0.2, 0.6, 0.1, 0.3, 0, 0.15))
    canvas.add(tone * (0.92 + 0.08 * canvas.wander(canvas.seconds, 1)), 0, 0.3)
    canvas.add(canvas.bed(lambda f: 1 / (1 + (f / 300) ** 2)), gain=0.05)


def elevator(canvas: Canvas) -> None:
    """A lift runs, stops, and announces itself."""
    run = max(0.5, canvas.seconds - 1.2)
    pitch = shape(run, (0, 60), (0.2, 110), (0.8, 110), (1, 55))
    canvas.add(
        glide(pitch, harmonics=(1, 0.6, 0.3, 0.3, 0.1))
        * shape(run, (0, 0), (0.1, 1), (0.9, 1), (1, 0)),
        0,
        0.3,
    )
    canvas.add(modes(1.1, (1318, 0.25, 1), (2637, 0.12, 0.2)), run + 0.05, 0.4)
    canvas.room(0.5, 0.2)


def steam(canvas: Canvas) -> None:
    """Steam let off."""
    seconds = canvas.seconds
    hiss = canvas.noise(seconds, 1800, 7500, order=2)
    canvas.add(hiss * shape(seconds, (0, 0), (0.08, 1), (0.6, 0.7), (1, 0)), 0, 0.35)


def spark(canvas: Canvas) -> None:
    """An arc that catches and dies."""
    for at in canvas.times(30):
        if at < min(1.2, canvas.seconds):
            canvas.add(
                canvas.burst(1500, 12_000, 0.004, attack=0.0003),
                at,
                canvas.between(0.1, 1),
                canvas.between(-0.3, 0.3),
            )
    buzz = np.clip(glide(np.full(round(min(1.2, canvas.seconds) * 48_000), 100.0)), 0, None)
    canvas.add(canvas.noise(len(buzz) / 48_000, 2000, 9000) * buzz**4, 0, 0.3)


def _motor(canvas: Canvas, hertz: Array, *, rough: float = 0.3) -> Array:
    """An engine turning over at ``hertz`` firings a second."""
    seconds = len(hertz) / 48_000
    uneven = hertz * (1 + 0.02 * (canvas.wander(seconds, 9) - 0.5))
    tone = glide(uneven, harmonics=(0.7, 1, 0.8, 0.6, 0.45, 0.3, 0.25, 0.15, 0.1, 0.08))
    chug = 1 + 0.5 * np.sin(np.pi * np.cumsum(uneven) / 48_000)
    turning: Array = tone * 0.5 + canvas.noise(seconds, 80, 1800, order=2) * rough * chug
    return turning


def engine(canvas: Canvas) -> None:
    """An engine idling."""
    canvas.add(_motor(canvas, np.full(len(canvas.samples), 31.0)), 0, 0.5)
    canvas.room(0.4, 0.15)


def car_start(canvas: Canvas) -> None:
    """The starter turns, the engine catches and settles."""
    starter = glide(np.full(33_600, 14.0) * 8, harmonics=(1, 0.5, 0.6, 0.3)) * (
        0.5 + 0.5 * np.sin(2 * np.pi * 9 * np.arange(33_600) / 48_000)
    )
    canvas.add(starter * shape(0.7, (0, 0), (0.1, 1), (0.95, 1), (1, 0)), 0.02, 0.35)
    left = max(0.3, canvas.seconds - 0.7)
    rev = shape(left, (0, 25), (0.15, 62), (0.4, 40), (1, 31))
    canvas.add(
        _motor(canvas, rev) * shape(left, (0, 0.4), (0.12, 1), (0.4, 0.7), (1, 0.6)), 0.7, 0.6
    )
    canvas.room(0.4, 0.15)


def _passing(canvas: Canvas, sound: Array, *, sharp: float = 3.0, gain: float = 1.0) -> None:
    """Lay ``sound`` as something that comes from the left and goes to the right."""
    place = np.linspace(-1, 1, len(sound)) * sharp
    level = 1 / (1 + place**2)
    angle = (np.tanh(place) + 1) * np.pi / 4
    sides = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    edge = shape(len(sound) / 48_000, (0, 0), (0.08, 1), (0.92, 1), (1, 0))
    canvas.add((sound * level * edge)[:, None] * sides, 0, gain)


def _falling(count: int, hertz: float, drop: float) -> Array:
    pitch: Array = hertz * (1 - drop * np.tanh(np.linspace(-4, 4, count)))
    return pitch


def car_pass(canvas: Canvas) -> None:
    """A car drives by."""
    count = len(canvas.samples)
    tyres = canvas.noise(canvas.seconds, 250, 1500, order=2)
    _passing(canvas, _motor(canvas, _falling(count, 58, 0.06)) * 0.5 + tyres * 0.4, gain=0.8)


def motorcycle(canvas: Canvas) -> None:
    """A motorcycle goes by."""
    _passing(canvas, _motor(canvas, _falling(len(canvas.samples), 92, 0.09), rough=0.2), gain=0.9)


def airplane(canvas: Canvas) -> None:
    """A jet overhead."""
    count = len(canvas.samples)
    roar = canvas.noise(canvas.seconds, 60, 900, order=2) + 0.2 * canvas.noise(
        canvas.seconds, 700, 2500, order=2
    )
    whine = 0.2 * glide(_falling(count, 1400, 0.12), harmonics=(1, 0.5))
    _passing(canvas, roar + whine, sharp=1.6, gain=0.6)
    canvas.room(1.5, 0.4, dark=1500)


def helicopter(canvas: Canvas) -> None:
    """Rotor blades."""
    count = len(canvas.samples)
    blade = (0.5 + 0.5 * np.cos(2 * np.pi * 11.5 * np.arange(count) / 48_000)) ** 4
    air = canvas.noise(canvas.seconds, 60, 700, order=2) * (0.15 + blade)
    _passing(
        canvas, air + 0.15 * glide(np.full(count, 370.0), harmonics=(1, 0.4)), sharp=1.0, gain=0.8
    )


def horn(
    canvas: Canvas, *, pitches: tuple[float, ...] = (349.0, 440.0), seconds: float = 0.7
) -> None:
    """A horn of several notes: a car's, a ship's."""
    long = min(seconds, canvas.seconds)
    for pitch in pitches:
        tone = glide(
            np.full(round(long * 48_000), pitch),
            harmonics=(1, 0.8, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1),
        )
        canvas.add(tone * shape(long, (0, 0), (0.05, 1), (0.92, 1), (1, 0)), 0.02, 0.25)
    canvas.room(1.4, 0.35)


def tires(canvas: Canvas) -> None:
    """Tyres scream over asphalt."""
    seconds = min(1.4, canvas.seconds)
    pitch = shape(seconds, (0, 1150), (0.4, 1020), (1, 780)) * (
        1 + 0.03 * canvas.wander(seconds, 25)
    )
    squeal = glide(pitch, harmonics=(1, 0.5, 0.4, 0.2)) * (0.6 + 0.4 * canvas.wander(seconds, 30))
    rub = canvas.noise(seconds, 600, 4000) * 0.3
    canvas.add((squeal + rub) * shape(seconds, (0, 0), (0.08, 1), (0.8, 0.8), (1, 0)), 0, 0.4)
    canvas.room(0.7, 0.25)


def _joints(canvas: Canvas, first: float, last: float, gap: Array, level: float) -> None:
    """Wheels over rail joints, two by two; ``gap`` seconds between at start and end."""
    at = first
    while at < last:
        share = (at - first) / max(0.01, last - first)
        for off in (0.0, 0.13 * (gap[0] + (gap[1] - gap[0]) * share) / 0.6):
            canvas.add(
                modes(0.2, (110, 0.03, 1), (260, 0.02, 0.6), (900, 0.008, 0.3)), at + off, level
            )
            canvas.add(canvas.burst(700, 3500, 0.01), at + off, level * 0.35)
        at += gap[0] + (gap[1] - gap[0]) * share


def train_pass(canvas: Canvas) -> None:
    """A train rushes through, wheels beating on the joints."""
    rush = canvas.noise(canvas.seconds, 70, 1500, order=2) + 0.12 * canvas.noise(
        canvas.seconds, 1200, 3500, order=2
    )
    _passing(canvas, rush * (0.8 + 0.2 * canvas.wander(canvas.seconds, 7)), sharp=1.7, gain=0.6)
    middle = canvas.seconds / 2
    _joints(canvas, middle * 0.4, middle * 1.6, np.array([0.36, 0.36]), 0.45)
    canvas.room(1.2, 0.3)


def train_arrive(canvas: Canvas) -> None:
    """A train rolls in, brakes squeal, air is let off."""
    seconds = canvas.seconds
    halt = seconds * 0.72
    roll = canvas.noise(halt, 60, 900, order=2) * shape(
        halt, (0, 0.35), (0.5, 1), (0.85, 0.6), (1, 0)
    )
    canvas.add(roll, 0, 0.35)
    _joints(canvas, 0.1, halt * 0.85, np.array([0.45, 1.1]), 0.3)
    brake = halt * 0.55
    pitch = shape(brake, (0, 2450), (0.7, 2250), (1, 1500)) * (1 + 0.004 * canvas.wander(brake, 12))
    squeal = glide(pitch, harmonics=(1, 0.35, 0.15)) + 0.6 * glide(pitch * 1.335)
    canvas.add(
        squeal * shape(brake, (0, 0), (0.3, 0.7), (0.85, 1), (1, 0)), halt * 0.45, 0.05, 0.15
    )
    canvas.add(canvas.burst(1800, 10_000, 0.28, attack=0.02), halt + 0.15, 0.22)
    canvas.room(1.8, 0.4, dark=3500)


def train_depart(canvas: Canvas) -> None:
    """Brakes are released, couplings take up, the train gathers way and is gone."""
    seconds = canvas.seconds
    canvas.add(canvas.burst(1800, 9000, 0.2, attack=0.02), 0.02, 0.25)
    for at in (0.5, 0.62, 0.71):
        canvas.add(modes(0.5, (70, 0.06, 1), (175, 0.05, 0.7), (410, 0.03, 0.4)), at, 0.5)
    left = max(0.5, seconds - 0.6)
    hum_ = glide(shape(left, (0, 40), (1, 210)), harmonics=(1, 0.6, 0.4, 0.2)) * 0.2
    roll = canvas.noise(left, 60, 1100, order=2) * 0.6
    canvas.add((hum_ + roll) * shape(left, (0, 0), (0.35, 1), (0.7, 0.8), (1, 0.15)), 0.6, 0.5, 0.2)
    _joints(canvas, 1.2, seconds, np.array([1.2, 0.45]), 0.28)
    canvas.room(1.8, 0.4, dark=3000)


def train_horn(canvas: Canvas) -> None:
    """Two blasts of a five-note horn, far off."""
    at = 0.05
    for long in (min(1.3, canvas.seconds * 0.5), min(0.8, canvas.seconds * 0.3)):
        for pitch in (311.1, 370.0, 466.2, 554.4):
            tone = glide(
                np.full(round(long * 48_000), pitch), harmonics=(1, 0.7, 0.5, 0.3, 0.2, 0.1)
            )
            canvas.add(tone * shape(long, (0, 0), (0.08, 1), (0.85, 0.95), (1, 0)), at, 0.12)
        at += long + 0.3
    canvas.room(2.4, 0.6, dark=2200)


def gunshot(canvas: Canvas) -> None:
    """A crack, a body, and the echo of a street."""
    canvas.add(canvas.burst(300, 14_000, 0.012, attack=0.0003), 0.02, 1.0)
    canvas.add(canvas.burst(50, 600, 0.045, attack=0.0005), 0.02, 1.0)
    for at, gain, pan in ((0.12, 0.25, -0.6), (0.21, 0.18, 0.6), (0.37, 0.1, -0.3)):
        canvas.add(canvas.burst(150, 2500, 0.04, attack=0.004), at, gain, pan)
    canvas.room(1.9, 0.35, dark=2500)


def gun_cock(canvas: Canvas) -> None:
    """A slide drawn back and let go."""
    for at, low, gain in (
        (0.03, 1400, 0.6),
        (0.08, 2400, 0.4),
        (0.24, 1100, 0.9),
        (0.27, 2900, 0.5),
    ):
        canvas.add(canvas.burst(low, low * 4, 0.006, attack=0.0005), at, gain)
        canvas.add(modes(0.12, (low, 0.012, 1), (low * 1.6, 0.01, 0.6)), at, gain * 0.6)
    canvas.room(0.3, 0.12)


def explosion(canvas: Canvas) -> None:
    """A blast, its low wave, and debris."""
    canvas.add(canvas.burst(40, 9000, 0.06, attack=0.001), 0.02, 0.8)
    canvas.add(canvas.burst(25, 220, 0.45, attack=0.004), 0.02, 1.2)
    canvas.add(glide(shape(1.6, (0, 75), (0.2, 42), (1, 26))) * decay(1.6, 0.3), 0.02, 1.0)
    for _ in range(40):
        at = 0.3 + abs(float(canvas.random.normal(0, 0.6)))
        canvas.add(
            canvas.burst(300, 5000, 0.012),
            at,
            canvas.between(0.02, 0.12),
            canvas.between(-0.9, 0.9),
        )
    canvas.room(2.6, 0.45, dark=1800)
