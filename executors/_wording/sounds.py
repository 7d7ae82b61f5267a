# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound, a piece of music, a spoken line, in words and numbers for a generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.compile.lowering import FileRef
from ...core.cut import SecondsOf, span_seconds
from ...core.emphasis import unmarked
from ...core.step import AMBIENCE, MUSIC, SOUND, Kind
from .words import INTERIORS, WEATHER, joined

__all__ = ["Sound", "Speech", "sound_of", "speech_of"]

#: Seconds of an effect whose length is left open.
USUAL_SOUND_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What an effect, an ambience or a piece of music asks for; ``tempo`` 0 is left open.

    ``recording`` is the user's own, which no generator may replace.
    """

    prompt: str
    negative: str
    seed: int
    seconds: float
    tempo: float = 0.0
    loop: bool = False
    recording: FileRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a line asks for.  ``voice`` holds the Voice node's parameters, {} without one."""

    text: str
    emotion: str
    speaker: str
    description: str
    language: str
    voice: Mapping[str, Any]
    recording: FileRef | None = None


def sound_of(kind: Kind, inputs: Mapping[str, Any], seconds_of: SecondsOf) -> Sound:
    """What a sound, ambience or music step asks for.

    Raises:
        KeyError: ``kind`` is none of them.
    """
    words, negative = _SOUNDS[kind](inputs), _SOUND_NEVER[kind]
    seconds = inputs.get("seconds") or 0.0
    if not seconds:
        span = inputs.get("span")
        seconds = span_seconds(span, seconds_of) if span else USUAL_SOUND_S
    return Sound(
        prompt=joined(words),
        negative=negative,
        seed=inputs["seed"],
        seconds=float(seconds),
        tempo=float(inputs.get("tempo") or 0.0),
        loop=bool(inputs.get("loop", False)),
        recording=inputs.get("recording"),
    )


def speech_of(inputs: Mapping[str, Any]) -> Speech:
    """What a speech step asks for; a fitted line (``fit``) is no generator's work.

    Raises:
        KeyError: the step fits a line that was already said.
    """
    speaker = inputs["speaker"]
    voice = speaker["voice"] or {}
    return Speech(
        text=unmarked(inputs["text"]),
        emotion=inputs["emotion"].strip(),
        speaker=speaker["name"],
        description=unmarked(speaker["description"]),
        language=voice.get("language", ""),
        voice=voice,
        recording=inputs["recording"],
    )


def _effect(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    return inputs["prompt"], inputs["mood"]


def _score(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    tempo = inputs["tempo"]
    return (
        inputs["prompt"],
        f"{inputs['mood']} mood" if inputs["mood"] else "",
        f"{tempo:g} beats per minute" if tempo else "",
        "instrumental film score",
    )


def _background(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    setting = inputs["setting"]
    season = setting["season"]
    return (
        "background ambience",
        INTERIORS.get(setting["interior"], ""),
        setting["place"],
        f"at {setting['time_of_day']}" if setting["time_of_day"] == "night" else setting["time_of_day"],
        WEATHER.get(setting["weather"], ""),
        "" if season == "any" else season,
        f"{setting['mood']} mood" if setting["mood"] else "",
    )  # fmt: skip


_SOUNDS = {SOUND: _effect, MUSIC: _score, AMBIENCE: _background}
_SOUND_NEVER: Mapping[Kind, str] = {
    SOUND: "music, speech, distortion",
    MUSIC: "vocals, speech, distortion",
    AMBIENCE: "music, speech, distortion",
}
