# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the camera is at each frame, and what that does to layers near and far.

The one idea: a move is an eased path of (x, y, zoom); turning the camera (pan, tilt, zoom)
moves every layer alike, carrying it (truck, crane, dolly, handheld) moves near layers more
than far ones.  Painting layers is not done here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FAR, MIDDLE, SUBJECT, NEAR = 0.25, 0.6, 1.0, 1.7  # parallax: how much of a carried move shows

_SCALED = frozenset({"dolly_in", "dolly_out", "zoom"})
_CARRIED = frozenset({"truck", "crane", "dolly_in", "dolly_out", "handheld"})


@dataclass(frozen=True, slots=True)
class Pose:
    """Camera offset in units (the frame is 100 high) and magnification."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


def ease(t: float) -> float:
    """0–1 to 0–1 with soft ends (smootherstep: no jump in speed or acceleration)."""
    t = min(max(t, 0.0), 1.0)
    return t * t * t * (t * (6 * t - 15) + 10)


def _wander(t: float, seed: int, *speeds: float) -> float:
    """A smooth path within about ±1 that never repeats noticeably."""
    total = 0.0
    for i, speed in enumerate(speeds):
        phase = (seed * 0.7548776662 + i * 0.5698402910) % 1.0
        total += math.sin(math.tau * (t * speed + phase)) / (i + 1)
    return total / 1.6


@dataclass(frozen=True, slots=True)
class Camera:
    """One shot's move.  ``reach`` 0–1 scales it (tight framings move less)."""

    move: str
    seconds: float
    seed: int
    reach: float = 1.0

    @property
    def scaled(self) -> bool:
        """Whether layers change size."""
        return self.move in _SCALED

    @property
    def still(self) -> bool:
        """Whether nothing moves with the camera."""
        return self.move == "static"

    def pose(self, seconds: float) -> Pose:
        """Where the camera is."""
        t = ease(seconds / self.seconds) if self.seconds > 0 else 0.0
        way = 1.0 if self.seed % 2 else -1.0
        r, swing = self.reach, 2 * t - 1
        match self.move:
            case "pan":
                return Pose(x=way * swing * 9 * r)
            case "tilt":
                return Pose(y=-swing * 6 * r)
            case "truck":
                return Pose(x=way * swing * 8 * r)
            case "crane":
                return Pose(y=-swing * 6.5 * r)
            case "dolly_in":
                return Pose(zoom=1 + 0.16 * r * t)
            case "dolly_out":
                return Pose(zoom=1 + 0.16 * r * (1 - t))
            case "zoom":
                return Pose(zoom=1 + 0.2 * r * t)
            case "handheld":
                x = _wander(seconds, self.seed, 0.23, 0.61, 1.3)
                y = _wander(seconds, self.seed + 7, 0.31, 0.73, 1.7)
                return Pose(x=x * 1.1 * r, y=y * 0.8 * r)
        return Pose()

    def seen(self, seconds: float, parallax: float) -> Pose:
        """How a layer appears: its shift in units and its size, for its parallax."""
        pose = self.pose(seconds)
        share = parallax if self.move in _CARRIED else 1.0
        return Pose(-pose.x * share, -pose.y * share, 1 + (pose.zoom - 1) * share)

    def bleed(self, parallax: float) -> tuple[float, float]:
        """Units a layer must reach beyond the frame, sideways and up and down."""
        share = parallax if self.move in _CARRIED else 1.0
        sides = {"pan": 9.0, "truck": 8.0, "handheld": 1.9}.get(self.move, 0.0)
        ends = {"tilt": 6.0, "crane": 6.5, "handheld": 1.4}.get(self.move, 0.0)
        return sides * share * self.reach, ends * share * self.reach
