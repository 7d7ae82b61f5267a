# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage: how units become pixels for one shot, and the canvases its layers are painted on.

The one idea: the frame is 100 units high and its middle is x = 0, whatever its size and shape;
a layer's canvas reaches as far beyond the frame as the camera will look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .camera import SUBJECT, Camera
from .canvas import Canvas
from .grade import Style
from .plates import Plate, Steps, trimmed
from .raster import Bytes

FINE = 4  # steps a pixel at which slow moves look smooth at 720 lines
LARGE = 1200  # lines above which half as many steps look the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One shot's frame.  ``magnify`` and ``focus`` (units) say what part of the set is seen."""

    width: int
    height: int
    camera: Camera
    style: Style
    tight: bool = False  # an extreme close-up: large patches, quick motion across the frame

    @property
    def scale(self) -> float:
        """Pixels a unit."""
        return self.height / 100

    @property
    def half(self) -> float:
        """Units from the middle to either side of the frame."""
        return 50 * self.width / self.height

    def canvas(
        self,
        parallax: float,
        *,
        opaque: bool = False,
        magnify: float = 1.0,
        focus: tuple[float, float] = (0.0, 50.0),
        soft: int = 1,
    ) -> Canvas:
        """A clear canvas for a layer; ``soft`` > 1 paints it that much smaller, to be blurred."""
        mx, my = self.margins(parallax, soft)
        scale = self.scale * magnify / soft
        full = (self.width + 2 * mx, self.height + 2 * my)
        width, height = -(-full[0] // soft), -(-full[1] // soft)
        origin = (
            full[0] / 2 / soft - focus[0] * scale,
            full[1] / 2 / soft - focus[1] * scale,
        )
        return Canvas(
            width, height, scale=scale, origin=origin, opaque=opaque, grade=self.style.grade
        )

    def margins(self, parallax: float, soft: int = 1) -> tuple[int, int]:
        """Pixels a layer reaches beyond the frame: multiples of twice ``soft``."""
        across, down = self.camera.bleed(parallax)
        # People breathe and sway a little beyond what the camera does.
        life = 1.6 if parallax == SUBJECT else 0.0
        bleed = (across + life, down + life)
        step = 2 * soft
        extra = 0 if self.camera.still else 2
        mx, my = (int(b * self.scale + extra) // step * step + step * bool(b) for b in bleed)
        return mx, my

    def steps(self, across: bool = False, down: bool = False) -> Steps:
        """How finely a plate must be placed: as the camera moves, and as itself moves."""
        fine = FINE if self.height <= LARGE else FINE // 2
        move = self.camera.move
        if self.camera.scaled and self.tight:
            return Steps(fine // 2, fine // 2, scaled=True)
        if self.camera.scaled:
            return Steps(fine, fine, scaled=True)
        if move == "handheld":
            return Steps(fine // 2, fine // 2)  # never slow enough to need more
        return Steps(
            fine if across or move in ("pan", "truck") else 1,
            fine if down or move in ("tilt", "crane") else 1,
        )

    def plate(
        self, canvas: Canvas, parallax: float, *, across: bool = False, down: bool = False
    ) -> Plate:
        """A canvas made by ``canvas`` as a plate at its place."""
        mx, my = self.margins(parallax)
        cut, x, y = trimmed(canvas)
        return Plate(cut, x - mx, y - my, self.steps(across, down))


def enlarged(canvas: Canvas, times: int, width: int, height: int, scale: float) -> Canvas:
    """A canvas painted small, blurred and brought to full size: a lens out of focus."""
    planes = canvas.planes
    for _ in range(2):
        planes = _blurred(planes)
    big = Canvas(
        width, height, scale=scale,
        origin=(canvas.origin[0] * times, canvas.origin[1] * times),
        opaque=canvas.opaque, grade=canvas.grade,
    )  # fmt: skip
    ys = (np.arange(height) + 0.5) / times - 0.5
    xs = (np.arange(width) + 0.5) / times - 0.5
    big.planes = _sampled(_sampled(planes, ys, 1), xs, 2)
    return big


def _sampled(planes: Bytes, at: np.ndarray[tuple[int], np.dtype[np.float64]], axis: int) -> Bytes:
    """Linear samples along an axis."""
    last = planes.shape[axis] - 1
    low = np.clip(np.floor(at).astype(np.intp), 0, last)
    high = np.minimum(low + 1, last)
    share = np.clip(np.rint((at - low) * 64), 0, 64).astype(np.uint16)
    share = share[None, :, None] if axis == 1 else share[None, None, :]
    mixed = np.take(planes, low, axis=axis) * (np.uint16(64) - share)
    mixed += np.take(planes, high, axis=axis) * share
    made: Bytes = ((mixed + np.uint16(32)) >> 6).astype(np.uint8)
    return made


def _blurred(planes: Bytes) -> Bytes:
    """A 3 × 3 tent."""
    wide = np.pad(planes, ((0, 0), (1, 1), (1, 1)), mode="edge").astype(np.uint16)
    rows = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    both = rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]
    made: Bytes = ((both + np.uint16(8)) >> 4).astype(np.uint8)
    return made
