# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole figure on two canvases: the body, and the head that moves on it.

The one idea: shadow and rim light are cut from the finished silhouette, so every costume and
posture is lit alike.  Eyes and mouth are patches of the head's canvas (``faces``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body import joints_of, paint_arm, paint_legs, paint_neck
from .canvas import Canvas
from .clothes import cloth_of, paint_torso
from .colour import Colour, brighter, mix
from .hair import paint_back, paint_front
from .head import Seat, paint_eyes, paint_mouth, paint_skull
from .light import Light
from .raster import Bytes, Mask
from .wardrobe import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Someone placed: who, where the head sits, posture, feeling; ``back`` shows the back."""

    person: Person
    seat: Seat
    posture: str = "stand"
    phase: float = 0.0
    feeling: str = ""
    gaze: float = 0.0
    back: bool = False
    close: bool = False  # only head and shoulders are in the frame


def rim_of(light: Light) -> Colour:
    """The colour that edges figures on the light's side."""
    if light.dark:
        return mix(light.glow(), light.key, 0.25)
    return mix(light.key, (255, 250, 240), 0.5)


def paint_body(canvas: Canvas, cast: Cast, light: Light) -> None:
    """Everything below the chin, shaded."""
    person, seat = cast.person, cast.seat
    lower = joints_of(cast.posture, cast.phase)
    joints = lower if seat.turn >= 0 else lower.mirrored()
    if joints.lean:
        seat = Seat(x=seat.x, y=seat.y, size=seat.size, turn=seat.turn, tilt=joints.lean)
    seated = cast.posture == "sit"
    sleeve, _ = cloth_of(person, light)
    if person.outfit in ("overalls",):
        sleeve = light.tone(person.inner)
    paint_back(canvas, person, cast.seat, light)
    if not cast.close:
        paint_legs(canvas, person, seat, light, joints)
    order = (0, 1) if seat.turn >= 0 else (1, 0)
    if not joints.front:
        paint_arm(canvas, person, seat, light, joints, order[1], sleeve)
    paint_neck(canvas, person, seat, light)
    paint_torso(canvas, person, seat, light, seated)
    if joints.front:
        paint_arm(canvas, person, seat, light, joints, order[1], sleeve)
    paint_arm(canvas, person, seat, light, joints, order[0], sleeve)
    shaded(canvas, light, seat.size * canvas.scale)


def paint_head(canvas: Canvas, cast: Cast, light: Light) -> None:
    """The head without its eyes and mouth."""
    paint_skull(canvas, cast.person, cast.seat, light, rim_of(light))
    paint_front(canvas, cast.person, cast.seat, light)


def paint_face(canvas: Canvas, cast: Cast, light: Light, openness: float, viseme: str) -> None:
    """Eyes and mouth on a head."""
    paint_mouth(canvas, cast.person, cast.seat, light, cast.feeling, viseme)
    paint_eyes(canvas, cast.person, cast.seat, light, cast.feeling, openness, cast.gaze)


def _shifted(alpha: Bytes, dx: int, dy: int) -> Bytes:
    out = np.zeros_like(alpha)
    height, width = alpha.shape
    ys, yd = (
        (slice(0, height - dy), slice(dy, height))
        if dy >= 0
        else (slice(-dy, height), slice(0, height + dy))
    )
    xs, xd = (
        (slice(0, width - dx), slice(dx, width))
        if dx >= 0
        else (slice(-dx, width), slice(0, width + dx))
    )
    if height > abs(dy) and width > abs(dx):
        out[yd, xd] = alpha[ys, xs]
    return out


def _edge(alpha: Bytes, dx: int, dy: int) -> Bytes:
    """What is covered but would not be, were the shape moved by (dx, dy)."""
    moved = _shifted(alpha, dx, dy)
    edge: Bytes = alpha - np.minimum(alpha, moved)
    return edge


def shaded(canvas: Canvas, light: Light, head_px: float, rim: Colour | None = None) -> None:
    """Cel shadow on the far side of a silhouette and a rim of light on the near side."""
    rows = np.flatnonzero(canvas.planes[3].any(axis=1))
    columns = np.flatnonzero(canvas.planes[3].any(axis=0))
    if not len(rows):
        return
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    alpha = canvas.planes[3, y0:y1, x0:x1]
    deep, thin = max(1, round(head_px * 0.15)), max(1, round(head_px * 0.03))
    side = 1 if light.side > 0 else -1
    shadow = Mask(x0, y0, _edge(alpha, side * deep, -deep // 4))
    canvas.fill(shadow, mix(light.shadow, light.ink, 0.6), 0.42, atop=True)
    bright = Mask(x0, y0, _edge(alpha, -side * thin, thin // 2))
    canvas.fill(bright, rim or brighter(rim_of(light), 0.05), 0.62, atop=True)
