# SPDX-License-Identifier: GPL-3.0-or-later
"""Who speaks with which voice.

A voice is an eSpeak variant, a pitch and a head size (formants), drawn from a small
palette of agreeable ones.  ``cast`` picks by the character's identity and by what name
and description say about sex, age and manner; ``cast_all`` gives each further character
the candidate farthest from the voices already given, so that no two are confused.
A Voice node's own settings always win.  How the settings become sound is in ``speech.py``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ....core.errors import MediaError
from . import espeak
from .language import language_code
from .voice_hints import Hints, hints_in

__all__ = ["DEFAULT_VOICE", "CastMember", "VoiceSettings", "apart", "cast", "cast_all"]

Texture = Literal["plain", "radio", "robot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """A voice.  ``hertz`` is its usual pitch; ``semitones`` how far that is from the variant's own.

    ``formant``: above 1 is a smaller head.  ``rate``: words a minute.  ``range``: liveliness
    of the melody, 0–99.  ``breath``: 0–1.  ``language``: "" lets the text decide.
    """

    language: str = ""
    variant: str = ""
    hertz: float = 103.0
    semitones: float = 0.0
    formant: float = 1.0
    rate: int = 160
    range: int = 58
    breath: float = 0.03
    warmth_db: float = 2.0
    gain_db: float = 0.0
    texture: Texture = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class CastMember:
    """A character to be given a voice; ``voice`` is the Voice node's settings, if any."""

    identity: str
    name: str = ""
    description: str = ""
    voice: Mapping[str, object] | None = None


DEFAULT_VOICE = VoiceSettings()

#: eSpeak variant → its own median pitch in Hz (measured on eSpeak NG 1.52, en-us; the voice
#: tests measure it again).  Chosen for little energy above 4 kHz and no clipping.
_MEN = {
    "": 103.0,
    "adam": 102.0,
    "Michael": 115.0,
    "Mario": 118.0,
    "max": 103.5,
    "travis": 107.0,
    "robert": 112.0,
    "benjamin": 102.0,
}
_WOMEN = {
    "f2": 195.0,
    "Annie": 240.0,
    "belinda": 230.0,
    "steph": 185.0,
    "f1": 181.0,
    "anika": 272.0,
}
_OLD_MEN = {"grandpa": 108.0, "Denis": 99.0}
_OLD_WOMEN = {"grandma": 200.0, "aunty": 174.0}
_KNOWN = {**_MEN, **_WOMEN, **_OLD_MEN, **_OLD_WOMEN}

_MALE_HERTZ = (92.0, 104.0, 117.0, 131.0)
_FEMALE_HERTZ = (172.0, 190.0, 209.0, 230.0)
_CHILD_HERTZ = (255.0, 280.0, 305.0)

#: The highest number a voice may have; beyond it voices would only repeat.
MOST_NUMBERED = 48

_LIMIT_SEMITONES = 14.0  # beyond this eSpeak's scale ends and vowels fall apart


def cast(
    identity: str, name: str = "", description: str = "", voice: Mapping[str, object] | None = None
) -> VoiceSettings:
    """The voice a character has when nobody else is there.

    Raises:
        MediaError: The Voice node's settings cannot be used.
    """
    return cast_all(
        [CastMember(identity=identity, name=name, description=description, voice=voice)]
    )[identity]


def cast_all(members: Sequence[CastMember]) -> dict[str, VoiceSettings]:
    """A voice for every character, by identity; earlier members choose first.

    Members with a named voice keep it whatever their place.  Adding a character at
    the end changes nobody else's voice.
    """
    given: dict[str, VoiceSettings] = {}
    for member in sorted(members, key=lambda one: not _names_variant(one)):
        if member.identity not in given:
            given[member.identity] = _choose(member, tuple(given.values()))
    return {member.identity: given[member.identity] for member in members}


def apart(one: VoiceSettings, other: VoiceSettings) -> float:
    """How different two voices sound: about 1 is told apart at once, 0 is the same voice."""
    pitch = abs(math.log2(one.hertz / other.hertz)) * 12 / 3.0
    head = abs(math.log(one.formant / other.formant)) / 0.06
    timbre = 0.0 if one.variant == other.variant else 0.6
    texture = 0.0 if one.texture == other.texture else 1.0
    return math.hypot(pitch, head, timbre, texture)


def _names_variant(member: CastMember) -> bool:
    return _variant(member.voice or {}) is not None


def _choose(member: CastMember, taken: tuple[VoiceSettings, ...]) -> VoiceSettings:
    settings = member.voice or {}
    said = " ".join((member.description, _text(settings, "description"), _source(settings)))
    hints = hints_in(member.name, said)
    number = round(_number(settings, "number", default=0, low=0, high=MOST_NUMBERED))
    if not number:
        return _farthest(_candidates(member.identity or member.name, hints), settings, taken)
    numbered: tuple[VoiceSettings, ...] = ()
    for _ in range(number):
        numbered += (_farthest(_candidates("the cast", hints), settings, numbered),)
    return numbered[-1]


def _farthest(
    candidates: Iterator[VoiceSettings],
    settings: Mapping[str, object],
    taken: tuple[VoiceSettings, ...],
) -> VoiceSettings:
    """The first candidate well apart from those taken, or the one farthest from them."""
    best = DEFAULT_VOICE
    distance = -1.0
    for candidate in candidates:
        own = _overridden(candidate, settings)
        nearest = min((apart(own, other) for other in taken), default=math.inf)
        if nearest >= 1.5:
            return own
        if nearest > distance + 1e-9:
            best, distance = own, nearest
    return best


def _candidates(identity: str, hints: Hints) -> Iterator[VoiceSettings]:
    """Every voice that suits the hints, in this character's own order of preference."""
    palette, pitches, heads = _suiting(_sex(identity, hints), hints)
    combinations = [
        (variant, pitch, head) for variant in palette for pitch in pitches for head in heads
    ]
    for variant, pitch, head in sorted(combinations, key=lambda item: _draw(identity, str(item))):
        hertz = pitch * hints.pitch
        yield VoiceSettings(
            language=hints.language,
            variant=variant,
            hertz=hertz,
            semitones=_semitones(hertz, palette[variant]),
            formant=head * hints.head,
            rate=round((150 + 20 * _draw(identity, "rate")) * hints.speed),
            range=round(54 + 16 * _draw(identity, "range")),
            breath=min(0.5, 0.02 + 0.04 * _draw(identity, "breath") + hints.breath),
            warmth_db=2.0 + hints.warmth_db,
            texture=hints.texture,
        )


def _suiting(
    sex: str, hints: Hints
) -> tuple[dict[str, float], tuple[float, ...], tuple[float, ...]]:
    if hints.age == "child":
        return {"f2": 195.0, "Annie": 240.0}, _CHILD_HERTZ, (1.14, 1.20)
    if sex == "female":
        palette = _OLD_WOMEN if hints.age == "old" else _WOMEN
        return palette, _FEMALE_HERTZ, (0.97, 1.02, 1.07)
    palette = _OLD_MEN if hints.age == "old" else _MEN
    return palette, _MALE_HERTZ, (0.93, 0.98, 1.03)


def _sex(identity: str, hints: Hints) -> str:
    if hints.sex:
        return hints.sex
    return "female" if _draw(identity, "sex") < 0.5 else "male"


def _draw(identity: str, what: str) -> float:
    """A number in [0, 1) that is always the same for this identity and question."""
    digest = hashlib.blake2b(f"{identity}\0{what}".encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") / 2**64


def _semitones(hertz: float, own: float) -> float:
    return max(-_LIMIT_SEMITONES, min(_LIMIT_SEMITONES, 12 * math.log2(hertz / own)))


def _overridden(voice: VoiceSettings, settings: Mapping[str, object]) -> VoiceSettings:
    """``voice`` with what the Voice node says in place of what was drawn."""
    variant = _variant(settings)
    if variant is not None:
        own = _KNOWN.get(variant, 103.0)
        voice = replace(voice, variant=variant, semitones=0.0, hertz=own, formant=1.0)
    pitch = _number(settings, "pitch", "semitones", default=0.0, low=-24.0, high=24.0)
    rate = _number(settings, "rate", "speed", default=0.0, low=0.0, high=450.0)
    hertz = voice.hertz * 2 ** (pitch / 12)
    return replace(
        voice,
        language=language_code(_text(settings, "language")) or voice.language,
        hertz=hertz,
        semitones=voice.semitones + pitch,
        rate=_rate(voice.rate, rate),
        formant=_number(settings, "formant", default=voice.formant, low=0.7, high=1.5),
        gain_db=_number(settings, "gain_db", "gain", default=voice.gain_db, low=-40, high=20),
    )


def _rate(own: int, wanted: float) -> int:
    """Words a minute; a figure up to 4 is a factor on the voice's own rate."""
    if wanted <= 0:
        return own
    return round(own * wanted) if wanted <= 4 else round(max(80.0, wanted))


def _source(settings: Mapping[str, object]) -> str:
    names = ("voice", "speaker", "speech_source", "source", "name")
    return next((found for key in names if (found := _text(settings, key))), "")


def _variant(settings: Mapping[str, object]) -> str | None:
    wanted = _source(settings).split("+")[-1].strip().lower()
    if not wanted or wanted in {"auto", "automatic", "tts", "recording"}:
        return None
    known = {name.lower(): name for name in espeak.variants()}
    return known.get(wanted)


def _text(settings: Mapping[str, object], key: str) -> str:
    value = settings.get(key)
    return value.strip() if isinstance(value, str) else ""


def _number(
    settings: Mapping[str, object], *keys: str, default: float, low: float, high: float
) -> float:
    for key in keys:
        value = settings.get(key)
        if value is None or value == "":
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise MediaError(
                f"The voice's {key} is {value!r}, which is no number.",
                remedy=f"Set {key} on the Voice node to a number from {low:g} to {high:g}.",
            )
        return max(low, min(high, float(value)))
    return default
