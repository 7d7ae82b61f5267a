# SPDX-License-Identifier: GPL-3.0-or-later
"""A screenplay as a frozen value that never lets go of its source.

The one idea: the text is the truth and every element points into it.  An
element's ``text`` is what is said or seen, cleaned of markup; its ``span`` is
where the whole element stands in the source, and ``words`` is the part an
editor may replace without touching its neighbours.  So a screenplay can be
written back byte for byte, and a changed line changes only itself.

Reading is in ``read``, film sense in ``breakdown``; nothing here knows shots.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

__all__ = ["Element", "Kind", "Margin", "Remark", "Screenplay", "Span", "TitleEntry"]


class Kind(enum.StrEnum):
    """What an element of a screenplay is, in Fountain's own words."""

    HEADING = "heading"
    ACTION = "action"
    CHARACTER = "character"
    PARENTHETICAL = "parenthetical"
    DIALOGUE = "dialogue"
    LYRIC = "lyric"
    TRANSITION = "transition"
    CENTRED = "centred"
    SECTION = "section"
    SYNOPSIS = "synopsis"
    PAGE_BREAK = "page break"
    FURNITURE = "furniture"  #: page numbers and (CONTINUED) lines of a printed layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the source: code points ``start`` to ``end`` (exclusive).

    ``line`` and ``column`` say where ``start`` is, both counted from 1.
    """

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One paragraph of a screenplay.

    ``text`` has no markup: no forcing character, emphasis, note or boneyard.
    A character's ``text`` is the bare name and ``extension`` what stood in its
    parentheses (``V.O.``).  The lines of one paragraph are joined by ``\\n``.
    """

    kind: Kind
    text: str
    span: Span
    words: Span
    depth: int = 0  #: of a section, from 1
    number: str = ""  #: of a scene, as written
    extension: str = ""
    dual: Literal["", "left", "right"] = ""
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleEntry:
    """``key: value`` of the title page; lines of a long value are joined by ``\\n``."""

    key: str
    value: str
    span: Span
    words: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What the writer said beside the film: a note, or text laid in the boneyard."""

    kind: Literal["note", "boneyard"]
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something odd that did not stop the reading, and where."""

    what: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenplay:
    """A whole screenplay.

    ``text`` is the source itself, without a byte-order mark and otherwise
    untouched.  ``seen`` has the same length: what stands in notes and boneyards is
    replaced there by NUL (which no source may hold), so that both share positions.
    A Final Draft file is first written out as Fountain; ``text`` is then that.
    """

    text: str
    seen: str
    title_page: tuple[TitleEntry, ...]
    elements: tuple[Element, ...]
    margins: tuple[Margin, ...]
    remarks: tuple[Remark, ...] = ()
    source: Literal["fountain", "fdx"] = "fountain"

    @property
    def notes(self) -> tuple[Margin, ...]:
        """The writer's ``[[notes]]``, in order."""
        return tuple(margin for margin in self.margins if margin.kind == "note")

    @property
    def boneyard(self) -> tuple[Margin, ...]:
        """What was cut out with ``/* … */``, in order."""
        return tuple(margin for margin in self.margins if margin.kind == "boneyard")

    def title_value(self, *keys: str) -> str:
        """The first title-page value under any of ``keys`` (case aside), or ""."""
        wanted = {key.casefold() for key in keys}
        found = (entry.value for entry in self.title_page if entry.key.casefold() in wanted)
        return next(found, "")
