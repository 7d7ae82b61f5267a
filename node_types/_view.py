# SPDX-License-Identifier: GPL-3.0-or-later
"""From where a shot sees its place: a view made of the place's picture, one for all shots that ask for it.

A Shot names the angle, or its camera asks for one that the place's Angle set has.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.compile.lowering import Described, Lowering
from ..core.node_type import Param
from ..core.step import VIEW, ArtifactRef, Kind, Place, Priority

__all__ = ["ANGLE", "ANGLES", "angles_named", "needed_for", "place_of", "seen_from", "tell_unseen"]

ANGLES = (
    ("front", "Front"), ("front_right", "Front right"), ("right", "Right"),
    ("back_right", "Back right"), ("back", "Back"), ("back_left", "Back left"), ("left", "Left"),
    ("front_left", "Front left"), ("low", "Low"), ("elevated", "Elevated"), ("high", "High"),
)  # fmt: skip
_WORDS = dict(ANGLES)
#: Angles that a camera move or a shot type asks for, the one that suits it best first.
_ASKED_BY: Mapping[str, tuple[str, ...]] = {
    "crane": ("high", "elevated"),
    "extreme_wide": ("elevated", "high"),
}
_AUTO, _PICTURED = "auto", "pictured"
ANGLE = Param(
    name="angle",
    kind="choice",
    default=_AUTO,
    label="Angle",
    doc="From where its still sees the place: a view is made of the place's first picture.",
    choices=((_AUTO, "By the camera, from the Angle set"), (_PICTURED, "As pictured"), *ANGLES),
)


def angles_named(words: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The angles that the words of an Angle set mean, and the words that mean none."""
    plain = {word: "_".join(word.lower().replace("-", " ").split()) for word in words}
    known = tuple(dict.fromkeys(angle for angle in plain.values() if angle in _WORDS))
    return known, tuple(word for word, angle in plain.items() if angle not in _WORDS)


def place_of(low: Lowering) -> dict[str, Any] | None:
    """Where the shot happens, without what only tells from where it can be seen."""
    where = low.one("environment")
    return None if where is None else {n: value for n, value in where.items() if n != "views"}


def seen_from(low: Lowering) -> dict[str, Any] | None:
    """Where the shot happens; ``view`` stands for the place as seen from its angle, where it has one."""
    where, place = low.one("environment"), place_of(low)
    angle = _angle(low, where) if where and where["images"] else ""
    if where is None or place is None or not angle:
        return place
    return {**place, "view": _view(low, where, angle)}


def tell_unseen(low: Lowering) -> None:
    """Tell where an angle is named and there is no picture of the place to see from it."""
    where, angle = low.one("environment"), low.params["angle"]
    if angle in _WORDS and not (where and where["images"]):
        low.note(
            f"{low.name} is to see its place from another angle, {_WORDS[angle].lower()}, and the "
            "place has no picture.",
            remedy="Add a base image to its Environment, or have it seen as pictured.",
        )


def needed_for(params: Mapping[str, Any]) -> tuple[Kind, ...]:
    """What a Shot with these parameters needs so that its place is seen from its angle."""
    return (VIEW,) if params["angle"] in _WORDS else ()


def _angle(low: Lowering, where: Described) -> str:
    """The angle named, or that of the place's Angle set which the camera asks for; "" for neither."""
    named = low.params["angle"]
    if named != _AUTO:
        return str(named) if named in _WORDS else ""
    for wish in (low.params["camera_move"], low.params["shot_type"]):
        for angle in _ASKED_BY.get(wish, ()):
            if angle in where["views"]["angles"]:
                return angle
    return ""


def _view(low: Lowering, where: Described, angle: str) -> ArtifactRef:
    """The picture of the place from there: of the film's quality, whatever Backend the shot has."""
    film, name = low.film, where["views"]["name"]
    return low.step(
        VIEW,
        {
            "image": where["images"][0],
            "angle": angle,
            "seed": zlib.crc32(f"{film.seed}/{angle}".encode()) & 0x7FFFFFFF,
            "size": [film.width, film.height],
            "quality": film.quality,
        },
        node=where["node"],
        what=f"{VIEW}_{angle}",
        place=Place(scene="", shot="environments", stem=f"{name}_{angle}", suffix=".png"),
        label=f"{name}: {_WORDS[angle].lower()} view",
        seconds=0.0,
        priority=Priority.ENVIRONMENT,
    )
