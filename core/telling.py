# SPDX-License-Identifier: GPL-3.0-or-later
"""An action line as a viewer is told it: what happens, without orders to the camera.

The one idea: "CLOSE ON", "WIDE -" and "WE PAN TO" are for the crew, who see them as the shot's
framing; under a picture they only repeat what the eye has done.  A short subject in capitals
("VERA.", "THE PLATFORM.") goes with its order; a telling one stays, in ordinary letters.
Which framing the words ask for is decided in ``screenplay``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["told"]

_ORDERS: Final = (
    r"EXTREME(?:LY)?\s+(?:WIDE|LONG|CLOSE)(?:[- ]?UP)?(?:\s+SHOT)?", "ECU", "XCU",
    r"INSERT(?:\s+SHOT)?", "CUTAWAY", r"CLOSE(?:R)?(?:[- ]UP)?(?:\s+(?:SHOT|ANGLE))?", "CLOSEUP", "CU",
    "TIGHT", r"WIDE(?:R)?(?:\s+(?:SHOT|ANGLE|VIEW))?", r"(?:VERY\s+)?LONG SHOT", "FULL SHOT",
    r"ESTABLISHING(?:\s+SHOT)?", r"AERIAL(?:\s+(?:SHOT|VIEW))?", r"BIRD'?S[- ]EYE(?:\s+VIEW)?",
    r"MED(?:IUM|\.)(?:\s+SHOT)?", r"(?:TWO|THREE|SINGLE|GROUP)[- ]?SHOT",
    r"(?:NEW|ANOTHER|REVERSE|LOW|HIGH)\s+ANGLE", "ANGLE", "REVERSE", "BACK TO SCENE", r"POV(?:\s+SHOT)?",
    r"(?:TRACKING|DOLLY|CRANE|FOLLOW|MOVING|HAND-?HELD|STEADICAM|PUSH(?:\s+IN)?|PULL\s+(?:BACK|OUT)|"
    r"ZOOM(?:\s+(?:IN|OUT))?|PAN(?:\s+(?:LEFT|RIGHT|UP|DOWN|ACROSS|OVER))?|TILT(?:\s+(?:UP|DOWN))?)(?:\s+SHOT)?",
    r"(?:СВЕРХ)?КРУПНЫЙ ПЛАН", "КРУПНО", "ОБЩИЙ ПЛАН", "СРЕДНИЙ ПЛАН", "ДАЛЬНИЙ ПЛАН", "ДЕТАЛЬ", "ПАНОРАМА",
    r"(?:TRÈS\s+)?GROS PLAN", "PLAN LARGE", "PLAN GÉNÉRAL", "PLAN MOYEN", "PLAN D'ENSEMBLE", "PANORAMIQUE",
    "GROSSAUFNAHME", "NAHAUFNAHME", "TOTALE", "HALBTOTALE", "PRIMER PLANO", "PLANO GENERAL", "PRIMO PIANO",
)  # fmt: skip
#: What joins an order to its subject: "ON", "OF", "TO", a dash or a colon.
_JOINT: Final = r"(?:\s+(?:ON|OF|TO|AT|WITH|НА|SUR|DE|AUF|DER|DES|SU|DI)\b|\s*[-–—:]+)+\s*"
#: Without a joint it is an order only where a stop or a subject in capitals follows.
_STOP: Final = r"\s*[.,;]\s*|\s*$|\s+(?=[^\W\d_]{2,}(?<=[A-ZА-ЯЁÀ-Þ]{2}))"
_ORDER: Final = re.compile(
    rf"(?:{'|'.join(_ORDERS)})(?![\w'’])(?:{_JOINT}|{_STOP})|(?:Close|Closer|Angle|Tight) on\s+"
)
_WE: Final = re.compile(
    r"(?:we|the camera)\s+(?:slowly\s+|then\s+)?"
    r"(?:(?:pan|tilt|dolly|track|truck|push|pull|zoom|crane|move|drift|creep)s?\s+"
    r"(?:(?:in|out|back|up|down|left|right|across|over|along|away|closer)\s+)*(?:to|on|onto|from)|see|hear)"
    r"\s+(?=\w)(?!that\b|how\b|why\b|if\b)",
    re.IGNORECASE,
)
_END: Final = re.compile(r"(?<=[.!?…])[\"'”»)]?\s+")
_LETTERED: Final = re.compile(r"[^\W\d_]+")
#: Words in capitals that open a subject.
_CRY: Final = re.compile(r"^(?:[^\W\d_a-zа-яё]+(?![^\W\d_])['’]?[\s-]*)+")
#: Words of a subject that is only named, not described.
_SHORT: Final = 2
_ARTICLES: Final = frozenset({"THE", "A", "AN", "HIS", "HER", "LE", "LA", "LES", "DER", "DIE", "DAS", "EL"})  # fmt: skip


def told(text: str, names: Iterable[str] = ()) -> str:
    """The action without orders to the camera; people's names as they are written, not shouted.

    Empty when the text only orders: then the picture says it all.
    """
    sentences = [part for part in _END.split(text.strip()) if part]
    spoken = [said for sentence in sentences for said in _without_order(sentence)]
    whole = " ".join(said for said in spoken if said)
    for name in names:
        if len(name) > 1:
            whole = re.sub(rf"(?<!\w){re.escape(name.upper())}(?!\w)", name, whole)
    return whole


def _without_order(sentence: str) -> Iterator[str]:
    """The sentence as told; nothing when it only orders."""
    order = _ORDER.match(sentence)
    if order is None:
        yield _opened(_WE.sub("", sentence, count=1) if _WE.match(sentence) else sentence)
        return
    subject = sentence[order.end() :]
    if _named(subject):
        return
    yield _subject(sentence)


def _subject(sentence: str) -> str:
    """What follows the order, its capitals laid down."""
    order = _ORDER.match(sentence)
    rest = sentence[order.end() :] if order else sentence
    return _opened(_CRY.sub(lambda cry: cry[0].lower(), rest, count=1))


def _opened(text: str) -> str:
    return text[:1].upper() + text[1:]


def _named(text: str) -> bool:
    """Whether a subject is only named: at most two words, each a name or in capitals."""
    words = [word for word in _LETTERED.findall(text) if word.upper() not in _ARTICLES]
    return len(words) <= _SHORT and all(word[0].isupper() for word in words)
