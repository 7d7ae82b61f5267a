# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms people live in, and the shell (walls, floor, corner) every interior stands in."""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

from ..canvas import Canvas, Gradient
from ..colour import Colour, brighter, mix
from ..outline import blob, box, ellipse, polygon, ribbon
from .scene import Scene, light_shaft, lines_between, rows, tile_lines, window


def shell(s: Scene, wall: Colour, floor: Colour, skirting: float = 72.0, boards: bool = True, side_wall: bool = True) -> None:
    """Back wall, side wall in shadow, ceiling edge and a floor in perspective."""
    s.horizon = 56
    lit_wall, deep = s.tone(wall), s.tone(wall, 0.0, 0.75)
    s.far.fill(box(s.left - 5, s.top - 5, s.right + 5, skirting + 1), Gradient(s.light.side * 70, 0, -s.light.side * 80, 0, (brighter(lit_wall, 0.06), lit_wall, mix(lit_wall, deep, 0.7))))
    s.far.fill(box(s.left - 5, s.top - 5, s.right + 5, 14), Gradient(0, s.top, 0, 14, (mix(deep, s.light.ink, 0.5), mix(lit_wall, deep, 0.4))), 0.55)
    near, away = s.tone(floor, 0, 0.4), s.tone(floor, 0.15)
    s.far.fill(box(s.left - 5, skirting, s.right + 5, s.bottom + 5), Gradient(0, skirting, 0, s.bottom, (away, near)))
    if boards:
        tile_lines(s, s.far, skirting, s.light.ink, 0.14, (0, 40))
    s.far.fill(box(s.left - 5, skirting - 2.2, s.right + 5, skirting), mix(brighter(lit_wall, 0.14), deep, 0.25))
    s.far.fill(box(s.left - 5, skirting, s.right + 5, skirting + 2.5), s.light.ink, 0.2)
    if side_wall:
        x = -s.light.side * 62
        out = -s.light.side * 190
        s.far.fill(polygon([(x, s.top - 5), (out, s.top - 60), (out, 190), (x, skirting)]), Gradient(x, 0, out, 0, (mix(deep, lit_wall, 0.25), mix(deep, s.light.ink, 0.5))))
        s.far.fill(polygon([(x, skirting - 2.2), (out, 180), (out, 186), (x, skirting)]), deep)


def picture_frame(s: Scene, x: float, y: float, w: float, h: float) -> None:
    """A picture on the wall."""
    s.far.fill(box(x + 0.7, y + 0.9, x + w + 0.7, y + h + 0.9), s.light.ink, 0.3)
    s.far.fill(box(x, y, x + w, y + h), s.tone((92, 68, 50)))
    inside = s.far.fill(box(x + 0.9, y + 0.9, x + w - 0.9, y + h - 0.9), s.tone((222, 208, 180)))
    s.far.fill(ellipse(x + w * 0.62, y + h * 0.36, h * 0.13), s.tone((210, 120, 80)), within=inside)
    s.far.fill(blob([(x, y + h), (x + w * 0.2, y + h * 0.55), (x + w * 0.5, y + h * 0.75), (x + w * 0.8, y + h * 0.5), (x + w, y + h)]), s.tone((92, 124, 120)), within=inside)


def pendant(s: Scene, x: float, y: float, reach: float = 30, shade: Colour = (186, 92, 62)) -> None:
    """A hanging lamp and its pool of light."""
    s.middle.fill(lines_between((x, s.top - 5), (x, y - 4), 0.35), s.light.ink)
    s.middle.fill(polygon([(x - 2, y - 4.5), (x + 2, y - 4.5), (x + 5.4, y), (x - 5.4, y)]), s.tone(shade))
    strength = 0.7 if s.light.dark else 0.25
    beam = polygon([(x - 5, y), (x + 5, y), (x + 36, 100), (x - 36, 100)])
    s.far.light(s.far.mask(beam), s.light.glow(), 0.13 * strength / 0.7)
    s.lamp(s.far, x, y + 1, reach, strength, 0.1)
    s.middle.fill(ellipse(x, y, 2.4, 1.3), brighter(s.light.lamp, 0.6))


def floor_lamp(s: Scene, x: float, foot: float, height: float) -> None:
    """A standing lamp with a cloth shade."""
    s.middle.fill(lines_between((x, foot), (x, foot - height), 0.7), mix(s.light.ink, s.tone((90, 74, 60)), 0.4))
    s.middle.fill(ellipse(x, foot, 4.5, 1), s.light.ink, 0.8)
    on = s.light.dark
    shade = brighter(s.light.lamp, 0.2) if on else s.tone((226, 206, 170))
    s.lamp(s.far, x, foot - height, 34, 0.75 if on else 0.2, 0.08)
    s.middle.fill(polygon([(x - 4, foot - height - 6), (x + 4, foot - height - 6), (x + 7, foot - height + 5), (x - 7, foot - height + 5)]), Gradient(0, foot - height - 6, 0, foot - height + 5, (mix(shade, s.light.lamp, 0.4), shade)))


def plant(s: Scene, canvas: Canvas, x: float, foot: float, height: float) -> None:
    """A plant in a pot."""
    canvas.fill(polygon([(x - height * 0.16, foot - height * 0.3), (x + height * 0.16, foot - height * 0.3), (x + height * 0.11, foot), (x - height * 0.11, foot)]), s.tone((176, 98, 66)))
    for i in range(7):
        a = (i - 3) / 3
        tip = (x + a * height * 0.42, foot - height * (0.95 - abs(a) * 0.4))
        canvas.fill(ribbon([(x, foot - height * 0.3), (x + a * height * 0.2, foot - height * 0.7), tip], [height * 0.03, height * 0.1, 0.05]), mix(s.tone((72, 116, 82)), s.light.ink, 0.12 * (i % 3)))


def table(s: Scene, canvas: Canvas, x: float, top: float, width: float, wood: Colour = (150, 102, 66)) -> None:
    """A table seen a little from above."""
    tone = s.tone(wood)
    dark = mix(tone, s.light.ink, 0.5)
    for dx in (0.06, 0.9):
        canvas.fill(box(x + width * dx, top + 3, x + width * dx + 2, s.bottom + 2), dark)
    canvas.fill(polygon([(x + 4, top - 2.4), (x + width - 4, top - 2.4), (x + width, top + 1.8), (x, top + 1.8)]), Gradient(x, 0, x + width, 0, (brighter(tone, 0.16), tone)))
    canvas.fill(box(x, top + 1.8, x + width, top + 4.4), dark)


def chair(s: Scene, canvas: Canvas, x: float, foot: float, size: float, colour: Colour = (120, 82, 58)) -> None:
    """A plain chair."""
    tone = mix(s.tone(colour), s.light.ink, 0.2)
    canvas.fill(box(x, foot - size, x + size * 0.5, foot - size * 0.5, size * 0.06), tone)
    canvas.fill(box(x + size * 0.06, foot - size * 0.92, x + size * 0.44, foot - size * 0.6, size * 0.04), mix(tone, s.light.ink, 0.35))
    canvas.fill(box(x - size * 0.03, foot - size * 0.5, x + size * 0.55, foot - size * 0.43), brighter(tone, 0.15))
    for dx in (0.02, 0.44):
        canvas.fill(box(x + size * dx, foot - size * 0.45, x + size * (dx + 0.06), foot), mix(tone, s.light.ink, 0.4))


def living_room(s: Scene) -> None:
    """Sofa, window, lamp, pictures, a rug."""
    shell(s, (156, 142, 128) if s.light.dark else (206, 190, 162), (128, 90, 62))
    window(s, s.far, -40, 18, 34, 36, s.tone((228, 220, 204)), (3, 2))
    for x in (-46, -8):
        s.far.fill(blob([(x, 13), (x + 8, 13), (x + 7, 40), (x + 9, 70), (x - 1, 70), (x + 1, 40)], 0.6), s.tone((150, 76, 62)))
    light_shaft(s, s.far, -40, 20, 34, 32, 30)
    picture_frame(s, 16, 24, 15, 12)
    picture_frame(s, 35, 21, 10, 15)
    sofa(s, s.middle, 4, 84, 56)
    floor_lamp(s, -54, 84, 44)
    plant(s, s.middle, 68, 84, 26)
    s.far.fill(ellipse(6, 90, 54, 6), s.tone((158, 78, 66)), 0.8)
    s.far.fill(ellipse(6, 90, 46, 4.6), s.tone((204, 164, 120)), 0.5)


def sofa(s: Scene, canvas: Canvas, x: float, foot: float, width: float, colour: Colour = (74, 106, 110)) -> None:
    """A sofa with two cushions."""
    tone = s.tone(colour)
    dark = mix(tone, s.light.ink, 0.4)
    canvas.fill(box(x + 2, foot - 25, x + width - 2, foot - 6, 4), tone)
    canvas.fill(box(x + width / 2 - 0.3, foot - 24, x + width / 2 + 0.3, foot - 12), dark)
    canvas.fill(box(x + 3, foot - 13, x + width - 3, foot - 4, 2), brighter(tone, 0.12))
    canvas.fill(box(x, foot - 6, x + width, foot - 2, 1), dark)
    for side in (x - 3, x + width - 4):
        canvas.fill(box(side, foot - 19, side + 7, foot - 2, 3), mix(tone, dark, 0.35))
    for cx, c in ((x + width * 0.2, (214, 150, 70)), (x + width * 0.78, (186, 84, 66))):
        canvas.fill(box(cx - 5, foot - 22, cx + 5, foot - 12, 2.4).turned(8, (cx, foot - 17)), s.tone(c))


def kitchen(s: Scene) -> None:
    """Counter, cupboards, window over the sink, tiles, hanging lamp."""
    shell(s, (206, 198, 178), (160, 128, 98), side_wall=False)
    tile = s.tone((214, 222, 214))
    s.far.fill(box(s.left - 2, 34, s.right + 2, 54), tile)
    for x in rows(s.left, s.right, 5):
        s.far.fill(box(x, 34, x + 0.25, 54), s.light.ink, 0.14)
    for y in (39.0, 44.0, 49.0):
        s.far.fill(box(s.left, y, s.right, y + 0.25), s.light.ink, 0.14)
    window(s, s.far, -18, 16, 30, 26, s.tone((232, 226, 212)), (2, 1))
    light_shaft(s, s.far, -18, 16, 30, 26, 34)
    cupboard = s.tone((104, 136, 124))
    for x in (*rows(-74, -36, 19), *rows(18, 76, 19)):
        s.far.fill(box(x, 8, x + 18, 31, 0.6), cupboard)
        s.far.fill(box(x + 1.6, 9.6, x + 16.4, 29.4, 0.4), mix(cupboard, s.light.ink, 0.16))
        s.far.fill(ellipse(x + 15, 20, 0.6), s.tone((222, 196, 130)))
    s.middle.fill(box(s.left - 2, 57, s.right + 2, 80), Gradient(0, 57, 0, 80, (cupboard, mix(cupboard, s.light.ink, 0.4))))
    for x in rows(s.left, s.right, 19):
        s.middle.fill(box(x, 60, x + 0.5, 79), s.light.ink, 0.3)
        s.middle.fill(box(x + 7, 61.5, x + 12, 62.4, 0.4), s.tone((222, 196, 130)))
    s.middle.fill(box(s.left - 2, 54, s.right + 2, 57.6), s.tone((214, 184, 142)))
    s.middle.fill(ribbon([(-2, 54), (-2, 46), (2, 44), (4, 48)], [0.9, 0.8, 0.7]), s.tone((170, 176, 180)))
    pot(s, 42, 54)
    for i, x in enumerate((-46, -41, -36.5)):
        s.middle.fill(box(x, 46 + i, x + 3.6, 54, 0.8), s.tone(((190, 92, 60), (222, 196, 130), (92, 124, 120))[i]))
    pendant(s, 8, 21, 26)


def pot(s: Scene, x: float, y: float) -> None:
    """A steaming pot."""
    s.middle.fill(box(x, y - 8, x + 13, y, 1.2), s.tone((142, 66, 56)))
    s.middle.fill(box(x - 1, y - 8.6, x + 14, y - 7.2, 0.6), s.tone((180, 96, 80)))
    s.middle.fill(ribbon([(x + 5, y - 10), (x + 8, y - 15), (x + 5, y - 20), (x + 9, y - 26)], [0.6, 1.8, 2.2, 0.4]), (244, 244, 244), 0.22)


def bedroom(s: Scene) -> None:
    """Bed, bedside lamp, window."""
    shell(s, (120, 122, 142) if s.light.dark else (194, 186, 190), (122, 92, 74))
    window(s, s.far, 18, 16, 28, 34, s.tone((226, 222, 216)), (2, 2))
    light_shaft(s, s.far, 18, 18, 28, 30, 34)
    picture_frame(s, -34, 22, 16, 12)
    wood = s.tone((122, 84, 60))
    s.middle.fill(box(-62, 50, 2, 76, 3), wood)
    s.middle.fill(blob([(-60, 64), (-44, 60), (-30, 63), (-14, 60), (0, 64), (6, 92), (-66, 92)], 0.6), s.tone((226, 220, 210)))
    s.middle.fill(blob([(-62, 72), (-30, 69), (2, 72), (9, 96), (-70, 96)], 0.5), s.tone((112, 132, 158)))
    for x in (-54, -26):
        s.middle.fill(blob([(x, 60), (x + 10, 57), (x + 20, 60), (x + 20, 67), (x + 10, 69), (x, 67)]), brighter(s.tone((226, 220, 210)), 0.25))
    s.middle.fill(box(12, 66, 28, 84, 0.8), wood)
    s.middle.fill(box(14, 69, 26, 75), mix(wood, s.light.ink, 0.25))
    floor_lamp(s, 20, 66, 12)


def hallway(s: Scene) -> None:
    """A corridor with doors that runs away from us."""
    corridor(s, (186, 168, 140), (120, 84, 62), (112, 78, 56))


def corridor(s: Scene, wall: Colour, floor: Colour, door: Colour, lights: bool = True) -> None:
    """Walls, floor and ceiling to a vanishing point, with doors and lamps."""
    s.horizon = 50
    tone, shade = s.tone(wall), s.tone(wall, 0, 0.6)
    far_wall = mix(tone, s.light.haze, 0.5)
    out, up, down = 240, -150, 250
    s.far.fill(box(-11, 38, 11, 62), far_wall)
    s.far.fill(polygon([(-11, 38), (11, 38), (out, up), (-out, up)]), Gradient(0, 38, 0, s.top, (mix(far_wall, shade, 0.3), mix(shade, s.light.ink, 0.35))))
    s.far.fill(polygon([(-11, 62), (11, 62), (out, down), (-out, down)]), Gradient(0, 62, 0, s.bottom, (s.tone(floor, 0.4), s.tone(floor, 0, 0.5))))
    for side, colour in ((-1, tone), (1, shade)):
        colour = colour if s.light.side * side < 0 else shade
        s.far.fill(polygon([(side * 11, 38), (side * out, up), (side * out, down), (side * 11, 62)]), Gradient(side * 11, 0, side * 90, 0, (far_wall, mix(colour, s.light.ink, 0.15))))
        for near in (16.0, 27.0, 46.0, 78.0):
            wide = near * 0.34
            top = 50 - near * 0.62
            s.far.fill(polygon([(side * near, top), (side * (near + wide), top - wide * 0.62), (side * (near + wide), 50 + (near + wide) * 1.08), (side * near, 50 + near * 1.08)]), s.tone(door, 0.4 - near / 220))
            s.far.fill(ellipse(side * (near + wide * 0.82), 50 + near * 0.24, near * 0.016), s.tone((224, 194, 124)))
        s.far.fill(polygon([(side * 11, 60.6), (side * out, down - 32), (side * out, down), (side * 11, 62)]), mix(shade, s.light.ink, 0.3))
    s.far.fill(box(-5, 43, 5, 62), s.tone(door, 0.5))
    for i in range(4 if lights else 0):
        w = 3 + i * i * 2.2
        y = 37 - i * i * 5.5
        s.far.fill(polygon([(-w * 0.8, y), (w * 0.8, y), (w, y - 0.8 - i), (-w, y - 0.8 - i)]), brighter(s.light.glow(0.4), 0.3))
        s.lamp(s.far, 0, y, 12 + i * 10, 0.32, 0.2 if i == 1 else 0.0)
        s.far.glow(0, 64 + i * i * 5, w * 2.2, 1.5 + i * 2, s.light.glow(0.5), 0.3)


def bathroom(s: Scene) -> None:
    """Tiles, basin and mirror."""
    shell(s, (184, 206, 204), (150, 156, 160), boards=True, side_wall=False)
    for x in rows(s.left, s.right, 8):
        s.far.fill(box(x, s.top, x + 0.3, 72), s.light.ink, 0.1)
    for y in rows(4, 70, 8):
        s.far.fill(box(s.left, y, s.right, y + 0.3), s.light.ink, 0.1)
    s.far.fill(box(-18, 14, 18, 46, 2), s.tone((196, 170, 120)))
    s.far.fill(box(-16.5, 15.5, 16.5, 44.5, 1), Gradient(-16, 14, 16, 46, (brighter(s.light.haze, 0.35), mix(s.light.haze, s.light.ink, 0.2))))
    s.middle.fill(blob([(-17, 58), (17, 58), (14, 68), (-14, 68)], 0.5), s.tone((236, 236, 232)))
    s.middle.fill(box(-4, 66, 4, 86, 1), s.tone((216, 218, 216)))
    s.lamp(s.far, -26, 24, 20, 0.6, 0.1)
    s.lamp(s.far, 26, 24, 20, 0.6)


def attic(s: Scene) -> None:
    """A room under the roof, or below the ground: beams, boxes, one small window."""
    shell(s, (120, 98, 80), (104, 78, 60))
    beam = mix(s.tone((96, 66, 48)), s.light.ink, 0.2)
    for x in (-70, -24, 24, 70):
        s.far.fill(lines_between((x * 1.3, s.top - 4), (x * 0.3, 18), 3.4), beam)
    window(s, s.far, -9, 24, 18, 18, beam, (2, 2))
    light_shaft(s, s.far, -9, 24, 18, 18, 46)
    for x, y, w in ((-62, 62, 22), (-44, 70, 16), (36, 58, 26), (56, 70, 18)):
        s.middle.fill(box(x, y, x + w, 86), Gradient(x, 0, x + w, 0, (s.tone((176, 134, 92)), s.tone((176, 134, 92), 0, 0.7))))
        s.middle.fill(box(x + w * 0.42, y, x + w * 0.56, 86), s.tone((202, 168, 120)), 0.6)


def plain_room(s: Scene) -> None:
    """A room that is nowhere in particular."""
    shell(s, (132, 130, 138) if s.light.dark else (196, 188, 174), (124, 98, 78))
    window(s, s.far, -36, 18, 26, 34, s.tone((224, 218, 206)), (2, 2))
    light_shaft(s, s.far, -36, 18, 26, 34, 34)
    picture_frame(s, 26, 24, 18, 14)
    table(s, s.middle, 30, 70, 40)
    plant(s, s.middle, 62, 68, 18)
    pendant(s, 4, 20, 28)
