# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialogue as SubRip subtitles that can be read in the time they stand.

One line of dialogue is one or more subtitles of at most two rows; lines spoken at once
share one, each behind a dash.  A name is said where the picture does not say who speaks.
Figures follow common broadcast practice: 42 characters a row, 17 characters a second,
between 5/6 and 7 seconds, two frames apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.edit import Cue, Edit
from ..core.emphasis import unmarked
from ..core.step import Artifact, StepId
from .wrapping import pages

__all__ = ["Subtitle", "subtitles", "write_subtitles"]

ROW = 42  # characters
ROWS = 2
SHORTEST_S, LONGEST_S = 5 / 6, 7.0
READING_CPS = 17.0  # characters a second
LINGER_S = 0.3  # how long a subtitle stays after its line was spoken
APART_FRAMES = 2
FLASH_S = 0.4  # anything shorter is not seen, whatever was said at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtitle:
    """What stands on the screen between two times, seconds; rows top to bottom."""

    start: float
    end: float
    rows: tuple[str, ...]


def write_subtitles(
    edit: Edit, artifacts: Mapping[StepId, Artifact], path: Path
) -> Mapping[str, Any]:
    """Write the subtitles as UTF-8 SubRip.  Facts: ``count``.

    Raises:
        OSError: the file cannot be written.
    """
    del artifacts
    made = subtitles(edit)
    blocks = [
        f"{number}\n{_stamp(each.start)} --> {_stamp(each.end)}\n" + "\n".join(each.rows) + "\n"
        for number, each in enumerate(made, 1)
    ]
    path.write_text("\n".join(blocks), encoding="utf-8", newline="\n")
    return {"count": len(made)}


def subtitles(edit: Edit) -> tuple[Subtitle, ...]:
    """Every subtitle of the film in order; none overlaps the next."""
    lines = [cue for cue in edit.cues if cue.track == "dialogue" and cue.text.strip()]
    raw = [
        each
        for group in _together(sorted(lines, key=lambda cue: (cue.start, cue.key)))
        for each in _timed(group)
    ]
    return tuple(_spaced(raw, APART_FRAMES / float(edit.rate), edit.seconds))


def _together(lines: Sequence[Cue]) -> Iterator[list[Cue]]:
    """Lines that begin while another is being spoken in the same shot go with it, in twos."""
    group: list[Cue] = []
    for cue in lines:
        if group and (len(group) == ROWS or cue.start >= group[0].start + 0.1):
            yield group
            group = []
        group.append(cue)
    if group:
        yield group


def _timed(group: list[Cue]) -> Iterator[Subtitle]:
    """The group's subtitles, its time shared out by how much there is to read."""
    screens = _dual(group) if len(group) > 1 else _single(group[0])
    start = group[0].start
    length = max(cue.start + cue.seconds for cue in group) - start
    letters = [sum(len(row) for row in rows) for rows in screens]
    for rows, share in zip(screens, letters, strict=True):
        spoken = length * share / sum(letters)
        yield Subtitle(start=start, end=start + spoken, rows=rows)
        start += spoken


def _single(cue: Cue) -> list[tuple[str, ...]]:
    text = unmarked(cue.text)
    if cue.off_screen and cue.speaker:
        text = f"{cue.speaker.upper()}: {text}"
    return pages(text, ROW, ROWS)


def _dual(group: list[Cue]) -> list[tuple[str, ...]]:
    """Two speakers at once: one row each, as many screens as the longer one needs."""
    columns = [[row for page in pages(unmarked(c.text), ROW - 2, 1) for row in page] for c in group]
    screens = max(len(rows) for rows in columns)
    filled = [rows + [""] * (screens - len(rows)) for rows in columns]
    return [tuple(f"- {row}" for row in rows if row) for rows in zip(*filled, strict=True)]


def _spaced(raw: Sequence[Subtitle], apart: float, end: float) -> Iterator[Subtitle]:
    """Each long enough to be read, if there is room before the next; what comes too fast waits."""
    starts: list[float] = []
    for each in raw:
        starts.append(max(each.start, starts[-1] + FLASH_S) if starts else each.start)
    limits = [start - apart for start in starts[1:]]
    limits += [max(end, start + FLASH_S) for start in starts[-1:]]
    for each, start, limit in zip(raw, starts, limits, strict=True):
        letters = sum(len(row) for row in each.rows)
        read = start + max(SHORTEST_S, letters / READING_CPS)
        wanted = min(max(each.end + LINGER_S, read), max(each.end, start + LONGEST_S))
        yield replace(each, start=start, end=min(wanted, limit))


def _stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, milliseconds = divmod(whole, 60_000)
    return (
        f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
    )
