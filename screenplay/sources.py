# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``source`` of a node: which words of the script it was made from.

The one idea: a source holds anchors (``12:1#9f3ac1``: line, column, checksum of the
words) and, after ``~``, a checksum of what the node said when it was made.  So it can
be told what the writer changed, what the node's owner changed, and what neither did.

    shot       ``12:1#9f3ac1 12:40#00ab12 ~77c2d0``   its sentences; without any it was made up
    dialogue   ``15:1#1f00c3 ~1f00c3``
    sound      ``18:1#ab12cd ~ab12cd`` for a [cue], ``in 12:1#9f3ac1 ~…`` for heard action
    sequence   ``9:1#5a5a5a ~5a5a5a``                 its heading
    the film   ``text ~c0ffee``                       the whole script
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from .pieces import Piece, film_text

__all__ = ["Source", "checksum", "make_source", "read_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source taken apart.  ``own``: the node alone carries these words."""

    anchors: tuple[str, ...] = ()
    made: str = ""  #: checksum of the node's words when it was made
    own: bool = True

    @property
    def known(self) -> bool:
        """Whether the node came from a script at all."""
        return bool(self.made)


def checksum(text: str) -> str:
    """Six hexadecimal digits of ``text``, spacing aside."""
    return f"{zlib.crc32(film_text(text).encode()) & 0xFFFFFF:06x}"


def make_source(pieces: Iterable[Piece | str], words: str, *, own: bool = True) -> str:
    """The source of a node that says ``words`` and was made from ``pieces`` (or their anchors)."""
    anchors = [piece if isinstance(piece, str) else piece.anchor for piece in pieces]
    return " ".join([*([] if own else ["in"]), *filter(None, anchors), f"~{checksum(words)}"])


def read_source(text: str) -> Source:
    """The source in ``text``; what is not one is as good as none."""
    parts = text.split()
    return Source(
        anchors=tuple(part for part in parts if "#" in part and ":" in part),
        made=next((part[1:] for part in parts if part.startswith("~")), ""),
        own="in" not in parts[:1],
    )
