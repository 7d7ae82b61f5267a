# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene headings in many languages: inside or outside, where, and when.

The one idea: a heading is a prefix from a closed list, then parts set off by
dashes; the last part that names a time of day is the time, and what is left is
the place.  A word that is also ordinary prose counts as a prefix only in
capitals or before a full stop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["INHERIT", "Heading", "looks_like_heading", "parse_heading", "split_number"]

Setting = Literal["INT", "EXT", "INT/EXT"]
#: The time of a heading that continues the scene before it.
INHERIT: Final = "inherit"

_INSIDE: Final = [
    "INT",
    "INTERIOR",
    "INTERIEUR",
    "INTÉRIEUR",
    "INTERNO",
    "INNEN",
    "INTERNA",
    "INTERIØR",
    "INTERIÖR",
    "INTERIÉR",
    "BINNEN",
    "ИНТ",
    "ИНТЕРЬЕР",
    "ПАВ",
    "ПАВИЛЬОН",
    "ІНТ",
    "ІНТЕР",
    "WN",
    "WNĘTRZE",
    "ΕΣΩΤ",
    "İÇ",
    "内景",
    "屋内",
    "室内",
    "内",
    "內景",
    "실내",
    "داخلي",
    "פנים",
]
_OUTSIDE: Final = [
    "EXT",
    "EXTERIOR",
    "EXTERIEUR",
    "EXTÉRIEUR",
    "ESTERNO",
    "AUSSEN",
    "AUßEN",
    "AUẞEN",
    "AUS",
    "EST",
    "ESTABLISHING",
    "BUITEN",
    "ЭКСТ",
    "ЭКСТЕРЬЕР",
    "НАТ",
    "НАТУРА",
    "ЕКСТ",
    "EKS",
    "EKST",
    "EXTERIÉR",
    "EXTERIÖR",
    "PL",
    "PLENER",
    "ΕΞΩΤ",
    "DIŞ",
    "外景",
    "屋外",
    "室外",
    "外",
    "실외",
    "خارجي",
    "חוץ",
]
_BOTH: Final = ("I/E", "E/I", "И/Н", "内外景")
#: One character alone is a prefix only before a full stop.
_SHORT_CJK: Final = frozenset(["内", "外"])

_WORDS: Final = sorted({*_INSIDE, *_OUTSIDE}, key=len, reverse=True)
_ANY: Final = "|".join(re.escape(word) for word in _WORDS)
_PREFIX: Final = re.compile(
    rf"(?P<first>{_ANY}|{'|'.join(map(re.escape, _BOTH))})"
    rf"(?:\.?\s?[/\-–&+]\s?(?P<second>{_ANY}))?"
    r"(?P<stop>\s*[.:。．、]\s*|\s+|\s*[-–—]\s*)",
    re.IGNORECASE,
)
_CJK_PREFIX: Final = re.compile(
    r"(?P<first>内景|外景|內景|屋内|屋外|室内|室外)(?P<second>)(?P<stop>)"
)
_FRONT_NUMBER: Final = re.compile(r"(?P<number>\d[\w\-]{0,5}(?:\.\d+)?)[.)]?\s+(?=\S)")
_HASH_NUMBER: Final = re.compile(r"\s*#(?P<number>[^#\s][^#]{0,19})#\s*$")
_DASHES: Final = re.compile(r"\s[-–—－]+\s?|\s?[–—－]\s?|^[-–—－]+\s")

_TIMES: Final = {
    "dawn": (
        "DAWN|SUNRISE|FIRST LIGHT|DAYBREAK|EARLY MORNING|PRE-DAWN|РАССВЕТ|РАНО УТРОМ|РАННЕЕ УТРО|"
        "AUBE|LEVER DU JOUR|LEVER DU SOLEIL|PETIT MATIN|MORGENDÄMMERUNG|MORGENGRAUEN|"
        "SONNENAUFGANG|AMANECER|MADRUGADA|ALBA|ALVORECER|СВІТАНОК|ŚWIT|黎明|清晨|拂晓|夜明け|明け方|새벽"
    ),
    "dusk": (
        "DUSK|SUNSET|TWILIGHT|MAGIC HOUR|GOLDEN HOUR|EVENING|NIGHTFALL|СУМЕРКИ|ЗАКАТ|ВЕЧЕР|ВЕЧЕРОМ|"
        "CRÉPUSCULE|SOIR|SOIRÉE|COUCHER DU SOLEIL|DÄMMERUNG|ABENDDÄMMERUNG|ABEND|SONNENUNTERGANG|"
        "ATARDECER|ANOCHECER|CREPÚSCULO|TRAMONTO|SERA|CREPUSCOLO|ENTARDECER|ВЕЧІР|ZMIERZCH|WIECZÓR|"
        "黄昏|傍晚|夕方|夕|夕暮れ|저녁"
    ),
    "night": (
        "NIGHT|MIDNIGHT|LATE NIGHT|НОЧЬ|НОЧЬЮ|ПОЛНОЧЬ|NUIT|MINUIT|NACHT|NACHTS|MITTERNACHT|NOCHE|"
        "MEDIANOCHE|NOTTE|MEZZANOTTE|NOITE|НІЧ|NOC|NATT|GECE|夜|夜晚|晚上|深夜|夜间|밤|ليل|לילה"
    ),
    "day": (
        "DAY|MORNING|AFTERNOON|NOON|MIDDAY|LATE AFTERNOON|LUNCHTIME|ДЕНЬ|ДНЁМ|ДНЕМ|УТРО|УТРОМ|ПОЛДЕНЬ|"
        "JOUR|MATIN|MATINÉE|MIDI|APRÈS-MIDI|TAG|TAGS|MORGEN|MITTAG|NACHMITTAG|VORMITTAG|DÍA|DIA|"
        "MAÑANA|TARDE|MEDIODÍA|GIORNO|MATTINA|MATTINO|POMERIGGIO|MEZZOGIORNO|MANHÃ|РАНОК|DZIEŃ|RANO|"
        "DAG|GÜN|日|白天|昼|朝|早晨|上午|下午|中午|日间|낮|아침|نهار|יום"
    ),
    INHERIT: (
        "CONTINUOUS|CONTINUED|CONT'D|LATER|MOMENTS LATER|SECONDS LATER|MINUTES LATER|SAME|SAME TIME|"
        "SAME DAY|THE SAME|SIMULTANEOUS|НЕПРЕРЫВНО|ПРОДОЛЖЕНИЕ|ПОЗЖЕ|ЧУТЬ ПОЗЖЕ|ТОГДА ЖЕ|ТО ЖЕ|"
        "ТО ЖЕ ВРЕМЯ|CONTINU|SUITE|PLUS TARD|MÊME TEMPS|UN PEU PLUS TARD|SPÄTER|FORTLAUFEND|"
        "GLEICHZEITIG|CONTINUO|CONTINUA|MÁS TARDE|PIÙ TARDI|連続|続き|同时|稍后|同上|계속"
    ),
}
_TIME_OF: Final = {word: time for time, words in _TIMES.items() for word in words.split("|")}
_LONGEST_FIRST: Final = sorted(_TIME_OF, key=len, reverse=True)
_TIME_IN: Final = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(word) for word in _LONGEST_FIRST) + r")(?!\w)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading understood.

    ``setting`` is "" when it does not say; ``time`` is day, night, dawn, dusk,
    ``INHERIT`` (as the scene before) or "" (it does not say).
    """

    setting: Literal["", "INT", "EXT", "INT/EXT"]
    place: str
    time: str
    extra: str = ""  #: FLASHBACK and other words after the place


def split_number(line: str) -> tuple[int, int, str]:
    """Offsets of the heading's words within ``line`` and its scene number, "" without one.

    The number may stand between hashes at the end, as in Fountain, or before the
    prefix (and again at the end), as in a printed shooting script.
    """
    start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    number = ""
    hashed = _HASH_NUMBER.search(line, max(start, end - 40))
    if hashed:
        number, end = hashed["number"].strip(), hashed.start()
    front = _FRONT_NUMBER.match(line, start)
    if front and _prefix(line, front.end(), end):
        start = front.end()
        number = number or front["number"]
        if (
            line[:end].endswith(front["number"])
            and line[: end - len(front["number"])][-1:].isspace()
        ):
            end = len(line[: end - len(front["number"])].rstrip())
    return start, end, number


def looks_like_heading(line: str) -> bool:
    """Whether ``line`` opens a scene without being forced to."""
    start, end, _ = split_number(line)
    return _prefix(line, start, end) is not None


def _prefix(line: str, start: int, end: int) -> re.Match[str] | None:
    found = _PREFIX.match(line, start, end) or _CJK_PREFIX.match(line, start, end)
    if found is None or found.end() >= end:
        return None
    first, stop = found["first"], found["stop"].strip()
    if first.upper() in ("INT", "EXT", "I/E", "E/I") and stop in ("", ".", ":"):
        return found
    if first in _SHORT_CJK and not stop:
        return None
    pointed = stop[:1] in (".", "。", "．", ":") and bool(stop)
    if first == first.upper() or (pointed and first.upper() not in ("AUS", "EST", "PL")):
        return found
    return None


def parse_heading(text: str) -> Heading:
    """What a heading says; ``text`` is without its scene number and forcing dot."""
    text = " ".join(text.split())
    found = _prefix(text, 0, len(text))
    setting = _setting(found) if found else ""
    rest = text[found.end() :] if found else text
    parts = [part.strip() for part in _DASHES.split(rest) if part and part.strip(" -–—.,")]
    time = ""
    place: list[str] = []
    extra: list[str] = []
    for part in reversed(parts):
        named = "" if time else _time(part)
        if named and (len(parts) > 1 or rest[:1] in "-–—－"):
            time = named
            extra = [*place, *extra]
            place = []
        else:
            place.insert(0, part)
    if not time:
        time, place = _trailing_time(place)
    return Heading(
        setting=setting,
        place=" - ".join(place).rstrip(" .。,、:"),
        time=time,
        extra=" - ".join(extra),
    )


def _setting(found: re.Match[str]) -> Setting:
    words = [found["first"].upper(), (found["second"] or "").upper()]
    if found["first"].upper() in _BOTH:
        return "INT/EXT"
    inside = any(word in _INSIDE for word in words)
    outside = any(word in _OUTSIDE for word in words if word) or "AUSSEN" in words
    if inside and outside:
        return "INT/EXT"
    return "INT" if inside else "EXT"


def _time(part: str) -> str:
    """The time of day ``part`` names as a whole (``LATE NIGHT``, ``NIGHT (1942)``), or ""."""
    words = part.upper().replace("’", "'").strip(" .,()。")
    if words in _TIME_OF:
        return _TIME_OF[words]
    if len(words) > 40:
        return ""
    found = [match.group() for match in _TIME_IN.finditer(words)]
    clock = [word for word in found if _TIME_OF[word] != INHERIT]
    return _TIME_OF[(clock or found)[-1]] if found else ""


def _trailing_time(parts: list[str]) -> tuple[str, list[str]]:
    """The time of a heading without dashes: ``INT. CAFE. NIGHT``, ``内景 咖啡馆 夜``."""
    if not parts:
        return "", parts
    last = parts[-1]
    stripped = last.rstrip(" .。,")
    pieces = re.split(r"[.,。，、/\s\u3000]+", stripped)
    for count in (3, 2, 1):
        if len(pieces) <= count and len(parts) == 1:
            continue
        words = " ".join(pieces[-count:]).upper()
        if words in _TIME_OF:
            tail = pieces[-count]
            cut = stripped.rfind(tail)
            kept = stripped[:cut].rstrip(" .,。，、/\u3000")
            return _TIME_OF[words], [*parts[:-1], kept] if kept else parts[:-1]
    return "", parts
