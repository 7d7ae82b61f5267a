# SPDX-License-Identifier: GPL-3.0-or-later
"""Primitive nodes: one value, typed once in the editor, given to every widget it is linked to.

They exist in the editor only.  Before a prompt is made, each writes its value into the widgets
behind its links; a number is brought into the widget's steps on the way.
"""

from __future__ import annotations

import math
from typing import Any

from .ui_live import Graph, Loaded
from .ui_nodes import Node, Slot
from .ui_special import PRIMITIVE
from .ui_widgets import ABSENT, WIDGET_TYPES, Widget

__all__ = ["apply_primitives"]


def apply_primitives(loaded: Loaded) -> None:
    """Write every primitive's value into what it is linked to."""
    for graph in loaded.graphs():
        for node in graph.nodes.values():
            if node.type == PRIMITIVE:
                _apply(graph, node)


def _apply(graph: Graph, node: Node) -> None:
    targets = list(_targets(graph, node))
    value = _value(node, targets)
    if value is ABSENT:
        return
    for target, slot in targets:
        if slot.box is not None:
            slot.box.value = value
        widget = target.widget_named(slot.widget) if slot.widget else None
        if widget is not None:
            target.set(widget, _stepped(widget, value))


def _targets(graph: Graph, node: Node) -> list[tuple[Node, Slot]]:
    found = []
    for id in node.outputs[0].links if node.outputs else ():
        link = graph.links.get(id)
        slot = graph.slot(link) if link is not None else None
        if link is not None and slot is not None:
            found.append((graph.nodes[link.target], slot))
    return found


def _value(node: Node, targets: list[tuple[Node, Slot]]) -> Any:
    """The value the file has for it, else what its first target has; nothing without a target."""
    if not targets:
        return ABSENT
    first, slot = targets[0]
    if not slot.widget and slot.type not in WIDGET_TYPES:
        return ABSENT
    if node.values:
        return node.values[0]
    found = first.widget_box(slot)
    return ABSENT if found is None else found[1].value


def _stepped(widget: Widget, value: Any) -> Any:
    """A number as the widget rounds it when it is given one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or widget.spec is None:
        return value
    spec = widget.spec
    if spec.type == "INT":
        step = spec.number("step") or 1
        offset = math.fmod(spec.number("min") or 0, step) if step != 1 else 0
        stepped = math.floor((value - offset) / step + 0.5) * step + offset
        return int(stepped) if isinstance(stepped, float) and stepped.is_integer() else stepped
    return _rounded(widget, value) if spec.type == "FLOAT" else value


def _rounded(widget: Widget, value: float) -> float:
    spec = widget.spec
    assert spec is not None
    step = spec.number("step") or 0.5
    digits = max(0, -math.floor(math.log10(step)))
    unit = spec.number("round") or (10.0**-digits if digits else 0)
    if not unit:
        return value
    places = max(0, -math.floor(math.log10(unit)))
    rounded = round(math.floor(value / unit + 0.5) * unit, digits or places)
    low, high = spec.number("min"), spec.number("max")
    return min(max(rounded, 0 if low is None else low), 2048 if high is None else high)
