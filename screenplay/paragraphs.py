# SPDX-License-Identifier: GPL-3.0-or-later
"""What one line of a screenplay can be, judged by itself.

The one idea: each question is asked of a single line (and whether a line follows),
with closed lists for what no grammar can tell: transitions and camera
directions written in capitals like names.  The order in which the questions are
asked is ``fountain``'s.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "camera_line",
    "cue_parts",
    "is_furniture",
    "is_transition",
    "looks_like_cue",
    "looks_like_transition",
]

_EXTENSION: Final = re.compile(r"\s*\(([^()]*)\)\s*$")
_CAMERA: Final = re.compile(
    r"(?:EXTREME CLOSE|CLOSER?|CLOSE-?UP|ANGLE|NEW ANGLE|ANOTHER ANGLE|REVERSE ANGLE|WIDER?|INSERT|"
    r"BACK TO|P\.?O\.?V\b|POV|TRACKING|PAN|CRANE|DOLLY|AERIAL|SERIES OF SHOTS|MONTAGE|TITLE|SUPER|"
    r"INTERCUT|ECU|КРУПНЫЙ ПЛАН|ОБЩИЙ ПЛАН|ДЕТАЛЬ|GROS PLAN|PLAN LARGE|GROSSAUFNAHME)\b"
    r"(?:\s+(?:ON|SHOT|OF|ANGLE|WITH|UP|TO|OVER|:|-|–|—)\b|\s*[:–—-]|\s*$)",
)
_TO: Final = re.compile(r"\bTO\s*:\s*$")
_TRANSITION: Final = re.compile(
    r"(?:(?:SLOW |QUICK |SLOWLY )?FADE(?:S)? (?:IN|OUT|UP|TO (?:BLACK|WHITE))(?: ON| FROM BLACK)?"
    r"|(?:HARD |SMASH |JUMP |MATCH |QUICK |TIME )?CUT(?: TO(?: BLACK)?| OUT)?"
    r"|(?:SLOW |LAP |RIPPLE )?DISSOLVE(?: TO)?|(?:IRIS|WIPE) (?:IN|OUT|TO)|BLACKOUT|BLACK OUT"
    r"|(?:ИЗ |В )?ЗТМ|ЗАТЕМНЕНИЕ|ИЗ ЗАТЕМНЕНИЯ|В ЗАТЕМНЕНИЕ|НАПЛЫВ(?:ОМ)?|СКЛЕЙКА|ПЕРЕХОД"
    r"|(?:OUVERTURE|FERMETURE|FONDU)(?: EN FONDU)?(?: (?:AU|À L'|À) ?(?:NOIR|BLANC|OUVERTURE))?"
    r"|FONDU ENCHAÎNÉ|COUPE(?: FRANCHE)?(?: SUR| À)?|CUT SUR"
    r"|SCHNITT(?: AUF| ZU)?|ÜBERBLENDUNG(?: ZU)?|ABBLENDE|AUFBLENDE|BLENDE"
    r"|CORTE A(?: NEGRO)?|FUNDIDO(?: A NEGRO| ENCADENADO)?|DISSOLVENZA(?: A NERO)?|STACCO(?: SU)?"
    r"|淡入|淡出|切至|叠化|フェードイン|フェードアウト)\s*[.:。：]*\s*$",
)
_FURNITURE: Final = re.compile(
    r"(?:\d{1,3}\.|\(?CONTINUED\)?:?(?:\s*\(\d+\))?|\(MORE\)|\(\d{1,3}\))\s*$", re.IGNORECASE
)
_SHOUT: Final = re.compile(r"[!?,;…。！？，]$|[.][.]$")
_ABBREVIATED_END: Final = re.compile(r"(?:^|[\s.])\w{1,3}\.$")
#: Longer capitals than this are a paragraph, not a name.
_LONGEST_NAME: Final = 48
_LONGEST_UNCASED_NAME: Final = 10


def is_transition(line: str) -> bool:
    """Whether ``line`` (stripped) is one of the transitions that scripts write unforced."""
    upper = line.upper()
    return line == upper and len(line) <= 60 and _TRANSITION.match(upper) is not None


def looks_like_transition(line: str) -> bool:
    """Whether ``line`` (stripped), alone between blank lines, is a transition."""
    return is_transition(line) or (
        len(line) <= 60 and line == line.upper() and _TO.search(line) is not None
    )


def camera_line(line: str) -> bool:
    """Whether ``line`` is a direction for the camera in capitals (``CLOSE ON THE WATCH``)."""
    return _CAMERA.match(line) is not None


def is_furniture(line: str) -> bool:
    """Whether ``line`` (stripped) is a page number or a (CONTINUED) of a printed script."""
    return len(line) <= 20 and _FURNITURE.match(line) is not None


def cue_parts(cue: str) -> tuple[str, str, bool]:
    """Name, extension and dual caret of a cue: ``ANNA (V.O.) ^`` → ``("ANNA", "V.O.", True)``.

    Several extensions are joined by ``, ``.
    """
    rest = cue.strip()
    dual = rest.endswith("^")
    if dual:
        rest = rest[:-1].rstrip()
    extensions: list[str] = []
    while (found := _EXTENSION.search(rest, max(0, len(rest) - 80))) and found.start() > 0:
        extensions.insert(0, found.group(1).strip())
        rest = rest[: found.start()]
    return rest.strip(), ", ".join(extensions), dual


def looks_like_cue(line: str) -> bool:
    """Whether ``line`` (stripped), after a blank line and before a full one, names a speaker."""
    if len(line) > 120:
        return False
    name, _, _ = cue_parts(line)
    if not 0 < len(name) <= _LONGEST_NAME or name != name.upper():
        return False
    if not any(character.isalpha() for character in name) or name[0] in '(["“«-–—•*/':
        return False
    if name == name.lower():
        return _uncased_cue(name)
    if (
        name[-1] == ":"
        or _SHOUT.search(name)
        or (name[-1] == "." and not _ABBREVIATED_END.search(name))
    ):
        return False
    return not (camera_line(line) or looks_like_transition(line))


def _uncased_cue(name: str) -> bool:
    """Scripts without capitals: a short run of letters and no punctuation is a name."""
    words = name.replace("·", "").split()
    joined = "".join(words)
    return len(joined) <= _LONGEST_UNCASED_NAME and len(words) <= 3 and joined.isalnum()
