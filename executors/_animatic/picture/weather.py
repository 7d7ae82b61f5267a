# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves in the air: rain, snow, fog, leaves, flickering lamps, lights that pass.

The one idea: a field of drops is painted once as a tile of brightness and slides over the
frame, so a downpour costs one addition of bytes a frame.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .camera import FAR, Camera
from .canvas import Canvas
from .colour import brighter
from .grade import Grade
from .light import Light
from .outline import ellipse, polygon
from .places.scene import Lamp
from .planes import Planes
from .plates import Plate, Steps
from .raster import Bytes
from .words import Sky

ROOF = 235  # brightest legal luma


class Air(Protocol):
    """Something that changes the frame by itself."""

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Add what it looks like at a time of the shot."""
        ...


class Falling:
    """Streaks or flakes on an endless tile that slides down the frame."""

    def __init__(self, tile: Bytes, size: tuple[int, int], speed: tuple[float, float], brightest: int, cover: bool) -> None:  # fmt: skip
        self.period = tile.shape
        width, height = size
        down, across = -(-height // tile.shape[0]) + 1, -(-width // tile.shape[1]) + 1
        self.field = np.tile(tile, (down, across))
        self.size, self.speed = size, speed
        self.brightest, self.cover = brightest, cover

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Lighten luma where drops are."""
        del scratch
        width, height = self.size
        x = int(-self.speed[0] * seconds) % self.period[1]
        y = int(-self.speed[1] * seconds) % self.period[0]
        part = self.field[y : y + height, x : x + width]
        if self.cover:
            np.maximum(frame.y, part, out=frame.y)
            return
        np.minimum(frame.y, ROOF - self.brightest, out=frame.y)
        np.add(frame.y, part, out=frame.y)


def _streaks(side: int, count: int, length: float, width: float, slant: float, bright: int, rng: random.Random) -> Bytes:  # fmt: skip
    canvas = Canvas(side * 2, side * 2, scale=1.0)
    for _ in range(count):
        x, y = rng.uniform(0, side), rng.uniform(0, side)
        long = length * rng.uniform(0.6, 1.2)
        for ox in (0, side):
            for oy in (0, side):
                a, b = x + ox, y + oy
                canvas.fill(polygon([(a, b), (a + width, b), (a + width * 0.6 - slant * long, b + long), (a - slant * long, b + long)]), (255, 255, 255), rng.uniform(0.4, 1.0))  # fmt: skip
    tile = canvas.planes[3, side // 2 : side // 2 + side, side // 2 : side // 2 + side]
    return (tile.astype(np.uint16) * bright // 255).astype(np.uint8)


def _flakes(side: int, count: int, radius: float, bright: int, rng: random.Random) -> Bytes:
    canvas = Canvas(side * 2, side * 2, scale=1.0)
    for _ in range(count):
        x, y, r = rng.uniform(0, side), rng.uniform(0, side), radius * rng.uniform(0.5, 1.0)
        for ox in (0, side):
            for oy in (0, side):
                canvas.fill(ellipse(x + ox, y + oy, r), (255, 255, 255), rng.uniform(0.6, 1.0))
    tile = canvas.planes[3, side // 2 : side // 2 + side, side // 2 : side // 2 + side]
    return (tile.astype(np.uint16) * bright // 255).astype(np.uint8)


class Drifting:
    """A wide soft plate that wanders sideways: fog, haze, smoke."""

    def __init__(
        self, light: Light, size: tuple[int, int], strength: float, seed: int, grade: Grade
    ) -> None:
        width, height = size
        rng = random.Random(seed)
        small = Canvas(width // 4, height // 4, scale=1.0)
        self.span = width * 0.12
        for _ in range(12):
            x, y = rng.uniform(0, small.width), rng.uniform(small.height * 0.35, small.height)
            _puff(
                small,
                x,
                y,
                small.width * rng.uniform(0.2, 0.45),
                small.height * rng.uniform(0.06, 0.16),
                strength,
            )
        from .stage import enlarged

        big = Canvas(small.width, small.height, scale=1.0)
        big.planes[3] = small.planes[3]
        for i, c in enumerate(grade(brighter(light.haze, 0.12))):
            big.planes[i] = (small.planes[3].astype(np.uint16) * round(c) // 255).astype(np.uint8)
        wide = (int(width * 1.3) & ~1, height)
        self.plate = Plate(enlarged(big, 5, *wide, 1.0), -int(width * 0.15) & ~1, 0, Steps(2, 1))

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Veil the frame."""
        self.plate.draw(frame, scratch, math.sin(seconds * 0.21) * self.span)


def _puff(canvas: Canvas, x: float, y: float, rx: float, ry: float, strength: float) -> None:
    across = ((np.arange(canvas.width) - x) / rx) ** 2
    down = ((np.arange(canvas.height) - y) / ry) ** 2
    fall = np.clip(1 - (across[None, :] + down[:, None]), 0, 1) ** 2 * (255 * strength)
    alpha = canvas.planes[3]
    alpha[:] = np.maximum(alpha, np.minimum(235, alpha * 0.6 + fall)).astype(np.uint8)


class Leaves:
    """A few leaves on the wind."""

    def __init__(self, light: Light, size: tuple[int, int], seed: int) -> None:
        rng = random.Random(seed)
        self.size = size
        unit = size[1] / 100
        self.leaves: list[tuple[Plate, float, float, float, float]] = []
        for _ in range(13):
            length = unit * rng.uniform(0.8, 2.2)
            side = (int(length * 2.6) & ~1) + 4
            canvas = Canvas(side, side, scale=1.0)
            tone = light.tone(
                rng.choice(((198, 120, 54), (168, 80, 48), (212, 164, 76), (120, 130, 70)))
            )
            leaf = ellipse(side / 2, side / 2, length, length * 0.42).turned(
                rng.uniform(0, 180), (side / 2, side / 2)
            )
            canvas.fill(leaf, tone, 0.92)
            a, b, c, d = (rng.random() for _ in range(4))
            self.leaves.append((Plate(canvas, 0, 0, Steps(2, 2)), a, b, c, d))

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Blow across the frame."""
        width, height = self.size
        for plate, a, b, c, d in self.leaves:
            x = ((a + seconds * (0.1 + 0.12 * b)) % 1.2 - 0.1) * width
            y = ((c + seconds * (0.05 + 0.05 * d)) % 1.1) * height + math.sin(
                seconds * (1 + b) + a * 6
            ) * height * 0.03
            plate.draw(frame, scratch, x, y - plate.height)


class Flicker:
    """A lamp whose light is never quite still."""

    def __init__(self, lamp: Lamp, size: tuple[int, int], spot: tuple[float, float], reach: float, camera: Camera, scale: float) -> None:  # fmt: skip
        self.size, self.camera, self.scale = size, camera, scale
        self.spot, self.reach = spot, max(2, int(reach)) & ~1
        self.phase = (spot[0] * 0.137 + spot[1] * 0.071) % 1.0
        grid = (np.arange(-self.reach, self.reach) + 0.5) / self.reach
        fall = np.clip(1 - (grid[None, :] ** 2 + grid[:, None] ** 2), 0, 1) ** 2
        self.mask = (fall * min(48.0, 90 * lamp.flicker)).astype(np.uint16)

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Brighten the lamp's surroundings by what it gives just now."""
        del scratch
        wave = math.sin(math.tau * (seconds * 1.7 + self.phase)) + math.sin(
            math.tau * (seconds * 4.3 + self.phase * 3)
        )
        level = round((0.5 + wave * 0.25) * 16)
        pose = self.camera.seen(seconds, FAR)
        left = round(self.spot[0] + pose.x * self.scale) - self.reach
        top = round(self.spot[1] + pose.y * self.scale) - self.reach
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.size[0], left + 2 * self.reach), min(self.size[1], top + 2 * self.reach)
        if x1 <= x0 or y1 <= y0 or not level:
            return
        part = frame.y[y0:y1, x0:x1]
        light = (self.mask[y0 - top : y1 - top, x0 - left : x1 - left] * np.uint16(level)) >> 4
        np.add(part, np.minimum(light, np.maximum(part, ROOF) - part), out=part, casting="unsafe")


class Lightning:
    """Two quick flashes every few seconds."""

    def __init__(self, seed: int) -> None:
        self.offset = (seed * 0.7548776662) % 1.0 * 2.0

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Lift the whole frame while a flash lasts."""
        del scratch
        since = (seconds + 3.4 - self.offset) % 4.6
        lift = 46 if since < 0.05 else 18 if since < 0.12 else 34 if 0.2 <= since < 0.26 else 0
        if lift:
            np.minimum(frame.y, ROOF - lift, out=frame.y)
            np.add(frame.y, lift, out=frame.y)


class Passing:
    """Light that sweeps through a carriage or a car."""

    def __init__(self, size: tuple[int, int], strength: int, period: float) -> None:
        width, _ = size
        self.width, self.period, self.strength = width, period, strength
        spots = np.arange(width * 3) / width - 1.5
        self.band = (np.exp(-((spots / 0.17) ** 2)) * strength).astype(np.uint8)

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Sweep from right to left."""
        del scratch
        t = seconds % self.period / (self.period * 0.55)
        if t >= 1.0:
            return
        start = int(self.width * (0.2 + t * 1.6))
        np.minimum(frame.y, ROOF - self.strength, out=frame.y)
        np.add(frame.y, self.band[None, start : start + self.width], out=frame.y)


def air_of(
    light: Light, size: tuple[int, int], seed: int, season: str, place: str, grade: Grade
) -> Sequence[Air]:
    """What moves in the air of a place under a light."""
    height = size[1]
    unit, rng = height / 100, random.Random(seed)
    if light.inside:
        moving = place in ("carriage", "car", "subway")
        return [Passing(size, 26 if light.dark else 11, 2.6)] if moving else []
    if place in ("car", "spaceship", "tunnel", "cave"):
        return []
    side = 512 if height <= 1200 else 1024
    match light.weather:
        case Sky.RAIN | Sky.STORM:
            heavy = 1.6 if light.weather is Sky.STORM else 1.0
            thin, thick = (24, 42) if light.dark else (15, 26)
            far = _streaks(side, int(150 * heavy), unit * 5, unit * 0.14 + 0.5, 0.12, thin, rng)
            near = _streaks(side, int(34 * heavy), unit * 13, unit * 0.22 + 0.6, 0.12, thick, rng)
            rain = [
                Falling(far, size, (-0.12 * 150 * unit, 150 * unit), thin, False),
                Falling(near, size, (-0.12 * 240 * unit, 240 * unit), thick, False),
            ]
            return [*rain, Lightning(seed)] if light.weather is Sky.STORM else rain
        case Sky.SNOW:
            level = 150 if light.dark else 226
            far = _flakes(side, 90, unit * 0.32 + 0.4, level - 26, rng)
            near = _flakes(side, 20, unit * 0.8, level, rng)
            return [
                Falling(far, size, (3 * unit, 11 * unit), level, True),
                Falling(near, size, (6 * unit, 19 * unit), level, True),
            ]
        case Sky.FOG | Sky.DUST:
            return [Drifting(light, size, 0.55, seed, grade)]
        case Sky.WIND:
            return [Leaves(light, size, seed)]
    autumn = any(
        stem in season.casefold() for stem in ("autumn", "fall", "осен", "automne", "herbst")
    )
    return [Leaves(light, size, seed)] if autumn else []
