# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment: where and when a scene happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from . import _params as common
from ._view import angles_named


def lower(low: Lowering) -> Mapping[str, Any]:
    """The place; ``views`` says from where it may be seen, for a shot that asks."""
    angles, unknown = angles_named(low.params["angles"])
    if unknown:
        low.note(
            f"The Angle set of {low.name} names no angle with {', '.join(unknown)}.",
            remedy="Use names such as front, left, back right, low or high.",
        )
    return {"environment": {**low.described(), "views": {"name": low.name, "angles": angles}}}


NODE_TYPE = NodeType(
    label="Environment",
    doc="Where and when it happens: place, time of day, weather.",
    category="World",
    icon="WORLD",
    colour=(0.10, 0.28, 0.13),
    outputs=(Socket(name="environment", kind="environment"),),
    lower=lower,
    params=(
        common.name("The place, as the script has it."),
        Param(name="description", kind="lines", default="", doc="What is to be seen there."),
        Param(
            name="interior",
            kind="choice",
            default="ext",
            label="Interior / exterior",
            doc="Inside, outside, or both.",
            choices=(("int", "INT"), ("ext", "EXT"), ("int_ext", "INT/EXT")),
        ),
        Param(
            name="place",
            kind="text",
            default="",
            label="Location type",
            doc="The kind of place: street, kitchen, station, forest.",
        ),
        Param(
            name="time_of_day",
            kind="choice",
            default="day",
            doc="When it happens.",
            choices=(("day", "Day"), ("night", "Night"), ("dawn", "Dawn"), ("dusk", "Dusk")),
        ),
        Param(
            name="weather",
            kind="choice",
            default="clear",
            doc="What the sky does.",
            choices=(
                ("clear", "Clear"),
                ("cloudy", "Cloudy"),
                ("rain", "Rain"),
                ("storm", "Storm"),
                ("snow", "Snow"),
                ("fog", "Fog"),
                ("wind", "Wind"),
            ),
        ),
        Param(
            name="season",
            kind="choice",
            default="any",
            doc="The time of year.",
            choices=(
                ("any", "Any"),
                ("spring", "Spring"),
                ("summer", "Summer"),
                ("autumn", "Autumn"),
                ("winter", "Winter"),
            ),
        ),
        Param(name="mood", kind="text", default="", doc="Such as tense, calm, lonely."),
        Param(
            name="lighting", kind="text", default="", doc="Such as candle light, neon, back light."
        ),
        Param(
            name="images",
            kind="paths",
            default=(),
            label="Base images",
            doc="Pictures of the place.",
        ),
        Param(
            name="angles",
            kind="names",
            default=(),
            label="Angle set",
            doc="Views that shots may have of the place, such as front, left, high.",
            affects=False,
        ),
    ),
)
