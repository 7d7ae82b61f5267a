# SPDX-License-Identifier: GPL-3.0-or-later
"""Woods, fields, shores, mountains and deserts: places made of layers of air."""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import math

from ..canvas import Canvas, Gradient
from ..colour import Colour, brighter, mix
from ..outline import blob, box, ellipse, polygon, ribbon
from .scene import Scene, grass, ground, lines_between, ridge, rows, sky, tree


def _green(s: Scene) -> Colour:
    if s.any_of("winter", "snow", "зим", "hiver"):
        return (220, 226, 232)
    if s.any_of("autumn", "fall", "осен", "automne", "herbst"):
        return (164, 136, 78)
    return (112, 140, 84)


def water(s: Scene, top: float, bottom: float, canvas: Canvas | None = None) -> None:
    """Water that mirrors the sky, with glints under the light."""
    target = canvas or s.far
    deep = mix(s.light.sky[0], s.tone((40, 84, 100)), 0.5)
    target.fill(box(s.left - 5, top, s.right + 5, bottom), Gradient(0, top, 0, bottom, (mix(s.light.sky[-1], deep, 0.25), mix(s.light.sky[1], deep, 0.5), mix(deep, s.light.ink, 0.3))))
    x0 = s.light.side * min(34.0, (s.right - s.left) * 0.22)
    for i in range(70):
        y = top + (bottom - top) * s.rng.random() ** 1.3
        near = (y - top) / (bottom - top)
        x = x0 + s.rng.gauss(0, 6 + near * 22) if i % 2 else s.rng.uniform(s.left, s.right)
        target.fill(ellipse(x, y, 1.2 + near * 7, 0.14 + near * 0.4), brighter(s.light.sky[-1], 0.35), s.rng.uniform(0.15, 0.6))


def forest(s: Scene) -> None:
    """Trunks in four depths, light between them."""
    s.horizon = 62
    sky(s)
    s.far.glow(s.light.side * 16, 46, 64, 48, brighter(s.light.sky[-1], 0.3), 0.7)
    s.far.fill(box(s.left - 5, 36, s.right + 5, 70), Gradient(0, 36, 0, 66, (s.light.haze, s.light.haze)), 0.35)
    ground(s, mix(_green(s), (90, 76, 58), 0.4), 62)
    pines = s.any_of("pine", "spruce", "fir", "taiga", "ель", "сосн")
    for depth, step, height, foot, canvas in ((0.72, 9, 44, 63, s.far), (0.5, 14, 62, 66, s.far), (0.26, 24, 92, 72, s.middle)):
        for x in rows(s.left, s.right, step):
            at = x + s.rng.uniform(-0.4, 0.4) * step
            if depth < 0.3 and abs(at) < 16:
                continue
            if pines or s.rng.random() < 0.35:
                tree(s, canvas, at, foot, height * s.rng.uniform(0.8, 1.2), depth, "pine")
            else:
                _trunk(s, canvas, at, foot, 2.2 + (0.72 - depth) * 7, depth)
        _undergrowth(s, canvas, foot, depth)
    for x in (s.left * 0.86, s.right * 0.9):
        _trunk(s, s.near, x, 104, 17, -0.0)
    grass(s, s.near, s.bottom + 2, 9, mix(s.light.ink, s.tone(_green(s)), 0.25), 70)
    if not s.light.dark:
        for i in range(4):
            x = s.light.side * 46 - i * 17 * s.light.side
            beam = polygon([(x, s.top), (x + 6, s.top), (x - s.light.side * 34 + 16, 96), (x - s.light.side * 34, 96)])
            s.middle.light(s.middle.mask(beam), s.light.key, 0.1)
            s.far.light(s.far.mask(beam), s.light.key, 0.14)


def _undergrowth(s: Scene, canvas: Canvas, foot: float, depth: float) -> None:
    """Ferns and moss that hide where trunks meet the ground."""
    tone = mix(s.tone(mix(_green(s), (90, 76, 58), 0.4), depth * 0.9), s.light.ink, 0.12 * (1 - depth))
    size = 3.5 + (0.72 - depth) * 5
    for x in rows(s.left - 6, s.right + 6, size * 1.5):
        canvas.fill(ellipse(x + s.rng.uniform(-1, 1), foot + size * 0.25, size * s.rng.uniform(1.0, 1.7), size * s.rng.uniform(0.35, 0.7)), tone)


def _trunk(s: Scene, canvas: Canvas, x: float, foot: float, width: float, depth: float) -> None:
    bark = mix(s.tone((92, 72, 60), depth), s.light.ink, 0.5 * (0.72 - depth))
    lean = s.rng.uniform(-3, 3)
    trunk = ribbon([(x, foot), (x + lean * 0.3, foot * 0.5), (x + lean, s.top - 4)], [width * 1.25, width * 0.85, width * 0.6])
    mask = canvas.fill(trunk, bark)
    canvas.fill(trunk.moved(s.light.side * width * 0.62, 0), mix(s.light.key, bark, 0.45), 0.5 * (1 - depth), within=mask)
    canvas.fill(ribbon([(x + lean * 0.5, foot * 0.4), (x + lean + width * 1.4, foot * 0.26), (x + lean + width * 3.2, foot * 0.2)], [width * 0.32, width * 0.2, width * 0.05]), bark)


def field(s: Scene) -> None:
    """Open land, a lone tree, hills."""
    s.horizon = 58
    sky(s)
    ridge(s, 59, 15, 0.68, (96, 122, 112))
    ridge(s, 60, 8, 0.48, (104, 130, 92))
    base = (206, 172, 92) if s.any_of("wheat", "corn", "harvest", "пшен") else _green(s)
    ground(s, base, 59)
    for i in range(7):
        y = 62 + i * i * 0.9
        s.far.fill(blob([(s.left - 10, y), (-20, y - 1.4), (24, y + 0.6), (s.right + 10, y - 1), (s.right + 10, y + 1.5 + i), (0, y + 1 + i), (s.left - 10, y + 2 + i)]), s.tone(brighter(base, 0.14 if i % 2 else -0.12), 0.45 - i * 0.06), 0.4)
    tree(s, s.middle, -s.light.side * 38, 68, 40, 0.15)
    grass(s, s.near, s.bottom + 2, 11, mix(s.tone(base, 0, 0.8), s.light.ink, 0.45), 90)


def park(s: Scene) -> None:
    """Lawn, path, trees and a bench."""
    s.horizon = 58
    sky(s)
    for x in rows(s.left, s.right, 13):
        tree(s, s.far, x + s.rng.uniform(-4, 4), 60, s.rng.uniform(20, 28), 0.55)
    ground(s, _green(s), 59)
    path = s.tone((196, 178, 146), 0.1)
    s.far.fill(blob([(2, 59), (5, 59), (16, 70), (-4, 84), (30, 104), (-44, 104), (-26, 84), (2, 70)]), path)
    tree(s, s.middle, -48, 78, 66, 0.06)
    tree(s, s.middle, 60, 74, 52, 0.14)
    bench(s, s.middle, 22, 80, 24)
    from .scene import streetlamp

    streetlamp(s, s.middle, -20, 74, 36, 0.1)
    grass(s, s.near, s.bottom + 2, 6, mix(s.tone(_green(s), 0, 0.8), s.light.ink, 0.4), 60)


def bench(s: Scene, canvas: Canvas, x: float, foot: float, width: float) -> None:
    """A bench."""
    s.bench = (x, foot, width)
    wood, iron = s.tone((150, 104, 68)), mix(s.tone((50, 50, 56)), s.light.ink, 0.4)
    for dx in (0.08, 0.9):
        canvas.fill(box(x + width * dx, foot - 11, x + width * dx + 0.9, foot), iron)
    for y in (-11.5, -9, -6):
        canvas.fill(box(x, foot + y, x + width, foot + y + 1.5, 0.4), wood)


def garden(s: Scene) -> None:
    """A park with beds of flowers."""
    park(s)
    for _ in range(60):
        x, y = s.rng.uniform(s.left, s.right), s.rng.uniform(84, 98)
        colour = s.rng.choice(((214, 90, 96), (236, 186, 84), (240, 232, 226), (150, 108, 176)))
        s.middle.fill(lines_between((x, y), (x, y + 4), 0.25), s.tone((70, 110, 66)))
        s.middle.fill(ellipse(x, y, 0.9), s.tone(colour))


def beach(s: Scene) -> None:
    """Sea, wet sand, dunes."""
    s.horizon = 52
    sky(s)
    water(s, 52, 74)
    sand = s.tone((226, 200, 154), 0.08)
    for i, y in enumerate((68.0, 71.0, 74.0)):
        shore = blob([(s.left - 20, y + 2), (-40, y - 0.8), (-8, y + 1.6), (30, y - 1), (s.right + 20, y + 1.4), (s.right + 20, 130), (s.left - 20, 130)], 0.7)
        s.far.fill(shore, (mix(sand, s.light.sky[-1], 0.5), brighter(sand, 0.4), sand)[i], (0.6, 0.85, 1.0)[i])
    s.far.fill(box(s.left - 5, 88, s.right + 5, s.bottom + 1), s.light.shadow, 0.12)
    dune = blob([(s.left - 30, 110), (s.left - 5, 84), (s.left + 30, 88), (s.left + 64, 108)])
    s.middle.fill(dune, mix(sand, s.light.shadow, 0.35))
    for _ in range(26):
        x = s.left + s.rng.uniform(0, 34)
        s.middle.fill(ribbon([(x, 88), (x + 1, 82), (x + s.rng.uniform(2, 5), 77)], [0.4, 0.3, 0.1]), mix(s.tone((140, 140, 86)), s.light.ink, 0.2))


def sea(s: Scene) -> None:
    """Open water."""
    s.horizon = 50
    sky(s)
    water(s, 50, s.bottom + 1)
    for i in range(6):
        y = 58 + i * i * 1.5
        wave = [(x, y + math.sin(x * 0.09 + i * 2.1) * (0.8 + i * 0.5)) for x in rows(s.left - 12, s.right + 12, 8)]
        s.middle.fill(ribbon(wave, [0.3 + i * 0.3]), brighter(s.light.sky[-1], 0.2), 0.28)


def harbour(s: Scene) -> None:
    """Quay, boats, masts, cranes."""
    s.horizon = 54
    sky(s)
    ridge(s, 55, 9, 0.66, (96, 108, 118))
    water(s, 55, 82)
    steel = s.tone((96, 74, 72), 0.42)
    for x in (-44.0, 48.0):
        s.far.fill(box(x, 26, x + 1.6, 56), steel)
        s.far.fill(lines_between((x - 14, 30), (x + 22, 26), 1.3), steel)
        s.far.fill(lines_between((x + 1, 20), (x + 22, 26), 0.5), steel)
        s.far.fill(lines_between((x + 17, 27), (x + 17, 42), 0.3), steel)
    for x, w, colour in ((-36.0, 26.0, (176, 74, 60)), (12.0, 34.0, (60, 96, 122))):
        _boat(s, x, 70, w, colour)
    quay = s.tone((136, 126, 116))
    s.band(s.middle, 82, s.bottom + 1, quay, mix(quay, s.light.ink, 0.4))
    s.middle.fill(box(s.left - 1, 80.6, s.right + 1, 82.4), brighter(quay, 0.15))
    for x in rows(s.left + 6, s.right, 32):
        s.middle.fill(box(x, 76, x + 3.4, 83, 1), mix(s.light.ink, quay, 0.25))
        s.middle.fill(ellipse(x + 1.7, 76.4, 2.3, 1), mix(s.light.ink, quay, 0.4))


def _boat(s: Scene, x: float, y: float, w: float, colour: Colour) -> None:
    hull = s.tone(colour, 0.1)
    s.middle.fill(ellipse(x + w / 2, y + 5, w * 0.5, 1.6), s.light.ink, 0.35)
    s.middle.fill(blob([(x, y - 1), (x + w, y - 2.4), (x + w * 0.9, y + 5), (x + w * 0.12, y + 5)], 0.4), hull)
    s.middle.fill(box(x + w * 0.05, y - 1.2, x + w * 0.95, y), brighter(hull, 0.3))
    s.middle.fill(box(x + w * 0.2, y - 8, x + w * 0.48, y - 1, 0.6), s.tone((230, 224, 208), 0.08))
    s.middle.fill(box(x + w * 0.26, y - 6.6, x + w * 0.42, y - 3.8, 0.3), mix(s.light.ink, s.light.sky[2], 0.3) if not s.light.dark else s.light.lamp)
    s.middle.fill(lines_between((x + w * 0.6, y - 1), (x + w * 0.62, y - 34), 0.6), mix(hull, s.light.ink, 0.5))
    s.middle.fill(lines_between((x + w * 0.62, y - 33), (x + w * 0.96, y - 2), 0.15), s.light.ink, 0.6)


def mountain(s: Scene) -> None:
    """Ranges, one behind the other."""
    s.horizon = 64
    sky(s)
    snowy = (222, 228, 238)
    ridge(s, 62, 46, 0.72, mix(snowy, (120, 130, 156), 0.4), 1.0)
    ridge(s, 66, 30, 0.45, (112, 118, 136), 1.0)
    ridge(s, 70, 14, 0.28, (84, 104, 96))
    ground(s, mix(_green(s), (120, 112, 96), 0.4), 69)
    for x in rows(s.left, s.right, 11):
        if abs(x) > 18:
            tree(s, s.middle, x + s.rng.uniform(-4, 4), s.rng.uniform(76, 84), s.rng.uniform(16, 26), 0.12, "pine")
    s.near.fill(blob([(s.left - 20, 112), (s.left, 92), (s.left + 26, 96), (s.left + 46, 112)]), mix(s.light.ink, s.tone((70, 70, 78)), 0.3))


def desert(s: Scene) -> None:
    """Dunes and far mesas."""
    s.horizon = 56
    sky(s)
    rock, sand = (182, 110, 78), (224, 176, 116)
    for x, w, h in ((-60, 30, 17), (-18, 16, 10), (36, 38, 21)):
        mesa = polygon([(x, 57), (x + w * 0.1, 57 - h * 0.6), (x + w * 0.14, 57 - h), (x + w * 0.82, 57 - h), (x + w * 0.9, 57 - h * 0.5), (x + w, 57)])
        s.wash(s.far, mesa, s.tone(rock, 0.4), s.tone(rock, 0.62))
    ground(s, sand, 56)
    for i in range(7):
        y = 62 + i * 8
        swell = s.rng.uniform(-30, 30)
        dune = blob([(s.left - 30, y + 16), (s.left, y + 3), (swell, y - 4 - i), (swell + 22, y + 1), (s.right, y + 2), (s.right + 30, y + 16)], 0.9)
        tone = s.tone(sand, 0.42 - i * 0.09)
        mask = s.far.fill(dune, Gradient(0, y - 5, 0, y + 16, (brighter(tone, 0.12), tone)))
        shadow = blob([(swell - s.light.side * 1, y - 4.5 - i), (swell - s.light.side * 16, y + 8), (swell - s.light.side * 70, y + 26), (swell + s.light.side * 8, y + 22)])
        s.far.fill(shadow, s.tone(sand, 0.1, 0.9), 0.45, within=mask)


def cave(s: Scene) -> None:
    """A dark hollow with light at its mouth."""
    s.horizon = 60
    sky(s)
    rock = mix(s.tone((86, 82, 92)), s.light.ink, 0.5)
    ground(s, (98, 92, 96), 60)
    for i, grow in enumerate((0.0, 12.0, 26.0)):
        rim = [(math.cos(a / 14 * math.tau) * (26 + grow + s.rng.uniform(-4, 4)), 50 + math.sin(a / 14 * math.tau) * (27 + grow * 0.8 + s.rng.uniform(-4, 4))) for a in range(14)]
        hole, wall = blob(rim), box(s.left - 60, s.top - 60, s.right + 60, s.bottom + 60)
        canvas = (s.far, s.middle, s.near)[i]
        canvas.fill(canvas.mask(wall + hole, even_odd=True), mix(rock, s.light.ink, i * 0.34))
    s.far.glow(0, 50, 60, 44, s.light.sky[-1], 0.3)
