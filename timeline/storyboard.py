# SPDX-License-Identifier: GPL-3.0-or-later
"""The storyboard to send to a client: a title page, then every shot with its picture and words.

A4 landscape, six panels a page, a new row for each scene.  What stands in a panel is
decided in ``panels``; this is where on the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ..core.edit import Edit
from ..core.step import Artifact, StepId
from .document import Colour, Document, Picture
from .panels import Panel, Row, panels
from .still import still
from .typeface import BOLD, ITALIC, REGULAR

__all__ = ["write_storyboard"]

#: A4 landscape, points.
PAGE_WIDTH, PAGE_HEIGHT = 841.89, 595.28
SIDE, TOP = 40.0, 34.0
COLUMNS, ROWS, GUTTER = 3, 2, 20.0
PANEL = (PAGE_WIDTH - 2 * SIDE - (COLUMNS - 1) * GUTTER) / COLUMNS
#: One row of panels: the scene's heading, the shot's line, the picture, the words.
ROW_HEIGHT, HEADING, LINE = 260.0, 24.0, 14.0
TALLEST = 142.0  # of a picture
SIZE, LEADING = 7.8, 9.7
STILL_PIXELS, HERO_PIXELS = 640, 1400

INK: Colour = (0.11, 0.12, 0.14)
SOFT: Colour = (0.45, 0.47, 0.50)
FAINT: Colour = (0.84, 0.85, 0.87)
PALE: Colour = (0.94, 0.945, 0.95)
ACCENT: Colour = (0.72, 0.28, 0.12)
_STYLES = {"regular": REGULAR, "bold": BOLD, "italic": ITALIC}


def write_storyboard(
    edit: Edit, artifacts: Mapping[StepId, Artifact], path: Path
) -> Mapping[str, Any]:
    """Write the storyboard as PDF; equal input, equal bytes.

    Facts: ``pages``, ``panels`` and ``warnings`` (what could not be shown).

    Raises:
        MediaError: a clip cannot be read; names its node.
        OSError: the file cannot be written.
    """
    board = _Board(edit, artifacts)
    made = panels(edit, PANEL, board.under, board.whole, board.measure)
    board.title(made)
    board.body(made)
    board.document.write(path)
    return {"pages": board.document.pages, "panels": len(made), "warnings": board.warnings()}


class _Board:
    """One storyboard on its way."""

    def __init__(self, edit: Edit, artifacts: Mapping[StepId, Artifact]) -> None:
        self._edit, self._artifacts = edit, artifacts
        self.document = Document(PAGE_WIDTH, PAGE_HEIGHT, edit.title)
        self._tall = min(PANEL * edit.height / edit.width, TALLEST)
        self.under = int((ROW_HEIGHT - HEADING - LINE - self._tall - 16) / LEADING)
        self.whole = self.under + int((self._tall + 6) / LEADING)
        self._without: set[str] = set()
        self._last_page = 0

    def measure(self, text: str, style: str) -> float:
        """How wide a text is in a panel, points."""
        return self.document.fonts.width(text, _STYLES[style], SIZE)

    def warnings(self) -> list[str]:
        """What could not be shown as it should."""
        found = [f"There is no picture of {name}." for name in sorted(self._without)]
        lacking = sorted(self.document.fonts.lacking)
        if lacking:
            letters = " ".join(lacking[:20])
            found.append(f"No installed font has these characters of the script: {letters}")
        return found

    def title(self, made: Sequence[Panel]) -> None:
        """The first page: the film's widest picture, its name, and what there is to it."""
        document, edit = self.document, self._edit
        document.page()
        hero = self._still(self._hero(), HERO_PIXELS)
        floor = 400.0
        if hero is not None:
            document.place(hero, 0, 0, PAGE_WIDTH, floor)
        else:
            document.box(0, 0, PAGE_WIDTH, floor, PALE)
        document.box(SIDE, floor + 40, 34, 3, ACCENT)
        room = PAGE_WIDTH - 2 * SIDE
        size = 38.0
        while size > 12 and document.fonts.width(edit.title, BOLD, size) > room:
            size -= 1
        title = self._shortened(edit.title, BOLD, size, room)
        document.text(SIDE, floor + 86, title, BOLD, size, INK)
        document.text(SIDE, floor + 110, "Storyboard", REGULAR, 14, SOFT)
        document.text(SIDE, PAGE_HEIGHT - 34, self._figures(made), REGULAR, 9, SOFT)
        cast = self._cast()
        if cast:
            document.text(SIDE, PAGE_HEIGHT - 50, cast, REGULAR, 9, SOFT)

    def body(self, made: Sequence[Panel]) -> None:
        """The panels, row by row; a scene begins a row."""
        rows = [
            (scene, list(shots)[at : at + COLUMNS])
            for scene, group in groupby(made, key=lambda panel: panel.scene)
            for shots in [list(group)]
            for at in range(0, len(shots), COLUMNS)
        ]
        self._last_page = 1 + -(-len(rows) // ROWS)
        told = ""
        for index, (scene, shots) in enumerate(rows):
            if index % ROWS == 0:
                self._new_page()
            top = TOP + index % ROWS * ROW_HEIGHT
            if scene != told:
                self.document.bookmark(scene or "Scene")
            if scene != told or index % ROWS == 0:
                self._heading(top, scene, going_on=scene == told)
            told = scene
            for column, panel in enumerate(shots):
                self._panel(SIDE + column * (PANEL + GUTTER), top + HEADING, panel)

    def _new_page(self) -> None:
        document = self.document
        document.page()
        foot = PAGE_HEIGHT - 24
        document.box(SIDE, foot - 12, PAGE_WIDTH - 2 * SIDE, 0.5, FAINT)
        number = f"{document.pages} / {self._last_page}"
        at = PAGE_WIDTH - SIDE - document.fonts.width(number, REGULAR, 7.5)
        document.text(at, foot, number, REGULAR, 7.5, SOFT)
        name = self._shortened(self._edit.title, REGULAR, 7.5, PAGE_WIDTH / 2)
        document.text(SIDE, foot, name, REGULAR, 7.5, SOFT)

    def _heading(self, top: float, scene: str, *, going_on: bool) -> None:
        document = self.document
        document.box(SIDE, top, PAGE_WIDTH - 2 * SIDE, 15, PALE)
        document.box(SIDE, top, 3, 15, ACCENT)
        text = self._shortened(scene.upper(), BOLD, 8.2, PAGE_WIDTH - 2 * SIDE - 80)
        end = document.text(SIDE + 10, top + 10.6, text, BOLD, 8.2, INK)
        if going_on:
            document.text(end + 6, top + 10.6, "continued", ITALIC, 7.5, SOFT)

    def _panel(self, x: float, y: float, panel: Panel) -> None:
        document = self.document
        number = self._shortened(panel.number, BOLD, 9.5, PANEL / 3)
        end = document.text(x, y + 9.5, number, BOLD, 9.5, ACCENT)
        document.text(end + 7, y + 9.5, panel.framing, REGULAR, 7.5, SOFT)
        at = x + PANEL - document.fonts.width(panel.length, REGULAR, 7.5)
        document.text(at, y + 9.5, panel.length, REGULAR, 7.5, SOFT)
        words = y + LINE
        if panel.source:
            self._picture(x, words, panel)
            words += self._tall + 6
        for index, row in enumerate(panel.rows):
            self._row(x, words + SIZE + index * LEADING, row)

    def _picture(self, x: float, y: float, panel: Panel) -> None:
        document, edit = self.document, self._edit
        wide = min(PANEL, self._tall * edit.width / edit.height)
        document.box(x, y, PANEL, self._tall, PALE)
        picture = self._still(panel.source, STILL_PIXELS)
        left = x + (PANEL - wide) / 2
        if picture is not None:
            document.place(picture, left, y, wide, self._tall)
        document.frame(x, y, PANEL, self._tall, FAINT)

    def _row(self, x: float, y: float, row: Row) -> None:
        for style, text in row:
            x = self.document.text(x, y, text, _STYLES[style], SIZE, INK)

    def _still(self, source: str, pixels: int) -> Picture | None:
        made = self._artifacts.get(StepId(source))
        if made is None:
            self._without.update(clip.name for clip in self._edit.clips if clip.source == source)
            return None
        return self.document.picture(*still(made.path, pixels))

    def _hero(self) -> str:
        """The shot that shows most of the world."""
        order = ("extreme_wide", "wide")
        clips = self._edit.clips
        for kind in order:
            for clip in clips:
                if clip.notes.get("shot_type") == kind:
                    return clip.source
        return clips[0].source if clips else ""

    def _figures(self, made: Sequence[Panel]) -> str:
        edit = self._edit
        shots = sum(bool(panel.source) for panel in made)
        minutes, seconds = divmod(round(edit.seconds), 60)
        parts = (
            _count(len(edit.scenes), "scene"),
            _count(shots, "shot"),
            f"{minutes}:{seconds:02} min",
            f"{edit.width} × {edit.height}",
            f"{float(edit.rate):g} fps",
        )
        return "   ·   ".join(parts)

    def _cast(self) -> str:
        names = {cue.speaker.upper(): None for cue in self._edit.cues if cue.speaker}
        if not names:
            return ""
        return self._shortened("With " + ", ".join(names), REGULAR, 9, PAGE_WIDTH - 2 * SIDE)

    def _shortened(self, text: str, style: str, size: float, room: float) -> str:
        """The text, ended with an ellipsis where there is no room for it."""
        fonts = self.document.fonts
        if fonts.width(text, style, size) <= room:
            return text
        while text and fonts.width(text + "…", style, size) > room:
            text = text[:-1]
        return text.rstrip() + "…"


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
