# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms people work and meet in: offices, bars, shops, wards, classrooms, churches …"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import itertools
import math

from ..canvas import Gradient
from ..colour import Colour, brighter, mix
from ..outline import blob, box, ellipse, polygon
from .rooms import chair, corridor, floor_lamp, pendant, picture_frame, plant, shell, sofa, table
from .scene import Scene, light_shaft, lines_between, rows, window


def _blinds(s: Scene, x: float, y: float, w: float, h: float) -> None:
    window(s, s.far, x, y, w, h, s.tone((206, 200, 190)), (2, 1))
    for i in rows(y + 0.6, y + h - 1, 2.2):
        s.far.fill(box(x, i, x + w, i + 1.1), s.tone((224, 216, 200)), 0.85)


def office(s: Scene) -> None:
    """Desk, screen, shelves, blinds."""
    shell(s, (152, 158, 160) if not s.light.dark else (112, 114, 124), (104, 100, 98))
    _blinds(s, -46, 14, 40, 34)
    light_shaft(s, s.far, -46, 14, 40, 34, 34)
    shelf(s, 22, 12, 44, 46)
    table(s, s.middle, -8, 68, 62, (126, 96, 72))
    s.middle.fill(box(18, 49, 40, 64, 1), mix(s.light.ink, s.tone((60, 62, 70)), 0.4))
    s.middle.fill(box(19.2, 50.2, 38.8, 62.2, 0.5), mix((150, 196, 214), s.light.ink, 0.2))
    s.far.glow(29, 56, 22, 20, (150, 200, 220), 0.3)
    s.middle.fill(box(27, 64, 31, 67), s.light.ink)
    for i in range(3):
        s.middle.fill(box(2, 65.4 - i * 1.5, 13, 66.8 - i * 1.5), s.tone(((232, 226, 212), (186, 92, 62), (120, 146, 150))[i]))
    floor_lamp(s, -58, 84, 42)
    plant(s, s.middle, 72, 84, 26)


def shelf(s: Scene, x: float, y: float, w: float, h: float, wood: Colour = (116, 82, 58)) -> None:
    """Shelves full of books."""
    tone = s.tone(wood)
    s.far.fill(box(x, y, x + w, y + h), mix(tone, s.light.ink, 0.45))
    shades = ((168, 72, 56), (62, 96, 110), (204, 164, 96), (88, 104, 78), (216, 206, 184), (112, 78, 98))
    for top in rows(y + 1, y + h - 10, 11.2):
        at = x + 1.4
        while at < x + w - 2.4:
            wide, tall = s.rng.uniform(0.9, 2.0), s.rng.uniform(6.2, 9.2)
            if s.rng.random() > 0.12:
                s.far.fill(box(at, top + 9.6 - tall, at + wide, top + 9.6), s.tone(s.rng.choice(shades), 0.06))
            at += wide + 0.15
        s.far.fill(box(x, top + 9.6, x + w, top + 10.8), tone)
    s.far.fill(box(x - 1, y - 1.5, x + w + 1, y + 0.6), brighter(tone, 0.1))


def library(s: Scene) -> None:
    """Walls of books, green lamps."""
    shell(s, (110, 86, 66), (98, 68, 52), side_wall=False)
    for x in rows(s.left, s.right, 46):
        shelf(s, x, 4, 42, 66)
    table(s, s.middle, -40, 72, 78, (112, 70, 48))
    for x in (-18, 18):
        s.middle.fill(lines_between((x, 70), (x, 62), 0.8), s.tone((196, 164, 92)))
        s.middle.fill(box(x - 6, 59, x + 6, 62.6, 1.6), s.tone((52, 116, 84)))
        s.lamp(s.far, x, 64, 20, 0.6, 0.06)


def bar(s: Scene) -> None:
    """Bottles on lit shelves, a counter, stools, hanging lamps."""
    shell(s, (104, 70, 62), (84, 62, 54), side_wall=False)
    s.far.fill(box(-62, 10, 62, 54), mix(s.tone((86, 54, 44)), s.light.ink, 0.35))
    for y in (22.0, 36.0, 50.0):
        s.far.glow(0, y - 5, 64, 10, s.light.glow(), 0.5)
        for x in rows(-58, 58, 2.9):
            if s.rng.random() < 0.82:
                h = s.rng.uniform(5, 9)
                c = s.tone(s.rng.choice(((196, 112, 48), (92, 128, 92), (208, 186, 130), (140, 60, 52), (120, 158, 170))))
                s.far.fill(box(x, y - h * 0.66, x + 1.9, y, 0.3), c)
                s.far.fill(box(x + 0.6, y - h, x + 1.3, y - h * 0.6), c)
                s.far.fill(box(x + 0.3, y - h * 0.6, x + 0.6, y - 0.5), (255, 255, 255), 0.3)
        s.far.fill(box(-62, y, 62, y + 1.2), s.tone((150, 98, 62)))
    wood = s.tone((128, 76, 50))
    s.middle.fill(box(s.left - 2, 66, s.right + 2, s.bottom + 2), Gradient(0, 66, 0, s.bottom, (mix(wood, s.light.ink, 0.25), mix(wood, s.light.ink, 0.65))))
    for x in rows(s.left, s.right, 15):
        s.middle.fill(box(x, 70, x + 12.5, 98, 0.8), s.light.ink, 0.18)
    s.middle.fill(box(s.left - 2, 62.6, s.right + 2, 66.6), Gradient(0, 62, 0, 67, (brighter(wood, 0.32), wood)))
    for x in (-44, -2, 40):
        pendant(s, x, 18, 24, (60, 84, 78))
    for x in (-30, 24):
        s.middle.fill(box(x, 56, x + 3.4, 62.8, 0.5), (236, 240, 240), 0.34)
        s.middle.fill(box(x + 0.4, 58.6, x + 3, 62.4, 0.4), s.tone((206, 134, 52)))


def cafe(s: Scene) -> None:
    """Big window, small tables, plants, hanging lamps."""
    shell(s, (174, 138, 104), (128, 92, 66))
    window(s, s.far, -56, 12, 66, 44, s.tone((70, 60, 54)), (4, 2))
    light_shaft(s, s.far, -56, 12, 66, 44, 34)
    s.far.fill(box(22, 14, 56, 38, 1), mix(s.light.ink, (40, 60, 52), 0.5))
    for i, w in enumerate((20, 26, 16, 23)):
        s.far.fill(box(26, 18 + i * 4.6, 26 + w, 19.2 + i * 4.6, 0.5), s.tone((230, 226, 210)), 0.8)
    for x in (-52, 30):
        chair(s, s.middle, x - 9, 86, 24)
        s.middle.fill(ellipse(x + 12, 68, 15, 2.4), s.tone((196, 148, 100)))
        s.middle.fill(lines_between((x + 12, 69), (x + 12, 90), 1.1), s.light.ink)
        s.middle.fill(box(x + 9, 63.4, x + 12.4, 67.2, 0.7), s.tone((236, 230, 218)))
    for x in (-34, 6, 46):
        pendant(s, x, 18, 22)
    plant(s, s.middle, 70, 84, 30)


def restaurant(s: Scene) -> None:
    """White tablecloths, candles, wall lights."""
    shell(s, (128, 64, 58), (94, 66, 54))
    for x in (-50, 0, 50):
        s.lamp(s.far, x, 26, 22, 0.6, 0.05)
        s.far.fill(polygon([(x - 2.4, 28), (x + 2.4, 28), (x + 1.4, 22), (x - 1.4, 22)]), brighter(s.light.lamp, 0.4))
    picture_frame(s, -34, 20, 20, 15)
    picture_frame(s, 16, 20, 20, 15)
    for x in (-50, 26):
        cloth = s.tone((236, 230, 218))
        chair(s, s.middle, x - 14, 88, 26, (110, 60, 50))
        s.middle.fill(polygon([(x, 68), (x + 28, 68), (x + 31, 90), (x - 3, 90)]), mix(cloth, s.light.shadow, 0.3))
        s.middle.fill(ellipse(x + 14, 68, 15.5, 2.6), cloth)
        s.middle.fill(box(x + 13, 60, x + 15, 67.6), brighter(cloth, 0.2))
        s.lamp(s.middle, x + 14, 58.6, 12, 0.7, 0.35)


def shop(s: Scene) -> None:
    """Shelves of goods and a till."""
    shell(s, (206, 200, 184), (170, 160, 146), side_wall=False)
    shades = ((206, 84, 62), (232, 182, 76), (84, 140, 150), (120, 160, 96), (238, 232, 220), (150, 96, 140))
    for y in (14.0, 30.0, 46.0, 62.0):
        s.far.fill(box(s.left, y + 9, s.right, y + 10.4), s.tone((150, 140, 130)))
        for x in rows(s.left, s.right, 4.2):
            if s.rng.random() < 0.88:
                h = s.rng.uniform(4.5, 8.5)
                s.far.fill(box(x, y + 9 - h, x + 3.6, y + 9, 0.5), s.tone(s.rng.choice(shades), 0.1))
    s.middle.fill(box(22, 66, 92, s.bottom + 2), s.tone((126, 96, 76)))
    s.middle.fill(box(20, 63, 94, 66.4), s.tone((204, 186, 160)))
    s.middle.fill(box(36, 54, 52, 63, 1), mix(s.light.ink, s.tone((80, 84, 92)), 0.5))
    for x in rows(-60, 60, 40):
        s.far.fill(box(x - 12, 2, x + 12, 3.6, 0.8), (255, 252, 240))
        s.lamp(s.far, x, 3, 26, 0.35)


def hospital(s: Scene) -> None:
    """A ward's corridor."""
    corridor(s, (206, 218, 214), (166, 180, 178), (128, 162, 166))
    s.middle.fill(box(34, 66, 74, 71, 1.5), s.tone((236, 238, 236)))
    s.middle.fill(box(32, 71, 76, 73), s.tone((146, 154, 160)))
    for x in (36, 72):
        s.middle.fill(lines_between((x, 73), (x, 84), 0.8), s.tone((120, 128, 136)))
        s.middle.fill(ellipse(x, 85, 1.6), s.light.ink)


def classroom(s: Scene) -> None:
    """Blackboard and desks."""
    shell(s, (204, 194, 160), (146, 112, 80))
    s.far.fill(box(-36, 18, 36, 50, 0.8), s.tone((140, 100, 66)))
    s.far.fill(box(-34, 20, 34, 48), mix(s.tone((50, 84, 72)), s.light.ink, 0.2))
    for i, w in enumerate((38, 26, 32)):
        s.far.fill(box(-28, 25 + i * 6, -28 + w, 25.8 + i * 6, 0.3), (236, 236, 226), 0.55)
    s.far.fill(ellipse(20, 36, 6.5), (236, 236, 226), 0.25)
    window(s, s.far, 46, 14, 24, 36, s.tone((230, 226, 214)), (2, 3))
    for x in (-66, -24, 20, 62):
        table(s, s.middle, x - 14, 78, 28, (178, 132, 84))


def warehouse(s: Scene) -> None:
    """High racks, crates, skylights."""
    shell(s, (112, 112, 116), (112, 106, 104))
    for x in rows(-60, 60, 30):
        s.far.fill(polygon([(x - 7, 4), (x + 7, 4), (x + 9, 11), (x - 9, 11)]), brighter(s.light.sky[-1], 0.2))
        beam = polygon([(x - 8, 10), (x + 8, 10), (x + 24, 98), (x - 8, 98)])
        s.far.light(s.far.mask(beam), s.light.sky[-1], 0.12)
    steel = mix(s.tone((86, 96, 112)), s.light.ink, 0.35)
    for x in (-70, 26):
        for y in (26.0, 44.0, 62.0):
            s.middle.fill(box(x, y, x + 48, y + 1.6), s.tone((198, 110, 52)))
            for c in rows(x + 2, x + 38, 12):
                if s.rng.random() < 0.8:
                    h = s.rng.uniform(8, 13)
                    s.middle.fill(box(c, y - h, c + 10, y), s.tone((170, 128, 84), 0.1))
                    s.middle.fill(box(c + 4.4, y - h, c + 5.6, y), s.tone((206, 172, 124), 0.1))
        for px in (x, x + 47):
            s.middle.fill(box(px, 12, px + 1.4, 84), steel)
    s.near.fill(box(s.left - 3, 84, s.left + 34, s.bottom + 2), mix(s.light.ink, s.tone((150, 110, 70)), 0.3))


def prison(s: Scene) -> None:
    """A cell, its bars in front."""
    shell(s, (116, 122, 122), (96, 96, 98))
    window(s, s.far, -10, 16, 20, 15, s.tone((90, 92, 96)), (4, 1))
    light_shaft(s, s.far, -10, 16, 20, 15, 50)
    s.middle.fill(box(-64, 64, -10, 68, 0.6), s.tone((150, 150, 148)))
    s.middle.fill(box(-62, 60, -12, 64, 1.4), s.tone((176, 168, 150)))
    s.middle.fill(lines_between((-60, 68), (-60, 86), 1.2), s.light.ink)
    for x in rows(s.left, s.right, 17):
        if abs(x) > 22:
            s.near.fill(box(x - 0.9, s.top - 10, x + 0.9, s.bottom + 10), mix(s.light.ink, s.tone((90, 90, 96)), 0.25))


def church(s: Scene) -> None:
    """Nave, arches, stained glass, pews."""
    shell(s, (158, 146, 132), (120, 104, 92), side_wall=False)
    stone = s.tone((168, 156, 140))
    glass = ((196, 74, 62), (232, 180, 76), (62, 112, 160), (98, 146, 96))
    for x in (-46, 0, 46):
        s.far.fill(blob([(x - 9, 58), (x - 9, 22), (x, 6), (x + 9, 22), (x + 9, 58)], 0.5), mix(stone, s.light.ink, 0.4))
        pane = s.far.mask(blob([(x - 7, 56), (x - 7, 23), (x, 9), (x + 7, 23), (x + 7, 56)], 0.5))
        for i in range(4):
            for j in range(8):
                c = glass[(i * 3 + j * 5 + int(x)) % 4]
                bright = mix(c, s.light.sky[-1], 0.35) if not s.light.dark else mix(c, s.light.ink, 0.45)
                s.far.fill(box(x - 7 + i * 3.5, 8 + j * 6, x - 3.7 + i * 3.5, 13.6 + j * 6), bright, within=pane)
        beam = polygon([(x - 7, 14), (x + 7, 14), (x + 7 - s.light.side * 30, 96), (x - 14 - s.light.side * 30, 96)])
        s.far.light(s.far.mask(beam), s.light.sky[-1], 0.1 if s.light.dark else 0.2)
    for x in (-24, 24, -70, 70):
        s.far.fill(box(x - 3.4, s.top - 4, x + 3.4, 74), Gradient(x - 3.4, 0, x + 3.4, 0, (brighter(stone, 0.14), mix(stone, s.light.ink, 0.4))))
    for i, y in enumerate((76.0, 83.0, 92.0)):
        for side in (-1, 1):
            s.middle.fill(box(min(side * 8, side * 110), y, max(side * 8, side * 110), y + 4 + i * 2, 0.6), mix(s.tone((116, 76, 50)), s.light.ink, 0.15 + 0.14 * i))


def theatre(s: Scene) -> None:
    """Stage, curtains, rows of seats."""
    shell(s, (92, 48, 52), (120, 84, 60), boards=True, side_wall=False)
    for side in (-1, 1):
        for i in range(7):
            x = side * (34.0 + i * 8)
            s.far.fill(box(min(x, x + side * 8.4), s.top - 4, max(x, x + side * 8.4), 74), Gradient(x, 0, x + side * 8, 0, (s.tone((168, 46, 46)), s.tone((84, 22, 30)))))
    for i in range(12):
        s.far.fill(ellipse(-66 + i * 12, 6, 8, 10), s.tone((150, 40, 42)))
    s.far.glow(0, 62, 60, 40, s.light.glow(0.5), 0.45)
    s.far.light(s.far.mask(polygon([(-6, -6), (6, -6), (30, 86), (-30, 86)])), s.light.glow(0.4), 0.22)
    for x in rows(s.left, s.right, 13):
        s.near.fill(blob([(x, 104), (x, 95), (x + 5.5, 92), (x + 11, 95), (x + 11, 104)], 0.7), mix(s.light.ink, s.tone((110, 36, 40)), 0.3))


def laboratory(s: Scene) -> None:
    """Bench, flasks, screens."""
    shell(s, (176, 196, 200), (142, 152, 158), side_wall=False)
    for x in (-58, 18):
        s.far.fill(box(x, 14, x + 40, 38, 1), mix(s.light.ink, (30, 60, 70), 0.5))
        wave = [(x + 2 + i * 1.5, 27 + 6 * math.sin(i * 0.9) * math.sin(i * 0.23)) for i in range(24)]
        for a, b in itertools.pairwise(wave):
            s.far.fill(lines_between(a, b, 0.5), (110, 230, 200))
        s.far.glow(x + 20, 26, 30, 20, (90, 200, 190), 0.25)
    s.middle.fill(box(s.left - 2, 66, s.right + 2, s.bottom + 2), s.tone((150, 164, 170)))
    s.middle.fill(box(s.left - 2, 63, s.right + 2, 66.6), s.tone((228, 232, 232)))
    for x, c in ((-52, (206, 92, 80)), (-42, (96, 190, 150)), (40, (226, 180, 76)), (54, (110, 150, 210))):
        s.middle.fill(polygon([(x - 1, 54), (x + 1, 54), (x + 1.2, 57), (x + 4, 63), (x - 4, 63), (x - 1.2, 57)]), (240, 250, 255), 0.4)
        s.middle.fill(polygon([(x - 2.4, 59.5), (x + 2.4, 59.5), (x + 3.8, 63), (x - 3.8, 63)]), c, 0.8)


def lobby(s: Scene) -> None:
    """A tall public hall: columns, clock, polished floor."""
    shell(s, (182, 166, 142), (150, 134, 120), side_wall=False)
    stone = s.tone((196, 180, 156))
    for x in rows(-84, 84, 28):
        s.far.fill(box(x - 4, s.top - 4, x + 4, 74), Gradient(x - 4, 0, x + 4, 0, (brighter(stone, 0.16), mix(stone, s.light.ink, 0.35))))
        s.far.fill(box(x - 5.4, 8, x + 5.4, 11), brighter(stone, 0.2))
        if x < 80:
            window(s, s.far, x + 8, 16, 12, 40, s.tone((120, 106, 92)), (2, 4))
    s.far.fill(ellipse(0, 24, 8), s.tone((70, 56, 48)))
    s.far.fill(ellipse(0, 24, 7), s.tone((240, 234, 218)))
    s.far.fill(lines_between((0, 24), (0, 18.6), 0.7), s.light.ink)
    s.far.fill(lines_between((0, 24), (3.6, 26), 0.7), s.light.ink)
    for x in rows(-70, 70, 28):
        light_shaft(s, s.far, x - 6, 16, 12, 40, 36)
    sofa(s, s.middle, 38, 86, 40, (110, 70, 58))


def gym(s: Scene) -> None:
    """A hall for sport."""
    shell(s, (170, 160, 140), (190, 138, 86), side_wall=False)
    for x in rows(-70, 70, 28):
        window(s, s.far, x, 6, 20, 20, s.tone((120, 118, 116)), (4, 2))
    s.far.fill(box(-10, 30, 10, 44), s.tone((236, 232, 224)))
    s.far.fill(ellipse(0, 46, 5, 1.2), s.tone((214, 92, 52)))
    s.far.fill(ellipse(0, 88, 40, 6), s.tone((236, 226, 206)), 0.25)
