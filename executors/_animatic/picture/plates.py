# SPDX-License-Identifier: GPL-3.0-or-later
"""Plates: painted layers ready to be drawn at sub-pixel places, frame after frame.

The one idea: the costly half of sub-pixel motion is done once.  A plate that only slides
keeps copies of itself shifted by fractions of a pixel, so drawing it is a copy of a view; a
plate that is scaled keeps one enlarged copy, so drawing it is a gather.  Which layer moves
how is decided in ``camera.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .planes import Planes, Veil, blend, blend_bytes, opaque, veil
from .raster import Bytes

AnyPlane = NDArray[Any]  # uint8, or uint16 for what shines through
Spots = NDArray[np.float64]

_SMALL = (1, 2, 4)  # of luma, u, v, keep, keep_half: those at half size
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32}


@dataclass(frozen=True, slots=True)
class Steps:
    """How finely a plate can be placed: steps a pixel across and down; and if it is scaled."""

    across: int = 1
    down: int = 1
    scaled: bool = False


def _between(plane: AnyPlane, share: int, of: int, axis: int) -> AnyPlane:
    """The plane sampled ``share/of`` pixels further along the axis (the last one repeats)."""
    if share == 0:
        return plane
    last = plane[-1:] if axis == 0 else plane[:, -1:]
    ahead = np.concatenate([plane[1:] if axis == 0 else plane[:, 1:], last], axis=axis)
    total = plane.astype(np.uint16) * np.uint16(of - share)
    total += ahead.astype(np.uint16) * np.uint16(share)
    total += np.uint16(of // 2)
    return (total // np.uint16(of) if of & (of - 1) else total >> (of.bit_length() - 1)).astype(
        plane.dtype
    )


class Slides:
    """Planes in every phase they can slide to; drawing is taking views."""

    __slots__ = ("phases", "steps")

    def __init__(self, planes: tuple[AnyPlane, ...], steps: Steps) -> None:
        self.steps = steps
        self.phases = tuple(self._phased(plane) for plane in planes)

    def _phased(self, plane: AnyPlane) -> AnyPlane:
        kx, ky = self.steps.across, self.steps.down
        store = np.empty((ky, kx, *plane.shape), plane.dtype)
        for py in range(ky):
            row = _between(plane, py, ky, 0)
            for px in range(kx):
                store[py, px] = _between(row, px, kx, 1)
        return store

    def copy(self, part: Slides, x: int, y: int) -> None:
        """Replace the pixels from (x, y) on by another's, phase for phase."""
        for i, (mine, theirs) in enumerate(zip(self.phases, part.phases, strict=True)):
            left, top = (x // 2, y // 2) if i in _SMALL else (x, y)
            height, width = theirs.shape[2:]
            mine[:, :, top : top + height, left : left + width] = theirs

    def views(self, x: float, y: float, width: int, height: int) -> list[AnyPlane]:
        """``width`` × ``height`` pixels from plate place (x, y) on, each plane."""
        kx, ky = self.steps.across, self.steps.down
        found = []
        for i, phases in enumerate(self.phases):
            size = 2 if i in _SMALL else 1
            fine_x, fine_y = round(x / size * kx), round(y / size * ky)
            left, top = fine_x // kx, fine_y // ky
            phase = phases[fine_y % ky, fine_x % kx]
            found.append(phase[top : top + height // size, left : left + width // size])
        return found


class Enlarged:
    """Planes enlarged and packed side by side, so that one gather fetches them together."""

    __slots__ = ("chroma", "luma", "steps")

    def __init__(self, planes: tuple[AnyPlane, ...], steps: Steps) -> None:
        self.steps = steps
        full = [planes[i] for i in range(len(planes)) if i not in _SMALL]
        small = [planes[i] for i in range(len(planes)) if i in _SMALL]
        self.luma, self.chroma = self._packed(full), self._packed(small)

    def _packed(self, planes: list[AnyPlane]) -> Bytes:
        (height, width), (kx, ky) = planes[0].shape, (self.steps.across, self.steps.down)
        channels = {1: 1, 2: 2, 3: 4}[len(planes)]
        store = np.zeros((height, ky, width, kx, channels), np.uint8)
        for channel, plane in enumerate(planes):
            narrow = np.minimum(plane, 255).astype(np.uint8)
            for py in range(ky):
                row = _between(narrow, py, ky, 0)
                for px in range(kx):
                    store[:, py, :, px, channel] = _between(row, px, kx, 1)
        return store.reshape(height * ky, width * kx, channels)

    def copy(self, part: Enlarged, x: int, y: int) -> None:
        """Replace the pixels from (x, y) on by another's."""
        kx, ky = self.steps.across, self.steps.down
        for mine, theirs, size in ((self.luma, part.luma, 1), (self.chroma, part.chroma, 2)):
            left, top = x // size * kx, y // size * ky
            mine[top : top + theirs.shape[0], left : left + theirs.shape[1]] = theirs

    def views(self, xs: tuple[Spots, Spots], ys: tuple[Spots, Spots]) -> list[AnyPlane]:
        """Samples at plate columns and rows, for luma and for chroma (borders repeat)."""
        luma = self._gather(self.luma, xs[0], ys[0])
        chroma = self._gather(self.chroma, xs[1], ys[1])
        if luma.dtype == np.uint8:
            return [luma, *(_part(chroma, i) for i in range(2))]
        u, v, keep_half = (_part(chroma, i) for i in range(3))
        return [_part(luma, 0), u, v, _part(luma, 1), keep_half]

    def _gather(self, store: Bytes, xs: Spots, ys: Spots) -> AnyPlane:
        kx, ky = self.steps.across, self.steps.down
        rows = np.clip(np.rint(ys * ky).astype(np.intp), 0, store.shape[0] - ky)
        columns = np.clip(np.rint(xs * kx).astype(np.intp), 0, store.shape[1] - kx)
        words = store.view(_WORDS[store.shape[2]])[:, :, 0]
        found: AnyPlane = np.take(
            np.take(words, rows, axis=0, mode="clip"), columns, axis=1, mode="clip"
        )
        return found


def _part(words: AnyPlane, channel: int) -> AnyPlane:
    """One byte of packed words, as uint16 (arithmetic on whole words is what is fast)."""
    bits = words.dtype.itemsize * 8
    shifted = words >> words.dtype.type(channel * 8) if channel else words
    if bits > 8 * (channel + 1):
        shifted = shifted & words.dtype.type(255)
    return shifted.astype(np.uint16, copy=False)


class Plate:
    """A painted layer; its pixel (0, 0) rests at frame pixel (``left``, ``top``)."""

    __slots__ = ("height", "left", "sheer", "steps", "store", "top", "width")

    def __init__(self, canvas: Canvas, left: int, top: int, steps: Steps) -> None:
        self.left, self.top, self.steps = left, top, steps
        self.width, self.height = canvas.width, canvas.height
        self.sheer = not canvas.opaque
        self.store = self.prepare(canvas)

    def prepare(self, canvas: Canvas) -> Slides | Enlarged:
        """A patch for this plate, made ready so that showing it is only a copy."""
        planes = _planes_of(canvas)
        return Enlarged(planes, self.steps) if self.steps.scaled else Slides(planes, self.steps)

    def patch(self, made: Slides | Enlarged, x: int, y: int) -> None:
        """Show a prepared patch with its corner at the plate's even pixel (x, y)."""
        self.store.copy(made, x, y)  # type: ignore[arg-type]

    def draw(
        self,
        frame: Planes,
        scratch: NDArray[np.uint16],
        dx: float = 0.0,
        dy: float = 0.0,
        scale: float = 1.0,
        stretch: float = 1.0,
    ) -> None:
        """Draw at rest plus (dx, dy) pixels, scaled about the frame's centre.

        ``stretch`` scales the height once more; a plate that slides ignores both scales.
        """
        if self.steps.scaled:
            self._scaled(frame, scratch, dx, dy, scale, scale * stretch)
        else:
            self._slid(frame, scratch, dx, dy)

    def _slid(self, frame: Planes, scratch: NDArray[np.uint16], dx: float, dy: float) -> None:
        height, width = frame.y.shape
        x, y = self.left + dx, self.top + dy
        x0, x1 = _even_up(max(0.0, x)), min(width, int(x + self.width) & ~1)
        y0, y1 = _even_up(max(0.0, y)), min(height, int(y + self.height) & ~1)
        if x1 <= x0 or y1 <= y0:
            return
        assert isinstance(self.store, Slides)
        self._lay(frame, self.store.views(x0 - x, y0 - y, x1 - x0, y1 - y0), scratch, x0, y0)

    def _scaled(
        self,
        frame: Planes,
        scratch: NDArray[np.uint16],
        dx: float,
        dy: float,
        sx: float,
        sy: float,
    ) -> None:
        height, width = frame.y.shape
        cx, cy = width / 2, height / 2
        x = cx + (self.left - cx) * sx + dx
        y = cy + (self.top - cy) * sy + dy
        x0, x1 = _even_up(max(0.0, x)), min(width, int(x + self.width * sx) & ~1)
        y0, y1 = _even_up(max(0.0, y)), min(height, int(y + self.height * sy) & ~1)
        if x1 <= x0 or y1 <= y0:
            return
        assert isinstance(self.store, Enlarged)
        columns, rows = np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5
        half_columns, half_rows = (
            np.arange(x0 // 2, x1 // 2) + 0.5,
            np.arange(y0 // 2, y1 // 2) + 0.5,
        )
        xs = (columns - x) / sx - 0.5, (half_columns - x / 2) / sx - 0.5
        ys = (rows - y) / sy - 0.5, (half_rows - y / 2) / sy - 0.5
        self._lay(frame, self.store.views(xs, ys), scratch, x0, y0)

    def _lay(
        self, frame: Planes, views: list[AnyPlane], scratch: NDArray[np.uint16], x: int, y: int
    ) -> None:
        for i, target in enumerate((frame.y, frame.u, frame.v)):
            height, width = views[i].shape
            left, top = (x, y) if i == 0 else (x // 2, y // 2)
            under = target[top : top + height, left : left + width]
            if self.sheer:
                mix = blend_bytes if self.steps.scaled else blend
                mix(under, views[i], views[3] if i == 0 else views[4], scratch)
            else:
                np.copyto(under, views[i], casting="unsafe")


def _even_up(value: float) -> int:
    whole = int(np.ceil(value))
    return whole + (whole & 1)


def _planes_of(canvas: Canvas) -> tuple[AnyPlane, ...]:
    if canvas.opaque:
        made = opaque(canvas.planes)
        return made.y, made.u, made.v
    layer: Veil = veil(canvas.planes)
    return layer.y, layer.u, layer.v, layer.keep, layer.keep_half


def trimmed(canvas: Canvas, margin: int = 2) -> tuple[Canvas, int, int]:
    """The part of a canvas that holds paint, on even borders, and where it starts.

    An opaque canvas comes back whole; an empty one as 2 × 2 clear pixels.
    """
    if canvas.opaque:
        return canvas, 0, 0
    alpha: Bytes = canvas.planes[3]
    rows = np.flatnonzero(alpha.any(axis=1))
    columns = np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        rows = columns = np.array([0, 1])
    y0, y1 = max(0, int(rows[0]) - margin) & ~1, min(canvas.height, int(rows[-1]) + 1 + margin)
    x0, x1 = max(0, int(columns[0]) - margin) & ~1, min(canvas.width, int(columns[-1]) + 1 + margin)
    y1, x1 = y1 + ((y1 - y0) & 1), x1 + ((x1 - x0) & 1)
    cut = Canvas(
        x1 - x0,
        y1 - y0,
        scale=canvas.scale,
        origin=(canvas.origin[0] - x0, canvas.origin[1] - y0),
        grade=canvas.grade,
    )
    part = canvas.planes[:, y0:y1, x0:x1]
    cut.planes[:, : part.shape[1], : part.shape[2]] = part
    return cut, x0, y0
