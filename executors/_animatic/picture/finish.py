# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies over the whole frame: vignette, paper, printing dots, shadows of blinds.

The one idea: all of it is one map of how much luma to take away (and one of how much to add),
so the finish of a frame is two passes over bytes.
"""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .grade import Manner
from .planes import Planes
from .raster import Bytes


@lru_cache(maxsize=4)
def _paper(width: int, height: int) -> NDArray[np.float32]:
    """Brush and paper texture 0–1: noise at three sizes, the same on every machine."""
    rng = random.Random(20)
    total = np.zeros((height, width), np.float32)
    for step, weight in ((3, 0.35), (9, 0.3), (40, 0.35)):
        rows, columns = height // step + 3, width // step + 3
        grid = np.frombuffer(rng.randbytes(rows * columns), np.uint8).reshape(rows, columns)
        ys, xs = (
            np.arange(height, dtype=np.float32) / step,
            np.arange(width, dtype=np.float32) / step,
        )
        y0, x0 = ys.astype(int), xs.astype(int)
        fy, fx = (ys - y0)[:, None], (xs - x0)[None, :]
        band = grid[y0].astype(np.float32) * (1 - fy) + grid[y0 + 1] * fy
        total += (band[:, x0] * (1 - fx) + band[:, x0 + 1] * fx) * (weight / 255)
    return total


class Finish:
    """The maps for one look and frame size."""

    def __init__(self, manner: Manner, width: int, height: int, inside: bool = False) -> None:
        take = np.zeros((height, width), np.float32)
        x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        edge = np.clip((x * x * 0.62 + y * y * 0.5) - 0.28, 0, 1)
        if manner.vignette > 0:
            take += edge * (66 * manner.vignette)
        take += _paper(width, height) * (17 * manner.paper)
        if manner.blinds and inside:
            take += _blinds(width, height)
        if manner.dots:
            take += _dots(width, height)
        noise = np.modf(
            np.float32(52.9829189)
            * np.modf(
                0.06711056 * np.arange(width, dtype=np.float32)
                + 0.00583715 * np.arange(height, dtype=np.float32)[:, None]
            )[0]
        )[0]
        self.take: Bytes = np.clip(take + noise, 0, 200).astype(np.uint8)
        self.floor: Bytes = self.take + np.uint8(16)
        self.add: Bytes | None = None
        if manner.vignette < 0:
            paper = np.clip(edge * 1.7 + (_paper(width, height) - 0.5) * 0.25 * (edge > 0.02), 0, 1)
            self.add = (paper * (-120 * manner.vignette)).astype(np.uint8)
            self.roof: Bytes = np.uint8(235) - self.add

    def draw(self, frame: Planes) -> None:
        """Finish a frame in place."""
        np.maximum(frame.y, self.floor, out=frame.y)
        np.subtract(frame.y, self.take, out=frame.y)
        if self.add is not None:
            np.minimum(frame.y, self.roof, out=frame.y)
            np.add(frame.y, self.add, out=frame.y)


def _blinds(width: int, height: int) -> NDArray[np.float32]:
    """Slats of shadow across the upper part, slanting."""
    y = np.arange(height, dtype=np.float32)[:, None] / height
    x = np.arange(width, dtype=np.float32)[None, :] / height
    wave = np.sin((y + x * 0.22) * np.float32(2 * np.pi * 11))
    bars = np.clip(wave * 5 + 0.5, 0, 1)
    reach = np.clip(1.25 - y * 1.15, 0, 1) * np.clip(
        1.15 - np.abs(x - width / height / 2) * 0.5, 0, 1
    )
    return np.asarray(bars * reach * 26, dtype=np.float32)


def _dots(width: int, height: int) -> NDArray[np.float32]:
    """A printer's screen at 45 degrees."""
    pitch = max(4.0, height / 130)
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    u, v = (x + y) / pitch, (x - y) / pitch
    spot = np.cos(u * np.float32(2.2214)) * np.cos(v * np.float32(2.2214))
    fade = y / height
    return np.asarray(np.clip(np.abs(spot) * 3 - 1.9 + fade * 0.7, 0, 1) * 11, dtype=np.float32)
