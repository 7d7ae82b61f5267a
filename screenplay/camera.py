# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera words in action lines: what the writer has already framed.

The one idea: a script that says CLOSE ON or WE PAN has decided, and what it decided
is kept.  Words that prose uses too (pan, wide, insert) count only in capitals or
beside "we" and "camera".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Framing", "framing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """What a sentence says of the camera: "" where it says nothing.

    ``cut``: it asks for a picture of its own.
    """

    type: str = ""
    move: str = ""
    cut: bool = False


_TYPES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "extreme_close_up",
            r"\b(?:EXTREME CLOSE(?:[- ]?UP)?|ECU|XCU|TRÈS GROS PLAN|СВЕРХКРУПНЫЙ ПЛАН)\b",
        ),
        ("insert", r"^(?:INSERT|CUTAWAY|ДЕТАЛЬ)\b|\bINSERT(?: SHOT)?\s*[:–—-]"),
        (
            "close_up",
            r"\b(?:CLOSE(?:R)? (?:ON|UP|SHOT|ANGLE)|CLOSE-?UP|CLOSEUP|TIGHT ON|GROS PLAN|"
            r"КРУПНЫЙ ПЛАН|КРУПНО|GROSSAUFNAHME|PRIMER PLANO|PRIMO PIANO)\b|^(?:CLOSE|CU)\s*[:–—-]",
        ),
        (
            "over_the_shoulder",
            r"\b(?:OVER[- ]THE[- ]SHOULDER|OTS|OVER \S+(?:'S|’S) SHOULDER|ЧЕРЕЗ ПЛЕЧО)\b",
        ),
        (
            "extreme_wide",
            r"\b(?:EXTREME(?:LY)? (?:WIDE|LONG)(?: SHOT)?|AERIAL(?: SHOT| VIEW)?|BIRD'?S[- ]EYE|"
            r"ДАЛЬНИЙ ПЛАН|PLAN D'ENSEMBLE)\b",
        ),
        (
            "wide",
            r"\b(?:WIDE(?:R)? (?:SHOT|ON|ANGLE|VIEW)|WIDE|LONG SHOT|FULL SHOT|ESTABLISHING SHOT|"
            r"ОБЩИЙ ПЛАН|PLAN LARGE|PLAN GÉNÉRAL|TOTALE)\b(?!\s+[A-Z]?[a-z])",
        ),
        (
            "medium",
            r"\b(?:MEDIUM(?: SHOT)?|MED\. SHOT|TWO[- ]?SHOT|(?:NEW |ANOTHER |REVERSE )?ANGLE(?: ON)?|"
            r"REVERSE|BACK TO (?:SCENE|[A-Z]+)|СРЕДНИЙ ПЛАН|PLAN MOYEN|POV|P\.O\.V\.?)(?!\w)",
        ),
    )
)
_WE: Final = r"(?:\b(?:[Ww]e|WE|[Tt]he camera|[Cc]amera|CAMERA)\s+(?:\w+ly\s+)?)"
_MOVES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "dolly_in",
            rf"\b(?:DOLLY(?:ING)? IN|PUSH(?:ES|ING)? IN|TRACK(?:ING)? IN|MOV(?:E|ES|ING) IN|НАЕЗД|"
            rf"TRAVELLING AVANT)\b|{_WE}(?:push|dolly|track|move|creep|drift)(?:es|s)? (?:in|closer)\b",
        ),
        (
            "dolly_out",
            rf"\b(?:DOLLY(?:ING)? (?:OUT|BACK)|PULL(?:S|ING)? (?:BACK|OUT)|ОТЪЕЗД|"
            rf"TRAVELLING ARRIÈRE)\b|{_WE}(?:pull|dolly|move|drift)s? (?:back|out|away)\b",
        ),
        (
            "crane",
            rf"\b(?:CRANE(?:S|ING)?(?: UP| DOWN| SHOT)?|BOOM (?:UP|DOWN))\b|"
            rf"{_WE}(?:crane|rise|soar|boom|lift|descend)s?\b",
        ),
        ("zoom", rf"\b(?:ZOOM(?:S|ING)?(?: IN| OUT)?|ЗУМ)\b|{_WE}zooms?\b"),
        ("tilt", rf"\b(?:TILT(?:S|ING)?(?: UP| DOWN)?)\b|{_WE}tilts?\b"),
        (
            "pan",
            rf"\b(?:PAN(?:S|NING)?(?: TO| ACROSS| LEFT| RIGHT| OVER)?|ПАНОРАМА|PANORAMIQUE)\b(?!['’-])|"
            rf"{_WE}(?:pan|sweep)s?\b",
        ),
        (
            "truck",
            rf"\b(?:TRACKING(?: SHOT)?|TRACK(?:S)? (?:WITH|ALONG)|TRUCK(?:S|ING)? (?:LEFT|RIGHT|WITH)|"
            rf"DOLLY(?:ING)?|TRAVELLING|FOLLOW(?:ING)? SHOT|ПРОЕЗД)\b|{_WE}(?:follow|track|travel|truck)s?\b",
        ),
        ("handheld", r"\b(?:HAND-?HELD|SHAKY CAM|С РУКИ|CAMÉRA À L'ÉPAULE)\b|\bhand-?held\b"),
    )
)
#: A camera word cuts when it opens the sentence; a move inside a sentence only moves.
_OPENING: Final = 24


def framing(text: str) -> Framing:
    """What ``text``, one sentence, says of the camera."""
    type, cut = "", False
    for kind, pattern in _TYPES:
        found = pattern.search(text)
        if found:
            type, cut = kind, found.start() < _OPENING
            break
    move, place = "", len(text)
    for kind, pattern in _MOVES:
        found = pattern.search(text)
        if found and found.start() < place:
            move, place = kind, found.start()
    if re.search(r"\bP\.?O\.?V\b", text) and not move:
        move = "handheld"
    return Framing(
        type=type, move=move, cut=cut or (bool(move) and place < _OPENING and _shouted(text))
    )


def _shouted(text: str) -> bool:
    first = text.split()[0] if text.split() else ""
    return len(first) > 2 and first == first.upper()
