# SPDX-License-Identifier: GPL-3.0-or-later
"""A screenplay as text again: byte for byte where nothing changed.

The one idea: a screenplay is never printed anew; edits are laid into its own
text.  What an edit does not name does not move.  A byte-order mark is not part of
the text and is not given back: write the file as UTF-8 without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .script import Screenplay, Span

__all__ = ["Edit", "newline_of", "rewrite", "whole_lines", "write"]

_NEWLINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put ``text`` in the place of code points ``start`` to ``end`` (exclusive).

    ``start == end`` inserts.  Several insertions at one place keep their order.
    """

    start: int
    end: int
    text: str


def write(screenplay: Screenplay) -> str:
    """The text that was read, unchanged (for a Final Draft file: its Fountain)."""
    return screenplay.text


def newline_of(text: str) -> str:
    """The line end that ``text`` uses most: CRLF, LF or CR; LF when it has none."""
    pairs = text.count("\r\n")
    counts = {
        "\n": text.count("\n") - pairs,
        "\r\n": pairs,
        "\r": text.count("\r") - pairs,
    }
    return max(counts, key=lambda end: counts[end])


def rewrite(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with the edits made; line breaks in them become those of ``text``.

    Raises:
        ValueError: Two edits overlap, or one lies outside (a bug in the caller).
    """
    newline = newline_of(text)
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"the edit of {edit.start}–{edit.end} overlaps another or the end")
        parts += (text[at : edit.start], _NEWLINE.sub(newline, edit.text))
        at = edit.end
    return "".join((*parts, text[at:]))


def whole_lines(text: str, span: Span | tuple[int, int]) -> tuple[int, int]:
    """``span`` grown to the lines it stands on and the blank lines after them.

    Cutting that leaves the paragraphs around it apart as they were.
    """
    start, end = (span.start, span.end) if isinstance(span, Span) else span
    while start > 0 and text[start - 1] not in "\r\n":
        start -= 1
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    while (match := _NEWLINE.match(text, end)) is not None:
        end = match.end()
        rest = end
        while rest < len(text) and text[rest] in " \t":
            rest += 1
        if rest < len(text) and text[rest] not in "\r\n":
            break
        end = rest
    return start, end
