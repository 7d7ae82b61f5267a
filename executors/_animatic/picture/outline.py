# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines: closed curves made of lines and cubic Béziers, in any unit.

The one idea: a shape is data (points, tags, contour ends), so it can be moved, turned and
mirrored for nothing before it is ever turned into pixels.  How it becomes pixels is in
``raster.py``; what it is filled with in ``canvas.py``.  y grows downwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]

ON_CURVE = 1
CUBIC = 2
ROUND = 0.5522847498  # control distance that makes four cubics a circle


@dataclass(frozen=True, slots=True)
class Outline:
    """Closed contours: ``points`` (n, 2), ``tags`` per point, index of each contour's last."""

    points: NDArray[np.float64]
    tags: tuple[int, ...]
    ends: tuple[int, ...]

    def __add__(self, other: Outline) -> Outline:
        """Both outlines as one (their union where they wind the same way)."""
        shift = len(self.tags)
        return Outline(
            np.concatenate([self.points, other.points]),
            self.tags + other.tags,
            self.ends + tuple(end + shift for end in other.ends),
        )

    def moved(self, dx: float, dy: float) -> Outline:
        """The outline, shifted."""
        return Outline(self.points + np.array([dx, dy]), self.tags, self.ends)

    def scaled(self, sx: float, sy: float, about: Point = (0.0, 0.0)) -> Outline:
        """The outline, stretched about a point; a negative factor mirrors it."""
        centre = np.asarray(about)
        return Outline((self.points - centre) * (sx, sy) + centre, self.tags, self.ends)

    def turned(self, degrees: float, about: Point = (0.0, 0.0)) -> Outline:
        """The outline, turned clockwise on the screen."""
        a = math.radians(degrees)
        turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
        centre = np.asarray(about)
        return Outline((self.points - centre) @ turn + centre, self.tags, self.ends)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the control points."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _outline(points: Sequence[Point], tags: Sequence[int]) -> Outline:
    return Outline(np.asarray(points, dtype=np.float64), tuple(tags), (len(points) - 1,))


def polygon(points: Sequence[Point]) -> Outline:
    """Straight lines through the points, closed."""
    return _outline(points, (ON_CURVE,) * len(points))


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Outline:
    """A rectangle, its corners rounded by ``radius`` (at most half the shorter side)."""
    r = min(radius, abs(right - left) / 2, abs(bottom - top) / 2)
    if r <= 0:
        return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
    k = r * (1 - ROUND)
    return _outline(
        [
            (left + r, top), (right - r, top), (right - k, top), (right, top + k),
            (right, top + r), (right, bottom - r), (right, bottom - k), (right - k, bottom),
            (right - r, bottom), (left + r, bottom), (left + k, bottom), (left, bottom - k),
            (left, bottom - r), (left, top + r), (left, top + k), (left + k, top),
        ],
        [ON_CURVE, ON_CURVE, CUBIC, CUBIC] * 4,
    )  # fmt: skip


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None) -> Outline:
    """An ellipse; a circle when only one radius is given."""
    ry = rx if ry is None else ry
    kx, ky = rx * ROUND, ry * ROUND
    return _outline(
        [
            (cx, cy - ry), (cx + kx, cy - ry), (cx + rx, cy - ky), (cx + rx, cy),
            (cx + rx, cy + ky), (cx + kx, cy + ry), (cx, cy + ry), (cx - kx, cy + ry),
            (cx - rx, cy + ky), (cx - rx, cy), (cx - rx, cy - ky), (cx - kx, cy - ry),
        ],
        [ON_CURVE, CUBIC, CUBIC] * 4,
    )  # fmt: skip


def blob(points: Sequence[Point], tension: float = 1.0) -> Outline:
    """A smooth closed curve through the points (Catmull–Rom as cubics)."""
    p = np.asarray(points, dtype=np.float64)
    before, after, beyond = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    reach = tension / 6
    out = np.empty((len(p) * 3, 2))
    out[0::3], out[1::3], out[2::3] = p, p + (after - before) * reach, after - (beyond - p) * reach
    return Outline(out, (ON_CURVE, CUBIC, CUBIC) * len(p), (len(out) - 1,))


def _soft(points: Sequence[Point]) -> NDArray[np.float64]:
    """A smooth open curve through the points, eight samples a span."""
    p = np.asarray(points, dtype=np.float64)
    if len(p) < 3:
        return p
    padded = np.concatenate([p[:1] * 2 - p[1:2], p, p[-1:] * 2 - p[-2:-1]])
    a, b, c, d = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, 8, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return np.concatenate([curve.reshape(-1, 2), p[-1:]])


_HALF_TURN = np.linspace(0, np.pi, 9)[1:-1]


def ribbon(points: Sequence[Point], widths: Sequence[float], smooth: bool = True) -> Outline:
    """A stroke along the points, its width running through ``widths``, with round ends."""
    line = _soft(points) if smooth else np.asarray(points, dtype=np.float64)
    step = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    normal = np.stack([-step[:, 1], step[:, 0]], axis=1) / length
    spots = np.linspace(0, 1, len(line))
    half = np.interp(spots, np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    ahead = step / length
    end = [
        line[-1] + half[-1] * (ahead[-1] * np.sin(a) + normal[-1] * np.cos(a)) for a in _HALF_TURN
    ]
    start = [line[0] - half[0] * (ahead[0] * np.sin(a) + normal[0] * np.cos(a)) for a in _HALF_TURN]
    ring = np.concatenate([line + normal * half, end, (line - normal * half)[::-1], start])
    return Outline(ring, (ON_CURVE,) * len(ring), (len(ring) - 1,))


def joined(outlines: Iterable[Outline]) -> Outline:
    """Many outlines as one; at least one must be given."""
    parts = list(outlines)
    shifts = np.cumsum([0] + [len(p.tags) for p in parts])
    return Outline(
        np.concatenate([p.points for p in parts]),
        tuple(tag for p in parts for tag in p.tags),
        tuple(end + int(s) for p, s in zip(parts, shifts[:-1], strict=True) for end in p.ends),
    )
