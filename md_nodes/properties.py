# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters as Blender properties, made from their declarations.

A choice is stored by a number made from its id, so that choices may be added and
put in another order without changing what is in users' files.
"""

from __future__ import annotations

import zlib
from typing import Any

import bpy

from ..core.node_type import Param

#: Blender's subtypes for units it knows; other units stand in the tooltip.
_FLOAT_SUBTYPES = {"seconds": "TIME_ABSOLUTE"}


def colour_of(text: str) -> tuple[float, float, float]:
    """Red, green and blue (0–1, as on the screen) of a colour like ``#a0b1c2``."""
    return tuple(int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))


def text_of(colour: Any) -> str:
    """The colour like ``#a0b1c2`` nearest to red, green and blue of 0–1."""
    return "#" + "".join(f"{round(max(0.0, min(1.0, part)) * 255):02x}" for part in colour)


#: Files and folders may be named from the .blend's own folder, with ``//``.
_RELATIVE = {"ANIMATABLE", "PATH_SUPPORTS_BLEND_RELATIVE"}


class MovieDirectorItem(bpy.types.PropertyGroup):
    """One entry of a list of names."""


class MovieDirectorFile(bpy.types.PropertyGroup):
    """One entry of a list of files."""


class MovieDirectorColour(bpy.types.PropertyGroup):
    """One entry of a palette.  ``value`` keeps the text as it was written while it is the colour."""


MovieDirectorItem.__annotations__ = {"value": bpy.props.StringProperty(name="Name")}
MovieDirectorFile.__annotations__ = {
    "value": bpy.props.StringProperty(name="File", subtype="FILE_PATH", options=_RELATIVE)
}
MovieDirectorColour.__annotations__ = {
    "value": bpy.props.StringProperty(),
    "colour": bpy.props.FloatVectorProperty(
        name="Colour", subtype="COLOR_GAMMA", size=3, min=0, max=1, default=(0.5, 0.5, 0.5)
    ),
}

#: The entry class of each kind of list.
ITEMS = {"names": MovieDirectorItem, "paths": MovieDirectorFile, "palette": MovieDirectorColour}
CLASSES = tuple(ITEMS.values())


def tooltip(param: Param) -> str:
    """What Blender shows when the mouse rests on the property; Blender adds the full stop."""
    unit = f" In {param.unit}." if param.unit and param.unit not in _FLOAT_SUBTYPES else ""
    return (param.doc + unit).rstrip(".")


def make_property(param: Param) -> Any:
    """The deferred ``bpy.props`` definition for one parameter."""
    words = {"name": param.title, "description": tooltip(param)}
    if param.kind in ITEMS:
        return bpy.props.CollectionProperty(type=ITEMS[param.kind], **words)
    if param.kind == "textblock":
        return bpy.props.PointerProperty(type=bpy.types.Text, **words)
    if param.kind == "choice":
        return bpy.props.EnumProperty(items=_items(param), default=param.default, **words)
    if param.kind == "bool":
        return bpy.props.BoolProperty(default=param.default, **words)
    if param.kind in ("int", "float"):
        return _number(param, words)
    subtype = {"path": "FILE_PATH", "folder": "DIR_PATH"}.get(param.kind, "NONE")
    options = set() if subtype == "NONE" else _RELATIVE
    return bpy.props.StringProperty(
        default=param.default, subtype=subtype, options=options | {"ANIMATABLE"}, **words
    )


def _items(param: Param) -> list[tuple[str, str, str, str, int]]:
    return [
        (id, label, "", "NONE", zlib.crc32(id.encode()) & 0x7FFFFFFF) for id, label in param.choices
    ]


def _number(param: Param, words: dict[str, str]) -> Any:
    limits = {}
    if param.minimum is not None:
        limits["min"] = param.minimum
    if param.maximum is not None:
        limits["max"] = param.maximum
    if param.kind == "int":
        whole = {name: int(limit) for name, limit in limits.items()}
        return bpy.props.IntProperty(default=param.default, **whole, **words)
    if param.minimum == 0 and param.maximum is not None and param.maximum <= 1:
        limits["subtype"] = "FACTOR"
    elif param.unit in _FLOAT_SUBTYPES:
        limits["subtype"] = _FLOAT_SUBTYPES[param.unit]
    return bpy.props.FloatProperty(default=param.default, precision=2, step=10, **limits, **words)
