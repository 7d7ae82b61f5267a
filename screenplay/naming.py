# SPDX-License-Identifier: GPL-3.0-or-later
"""Readable, stable keys for what a breakdown finds.

The one idea: a key is the name in lower case with underscores; a second thing of
that name gets a number.  Keys become node ids and file names, so they hold letters
(of any alphabet), digits and underscores only.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["Keys", "fold", "slug"]

_ODD: Final = re.compile(r"[^\w]+")
_LONGEST: Final = 40


def fold(name: str) -> str:
    """``name`` for comparing: no case, no accents, single spaces, plain apostrophes."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def slug(name: str, *, default: str = "unnamed") -> str:
    """``name`` as a key: ``"Anna Kovač"`` → ``anna_kovač``; ``default`` when nothing is left."""
    text = unicodedata.normalize("NFKC", name).lower()
    key = _ODD.sub("_", text).strip("_")[:_LONGEST].strip("_")
    return key or default


class Keys:
    """Hands out keys, no two alike."""

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def new(self, name: str, *, default: str = "unnamed") -> str:
        """A key for ``name``; the second of that name ends in ``_2``."""
        base = slug(name, default=default)
        key, count = base, self._next.get(base, 1)
        while key in self._taken:
            count += 1
            key = f"{base}_{count}"
        self._next[base] = count
        self._taken.add(key)
        return key
