# SPDX-License-Identifier: GPL-3.0-or-later
"""Plates: painted layers ready to be drawn at sub-pixel places, frame after frame.

The one idea: the costly half of sub-pixel motion is done once.  A plate that only slides
keeps copies of itself shifted by fractions of a pixel, so drawing it is a copy of a view; a
plate that is scaled keeps one enlarged copy, so drawing it is a gather.  Which layer moves
how is decided in ``camera.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .planes import Planes, Veil, blend, opaque, veil
from .raster import Bytes

AnyPlane = NDArray[np.uint8] | NDArray[np.uint16]


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


class Stack:
    """One plane of a plate in every phase it can be drawn at."""

    __slots__ = ("phases", "steps")

    def __init__(self, plane: AnyPlane, steps: Steps) -> None:
        self.steps = steps
        height, width = plane.shape
        kx, ky = steps.across, steps.down
        shape = (height, ky, width, kx) if steps.scaled else (ky, kx, height, width)
        self.phases = np.empty(shape, plane.dtype)
        self.put(plane, 0, 0)
        if steps.scaled:
            self.phases = self.phases.reshape(height * ky, width * kx)

    def put(self, plane: AnyPlane, x: int, y: int) -> None:
        """Replace the pixels from (x, y) on in every phase."""
        height, width = plane.shape
        kx, ky, store = self.steps.across, self.steps.down, self.phases
        if self.steps.scaled and store.ndim == 2:
            store = store.reshape(store.shape[0] // ky, ky, store.shape[1] // kx, kx)
        for py in range(ky):
            row = _between(plane, py, ky, 0)
            for px in range(kx):
                made = _between(row, px, kx, 1)
                if self.steps.scaled:
                    store[y : y + height, py, x : x + width, px] = made
                else:
                    store[py, px, y : y + height, x : x + width] = made

    def copy(self, part: Stack, x: int, y: int) -> None:
        """Replace the pixels from (x, y) on by another stack's, phase for phase."""
        height, width = part.phases.shape[-2:]
        if self.steps.scaled:
            x, y = x * self.steps.across, y * self.steps.down
            self.phases[y : y + height, x : x + width] = part.phases
        else:
            self.phases[:, :, y : y + height, x : x + width] = part.phases

    def slide(self, x: float, y: float, width: int, height: int) -> AnyPlane:
        """A view of ``width`` × ``height`` pixels starting at plate place (x, y)."""
        kx, ky = self.steps.across, self.steps.down
        fine_x, fine_y = round(x * kx), round(y * ky)
        left, top = fine_x // kx, fine_y // ky
        phase: AnyPlane = self.phases[fine_y % ky, fine_x % kx]
        return phase[top : top + height, left : left + width]

    def gather(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> AnyPlane:
        """Samples at plate columns ``xs`` and rows ``ys`` (the border repeats)."""
        kx, ky = self.steps.across, self.steps.down
        rows = np.clip(np.rint(ys * ky).astype(np.intp), 0, self.phases.shape[0] - ky)
        columns = np.clip(np.rint(xs * kx).astype(np.intp), 0, self.phases.shape[1] - kx)
        band = np.take(self.phases, rows, axis=0)
        return np.take(band, columns, axis=1)


class Plate:
    """A painted layer; its pixel (0, 0) rests at frame pixel (``left``, ``top``)."""

    __slots__ = ("height", "left", "sheer", "stacks", "steps", "top", "width")

    def __init__(self, canvas: Canvas, left: int, top: int, steps: Steps) -> None:
        self.left, self.top, self.steps = left, top, steps
        self.width, self.height = canvas.width, canvas.height
        self.sheer = not canvas.opaque
        self.stacks = tuple(Stack(plane, steps) for plane in _planes_of(canvas))

    def prepare(self, canvas: Canvas) -> tuple[Stack, ...]:
        """A patch for this plate, made ready so that showing it is only a copy."""
        return tuple(Stack(plane, self.steps) for plane in _planes_of(canvas))

    def patch(self, made: tuple[Stack, ...], x: int, y: int) -> None:
        """Show a prepared patch with its corner at the plate's even pixel (x, y)."""
        for i, (stack, part) in enumerate(zip(self.stacks, made, strict=True)):
            small = 2 if i in (1, 2, 4) else 1
            stack.copy(part, x // small, y // small)

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
        # One pixel less than the plate: the last column has no neighbour to lean on.
        x0, x1 = _even_up(max(0.0, x)), min(width, int(x + self.width - 1) & ~1)
        y0, y1 = _even_up(max(0.0, y)), min(height, int(y + self.height - 1) & ~1)
        if x1 <= x0 or y1 <= y0:
            return
        full = (x0 - x, y0 - y, x1 - x0, y1 - y0)
        halved = (full[0] / 2, full[1] / 2, full[2] // 2, full[3] // 2)
        views = [s.slide(*(halved if i in (1, 2, 4) else full)) for i, s in enumerate(self.stacks)]
        self._lay(frame, views, scratch, x0, y0)

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
        views = []
        for i, stack in enumerate(self.stacks):
            small = 2 if i in (1, 2, 4) else 1
            columns = np.arange(x0 // small, x1 // small) + 0.5
            rows = np.arange(y0 // small, y1 // small) + 0.5
            xs = (columns - x / small) / sx - 0.5
            ys = (rows - y / small) / sy - 0.5
            views.append(stack.gather(xs, ys))
        self._lay(frame, views, scratch, x0, y0)

    def _lay(
        self, frame: Planes, views: list[AnyPlane], scratch: NDArray[np.uint16], x: int, y: int
    ) -> None:
        for i, target in enumerate((frame.y, frame.u, frame.v)):
            height, width = views[i].shape
            left, top = (x, y) if i == 0 else (x // 2, y // 2)
            under = target[top : top + height, left : left + width]
            if self.sheer:
                keep = views[3] if i == 0 else views[4]
                blend(under, views[i].view(np.uint8), keep.view(np.uint16), scratch)
            else:
                np.copyto(under, views[i])


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
    )
    part = canvas.planes[:, y0:y1, x0:x1]
    cut.planes[:, : part.shape[1], : part.shape[2]] = part
    return cut, x0, y0
