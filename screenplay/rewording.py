# SPDX-License-Identifier: GPL-3.0-or-later
"""New words in the place of old ones: a line, its parenthetical, a few sentences.

The one idea: as little as possible is replaced.  Sentences that stayed as they were
keep their markup and the notes between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from .compose import spoken_words
from .marks import sentences
from .pieces import Piece, film_text
from .script import Kind, Screenplay
from .sources import checksum
from .tree import TreeLine
from .write import Edit

__all__ = ["cut_sentence", "own_lines", "reword_action", "reword_line"]


def reword_action(screenplay: Screenplay, pieces: Sequence[Piece], action: str) -> list[Edit]:
    """Edits that make the sentences ``pieces`` say ``action``."""
    text = film_text(action)
    new = [text[start:end] for start, end in sentences(text, 0, len(text))]
    old = [piece.text for piece in pieces]
    if film_text(" ".join(old)) == text:
        return []
    edits: list[Edit] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for how, i1, i2, j1, j2 in matcher.get_opcodes():
        words = " ".join(new[j1:j2])
        if how == "insert":
            at = pieces[i1 - 1].end if i1 else pieces[0].start
            edits.append(Edit(start=at, end=at, text=f" {words}" if i1 else f"{words} "))
        elif how == "replace":
            edits.append(Edit(start=pieces[i1].start, end=pieces[i1].end, text=words))
            edits += [cut_sentence(screenplay, piece) for piece in pieces[i1 + 1 : i2]]
        elif how == "delete":
            edits += [cut_sentence(screenplay, piece) for piece in pieces[i1:i2]]
    return edits


def cut_sentence(screenplay: Screenplay, piece: Piece) -> Edit:
    """``piece`` taken out with the space that set it off from its neighbours."""
    seen = screenplay.seen
    start, end = piece.start, piece.end
    while end < len(seen) and seen[end] in " \t":
        end += 1
    if end >= len(seen) or seen[end] in "\r\n":
        end = piece.end
        while start > 0 and seen[start - 1] in " \t":
            start -= 1
    return Edit(start=start, end=end, text="")


def own_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """The lines that ``start`` to ``end`` stand on, with the last one's line end."""
    while start > 0 and text[start - 1] not in "\r\n":
        start -= 1
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    if text.startswith("\r\n", end):
        return start, end + 2
    return start, min(len(text), end + 1)


def reword_line(screenplay: Screenplay, piece: Piece, line: TreeLine) -> list[Edit]:
    """Edits that make a spoken line and its parenthetical say what ``line`` does."""
    edits: list[Edit] = []
    if line.source.made != checksum(line.text):
        lyric = screenplay.elements[piece.paragraph].kind is Kind.LYRIC
        words = film_text(line.text) if lyric else spoken_words(line.text)
        edits.append(Edit(start=piece.start, end=piece.end, text=words))
    usual = piece.manner or ("excited" if piece.text.endswith("!") else "")
    if film_text(usual)[:240] != film_text(line.emotion):
        edits += _manner(screenplay, piece, film_text(line.emotion))
    return edits


def _manner(screenplay: Screenplay, piece: Piece, wanted: str) -> list[Edit]:
    """The parenthetical before ``piece`` changed to ``wanted``, put in, or taken out."""
    elements = screenplay.elements
    for at in range(piece.paragraph - 1, piece.cue, -1):
        element = elements[at]
        if element.kind is Kind.PARENTHETICAL and element.text == piece.manner:
            if wanted:
                return [Edit(start=element.words.start, end=element.words.end, text=wanted)]
            start, end = own_lines(screenplay.text, element.span.start, element.span.end)
            return [Edit(start=start, end=end, text="")]
    if not wanted or wanted == "excited":
        return []
    return [Edit(start=piece.start, end=piece.start, text=f"({wanted})\n")]
