# SPDX-License-Identifier: GPL-3.0-or-later
"""Which language a screenplay speaks, from its letters and its commonest words.

The one idea: alphabets decide where they can, else the little words of the lines
vote.  Too few votes is no answer: a voice can still go by the letters of its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["language_of"]

_SCRIPTS: Final = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("uk", re.compile("[іїєґ]", re.IGNORECASE)),
    ("ru", re.compile("[а-яё]", re.IGNORECASE)),
    ("el", re.compile("[α-ω]", re.IGNORECASE)),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("ar", re.compile("[\u0620-\u064a]")),
)
_LITTLE: Final = {
    "en": "the and you is it to of that was what i not we are for my your this don't",
    "fr": "le la les et est vous je tu il elle que qui pas une des du ne c'est dans pour mais",
    "de": "der die das und ist ich du nicht ein eine sie wir es zu mit was den auf",
    "es": "el los las es que no una por con está qué pero como muy yo tú usted",
    "it": "il gli è che non una per con sono cosa ma come mi ti lei questo",
    "pt": "o os uma não você que com para está eu mas do da em é um",
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SAMPLE: Final = 20_000
_ENOUGH: Final = 3


def language_of(lines: Iterable[str], declared: str = "") -> str:
    """ISO 639-1 code of what ``lines`` are spoken in, "" when it cannot be told.

    ``declared`` (a title page's ``Language:``) wins when it is such a code.
    """
    if re.fullmatch(r"[A-Za-z]{2}(?:-[A-Za-z]{2})?", declared.strip()):
        return declared.strip().lower()
    text = " ".join(lines)[:_SAMPLE].lower()
    letters = sum(1 for _ in _WORD.finditer(text))
    for code, pattern in _SCRIPTS:
        if len(pattern.findall(text)) * 4 > letters > 0:
            return code
    words = _WORD.findall(text.replace("’", "'"))
    votes = {code: sum(word in little for word in words) for code, little in _SETS.items()}
    best = max(votes, key=lambda code: votes[code])
    others = max(count for code, count in votes.items() if code != best)
    return best if votes[best] >= _ENOUGH and votes[best] > others else ""


_SETS: Final = {code: frozenset(words.split()) for code, words in _LITTLE.items()}
