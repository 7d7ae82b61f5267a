# SPDX-License-Identifier: GPL-3.0-or-later
"""Planar YUV 4:2:0, BT.709 limited range: what frames are composed in and encoded from.

The one idea: every layer is converted once, when it is painted; composing a frame then
touches half the bytes RGB would need and the encoder takes it as it is.
Integer arithmetic only, so the same picture gives the same bytes on every processor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .raster import Bytes

Wide = NDArray[np.uint16]


@dataclass(slots=True)
class Planes:
    """One frame: luma (h, w), both chroma planes (h/2, w/2)."""

    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def blank(cls, width: int, height: int) -> Planes:
        """A black frame."""
        half = (height // 2, width // 2)
        return cls(
            np.full((height, width), 16, np.uint8),
            np.full(half, 128, np.uint8),
            np.full(half, 128, np.uint8),
        )

    def copy_from(self, other: Planes) -> None:
        """Take over another frame's pixels."""
        np.copyto(self.y, other.y)
        np.copyto(self.u, other.u)
        np.copyto(self.v, other.v)

    def rgb(self) -> Bytes:
        """The frame as (height, width, 3) sRGB bytes."""
        y = (self.y.astype(np.float32) - 16) * (255 / 219)
        u, v = (
            np.repeat(np.repeat(p.astype(np.float32) - 128, 2, 0), 2, 1) * (255 / 224)
            for p in (self.u, self.v)
        )
        # Inverse of BT.709: Kr 0.2126, Kb 0.0722.
        channels = (y + 1.5748 * v, y - 0.18733 * u - 0.46813 * v, y + 1.8556 * u)
        return np.stack([np.clip(c + 0.5, 0, 255).astype(np.uint8) for c in channels], axis=2)


def _quarter(plane: Bytes) -> Wide:
    """Sums of 2×2 blocks, 0–1020."""
    rows = plane[0::2].astype(np.uint16)
    rows += plane[1::2]
    return np.asarray(rows[:, 0::2] + rows[:, 1::2], dtype=np.uint16)


def half(plane: Bytes) -> Bytes:
    """Means of 2×2 blocks."""
    mean: Bytes = ((_quarter(plane) + 2) >> 2).astype(np.uint8)
    return mean


def luma(rgb: Bytes) -> Bytes:
    """Y without its offset of 16, 0–219, of planes (3+, h, w)."""
    # BT.709 × 219/255 in 1/256: 46.74, 157.24, 15.87.
    total = rgb[0].astype(np.uint16) * np.uint16(47)
    total += rgb[1].astype(np.uint16) * np.uint16(157)
    total += rgb[2].astype(np.uint16) * np.uint16(16)
    total += np.uint16(128)
    made: Bytes = (total >> np.uint16(8)).astype(np.uint8)
    return made


def chroma(rgb: Bytes) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """U and V without their offset of 128, ±112, at half size."""
    r, g, b = (_quarter(plane).astype(np.int32) for plane in rgb[:3])
    # BT.709 × 224/255 in 1/1024 (a quarter of it for the sum of four).
    u = (-103 * r - 347 * g + 450 * b + 2048) >> 12
    v = (450 * r - 409 * g - 41 * b + 2048) >> 12
    return u.astype(np.int16), v.astype(np.int16)


def opaque(rgb: Bytes) -> Planes:
    """A painted picture (3, h, w), even sides, as YUV."""
    u, v = chroma(rgb)
    return Planes(luma(rgb) + np.uint8(16), (u + 128).astype(np.uint8), (v + 128).astype(np.uint8))


@dataclass(slots=True)
class Veil:
    """A layer with transparency: what it adds, and what it lets through (0–256).

    ``frame = frame * keep / 256 + add`` for luma and, at half size, for chroma.
    """

    y: Bytes
    u: Bytes
    v: Bytes
    keep: Wide
    keep_half: Wide


def veil(rgba: Bytes) -> Veil:
    """Premultiplied planes (4, h, w), even sides, as a layer to blend in YUV."""
    alpha = rgba[3]
    small = half(alpha)
    keep, keep_half = _keep(alpha), _keep(small)
    u, v = chroma(rgba)
    # Offsets belong to what is covered: 16 or 128 times coverage.
    lift = (np.uint16(16) * (np.uint16(256) - keep)) >> 8
    mid = ((np.uint16(128) * (np.uint16(256) - keep_half)) >> 8).astype(np.int16)
    return Veil(
        luma(rgba) + lift.astype(np.uint8),
        np.clip(u + mid, 0, 255).astype(np.uint8),
        np.clip(v + mid, 0, 255).astype(np.uint8),
        keep,
        keep_half,
    )


def _keep(alpha: Bytes) -> Wide:
    rest: Wide = np.uint16(255) - alpha.astype(np.uint16)
    rest += rest >> np.uint16(7)
    return rest


def blend(under: Bytes, add: Bytes, keep: Wide, scratch: Wide) -> None:
    """Blend one plane in place; ``scratch`` is at least as big, uint16."""
    space = scratch[: under.shape[0], : under.shape[1]]
    np.multiply(under, keep, out=space)
    np.right_shift(space, 8, out=space)
    np.add(space, add, out=under, casting="unsafe")


def blend_bytes(under: Bytes, add: Wide, keep: Wide, scratch: Wide) -> None:
    """Blend one plane in place with ``keep`` 0–255, 255 letting everything through."""
    space = scratch[: under.shape[0], : under.shape[1]]
    np.multiply(under, keep, out=space)
    # (v × 255 + 255) >> 8 is v for every byte v.
    np.add(space, 255, out=space)
    np.right_shift(space, 8, out=space)
    np.add(space, add, out=under, casting="unsafe")
