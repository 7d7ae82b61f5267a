# SPDX-License-Identifier: GPL-3.0-or-later
"""The title page: keys and values before the film begins.

The one idea: a title page is a block of ``key: value`` lines with at least one key
that title pages have, so that a script that opens with ``FADE IN:`` or with prose
that holds a colon has none.
"""

from __future__ import annotations

import re
from typing import Final

from .headings import looks_like_heading
from .marks import LineIndex, clean, trim
from .paragraphs import looks_like_transition
from .script import TitleEntry

__all__ = ["read_title_page"]

_KEY: Final = re.compile(r"(?P<key>[^\s:#>@~.!=][^:\r\n]{0,39})(?<!\s)\s{0,9}:(?!//)")
_KNOWN: Final = frozenset(
    [
        "title",
        "credit",
        "author",
        "authors",
        "source",
        "notes",
        "note",
        "draft date",
        "date",
        "draft",
        "contact",
        "copyright",
        "revision",
        "version",
        "format",
        "genre",
        "style",
        "tone",
        "look",
        "mood",
        "logline",
        "language",
        "aliases",
        "cast",
        "music",
        "font",
        "watermark",
        "episode",
        "series",
        "based on",
        "written by",
        "directed by",
        "director",
        "production",
        "company",
        "subtitle",
        "titre",
        "auteur",
        "auteurs",
        "crédit",
        "genre",
        "langue",
        "titel",
        "autor",
        "autoren",
        "buch",
        "titolo",
        "autore",
        "autores",
        "título",
        "fecha",
        "data",
        "название",
        "заголовок",
        "автор",
        "авторы",
        "жанр",
        "стиль",
        "дата",
        "контакты",
        "标题",
        "片名",
        "作者",
        "编剧",
        "タイトル",
        "作",
    ]
)


def read_title_page(
    seen: str, lines: list[tuple[int, int]], index: LineIndex
) -> tuple[tuple[TitleEntry, ...], int]:
    """The entries, and how many of ``lines`` (offsets without line ends) they take up."""
    entries: list[TitleEntry] = []
    at = _skip_blank(seen, lines, 0)
    used = 0
    while at < len(lines):
        block = _block(seen, lines, at)
        found = _entries(seen, lines[at:block], index)
        wanted = found[:1] if entries else found
        if not any(entry.key.casefold() in _KNOWN for entry in wanted):
            break
        entries += found
        used = block
        at = _skip_blank(seen, lines, block)
    return tuple(entries), used


def _skip_blank(seen: str, lines: list[tuple[int, int]], at: int) -> int:
    while at < len(lines) and not seen[slice(*lines[at])].strip("\0 \t\f"):
        at += 1
    return at


def _block(seen: str, lines: list[tuple[int, int]], at: int) -> int:
    while at < len(lines) and seen[slice(*lines[at])].strip():
        at += 1
    return at


def _entries(seen: str, lines: list[tuple[int, int]], index: LineIndex) -> list[TitleEntry]:
    """The entries of one block; none when one of its lines belongs to no entry."""
    keyed: list[tuple[str, int, int]] = []
    for start, end in lines:
        line = seen[start:end]
        key = None if line[:1].isspace() and keyed else _KEY.match(line.replace("\0", " ").lstrip())
        if key and not _film(line):
            shift = len(line) - len(line.replace("\0", " ").lstrip())
            keyed.append((key["key"], start + shift + key.end(), end))
        elif keyed and (line[:1].isspace() or not line.strip("\0 ")):
            name, first, _ = keyed[-1]
            keyed[-1] = (name, first, end)
        else:
            return []
    return [_entry(seen, index, *item) for item in keyed]


def _film(line: str) -> bool:
    plain = line.replace("\0", "").strip()
    return looks_like_transition(plain) or looks_like_heading(plain) or plain == "FADE IN:"


def _entry(seen: str, index: LineIndex, key: str, first: int, end: int) -> TitleEntry:
    start, stop = trim(seen, first, end)
    if start >= stop:
        start = stop = first
    begin = seen.rfind(key, 0, first)
    return TitleEntry(
        key=key.strip(),
        value=clean(seen[start:stop]),
        span=index.span(max(begin, 0), max(stop, first)),
        words=index.span(start, stop),
    )
