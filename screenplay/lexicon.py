# SPDX-License-Identifier: GPL-3.0-or-later
"""Word lists that turn prose into a choice: which weather, which mood, which kind of place.

The one idea: a list is data, ``choice: words``, and looking up costs time in the
length of the text alone.  ``rain*`` is any word that begins so; a word of a script
without spaces is found anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["Lexicon"]

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


class Lexicon:
    """Choices by the words that call for them."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._whole: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._inside: dict[str, str] = {}
        for choice, words in lists.items():
            for word in words.split():
                if _UNSPACED.search(word):
                    self._inside.setdefault(word, choice)
                elif word.endswith("*"):
                    self._stems.setdefault(word[:-1], choice)
                else:
                    self._whole.setdefault(word, choice)
        self._longest = max((len(stem) for stem in self._stems), default=0)

    def hits(self, text: str) -> Iterator[str]:
        """The choice of each word that has one, in the order of the text."""
        lower = text.lower()
        for match in _TOKEN.finditer(lower):
            choice = self._choice(match.group())
            if choice:
                yield choice
        if self._inside and _UNSPACED.search(lower):
            yield from (choice for word, choice in self._inside.items() if word in lower)

    def first(self, text: str) -> str:
        """The choice of the first word that has one, "" when none has."""
        return next(self.hits(text), "")

    def last(self, text: str) -> str:
        """The choice of the last word that has one: the head of an English compound."""
        return next(reversed(tuple(self.hits(text))), "")

    def most(self, text: str) -> str:
        """The choice most words call for, the earlier on a tie; "" when none does."""
        counts: dict[str, int] = {}
        for choice in self.hits(text):
            counts[choice] = counts.get(choice, 0) + 1
        return max(counts, key=lambda choice: counts[choice]) if counts else ""

    def _choice(self, token: str) -> str:
        found = self._whole.get(token)
        for length in range(min(len(token), self._longest), 1, -1):
            if found:
                break
            found = self._stems.get(token[:length])
        return found or ""
