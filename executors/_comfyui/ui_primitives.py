# SPDX-License-Identifier: GPL-3.0-or-later
"""Primitive nodes: one value, typed once in the editor, given to every widget it is linked to.

They exist in the editor only.  Before a prompt is made, each writes its value into the widgets
behind its links; a number is brought into the widget's steps on the way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from .object_info import InputSpec
from .ui_live import Graph, Loaded
from .ui_nodes import Node, Slot
from .ui_special import PRIMITIVE
from .ui_widgets import ABSENT, WIDGET_TYPES

__all__ = ["apply_primitives"]

#: Options in which two inputs may differ and still share a value.
APART = frozenset({
    "min", "max", "step", "default", "forceInput", "defaultInput", "control_after_generate",
    "multiline", "tooltip", "dynamicPrompts",
})  # fmt: skip


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
            target.set(widget, _stepped(widget.spec, value))


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
    found = first.widget_box(slot)
    value = node.values[0] if node.values else ABSENT if found is None else found[1].value
    specs = [each[1].spec for each in (node.widget_box(slot) for node, slot in targets) if each]
    return _within(value, [each for each in specs if each is not None])


def _within(value: Any, specs: list[InputSpec]) -> Any:
    """A number brought into the range of every target whose range meets those before it."""
    if not _is_number(value) or not specs or specs[0].type not in ("INT", "FLOAT"):
        return value
    merged = specs[0]
    for spec in specs:
        both = _merged(merged, spec)
        if both is not None:
            merged = both
            least, most = both.number("min"), both.number("max")
            value = value if least is None else max(value, least)
            value = value if most is None else min(value, most)
            value = _stepped(both, value)
    return value


def _merged(one: InputSpec, other: InputSpec) -> InputSpec | None:
    """What both take, or None where their ranges do not meet or they differ otherwise."""
    if one.type != other.type:
        return None
    low = max(_least(each) for each in (one, other))
    high = min(_most(each) for each in (one, other))
    rest = [{k: v for k, v in each.options.items() if k not in APART} for each in (one, other)]
    if low > high or rest[0] != rest[1]:
        return None
    step = _common(one.number("step") or 1, other.number("step") or 1)
    return replace(one, options={**one.options, "min": low, "max": high, "step": step})


def _least(spec: InputSpec) -> float:
    low = spec.number("min")
    return -math.inf if low is None else low


def _most(spec: InputSpec) -> float:
    high = spec.number("max")
    return math.inf if high is None else high


def _common(one: float, other: float) -> float:
    """The least step that is a number of steps of both."""
    if one == other:
        return one
    a, b = one, other
    while b:
        a, b = b, a % b
    return abs(one * other) / a


def _stepped(spec: InputSpec | None, value: Any) -> Any:
    """A number as a widget rounds it when it is given one."""
    if spec is None or not _is_number(value) or not math.isfinite(value):
        return value
    if spec.type == "INT":
        step = spec.number("step") or 1
        low = spec.number("min")
        offset = math.fmod(low, step) if step != 1 and low is not None and low > -math.inf else 0
        stepped = math.floor((value - offset) / step + 0.5) * step + offset
        return int(stepped) if isinstance(stepped, float) and stepped.is_integer() else stepped
    return _rounded(spec, value) if spec.type == "FLOAT" else value


def _rounded(spec: InputSpec, value: float) -> float:
    step = spec.number("step") or 0.5
    digits = max(0, -math.floor(math.log10(step)))
    unit = spec.number("round") or (10.0**-digits if digits else 0)
    if not unit:
        return value
    rounded = round(math.floor(value / unit + 0.5) * unit, digits)
    low, high = spec.number("min"), spec.number("max")
    return min(max(rounded, 0 if low is None else low), 2048 if high is None else high)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
