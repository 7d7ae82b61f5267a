# SPDX-License-Identifier: GPL-3.0-or-later
"""How long things take on screen, before anything has been shot or spoken.

The one idea: a formatted page is about a minute, so a formatted line of action is
about a second; speech takes as long as its syllables.  Both are estimates: the
line's true length decides later.
"""

from __future__ import annotations

import math
import re
from typing import Final

__all__ = ["action_seconds", "page_eighths", "speech_seconds"]

#: US Letter in 12-point Courier holds about 55 lines; an action line about 60 characters
#: and a dialogue line about 35 (Fountain's and Final Draft's default margins).
LINES_A_PAGE: Final = 55
ACTION_WIDTH: Final = 60
DIALOGUE_WIDTH: Final = 35
SECONDS_A_PAGE: Final = 60.0
#: English averages 1.5 syllables a word, so the words per minute give syllables per second.
SYLLABLES_A_WORD: Final = 1.5
_VOWELS: Final = re.compile(
    r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœаеёиоуыэюяіїєαεηιουω]+", re.IGNORECASE
)
_SYLLABIC: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD: Final = re.compile(r"\w+")
_STOPS: Final = re.compile(r"[.!?…。！？]+|[,;:，、—–]")


def action_seconds(text: str) -> float:
    """Screen time of ``text`` as action: its share of formatted lines, a page a minute.

    Half a line is added for the blank one around its paragraph.
    """
    lines = len(text) / ACTION_WIDTH + 0.5
    return round(max(1.0, lines * SECONDS_A_PAGE / LINES_A_PAGE * 1.5), 2)


def speech_seconds(text: str, *, words_per_minute: float = 160.0) -> float:
    """How long ``text`` takes to say: syllables at that pace and a breath at each stop."""
    syllables = 0
    for word in _WORD.findall(text):
        whole = len(_SYLLABIC.findall(word))
        syllables += whole or max(1, len(_VOWELS.findall(word)))
    pace = words_per_minute * SYLLABLES_A_WORD / 60.0
    breaths = sum(
        0.25 if stop[0] in ".!?…。！？" else 0.12 for stop in _STOPS.findall(text.rstrip(".!?…"))
    )
    return round(max(0.6, syllables / pace + breaths), 2)


def page_eighths(action: int, dialogue: int, paragraphs: int) -> int:
    """Length of a scene in eighths of a page, at least one.

    Takes characters of action, characters of dialogue, and how many paragraphs.
    """
    lines = action / ACTION_WIDTH + dialogue / DIALOGUE_WIDTH + paragraphs * 1.5 + 2
    return max(1, math.ceil(lines * 8 / LINES_A_PAGE))
