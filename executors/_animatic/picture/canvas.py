# SPDX-License-Identifier: GPL-3.0-or-later
"""A canvas: premultiplied 8-bit planes that shapes are painted onto.

The one idea: a canvas knows its scale and origin, so painters speak in units (the frame is
100 units high) and never in pixels.  Planes are ``(3 or 4, height, width)``: red, green,
blue and, unless the canvas is opaque, alpha.  Outlines are made in ``outline.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .colour import Colour
from .outline import Outline
from .raster import Bytes, Mask, coverage

Wide = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Gradient:
    """Colours along a line from (x0, y0) to (x1, y1), in units; ``stops`` are evenly spread."""

    x0: float
    y0: float
    x1: float
    y1: float
    stops: tuple[Colour, ...]


Paint = Colour | Gradient
Grade = Callable[[Colour], Colour]  # what the film's look does to every paint


def _same(colour: Colour) -> Colour:
    return colour


def _dither(height: int, width: int) -> NDArray[np.float32]:
    """A fixed pattern within ±0.5 that breaks up bands (interleaved gradient noise)."""
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    noise: NDArray[np.float32] = np.modf(
        np.float32(52.9829189) * np.modf(0.06711056 * x + 0.00583715 * y)[0]
    )[0] - np.float32(0.5)
    return noise


class Canvas:
    """Pixels being painted.  ``scale`` pixels a unit; unit (0, 0) lies at pixel ``origin``."""

    __slots__ = ("grade", "origin", "planes", "scale")

    def __init__(
        self,
        width: int,
        height: int,
        *,
        scale: float,
        origin: tuple[float, float] = (0.0, 0.0),
        opaque: bool = False,
        grade: Grade | None = None,
    ) -> None:
        self.planes: Bytes = np.zeros((3 if opaque else 4, height, width), np.uint8)
        self.scale = scale
        self.origin = origin
        self.grade: Grade = grade or _same

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.planes.shape[2])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.planes.shape[1])

    @property
    def opaque(self) -> bool:
        """Whether there is no alpha plane."""
        return self.planes.shape[0] == 3

    def units(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the canvas, in units."""
        ox, oy = self.origin
        s = self.scale
        return -ox / s, -oy / s, (self.width - ox) / s, (self.height - oy) / s

    def pixels(self, outline: Outline) -> Outline:
        """The outline in this canvas's pixels."""
        return Outline(outline.points * self.scale + self.origin, outline.tags, outline.ends)

    def mask(self, outline: Outline, even_odd: bool = False) -> Mask:
        """Coverage of an outline given in units."""
        return coverage(self.pixels(outline), self.width, self.height, even_odd)

    def fill(
        self,
        shape: Outline | Mask,
        paint: Paint,
        opacity: float = 1.0,
        *,
        within: Mask | None = None,
        atop: bool = False,
    ) -> Mask:
        """Paint a shape; ``atop`` keeps it on what is painted already.  Returns its mask."""
        mask = self.mask(shape) if isinstance(shape, Outline) else shape
        if within is not None:
            mask = mask.over(within)
        height, width = mask.cover.shape
        if not height or not width or opacity <= 0:
            return mask
        view = self.planes[:, mask.y : mask.y + height, mask.x : mask.x + width]
        weight = _weight(mask.cover, opacity)
        rest = np.uint16(256) - weight
        colours = self._colours(paint, mask, weight)
        if not self.opaque:
            if atop:
                alpha = view[3].astype(np.uint16)
                alpha += alpha >> np.uint16(7)
                colours = [(c >> 8) * alpha for c in colours]
            else:
                _under(view[3], rest, weight * np.uint16(255))
        for plane, colour in zip(view[:3], colours, strict=True):
            _under(plane, rest, colour)
        return mask

    def _colours(self, paint: Paint, mask: Mask, weight: Wide) -> list[Wide]:
        if not isinstance(paint, Gradient):
            return [weight * np.uint16(round(c)) for c in self.grade(paint)]
        height, width = mask.cover.shape
        place = self._along(paint, mask.x, mask.y, height, width)
        stops = np.asarray([self.grade(c) for c in paint.stops], dtype=np.float32)
        spots = np.linspace(0, 1, len(stops), dtype=np.float32)
        if place.shape[1] == 1 or place.shape[0] == 1:
            ramps = [np.interp(place, spots, stops[:, i]).astype(np.float32) for i in range(3)]
        else:
            table = np.linspace(0, 1, 1024)
            index = (place * 1023).astype(np.intp)
            ramps = [
                np.interp(table, spots, stops[:, i]).astype(np.float32)[index] for i in range(3)
            ]
        noise = _dither(height, width)
        return [np.clip(r + noise + 0.5, 0, 255).astype(np.uint16) * weight for r in ramps]

    def _along(self, g: Gradient, x: int, y: int, height: int, width: int) -> NDArray[np.float32]:
        dx, dy = g.x1 - g.x0, g.y1 - g.y0
        size = max(dx * dx + dy * dy, 1e-9)
        across = ((np.arange(width) + x - self.origin[0]) / self.scale - g.x0) * (dx / size)
        down = ((np.arange(height) + y - self.origin[1]) / self.scale - g.y0) * (dy / size)
        if dx == 0:
            place = down[:, None]
        elif dy == 0:
            place = across[None, :]
        else:
            place = across[None, :] + down[:, None]
        return np.clip(place, 0, 1).astype(np.float32)

    def glow(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, strength: float
    ) -> None:
        """Light that falls off smoothly to an ellipse's edge, added like light (screen)."""
        s = self.scale
        cx, cy = x * s + self.origin[0], y * s + self.origin[1]
        x0, x1 = max(0, int(cx - rx * s)), min(self.width, int(cx + rx * s) + 1)
        y0, y1 = max(0, int(cy - ry * s)), min(self.height, int(cy + ry * s) + 1)
        if x1 <= x0 or y1 <= y0:
            return
        across = ((np.arange(x0, x1, dtype=np.float32) - cx) / (rx * s)) ** 2
        down = ((np.arange(y0, y1, dtype=np.float32) - cy) / (ry * s)) ** 2
        fall = np.clip(1 - (across[None, :] + down[:, None]), 0, 1)
        fall *= fall * np.float32(255 * strength)
        self.light(Mask(x0, y0, fall.astype(np.uint8)), colour)

    def light(self, mask: Mask, colour: Colour, strength: float = 1.0) -> None:
        """Add coloured light where the mask is (screen); alpha is left alone."""
        height, width = mask.cover.shape
        view = self.planes[:, mask.y : mask.y + height, mask.x : mask.x + width]
        weight = _weight(mask.cover, strength)
        roof = np.uint16(255) if self.opaque else view[3].astype(np.uint16)
        for plane, c in zip(view[:3], self.grade(colour), strict=True):
            room = np.maximum(roof, plane) - plane
            plane += ((room * ((weight * np.uint16(round(c))) >> 8)) >> 8).astype(np.uint8)

    def shade(self, mask: Mask, colour: Colour, strength: float) -> None:
        """Multiply what is painted by a colour where the mask is."""
        height, width = mask.cover.shape
        view = self.planes[:, mask.y : mask.y + height, mask.x : mask.x + width]
        weight = _weight(mask.cover, strength)
        for plane, c in zip(view[:3], colour, strict=True):
            keep = np.uint16(256) - ((weight * np.uint16(256 - round(c))) >> 8)
            plane[:] = ((plane * keep) >> 8).astype(np.uint8)

    def paste(self, other: Canvas, x: int, y: int) -> None:
        """Composite another canvas of the same scale with its corner at pixel (x, y)."""
        x0, y0 = max(0, x), max(0, y)
        x1, y1 = min(self.width, x + other.width), min(self.height, y + other.height)
        if x1 <= x0 or y1 <= y0:
            return
        above = other.planes[:, y0 - y : y1 - y, x0 - x : x1 - x]
        under = self.planes[:, y0:y1, x0:x1]
        if other.opaque:
            under[:3] = above
            return
        rest = np.uint16(255) - above[3].astype(np.uint16)
        rest += rest >> np.uint16(7)
        for plane, layer in zip(under, above, strict=False):
            plane[:] = ((plane * rest) >> 8).astype(np.uint8) + layer


def _weight(cover: Bytes, opacity: float) -> Wide:
    """Coverage 0–255 and an opacity to a weight 0–256."""
    wide: Wide = cover.astype(np.uint16)
    wide += wide >> np.uint16(7)
    if opacity < 1:
        wide = (wide * np.uint16(round(opacity * 255))) // np.uint16(255)
    return wide


def _under(plane: Bytes, rest: Wide, colour: Wide) -> None:
    plane[:] = ((plane * rest + colour) >> 8).astype(np.uint8)
