# SPDX-License-Identifier: GPL-3.0-or-later
"""Text into rows of a limited length, broken where a reader would pause.

Works for alphabets with spaces and for Chinese and Japanese without them; a width may be
anything that can be summed over characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["balanced", "pages", "pieces"]

#: Characters a row may not begin with.
_CLOSING = frozenset(",.;:!?…)]}»”’、。，！？；：）」』ー")
_PAUSES = (".", "!", "?", "…", ";", ":", ",", "—", "–", "。", "、", "，", "！", "？")


def pieces(text: str) -> list[str]:
    """The text cut at every place it may be broken; spaces stay at the end of a piece."""
    found: list[str] = []
    for word in re.findall(r"\S+\s*", text):
        found.extend(_characters(word) if _unspaced(word) else [word])
    return found


def _unspaced(word: str) -> bool:
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in word)


def _characters(word: str) -> list[str]:
    """A word of an alphabet without spaces, in pieces of one character each; Latin runs whole."""
    found: list[str] = []
    for run in re.findall(r"[\x21-\u02af]+\s*|.\s*", word):
        if found and run.strip() and run.strip()[0] in _CLOSING:
            found[-1] += run
        else:
            found.append(run)
    return found


def pages(text: str, row: int, rows: int) -> list[tuple[str, ...]]:
    """The text as screens of at most ``rows`` rows of ``row`` characters, as even as may be."""
    parts = [short for piece in pieces(text) for short in _short(piece, row)]
    if not parts:
        return []
    left = _screens(parts, row, rows)
    screens: list[tuple[str, ...]] = []
    while parts:
        most = _fitting(parts, row, rows)
        if most < len(parts):
            most = _pause(parts, most, len("".join(parts)) / max(1, left))
        screens.append(balanced(parts[:most], row, rows))
        parts, left = parts[most:], left - 1
    return screens


def _screens(parts: Sequence[str], row: int, rows: int) -> int:
    """How few screens the parts need."""
    count = 0
    while parts:
        parts = parts[_fitting(parts, row, rows) :]
        count += 1
    return count


def _short(piece: str, row: int) -> list[str]:
    """A piece longer than a row, by force."""
    if len(piece.rstrip()) <= row:
        return [piece]
    return [piece[at : at + row] for at in range(0, len(piece), row)]


def _fitting(parts: Sequence[str], row: int, rows: int) -> int:
    """How many parts fill the rows at most."""
    used, line = 1, ""
    for index, part in enumerate(parts):
        if len((line + part).rstrip()) > row:
            used, line = used + 1, ""
            if used > rows:
                return index
        line += part
    return len(parts)


def _pause(parts: Sequence[str], most: int, even: float) -> int:
    """Where to stop, at most after ``most`` parts: near an even share of ``even`` characters,
    at a pause where there is one near."""

    def strain(count: int) -> float:
        length = len("".join(parts[:count]))
        pause = parts[count - 1].rstrip().endswith(_PAUSES)
        return abs(length - even) - (even / 3 if pause else 0.0)

    return min(range(max(1, most // 3), most + 1), key=strain)


def balanced(parts: Sequence[str], row: int, rows: int) -> tuple[str, ...]:
    """Parts that fit, in one row, or in two of which neither is much longer."""
    whole = "".join(parts).strip()
    if len(whole) <= row or rows == 1:
        return (whole,)
    best = min(range(1, len(parts)), key=lambda index: _strain(parts, index, row))
    return ("".join(parts[:best]).strip(), "".join(parts[best:]).strip())


def _strain(parts: Sequence[str], index: int, row: int) -> int:
    """How badly the text breaks before part ``index``: unevenness, less at a pause."""
    first, second = "".join(parts[:index]).strip(), "".join(parts[index:]).strip()
    over = max(0, len(first) - row, len(second) - row)
    pause = 8 if first.endswith(_PAUSES) else 0
    top_heavy = 2 if len(first) > len(second) else 0
    return over * 1000 + abs(len(first) - len(second)) - pause + top_heavy
