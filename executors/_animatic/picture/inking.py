# SPDX-License-Identifier: GPL-3.0-or-later
"""Ink lines around finished shapes, for looks that draw with a line."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .raster import Mask
from .stage import Stage


def inked(canvas: Canvas, stage: Stage) -> Canvas:
    """The canvas with a dark line around what is painted, where the look asks for one."""
    width = round(stage.style.manner.outline * stage.scale)
    if width < 1 or canvas.opaque:
        return canvas
    alpha = canvas.planes[3]
    grown = alpha
    for _ in range(width):
        grown = _wider(grown)
    under = Canvas(
        canvas.width, canvas.height, scale=canvas.scale, origin=canvas.origin, grade=canvas.grade
    )
    under.fill(Mask(0, 0, grown), (14.0, 12.0, 16.0))
    under.paste(canvas, 0, 0)
    return under


def _wider(
    alpha: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    out = alpha.copy()
    np.maximum(out[1:], alpha[:-1], out=out[1:])
    np.maximum(out[:-1], alpha[1:], out=out[:-1])
    across = out.copy()
    np.maximum(out[:, 1:], across[:, :-1], out=out[:, 1:])
    np.maximum(out[:, :-1], across[:, 1:], out=out[:, :-1])
    return out
