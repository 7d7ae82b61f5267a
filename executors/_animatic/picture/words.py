# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film's words ask of the picture: hour, weather, indoors or out, feeling, posture.

The one idea: tables of word stems, looked up in order, in the languages screenplays come in
(English first, then Russian, French, German, Spanish, Italian).  Places have a table of
their own in ``places``; objects in ``props.py``.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any

from .spec import Setting


class Hour(enum.Enum):
    """Light of the day."""

    DAY = "day"
    NIGHT = "night"
    DAWN = "dawn"
    DUSK = "dusk"


class Sky(enum.Enum):
    """What the air does."""

    CLEAR = "clear"
    CLOUD = "cloud"
    RAIN = "rain"
    STORM = "storm"
    SNOW = "snow"
    FOG = "fog"
    WIND = "wind"
    DUST = "dust"


_HOURS: Mapping[Hour, Sequence[str]] = {
    Hour.DAWN: ("dawn", "sunrise", "daybreak", "early morning", "рассвет", "aube", "alba", "amanecer", "morgengrauen", "утр"),
    Hour.DUSK: ("dusk", "sunset", "twilight", "magic hour", "golden hour", "evening", "закат", "сумерк", "вечер", "crépuscule", "soir", "tramonto", "atardecer", "abend", "dämmer"),
    Hour.NIGHT: ("night", "midnight", "ноч", "nuit", "notte", "noche", "nacht", "夜"),
}  # fmt: skip

_WEATHERS: Mapping[Sky, Sequence[str]] = {
    Sky.STORM: ("storm", "thunder", "lightning", "гроз", "шторм", "orage", "tormenta", "gewitter"),
    Sky.RAIN: ("rain", "drizzle", "downpour", "wet", "дожд", "ливень", "pluie", "lluvia", "regen", "pioggia", "雨"),
    Sky.SNOW: ("snow", "blizzard", "снег", "метел", "neige", "nieve", "schnee", "neve", "雪"),
    Sky.FOG: ("fog", "mist", "haze", "туман", "brume", "brouillard", "niebla", "nebel", "nebbia", "霧"),
    Sky.DUST: ("sandstorm", "dust", "пыл"),
    Sky.WIND: ("wind", "gale", "breez", "ветер", "vent", "viento", "vento"),
    Sky.CLOUD: ("cloud", "overcast", "grey", "gray", "пасмур", "облач", "nuage", "nublado", "bewölkt"),
}  # fmt: skip


def first(text: str, table: Mapping[Any, Sequence[str]]) -> str:
    """The first key with a stem that begins a word of the text, or ""."""
    found = _first(text, list(table.items()))
    return "" if found is None else (found.value if isinstance(found, enum.Enum) else str(found))


def _first(text: str, rows: Sequence[tuple[object, Sequence[str]]]) -> object | None:
    lowered = text.casefold()
    for key, stems in rows:
        if any(begins(lowered, stem) for stem in stems):
            return key
    return None


def begins(lowered: str, stem: str) -> bool:
    """Whether the stem begins a word (ideographs: occurs at all).

    A stem that ends with a blank must be the whole word.
    """
    return end_of(lowered, stem) >= 0


def end_of(lowered: str, stem: str) -> int:
    """Where the last word that the stem begins leaves off matching it; −1 when there is none."""
    bare = stem.strip()
    at = lowered.rfind(bare)
    while at >= 0:
        after = at + len(bare)
        opens = at == 0 or ord(stem[0]) > 0x2E80 or not _in_word(lowered[at - 1])
        if opens and (bare == stem or after == len(lowered) or not _in_word(lowered[after])):
            return after
        at = lowered.rfind(bare, 0, after - 1)
    return -1


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def hour_of(setting: Setting) -> Hour:
    """Day, night, dawn or dusk; day when nothing is said."""
    for text in (setting.time_of_day, setting.description):
        word = first(text, _HOURS)
        if word:
            return Hour(word)
        if begins(text.casefold(), "day"):
            return Hour.DAY
    return Hour.DAY


def weather_of(setting: Setting) -> Sky:
    """What the air does; clear when nothing is said."""
    word = first(setting.weather, _WEATHERS) or first(setting.description, _WEATHERS)
    return Sky(word) if word else Sky.CLEAR


_OUTDOORS = ("street", "alley", "forest", "wood", "field", "beach", "sea", "harbo", "mountain", "desert", "park", "roof", "garden", "platform", "road", "city", "sky", "river", "lake", "bridge", "улиц", "лес", "поле", "пляж", "мор", "гор", "парк", "крыш")  # fmt: skip


def is_interior(setting: Setting) -> bool:
    """Whether the shot is indoors: as the heading says, else as the place suggests."""
    if setting.interior:
        return setting.interior == "INT"
    lowered = setting.place.casefold()
    return bool(lowered) and not any(begins(lowered, stem) for stem in _OUTDOORS)


_FEELINGS: Mapping[str, Sequence[str]] = {
    "angry": ("angr", "angry", "furious", "rage", "shout", "yell", "scream", "snap", "slam", "glare", "зл", "крич", "гнев", "colère", "wüt"),
    "sad": ("sad", "cry", "cries", "weep", "tear", "sob", "griev", "lonely", "mourn", "sorry", "грус", "плач", "слез", "triste", "pleur", "traurig"),
    "afraid": ("afraid", "fear", "scared", "terrif", "frighten", "panic", "trembl", "shak", "nervous", "испуг", "страх", "боит", "peur", "angst"),
    "happy": ("smil", "laugh", "grin", "happy", "joy", "cheer", "delight", "улыб", "сме", "рад", "sour", "rit", "lächel", "lach"),
    "surprised": ("surpris", "gasp", "shock", "startl", "stun", "astonish", "удив", "surpr", "überrasch"),
    "tired": ("tired", "exhaust", "sleepy", "yawn", "weary", "уста", "fatigu", "müde"),
}  # fmt: skip

_POSTURES: Mapping[str, Sequence[str]] = {
    "run": ("run", "runs", "sprint", "chase", "flee", "dash", "беж", "court", "renn"),
    "walk": ("walk", "stroll", "step", "enters", "approach", "march", "cross", "wander", "pace", "идёт ", "идет ", "шага", "выходит", "входит", "geht"),
    "sit": ("sit", "seat", "sat ", "at the table", "at a table", "at her desk", "at his desk", "driv", "сид", "assis", "sitz"),
    "point": ("point", "gestur", "указ", "montre", "zeigt"),
    "phone": ("phone", "call", "телефон", "téléphone", "telefon"),
    "hold": ("hold", "read", "clutch", "carry", "carries", "grip", "drink", "держ", "чита", "пь", "tient", "hält"),
    "lean": ("lean", "slouch", "прислон", "appuy", "lehn"),
    "fold": ("arms crossed", "crosses his arms", "crosses her arms", "folds", "wait", "ждёт", "ждет", "attend", "wartet"),
}  # fmt: skip


def feeling_of(text: str) -> str:
    """The first feeling the text names, or ""."""
    return first(text, _FEELINGS)


def posture_of(text: str) -> str:
    """What the body does, "stand" when nothing is said."""
    return first(text, _POSTURES) or "stand"
