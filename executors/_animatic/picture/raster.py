# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines to coverage: FreeType's smooth rasteriser as a path engine.

The one idea: ``FT_Outline_Get_Bitmap`` fills any closed outline with exact 256-level area
coverage, faster than anything NumPy could do.  Colour is not here.
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from typing import Any

import freetype.raw as ft
import numpy as np
from numpy.typing import NDArray

from .outline import Outline

Bytes = NDArray[np.uint8]

EVEN_ODD = 0x2  # FT_OUTLINE_EVEN_ODD_FILL
GRAY = 2  # FT_PIXEL_MODE_GRAY
LIMIT = 32_000  # FT_Outline counts points in a short


@dataclass(frozen=True, slots=True)
class Mask:
    """Coverage 0–255 of a rectangle of a canvas whose top-left pixel is (x, y)."""

    x: int
    y: int
    cover: Bytes

    def over(self, other: Mask) -> Mask:
        """The part of this mask that lies within the other."""
        x0, y0 = max(self.x, other.x), max(self.y, other.y)
        x1 = min(self.x + self.cover.shape[1], other.x + other.cover.shape[1])
        y1 = min(self.y + self.cover.shape[0], other.y + other.cover.shape[0])
        if x1 <= x0 or y1 <= y0:
            return Mask(x0, y0, np.zeros((0, 0), np.uint8))
        mine = self.cover[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x]
        theirs = other.cover[y0 - other.y : y1 - other.y, x0 - other.x : x1 - other.x]
        both = (mine.astype(np.uint16) * theirs + 127) // 255
        return Mask(x0, y0, both.astype(np.uint8))


@functools.cache
def _library() -> Any:
    handle = ft.FT_Library()
    ft.FT_Init_FreeType(ctypes.byref(handle))
    return handle


def coverage(outline: Outline, width: int, height: int, even_odd: bool = False) -> Mask:
    """How much of each pixel the outline (in pixels) covers, cut to ``width`` × ``height``."""
    left, top, right, bottom = outline.bounds()
    x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    x1, y1 = min(width, int(np.ceil(right)) + 1), min(height, int(np.ceil(bottom)) + 1)
    if x1 <= x0 or y1 <= y0 or len(outline.tags) > LIMIT:
        return Mask(x0, y0, np.zeros((0, 0), np.uint8))
    rows, columns = y1 - y0, x1 - x0
    cover = np.zeros((rows, columns), np.uint8)
    fixed = np.empty((len(outline.tags), 2), np.int64)  # 26.6 fixed point, y upwards
    fixed[:, 0] = np.rint((outline.points[:, 0] - x0) * 64)
    fixed[:, 1] = np.rint((y1 - outline.points[:, 1]) * 64)
    _fill(np.clip(fixed, -(1 << 24), 1 << 24), outline, cover, EVEN_ODD if even_odd else 0)
    return Mask(x0, y0, cover)


def _fill(fixed: NDArray[np.int64], outline: Outline, cover: Bytes, flags: int) -> None:
    words = np.ascontiguousarray(fixed, dtype=np.dtype(f"i{ctypes.sizeof(ctypes.c_long)}"))
    tags = np.asarray(outline.tags, dtype=np.uint8)
    ends = np.asarray(outline.ends, dtype=np.int16)
    shape, bitmap = ft.FT_Outline(), ft.FT_Bitmap()
    shape.n_contours, shape.n_points, shape.flags = len(ends), len(tags), flags
    for name, array in (("points", words), ("tags", tags), ("contours", ends)):
        kind = dict(ft.FT_Outline._fields_)[name]
        setattr(shape, name, ctypes.cast(array.ctypes.data, kind))
    bitmap.rows, bitmap.width = cover.shape
    bitmap.pitch, bitmap.num_grays, bitmap.pixel_mode = cover.shape[1], 256, GRAY
    bitmap.buffer = ctypes.cast(cover.ctypes.data, dict(ft.FT_Bitmap._fields_)["buffer"])
    ft.FT_Outline_Get_Bitmap(_library(), ctypes.byref(shape), ctypes.byref(bitmap))
