# SPDX-License-Identifier: GPL-3.0-or-later
"""A train at a platform: standing there, pulling in, pulling out.

The one idea: in perspective a train's side looks the same wherever it is, so motion is only how
far along it reaches, and windows that run together until it slows.  Everything is painted once.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .camera import FAR, ease
from .canvas import Canvas, Gradient
from .colour import brighter, mix
from .light import Light
from .outline import box, ellipse, polygon
from .planes import Planes
from .plates import Plate
from .spec import ShotPicture
from .stage import Stage
from .staging import Lens
from .words import begins

_ARRIVES = ("pulls in", "pull in", "pulling in", "arrives", "arriving", "comes in", "rolls in", "rolls into", "pulls into", "approaches", "draws in", "приближается", "подъезжает", "прибывает", "entre en gare", "arrive", "fährt ein", "llega")
_LEAVES = ("pulls out", "pulling out", "pulls away", "departs", "departing", "rolls out", "rolls away", "moves off", "leaves the station", "отходит", "отъезжает", "уезжает", "трогается", "s'éloigne", "quitte la gare", "fährt ab", "parte")
_TRAIN = ("train ", "поезд", "электричк", "zug ", "tren ", "treno ", "列车", "電車")
_ABSENT = ("no train", "without a train", "empty track", "train has gone", "train is gone", "waits for the train", "wait for the train", "waiting for the train", "train horn")

#: Where the side begins (the vanishing point's end) and ends, units; its top and foot there.
_NEAR, _FAR_END = 150.0, 8.0
_MOVING_S = 2.2  # seconds from the first sight of it until it stands
_STEPS = (0.34, 0.67, 1.0)
_ENDS = (1.0, 0.6, 0.36, 0.2, 0.12)  # sizes of the lamps, near to far


def moving(text: str) -> str:
    """What the train does in an action: "stands", "arrives", "leaves", or "" for no train."""
    lowered = f"{_spaced(text)} "
    if not any(begins(lowered, stem) for stem in _TRAIN) or any(stem in lowered for stem in _ABSENT):
        return ""
    for name, stems in (("arrives", _ARRIVES), ("leaves", _LEAVES)):
        if any(begins(lowered, stem) for stem in stems):
            return name
    return "stands"


def _spaced(text: str) -> str:
    """Small letters, stops as blanks, so that a word is a word wherever it ends."""
    return "".join(c if c.isalnum() or c in "'’" else " " for c in text.casefold())


def train_at(picture: ShotPicture, place: str) -> str:
    """What the train of a shot's place does: "stands", "arrives", "leaves", or "" for none."""
    if place not in ("platform", "train") or picture.setting.interior == "INT":
        return ""
    said = moving(picture.action) or moving(picture.setting.description)
    return said or ("stands" if place == "train" else "")


def runs(picture: ShotPicture, stage: Stage) -> bool:
    """Whether a train is seen to move: only from afar, by a camera that keeps its distance."""
    seen = picture.shot_type in ("wide", "extreme_wide") and not stage.camera.scaled
    return seen and moving(picture.action) in ("arrives", "leaves")


def paint_train(canvas: Canvas, light: Light) -> None:
    """A train that stands at the platform."""
    _body(canvas, light)
    _panes(canvas, light)


class Train:
    """A train that moves during the shot, drawn behind the people."""

    def __init__(self, stage: Stage, light: Light, lens: Lens, motion: str, seconds: float) -> None:
        self.stage, self.lens, self.motion = stage, lens, motion
        self.begins = 0.3 if motion == "arrives" else min(1.2, seconds / 4)
        self.lasts = min(_MOVING_S if motion == "arrives" else 3.4, max(0.8, seconds - self.begins))
        canvas = self._canvas()
        _body(canvas, light)
        self.body = stage.plate(canvas, FAR)
        self.windows = [self._windows(light, share) for share in _STEPS]
        self.ends = [self._face(light, size) for size in _ENDS]

    def _canvas(self) -> Canvas:
        return self.stage.canvas(FAR, magnify=self.lens.magnify, focus=self.lens.focus)

    def _face(self, light: Light, size: float) -> Plate:
        canvas = self._canvas()
        _lamps(canvas, light, self.lens, size, red=self.motion == "leaves")
        return self.stage.plate(canvas, FAR)

    def _windows(self, light: Light, share: float) -> Plate:
        canvas = self._canvas()
        _panes(canvas, light)
        if share < 1:
            canvas.planes = (canvas.planes * np.float32(share)).astype(np.uint8)
        return self.stage.plate(canvas, FAR)

    def _reach(self, seconds: float) -> float:
        """How far the train's near end has come, units; beyond the frame when it stands."""
        done = min(1.0, max(0.0, (seconds - self.begins) / self.lasts))
        far = 1 - ease(min(1.0, done * 1.15)) if self.motion == "arrives" else ease(done)
        # Depth 1 at the frame's edge, 14 at the vanishing point: places go as one over depth.
        return 2.0 + 168.0 / (1 + 26 * far * far)

    def _clear(self, seconds: float) -> int:
        """How many of the window steps are seen: none while it runs."""
        done = (seconds - self.begins) / self.lasts
        along = (done - 0.62) / 0.38 if self.motion == "arrives" else 1 - done * 3
        return round(min(1.0, max(0.0, along)) * len(_STEPS))

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Draw as much of the train as is there."""
        stage = self.stage
        pose = stage.camera.seen(seconds, FAR)
        dx, dy = pose.x * stage.scale, pose.y * stage.scale
        width = frame.y.shape[1]
        reach = self._reach(seconds)
        zoom = self.lens.magnify * stage.scale
        edge = min(width, int(width / 2 + (reach - self.lens.focus[0]) * zoom + dx) & ~1)
        if edge < 2 or (self.motion == "arrives" and seconds < self.begins):
            return
        part = Planes(frame.y[:, :edge], frame.u[:, : edge // 2], frame.v[:, : edge // 2])
        clear = self._clear(seconds)
        for plate in [self.body, *self.windows[max(0, clear - 1) : clear]]:
            plate.draw(part, scratch, dx, dy)
        if edge < width:
            self._end(frame, scratch, edge, reach, dy)

    def _end(self, frame: Planes, scratch: NDArray[np.uint16], edge: int, reach: float, dy: float) -> None:
        """Its near end: a wall in shadow, and lamps."""
        scale = self.stage.scale * self.lens.magnify
        size = max(0.06, (reach + 6) / 156)
        middle = frame.y.shape[0] / 2 + dy - self.lens.focus[1] * scale
        top, foot = (int(middle + at * scale) for at in (_up(reach, 45.4), 59 + (reach - 8) * 0.232))
        wall = frame.y[max(0, top) : max(0, foot), max(0, edge - int(size * 9 * scale)) : edge]
        np.right_shift(wall, 1, out=wall)
        np.maximum(wall, 16, out=wall)
        y = int(middle + (56.0 - 13.0 * size) * scale)
        end = next((e for e, large in zip(self.ends, _ENDS, strict=True) if large <= size * 1.3), None)
        if end is not None:
            end.draw(frame, scratch, edge - end.left - end.width / 2, y - end.top - end.height / 2)


def _up(at: float, y: float) -> float:
    """A height at the side's far end, followed along the side."""
    return 56 - (56 - y) * (at + 6) / 14


def _body(c: Canvas, light: Light) -> None:
    body = mix(light.tone((142, 58, 52), 0.1), light.tone((120, 120, 128), 0.1), 0.25)
    side = polygon([(_FAR_END, _up(8, 45.4)), (_FAR_END, 59), (_NEAR, 92), (_NEAR, _up(_NEAR, 45.4))])
    mask = c.fill(side, Gradient(8, 0, 110, 0, (mix(body, light.haze, 0.5), body)))
    c.fill(polygon([(8, _up(8, 45.4)), (8, _up(8, 46.4)), (150, _up(150, 46.4)), (150, _up(150, 45.4))]), brighter(body, 0.3), within=mask)
    c.fill(polygon([(8, 54.2), (8, 55.0), (150, _up(150, 54.9)), (150, _up(150, 54.2))]), light.tone((232, 214, 176), 0.1), within=mask)
    c.fill(polygon([(8, 57.4), (8, 59), (150, 92), (150, 80)]), light.ink, 0.55, within=mask)
    band = brighter(light.lamp, 0.1) if light.dark else mix(light.sky[1], light.ink, 0.4)
    c.fill(polygon([(8, _up(8, 49)), (8, _up(8, 52.6)), (150, _up(150, 52.6)), (150, _up(150, 49))]), band, 0.34, within=mask)


def _panes(c: Canvas, light: Light) -> None:
    glass = brighter(light.lamp, 0.2) if light.dark else mix(light.sky[1], light.ink, 0.35)
    wall = mix(light.tone((142, 58, 52), 0.1), light.ink, 0.4)
    band = polygon([(8, _up(8, 49)), (8, _up(8, 52.6)), (150, _up(150, 52.6)), (150, _up(150, 49))])
    c.fill(band, wall)
    for i in range(8):
        x = 10 + i * i * 2.3 + i * 4
        w = 2.4 + i * 2.6
        c.fill(polygon([(x, _up(x, 49)), (x + w, _up(x + w, 49)), (x + w, _up(x + w, 52.6)), (x, _up(x, 52.6))]), glass)
        if i in (2, 5):
            d = x + w + 0.3 + i * 0.25
            c.fill(polygon([(d, _up(d, 48.4)), (d + w * 0.45, _up(d + w * 0.45, 48.4)), (d + w * 0.45, _up(d + w * 0.45, 57.4)), (d, _up(d, 57.4))]), mix(glass, wall, 0.35))


def _lamps(c: Canvas, light: Light, lens: Lens, size: float, *, red: bool) -> None:
    """Lamps in the middle of the frame, to be moved to the train's end."""
    x, y = lens.focus
    tone = (255.0, 70.0, 60.0) if red else brighter(light.lamp, 0.55)
    reach = size * (7.0 if red else 20.0)
    for i in range(12):
        r, share = reach * (1 - i / 13), 0.018 + i * 0.006
        c.fill(ellipse(x, y, r), tone, share)
    for side in (-1.6, 1.6):
        c.fill(ellipse(x + side * size, y, size), brighter(tone, 0.5))
    if not red:
        c.fill(box(x - 0.9 * size, y - 5.4 * size, x + 0.9 * size, y - 4.2 * size, 0.5 * size), brighter(tone, 0.4), 0.9)
