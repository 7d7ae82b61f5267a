# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks inside the text: notes, boneyard, emphasis, escapes; and sentences.

The one idea: what stands in a margin is masked with NULs of the same length, so
that everything after can work on the masked text with the source's positions.
Every scan looks at each character a bounded number of times.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, Literal

from .script import Margin, Remark, Span

__all__ = ["LineIndex", "clean", "mask_margins", "sentences", "trim"]

_OPEN: Final = re.compile(r"/\*|\[\[")
_BLANK_LINE: Final = re.compile(r"(?:\r\n|\n|\r(?!\n))(?=\r\n|\n|\r)")
_NOT_NEWLINE: Final = re.compile(r"[^\r\n]")
_NEWLINE: Final = re.compile(r"\r\n|\n|\r")
_EMPHASIS: Final = re.compile(r"\\[*_\\]|\*{1,3}|_")
_MARKUP: Final = re.compile(r"[*_\\\x00]")
#: A full stop ends no sentence after these.
_ABBREVIATIONS: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "jr",
        "sr",
        "prof",
        "vs",
        "etc",
        "no",
        "ft",
        "v.o",
        "o.s",
        "o.c",
        "p.o.v",
        "a.m",
        "p.m",
        "u.s",
        "e.g",
        "i.e",
        "г",
        "ул",
        "т.е",
        "т.д",
        "m",
        "mme",
        "mlle",
        "hr",
        "fr",
    ]
)
#: Possessive, and never from the middle of a run: a million full stops cost a million steps.
_STOP: Final = re.compile(
    r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’»)\]\x00*_]*+(?=\s|$)|[。！？]|\[[^\[\]\r\n]{1,200}\]"
)


class LineIndex:
    """Where the lines of a text begin, for turning offsets into lines and columns."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def span(self, start: int, end: int) -> Span:
        """The span from ``start`` to ``end`` with its line and column from 1."""
        line = bisect_right(self.starts, start)
        return Span(start=start, end=end, line=line, column=start - self.starts[line - 1] + 1)


def mask_margins(text: str, index: LineIndex) -> tuple[str, tuple[Margin, ...], tuple[Remark, ...]]:
    """``text`` with notes and boneyard masked by NULs, what stood there, and remarks.

    A note may run over lines but not over an empty one, as Fountain has it; a
    boneyard over anything.  What is opened and never closed is ordinary text, so
    that nothing of the film disappears unseen, and a remark says where.
    """
    margins: list[Margin] = []
    remarks: list[Remark] = []
    parts: list[str] = []
    at = 0
    searches = {"/*": _Closer(text, "*/"), "[[": _Closer(text, "]]")}
    blanks = [match.end() for match in _BLANK_LINE.finditer(text)] if "[[" in text else []
    while (opened := _OPEN.search(text, at)) is not None:
        mark, start = opened.group(), opened.start()
        end = searches[mark].after(start + 2)
        if mark == "[[" and end >= 0 and _crosses(blanks, start, end):
            end = -1
        if end < 0:
            remarks.append(_unclosed(mark, index.span(start, start + 2)))
            parts.append(text[at : start + 2])
            at = start + 2
            continue
        parts += (text[at:start], _NOT_NEWLINE.sub("\0", text[start : end + 2]))
        at = end + 2
        inner = text[start + 2 : end].strip()
        kind: Literal["note", "boneyard"] = "note" if mark == "[[" else "boneyard"
        margin = Margin(kind=kind, text=_NEWLINE.sub("\n", inner), span=index.span(start, at))
        margins.append(margin)
    parts.append(text[at:])
    return "".join(parts), tuple(margins), tuple(remarks)


class _Closer:
    """Finds the next closing mark without searching the same stretch twice."""

    def __init__(self, text: str, mark: str) -> None:
        self._text, self._mark, self._next = text, mark, -2

    def after(self, offset: int) -> int:
        if self._next != -1 and self._next < offset:
            self._next = self._text.find(self._mark, offset)
        return self._next


def _crosses(blanks: list[int], start: int, end: int) -> bool:
    place = bisect_right(blanks, start)
    return place < len(blanks) and blanks[place] < end


def _unclosed(mark: str, span: Span) -> Remark:
    noun = "note [[" if mark == "[[" else "boneyard /*"
    return Remark(
        what=f"This {noun} is never closed; it was read as ordinary text.",
        line=span.line,
        column=span.column,
    )


def clean(raw: str) -> str:
    """``raw`` as people read it: no masked margins, no emphasis marks, escapes resolved.

    Only marks that pair within their line are emphasis, as in Fountain; a lone
    asterisk or underscore stays.
    """
    lines = _NEWLINE.split(raw)
    plain = [(_plain(line) if _MARKUP.search(line) else line).strip() for line in lines]
    kept = [new for old, new in zip(lines, plain, strict=True) if new or "\0" not in old]
    return "\n".join(kept).strip()


def _plain(line: str) -> str:
    if "\0" in line:
        # A note between two words leaves one space, not two.
        line = re.sub(r"(?<=\s)\x00+\s|\x00+", "", line).rstrip()
    marks = list(_EMPHASIS.finditer(line))
    drop: set[int] = set()
    opened: dict[str, int] = {}
    for place, match in enumerate(marks):
        mark = match.group()
        if mark[0] == "\\":
            continue
        before = line[match.start() - 1 : match.start()]
        after = line[match.end() : match.end() + 1]
        if mark in opened and before and not before.isspace():
            drop.update((opened.pop(mark), place))
        elif after and not after.isspace():
            opened[mark] = place
    return _without(line, marks, drop)


def _without(line: str, marks: list[re.Match[str]], drop: set[int]) -> str:
    parts: list[str] = []
    at = 0
    for place, match in enumerate(marks):
        parts.append(line[at : match.start()])
        mark = match.group()
        if mark[0] == "\\":
            parts.append(mark[1])
        elif place not in drop:
            parts.append(mark)
        at = match.end()
    parts.append(line[at:])
    return "".join(parts)


def sentences(seen: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of each sentence of ``seen[start:end]``, in order, without the space between.

    Together they hold every visible character.  A bracketed cue (``[Thunder]``) is a
    sentence of its own; "Mr." ends none.
    """
    at = start
    for stop in _stops(seen, start, end):
        first, last = trim(seen, at, stop)
        if first < last:
            yield first, last
        at = stop


def _stops(seen: str, start: int, end: int) -> Iterator[int]:
    at = start
    for match in _STOP.finditer(seen, start, end):
        if match.group()[0] == "[":
            if match.start() > at:
                yield match.start()
            yield match.end()
            at = match.end()
        elif not (match.group() == "." and _abbreviated(seen, at, match.start())):
            yield match.end()
            at = match.end()
    yield end


def _abbreviated(seen: str, start: int, dot: int) -> bool:
    begin = dot
    while begin > start and dot - begin < 8 and not seen[begin - 1].isspace():
        begin -= 1
    word = seen[begin:dot].lstrip("(\"'“«").lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word not in "iaя")


def trim(seen: str, start: int, end: int) -> tuple[int, int]:
    """``start`` and ``end`` moved inwards past space and masked margins."""
    blank = "\0 \t\r\n\f\v\xa0\u3000"
    while start < end and seen[start] in blank:
        start += 1
    while end > start and seen[end - 1] in blank:
        end -= 1
    return start, end
