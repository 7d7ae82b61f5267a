# SPDX-License-Identifier: GPL-3.0-or-later
"""A style: how the film looks.  A style with a parent adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from . import _params as common


def lower(low: Lowering) -> Mapping[str, Any]:
    """The style over its parent: what is set here wins, words are added to the parent's."""
    own = low.described()
    parent = low.one("parent")
    if parent is None:
        return {"style": own}
    value = dict(own)
    for name, param in NODE_TYPE.by_name.items():
        if name in own and low.params[name] == param.default:
            value[name] = parent[name]
    for name in ("description", "keywords"):
        value[name] = ", ".join(filter(None, (parent[name], own[name])))
    return {"style": value}


NODE_TYPE = NodeType(
    label="Style",
    doc="How the film looks: palette, light, contrast, references.",
    category="World",
    icon="BRUSH_DATA",
    colour=(0.24, 0.12, 0.34),
    inputs=(Socket(name="parent", kind="style", doc="A style this one adds to."),),
    outputs=(Socket(name="style", kind="style"),),
    lower=lower,
    params=(
        common.name("What you call it."),
        Param(name="description", kind="lines", default="", doc="The look in words."),
        Param(
            name="keywords",
            kind="text",
            default="",
            doc="Words such as noir, watercolour, pastel, comic.",
        ),
        Param(
            name="palette",
            kind="palette",
            default=(),
            doc="Up to eight colours, the ground tone first; empty lets the words choose.",
        ),
        Param(
            name="images",
            kind="paths",
            default=(),
            label="Reference images",
            doc="Pictures that have the look: a shot's still takes it from them.",
        ),
        Param(name="lora", kind="path", default="", label="LoRA", doc="A LoRA of the style."),
        Param(
            name="lora_strength",
            kind="float",
            default=0.6,
            minimum=0,
            maximum=2,
            label="LoRA strength",
            doc="How strongly the LoRA is applied.",
        ),
        Param(
            name="intensity",
            kind="float",
            default=0.8,
            minimum=0,
            maximum=1,
            doc="How far the style goes.",
        ),
        Param(
            name="temperature",
            kind="float",
            default=5600.0,
            minimum=2000,
            maximum=10000,
            unit="K",
            label="Colour temperature",
            doc="Of the light: 3200 is lamplight, 5600 daylight.",
        ),
        Param(
            name="contrast",
            kind="float",
            default=1.0,
            minimum=0,
            maximum=2,
            doc="1 leaves it as it is.",
        ),
        Param(
            name="saturation",
            kind="float",
            default=1.0,
            minimum=0,
            maximum=2,
            doc="1 leaves it as it is, 0 is black and white.",
        ),
        Param(name="lut", kind="path", default="", label="LUT", doc="A .cube look-up table."),
    ),
)
