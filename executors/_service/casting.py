# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a server's voices a character gets: the same in every line, film and run.

The Voice node's word is law.  Without one, what name and description say of sex decides, then who
the character is; so two characters mostly differ, and nobody changes when a line is added.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["NEUTRAL", "choose_voice", "listed_voices", "named_voice", "seed_of"]

#: What a server that lists no voices surely knows: the first of OpenAI's own names.
NEUTRAL = "alloy"
#: OpenAI's voices (https://platform.openai.com/docs/guides/text-to-speech, read 2026-11-24).
_OPENAI: Mapping[str, str] = {
    "ash": "male", "ballad": "male", "echo": "male", "fable": "male", "onyx": "male",
    "verse": "male", "coral": "female", "nova": "female", "sage": "female", "shimmer": "female",
}  # fmt: skip
#: Kokoro's: a letter for the language, f or m, a name.
_KOKORO = re.compile(r"([abefhijpz])([fm])_\w+$")
_KOKORO_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "en": ("a", "b"), "en-gb": ("b",), "es": ("e",), "fr": ("f",), "hi": ("h",), "it": ("i",),
    "ja": ("j",), "pt": ("p",), "zh": ("z",),
}  # fmt: skip


def named_voice(voices: Sequence[str], source: str) -> str | None:
    """The voice that the Voice node names; None when the server lists others and not that one.

    Mixtures (``a+b``, as Kokoro takes them) are the server's to judge.
    """
    if not voices or "+" in source:
        return source
    return {voice.lower(): voice for voice in voices}.get(source.strip().lower())


def choose_voice(
    voices: Sequence[str], identity: str, sex: str, *, number: int = 0, language: str = ""
) -> str:
    """A voice for who names none; ``number`` from 1 picks one after another."""
    fitting = _of_language(voices, language) or list(voices)
    fitting = [voice for voice in fitting if not sex or _sex(voice) == sex] or fitting
    if not fitting:
        return NEUTRAL
    fitting.sort()
    place = number - 1 if number else zlib.crc32(identity.encode())
    return fitting[place % len(fitting)]


def seed_of(identity: str, seed: int = 0) -> int:
    """A seed of the character's own, the same for every line; 31 bits."""
    return zlib.crc32(f"{seed}/{identity}".encode()) & 0x7FFFFFFF


def listed_voices(value: Any) -> tuple[str, ...]:
    """Names in what a server answers to a question for its voices; () when it is no such list."""
    found = value.get("voices", value.get("data")) if isinstance(value, dict) else value
    if not isinstance(found, list):
        return ()
    names = (_name(each) for each in found[:10_000])
    return tuple(name for name in names if name and len(name) < 200 and name.isprintable())


def _name(voice: Any) -> str:
    if isinstance(voice, dict):
        voice = next((voice[key] for key in ("id", "voice_id", "name") if voice.get(key)), "")
    return voice if isinstance(voice, str) else ""


def _of_language(voices: Sequence[str], language: str) -> list[str]:
    """Voices whose names tell the language; English where nothing is said of it."""
    first = _KOKORO_LANGUAGES.get(language.lower()) or _KOKORO_LANGUAGES.get(language[:2].lower())
    wanted = first or (("a",) if not language else ())
    return [voice for voice in voices if (m := _KOKORO.match(voice)) and m[1] in wanted]


def _sex(voice: str) -> str:
    told = _KOKORO.match(voice)
    if told:
        return "female" if told[2] == "f" else "male"
    return _OPENAI.get(voice.lower(), "")
