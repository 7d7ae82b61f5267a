# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of one node, in and out of Blender.

What was never set is not in the graph, even where the value shown is the same.
Numbers go through Blender's 32 bits and come back to six significant digits; what no
field would take, such as a driver's division by zero, is read as the nearest that it would.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import bpy

from ..core.errors import GraphError
from ..core.node_type import NodeType, Param, six_digits
from .names import prop
from .properties import ITEMS, colour_of, text_of


class Params(Mapping[str, Any]):
    """A node's parameters, set or not, each read when it is asked for; for one moment only."""

    def __init__(self, node: bpy.types.Node, declared: NodeType) -> None:
        self._node, self._declared = node, declared

    def __getitem__(self, name: str) -> Any:
        return get_param(self._node, self._declared.by_name[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared.by_name)

    def __len__(self) -> int:
        return len(self._declared.by_name)


def get_params(node: bpy.types.Node, declared: NodeType) -> dict[str, Any]:
    """What was set on ``node``, in canonical form."""
    found = {}
    for param in declared.params:
        if is_set(node, param):
            found[param.name] = get_param(node, param)
    return found


def is_set(node: bpy.types.Node, param: Param) -> bool:
    """Whether somebody set the parameter, be it to its default."""
    name = prop(param.name)
    if param.kind == "textblock":
        return getattr(node, name) is not None
    return node.is_property_set(name)


def get_param(node: bpy.types.Node, param: Param) -> Any:
    """One parameter's value, set or not, in canonical form."""
    value = getattr(node, prop(param.name))
    if param.kind == "textblock":
        return value.as_string() if value is not None else param.default
    if param.kind == "palette":
        return tuple(item.value if _shows(item) else text_of(item.colour) for item in value)
    if param.kind in ITEMS:
        return tuple(item.value for item in value)
    return _sound(param, six_digits(value) if param.kind == "float" else value)


def _sound(param: Param, value: Any) -> Any:
    """``value``, or the nearest that can be: scripts and drivers write what no field would take."""
    try:
        return param.check(value, where="")
    except GraphError:
        pass  # the value itself is told nowhere: the field shows what is taken in its place
    if isinstance(value, float) and math.isnan(value):
        return param.default
    if isinstance(value, int | float):
        low, high = param.minimum, param.maximum
        value = value if low is None else max(low, value)
        return type(param.default)(value if high is None else min(high, value))
    if param.kind == "choice":
        return param.default
    return " ".join(value.splitlines())


def _shows(item: Any) -> bool:
    return bool(item.value) and item.value.lower() == text_of(item.colour)


def set_params(node: bpy.types.Node, declared: NodeType, params: Mapping[str, Any]) -> None:
    """Set these parameters, leaving the others as they are.

    Raises:
        GraphError: Blender cannot hold a value.
    """
    by_name = declared.by_name
    for name, value in params.items():
        try:
            _set(node, by_name[name], value)
        except (TypeError, ValueError, UnicodeEncodeError, OverflowError) as error:
            raise GraphError(
                f"Blender cannot hold {value!r:.60} as '{name}': {error}.",
                remedy="Give it another value.",
                where=getattr(node, "movie_director_id", ""),
            ) from None


def _set(node: bpy.types.Node, param: Param, value: Any) -> None:
    name = prop(param.name)
    if param.kind == "textblock":
        setattr(node, name, _text(getattr(node, name), param, value))
    elif param.kind in ITEMS:
        entries = getattr(node, name)
        entries.clear()
        if not value:
            entries.add()
            entries.clear()
        for text in value:
            entry = entries.add()
            entry.value = text
            if param.kind == "palette":
                entry.colour = colour_of(text)
    else:
        setattr(node, name, value)


def _text(text: bpy.types.Text | None, param: Param, value: str) -> bpy.types.Text:
    if text is None:
        text = bpy.data.texts.new("Screenplay" if param.name == "text" else param.title)
    text.from_string(value)
    return text
