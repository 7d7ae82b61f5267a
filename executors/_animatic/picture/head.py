# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads: skull, ears, nose, eyes, brows and mouth, seen from the front to three-quarters.

The one idea: a head is drawn in its own unit (its height is 1, its middle is the origin) and
``turn`` (−1 left … 1 right) slides the features over the skull.  Eyes and mouth are painted
apart from the rest, because they are what moves.  Hair, beards and hats are in ``hair.py``.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .canvas import Canvas
from .colour import Colour, brighter, mix
from .light import Light
from .outline import Outline, Point, blob, ellipse, polygon, ribbon
from .raster import Mask
from .visemes import CLOSED, OPEN, REST, ROUND, TEETH, TONGUE, WIDE
from .wardrobe import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a head sits on a canvas: its middle in units, its height, where it faces."""

    x: float
    y: float
    size: float
    turn: float = 0.0
    tilt: float = 0.0  # degrees

    def put(self, outline: Outline) -> Outline:
        """A head-unit outline in the canvas's units."""
        made = outline.scaled(self.size, self.size).moved(self.x, self.y)
        return made.turned(self.tilt, (self.x, self.y)) if self.tilt else made

    def spot(self, x: float, y: float) -> Point:
        """A head-unit point in the canvas's units."""
        return self.x + x * self.size, self.y + y * self.size


_CONTOURS: dict[str, Sequence[Point]] = {
    "man": ((0.27, -0.43), (0.365, -0.2), (0.365, 0.03), (0.33, 0.25), (0.225, 0.42), (0.085, 0.5)),
    "woman": ((0.25, -0.43), (0.345, -0.2), (0.345, 0.02), (0.295, 0.23), (0.165, 0.41), (0.05, 0.485)),
    "child": ((0.28, -0.42), (0.385, -0.18), (0.395, 0.07), (0.34, 0.28), (0.19, 0.42), (0.06, 0.465)),
}  # fmt: skip


def contour(person: Person, turn: float, grow: float = 0.0) -> Outline:
    """The face's edge, turned; ``grow`` widens it."""
    kind = "child" if person.age == "child" else "woman" if person.female else "man"
    side = _CONTOURS[kind]
    wide = (1 + (person.build - 1) * 0.55) * (1 + grow)

    def bend(x: float, y: float) -> Point:
        far = x * turn > 0
        x *= wide * (1 - (0.13 if far else -0.02) * abs(turn))
        if far and -0.15 < y < 0.1:
            x += 0.012 * turn  # brow and cheekbone stand out on the far side
        return x + turn * 0.065 * (y + 0.35), y * (1 + grow)

    right = [bend(x, y) for x, y in side]
    left = [bend(-x, y) for x, y in reversed(side)]
    return blob([bend(0, -0.5), *right, *left])


@dataclass(frozen=True, slots=True)
class Tones:
    """Skin under a light."""

    skin: Colour
    shade: Colour
    blush: Colour
    line: Colour
    white: Colour


def tones(person: Person, light: Light) -> Tones:
    """Skin colours under a light."""
    skin = light.tone(person.skin)
    shade = mix(light.tone(person.skin, shade=0.75), light.tone((150, 60, 50)), 0.22)
    return Tones(skin=skin, shade=shade, blush=mix(skin, light.tone((214, 84, 70)), 0.42), line=mix(light.tone(brighter(person.skin, -0.72)), light.ink, 0.35), white=mix(light.tone((246, 242, 236)), skin, 0.12))


def paint_skull(canvas: Canvas, person: Person, seat: Seat, light: Light, rim: Colour) -> None:
    """Ears, face, its shadow side and nose; no eyes, no mouth."""
    tone = tones(person, light)
    _ears(canvas, person, seat, tone)
    face = canvas.fill(seat.put(contour(person, seat.turn)), tone.skin)
    side = -light.side
    fx = seat.turn * 0.13
    plane = blob(
        [
            (fx + side * 0.21, -0.55), (fx + side * 0.205, -0.12), (fx + side * 0.27, 0.04),
            (fx + side * 0.15, 0.2), (fx + side * 0.16, 0.33), (fx + side * 0.05, 0.6),
            (fx + side * 0.6, 0.6), (fx + side * 0.7, -0.4),
        ]
    )  # fmt: skip
    canvas.fill(seat.put(plane), tone.shade, 0.55, within=face)
    for cheek in (-1, 1):
        x, y = seat.spot(fx + cheek * 0.2, 0.16)
        blush = canvas.mask(ellipse(x, y, 0.085 * seat.size, 0.055 * seat.size))
        canvas.fill(blush, tone.blush, 0.28 if person.female or person.age == "child" else 0.16, within=face)
    if person.age == "old":
        _wrinkles(canvas, seat, tone, fx)
    _nose(canvas, person, seat, tone, light.side)
    edge = seat.put(contour(person, seat.turn)).moved(-light.side * 0.026 * seat.size, 0.012 * seat.size)
    _rim(canvas, face, edge, rim)


def _rim(canvas: Canvas, face: Mask, inner: Outline, rim: Colour) -> None:
    """A line of light where the face is and the inner shape is not."""
    cut = canvas.mask(inner)
    keep = face.cover.copy()
    x, y = cut.x - face.x, cut.y - face.y
    y0, y1 = max(0, y), min(keep.shape[0], y + cut.cover.shape[0])
    x0, x1 = max(0, x), min(keep.shape[1], x + cut.cover.shape[1])
    part = keep[y0:y1, x0:x1]
    part[:] = part - (part.astype("u2") * cut.cover[y0 - y : y1 - y, x0 - x : x1 - x] // 255).astype("u1")
    canvas.fill(Mask(face.x, face.y, keep), rim, 0.6)


def _ears(canvas: Canvas, person: Person, seat: Seat, tone: Tones) -> None:
    for side in (-1, 1):
        if side * seat.turn > 0.3:
            continue
        x = side * 0.365 * (1 + (person.build - 1) * 0.5) - seat.turn * 0.13
        canvas.fill(seat.put(ellipse(x, 0.06, 0.062, 0.1)), tone.skin)
        canvas.fill(seat.put(ellipse(x + side * 0.006, 0.06, 0.03, 0.06)), tone.shade, 0.6)


def _wrinkles(canvas: Canvas, seat: Seat, tone: Tones, fx: float) -> None:
    for side in (-1, 1):
        fold = ribbon([(fx + side * 0.1, 0.16), (fx + side * 0.145, 0.24), (fx + side * 0.13, 0.31)], [0.004, 0.012, 0.004])
        bag = ribbon([(fx + side * 0.09, 0.09), (fx + side * 0.15, 0.105), (fx + side * 0.21, 0.085)], [0.003, 0.01, 0.003])
        canvas.fill(seat.put(fold), tone.shade, 0.8)
        canvas.fill(seat.put(bag), tone.shade, 0.7)
    brow = ribbon([(fx - 0.13, -0.25), (fx, -0.262), (fx + 0.13, -0.25)], [0.003, 0.01, 0.003])
    canvas.fill(seat.put(brow), tone.shade, 0.6)


def _nose(canvas: Canvas, person: Person, seat: Seat, tone: Tones, light_side: float) -> None:
    x = seat.turn * 0.16
    way = seat.turn if abs(seat.turn) > 0.15 else -light_side * 0.5
    s = 1 if way > 0 else -1
    long = 0.17 if person.age != "child" else 0.13
    wide = 0.055 if person.female or person.age == "child" else 0.068
    shadow = polygon([(x - s * 0.005, -0.03), (x + s * 0.022, 0.02), (x + s * wide, long), (x + s * 0.012, long + 0.022), (x - s * 0.01, long - 0.02)])
    canvas.fill(seat.put(shadow), tone.shade, 0.72)
    wing = ribbon([(x + s * wide, long - 0.03), (x + s * (wide + 0.008), long), (x + s * 0.01, long + 0.025), (x - s * 0.035, long + 0.012)], [0.006, 0.014, 0.012, 0.004])
    canvas.fill(seat.put(wing), tone.line, 0.7)
    shine = ribbon([(x - s * 0.012, 0.0), (x + s * 0.004, long - 0.045)], [0.006, 0.018])
    canvas.fill(seat.put(shine), brighter(tone.skin, 0.3), 0.5)


_BROWS = {  # lift of the inner and the outer end, against rest
    "angry": (0.04, -0.03),
    "sad": (-0.045, 0.02),
    "afraid": (-0.05, 0.0),
    "surprised": (-0.06, -0.05),
    "happy": (-0.012, -0.01),
    "tired": (0.012, 0.02),
}
_LIDS = {"tired": 0.6, "sad": 0.8, "angry": 0.78, "happy": 0.82, "surprised": 1.25, "afraid": 1.2}


def paint_eyes(canvas: Canvas, person: Person, seat: Seat, light: Light, feeling: str, openness: float, gaze: float) -> None:
    """Both eyes and brows.  ``openness`` 0 shut – 1; ``gaze`` −1 … 1 sideways."""
    tone = tones(person, light)
    for side in (-1, 1):
        far = side * seat.turn > 0
        squeeze = 1 - (0.24 if far else 0.04) * abs(seat.turn)
        x = seat.turn * 0.135 + side * 0.163 * squeeze
        _eye(canvas, person, seat, tone, x, side, squeeze, openness * _LIDS.get(feeling, 1.0), gaze)
        inner, outer = _BROWS.get(feeling, (0.0, 0.0))
        thick = 0.024 if person.female else 0.038
        y = -0.125 if person.age != "child" else -0.11
        brow = ribbon([(x - side * 0.075 * squeeze, y + 0.012 + inner), (x + side * 0.01, y - 0.018 + (inner + outer) / 2), (x + side * 0.1 * squeeze, y + 0.012 + outer)], [thick * 0.8, thick, thick * 0.35])
        hair = person.hair if person.cut != "bald" else brighter(person.skin, -0.55)
        canvas.fill(seat.put(brow), mix(light.tone(brighter(hair, -0.3)), tone.line, 0.3))
    if person.glasses:
        _glasses(canvas, seat, light)


def _eye(
    canvas: Canvas, person: Person, seat: Seat, tone: Tones,
    x: float, side: int, squeeze: float, openness: float, gaze: float,
) -> None:  # fmt: skip
    wide = (0.082 if person.female else 0.076) * squeeze * (1.08 if person.age == "child" else 1)
    tall = (0.056 if person.female or person.age == "child" else 0.046) * openness
    lash = 0.022 if person.female else 0.016
    y = 0.012
    if tall < 0.012:
        shut = ribbon([(x - wide, y), (x, y + 0.026), (x + wide, y)], [0.008, lash, 0.008])
        canvas.fill(seat.put(shut), tone.line)
        return
    socket = ribbon([(x - wide, y - tall * 0.6 - 0.03), (x, y - tall - 0.036), (x + wide, y - tall * 0.6 - 0.028)], [0.004, 0.014, 0.004])
    canvas.fill(seat.put(socket), tone.shade, 0.7)
    ball = blob([(x - wide, y + 0.006), (x - wide * 0.35, y - tall), (x + wide * 0.4, y - tall * 0.95), (x + wide, y - 0.004), (x + wide * 0.4, y + tall * 0.7), (x - wide * 0.4, y + tall * 0.72)])
    white = canvas.fill(seat.put(ball), tone.white)
    r = 0.046 if person.age != "child" else 0.052
    ix, iy = x + gaze * 0.036 * squeeze, y - 0.004
    dark = brighter(person.hair, -0.35) if sum(person.skin) < 520 else _iris(person)
    canvas.fill(seat.put(ellipse(ix, iy, r * max(0.8, squeeze), r)), mix(dark, tone.line, 0.25), within=white)
    canvas.fill(seat.put(ellipse(ix, iy, r * 0.5)), mix(tone.line, (0, 0, 0), 0.5), within=white)
    canvas.fill(seat.put(ellipse(x, y - tall - 0.004, wide * 1.1, 0.024)), tone.shade, 0.55, within=white)
    canvas.fill(seat.put(ellipse(ix - 0.014, iy - 0.016, 0.013)), (255, 255, 255), 0.95, within=white)
    lid = ribbon([(x - wide * 1.02, y + 0.006), (x - wide * 0.4, y - tall * 0.98), (x + wide * 0.4, y - tall * 0.95), (x + wide * 1.06, y - 0.006)], [lash * 0.5, lash, lash, lash * (0.9 if side > 0 else 0.5)])
    canvas.fill(seat.put(lid), tone.line)
    if person.female:
        flick = ribbon([(x + side * wide * 0.9, y - tall * 0.35), (x + side * wide * 1.28, y - tall * 0.75)], [lash, 0.003], smooth=False)
        canvas.fill(seat.put(flick), tone.line)


def _iris(person: Person) -> Colour:
    colours = ((84, 112, 130), (88, 74, 50), (70, 98, 74), (60, 46, 38))
    return colours[sum(person.identity.encode()) % len(colours)]


def _glasses(canvas: Canvas, seat: Seat, light: Light) -> None:
    frame = light.tone((44, 40, 44))
    for side in (-1, 1):
        squeeze = 1 - (0.24 if side * seat.turn > 0 else 0.04) * abs(seat.turn)
        x = seat.turn * 0.135 + side * 0.163 * squeeze
        lens = ellipse(x, 0.02, 0.125 * squeeze, 0.105)
        canvas.fill(seat.put(lens), (235, 245, 255), 0.13)
        ring = lens + ellipse(x, 0.02, 0.11 * squeeze, 0.09)
        canvas.fill(canvas.mask(seat.put(ring), even_odd=True), frame)
        glint = polygon([(x - 0.05, -0.045), (x - 0.02, -0.055), (x - 0.06, 0.06), (x - 0.08, 0.04)])
        canvas.fill(seat.put(glint), (255, 255, 255), 0.22)
        arm = ribbon([(x + side * 0.12 * squeeze, 0.0), (side * 0.36 - seat.turn * 0.08, 0.02)], [0.018, 0.014], smooth=False)
        if side * seat.turn <= 0.3:
            canvas.fill(seat.put(arm), frame)
    bridge = ribbon([(seat.turn * 0.15 - 0.05, 0.0), (seat.turn * 0.16, -0.012), (seat.turn * 0.15 + 0.05, 0.0)], [0.014, 0.014])
    canvas.fill(seat.put(bridge), frame)


# Half width, height of the opening, how round it is.
_LIPS = {REST: (0.098, 0.0), CLOSED: (0.086, 0.0), OPEN: (0.095, 0.15), WIDE: (0.118, 0.07), ROUND: (0.055, 0.105), TEETH: (0.094, 0.036), TONGUE: (0.1, 0.085)}
_CORNERS = {"happy": -0.034, "sad": 0.03, "angry": 0.02, "afraid": 0.014, "tired": 0.012}


def paint_mouth(canvas: Canvas, person: Person, seat: Seat, light: Light, feeling: str, viseme: str) -> None:
    """The mouth in one shape."""
    tone = tones(person, light)
    wide, tall = _LIPS[viseme]
    x, y = seat.turn * 0.15, 0.288 if person.age != "child" else 0.27
    wide *= 1 - 0.16 * abs(seat.turn)
    corner = _CORNERS.get(feeling, -0.006)
    rouge = (178, 62, 66) if person.female else (168, 84, 76)
    lip = mix(tone.skin, light.tone(rouge), 0.62 if person.female else 0.4)
    full = 0.03 if person.female else 0.021
    top, bottom = y - tall * 0.38, y + tall * 0.62
    upper = blob(
        [
            (x - wide, y + corner),
            (x - wide * 0.45, top - full * 0.9),
            (x - wide * 0.12, top - full * 1.1),
            (x, top - full * 0.75),
            (x + wide * 0.12, top - full * 1.1),
            (x + wide * 0.45, top - full * 0.9),
            (x + wide, y + corner),
            (x + wide * 0.5, bottom + full * 1.1),
            (x, bottom + full * 1.7),
            (x - wide * 0.5, bottom + full * 1.1),
        ]
    )
    canvas.fill(seat.put(upper), lip)
    if tall < 0.01:
        press = 0.017 if viseme == CLOSED else 0.015
        line = ribbon([(x - wide * 1.04, y + corner), (x - wide * 0.4, y + 0.006), (x, y - 0.002), (x + wide * 0.4, y + 0.006), (x + wide * 1.04, y + corner)], [0.008, press, press * 0.8, press, 0.008])
        canvas.fill(seat.put(line), mix(tone.line, (60, 10, 14), 0.3))
    else:
        _opened(canvas, seat, tone, (x, y, wide * 0.86, top, bottom, corner), viseme)
    below = ribbon([(x - 0.04, bottom + full * 1.7 + 0.03), (x + 0.04, bottom + full * 1.7 + 0.03)], [0.004, 0.016, 0.004])
    canvas.fill(seat.put(below), tone.shade, 0.5)


def _opened(canvas: Canvas, seat: Seat, tone: Tones, form: tuple[float, ...], viseme: str) -> None:
    x, y, wide, top, bottom, corner = form
    hole = blob([(x - wide, y + corner * 0.8), (x - wide * 0.5, top), (x, top + 0.004), (x + wide * 0.5, top), (x + wide, y + corner * 0.8), (x + wide * 0.55, bottom - 0.004), (x, bottom), (x - wide * 0.55, bottom - 0.004)])
    inside = canvas.fill(seat.put(hole), mix((64, 14, 20), tone.line, 0.25))
    tall = bottom - top
    teeth = mix(tone.white, (255, 255, 255), 0.2)
    if viseme in (OPEN, TONGUE, ROUND):
        drop = 0.62 if viseme == OPEN else 0.34 if viseme == TONGUE else 0.72
        canvas.fill(seat.put(ellipse(x, top + tall * (drop + 0.32), wide * 0.72, tall * 0.4)), mix((196, 84, 84), tone.shade, 0.3), within=inside)
    if viseme != ROUND:
        deep = {WIDE: 0.5, TEETH: 0.75, OPEN: 0.2, TONGUE: 0.3}.get(viseme, 0.3)
        canvas.fill(seat.put(ellipse(x, top - tall * 0.1, wide * 0.86, tall * (deep + 0.1))), teeth, within=inside)
    if viseme == WIDE:
        canvas.fill(seat.put(ellipse(x, bottom + tall * 0.1, wide * 0.7, tall * 0.32)), teeth, 0.8, within=inside)
