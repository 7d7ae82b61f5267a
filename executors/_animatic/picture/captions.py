# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written on the picture: dialogue, action, name tags, shot number and timecode.

The one idea: each piece of text is a small plate that is made once and shown while its time
lasts.  Sizes follow the frame's shorter side, so that a vertical film reads as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ....core.emphasis import unmarked
from ....core.telling import told
from .canvas import Canvas
from .colour import Colour, mix
from .lettering import BOLD, ITALIC, REGULAR, advance, legible, line, wrapped
from .outline import box
from .plates import Plate, Steps
from .spec import ShotPicture, SpokenLine

PAPER: Colour = (250.0, 247.0, 240.0)
INK: Colour = (10.0, 12.0, 16.0)
_AGE = re.compile(
    r"\s*\((?:\d{1,3}s?|(?:early|mid|late)[ -]\d{2}s|\d{1,3}\s*(?:лет|ans|años|anni|jahre))\)",
    re.IGNORECASE,
)
#: Seconds an action is shown at least, and letters read a second.
_SHOWN_S, _READ = 3.0, 14
#: Seconds before an action is shown: an eye first looks, and a dissolve is by then half done.
_LOOK_S = 0.5
TOGETHER = 0.3  # seconds two lines may overlap before they are shown as one caption


@dataclass(frozen=True, slots=True)
class Title:
    """A plate shown from ``start`` to ``end`` seconds."""

    start: float
    end: float
    plate: Plate


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def _lettered(canvas: Canvas, text: str, x: float, y: float, size: float, style: str, colour: Colour, tracking: float = 0.0) -> None:  # fmt: skip
    outline = line(text, x, y, size, style, tracking)
    if outline is None:
        return
    halo = canvas.mask(outline)
    for dx, dy in ((1, 1), (-1, 1), (0, 2), (1, 0), (-1, 0), (0, -1)):
        step = max(1.0, size / 22)
        canvas.fill(outline.moved(dx * step, dy * step), INK, 0.34)
    canvas.fill(halo, colour)


def _block(picture: ShotPicture, lines: list[tuple[str, float, str, Colour]], left: bool) -> Plate:
    """Lines (text, size, font, colour) over a soft dark ground at the foot of the frame."""
    width = picture.width
    unit = min(picture.width, picture.height) / 100
    tall = sum(size * 1.32 for _, size, _, _ in lines)
    foot = 5.0 * unit
    height = min(_even(tall + foot + 7 * unit), picture.height)
    canvas = Canvas(width, height, scale=1.0)
    _scrim(canvas)
    y = height - foot - tall
    for text, size, style, colour in lines:
        y += size * 1.32
        tracking = 0.08 if style == BOLD else 0.0
        x = 6 * unit if left else (width - advance(text, size, style, tracking)) / 2
        _lettered(canvas, text, x, y - size * 0.3, size, style, colour, tracking)
    return Plate(canvas, 0, picture.height - height, Steps())


def _scrim(canvas: Canvas) -> None:
    """Darkness that grows towards the foot of the frame."""
    import numpy as np

    ramp = np.linspace(0, 1, canvas.height, dtype=np.float32) ** 1.15 * 185
    canvas.planes[3] = np.repeat(ramp.astype(np.uint8)[:, None], canvas.width, axis=1)


def _dialogue(picture: ShotPicture, spoken: list[SpokenLine], accents: dict[str, Colour]) -> Plate:
    """What is said at one time: a line, or several people's lines one under the other."""
    unit = min(picture.width, picture.height) / 100
    size, most = 4.5 * unit, picture.width - 18 * unit
    room = 4 if len(spoken) == 1 else 2
    while size > 2.6 * unit and any(
        len(wrapped(unmarked(s.text), most, size)) > room for s in spoken
    ):
        size *= 0.88
    lines: list[tuple[str, float, str, Colour]] = []
    for said in spoken:
        small, name = 2.7 * unit, said.name if picture.name_tags or len(spoken) > 1 else ""
        colour = mix(accents.get(said.identity, PAPER), PAPER, 0.35)
        lines += [
            (row, small, BOLD, colour) for row in wrapped(name.upper(), most * 0.8, small, BOLD)[:1]
        ]
        rows = _fitting(
            wrapped(unmarked(said.text), most, size), picture.height // len(spoken), size
        )
        lines += [(row, size, REGULAR, PAPER) for row in rows]
    return _block(picture, lines, left=False)


def _fitting(rows: list[str], height: int, size: float) -> list[str]:
    """The rows that fit half the frame; an ellipsis stands for the rest."""
    most = max(1, int(height * 0.5 / (size * 1.32)))
    return rows if len(rows) <= most else [*rows[: most - 1], rows[most - 1].rstrip(".,;") + "…"]


def _told(picture: ShotPicture) -> str:
    """The action for the viewer's eye: without orders to the camera, ages and emphasis marks."""
    text = told(unmarked(picture.action), (figure.name for figure in picture.figures))
    return _AGE.sub("", text) if not _only_names(text, picture) else ""


def _only_names(text: str, picture: ShotPicture) -> bool:
    """Whether a text says no more than the name tags do: "Anna and Ben."."""
    for figure in picture.figures:
        text = text.replace(figure.name, " ") if figure.name else text
    return text.strip(" .,") in ("", "and")


def _action(picture: ShotPicture, text: str) -> Plate:
    unit = min(picture.width, picture.height) / 100
    size = 3.3 * unit
    rows = _fitting(
        wrapped(text, picture.width - 12 * unit, size, ITALIC), picture.height // 2, size
    )
    return _block(picture, [(row, size, ITALIC, (232.0, 230.0, 224.0)) for row in rows], left=True)


def titles(picture: ShotPicture, accents: dict[str, Colour]) -> list[Title]:
    """Captions with their times: each line while it is spoken, the action until the first."""
    made: list[Title] = []
    first = min((spoken.start_s for spoken in picture.lines), default=picture.seconds)
    text = _told(picture)
    if legible(text) and first > 0.8:
        end = min(first - 0.15, max(_SHOWN_S, len(text) / _READ) + _LOOK_S)
        made.append(Title(min(_LOOK_S, first / 4), end, _action(picture, text)))
    spoken = sorted((s for s in picture.lines if legible(s.text)), key=lambda s: s.start_s)
    groups: list[list[SpokenLine]] = []
    for said in spoken:
        if groups and said.start_s < max(s.end_s for s in groups[-1]) - TOGETHER:
            groups[-1].append(said)
        else:
            groups.append([said])
    for i, group in enumerate(groups):
        end = max(s.end_s for s in group) + 0.12
        if i + 1 < len(groups):
            end = min(end, groups[i + 1][0].start_s - 0.04)
        made.append(Title(group[0].start_s - 0.04, end, _dialogue(picture, group, accents)))
    return made


def name_tag(picture: ShotPicture, name: str, x: float, y: float, colour: Colour) -> Plate:
    """A small tag with its middle at pixel (x, y), kept inside the frame."""
    unit = min(picture.width, picture.height) / 100
    size = 2.25 * unit
    text = name.upper()
    while advance(text, size, BOLD, 0.12) > picture.width * 0.4 and len(text) > 4:
        text = text[:-2].rstrip() + "…"
    wide = advance(text, size, BOLD, 0.12)
    width, height = _even(wide + 4.4 * unit), _even(size * 2.1)
    canvas = Canvas(width, height, scale=1.0)
    canvas.fill(box(0, 0, width, height, height / 2), INK, 0.62)
    canvas.fill(box(1.1 * unit, height / 2 - 0.55 * unit, 2.2 * unit, height / 2 + 0.55 * unit, unit), mix(colour, PAPER, 0.15))  # fmt: skip
    outline = line(text, 3.0 * unit, height / 2 + size * 0.36, size, BOLD, 0.12)
    if outline is not None:
        canvas.fill(outline, PAPER)
    left = min(max(x - width / 2, 2 * unit), picture.width - width - 2 * unit)
    top = min(max(y, 2 * unit), picture.height - height - 2 * unit)
    return Plate(canvas, int(left) & ~1, int(top) & ~1, Steps())


class BurnIn:
    """Shot number and running timecode in the top corner; digits are made once."""

    def __init__(self, picture: ShotPicture) -> None:
        self.fps = round(picture.fps)  # timecode counts whole frames
        unit = min(picture.width, picture.height) / 100
        self.size = 2.6 * unit
        self.step = _even(advance("0", self.size) * 1.06)
        self.height = _even(self.size * 2)
        self.top = _even(2.5 * unit)
        label = f"{picture.scene}  {picture.number}".strip() if picture.number else picture.scene
        while label and advance(label, self.size, BOLD) > picture.width * 0.5:
            label = label[1:]
        self.label = self._text(label, picture.width, BOLD) if label else None
        self.left = picture.width - _even(3 * unit) - self.step * 11
        self.digits = {c: self._text(c, self.step, REGULAR) for c in "0123456789:"}
        if self.label is not None:
            self.label.left = max(0, self.left - self.label.width - _even(unit))

    def _text(self, text: str, room: int, style: str) -> Plate:
        wide = advance(text, self.size, style)
        width = self.step if len(text) == 1 else min(room & ~1, _even(wide + self.size))
        canvas = Canvas(width, self.height, scale=1.0)
        canvas.fill(box(0, 0, width, self.height), INK, 0.72)
        outline = line(
            text, (width - wide) / 2, self.height / 2 + self.size * 0.36, self.size, style
        )
        if outline is not None:
            canvas.fill(outline, (255, 214, 92) if style == BOLD else PAPER)
        return Plate(canvas, 0, self.top, Steps())

    def plates(self, index: int) -> list[tuple[Plate, int]]:
        """What to draw at a frame: plates and their offsets in pixels."""
        seconds, frames = divmod(index, self.fps)
        code = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"
        drawn = [(self.digits[c], self.left + i * self.step) for i, c in enumerate(code[:11])]
        return ([(self.label, 0)] if self.label is not None else []) + drawn
