# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have with them: a suitcase at their feet, a lantern in the hand, an umbrella above.

The one idea: a thing is somebody's when words give it to them ("with a lantern", "holds the
suitcase"); where it goes follows from what it is and from what the body does.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import re

from .body import joints_of
from .canvas import Canvas
from .figure import Cast
from .head import Seat
from .light import Light
from .outline import box
from .props import PROPS, named, paint_prop, prop_of

#: Words that give a thing to somebody; then up to four words to the thing.
_GIVES = r"(?:with|holds?|holding|carr(?:y|ies|ying)|clutch(?:es|ing)?|grips?|gripping|grasps?|drags?|dragging|brings?|wheels?|lifts?|raises?|under|beneath|с|держит|несёт|несет|под|avec|tient|porte|sous|mit|hält|trägt|unter|con|sostiene|lleva|bajo)"
_HAS = re.compile(rf"\b{_GIVES}\s+((?:[\w'’-]+\s+){{0,3}}[\w'’-]+)", re.IGNORECASE)
_GREAT = frozenset({"bag", "umbrella", "lantern"})
_LOOSE = frozenset({"door", "hand", "parcel"})


def carried(mine: str, description: str, posture: str) -> tuple[str, ...]:
    """Names of the things someone has, from sentences about them and their description."""
    found = dict.fromkeys(_given(mine))
    found |= dict.fromkeys(name for name in _given(description) if name in _GREAT)
    if posture == "hold" and not found:
        name = prop_of(mine)
        found |= {} if name in _LOOSE else {name: None}
    return tuple(name for name in found if name in PROPS)


def _given(text: str) -> list[str]:
    things = []
    for match in _HAS.finditer(text):
        name = named(match[1])
        if name and name not in _LOOSE:
            things.append(name)
    return things


def paint_carried(canvas: Canvas, things: tuple[str, ...], cast: Cast, light: Light) -> None:
    """The things where they belong on a body already painted."""
    seat = cast.seat
    way = 1.0 if seat.turn >= 0 else -1.0
    for name in things:
        if name == "umbrella":
            _shelter(canvas, seat, light, way)
        elif name == "bag":
            x, y, size = _bag_place(cast, way)
            paint_prop(canvas, "bag", light, *seat.spot(x, y), seat.size * size)
        elif name == "lantern":
            x, y = _free_hand(cast, way)
            at = seat.spot(x, y + 0.42)
            canvas.glow(*at, seat.size * 2.6, seat.size * 2.6, light.glow(), 0.45)
            paint_prop(canvas, name, light, *at, seat.size * 0.016)
        else:
            x, y = (0.05, 1.72) if cast.posture in ("hold", "stand", "lean", "fold") else (0.0, 2.65)
            paint_prop(canvas, name, light, *seat.spot(x, y), seat.size * 0.015)


def _bag_place(cast: Cast, way: float) -> tuple[float, float, float]:
    """Place in head units and size: on the knees, in the hand, or on the ground."""
    if cast.posture == "sit":
        return 0.0, 3.0, 0.03
    if cast.posture in ("walk", "run"):
        x, y = _free_hand(cast, way)
        return x, y + 0.95, 0.026
    return -way * 1.75, 6.25, 0.028


def _free_hand(cast: Cast, way: float) -> tuple[float, float]:
    joints = joints_of(cast.posture, cast.phase)
    joints = joints if way >= 0 else joints.mirrored()
    x, y = joints.hands[0 if way >= 0 else 1]
    return x, y


def _shelter(canvas: Canvas, seat: Seat, light: Light, way: float) -> None:
    """An open umbrella held over the head."""
    x, y = seat.spot(way * 0.95, 2.95)
    top = seat.y - seat.size * 0.85
    thin = seat.size * 0.035
    canvas.fill(box(x - thin, top, x + thin, y), light.tone((60, 56, 58)))
    paint_prop(canvas, "umbrella", light, x, top, seat.size * 0.058)
