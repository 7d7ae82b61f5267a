# SPDX-License-Identifier: GPL-3.0-or-later
"""People as moving plates: breathing, blinking, nodding, speaking, walking.

The one idea: a body and a head are painted once; what changes is where they are and which of
a few prepared eyes and mouths the head shows.  Whoever has a line now has a moving mouth, and
nobody else.  When things are drawn is decided in ``film.py``.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .camera import SUBJECT
from .canvas import Canvas
from .carried import paint_carried
from .figure import Cast, paint_body, paint_face, paint_head
from .head import paint_eyes, paint_mouth
from .inking import inked
from .light import Light
from .outline import ellipse
from .planes import Planes
from .plates import Enlarged, Plate, Slides, trimmed
from .props import paint_prop
from .spec import ShotPicture, SpokenLine
from .stage import Stage
from .staging import Placed
from .visemes import CLOSED, OPEN, REST, ROUND, TEETH, TONGUE, WIDE

_EYES = (-0.46, -0.29, 0.46, 0.155)  # left, top, right, bottom of the patch, head units
_MOUTH = (-0.27, 0.165, 0.27, 0.53)
_CYCLE = 6  # pictures of a walk
_STRIDE_HZ = {"walk": 0.95, "run": 1.5}

_SOUNDS = {
    OPEN: "aháаяэ",
    WIDE: "eiyszcxjkgеиысзцчшщжйкгх",
    ROUND: "ouwrqоуюёр",
    CLOSED: "mbpмбп",
    TEETH: "fvвф",
    TONGUE: "ltdnлтдн",
    REST: " .,;:!?…-—",
}
_LETTERS = {letter: viseme for viseme, letters in _SOUNDS.items() for letter in letters}


def mouth_at(lines: tuple[SpokenLine, ...], seconds: float) -> str:
    """The viseme someone with these lines shows at a time of the shot."""
    for spoken in lines:
        if spoken.start_s <= seconds < spoken.end_s:
            since = seconds - spoken.start_s
            if spoken.mouths:
                shown = [viseme for start, viseme in spoken.mouths if start <= since]
                return shown[-1] if shown else REST
            return _lettered(spoken, since)
    return REST


def _lettered(spoken: SpokenLine, since: float) -> str:
    """A mouth from the letters alone, for lines without phoneme times: ten shapes a second."""
    length = spoken.end_s - spoken.start_s
    if not spoken.text or length <= 0:
        return REST
    step = int(since * 10) / 10 / length
    letter = spoken.text[min(len(spoken.text) - 1, int(step * len(spoken.text)))].lower()
    return _LETTERS.get(letter, WIDE)


class Actor:
    """One person of a shot, ready to be drawn at any time of it."""

    def __init__(self, picture: ShotPicture, stage: Stage, light: Light, placed: Placed) -> None:
        self.stage, self.light, self.cast = stage, light, placed.cast
        self.identity = placed.figure.identity
        self.lines = tuple(line for line in picture.lines if line.identity == self.identity)
        self.phase = (sum(placed.figure.identity.encode()) * 0.61803) % 1.0
        self.head_px = self.cast.seat.size * stage.scale
        self.seconds = picture.seconds
        wide = picture.shot_type in ("wide", "extreme_wide")
        self.walks = wide and self.cast.posture in _STRIDE_HZ
        self.small = self.head_px < 26
        self.things, self.enters = placed.things, placed.enters
        self.bodies = self._bodies(wide)
        self.head = self._head()
        self.patches: dict[tuple[str, str], Slides | Enlarged] = {}
        self.shown: dict[str, str] = {"eyes": "open", "mouth": REST}

    def _bodies(self, wide: bool) -> list[Plate]:
        phases = [i / _CYCLE for i in range(_CYCLE)] if self.walks else [self.phase]
        made = []
        for phase in phases:
            canvas = self.stage.canvas(SUBJECT)
            cast = replace(self.cast, phase=phase)
            if wide:
                self._contact(canvas)
            paint_body(canvas, cast, self.light)
            self._in_hand(canvas, cast)
            made.append(self._plate(canvas))
        return made

    def _in_hand(self, canvas: Canvas, cast: Cast) -> None:
        """What they have with them, in their hands, at their feet or at their ear."""
        seat, light = self.cast.seat, self.light
        if self.cast.posture == "phone":
            x, y = seat.spot((1.0 if seat.turn >= 0 else -1.0) * 0.5, 0.2)
            paint_prop(canvas, "phone", light, x, y, seat.size * 0.011)
            return
        paint_carried(canvas, self.things, cast, light)

    def _contact(self, canvas: Canvas) -> None:
        """The shadow that stands a figure on the ground."""
        seat = self.cast.seat
        drop = 5.55 if self.cast.posture == "sit" else 6.9
        shape = ellipse(
            seat.x - self.light.side * seat.size * 0.5,
            seat.y + drop * seat.size,
            seat.size * 1.5,
            seat.size * 0.2,
        )
        canvas.fill(shape, self.light.ink, 0.42)

    def _head(self) -> Plate:
        canvas = self.stage.canvas(SUBJECT)
        paint_head(canvas, self.cast, self.light)
        self.blank, self.cut_x, self.cut_y = trimmed(inked(canvas, self.stage))
        whole = Canvas(
            self.blank.width, self.blank.height, scale=self.blank.scale,
            origin=self.blank.origin, grade=self.blank.grade,
        )  # fmt: skip
        whole.planes = self.blank.planes.copy()
        paint_face(whole, self.cast, self.light, 1.0, REST)
        mx, my = self.stage.margins(SUBJECT)
        return Plate(whole, self.cut_x - mx, self.cut_y - my, self.stage.steps(True, True))

    def _plate(self, canvas: Canvas) -> Plate:
        return self.stage.plate(inked(canvas, self.stage), SUBJECT, across=self.walks, down=True)

    def _box(self, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        """A patch's rectangle in even pixels of the head's canvas."""
        seat, canvas = self.cast.seat, self.blank
        shift = seat.turn * 0.12 if box is _MOUTH else 0.0
        x0, y0 = seat.spot(box[0] + shift, box[1])
        x1, y1 = seat.spot(box[2] + shift, box[3])
        left, top = (
            int(x0 * canvas.scale + canvas.origin[0]) & ~1,
            int(y0 * canvas.scale + canvas.origin[1]) & ~1,
        )
        right, bottom = (
            int(x1 * canvas.scale + canvas.origin[0]) & ~1,
            int(y1 * canvas.scale + canvas.origin[1]) & ~1,
        )
        return (
            max(0, left),
            max(0, top),
            min(canvas.width & ~1, right),
            min(canvas.height & ~1, bottom),
        )

    def _show(self, part: str, state: str) -> None:
        """Patch the head so that its eyes or its mouth are in a state."""
        if self.shown[part] == state or self.small:
            return
        x0, y0, x1, y1 = self._box(_EYES if part == "eyes" else _MOUTH)
        if x1 <= x0 or y1 <= y0:
            return
        key = (part, state)
        if key not in self.patches:
            canvas = Canvas(
                x1 - x0, y1 - y0, scale=self.blank.scale, grade=self.blank.grade,
                origin=(self.blank.origin[0] - x0, self.blank.origin[1] - y0),
            )  # fmt: skip
            canvas.planes = self.blank.planes[:, y0:y1, x0:x1].copy()
            if part == "eyes":
                openness = {"open": 1.0, "half": 0.5, "shut": 0.0}[state]
                paint_eyes(
                    canvas,
                    self.cast.person,
                    self.cast.seat,
                    self.light,
                    self.cast.feeling,
                    openness,
                    self.cast.gaze,
                )
            else:
                paint_mouth(
                    canvas, self.cast.person, self.cast.seat, self.light, self.cast.feeling, state
                )
            self.patches[key] = self.head.prepare(canvas)
        self.head.patch(self.patches[key], x0, y0)
        self.shown[part] = state

    def _blink(self, seconds: float) -> str:
        """Eyes closed for about a sixth of a second every three or four."""
        period = 3.1 + self.phase * 1.4
        since = (seconds + self.phase * 2.7) % period
        if since < 0.05 or 0.13 <= since < 0.18:
            return "half"
        return "shut" if since < 0.13 else "open"

    def _speaking(self, seconds: float) -> float:
        """0–1, rising and falling softly with a line."""
        best = 0.0
        for spoken in self.lines:
            into = min((seconds - spoken.start_s) / 0.25, (spoken.end_s - seconds) / 0.25, 1.0)
            best = max(best, into)
        return best

    def _sway(self, seconds: float) -> tuple[float, float, float]:
        """Pixels: the body's rise; the head's shift across and down."""
        breath = math.sin(math.tau * (seconds * 0.23 + self.phase)) * self.head_px * 0.006
        if self.small:
            return 0.0, 0.0, 0.0
        talk = self._speaking(seconds)
        nod = (
            math.sin(math.tau * (seconds * 1.35 + self.phase)) * 0.6
            + math.sin(math.tau * seconds * 2.3) * 0.4
        )
        drift = math.sin(math.tau * (seconds * 0.11 + self.phase * 2))
        across = (drift * 0.006 + talk * 0.009 * math.sin(math.tau * seconds * 0.7)) * self.head_px
        return breath, across, breath * 1.25 + talk * nod * 0.011 * self.head_px

    def _travel(self, seconds: float) -> tuple[float, int, float]:
        """Pixels gone, the picture of the walk, pixels of bounce."""
        if not self.walks:
            bounce = 0.0
            if self.cast.posture in _STRIDE_HZ and not self.small:
                bounce = (
                    -abs(math.sin(math.tau * seconds * _STRIDE_HZ[self.cast.posture]))
                    * self.head_px
                    * 0.045
                )
            return 0.0, 0, bounce
        rate = _STRIDE_HZ[self.cast.posture]
        way = 1.0 if self.cast.seat.turn >= 0 else -1.0
        stride = 2.7 if self.cast.posture == "walk" else 4.6
        # Whoever comes in reaches their mark at the end; others pass it half-way.
        mark = self.seconds if self.enters else self.seconds / 2
        gone = way * (seconds - mark) * rate * stride * self.head_px
        step = int((seconds * rate + self.phase) % 1.0 * _CYCLE)
        return (
            gone,
            step,
            -abs(math.sin(math.tau * (seconds * rate + self.phase))) * self.head_px * 0.07,
        )

    def place(self, seconds: float) -> tuple[float, ...]:
        """Where everything is, rounded as it will be drawn: equal places look equal."""
        body, across, down = self._sway(seconds)
        gone, step, bounce = self._travel(seconds)
        fine = 4
        values = (body + bounce, across + gone, down + bounce, gone)
        return (*(round(v * fine) / fine for v in values), float(step))

    def face(self, seconds: float) -> tuple[str, str]:
        """Eyes and mouth at a time."""
        return self._blink(seconds), mouth_at(self.lines, seconds)

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Draw the person as the camera sees them."""
        rise, across, down, gone, step = self.place(seconds)
        eyes, mouth = self.face(seconds)
        self._show("eyes", eyes)
        self._show("mouth", mouth)
        pose = self.stage.camera.seen(seconds, SUBJECT)
        x, y = pose.x * self.stage.scale, pose.y * self.stage.scale
        zoom = pose.zoom
        self.bodies[int(step)].draw(frame, scratch, x + gone * zoom, y + rise * zoom, zoom)
        self.head.draw(frame, scratch, x + across * zoom, y + down * zoom, zoom)
