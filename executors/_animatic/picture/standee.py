# SPDX-License-Identifier: GPL-3.0-or-later
"""A character's own picture in the place of the drawn figure.

The one idea: a cut-out (a picture with transparency) stands where the figure would stand; any
other picture becomes a framed card there.  It sways and bobs as its owner speaks.  Its mouth
cannot move: nothing is invented on a picture somebody else made.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .camera import SUBJECT
from .canvas import Canvas
from .footage import cutout
from .light import Light
from .outline import box
from .planes import Planes
from .raster import Bytes
from .spec import ShotPicture
from .stage import Stage
from .staging import Placed


class Standee:
    """One person of a shot shown by a picture; drawn like an ``Actor``."""

    def __init__(self, picture: ShotPicture, stage: Stage, light: Light, placed: Placed) -> None:
        self.stage, self.cast = stage, placed.cast
        self.identity = placed.figure.identity
        self.lines = tuple(line for line in picture.lines if line.identity == self.identity)
        self.phase = (sum(self.identity.encode()) * 0.61803) % 1.0
        self.head_px = self.cast.seat.size * stage.scale
        image = cutout(placed.figure.images[0])
        canvas = stage.canvas(SUBJECT)
        wide = picture.shot_type in ("wide", "extreme_wide")
        if int(image[:, :, 3].min()) < 250:
            self._stand(canvas, image)
        else:
            self._card(canvas, image, light, wide)
        self.plate = stage.plate(canvas, SUBJECT, across=True, down=True)

    def _stand(self, canvas: Canvas, image: Bytes) -> None:
        """The cut-out from above the head to the soles."""
        seat = self.cast.seat
        tall = seat.size * 7.6
        wide = tall * image.shape[1] / image.shape[0]
        top = seat.y - seat.size * 0.6
        _lay(canvas, image, (seat.x - wide / 2, top, seat.x + wide / 2, top + tall))

    def _card(self, canvas: Canvas, image: Bytes, light: Light, wide: bool) -> None:
        """The picture on white card, about as large as head and shoulders."""
        seat = self.cast.seat
        tall = seat.size * (4.4 if wide else 2.6)
        across = tall * min(1.2, max(0.6, image.shape[1] / image.shape[0]))
        top, rim = seat.y - seat.size * 0.75, tall * 0.025
        left, right, foot = seat.x - across / 2, seat.x + across / 2, top + tall
        shade = box(left, top, right, foot, rim).moved(-light.side * tall * 0.03, tall * 0.03)
        canvas.fill(shade, light.ink, 0.4)
        canvas.fill(box(left, top, right, foot, rim), (248.0, 245.0, 238.0))
        _lay(canvas, image, (left + rim, top + rim, right - rim, foot - rim))

    def _speaking(self, seconds: float) -> bool:
        return any(line.start_s <= seconds < line.end_s for line in self.lines)

    def place(self, seconds: float) -> tuple[float, ...]:
        """Pixels across and down, as they will be drawn."""
        down = math.sin(math.tau * (seconds * 0.23 + self.phase)) * self.head_px * 0.006
        if self._speaking(seconds):
            down += math.sin(math.tau * seconds * 1.6) * self.head_px * 0.02
        return 0.0, round(down * 4) / 4

    def face(self, seconds: float) -> tuple[str, str]:
        """A picture's face stays as it is."""
        del seconds
        return "", ""

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Draw the picture as the camera sees it."""
        across, down = self.place(seconds)
        pose, scale = self.stage.camera.seen(seconds, SUBJECT), self.stage.scale
        self.plate.draw(
            frame,
            scratch,
            pose.x * scale + across,
            pose.y * scale + down * pose.zoom,
            pose.zoom,
        )


def _lay(canvas: Canvas, image: Bytes, place: tuple[float, float, float, float]) -> None:
    """Scale a picture to cover a rectangle in units (cut about its middle) and paste it."""
    s, (ox, oy) = canvas.scale, canvas.origin
    left, top, right, bottom = place
    x0, y0 = round(left * s + ox), round(top * s + oy)
    width, height = max(1, round((right - left) * s)), max(1, round((bottom - top) * s))
    x0v, y0v = max(0, x0), max(0, y0)
    x1v, y1v = min(canvas.width, x0 + width), min(canvas.height, y0 + height)
    if x1v <= x0v or y1v <= y0v:
        return
    zoom = max(width / image.shape[1], height / image.shape[0])
    xs = (np.arange(x0v, x1v) - x0 - width / 2 + 0.5) / zoom + image.shape[1] / 2
    ys = (np.arange(y0v, y1v) - y0 - height / 2 + 0.5) / zoom + image.shape[0] / 2
    rows = np.clip(ys.astype(np.intp), 0, image.shape[0] - 1)
    columns = np.clip(xs.astype(np.intp), 0, image.shape[1] - 1)
    part = image[rows[:, None], columns[None, :]].astype(np.uint16)
    made = Canvas(x1v - x0v, y1v - y0v, scale=s)
    made.planes[3] = part[:, :, 3]
    for i in range(3):
        made.planes[i] = part[:, :, i] * part[:, :, 3] // 255
    canvas.paste(made, x0v, y0v)
