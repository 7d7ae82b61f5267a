# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot's picture is asked to be, as plain values that survive JSON.

The one idea: everything the renderer may look at is in ``ShotPicture``, so equal specs give
equal bytes.  How values are checked is in ``reading.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from ....core.errors import InputError
from .reading import Reader
from .visemes import VISEMES

SHOT_TYPES = (
    "extreme_wide",
    "wide",
    "medium",
    "close_up",
    "extreme_close_up",
    "over_the_shoulder",
    "insert",
)
CAMERA_MOVES = (
    "static",
    "pan",
    "tilt",
    "dolly_in",
    "dolly_out",
    "truck",
    "crane",
    "handheld",
    "zoom",
)
MAX_SIDE = 8192  # pixels; x264 level 6.2 ends near 8K
MAX_FRAMES = 24 * 3600  # an hour in one shot is a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Someone in the shot.  Equal ``identity`` means the same look in every shot of a film."""

    name: str = ""
    description: str = ""
    identity: str = ""
    images: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any], where: str = "figure") -> Self:
        """The figure a mapping describes; InputError names the field that is wrong."""
        r = Reader(value, where)
        name = r.text("name")
        made = cls(
            name=name,
            description=r.text("description"),
            identity=r.text("identity") or name,
            images=r.texts("images"),
        )
        r.finish()
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and when the shot takes place, in the words of the film."""

    description: str = ""
    interior: str = ""  # INT, EXT, INT/EXT or ""
    place: str = ""
    time_of_day: str = "day"
    weather: str = ""
    season: str = ""
    mood: str = ""
    lighting: str = ""
    images: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any], where: str = "setting") -> Self:
        """The setting a mapping describes; InputError names the field that is wrong."""
        r = Reader(value, where)
        made = cls(
            description=r.text("description"),
            interior=r.choice("interior", ("", "INT", "EXT", "INT/EXT"), ""),
            place=r.text("place"),
            time_of_day=r.text("time_of_day") or "day",
            weather=r.text("weather"),
            season=r.text("season"),
            mood=r.text("mood"),
            lighting=r.text("lighting"),
            images=r.texts("images"),
        )
        r.finish()
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The film's style.  Temperature in kelvin; 1.0 leaves contrast and saturation alone."""

    description: str = ""
    keywords: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()  # "#rrggbb"
    intensity: float = 0.8
    temperature: float = 5600.0
    contrast: float = 1.0
    saturation: float = 1.0
    lut: str = ""  # path of a .cube file

    @classmethod
    def from_json(cls, value: Mapping[str, Any], where: str = "look") -> Self:
        """The look a mapping describes; InputError names the field that is wrong."""
        r = Reader(value, where)
        made = cls(
            description=r.text("description"),
            keywords=r.texts("keywords"),
            palette=r.texts("palette"),
            intensity=r.number("intensity", 0.0, 1.0, 0.8),
            temperature=r.number("temperature", 2000.0, 10000.0, 5600.0),
            contrast=r.number("contrast", 0.0, 2.0, 1.0),
            saturation=r.number("saturation", 0.0, 2.0, 1.0),
            lut=r.text("lut"),
        )
        r.finish()
        for colour in made.palette:
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
                raise InputError(
                    f"{where}.palette holds {colour!r}, which is no colour.",
                    remedy="Write each colour as #rrggbb, for example #1d3557.",
                )
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """A line in the shot.  ``mouths``: (seconds from the line's start, viseme), ascending."""

    identity: str = ""
    name: str = ""
    text: str = ""
    start_s: float = 0.0
    end_s: float = 0.0
    mouths: tuple[tuple[float, str], ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any], where: str = "line") -> Self:
        """The line a mapping describes; InputError names the field that is wrong."""
        r = Reader(value, where)
        name, start = r.text("name"), r.number("start_s", 0.0, 1e6, 0.0)
        made = cls(
            identity=r.text("identity") or name,
            name=name,
            text=r.text("text"),
            start_s=start,
            end_s=r.number("end_s", start, 1e6, start),
            mouths=r.timed("mouths", VISEMES),
        )
        r.finish()
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotPicture:
    """Everything one shot's picture depends on.  Sides in even pixels, length in frames."""

    width: int = 1280
    height: int = 720
    fps: float = 24.0
    frames: int = 72
    seed: int = 0
    number: str = ""
    scene: str = ""
    shot_type: str = "medium"
    camera_move: str = "static"
    action: str = ""
    figures: tuple[Figure, ...] = ()
    setting: Setting = field(default_factory=Setting)
    look: Look = field(default_factory=Look)
    lines: tuple[SpokenLine, ...] = ()
    captions: bool = True
    name_tags: bool = True
    burn_in: bool = False
    media: str = ""
    more_media: tuple[str, ...] = ()
    start_image: str = ""
    keyframes: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The shot a mapping describes; InputError names the field that is wrong."""
        r = Reader(value, "shot")
        made = cls(
            width=r.even("width", 16, MAX_SIDE, 1280),
            height=r.even("height", 16, MAX_SIDE, 720),
            fps=r.number("fps", 1.0, 240.0, 24.0),
            frames=r.whole("frames", 1, MAX_FRAMES, 72),
            seed=r.whole("seed", 0, 2**63 - 1, 0),
            number=r.text("number"),
            scene=r.text("scene"),
            shot_type=r.choice("shot_type", SHOT_TYPES, "medium"),
            camera_move=r.choice("camera_move", CAMERA_MOVES, "static"),
            action=r.text("action"),
            figures=r.many("figures", Figure.from_json),
            setting=r.one("setting", Setting.from_json),
            look=r.one("look", Look.from_json),
            lines=r.many("lines", SpokenLine.from_json),
            captions=r.flag("captions", True),
            name_tags=r.flag("name_tags", True),
            burn_in=r.flag("burn_in", False),
            media=r.text("media"),
            more_media=r.texts("more_media"),
            start_image=r.text("start_image"),
            keyframes=r.wholes("keyframes", 0, MAX_FRAMES),
        )
        r.finish()
        return made

    def as_json(self) -> dict[str, Any]:
        """The shot as plain JSON values; ``from_json`` gives an equal shot back."""
        made: dict[str, Any] = _plain(asdict(self))
        return made

    @property
    def seconds(self) -> float:
        """The shot's length."""
        return self.frames / self.fps


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
