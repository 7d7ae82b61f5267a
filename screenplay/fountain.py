# SPDX-License-Identifier: GPL-3.0-or-later
"""Fountain text as a screenplay; printed plain text too, which is Fountain with margins.

The one idea: one pass over the lines, each looked at once, with one line of
foresight.  Forced elements are asked for first, then what a blank line before
makes likely.  The syntax is the one at https://fountain.io/syntax (read
2026-11-23); where real scripts differ from it, the comment at that place says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from .headings import looks_like_heading, split_number
from .marks import LineIndex, clean, mask_margins, trim
from .paragraphs import (
    cue_parts,
    is_furniture,
    is_transition,
    looks_like_cue,
    looks_like_transition,
)
from .script import Element, Kind, Screenplay
from .title_page import read_title_page

__all__ = ["read_fountain"]

_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\n|\r|$)")
_PAGE_BREAK: Final = re.compile(r"={3,}$")
#: Headings that need no blank line before them: nobody says "INT. HOUSE" aloud.
_STRONG_HEADING: Final = re.compile(
    r"(?:\d+[A-Z]?[.)]?\s+)?(?:INT|EXT|INT\./EXT|ИНТ|НАТ|ЭКСТ)\.\s?\S"
)
#: After these a new paragraph begins even without a blank line.
_ONE_LINE: Final = frozenset(
    {
        Kind.HEADING,
        Kind.TRANSITION,
        Kind.SECTION,
        Kind.SYNOPSIS,
        Kind.PAGE_BREAK,
        Kind.CENTRED,
        Kind.FURNITURE,
    }
)
_SPOKEN: Final = frozenset({Kind.CHARACTER, Kind.PARENTHETICAL, Kind.DIALOGUE, Kind.LYRIC})
#: How many lines a wrapped parenthetical may take.
_LONGEST_PARENTHETICAL: Final = 4


def read_fountain(text: str) -> Screenplay:
    """The screenplay that ``text`` writes; any text is one.  Time is linear in its length."""
    index = LineIndex(text)
    seen, margins, remarks = mask_margins(text, index)
    lines = [match.span(1) for match in _LINE.finditer(text)]
    title_page, first = read_title_page(seen, lines, index)
    reader = _Reader(seen, lines, index)
    reader.read(first)
    return Screenplay(
        text=text,
        seen=seen,
        title_page=title_page,
        elements=tuple(reader.elements),
        margins=margins,
        remarks=remarks,
    )


class _Reader:
    """Turns lines into elements.  ``shown[i]`` is line i without margins and outer space."""

    def __init__(self, seen: str, lines: list[tuple[int, int]], index: LineIndex) -> None:
        self.seen, self.lines, self.index = seen, lines, index
        self.shown = [seen[a:b].replace("\0", "").strip() for a, b in lines]
        self.elements: list[Element] = []
        self._cue = -1

    def read(self, first: int) -> None:
        at, fresh = first, True
        while at < len(self.lines):
            if not self.shown[at]:
                # A line with nothing but a note is no blank line: it is not there at all.
                fresh = fresh or not self._void(at)
                at += 1
                continue
            at = self._paragraph(at, fresh)
            fresh = self.elements[-1].kind in _ONE_LINE

    def _void(self, at: int) -> bool:
        return "\0" in self.seen[slice(*self.lines[at])]

    def _follower(self, at: int) -> str:
        """The next line that is there at all, "" for a blank one or the end."""
        at += 1
        while at < len(self.lines) and not self.shown[at] and self._void(at):
            at += 1
        return self.shown[at] if at < len(self.lines) else ""

    def _paragraph(self, at: int, fresh: bool) -> int:
        line = self.shown[at]
        forced = self._forced(at, line)
        if forced:
            return forced
        if (fresh or _STRONG_HEADING.match(line)) and looks_like_heading(line):
            return self._heading(at, 0)
        if fresh and not self._follower(at) and looks_like_transition(line):
            return self._line(at, Kind.TRANSITION)
        if fresh and is_transition(line) and line.endswith(":"):
            return self._line(at, Kind.TRANSITION)
        if is_furniture(line):
            return self._line(at, Kind.FURNITURE)
        if fresh and looks_like_cue(line) and self._follower(at):
            return self._speech(at, 0)
        return self._action(at, 0)

    def _forced(self, at: int, line: str) -> int:
        """The line after the element that ``line`` forces, 0 when it forces none."""
        mark = line[0]
        if mark not in "!@.>~=#":
            return 0
        if mark == "=":
            if _PAGE_BREAK.match(line):
                return self._line(at, Kind.PAGE_BREAK, words=0)
            return 0 if line.startswith("==") else self._line(at, Kind.SYNOPSIS, 1)
        if mark == "#":
            depth = len(line) - len(line.lstrip("#"))
            return self._line(at, Kind.SECTION, depth, depth=depth)
        if mark == ".":
            return self._heading(at, 1) if line[1:2].isalnum() else 0
        if mark == "@":
            return self._speech(at, 1) if line[1:].strip(" ^") else 0
        if mark == ">":
            if line.endswith("<") and len(line) > 1:
                return self._line(at, Kind.CENTRED, 1, tail=1)
            return self._line(at, Kind.TRANSITION, 1, forced=True)
        if mark == "~":
            return self._line(at, Kind.LYRIC, 1)
        return self._action(at, 1)

    def _add(self, kind: Kind, span: tuple[int, int], words: tuple[int, int], **more: Any) -> None:
        first, last = words
        text = more.pop("text", None)
        element = Element(
            kind=kind,
            text=clean(self.seen[first:last]) if text is None else text,
            span=self.index.span(*span),
            words=self.index.span(first, last),
            **more,
        )
        self.elements.append(element)
        if kind not in _SPOKEN:
            self._cue = -1

    def _line(
        self, at: int, kind: Kind, skip: int = 0, *, tail: int = 0, words: int = 1, **more: Any
    ) -> int:
        """One line as an element whose words begin after ``skip`` characters."""
        start, end = trim(self.seen, *self.lines[at])
        if not words:
            self._add(kind, (start, end), (start, start), **more)
        else:
            first, last = trim(self.seen, start + skip, end - tail)
            self._add(kind, (start, end), (min(first, end), max(first, last)), **more)
        return at + 1

    def _heading(self, at: int, skip: int) -> int:
        start, end = trim(self.seen, *self.lines[at])
        line = self.seen[start + skip : end].replace("\0", " ")
        first, last, number = split_number(line)
        words = (start + skip + first, start + skip + max(first, last))
        self._add(Kind.HEADING, (start, end), words, number=number, forced=skip > 0)
        return at + 1

    def _action(self, at: int, skip: int) -> int:
        start, end = trim(self.seen, *self.lines[at])
        first = min(trim(self.seen, start + skip, end)[0], end)
        after = at + 1
        while after < len(self.lines) and self._continues(after):
            if self.shown[after]:
                end = trim(self.seen, *self.lines[after])[1]
            after += 1
        self._add(Kind.ACTION, (start, end), (first, max(first, end)), forced=skip > 0)
        return after

    def _continues(self, at: int) -> bool:
        """Whether line ``at`` goes on with the action before it."""
        line = self.shown[at]
        if not line:
            return self._void(at)
        if line[0] in "!@>~#" or (line[0] == "." and line[1:2].isalnum()):
            return False
        return not (line[0] == "=" or (_STRONG_HEADING.match(line) and looks_like_heading(line)))

    def _speech(self, at: int, skip: int) -> int:
        self._name(at, skip)
        after = at + 1
        while after < len(self.lines):
            line = self.shown[after]
            if not line:
                if self._void(after) or self._held_blank(after):
                    after += 1
                    continue
                break
            if self._ends_speech(line):
                break
            after = self._spoken(after, line)
        return after

    def _name(self, at: int, skip: int) -> None:
        start, end = trim(self.seen, *self.lines[at])
        raw = self.seen[start + skip : end].replace("\0", " ")
        name, extension, dual = cue_parts(raw)
        first = start + skip + (len(raw) - len(raw.lstrip()))
        previous = self._cue
        self._add(
            Kind.CHARACTER,
            (start, end),
            (first, first + len(name)),
            text=clean(name),
            extension=extension,
            forced=skip > 0,
            dual="right" if dual and previous >= 0 else "",
        )
        if dual and previous >= 0 and not self.elements[previous].dual:
            self.elements[previous] = replace(self.elements[previous], dual="left")
        self._cue = len(self.elements) - 1

    def _held_blank(self, at: int) -> bool:
        """Exactly two spaces keep a speech open over a blank line, if more of it follows."""
        if self.seen[slice(*self.lines[at])] != "  " or at + 1 >= len(self.lines):
            return False
        return bool(self.shown[at + 1]) or self.seen[slice(*self.lines[at + 1])] == "  "

    def _ends_speech(self, line: str) -> bool:
        if line[0] in "#=" and (line[0] == "#" or _PAGE_BREAK.match(line)):
            return True
        return _STRONG_HEADING.match(line) is not None and looks_like_heading(line)

    def _spoken(self, at: int, line: str) -> int:
        if line[0] == "~":
            return self._line(at, Kind.LYRIC, 1)
        if line[0] == "(":
            close = self._parenthetical_end(at)
            if close:
                return self._lines(at, close, Kind.PARENTHETICAL)
        if is_furniture(line) and not line[0].isdigit():
            return self._line(at, Kind.FURNITURE)
        after = at + 1
        while after < len(self.lines):
            line = self.shown[after]
            if line:
                if line[0] == "~" or self._ends_speech(line):
                    break
                if line[0] == "(" and self._parenthetical_end(after):
                    break
            elif not (self._void(after) or self._held_blank(after)):
                break
            after += 1
        return self._lines(at, after, Kind.DIALOGUE)

    def _parenthetical_end(self, at: int) -> int:
        """The line after a parenthetical that opens on line ``at``, 0 if it is none."""
        for after in range(at, min(at + _LONGEST_PARENTHETICAL, len(self.lines))):
            if not self.shown[after]:
                return 0
            if self.shown[after].endswith(")"):
                return after + 1
        return 0

    def _lines(self, at: int, after: int, kind: Kind) -> int:
        start, _ = trim(self.seen, *self.lines[at])
        _, end = trim(self.seen, self.lines[at][0], self.lines[after - 1][1])
        text = clean(self.seen[start:end])
        if kind is Kind.PARENTHETICAL:
            inner = text.removeprefix("(").removesuffix(")")
            self._add(kind, (start, end), (start + 1, end - 1), text=" ".join(inner.split()))
        else:
            self._add(kind, (start, end), (start, end), text=text)
        return after
