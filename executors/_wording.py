# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film asks of any generator: a step's inputs, put into words and numbers.

    picture_of   a shot: prompt, negative, seed, size, frames, start image, LoRAs
    sound_of     a sound effect, a scene's ambience, a piece of music
    speech_of    a spoken line

Pure, and deterministic: the same wish gives the same words in the same order, what matters
most first, since text encoders heed the beginning most.  What a service makes of them, and
the sizes it can do, is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..core.compile.lowering import FileRef
from ..core.cut import SecondsOf, shot_time, span_seconds
from ..core.digest import Digest
from ..core.edit import frame_rate, layout
from ..core.emphasis import unmarked
from ..core.step import AMBIENCE, MUSIC, SOUND, ArtifactRef, Kind, StepId

__all__ = ["LoRAFile", "Picture", "Sound", "Speech", "picture_of", "sound_of", "speech_of"]

#: Strengths of character and style LoRAs together, ``requirements/domain.md``: who somebody is
#: always wins over how the film looks, and by more where the style is strong.
_USUAL, _STRONG = (0.8, 0.6), (0.9, 0.4)
#: Above this intensity a style would drown a face.
_STRONG_STYLE = 0.8
#: Seconds of an effect whose length is left open.
USUAL_SOUND_S = 2.0
#: The longest prompt in characters: what encoders read of it is less.
_LONGEST = 4000

_SHOT_TYPES: Mapping[str, str] = {
    "extreme_wide": "extreme wide shot",
    "wide": "wide shot",
    "medium": "medium shot",
    "close_up": "close-up",
    "extreme_close_up": "extreme close-up",
    "over_the_shoulder": "over-the-shoulder shot",
    "insert": "insert shot of a detail",
}
_CAMERA_MOVES: Mapping[str, str] = {
    "static": "static camera",
    "pan": "the camera pans slowly",
    "tilt": "the camera tilts slowly",
    "dolly_in": "the camera moves in",
    "dolly_out": "the camera moves back",
    "truck": "the camera moves sideways",
    "crane": "the camera rises on a crane",
    "handheld": "handheld camera",
    "zoom": "slow zoom in",
}
_INTERIORS: Mapping[str, str] = {
    "int": "interior", "ext": "exterior", "int_ext": "interior and exterior",
}  # fmt: skip
_WEATHER: Mapping[str, str] = {
    "cloudy": "cloudy sky", "rain": "rain", "storm": "storm", "snow": "snow", "fog": "fog",
    "wind": "wind",
}  # fmt: skip
#: Kelvin below which light is said to be warm, and above which it is cool; daylight lies between.
_WARM_K, _COOL_K = 4500, 7000
#: What no film wants, said to models that listen to negatives.
_NEVER = "text, subtitles, watermark, logo, blurry, distorted anatomy"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoRAFile:
    """A LoRA of the user's, and how strongly it works beside the others."""

    file: FileRef
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a shot asks for.

    ``frames`` at ``rate`` is what the film needs in the end, at ``width`` x ``height``.
    ``start`` is the clip whose last frame it begins with.  ``media`` is the user's own picture or
    clip, which no generator may replace.  ``motion`` is the prompt for a model that sees the
    start image: what moves, without what can be seen.
    """

    prompt: str
    motion: str
    negative: str
    seed: int
    width: int
    height: int
    frames: int
    rate: Fraction
    start: ArtifactRef | None = None
    media: FileRef | None = None
    references: tuple[FileRef, ...] = ()
    places: tuple[FileRef, ...] = ()
    styles: tuple[FileRef, ...] = ()
    loras: tuple[LoRAFile, ...] = ()
    tier: str = ""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.frames / self.rate)

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.rate)


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


def picture_of(
    inputs: Mapping[str, Any], seconds_of: SecondsOf, learned: Mapping[StepId, str] | None = None
) -> Picture:
    """What a clip step asks for; ``seconds_of`` tells how long its lines turned out to be.

    ``learned`` are the names, on the service, of LoRAs that steps of the film made: others are not
    used, and nobody is called by their word.
    """
    learned = learned or {}
    rate = frame_rate(inputs["fps"])
    width, height = inputs["size"]
    figures, style = inputs["figures"], inputs["style"] or {}
    where, image = inputs["environment"] or {}, inputs["image"]
    words = [_figure(each, called=_file(each, learned) is not None) for each in figures]
    return Picture(
        prompt=_joined((*_staged(inputs), *words, _place(where), _look(style))),
        motion=_joined(_staged(inputs)),
        negative=_joined((inputs["negative"], _NEVER)),
        seed=inputs["seed"] + inputs["take"] - 1,
        width=width,
        height=height,
        frames=layout(shot_time(inputs, seconds_of), rate).frames,
        rate=rate,
        start=image["clip"] if image else None,
        media=inputs["media"],
        references=tuple(file for figure in figures for file in figure["images"]),
        places=tuple(where.get("images", ())),
        styles=tuple(style.get("images", ())),
        loras=tuple(_loras(figures, style, learned)),
        tier=_tier(figures),
    )


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
        prompt=_joined(words),
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


def _staged(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """How it is framed, what happens, how the camera moves, who speaks."""
    speaking = [line["speaker"] for line in inputs["lines"] if not line["off_screen"]]
    said = " and ".join(dict.fromkeys(speaking))
    feeling = next((line["emotion"] for line in inputs["lines"] if line["emotion"]), "")
    talk = f"{said} speaking{f' ({feeling})' if feeling else ''}" if said else ""
    return (
        _SHOT_TYPES.get(inputs["shot_type"], ""),
        inputs["action"],
        talk,
        _CAMERA_MOVES.get(inputs["camera_move"], ""),
    )


def _figure(figure: Mapping[str, Any], *, called: bool) -> str:
    name, looks = figure["name"] or "", unmarked(figure["description"] or "")
    if called and figure.get("trigger"):  # first, for it is what the LoRA knows them by
        name = ", ".join(filter(None, (figure["trigger"], name)))
    return f"{name}: {looks}" if name and looks else name or looks


def _place(where: Mapping[str, Any]) -> str:
    if not where:
        return ""
    season = where["season"]
    return _joined(
        (
            _INTERIORS.get(where["interior"], ""),
            where["place"],
            where["description"],
            where["time_of_day"],
            _WEATHER.get(where["weather"], ""),
            "" if season == "any" else season,
            f"{where['lighting']} lighting" if where["lighting"] else "",
            f"{where['mood']} mood" if where["mood"] else "",
        ),
        ", ",
    )


def _look(style: Mapping[str, Any]) -> str:
    if not style:
        return ""
    colours = ", ".join(map(str, style["palette"])) if style["palette"] else ""
    return _joined(
        (
            f"{style['keywords']} style" if style["keywords"] else "",
            style["description"],
            f"colours {colours}" if colours else "",
            _light(style["temperature"]),
            _amount(style["contrast"], "contrast"),
            "black and white" if style["saturation"] == 0 else _amount(style["saturation"], "saturation"),
        ),
        ", ",
    )  # fmt: skip


def _light(kelvin: float) -> str:
    if kelvin < _WARM_K:
        return "warm light"
    return "cool light" if kelvin > _COOL_K else ""


def _amount(value: float, name: str) -> str:
    """High or low where it is clearly off 1."""
    if value > 1.25:
        return f"high {name}"
    return f"low {name}" if value < 0.75 else ""


def _loras(
    figures: Sequence[Mapping[str, Any]], style: Mapping[str, Any], learned: Mapping[StepId, str]
) -> Iterator[LoRAFile]:
    """Characters' first; each scaled from what its node says as the house rule shifts its share."""
    files = [(_file(each, learned), each["lora_strength"]) for each in figures]
    of_figures = [(file, strength) for file, strength in files if file is not None]
    strong = bool(style.get("lora")) and style["intensity"] > _STRONG_STYLE
    face, look = _STRONG if strong else _USUAL
    for file, strength in of_figures:
        yield LoRAFile(file=file, strength=_share(strength, face, _USUAL[0]))
    if style.get("lora"):
        look = look if of_figures or not strong else _USUAL[1]
        strength = _share(style["lora_strength"], look, _USUAL[1])
        yield LoRAFile(file=style["lora"], strength=strength)


def _file(figure: Mapping[str, Any], learned: Mapping[StepId, str]) -> FileRef | None:
    """Somebody's LoRA; one that the film learned is known by its name on the service alone."""
    lora = figure["lora"]
    if isinstance(lora, ArtifactRef):
        name = learned.get(lora.step)
        return FileRef(path=Path(name), content=Digest("")) if name else None
    return lora if isinstance(lora, FileRef) else None


def _share(strength: float, share: float, usual: float) -> float:
    return round(strength * share / usual, 4)


def _tier(figures: Iterable[Mapping[str, Any]]) -> str:
    """The highest tier that is asked for; "" with nobody in the picture."""
    order = ("", "baseline", "enhanced", "ultimate")
    return max((each["tier"] for each in figures), key=order.index, default="")


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
        _INTERIORS.get(setting["interior"], ""),
        setting["place"],
        f"at {setting['time_of_day']}" if setting["time_of_day"] == "night" else setting["time_of_day"],
        _WEATHER.get(setting["weather"], ""),
        "" if season == "any" else season,
        f"{setting['mood']} mood" if setting["mood"] else "",
    )  # fmt: skip


_SOUNDS = {SOUND: _effect, MUSIC: _score, AMBIENCE: _background}
_SOUND_NEVER: Mapping[Kind, str] = {
    SOUND: "music, speech, distortion",
    MUSIC: "vocals, speech, distortion",
    AMBIENCE: "music, speech, distortion",
}


def _joined(parts: Iterable[str], between: str = ". ") -> str:
    """What is not empty, each on one line without its own full stop, bounded in length."""
    words = (unmarked(part or "").strip().rstrip(".,;") for part in parts)
    return between.join(word for word in words if word)[:_LONGEST]
