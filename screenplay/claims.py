# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words of a script belong to which node, found by the nodes' anchors.

The one idea: an anchor that still stands is believed at once; one whose line has
moved is found again by its checksum, the nearest first.  No words are given twice: a
copied node says the same, but it is a new one.
"""

from __future__ import annotations

from collections.abc import Iterable

from .pieces import Piece, RawScene, anchor_of
from .script import Element

__all__ = ["Claims", "Heading"]

Heading = tuple[int, Element]  #: the scene's index and its heading


class Claims:
    """The pieces and headings of a script, given out once each."""

    def __init__(self, scenes: Iterable[RawScene]) -> None:
        self.taken: set[str] = set()
        self.scene_of: dict[str, int] = {}
        self._pieces: dict[str, Piece] = {}
        self._headings: dict[str, Heading] = {}
        self._by_sum: dict[tuple[str, bool], list[str]] = {}
        for at, scene in enumerate(scenes):
            if scene.heading:
                words = scene.heading.words
                anchor = anchor_of(words.line, words.column, scene.heading.text)
                self._headings[anchor] = (at, scene.heading)
                self._note(anchor, at, heading=True)
            for piece in scene.pieces:
                self._pieces[piece.anchor] = piece
                self._note(piece.anchor, at, heading=False)

    def _note(self, anchor: str, scene: int, *, heading: bool) -> None:
        self.scene_of[anchor] = scene
        self._by_sum.setdefault((anchor.partition("#")[2], heading), []).append(anchor)

    def pieces(self, anchors: Iterable[str]) -> list[Piece]:
        """The pieces that ``anchors`` name and nobody has yet, in the script's order."""
        found = [self._take(anchor, heading=False) for anchor in anchors]
        taken = [self._pieces[anchor] for anchor in found if anchor]
        return sorted(taken, key=lambda piece: piece.start)

    def heading(self, anchors: Iterable[str]) -> Heading | None:
        """The heading that ``anchors`` name, if nobody has it yet."""
        for anchor in anchors:
            found = self._take(anchor, heading=True)
            if found:
                return self._headings[found]
        return None

    def exists(self, anchor: str) -> bool:
        """Whether the words stand where ``anchor`` says, given out or not."""
        return anchor in self._pieces or anchor in self._headings

    def _take(self, anchor: str, *, heading: bool) -> str:
        known: dict[str, Heading] | dict[str, Piece] = self._headings if heading else self._pieces
        if anchor in known:
            found = "" if anchor in self.taken else anchor
        else:
            found = self._nearest(anchor, heading=heading)
        if found:
            self.taken.add(found)
        return found

    def _nearest(self, anchor: str, *, heading: bool) -> str:
        offers = self._by_sum.get((anchor.partition("#")[2], heading), [])
        free = [offer for offer in offers if offer not in self.taken][:50]
        return min(free, key=lambda offer: abs(_line(offer) - _line(anchor)), default="")


def _line(anchor: str) -> int:
    number = anchor.partition(":")[0]
    return int(number) if number.isdecimal() else 0
