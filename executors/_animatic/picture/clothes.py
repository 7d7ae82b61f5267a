# SPDX-License-Identifier: GPL-3.0-or-later
"""Clothes on a torso: coats, suits, uniforms, dresses … one small painter each.

The one idea: every outfit is the torso's silhouette, a V of what is worn beneath, and two or
three marks (lapels, buttons, a tie, an apron) that read from across a room.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .body import shoulder, torso_points
from .canvas import Canvas
from .colour import Colour, brighter, mix
from .head import Seat
from .light import Light
from .outline import Outline, Point, blob, box, ellipse, polygon, ribbon
from .raster import Mask
from .wardrobe import Person


@dataclass(frozen=True, slots=True)
class Tailor:
    """What an outfit's painter works with."""

    canvas: Canvas
    person: Person
    seat: Seat
    light: Light
    cloth: Colour
    deep: Colour
    inner: Colour
    accent: Colour

    def add(self, outline: Outline, colour: Colour, opacity: float = 1.0, within: Mask | None = None) -> Mask:
        """Paint a piece given in head units."""
        return self.canvas.fill(self.seat.put(outline), colour, opacity, within=within)


def cloth_of(person: Person, light: Light) -> tuple[Colour, Colour]:
    """The outer cloth and its deep folds under a light."""
    cloth = light.tone(person.outer)
    return cloth, mix(light.tone(person.outer, shade=0.85), light.ink, 0.35)


def paint_torso(canvas: Canvas, person: Person, seat: Seat, light: Light, seated: bool) -> None:
    """The torso in its outfit."""
    cloth, deep = cloth_of(person, light)
    t = Tailor(canvas, person, seat, light, cloth, deep, light.tone(person.inner), light.tone(person.accent))
    _OUTFITS.get(person.outfit, _shirt)(t, seated)


def _trunk(person: Person, below: list[Point] | None = None) -> Outline:
    side = torso_points(person)
    if below is not None:
        side = [*side[:6], *below]
    return blob([*side, *[(-x, y) for x, y in reversed(side)]], 0.85)


def _neckline(t: Tailor, body: Mask, depth: float, wide: float, colour: Colour) -> None:
    x = t.seat.turn * 0.06
    t.add(polygon([(-wide + x, 0.55), (wide + x, 0.55), (wide * 0.7 + x, 0.9), (x, depth), (-wide * 0.7 + x, 0.9)]), colour, within=body)


def _lapels(t: Tailor, body: Mask, depth: float, colour: Colour) -> None:
    x = t.seat.turn * 0.06
    for s in (-1, 1):
        lapel = polygon([(x + s * 0.16, 0.6), (x + s * 0.36, 0.78), (x + s * 0.46, 1.2), (x + s * 0.33, 1.3), (x + s * 0.4, 1.42), (x, depth), (x + s * 0.06, depth - 0.5)])
        t.add(lapel, colour, within=body)
    t.add(ribbon([(x, depth - 0.05), (x + 0.01, 3.4)], [0.02, 0.03], smooth=False), t.deep, within=body)


def _buttons(t: Tailor, rows: list[float], x: float, colour: Colour) -> None:
    for y in rows:
        t.add(ellipse(x + t.seat.turn * 0.06, y, 0.045), colour)


def _collar(t: Tailor, colour: Colour) -> None:
    x = t.seat.turn * 0.06
    for s in (-1, 1):
        t.add(polygon([(x + s * 0.2, 0.6), (x + s * 0.3, 0.74), (x + s * 0.16, 0.98), (x, 0.8)]), colour)


def _tie(t: Tailor, body: Mask) -> None:
    x = t.seat.turn * 0.06
    t.add(polygon([(x - 0.07, 0.78), (x + 0.07, 0.78), (x + 0.045, 0.92), (x + 0.1, 1.7), (x, 1.85), (x - 0.1, 1.7), (x - 0.045, 0.92)]), t.accent, within=body)


def _coat(t: Tailor, seated: bool) -> None:
    b = t.person.build
    hem = 3.7 if seated else 4.85
    body = t.add(_trunk(t.person, [(0.66 * b, 3.1), (0.86 * b, hem), (0.5 * b, hem + 0.1)]), t.cloth)
    _neckline(t, body, 1.75, 0.3, t.inner)
    _lapels(t, body, 1.95, brighter(t.cloth, 0.09))
    t.add(box(-1.2, 2.42, 1.2, 2.6), t.deep, 0.75, within=body)
    t.add(box(-0.12 + t.seat.turn * 0.06, 2.38, 0.12 + t.seat.turn * 0.06, 2.64, 0.03), brighter(t.cloth, 0.18))
    _buttons(t, [2.1, 2.95, 3.4], 0.2, t.deep)
    scarf = blob([(-0.34, 0.62), (-0.2, 0.5), (0, 0.62), (0.2, 0.5), (0.34, 0.62), (0.3, 0.82), (0, 0.95), (-0.3, 0.82)])
    t.add(scarf, t.accent)
    t.add(ribbon([(-0.1, 0.85), (-0.16, 1.3), (-0.12, 1.75)], [0.2, 0.22, 0.24]), brighter(t.accent, -0.12), within=body)


def _suit(t: Tailor, seated: bool) -> None:
    body = t.add(_trunk(t.person), t.cloth)
    _neckline(t, body, 1.9, 0.28, t.inner)
    if not t.person.female:
        _tie(t, body)
    _collar(t, brighter(t.inner, 0.12))
    _lapels(t, body, 2.05, brighter(t.cloth, 0.08))
    _buttons(t, [2.3, 2.65], 0.0, t.deep)
    t.add(polygon([(0.34, 1.5), (0.52, 1.46), (0.5, 1.56), (0.36, 1.6)]), t.accent, within=body)
    del seated


def _sweater(t: Tailor, seated: bool) -> None:
    body = t.add(_trunk(t.person), t.cloth)
    for y in (1.55, 1.75):
        t.add(box(-1.2, y, 1.2, y + 0.1), t.accent, 0.85, within=body)
    t.add(box(-1.2, 3.2, 1.2, 3.6), t.deep, 0.6, within=body)
    t.add(ribbon([(-0.26, 0.66), (0.0, 0.84), (0.26, 0.66)], [0.16, 0.18, 0.16]), brighter(t.cloth, 0.12))
    del seated


def _hoodie(t: Tailor, seated: bool) -> None:
    body = t.add(_trunk(t.person), t.cloth)
    t.add(blob([(-0.5, 0.9), (-0.4, 0.52), (0, 0.75), (0.4, 0.52), (0.5, 0.9), (0, 1.2)]), brighter(t.cloth, 0.1))
    for s in (-1, 1):
        t.add(ribbon([(s * 0.1, 1.02), (s * 0.12, 1.55)], [0.04, 0.035], smooth=False), t.inner)
    t.add(polygon([(-0.4, 2.35), (0.4, 2.35), (0.55, 2.95), (-0.55, 2.95)]), t.deep, 0.45, within=body)
    del seated


def _dress(t: Tailor, seated: bool) -> None:
    b = t.person.build
    hem = 3.8 if seated else 4.75
    body = t.add(_trunk(t.person, [(0.6 * b, 2.95), (0.98 * b, hem), (0.5 * b, hem + 0.12)]), t.cloth)
    skin = t.light.tone(t.person.skin)
    _neckline(t, body, 1.25, 0.26, skin)
    t.add(box(-1.2, 2.3, 1.2, 2.5), t.accent, within=body)
    for x in (-0.35, 0.05, 0.4):
        t.add(ribbon([(x * 0.7, 2.6), (x * 1.5, hem)], [0.01, 0.09], smooth=False), t.deep, 0.45, within=body)
    del seated


def _police(t: Tailor, seated: bool) -> None:
    body = t.add(_trunk(t.person), t.cloth)
    _neckline(t, body, 1.1, 0.26, t.inner)
    _tie(t, body)
    _collar(t, brighter(t.cloth, 0.1))
    gold = t.light.tone((222, 180, 88))
    t.add(ribbon([(0.02, 1.05), (0.02, 3.4)], [0.02, 0.025], smooth=False), t.deep, within=body)
    _buttons(t, [1.35, 1.75, 2.15], 0.1, gold)
    t.add(box(-1.2, 2.45, 1.2, 2.66), mix(t.deep, t.light.ink, 0.5), within=body)
    t.add(box(-0.12, 2.43, 0.12, 2.68, 0.03), gold)
    w = shoulder(t.person)
    for s in (-1, 1):
        t.add(polygon([(s * w * 0.5, 0.84), (s * w * 0.92, 0.98), (s * w * 0.9, 1.1), (s * w * 0.48, 0.96)]), gold)
    t.add(polygon([(0.32, 1.4), (0.5, 1.4), (0.5, 1.58), (0.41, 1.68), (0.32, 1.58)]), gold)
    del seated


def _doctor(t: Tailor, seated: bool) -> None:
    b = t.person.build
    hem = 3.7 if seated else 4.6
    body = t.add(_trunk(t.person, [(0.64 * b, 3.1), (0.74 * b, hem), (0.4 * b, hem + 0.06)]), t.cloth)
    _neckline(t, body, 1.9, 0.28, t.light.tone((96, 150, 160)))
    _lapels(t, body, 2.0, brighter(t.cloth, 0.25))
    t.add(ribbon([(-0.26, 0.75), (-0.3, 1.3), (-0.1, 1.7)], [0.05, 0.05, 0.05]), t.light.ink)
    t.add(ribbon([(0.26, 0.75), (0.3, 1.3), (0.32, 1.5)], [0.05, 0.05, 0.05]), t.light.ink)
    t.add(box(0.3, 1.5, 0.52, 1.8), t.deep, 0.4, within=body)


def _apron(t: Tailor, seated: bool) -> None:
    _shirt(t, seated)
    hem = 3.6 if seated else 4.3
    front = blob([(-0.36, 1.35), (0.36, 1.35), (0.6, 2.5), (0.66, hem), (-0.66, hem), (-0.6, 2.5)], 0.6)
    t.add(front, t.accent)
    for s in (-1, 1):
        t.add(ribbon([(s * 0.33, 1.38), (s * 0.22, 0.76)], [0.07, 0.06], smooth=False), brighter(t.accent, -0.2))
    t.add(box(-0.3, 2.55, 0.3, 2.62), brighter(t.accent, -0.25))


def _overalls(t: Tailor, seated: bool) -> None:
    body = t.canvas.fill(t.seat.put(_trunk(t.person)), t.inner)
    t.add(blob([(-0.4, 1.3), (0.4, 1.3), (0.75, 2.3), (0.9, 3.6), (-0.9, 3.6), (-0.75, 2.3)], 0.5), t.cloth, within=body)
    for s in (-1, 1):
        t.add(ribbon([(s * 0.34, 1.4), (s * 0.42, 0.85)], [0.14, 0.12], smooth=False), t.cloth, within=body)
        t.add(ellipse(s * 0.34, 1.42, 0.06), t.light.tone((222, 180, 88)))
    t.add(box(-0.24, 1.6, 0.24, 2.0, 0.04), t.deep, 0.45, within=body)
    del seated


def _shirt(t: Tailor, seated: bool) -> None:
    body = t.add(_trunk(t.person), t.cloth)
    skin = t.light.tone(t.person.skin)
    _neckline(t, body, 1.0, 0.22, skin)
    _collar(t, brighter(t.cloth, 0.14))
    t.add(ribbon([(0.0, 1.0), (0.0, 3.4)], [0.05, 0.05], smooth=False), t.deep, 0.35, within=body)
    _buttons(t, [1.3, 1.7, 2.1, 2.5], 0.0, brighter(t.cloth, 0.3))
    t.add(box(-1.2, 3.1, 1.2, 3.26), t.deep, 0.9, within=body)
    del seated


def _space(t: Tailor, seated: bool) -> None:
    body = t.add(_trunk(t.person, [(0.74, 2.6), (0.78, 3.5)]), t.cloth)
    t.add(ellipse(0, 0.72, 0.5, 0.2), t.deep)
    t.add(box(-0.42, 1.35, 0.42, 2.1, 0.08), mix(t.cloth, t.deep, 0.4), within=body)
    for i, colour in enumerate(((214, 82, 64), (84, 160, 190), (226, 180, 80))):
        t.add(ellipse(-0.22 + i * 0.22, 1.6, 0.06), t.light.tone(colour))
    t.add(box(-0.3, 1.78, 0.3, 1.95, 0.03), t.deep)
    t.add(box(-1.2, 2.6, 1.2, 2.75), t.accent, within=body)
    del seated


_OUTFITS: dict[str, Callable[[Tailor, bool], None]] = {"coat": _coat, "suit": _suit, "sweater": _sweater, "hoodie": _hoodie, "dress": _dress, "police": _police, "doctor": _doctor, "apron": _apron, "overalls": _overalls, "shirt": _shirt, "space": _space}
