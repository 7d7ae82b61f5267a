# SPDX-License-Identifier: GPL-3.0-or-later
"""What a storyboard says about each shot, in words set into rows.

Pure: the cut in, panels out.  What does not fit under a shot's picture goes on in a panel
of its own, so nothing is ever cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..core.edit import Cue, Edit, EditClip
from ..core.emphasis import unmarked
from ..core.telling import told
from .wrapping import pieces

__all__ = ["Panel", "Row", "Run", "panels"]

#: A stretch of text in one style, "regular", "bold" or "italic".
Run = tuple[str, str]
Row = tuple[Run, ...]
#: How wide a text of a style is, points.
Measure = Callable[[str, str], float]

_FRAMING = {
    "extreme_wide": "Extreme wide", "wide": "Wide", "medium": "Medium", "close_up": "Close-up",
    "extreme_close_up": "Extreme close-up", "over_the_shoulder": "Over the shoulder",
    "insert": "Insert",
}  # fmt: skip
_MOVES = {
    "static": "Static", "pan": "Pan", "tilt": "Tilt", "dolly_in": "Dolly in",
    "dolly_out": "Dolly out", "truck": "Truck", "crane": "Crane", "handheld": "Handheld",
    "zoom": "Zoom",
}  # fmt: skip
_WAYS = {"dissolve": "Dissolve", "fade": "Fade"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One place on a page.  ``source`` is the step whose picture it shows, "" when it only goes on."""

    scene: str
    number: str
    framing: str
    length: str
    source: str
    rows: tuple[Row, ...]


def panels(edit: Edit, width: float, under: int, whole: int, measure: Measure) -> list[Panel]:
    """Every shot's panels: ``under`` rows fit below a picture, ``whole`` without one."""
    made: list[Panel] = []
    for index, clip in enumerate(edit.clips):
        rows = [row for text in _texts(edit, clip) for row in _set(text, width, measure)]
        made.append(_panel(edit, clip, index, rows[:under]))
        rest = rows[under:]
        while rest:
            made.append(_going_on(made[-1], rest[:whole]))
            rest = rest[whole:]
    return made


def _panel(edit: Edit, clip: EditClip, index: int, rows: Sequence[Row]) -> Panel:
    notes = clip.notes
    shot_type, move = str(notes.get("shot_type", "")), str(notes.get("camera_move", ""))
    way = _WAYS.get(clip.enter.kind)
    words = [_FRAMING.get(shot_type, shot_type), _MOVES.get(move, move)]
    if way:
        words.append(f"{way} in")
    return Panel(
        scene=clip.scene,
        number=clip.number or str(index + 1),
        framing="  ·  ".join(word for word in words if word),
        length=f"{float(clip.frames / edit.rate):.1f} s",
        source=clip.source,
        rows=tuple(rows),
    )


def _going_on(before: Panel, rows: Sequence[Row]) -> Panel:
    return Panel(
        scene=before.scene,
        number=before.number,
        framing="continued",
        length="",
        source="",
        rows=tuple(rows),
    )


def _texts(edit: Edit, clip: EditClip) -> Iterator[list[Run]]:
    """The action, then each line with who says it."""
    action = told(unmarked(str(clip.notes.get("action", ""))))
    if action:
        yield [("regular", action)]
    for cue in _lines(edit, clip):
        place = " (O.S.)" if cue.off_screen else ""
        speaker = f"{cue.speaker.upper()}{place}  " if cue.speaker else ""
        yield [("bold", speaker), ("regular", unmarked(cue.text))]


def _lines(edit: Edit, clip: EditClip) -> list[Cue]:
    """The dialogue that begins in the shot; a line under a dissolve belongs to its own shot."""
    first, last = float(clip.start / edit.rate), float((clip.start + clip.frames) / edit.rate)
    return [
        cue
        for cue in edit.cues
        if cue.track == "dialogue"
        and first <= cue.start < last
        and (cue.scene, cue.number) == (clip.scene, clip.number)
    ]


def _set(text: Sequence[Run], width: float, measure: Measure) -> Iterator[Row]:
    """The text in rows no wider than ``width``."""
    row: list[Run] = []
    used = 0.0
    for style, piece in _pieces(text, width, measure):
        needed = measure(piece.rstrip(), style)
        if row and used + needed > width:
            yield _joined(row)
            row, used = [], 0.0
        row.append((style, piece))
        used += measure(piece, style)
    if row:
        yield _joined(row)


def _pieces(text: Sequence[Run], width: float, measure: Measure) -> Iterator[Run]:
    """Breakable pieces; one wider than a row is broken by force."""
    for style, words in text:
        for piece in pieces(words):
            while measure(piece.rstrip(), style) > width:
                count = max(
                    1, sum(measure(piece[:end], style) <= width for end in range(1, len(piece)))
                )
                yield style, piece[:count]
                piece = piece[count:]
            yield style, piece


def _joined(row: Sequence[Run]) -> Row:
    """Neighbours of one style as one run."""
    runs: list[Run] = []
    for style, piece in row:
        if runs and runs[-1][0] == style:
            runs[-1] = (style, runs[-1][1] + piece)
        else:
            runs.append((style, piece))
    return tuple(runs)
