# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines at the bottom of a terminal that are redrawn in place, and text that passes above.

One write a frame, at most ten frames a second, only what changed: nothing
flickers.  Widths are counted in terminal cells, so Chinese and Japanese fit too.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import TextIO

__all__ = ["Block", "bar", "clipped", "width"]

#: Blocks of one to eight eighths, and what stands in for them where they cannot be shown.
_EIGHTHS = "▏▎▍▌▋▊▉█"
_UP, _CLEAR_LINE, _CLEAR_DOWN = "\x1b[{}A", "\x1b[K", "\x1b[J"


def width(text: str) -> int:
    """Terminal cells that ``text`` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def clipped(text: str, cells: int) -> str:
    """``text`` on one line, cut with an ellipsis to fit into ``cells``."""
    text = " ".join(text.split())
    if width(text) <= cells:
        return text
    while text and width(text) > cells - 1:
        text = text[:-1]
    return f"{text.rstrip()}…" if cells > 0 else ""


def bar(fraction: float, cells: int, *, plain: bool = False) -> str:
    """A bar of ``cells``, filled to ``fraction`` (0–1); ``plain`` takes ASCII only."""
    eighths = round(max(0.0, min(1.0, fraction)) * cells * 8)
    full, rest = divmod(eighths, 8)
    if plain:
        return "#" * full + "-" * (cells - full)
    part = _EIGHTHS[rest - 1] if rest else ""
    return f"{'█' * full}{part}".ljust(cells, "░")


class Block:
    """The lines under everything else.  ``frame`` draws them, ``above`` prints for good."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown: list[str] = []
        if sys.platform == "win32":
            os.system("")  # an empty command makes the console read escape sequences

    def frame(self, lines: Sequence[str]) -> None:
        """Draw ``lines`` in place of those before."""
        new = list(lines)
        if new == self._shown:
            return
        self._write(self._back() + self._drawn(new))
        self._shown = new

    def above(self, text: str) -> None:
        """Print ``text`` above the block, where it stays."""
        self._write(f"{self._back()}{text}{_CLEAR_LINE}\n{_CLEAR_DOWN}{self._drawn(self._shown)}")

    def clear(self) -> None:
        """Take the block away."""
        if self._shown:
            self._write(self._back() + _CLEAR_DOWN)
            self._shown = []

    def _back(self) -> str:
        return _UP.format(len(self._shown)) + "\r" if self._shown else "\r"

    def _drawn(self, lines: Sequence[str]) -> str:
        drawn = "".join(f"{line}{_CLEAR_LINE}\n" for line in lines)
        return drawn + (_CLEAR_DOWN if len(lines) < len(self._shown) else "")

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
