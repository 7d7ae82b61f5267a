# SPDX-License-Identifier: GPL-3.0-or-later
"""What a painter of places works with, and the few strokes every place shares.

The one idea: a place is three canvases (far, middle, near) and a light; coordinates are units
(the frame is 100 high, x = 0 its middle), the floor on which people stand is at ``floor``.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..canvas import Canvas, Gradient
from ..colour import Colour, brighter, mix
from ..light import Light
from ..outline import Outline, Point, blob, box, ellipse, polygon, ribbon
from ..raster import Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A light that lives: its place and reach in units, how much it flickers 0–1."""

    x: float
    y: float
    reach: float
    flicker: float


@dataclass(slots=True, kw_only=True)
class Scene:
    """A place being painted."""

    far: Canvas
    middle: Canvas
    near: Canvas
    light: Light
    rng: random.Random
    words: str = ""
    horizon: float = 58.0
    floor: float = 90.0
    lamps: list[Lamp] = field(default_factory=list)
    bench: tuple[float, float, float] | None = None  # left, foot, width of one that was painted

    @property
    def left(self) -> float:
        """Left border of what may be seen, in units."""
        return min(self.middle.units()[0], self.near.units()[0])

    @property
    def right(self) -> float:
        """Right border of what may be seen, in units."""
        return max(self.middle.units()[2], self.near.units()[2])

    @property
    def top(self) -> float:
        """Upper border of what may be seen, in units."""
        return min(self.middle.units()[1], 0.0)

    @property
    def bottom(self) -> float:
        """Lower border of what may be seen, in units."""
        return max(self.middle.units()[3], 100.0)

    def any_of(self, *stems: str) -> bool:
        """Whether the setting's words hold one of the stems."""
        return any(stem in self.words for stem in stems)

    def tone(self, base: Colour, depth: float = 0.0, shade: float = 0.0) -> Colour:
        """A material's colour here (see ``Light.tone``)."""
        return self.light.tone(base, depth, shade)

    def wash(self, canvas: Canvas, outline: Outline, top: Colour, foot: Colour, opacity: float = 1.0) -> Mask:
        """A shape filled from one colour at its top to another at its foot."""
        _, y0, _, y1 = outline.bounds()
        return canvas.fill(outline, Gradient(0, y0, 0, y1, (top, foot)), opacity)

    def band(self, canvas: Canvas, top: float, bottom: float, upper: Colour, lower: Colour) -> Mask:
        """A band from side to side."""
        return self.wash(canvas, box(self.left - 1, top, self.right + 1, bottom), upper, lower)

    def lamp(self, canvas: Canvas, x: float, y: float, reach: float, strength: float = 0.8, flicker: float = 0.0) -> None:
        """A glow, and its life."""
        canvas.glow(x, y, reach, reach, self.light.glow(), strength)
        canvas.glow(x, y, reach * 0.22, reach * 0.22, brighter(self.light.glow(0.6), 0.4), min(1.0, strength * 1.2))
        if flicker:
            self.lamps.append(Lamp(x=x, y=y, reach=reach, flicker=flicker))


def sky(s: Scene, foot: float | None = None) -> None:
    """The sky of the hour with its sun or moon, stars and clouds, down to ``foot``."""
    foot = s.horizon if foot is None else foot
    top = s.top
    s.far.fill(box(s.left - 5, top - 1, s.right + 5, foot + 1), Gradient(0, top, 0, foot, s.light.sky))
    hour, weather = s.light.hour.value, s.light.weather.value
    open_sky = weather in ("clear", "wind", "cloud")
    side = s.light.side
    x = side * min(34.0, (s.right - s.left) * 0.22)
    if hour == "night" and open_sky:
        stars(s, foot)
        s.far.glow(x, foot * 0.3, 22, 22, (170, 190, 230), 0.3)
        moon = s.far.fill(ellipse(x, foot * 0.3, 4.2), (238, 236, 220))
        for dx, dy, r in ((-1.2, -0.8, 0.9), (1.0, 0.9, 1.2), (0.6, -1.7, 0.6)):
            s.far.fill(ellipse(x + dx, foot * 0.3 + dy, r), (206, 206, 198), within=moon)
    elif hour in ("dawn", "dusk") and open_sky:
        y = foot - 7
        s.far.glow(x, y, 70, 44, brighter(s.light.sky[-1], 0.25), 0.75)
        s.far.fill(ellipse(x, y, 6.5), brighter(s.light.sky[-1], 0.7))
    elif hour == "day" and open_sky:
        s.far.glow(x * 1.3, foot * 0.16, 46, 46, (255, 248, 224), 0.55)
        s.far.fill(ellipse(x * 1.3, foot * 0.16, 4.6), (255, 252, 238))
    clouds(s, foot, heavy=not open_sky or weather == "cloud")


def stars(s: Scene, foot: float) -> None:
    """Stars, thinning towards the horizon."""
    for _ in range(90):
        x, y = s.rng.uniform(s.left, s.right), s.rng.random() ** 1.5 * foot
        s.far.fill(ellipse(x, y, s.rng.choice((0.12, 0.16, 0.26))), (226, 234, 255), s.rng.uniform(0.4, 1.0) * (1 - y / foot * 0.7))


def clouds(s: Scene, foot: float, heavy: bool) -> None:
    """Flat-footed clouds in two tones."""
    top_tone = brighter(s.light.sky[-1], 0.2 if s.light.hour.value != "night" else 0.0)
    for i in range(9 if heavy else 4):
        x, y = s.rng.uniform(s.left, s.right), s.rng.uniform(foot * 0.08, foot * 0.68)
        size = s.rng.uniform(14, 30) * (1.4 if heavy else 1.0) * (0.45 + 0.55 * (1 - y / foot))
        base = mix(s.light.sky[min(2, i % 3 + 1)], top_tone, 0.5)
        if heavy:
            base = mix(base, s.light.haze, 0.4)
        cloud = [ellipse(x, y, size, size * 0.11)]
        for _ in range(4):
            cloud.append(ellipse(x + s.rng.uniform(-0.6, 0.6) * size, y - size * 0.06, s.rng.uniform(0.22, 0.4) * size, s.rng.uniform(0.1, 0.2) * size))
        for part in cloud:
            s.far.fill(part, base, 0.5 if heavy else 0.62)
        s.far.fill(ellipse(x + s.light.side * size * 0.1, y - size * 0.16, size * 0.34, size * 0.09), top_tone, 0.45)


def ridge(s: Scene, y: float, height: float, depth: float, colour: Colour, jag: float = 0.0, canvas: Canvas | None = None) -> None:
    """Hills (or, jagged, mountains) across the whole width, their feet at y."""
    step = 9.0 if jag else 15.0
    points: list[Point] = [(s.left - 25, y + 4)]
    x, up = s.left - 20, s.rng.random()
    while x < s.right + 25:
        up = min(1.0, max(0.12, up + s.rng.uniform(-0.45, 0.45)))
        points.append((x, y - up * height))
        x += step * s.rng.uniform(0.7, 1.4)
    points.append((s.right + 25, y + 4))
    tone = s.tone(colour, depth)
    shape = polygon(points) if jag else blob(points, 0.9)
    target = canvas or s.far
    mask = s.wash(target, shape, tone, mix(tone, s.light.haze, 0.35))
    if jag:
        lit_side = s.light.side
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            px, py = (ax, ay) if ay < by else (bx, by)
            shade = polygon([(px, py), (px - lit_side * step * 0.9, y), (px + lit_side * step * 0.12, y), (px - lit_side * 0.6, py + height * 0.3)])
            target.fill(shade, mix(tone, s.light.ink, 0.35), 0.4, within=mask)


def ground(s: Scene, colour: Colour, top: float | None = None, shine: float = 0.0) -> None:
    """A plain from the horizon to the foot of the frame; ``shine`` mirrors the sky on it."""
    top = s.horizon if top is None else top
    near, away = s.tone(colour, 0.0, 0.35), s.tone(colour, 0.6)
    s.far.fill(box(s.left - 5, top, s.right + 5, s.bottom + 1), Gradient(0, top, 0, s.bottom, (away, mix(near, away, 0.4), near)))
    if shine:
        for _ in range(26):
            y = top + (s.bottom - top) * s.rng.random() ** 1.4
            spread = 4 + (y - top) * 0.5
            x = s.rng.uniform(s.left, s.right)
            s.far.fill(ellipse(x, y, spread, 0.35 + (y - top) * 0.02), s.light.sky[-1], shine * s.rng.uniform(0.2, 0.6))


def tree(s: Scene, canvas: Canvas, x: float, foot: float, height: float, depth: float, kind: str = "round") -> None:
    """One tree in two tones."""
    season = "autumn" if s.any_of("autumn", "fall", "осен", "automne", "herbst") else "winter" if s.any_of("winter", "snow", "зим", "hiver") else "summer"
    leaf = {"autumn": s.rng.choice(((196, 112, 48), (214, 150, 58), (168, 72, 44))), "winter": (206, 214, 222), "summer": s.rng.choice(((84, 128, 76), (66, 112, 74), (104, 140, 72)))}[season]
    bark = s.tone((84, 64, 52), depth)
    tone, dark = s.tone(leaf, depth), mix(s.tone(leaf, depth, 0.9), s.light.ink, 0.25 * (1 - depth))
    canvas.fill(ribbon([(x, foot), (x + height * 0.01, foot - height * 0.5), (x, foot - height * 0.8)], [height * 0.07, height * 0.045, height * 0.02]), bark)
    if kind == "pine":
        for i in range(5):
            y, w = foot - height * (0.14 + i * 0.17), height * (0.27 - i * 0.045)
            layer = polygon([(x, y - height * 0.3), (x + w, y), (x + w * 0.4, y - height * 0.02), (x, y + height * 0.015), (x - w * 0.4, y - height * 0.02), (x - w, y)])
            canvas.fill(layer, dark)
            canvas.fill(polygon([(x, y - height * 0.3), (x + s.light.side * w, y), (x + s.light.side * w * 0.3, y - height * 0.03), (x, y)]), tone, 0.8)
        return
    if season == "winter" and kind == "round":
        for i in range(7):
            a = -math.pi / 2 + (i - 3) * 0.32
            canvas.fill(ribbon([(x, foot - height * 0.5), (x + math.cos(a) * height * 0.22, foot - height * 0.5 + math.sin(a) * height * 0.28), (x + math.cos(a) * height * 0.36, foot - height * 0.5 + math.sin(a) * height * 0.48)], [height * 0.025, height * 0.014, height * 0.004]), bark)
        return
    crown = [(s.rng.uniform(-0.2, 0.2) * height, s.rng.uniform(-0.16, 0.16) * height, s.rng.uniform(0.16, 0.24) * height) for _ in range(6)]
    for dx, dy, r in crown:
        canvas.fill(ellipse(x + dx, foot - height * 0.72 + dy, r * 1.1, r), dark)
    for dx, dy, r in crown:
        canvas.fill(ellipse(x + dx + s.light.side * r * 0.22, foot - height * 0.72 + dy - r * 0.2, r * 0.78, r * 0.68), tone)


def grass(s: Scene, canvas: Canvas, y: float, height: float, colour: Colour, count: int = 60) -> None:
    """Blades along the foot of a layer."""
    for _ in range(count):
        x = s.rng.uniform(s.left, s.right)
        lean, tall = s.rng.uniform(-0.5, 0.5) * height, height * s.rng.uniform(0.5, 1.0)
        canvas.fill(polygon([(x - 0.5, y), (x + 0.5, y), (x + lean, y - tall)]), colour)


def tile_lines(s: Scene, canvas: Canvas, top: float, colour: Colour, opacity: float, vanish: Point, count: int = 11) -> None:
    """Lines that run to a vanishing point, and rungs that crowd towards it."""
    vx, vy = vanish
    for i in range(-count, count + 1):
        x = vx + i * 26
        canvas.fill(polygon([(vx + (x - vx) * (top - vy) / (s.bottom - vy) - 0.08, top), (vx + (x - vx) * (top - vy) / (s.bottom - vy) + 0.08, top), (x + 0.35, s.bottom + 1), (x - 0.35, s.bottom + 1)]), colour, opacity)
    y, step = top, 1.6
    while y < s.bottom:
        canvas.fill(box(s.left - 1, y, s.right + 1, y + step * 0.06), colour, opacity)
        y, step = y + step, step * 1.5


def lines_between(a: Point, b: Point, width: float) -> Outline:
    """A straight bar."""
    return ribbon([a, b], [width, width], smooth=False)


def window(s: Scene, canvas: Canvas, x: float, y: float, width: float, height: float, frame: Colour, panes: tuple[int, int] = (2, 2), lit_inside: bool = False) -> None:
    """A window: sky outside seen from a room, or a lit room seen from outside."""
    glass = box(x, y, x + width, y + height)
    if lit_inside:
        canvas.fill(glass, Gradient(0, y, 0, y + height, (brighter(s.light.lamp, 0.25), s.light.lamp)))
    else:
        canvas.fill(glass, Gradient(0, y, 0, y + height, s.light.sky))
        hill = blob([(x - 4, y + height * 1.1), (x, y + height * 0.75), (x + width * 0.3, y + height * 0.6), (x + width * 0.65, y + height * 0.78), (x + width, y + height * 0.62), (x + width + 4, y + height * 1.1)])
        canvas.fill(hill, mix(s.light.sky[-1], s.light.ink, 0.45), 0.7, within=canvas.mask(glass))
        if s.light.weather.value in ("rain", "storm"):
            rain_on_glass(s, canvas, (x, y, x + width, y + height), canvas.mask(glass))
    bar = min(width, height) * 0.055
    for i in range(panes[0] + 1):
        cx = x + width * i / panes[0]
        canvas.fill(box(cx - bar / 2, y, cx + bar / 2, y + height), frame)
    for i in range(panes[1] + 1):
        cy = y + height * i / panes[1]
        canvas.fill(box(x - bar / 2, cy - bar / 2, x + width + bar / 2, cy + bar / 2), frame)
    canvas.fill(box(x - bar * 1.6, y + height, x + width + bar * 1.6, y + height + bar * 1.4), brighter(frame, 0.12))


def rain_on_glass(s: Scene, canvas: Canvas, pane: tuple[float, float, float, float], within: Mask) -> None:
    """Drops on a window, and the paths they have run, slanting as the wind has it."""
    left, top, right, foot = pane
    for _ in range(15):
        x, y, long = s.rng.uniform(left, right), s.rng.uniform(top - 4, foot), s.rng.uniform(4, 13)
        path = [(x, y), (x - long * 0.3 + s.rng.uniform(-0.6, 0.6), y + long * 0.5), (x - long * 0.45, y + long)]
        canvas.fill(ribbon(path, [0.12, 0.3, 0.5]), (255, 255, 255), s.rng.uniform(0.16, 0.34), within=within)
        canvas.fill(ellipse(path[2][0], path[2][1], 0.42, 0.55), (255, 255, 255), 0.5, within=within)
    for _ in range(26):
        canvas.fill(ellipse(s.rng.uniform(left, right), s.rng.uniform(top, foot), 0.22, 0.28), (255, 255, 255), 0.3, within=within)


def light_shaft(s: Scene, canvas: Canvas, x: float, y: float, width: float, height: float, drop: float) -> None:
    """Light from a window across the room, as one slanted shape."""
    way = -s.light.side
    tint = s.light.sky[-1] if not s.light.dark else mix(s.light.sky[-1], (150, 180, 230), 0.5)
    shaft = polygon([(x, y), (x + width, y), (x + width + way * drop * 0.7, y + height + drop), (x + way * drop * 0.7, y + height + drop)])
    canvas.light(canvas.mask(shaft), tint, 0.16 if s.light.dark else 0.24)


def streetlamp(s: Scene, canvas: Canvas, x: float, foot: float, height: float, depth: float = 0.0) -> None:
    """A lamp post; lit when it is dark."""
    metal = mix(s.tone((52, 54, 62), depth), s.light.ink, 0.3 * (1 - depth))
    top = foot - height
    canvas.fill(ribbon([(x, foot), (x, top + height * 0.06)], [height * 0.022, height * 0.014], smooth=False), metal)
    canvas.fill(ribbon([(x, top + height * 0.08), (x + height * 0.02, top), (x + height * 0.1, top - height * 0.01)], [height * 0.016, height * 0.014]), metal)
    head = (x + height * 0.11, top + height * 0.008)
    canvas.fill(polygon([(head[0] - height * 0.03, head[1]), (head[0] + height * 0.03, head[1]), (head[0] + height * 0.04, head[1] + height * 0.03), (head[0] - height * 0.04, head[1] + height * 0.03)]), metal)
    if s.light.dark:
        beam = polygon([(head[0] - height * 0.035, head[1] + height * 0.03), (head[0] + height * 0.035, head[1] + height * 0.03), (head[0] + height * 0.34, foot), (head[0] - height * 0.34, foot)])
        target = s.far
        target.light(target.mask(beam), s.light.glow(), 0.16)
        s.lamp(target, head[0], head[1] + height * 0.03, height * 0.42, 0.7, 0.15)
        canvas.fill(ellipse(head[0], head[1] + height * 0.034, height * 0.034, height * 0.014), brighter(s.light.lamp, 0.6))
        target.glow(head[0], foot, height * 0.5, height * 0.07, s.light.glow(), 0.5)


def rows(start: float, stop: float, step: float) -> Sequence[float]:
    """Evenly spaced places from start up to stop."""
    return [start + i * step for i in range(max(0, int((stop - start) / step) + 1))]
