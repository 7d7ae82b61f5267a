# SPDX-License-Identifier: GPL-3.0-or-later
""".cube colour tables (one- or three-dimensional, as colour suites export them)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....core.errors import MediaError
from .colour import Colour

LARGEST = 64 << 20  # bytes; a 129-point cube is about 60 MB of text
_REMEDY = "Export the look again as a .cube file, or clear the LUT on the Style node."


@lru_cache(maxsize=4)
def cube(path: str) -> Callable[[Colour], Colour]:
    """A function from colour to colour.  MediaError when the file is no .cube table."""
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise MediaError(f"The LUT {file.name} is larger than 64 MiB.", remedy=_REMEDY)
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise MediaError(
            f"The LUT {file.name} could not be read: {error.strerror or error}.", remedy=_REMEDY
        ) from error
    try:
        return _table(lines)
    except (ValueError, IndexError) as error:
        raise MediaError(f"The LUT {file.name} is malformed: {error}.", remedy=_REMEDY) from error


def _table(lines: list[str]) -> Callable[[Colour], Colour]:
    sizes: dict[str, int] = {}
    rows: list[list[float]] = []
    low, high = np.zeros(3), np.ones(3)
    for line in lines:
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] in ("LUT_1D_SIZE", "LUT_3D_SIZE"):
            sizes[words[0]] = int(words[1])
        elif words[0] == "DOMAIN_MIN":
            low = np.array([float(w) for w in words[1:4]])
        elif words[0] == "DOMAIN_MAX":
            high = np.array([float(w) for w in words[1:4]])
        elif words[0][0] in "-+.0123456789":
            rows.append([float(w) for w in words[:3]])
    if len(sizes) != 1:
        raise ValueError("it states no single LUT size")
    (kind, size), values = next(iter(sizes.items())), np.array(rows, dtype=np.float64)
    wanted = size if kind == "LUT_1D_SIZE" else size**3
    if size < 2 or values.shape != (wanted, 3) or not np.isfinite(values).all():
        raise ValueError(f"it needs {wanted} rows of three numbers")
    if kind == "LUT_1D_SIZE":
        return lambda colour: _along(values, low, high, colour)
    # Red varies fastest in the file.
    solid = values.reshape(size, size, size, 3).transpose(2, 1, 0, 3)
    return lambda colour: _within(solid, low, high, colour)


def _place(low: NDArray[np.float64], high: NDArray[np.float64], c: Colour) -> NDArray[np.float64]:
    return np.asarray(np.clip((np.asarray(c) / 255 - low) / (high - low), 0, 1))


def _along(
    table: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], colour: Colour
) -> Colour:
    at = _place(low, high, colour) * (len(table) - 1)
    r, g, b = (float(np.interp(at[i], np.arange(len(table)), table[:, i])) * 255 for i in range(3))
    return (r, g, b)


def _within(
    solid: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], colour: Colour
) -> Colour:
    at = _place(low, high, colour) * (len(solid) - 1)
    base = np.minimum(at.astype(int), len(solid) - 2)
    share = at - base
    total = np.zeros(3)
    for corner in range(8):
        bits = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])
        weight = float(np.prod(np.where(bits == 1, share, 1 - share)))
        total += solid[tuple(base + bits)] * weight
    r, g, b = (float(v) * 255 for v in total)
    return (r, g, b)
