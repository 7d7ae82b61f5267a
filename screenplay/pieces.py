# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces a screenplay is filmed from: sentences of action, spoken lines, sound cues.

The one idea: every word of the film belongs to exactly one piece, every piece to
exactly one shot, and a piece can be found again by its anchor: line, column and a
checksum of its words.  The anchor lies on the node made from the piece, so a tree
and a text that were both edited still know what belongs to what.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from .marks import LineIndex, clean, sentences, trim
from .paragraphs import camera_line
from .script import Element, Kind, Screenplay

__all__ = ["Piece", "RawScene", "anchor_of", "film_text", "split_scenes"]

_NEWLINE: Final = re.compile(r"\r\n|\n|\r")
_BEAT: Final = re.compile(
    r"^(?:a |long |short |another )*(?:beat|pause|silence|пауза|тишина|un temps|temps|pausa|kurze pause)s?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One sentence, spoken line or ``[sound cue]``, and where its words stand in the source.

    ``text`` is clean and on one line for action; a spoken line keeps its breaks.
    ``start`` and ``end`` are code points of the source, ``end`` exclusive; ``line`` and
    ``column`` count from 1.
    """

    kind: Literal["sentence", "line", "cue"]
    text: str
    start: int
    end: int
    line: int
    column: int
    paragraph: int  #: which element of the screenplay it stands in
    cue: int = -1  #: of a line: which element names its speaker
    speaker: str = ""
    extension: str = ""
    manner: str = ""  #: the parenthetical before the line, beats aside
    pause: float = 0.0  #: seconds a (beat) asks for
    dual: Literal["", "left", "right"] = ""
    opens: bool = False  #: of a sentence: it is a camera direction on a line of its own

    @property
    def anchor(self) -> str:
        """Where it stands and what it says: ``12:1#9f3ac1``."""
        return anchor_of(self.line, self.column, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawScene:
    """One scene as written: its heading (None before the first), pieces and transitions.

    ``transitions`` pairs each with how many pieces stand before it.  ``ends`` is
    the index of the element after the scene's last.
    """

    heading: Element | None
    begins: int
    ends: int
    pieces: tuple[Piece, ...]
    transitions: tuple[tuple[int, Element], ...]
    synopsis: str = ""
    sections: tuple[str, ...] = ()


def anchor_of(line: int, column: int, text: str) -> str:
    """The anchor of words ``text`` at ``line`` and ``column``; spacing does not count."""
    return f"{line}:{column}#{zlib.crc32(film_text(text).encode()) & 0xFFFFFF:06x}"


def film_text(text: str) -> str:
    """``text`` on one line with single spaces."""
    return " ".join(text.split())


def split_scenes(screenplay: Screenplay) -> tuple[RawScene, ...]:
    """The scenes in order.  A heading with nothing under it is a scene too, unless it is OMITTED.

    What stands before the first heading belongs to the first scene when it is only
    transitions, else it is a scene without a heading.
    """
    index = LineIndex(screenplay.text)
    elements = screenplay.elements
    starts = [at for at, element in enumerate(elements) if element.kind is Kind.HEADING]
    bounds = starts if starts and _silent(elements[: starts[0]]) else [0, *starts]
    bounds = sorted(set(bounds))
    if starts and bounds[0] == starts[0]:
        bounds[0] = 0
    if not elements:
        return ()
    found = [
        _scene(screenplay, index, first, last)
        for first, last in zip(bounds, [*bounds[1:], len(elements)], strict=True)
    ]
    return tuple(scene for scene in found if not _omitted(scene))


def _silent(elements: tuple[Element, ...]) -> bool:
    """Whether nothing is seen or heard in ``elements``."""
    quiet = (Kind.TRANSITION, Kind.SECTION, Kind.SYNOPSIS, Kind.PAGE_BREAK, Kind.FURNITURE)
    return all(element.kind in quiet for element in elements)


def _omitted(scene: RawScene) -> bool:
    if scene.pieces:
        return False
    return scene.heading is None or scene.heading.text.strip(" .").upper() in ("OMITTED", "OMIT")


def _scene(screenplay: Screenplay, index: LineIndex, first: int, last: int) -> RawScene:
    heading: Element | None = None
    pieces: list[Piece] = []
    transitions: list[tuple[int, Element]] = []
    notes: dict[Kind, list[str]] = {Kind.SYNOPSIS: [], Kind.SECTION: []}
    at = first
    while at < last:
        element = screenplay.elements[at]
        if element.kind is Kind.CHARACTER:
            after = _speech_end(screenplay.elements, at, last)
            pieces.extend(_lines(screenplay, index, at, after))
            at = after
            continue
        if element.kind is Kind.HEADING and heading is None:
            heading = element
        elif element.kind is Kind.TRANSITION:
            transitions.append((len(pieces), element))
        elif element.kind in notes:
            notes[element.kind].append(element.text)
        elif element.kind in (Kind.ACTION, Kind.CENTRED, Kind.LYRIC, Kind.DIALOGUE):
            pieces.extend(_action(screenplay.seen, index, element, at))
        at += 1
    return RawScene(
        heading=heading,
        begins=first,
        ends=last,
        pieces=tuple(pieces),
        transitions=tuple(transitions),
        synopsis=" ".join(notes[Kind.SYNOPSIS]),
        sections=tuple(notes[Kind.SECTION]),
    )


def _speech_end(elements: tuple[Element, ...], at: int, last: int) -> int:
    spoken = (Kind.PARENTHETICAL, Kind.DIALOGUE, Kind.LYRIC, Kind.FURNITURE)
    at += 1
    while at < last and elements[at].kind in spoken:
        at += 1
    return at


def _lines(screenplay: Screenplay, index: LineIndex, at: int, after: int) -> Iterator[Piece]:
    """The lines of one speech, each with the parenthetical before it."""
    cue = screenplay.elements[at]
    manner, pause = "", 0.0
    for place in range(at + 1, after):
        element = screenplay.elements[place]
        if element.kind is Kind.PARENTHETICAL:
            if _BEAT.match(element.text):
                pause += 1.0
            else:
                manner = element.text
            continue
        if element.kind is Kind.FURNITURE or not element.text:
            continue
        words = element.words
        span = index.span(words.start, words.end)
        yield Piece(
            kind="line",
            text=element.text,
            start=words.start,
            end=words.end,
            line=span.line,
            column=span.column,
            paragraph=place,
            cue=at,
            speaker=cue.text,
            extension=cue.extension,
            manner=manner,
            pause=pause,
            dual=cue.dual,
        )
        manner, pause = "", 0.0


def _action(seen: str, index: LineIndex, element: Element, at: int) -> Iterator[Piece]:
    for first, last, opens in _stretches(seen, element.words.start, element.words.end):
        for start, end in sentences(seen, first, last):
            text = film_text(clean(seen[start:end]))
            if not text:
                continue
            opens = opens and start == trim(seen, first, last)[0]
            cue = text.startswith("[") and text.endswith("]") and len(text) > 2
            span = index.span(start, end)
            yield Piece(
                kind="cue" if cue else "sentence",
                text=text[1:-1].strip() if cue else text,
                start=start,
                end=end,
                line=span.line,
                column=span.column,
                paragraph=at,
                opens=opens,
            )


def _stretches(seen: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """A paragraph cut after each camera direction that has a line to itself."""
    at = start
    for match in _NEWLINE.finditer(seen, start, end):
        first, last = trim(seen, at, match.start())
        if "\n" not in seen[first:last] and camera_line(seen[first:last].replace("\0", "")):
            yield at, match.end(), True
            at = match.end()
    yield at, end, False
