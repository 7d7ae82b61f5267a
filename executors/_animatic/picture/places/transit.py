# SPDX-License-Identifier: GPL-3.0-or-later
"""Stations, carriages, cars, cabins and ships: places that move or that one leaves from."""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import math

from ..canvas import Gradient
from ..colour import brighter, mix
from ..outline import blob, box, ellipse, polygon, ribbon
from .city import skyline
from .nature import bench, water
from .rooms import corridor
from .scene import (
    Scene,
    ground,
    lines_between,
    rain_on_glass,
    ridge,
    rows,
    sky,
    stars,
    streetlamp,
    window,
)


def platform(s: Scene) -> None:
    """A railway platform under a roof, rails, a clock.  Its train is in ``passage.py``."""
    s.horizon = 57
    sky(s)
    if s.any_of("small", "country", "village", "rural", "lonely", "remote", "деревен", "petite gare", "dorf"):
        ridge(s, 58, 13, 0.72, (104, 120, 132))
        ridge(s, 58.5, 6, 0.5, (88, 112, 96))
    else:
        skyline(s, 58, 17, 0.66)
    ground(s, (98, 92, 94), 57)
    _rails(s)
    stone = s.tone((150, 142, 136))
    wet = s.light.weather.value in ("rain", "storm")
    s.far.fill(polygon([(-1, 58), (3, 58), (86, 102), (-120, 102), (s.left - 40, 102), (s.left - 40, 70)]), Gradient(0, 58, 0, 100, (mix(stone, s.light.haze, 0.5), mix(stone, s.light.ink, 0.3))))
    s.far.fill(polygon([(2.4, 58), (3, 58), (86, 102), (75, 102)]), s.tone((226, 196, 104)))
    if wet:
        for _ in range(26):
            y = 62 + 38 * s.rng.random()
            s.far.fill(ellipse(s.rng.uniform(s.left, (y - 58) * 1.8), y, (y - 52) * 0.3, 0.3), s.light.sky[-1], 0.32)
    _canopy(s)
    bench(s, s.middle, -66, 84, 26)


def _rails(s: Scene) -> None:
    for a, b in ((4.4, 118), (6.6, 168)):
        s.far.fill(polygon([(a, 58), (a + 0.25, 58), (b + 5, 102), (b, 102)]), brighter(s.light.sky[-1], 0.15), 0.8)
    for i in range(12):
        y = 59 + i * i * 0.32
        t = (y - 58) / 44
        s.far.fill(box(3.8 + t * 104, y, 7.4 + t * 172, y + 0.25 + t * 1.6), mix(s.tone((70, 56, 50)), s.light.ink, 0.4), 0.7)


def _canopy(s: Scene) -> None:
    iron = mix(s.tone((62, 78, 76)), s.light.ink, 0.45)
    roof = polygon([(-2, 50), (2.5, 50), (30, s.top - 22), (s.left - 60, s.top - 22), (s.left - 60, 26)])
    s.middle.fill(roof, Gradient(0, s.top, 0, 50, (mix(iron, s.light.ink, 0.6), mix(iron, s.light.haze, 0.35))))
    for i in range(6):
        t = i * i * 0.03 + 0.02
        s.middle.fill(lines_between((2.5 + 27 * t * 1.3, 50 - 72 * t * 1.3), (s.left - 40, 30 - 140 * t), 0.4 + i * 0.25), s.light.ink, 0.5)
    for x, foot, w in ((-3.6, 61, 0.5), (-8, 64, 0.8), (-16, 69, 1.3), (-31, 78, 2.1), (-58, 92, 3.4)):
        top = 50 - (foot - 58) * 1.55
        s.middle.fill(box(x - w / 2, top, x + w / 2, foot), mix(iron, s.light.haze, max(0.0, 0.4 - w * 0.12)))
        s.middle.fill(ribbon([(x, top + w * 5), (x + w * 3, top + w), (x + w * 6, top)], [w * 0.5, w * 0.4]), iron)
        if s.light.dark and w > 0.7:
            s.lamp(s.far, x + w * 5, top + w * 4, 8 + w * 6, 0.6, 0.15 if w < 1 else 0.0)
            s.middle.fill(ellipse(x + w * 5, top + w * 3.4, w * 0.9, w * 0.6), brighter(s.light.lamp, 0.6))
            s.far.glow(x + w * 4, foot + 2, 6 + w * 6, 1 + w, s.light.glow(), 0.5)
    s.middle.fill(lines_between((-38, 8), (-38, 17), 0.6), iron)
    s.middle.fill(ellipse(-38, 22, 6), mix(iron, s.light.ink, 0.4))
    s.middle.fill(ellipse(-38, 22, 5), brighter(s.light.lamp, 0.55) if s.light.dark else (244, 240, 228))
    s.middle.fill(lines_between((-38, 22), (-38, 18.2) if s.light.dark else (-35.6, 23.4), 0.55), s.light.ink)
    s.middle.fill(lines_between((-38, 22), (-37.2, 19.6), 0.7), s.light.ink)


def carriage(s: Scene) -> None:
    """Inside a train: windows with the land going by, seats, racks."""
    s.horizon = 44
    wall = s.tone((176, 150, 112))
    s.far.fill(box(s.left - 5, s.top - 5, s.right + 5, s.bottom + 5), Gradient(0, s.top, 0, s.bottom, (mix(wall, s.light.ink, 0.25), wall, mix(wall, s.light.ink, 0.35))))
    for x in rows(-124, 84, 52):
        glass = box(x + 4, 18, x + 46, 54, 4)
        s.far.fill(box(x + 2, 16, x + 48, 56, 5), mix(wall, s.light.ink, 0.45))
        pane = s.far.fill(glass, Gradient(0, 18, 0, 54, s.light.sky))
        s.far.fill(blob([(x - 2, 60), (x + 4, 46), (x + 18, 42), (x + 32, 46), (x + 48, 41), (x + 52, 60)]), mix(s.light.haze, s.light.ink, 0.35), within=pane)
        if s.light.dark:
            for _ in range(6):
                lx, ly = x + s.rng.uniform(6, 44), s.rng.uniform(42, 52)
                s.far.fill(box(lx, ly, lx + s.rng.uniform(1, 5), ly + 0.5), s.light.lamp, 0.9, within=pane)
        s.far.fill(polygon([(x + 12, 18), (x + 20, 18), (x + 10, 54), (x + 2, 54)]), (255, 255, 255), 0.09, within=pane)
        if s.light.weather.value in ("rain", "storm"):
            rain_on_glass(s, s.far, (x + 4, 18, x + 46, 54), pane)
        s.far.fill(box(x + 2, 55.5, x + 48, 58), brighter(wall, 0.14))
    s.far.fill(box(s.left - 5, 8, s.right + 5, 9.6), s.tone((206, 168, 96)))
    for x in rows(s.left, s.right, 26):
        s.lamp(s.far, x, 4, 20, 0.5 if s.light.dark else 0.2, 0.1)
        s.far.fill(box(x - 7, 2.4, x + 7, 4.4, 1), brighter(s.light.lamp, 0.55))
    for x in rows(-118, 90, 52):
        seat = s.tone((112, 46, 50))
        s.middle.fill(box(x - 9, 44, x + 9, 92, 5), Gradient(x - 9, 0, x + 9, 0, (brighter(seat, 0.12), mix(seat, s.light.ink, 0.45))))
        s.middle.fill(box(x - 7, 40, x + 7, 50, 3), brighter(s.tone((220, 208, 184)), 0.05))
        s.middle.fill(box(x - 13, 74, x + 13, 84, 3), brighter(seat, 0.08))
    s.middle.fill(box(s.left - 5, 90, s.right + 5, s.bottom + 5), mix(s.tone((92, 76, 66)), s.light.ink, 0.4))


def subway(s: Scene) -> None:
    """An underground platform: tiles, a vault, the tunnel."""
    corridor(s, (190, 196, 186), (120, 116, 112), (150, 156, 150))
    s.far.fill(ellipse(0, 50, 13, 14), mix(s.light.ink, s.light.haze, 0.1))
    s.lamp(s.far, -3, 52, 9, 0.9)
    s.lamp(s.far, 3, 52, 9, 0.9)
    for side in (-1, 1):
        s.far.fill(polygon([(side * 13, 46), (side * 150, 18), (side * 150, 32), (side * 13, 48)]), s.tone((176, 60, 54)))
        s.far.fill(polygon([(side * 26, 44.6), (side * 60, 37.6), (side * 60, 46.6), (side * 26, 46.8)]), s.tone((236, 232, 222)))
    bench(s, s.middle, 36, 84, 28)


def car(s: Scene) -> None:
    """A car from its bonnet: the road behind through the rear window, seats, the wheel."""
    s.horizon = 40
    sky(s)
    if s.any_of("city", "street", "town", "taxi", "город") or s.light.dark:
        skyline(s, 41, 18, 0.6)
    else:
        ridge(s, 41, 9, 0.6, (96, 116, 110))
    ground(s, (110, 112, 108), 41)
    s.far.fill(polygon([(-1.5, 41), (1.5, 41), (52, 70), (-52, 70)]), s.tone((72, 74, 82), 0.1))
    for i in range(4):
        y = 42 + i * i * 1.3
        s.far.fill(polygon([(-0.2 - i * 0.2, y), (0.2 + i * 0.2, y), (0.4 + i * 0.3, y + 1 + i), (-0.4 - i * 0.3, y + 1 + i)]), s.tone((236, 228, 200)))
    if s.light.dark:
        for _ in range(14):
            x, y = s.rng.uniform(s.left, s.right), s.rng.uniform(20, 46)
            s.far.glow(x, y, 4, 4, s.rng.choice((s.light.lamp, (255, 96, 80), (150, 210, 255))), 0.7)
    cloth = mix(s.tone((92, 84, 84)), s.light.ink, 0.45)
    whole = box(s.left - 60, s.top - 60, s.right + 60, s.bottom + 60)
    rear = blob([(-50, 17), (0, 14), (50, 17), (60, 46), (0, 49), (-60, 46)], 0.7)
    side_l = polygon([(-150, 12), (-76, 17), (-82, 56), (-150, 66)])
    side_r = polygon([(150, 12), (150, 66), (82, 56), (76, 17)])
    frame = whole + rear + side_l + side_r
    s.middle.fill(s.middle.mask(frame, even_odd=True), Gradient(0, 0, 0, 90, (mix(cloth, s.light.ink, 0.35), cloth, mix(cloth, s.light.ink, 0.6))))
    seat = s.tone((120, 82, 62))
    for x in (-34.0, 34.0):
        s.middle.fill(box(x - 24, 42, x + 24, 120, 9), Gradient(x - 24, 0, x + 24, 0, (brighter(seat, 0.12), mix(seat, s.light.ink, 0.5))))
        s.middle.fill(box(x - 9, 27, x + 9, 40, 4), brighter(seat, 0.06))
        s.middle.fill(box(x - 5, 38, x + 5, 45), mix(seat, s.light.ink, 0.6))
    dash = mix(s.light.ink, cloth, 0.25)
    s.near.fill(blob([(s.left - 20, 92), (-40, 87), (40, 87), (s.right + 20, 92), (s.right + 20, 130), (s.left - 20, 130)], 0.6), dash)
    wheel = ellipse(-34, 92, 24, 19) + ellipse(-34, 92, 20.6, 15.8)
    s.near.fill(s.near.mask(wheel, even_odd=True), mix(dash, s.light.haze, 0.1))


def plane(s: Scene) -> None:
    """A cabin with oval windows and rows of seats."""
    s.horizon = 44
    wall = s.tone((206, 210, 212))
    s.far.fill(box(s.left - 5, s.top - 5, s.right + 5, s.bottom + 5), Gradient(0, 0, 0, 100, (brighter(wall, 0.15), wall, mix(wall, s.light.ink, 0.4))))
    s.far.fill(box(s.left - 5, s.top - 5, s.right + 5, 10), mix(wall, s.light.ink, 0.14))
    for x in rows(-110, 110, 27):
        s.far.fill(box(x - 7, 24, x + 7, 46, 6), mix(wall, s.light.ink, 0.2))
        s.far.fill(box(x - 5.6, 25.6, x + 5.6, 44.4, 5), Gradient(0, 25, 0, 45, s.light.sky))
    for x in rows(-104, 112, 36):
        seat = s.tone((62, 84, 120))
        s.middle.fill(box(x - 9, 46, x + 9, 98, 4), Gradient(x - 9, 0, x + 9, 0, (brighter(seat, 0.14), mix(seat, s.light.ink, 0.35))))
        s.middle.fill(box(x - 7, 43, x + 7, 53, 3), brighter(s.tone((220, 222, 224)), 0.1))


def spaceship(s: Scene) -> None:
    """A bridge: a great window on the stars, consoles, strips of light."""
    s.horizon = 56
    s.far.fill(box(s.left - 5, s.top - 5, s.right + 5, s.bottom + 5), Gradient(0, 0, 0, 70, ((4, 6, 18), (16, 14, 44), (38, 22, 66))))
    stars(s, 70)
    s.far.glow(-26, 30, 40, 22, (120, 60, 160), 0.4)
    planet = s.far.fill(ellipse(34, 44, 21), (66, 110, 150))
    s.far.fill(ellipse(34 - s.light.side * 9, 46, 21), (14, 20, 46), 0.75, within=planet)
    hull = mix((70, 78, 92), s.light.ink, 0.35)
    frame = box(s.left - 60, s.top - 60, s.right + 60, s.bottom + 60) + polygon([(-70, 14), (70, 14), (88, 40), (70, 66), (-70, 66), (-88, 40)])
    s.middle.fill(s.middle.mask(frame, even_odd=True), Gradient(0, 0, 0, 100, (mix(hull, s.light.ink, 0.4), hull, mix(hull, s.light.ink, 0.6))))
    for x in (-24.0, 24.0):
        s.middle.fill(polygon([(x - 1.2, 14), (x + 1.2, 14), (x * 1.1 + 1.2, 66), (x * 1.1 - 1.2, 66)]), hull)
    for y in (10.6, 69.0):
        s.middle.fill(box(-72, y, 72, y + 0.9, 0.4), (120, 230, 240))
        s.far.glow(0, y, 76, 7, (90, 210, 230), 0.4)
        s.middle.glow(0, y, 76, 7, (90, 210, 230), 0.35)
    s.middle.fill(polygon([(-80, 78), (80, 78), (100, 104), (-100, 104)]), mix(hull, s.light.ink, 0.3))
    for i, x in enumerate(rows(-68, 66, 11)):
        c = ((120, 230, 240), (240, 150, 90), (150, 240, 160), (240, 90, 110))[i % 4]
        s.middle.fill(box(x, 81 + (i % 3), x + 7, 84 + (i % 3), 0.6), c, 0.85)


def ship_deck(s: Scene) -> None:
    """The deck of a ship at sea."""
    s.horizon = 48
    sky(s)
    water(s, 48, 80)
    wood = s.tone((166, 122, 82))
    s.middle.fill(polygon([(-46, 68), (46, 68), (170, 104), (-170, 104)]), Gradient(0, 68, 0, 100, (wood, mix(wood, s.light.ink, 0.35))))
    for x in rows(-120, 120, 15):
        s.middle.fill(polygon([(x * 0.36 - 0.1, 68), (x * 0.36 + 0.1, 68), (x * 1.3 + 0.3, 102), (x * 1.3 - 0.3, 102)]), s.light.ink, 0.3)
    white = s.tone((230, 228, 220))
    for y in (52.0, 58.0, 64.0):
        s.middle.fill(ribbon([(s.left - 20, y + 22 - (68 - y) * 0.4), (-46, y), (46, y), (s.right + 20, y + 22 - (68 - y) * 0.4)], [0.8, 0.8], smooth=False), white)
    for x in rows(-46, 46, 11.5):
        s.middle.fill(box(x - 0.4, 52, x + 0.4, 69), white)
    s.middle.fill(s.middle.mask(ellipse(30, 60, 5) + ellipse(30, 60, 3), even_odd=True), s.tone((206, 74, 54)))


def airport(s: Scene) -> None:
    """A hall of glass, an aeroplane outside."""
    s.horizon = 56
    sky(s, 64)
    ground(s, (150, 152, 158), 58)
    body = s.tone((232, 232, 234), 0.12)
    s.far.fill(blob([(-52, 50), (-44, 45), (30, 44), (48, 47), (50, 51), (30, 55), (-44, 55)], 0.6), body)
    s.far.fill(polygon([(-50, 48), (-58, 32), (-50, 32), (-38, 46)]), s.tone((190, 74, 62), 0.12))
    s.far.fill(polygon([(-4, 51), (12, 51), (-14, 62), (-22, 62)]), mix(body, s.light.ink, 0.25))
    for x in rows(-36, 36, 4):
        s.far.fill(box(x, 47.6, x + 1.4, 49.2, 0.4), mix(s.light.ink, s.light.sky[0], 0.4))
    frame = mix(s.tone((84, 92, 100)), s.light.ink, 0.3)
    for x in rows(-96, 96, 24):
        s.middle.fill(box(x - 0.8, s.top - 4, x + 0.8, 74), frame)
    for y in (8.0, 40.0, 73.0):
        s.middle.fill(box(s.left - 5, y, s.right + 5, y + 1.2), frame)
    floor = s.tone((170, 172, 176))
    s.band(s.middle, 74, s.bottom + 1, floor, mix(floor, s.light.ink, 0.35))
    for x in rows(-80, 60, 28):
        s.middle.fill(box(x, 76, x + 24, 79, 1.2), s.tone((60, 84, 110)))
        s.middle.fill(box(x, 68, x + 24, 76, 2), s.tone((72, 98, 126)))
    streetlamp(s, s.far, 60, 60, 24, 0.5)


def tunnel(s: Scene) -> None:
    """A tunnel with one far light."""
    corridor(s, (110, 104, 104), (84, 82, 86), (84, 80, 82), lights=False)
    s.far.fill(ellipse(0, 50, 10, 11), brighter(s.light.sky[-1], 0.3))
    s.lamp(s.far, 0, 50, 30, 0.9)
    for i in range(5):
        r = 16 + i * i * 5
        ring = ellipse(0, 50, r, r * 0.94) + ellipse(0, 50, r * 0.94, r * 0.88)
        s.far.fill(s.far.mask(ring, even_odd=True), s.light.ink, 0.35)


def outdoors(s: Scene) -> None:
    """Somewhere outside."""
    s.horizon = 60
    sky(s)
    ridge(s, 61, 16, 0.7, (100, 116, 130))
    ridge(s, 62, 9, 0.5, (96, 122, 104))
    ground(s, (130, 134, 104), 61)
    for x in (s.left * 0.7, s.right * 0.62, s.right * 0.84):
        from .scene import tree

        tree(s, s.middle, x, 76 + math.sin(x) * 2, 34, 0.12)
    house(s, -18, 66, 22)


def house(s: Scene, x: float, foot: float, width: float) -> None:
    """A small house."""
    wall = s.tone((206, 186, 156), 0.3)
    s.far.fill(box(x, foot - width * 0.5, x + width, foot), wall)
    s.far.fill(polygon([(x - 2, foot - width * 0.48), (x + width / 2, foot - width * 0.9), (x + width + 2, foot - width * 0.48)]), s.tone((142, 72, 60), 0.3))
    s.far.fill(box(x + width * 0.42, foot - width * 0.28, x + width * 0.58, foot), s.tone((92, 66, 52), 0.3))
    for wx in (0.14, 0.68):
        window(s, s.far, x + width * wx, foot - width * 0.36, width * 0.16, width * 0.16, wall, (2, 2), s.light.dark)


def house_front(s: Scene) -> None:
    """A house seen from its garden."""
    outdoors(s)
    house(s, -34, 78, 60)
