# SPDX-License-Identifier: GPL-3.0-or-later
"""Hair, beards and hats, in head units (see ``head.py`` for the unit and for ``turn``).

The one idea: hair is two silhouettes, one behind the neck and one over the skull, with one
highlight shape; that is enough to tell people apart at any size.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import math

from .canvas import Canvas
from .colour import Colour, brighter, mix
from .head import Seat, contour, tones
from .light import Light
from .outline import Outline, Point, blob, box, ellipse, joined, polygon, ribbon
from .wardrobe import Person


def _hair_tones(person: Person, light: Light) -> tuple[Colour, Colour, Colour]:
    base = light.tone(person.hair)
    return base, mix(light.tone(person.hair, shade=0.8), light.ink, 0.25), brighter(base, 0.22)


def paint_back(canvas: Canvas, person: Person, seat: Seat, light: Light) -> None:
    """What falls behind the neck; paint it before the body."""
    base, deep, _ = _hair_tones(person, light)
    dark = mix(base, deep, 0.4)
    t = seat.turn
    shape: Outline | None = None
    match person.cut:
        case "long":
            shape = blob([(-0.40 - t * 0.08, -0.2), (-0.3, -0.53), (0, -0.6), (0.3, -0.53), (0.40 - t * 0.08, -0.2), (0.46 - t * 0.1, 0.45), (0.5 - t * 0.12, 1.05), (0.2, 1.22), (-0.2, 1.22), (-0.5 - t * 0.12, 1.05), (-0.46 - t * 0.1, 0.45)])
        case "bob":
            shape = blob([(-0.42 - t * 0.06, -0.2), (-0.3, -0.53), (0, -0.6), (0.3, -0.53), (0.42 - t * 0.06, -0.2), (0.48 - t * 0.08, 0.3), (0.4 - t * 0.08, 0.52), (-0.4 - t * 0.08, 0.52), (-0.48 - t * 0.08, 0.3)])
        case "ponytail":
            x = -0.36 * (1 if t >= 0 else -1)
            shape = ribbon([(x * 0.7, -0.3), (x * 1.45, -0.15), (x * 1.6, 0.35), (x * 1.35, 0.95)], [0.1, 0.28, 0.3, 0.05])
        case "braid":
            x = -0.3 * (1 if t >= 0 else -1)
            shape = joined(ellipse(x * (1.1 + 0.12 * math.sin(i)), 0.25 + i * 0.17, 0.105, 0.12) for i in range(6))
        case "curly":
            shape = joined(ellipse(math.sin(a) * 0.4 - t * 0.05, -0.12 - math.cos(a) * 0.42, 0.2) for a in (-2.0, -1.55, -1.1, -0.65, -0.2, 0.25, 0.7, 1.15, 1.6, 2.0))
        case "bun":
            shape = ellipse(-t * 0.2, -0.62, 0.19, 0.17)
    if shape is not None and person.hat not in ("helmet", "scarf"):
        canvas.fill(seat.put(shape), dark)


def paint_rear(canvas: Canvas, person: Person, seat: Seat, light: Light) -> None:
    """A head from behind: all hair, or all skin, and the hat."""
    base, dark, _ = _hair_tones(person, light)
    tone = tones(person, light)
    for side in (-1, 1):
        canvas.fill(seat.put(ellipse(side * 0.38, 0.06, 0.07, 0.11)), tone.skin)
    skull = contour(person, 0.0, 0.05).scaled(1.0, 0.9, (0, -0.5))
    canvas.fill(seat.put(skull), tone.skin if person.cut == "bald" else base)
    if person.cut != "bald":
        nape = blob([(-0.3, 0.2), (0, 0.28), (0.3, 0.2), (0.22, 0.46), (-0.22, 0.46)])
        canvas.fill(seat.put(nape), dark)
    match person.hat:
        case "fedora" | "peaked" | "cap" | "beanie":
            crown = blob([(-0.42, -0.16), (-0.42, -0.5), (-0.2, -0.72), (0.2, -0.72), (0.42, -0.5), (0.42, -0.16), (0, -0.12)], 0.9)
            canvas.fill(seat.put(crown), light.tone(brighter(person.outer, -0.25)))
            wide = 0.72 if person.hat == "fedora" else 0.44
            canvas.fill(seat.put(ellipse(0, -0.18, wide, 0.1)), dark)
        case "scarf" | "helmet":
            canvas.fill(seat.put(ellipse(0, 0, 0.5, 0.6)), light.tone(person.accent))


def _cap(t: float, sides: float, hairline: list[Point], lift: float = 0.0) -> Outline:
    """Hair over the skull: down to ``sides`` at the temples, with the given hairline."""
    outer = [(-0.372, sides), (-0.408, -0.2), (-0.33, -0.44 - lift * 0.6), (-0.14, -0.555 - lift), (0.1, -0.565 - lift), (0.31, -0.46 - lift * 0.6), (0.4, -0.2), (0.372, sides)]
    outer = [(x * 1.02 - t * 0.045 * (0.4 - y), y) for x, y in outer]
    inner = [(x + t * 0.075, y) for x, y in hairline]
    return blob([*outer, *inner], 0.9)


_LINES: dict[str, tuple[float, float, list[Point]]] = {
    # how far down the temples, how high, the hairline from right to left
    "short": (-0.02, 0.02, [(0.335, -0.1), (0.3, -0.27), (0.12, -0.31), (-0.12, -0.36), (-0.29, -0.25), (-0.335, -0.1)]),
    "buzz": (-0.06, -0.015, [(0.33, -0.16), (0.27, -0.31), (0.0, -0.36), (-0.27, -0.31), (-0.33, -0.16)]),
    "swept": (-0.02, 0.1, [(0.34, -0.1), (0.3, -0.3), (0.1, -0.4), (-0.14, -0.37), (-0.3, -0.24), (-0.34, -0.1)]),
    "messy": (0.0, 0.05, [(0.335, -0.06), (0.28, -0.2), (0.18, -0.14), (0.08, -0.25), (-0.04, -0.17), (-0.16, -0.27), (-0.27, -0.16), (-0.335, -0.06)]),
    "curly": (0.0, 0.05, [(0.33, -0.06), (0.29, -0.27), (0.12, -0.33), (-0.1, -0.33), (-0.29, -0.26), (-0.33, -0.06)]),
    "long": (0.46, 0.02, [(0.3, 0.44), (0.305, 0.0), (0.27, -0.22), (0.06, -0.4), (-0.2, -0.24), (-0.3, -0.02), (-0.315, 0.44)]),
    "bob": (0.4, 0.02, [(0.29, 0.42), (0.3, 0.0), (0.26, -0.15), (0.08, -0.185), (-0.14, -0.2), (-0.28, -0.13), (-0.31, 0.02), (-0.3, 0.42)]),
    "ponytail": (0.02, 0.0, [(0.335, -0.02), (0.3, -0.24), (0.12, -0.38), (-0.1, -0.38), (-0.3, -0.24), (-0.335, -0.02)]),
    "bun": (0.06, 0.0, [(0.33, 0.02), (0.305, -0.2), (0.05, -0.4), (-0.22, -0.29), (-0.325, 0.02)]),
    "braid": (0.05, 0.0, [(0.33, 0.0), (0.3, -0.22), (0.1, -0.38), (-0.1, -0.38), (-0.3, -0.22), (-0.33, 0.0)]),
}


def paint_front(canvas: Canvas, person: Person, seat: Seat, light: Light) -> None:
    """Hair over the skull, beard and hat; paint it after the skull."""
    base, dark, shine = _hair_tones(person, light)
    t = seat.turn
    if person.beard:
        _beard(canvas, person, seat, light)
    if person.cut != "bald" and person.hat not in ("helmet", "scarf"):
        sides, lift, line = _LINES.get(person.cut, _LINES["short"])
        if t < 0:
            line = [(-x, y) for x, y in reversed(line)]
        mass = canvas.fill(seat.put(_cap(t, sides, line, lift)), base)
        away = -light.side
        shadow = blob([(away * 0.12, -0.8), (away * 0.2, -0.4), (away * 0.26, 0.5), (away * 0.9, 0.6), (away * 0.9, -0.8)])
        canvas.fill(seat.put(shadow), dark, 0.6, within=mass)
        s = light.side
        gleam = ribbon([(s * 0.36, -0.22), (s * 0.25, -0.42), (s * 0.06, -0.5)], [0.004, 0.05, 0.004])
        canvas.fill(seat.put(gleam), shine, 0.6, within=mass)
        if person.cut in ("short", "swept", "long", "messy"):
            part = ribbon([(-0.1 * (t or 1), -0.56), (0.02, -0.45), (0.16, -0.37)], [0.004, 0.014, 0.003])
            canvas.fill(seat.put(part), dark, 0.7, within=mass)
    elif person.cut == "bald":
        fringe = joined([ribbon([(s * 0.37 - t * 0.05, 0.08), (s * 0.385 - t * 0.05, -0.06), (s * 0.37 - t * 0.04, -0.16)], [0.03, 0.06, 0.02]) for s in (-1, 1) if s * t <= 0.3])
        canvas.fill(seat.put(fringe), base)
    if person.hat:
        _hat(canvas, person, seat, light)


def _beard(canvas: Canvas, person: Person, seat: Seat, light: Light) -> None:
    t, tone = seat.turn, tones(person, light)
    base = light.tone(brighter(person.hair, -0.08))
    face = canvas.mask(seat.put(contour(person, t, 0.03)))
    x = t * 0.14
    if person.beard == "stubble":
        jaw = blob([(-0.4, 0.12), (x - 0.15, 0.22), (x, 0.19), (x + 0.15, 0.22), (0.4, 0.12), (0.35, 0.6), (-0.35, 0.6)])
        canvas.fill(seat.put(jaw), mix(base, tone.shade, 0.5), 0.35, within=face)
        return
    if person.beard == "full":
        jaw = blob([(-0.37 - t * 0.03, 0.0), (-0.3 + t * 0.05, 0.14), (x - 0.16, 0.235), (x - 0.13, 0.34), (x, 0.37), (x + 0.13, 0.34), (x + 0.16, 0.235), (0.3 + t * 0.05, 0.14), (0.37 - t * 0.03, 0.0), (0.36 + t * 0.02, 0.3), (0.2 + t * 0.06, 0.54), (t * 0.08, 0.61), (-0.2 + t * 0.06, 0.54), (-0.36 + t * 0.02, 0.3)])
        canvas.fill(seat.put(jaw), base)
    lip = blob([(x, 0.205), (x + 0.1, 0.225), (x + 0.165, 0.29), (x + 0.08, 0.268), (x, 0.25), (x - 0.08, 0.268), (x - 0.165, 0.29), (x - 0.1, 0.225)])
    canvas.fill(seat.put(lip), base)


def _hat(canvas: Canvas, person: Person, seat: Seat, light: Light) -> None:
    t = seat.turn
    felt = light.tone(brighter(person.outer, -0.25))
    dark = mix(light.tone(person.outer, shade=0.8), light.ink, 0.4)
    band = light.tone(person.accent)
    match person.hat:
        case "fedora":
            crown = blob([(-0.4, -0.3), (-0.36, -0.62), (-0.2, -0.79), (0.0, -0.74), (0.2, -0.8), (0.36, -0.62), (0.4, -0.3), (0, -0.24)], 0.8)
            mass = canvas.fill(seat.put(crown.moved(-t * 0.03, 0.02)), felt)
            canvas.fill(seat.put(box(-0.5, -0.43, 0.5, -0.31)), dark, within=mass)
            brim = blob([(-0.72 + t * 0.07, -0.27), (-0.42, -0.36), (0, -0.32), (0.42, -0.36), (0.72 + t * 0.07, -0.27), (0.38, -0.17), (0 + t * 0.1, -0.13), (-0.38, -0.17)])
            canvas.fill(seat.put(brim), felt)
            canvas.fill(seat.put(ribbon([(-0.6 + t * 0.07, -0.25), (t * 0.1, -0.15), (0.6 + t * 0.07, -0.25)], [0.01, 0.05, 0.01])), dark, 0.6)
        case "peaked":
            cap = blob([(-0.39, -0.26), (-0.5, -0.56), (-0.2, -0.72), (0.2, -0.72), (0.5, -0.56), (0.39, -0.26), (0, -0.2)], 0.9)
            canvas.fill(seat.put(cap), felt)
            canvas.fill(seat.put(box(-0.4, -0.43, 0.4, -0.3, 0.02)), dark)
            canvas.fill(seat.put(ellipse(t * 0.12, -0.47, 0.06, 0.075)), light.tone((224, 184, 92)))
            visor = blob([(-0.34 + t * 0.06, -0.31), (0.34 + t * 0.06, -0.31), (0.3 + t * 0.14, -0.19), (t * 0.16, -0.15), (-0.3 + t * 0.14, -0.19)])
            canvas.fill(seat.put(visor), mix(dark, light.ink, 0.6))
        case "beanie":
            dome = blob([(-0.42, -0.22), (-0.4, -0.5), (-0.2, -0.68), (0.2, -0.68), (0.4, -0.5), (0.42, -0.22), (0, -0.18)], 0.9)
            canvas.fill(seat.put(dome), band)
            canvas.fill(seat.put(box(-0.43, -0.34, 0.43, -0.17, 0.06)), brighter(band, -0.2))
        case "cap":
            dome = blob([(-0.4, -0.24), (-0.37, -0.5), (-0.15, -0.64), (0.15, -0.64), (0.37, -0.5), (0.4, -0.24), (0, -0.22)], 0.9)
            canvas.fill(seat.put(dome), band)
            way = t if abs(t) > 0.1 else 0.1
            canvas.fill(seat.put(blob([(-0.2 + way * 0.2, -0.29), (0.2 + way * 0.35, -0.3), (way * 0.82, -0.2), (0.1 + way * 0.5, -0.16), (-0.22 + way * 0.3, -0.2)])), brighter(band, -0.3))
        case "scarf":
            wrap = blob([(-0.46, 0.3), (-0.47, -0.2), (-0.32, -0.52), (0, -0.62), (0.32, -0.52), (0.47, -0.2), (0.46, 0.3), (0.25, 0.66), (-0.25, 0.66)])
            face = contour(person, t, -0.13).moved(t * 0.03, 0.015)
            mask = canvas.mask(seat.put(wrap + face), even_odd=True)
            canvas.fill(mask, band)
        case "helmet":
            ring = ellipse(0, -0.02, 0.62, 0.66)
            canvas.fill(seat.put(ring), (210, 230, 245), 0.14)
            mask = canvas.mask(seat.put(ring + ellipse(0, -0.02, 0.57, 0.61)), even_odd=True)
            canvas.fill(mask, light.tone((222, 222, 216)))
            canvas.fill(seat.put(polygon([(-0.4, -0.3), (-0.28, -0.44), (-0.3, -0.1), (-0.42, -0.02)])), (255, 255, 255), 0.3)
