# SPDX-License-Identifier: GPL-3.0-or-later
"""How a script introduces people: a name in capitals, an age, a few words of looks.

The one idea: an introduction ends where the sentence begins to tell what somebody
does.  "ANNA (30s), a tired conductor in a grey coat, punches tickets" gives
"30s, a tired conductor in a grey coat".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from .naming import fold
from .pieces import RawScene

__all__ = ["WORD", "introductions"]

#: A word with its apostrophes, hyphens and abbreviating stops.
WORD: Final = re.compile(r"[^\W_][\w'’.\-]*", re.UNICODE)
_AGE: Final = re.compile(r"\s*\(\s*((?:[^()]{0,30}\d[^()]{0,40})|[^()]{1,40})\)")
_HAS_AGE: Final = re.compile(
    r"\d|teen|twent|thirt|fort|fift|sixt|sevent|young|old|лет", re.IGNORECASE
)
_AKA: Final = re.compile(r"\b(?:a\.?k\.?a\.?|alias|dit|он же|она же)\s+(.+)", re.IGNORECASE)
_OPENER: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "in",
        "with",
        "his",
        "her",
        "their",
        "all",
        "mid",
        "early",
        "late",
        "no",
        "not",
        "still",
        "always",
        "around",
        "about",
        "once",
        "in",
        "wearing",
        "dressed",
        "un",
        "une",
        "des",
        "le",
        "la",
        "les",
        "aux",
        "au",
        "en",
        "avec",
        "ein",
        "eine",
        "mit",
        "im",
        "in",
        "einem",
        "einer",
        "с",
        "со",
        "в",
        "на",
        "лет",
        "около",
        "молодая",
        "молодой",
        "пожилая",
        "пожилой",
        "уставший",
        "усталая",
        "усталый",
        "un",
        "una",
        "con",
    ]
)
_VERB: Final = re.compile(r"(?:[^su]s|[её]т|[ую]т|ит|[ая]т|[её]тся|ится)$")


def introductions(
    scenes: Sequence[RawScene], owner: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Folded name → (name as written, description), from its first capitals in action."""
    told: dict[str, tuple[str, str]] = {}
    for scene in scenes:
        for piece in scene.pieces:
            if piece.kind == "sentence":
                for name, rest in _capitals(piece.text):
                    folded = fold(name)
                    known = folded in owner
                    description = _description(rest, known=known)
                    if folded not in told and (known or (description and _personal(name, rest))):
                        told[folded] = (name, description)
    return told


def _capitals(text: str) -> Iterator[tuple[str, str]]:
    """Each run of words in capitals, and the text after it."""
    run: list[re.Match[str]] = []
    for word in [*WORD.finditer(text), None]:
        if (
            word
            and _shouts(word.group())
            and (not run or text[run[-1].end() : word.start()] == " ")
        ):
            run.append(word)
            continue
        yield from _runs(text, run)
        run = [word] if word and _shouts(word.group()) else []


def _runs(text: str, run: Sequence[re.Match[str]]) -> Iterable[tuple[str, str]]:
    if not run:
        return
    end = run[-1].end()
    stripped = text[run[0].start() : end].rstrip(".")
    yield stripped, text[run[0].start() + len(stripped) : end + 260]


def _shouts(word: str) -> bool:
    return len(word) > 1 and word == word.upper() and word != word.lower()


def _personal(name: str, rest: str) -> bool:
    """Whether someone who never speaks is introduced as a person: a name and an age."""
    age = _AGE.match(rest)
    return len(name.split()) <= 3 and age is not None and _HAS_AGE.search(age[1]) is not None


def _description(rest: str, *, known: bool) -> str:
    """What the introduction says after the name: ``(30s), a tired conductor, …``."""
    parts: list[str] = []
    age = _AGE.match(rest)
    if age and not _AKA.match(age[1]):
        parts.append(age[1].strip())
        rest = rest[age.end() :]
    if not known and not parts:
        return ""
    if rest[:1] == ",":
        segments = re.split(r",\s*", re.split(r"[.!?;:](?:\s|$)|\s[—–]\s", rest[1:].strip())[0])
        for at, segment in enumerate(segments):
            if not _describes(segment.strip(), last=at == len(segments) - 1):
                break
            parts.append(segment.strip())
    return ", ".join(part for part in parts if part)


def _describes(segment: str, *, last: bool) -> bool:
    words = segment.split()
    if not words:
        return False
    first = words[0].lower()
    if first in _OPENER or first[0].isdigit():
        return True
    return not last and len(words) <= 6 and not _VERB.search(first)
