# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that no node has any more, taken out of a script with what they leave empty.

The one idea: a paragraph goes when its last sentence goes, a cue when its last line
goes, a heading when nothing of its scene is left.  Notes and boneyard stay: nobody
deleted those.
"""

from __future__ import annotations

from collections.abc import Sequence

from .pieces import Piece, RawScene, anchor_of
from .rewording import cut_sentence, own_lines
from .script import Kind, Screenplay
from .write import Edit, whole_lines

__all__ = ["removals"]


def removals(
    screenplay: Screenplay, scenes: Sequence[RawScene], taken: set[str], *, cues: bool
) -> list[Edit]:
    """Edits that remove every piece and heading whose anchor is not in ``taken``.

    ``cues``: bracketed sound cues are in the tree too; otherwise they stay.
    """
    edits: list[Edit] = []
    for at, scene in enumerate(scenes):
        gone = [
            piece
            for piece in scene.pieces
            if piece.anchor not in taken and (cues or piece.kind != "cue")
        ]
        edits += _paragraphs(screenplay, scene, [p for p in gone if p.kind != "line"])
        edits += _speeches(screenplay, scene, [p for p in gone if p.kind == "line"])
        if len(gone) == len(scene.pieces) and _headless(scene, taken):
            edits += _frame(screenplay, scene, last=at == len(scenes) - 1)
    return edits


def _headless(scene: RawScene, taken: set[str]) -> bool:
    heading = scene.heading
    if heading is None:
        return False
    return anchor_of(heading.words.line, heading.words.column, heading.text) not in taken


def _frame(screenplay: Screenplay, scene: RawScene, *, last: bool) -> list[Edit]:
    """A scene's heading and transitions; the film's own ending stays."""
    elements = [scene.heading] if scene.heading else []
    if not last:
        elements += [element for _, element in scene.transitions if element.span.start > 0]
        elements = [e for e in elements if e and "FADE IN" not in e.text.upper()]
    spans = [whole_lines(screenplay.text, element.span) for element in elements]
    return [_without(screenplay, start, end) for start, end in spans]


def _paragraphs(screenplay: Screenplay, scene: RawScene, gone: list[Piece]) -> list[Edit]:
    edits: list[Edit] = []
    left = {p.paragraph for p in scene.pieces if p.kind != "line"} - {p.paragraph for p in gone}
    lost = {piece.anchor for piece in gone}
    partly = {p.paragraph for p in scene.pieces if p.kind != "line" and p.anchor not in lost} | left
    done: set[int] = set()
    for piece in gone:
        span = screenplay.elements[piece.paragraph].span
        if piece.paragraph in partly:
            edits.append(cut_sentence(screenplay, piece))
        elif piece.paragraph not in done:
            done.add(piece.paragraph)
            edits.append(_without(screenplay, *whole_lines(screenplay.text, span)))
    return edits


def _without(screenplay: Screenplay, start: int, end: int) -> Edit:
    """The lines from ``start`` to ``end`` taken out, all but the notes and boneyard in them."""
    kept = [
        screenplay.text[margin.span.start : margin.span.end]
        for margin in screenplay.margins
        if start <= margin.span.start < end
    ]
    return Edit(start=start, end=end, text="\n".join(kept) + "\n\n" if kept else "")


def _speeches(screenplay: Screenplay, scene: RawScene, gone: list[Piece]) -> list[Edit]:
    edits: list[Edit] = []
    lost = {piece.anchor for piece in gone}
    kept = {p.cue for p in scene.pieces if p.kind == "line" and p.anchor not in lost}
    done: set[int] = set()
    for piece in gone:
        if piece.cue in kept:
            first = piece.paragraph
            before = screenplay.elements[first - 1]
            if piece.manner and before.kind is Kind.PARENTHETICAL:
                first -= 1
            start = screenplay.elements[first].span.start
            start, end = own_lines(screenplay.text, start, piece.end)
            edits.append(_without(screenplay, start, end))
        elif piece.cue not in done:
            done.add(piece.cue)
            span = (screenplay.elements[piece.cue].span.start, _end(screenplay, piece.cue))
            edits.append(_without(screenplay, *whole_lines(screenplay.text, span)))
    return edits


def _end(screenplay: Screenplay, cue: int) -> int:
    spoken = (Kind.DIALOGUE, Kind.PARENTHETICAL, Kind.LYRIC)
    at = cue
    while at + 1 < len(screenplay.elements) and screenplay.elements[at + 1].kind in spoken:
        at += 1
    return screenplay.elements[at].span.end
