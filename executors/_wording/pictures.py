# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot, and the still it begins with, in words and numbers for a generator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...core.compile.lowering import FileRef
from ...core.cut import SecondsOf, shot_time
from ...core.digest import Digest
from ...core.edit import frame_rate, layout
from ...core.emphasis import unmarked
from ...core.reference_images import ReferenceImage, reference_images
from ...core.step import ArtifactRef, StepId
from .words import INTERIORS, WEATHER, joined

__all__ = ["LoRAFile", "Picture", "opening_of", "picture_of"]

#: Strengths of character and style LoRAs together, ``requirements/domain.md``: who somebody is
#: always wins over how the film looks, and by more where the style is strong.
_USUAL, _STRONG = (0.8, 0.6), (0.9, 0.4)
#: Above this intensity a style would drown a face.
_STRONG_STYLE = 0.8
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
    ``start`` is the still, or the clip whose last frame, it begins with.  ``media`` is the user's own
    picture or clip, which no generator may replace.  ``motion`` is the prompt for a model that sees the
    start image: what moves, without what can be seen.  ``images`` are the pictures of a still.
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
    images: tuple[ReferenceImage, ...] = ()
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
        prompt=joined((*_staged(inputs), *words, _place(where), _look(style))),
        motion=joined(_staged(inputs)),
        negative=joined((inputs["negative"], _NEVER)),
        seed=inputs["seed"] + inputs["take"] - 1,
        width=width,
        height=height,
        frames=layout(shot_time(inputs, seconds_of), rate).frames,
        rate=rate,
        start=image.get("still") or image["clip"] if image else None,
        media=inputs["media"],
        references=tuple(file for figure in figures for file in figure["images"]),
        places=tuple(where.get("images", ())),
        styles=tuple(style.get("images", ())),
        loras=tuple(_loras(figures, style, learned)),
        tier=_tier(figures),
    )


def opening_of(inputs: Mapping[str, Any], learned: Mapping[StepId, str] | None = None) -> Picture:
    """What a still asks for: one picture, with nothing in its words that only moves or sounds.

    ``learned`` as in ``picture_of``.
    """
    learned = learned or {}
    figures, style = inputs["figures"], inputs["style"] or {}
    where = inputs["environment"] or {}
    framed = (_SHOT_TYPES.get(inputs["shot_type"], ""), inputs["action"])
    width, height = inputs["size"]
    people = [_figure(each, called=_file(each, learned) is not None) for each in figures]
    words = joined((*framed, *people, _place(where), _look(style)))
    return Picture(
        prompt=words,
        motion=words,
        negative=joined((inputs["negative"], _NEVER)),
        seed=inputs["seed"] + inputs["take"] - 1,
        width=width,
        height=height,
        frames=1,
        rate=Fraction(1),
        images=reference_images(inputs),
        loras=tuple(_loras(figures, style, learned)),
        tier=inputs["tier"],
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
    return joined(
        (
            INTERIORS.get(where["interior"], ""),
            where["place"],
            where["description"],
            where["time_of_day"],
            WEATHER.get(where["weather"], ""),
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
    return joined(
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
