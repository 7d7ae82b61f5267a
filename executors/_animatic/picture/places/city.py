# SPDX-License-Identifier: GPL-3.0-or-later
"""Streets, alleys, roofs and roads: places made of fronts and windows."""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

from ..canvas import Canvas, Gradient
from ..colour import Colour, brighter, mix
from ..outline import box, ellipse, polygon, ribbon
from .scene import Scene, ground, lines_between, rows, sky, streetlamp, tree, window

_FRONTS: tuple[Colour, ...] = ((176, 108, 84), (150, 132, 112), (112, 124, 138), (190, 160, 120), (128, 96, 96), (96, 110, 116))


def skyline(s: Scene, foot: float, height: float, depth: float, canvas: Canvas | None = None) -> None:
    """Far blocks with a few lit windows."""
    target = canvas or s.far
    x = s.left - 6
    tone = mix(s.tone((92, 100, 124), depth), s.light.haze, depth * 0.4)
    while x < s.right + 6:
        w, h = s.rng.uniform(6, 15), height * s.rng.uniform(0.4, 1.0)
        s.wash(target, box(x, foot - h, x + w, foot + 1), tone, mix(tone, s.light.haze, 0.45))
        if s.rng.random() < 0.3:
            target.fill(box(x + w * 0.45, foot - h - 4, x + w * 0.5, foot - h), tone)
        for wy in rows(foot - h + 2, foot - 3, 3.1):
            for wx in rows(x + 1.2, x + w - 2, 2.4):
                chance = s.rng.random()
                if s.light.dark and chance < 0.3:
                    target.fill(box(wx, wy, wx + 0.9, wy + 1.3), s.light.lamp, 0.75 * (1 - depth * 0.5))
                elif chance > 0.75:
                    target.fill(box(wx, wy, wx + 0.9, wy + 1.3), s.light.ink, 0.16)
        x += w + s.rng.choice((0.0, 0.0, 1.5))


def front(s: Scene, canvas: Canvas, x: float, width: float, top: float, foot: float, depth: float) -> None:
    """One house front: windows in rows, a cornice, a shop at street level."""
    base = s.rng.choice(_FRONTS)
    wall, dark = s.tone(base, depth), mix(s.tone(base, depth, 0.8), s.light.ink, 0.3)
    s.wash(canvas, box(x, top, x + width, foot), wall, mix(wall, dark, 0.45))
    canvas.fill(box(x - 0.6, top - 1.2, x + width + 0.6, top + 1.0), brighter(wall, 0.12))
    shade = x if s.light.side > 0 else x + width * 0.8
    canvas.fill(box(shade, top + 1, shade + width * 0.2, foot), dark, 0.35)
    count = max(2, int(width / 8))
    step = width / count
    for row in rows(top + 4, foot - 22, 12.5):
        for i in range(count):
            wx = x + step * (i + 0.26)
            on = s.light.dark and s.rng.random() < 0.45
            glass = brighter(s.light.lamp, 0.1) if on else mix(s.light.sky[1], s.light.ink, 0.4)
            canvas.fill(box(wx - 0.4, row - 0.4, wx + step * 0.48 + 0.4, row + 8.2), mix(wall, dark, 0.6))
            canvas.fill(box(wx, row, wx + step * 0.48, row + 7.8), Gradient(0, row, 0, row + 8, (glass, mix(glass, dark, 0.25))))
            canvas.fill(box(wx + step * 0.22, row, wx + step * 0.26, row + 7.8), dark)
            canvas.fill(box(wx - 0.8, row + 8, wx + step * 0.48 + 0.8, row + 8.9), brighter(wall, 0.1))
            if on and s.rng.random() < 0.4:
                canvas.glow(wx + step * 0.24, row + 4, 9, 9, s.light.glow(), 0.3)
    _shop(s, canvas, x, width, foot, wall, dark)


def _shop(s: Scene, canvas: Canvas, x: float, width: float, foot: float, wall: Colour, dark: Colour) -> None:
    sign = s.tone(s.rng.choice(((164, 62, 52), (48, 104, 100), (186, 140, 60), (70, 84, 126))))
    glass = mix(s.light.lamp, wall, 0.15) if s.light.dark else mix(s.light.sky[2], dark, 0.35)
    canvas.fill(box(x + 1.5, foot - 15, x + width - 1.5, foot), mix(wall, dark, 0.7))
    canvas.fill(box(x + 2.5, foot - 13, x + width * 0.66, foot - 2.5), Gradient(0, foot - 13, 0, foot, (glass, mix(glass, dark, 0.3))))
    canvas.fill(box(x + width * 0.72, foot - 13, x + width - 2.5, foot), mix(dark, sign, 0.5))
    canvas.fill(polygon([(x + 1, foot - 16.5), (x + width - 1, foot - 16.5), (x + width, foot - 12.5), (x, foot - 12.5)]), sign)
    for i, sx in enumerate(rows(x + 1, x + width - 4, 3.2)):
        if i % 2:
            canvas.fill(polygon([(sx, foot - 16.5), (sx + 3, foot - 16.5), (sx + 3.1, foot - 12.5), (sx, foot - 12.5)]), brighter(sign, 0.35), 0.8)
    if s.light.dark:
        canvas.glow(x + width * 0.35, foot - 5, width * 0.7, 14, s.light.glow(), 0.45)
        s.far.glow(x + width * 0.35, foot + 3, width * 0.7, 6, s.light.glow(), 0.4)


def street(s: Scene) -> None:
    """A street between two rows of fronts that run towards the middle of the picture."""
    s.horizon = 60
    sky(s)
    skyline(s, 61, 26, 0.62)
    wet = s.light.weather.value in ("rain", "storm")
    ground(s, (96, 98, 106), 60, 0.5 if wet else 0.0)
    _pavements(s)
    for side in (-1, 1):
        _receding(s, side)
    streetlamp(s, s.middle, -30, 84, 62)
    streetlamp(s, s.far, 22, 68, 27, 0.35)
    streetlamp(s, s.far, -12, 64, 16, 0.5)
    if not s.any_of("empty") and s.right - s.left > 120:
        parked_car(s, s.middle, 34, 83, 26)


def _pavements(s: Scene) -> None:
    kerb = s.tone((150, 146, 140), 0.12)
    for side in (-1, 1):
        s.far.fill(polygon([(side * 9, 60), (side * 14, 60), (side * 120, 101), (side * 62, 101)]), kerb)
        s.far.fill(polygon([(side * 9, 60), (side * 9.3, 60), (side * 64, 101), (side * 61, 101)]), brighter(kerb, 0.2))
    for i in range(6):
        y = 62 + i * i * 1.4
        w = 0.25 + i * 0.22
        s.far.fill(polygon([(-w, y), (w, y), (w * 1.3, y + 1 + i * 0.8), (-w * 1.3, y + 1 + i * 0.8)]), s.tone((226, 222, 206), 0.2), 0.7)


def _receding(s: Scene, side: int) -> None:
    """Fronts in slices, each nearer one larger, on one side of the street."""
    edges = (13.0, 20.0, 31.0, 48.0, 74.0, 112.0, 160.0)
    for i in range(len(edges) - 2, -1, -1):
        inner, outer = edges[i], edges[i + 1]
        depth = max(0.0, 0.6 - i * 0.14)
        foot = 60 + (inner - 9) * 0.42
        top = 60 - (inner - 4) * (1.25 + s.rng.uniform(-0.12, 0.2))
        x = inner if side > 0 else -outer
        front(s, s.far if i < 2 else s.middle, x, outer - inner, max(s.top - 30, top), foot + 1.0, depth)


def parked_car(s: Scene, canvas: Canvas, x: float, foot: float, length: float) -> None:
    """A car seen from the side."""
    paint = s.tone(s.rng.choice(((150, 54, 48), (58, 92, 122), (206, 186, 140), (70, 74, 84))))
    dark = mix(paint, s.light.ink, 0.55)
    h = length * 0.3
    canvas.fill(ellipse(x + length / 2, foot, length * 0.54, 1.0), s.light.ink, 0.5)
    canvas.fill(polygon([(x + length * 0.2, foot - h * 0.55), (x + length * 0.32, foot - h), (x + length * 0.68, foot - h), (x + length * 0.82, foot - h * 0.55)]), dark)
    for a, b in ((0.27, 0.48), (0.52, 0.75)):
        canvas.fill(polygon([(x + length * a, foot - h * 0.55), (x + length * (a + 0.07), foot - h * 0.92), (x + length * (b - 0.02), foot - h * 0.92), (x + length * b, foot - h * 0.55)]), mix(s.light.sky[2], dark, 0.45))
    canvas.fill(box(x, foot - h * 0.6, x + length, foot - h * 0.12, h * 0.18), Gradient(0, foot - h * 0.6, 0, foot, (brighter(paint, 0.12), dark)))
    for wx in (0.2, 0.8):
        canvas.fill(ellipse(x + length * wx, foot - h * 0.14, h * 0.2), s.light.ink)
        canvas.fill(ellipse(x + length * wx, foot - h * 0.14, h * 0.09), s.tone((150, 150, 156)))
    if s.light.dark:
        canvas.fill(ellipse(x + length * 0.99, foot - h * 0.42, h * 0.07), (255, 246, 214))
        s.lamp(s.far, x + length, foot - h * 0.42, 14, 0.5)


def alley(s: Scene) -> None:
    """A narrow way between two walls, one lamp, bins and a fire escape."""
    s.horizon = 62
    sky(s)
    skyline(s, 63, 30, 0.6)
    ground(s, (84, 84, 92), 62, 0.45 if s.light.weather.value in ("rain", "storm") else 0.12)
    for side in (-1, 1):
        brick = s.tone((128, 84, 70) if side < 0 else (104, 92, 92), 0.05, 0.3 if side == s.light.side else 0.6)
        wall = polygon([(side * 13, 10), (side * 120, s.top - 60), (side * 120, 118), (side * 13, 64)])
        mask = s.middle.fill(wall, Gradient(side * 13, 0, side * 90, 0, (mix(brick, s.light.haze, 0.5), mix(brick, s.light.ink, 0.45))))
        for i in range(16):
            y = s.top - 20 + i * 9.5
            edge = lines_between((side * 13, 60 - (60 - y) * 0.5), (side * 120, 60 - (60 - y) * 2.4), 0.35)
            s.middle.fill(edge, s.light.ink, 0.2, within=mask)
        for i in range(3):
            x, h = side * (24.0 + i * 20), 13.0 + i * 6
            lit_one = s.light.dark and (i + side) % 3 == 0
            window(s, s.middle, x - (3 + i), 30 - i * 6, 6 + 2 * i, h, mix(brick, s.light.ink, 0.5), (2, 2), lit_one)
    metal = mix(s.tone((70, 66, 70)), s.light.ink, 0.5)
    for y in (22.0, 40.0):
        s.middle.fill(lines_between((-62, y - 4), (-26, y), 1.0), metal)
        s.middle.fill(lines_between((-62, y - 12), (-26, y - 6), 0.5), metal)
        for x in rows(-60, -27, 4):
            s.middle.fill(lines_between((x, y - 11), (x, y - 2), 0.3), metal)
    for x, w in ((-44.0, 13.0), (-33.0, 9.0), (38.0, 15.0)):
        s.middle.fill(box(x, 76 - w * 0.5, x + w, 84, 1), mix(s.tone((64, 84, 78)), s.light.ink, 0.35))
        s.middle.fill(box(x - 0.8, 75 - w * 0.5, x + w + 0.8, 77.5 - w * 0.5, 0.8), s.tone((96, 112, 104)))
    streetlamp(s, s.middle, 27, 76, 44)


def rooftop(s: Scene) -> None:
    """A roof over the city."""
    s.horizon = 66
    sky(s)
    skyline(s, 70, 42, 0.72)
    skyline(s, 76, 30, 0.42)
    deck = s.tone((120, 112, 110))
    s.band(s.middle, 74, s.bottom + 1, deck, mix(deck, s.light.ink, 0.4))
    s.middle.fill(box(s.left - 1, 70, s.right + 1, 75), brighter(deck, 0.12))
    s.middle.fill(box(s.left - 1, 74.4, s.right + 1, 75.6), s.light.ink, 0.35)
    tower = mix(s.tone((110, 78, 62)), s.light.ink, 0.3)
    s.middle.fill(box(-58, 30, -34, 56, 1.5), tower)
    s.middle.fill(polygon([(-60, 31), (-46, 20), (-32, 31)]), brighter(tower, 0.08))
    for x in (-55, -46, -37):
        s.middle.fill(lines_between((x, 55), (x, 75), 1.1), tower)
    for x in (30, 44):
        s.middle.fill(box(x, 60, x + 10, 76, 0.6), s.tone((146, 146, 150)))
        s.middle.fill(ellipse(x + 5, 66, 3.6), s.light.ink, 0.5)


def road(s: Scene) -> None:
    """An open road to the horizon."""
    s.horizon = 56
    sky(s)
    from .scene import ridge

    ridge(s, 57, 14, 0.6, (100, 116, 110))
    ground(s, (134, 130, 92))
    asphalt = s.tone((78, 80, 88), 0.1)
    s.far.fill(polygon([(-1.5, 56), (1.5, 56), (58, 101), (-58, 101)]), Gradient(0, 56, 0, 100, (mix(asphalt, s.light.haze, 0.5), asphalt)))
    for i in range(7):
        y = 57.5 + i * i * 1.05
        w = 0.12 + i * 0.18
        s.far.fill(polygon([(-w, y), (w, y), (w * 1.4, y + 1 + i * 0.7), (-w * 1.4, y + 1 + i * 0.7)]), s.tone((236, 226, 190)))
    for i in range(5):
        x, f = -14 - i * i * 5.4, 60 + i * i * 1.9
        s.middle.fill(lines_between((x, f), (x, f - 10 - i * 8), 0.4 + i * 0.2), mix(s.tone((70, 58, 50)), s.light.haze, 0.4 - i * 0.1))
        s.middle.fill(lines_between((x - 2 - i, f - 9 - i * 7), (x + 2 + i, f - 9 - i * 7), 0.3 + i * 0.15), s.light.ink, 0.6)
    tree(s, s.middle, 52, 74, 38, 0.12)


def bridge(s: Scene) -> None:
    """A bridge over water, its cables running out of the frame."""
    s.horizon = 60
    sky(s)
    skyline(s, 61, 22, 0.7)
    from .nature import water

    water(s, 61, 76)
    deck = s.tone((116, 108, 108))
    s.band(s.middle, 80, s.bottom + 1, deck, mix(deck, s.light.ink, 0.35))
    steel = mix(s.tone((140, 70, 56)), s.light.ink, 0.2)
    for x in (-40, 44):
        s.middle.fill(box(x - 3, s.top - 5, x + 3, 82), steel)
        s.middle.fill(box(x - 3, s.top - 5, x - 1.4, 82), brighter(steel, 0.12))
    for i in rows(s.left, s.right, 9):
        sag = 24 + abs(i - 2) * -0.3
        s.middle.fill(lines_between((i, sag), (i, 78), 0.3), steel)
    s.middle.fill(ribbon([(s.left, 2), (-40, -6), (2, 28), (44, -6), (s.right, 2)], [1.2, 1.2]), steel)
    s.middle.fill(box(s.left - 1, 76.5, s.right + 1, 78), steel)
    s.middle.fill(box(s.left - 1, 79, s.right + 1, 81), brighter(steel, 0.15))
