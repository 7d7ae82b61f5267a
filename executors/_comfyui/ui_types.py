# SPDX-License-Identifier: GPL-3.0-or-later
"""Types that follow from what is joined: the match-type inputs and outputs of newer classes.

Such inputs take one of several types, and an output follows them.  Once a file is loaded the
editor works the types out and cuts links that they do not allow.
"""

from __future__ import annotations

from .ui_graph import INPUT_SIDE, OUTPUT_SIDE
from .ui_live import Graph, Loaded
from .ui_nodes import Node, Output, Slot
from .ui_resolve import types_fit

__all__ = ["common_type", "settle_types"]

#: Nodes that one change of a type may run through.
FARTHEST = 200


def settle_types(loaded: Loaded) -> None:
    """Work out every match-type's type; links that do not fit are cut."""
    for graph in loaded.graphs():
        for node in graph.nodes.values():
            for group in node.matches.values():
                for name in group:
                    slot = node.slot_named(name)
                    if slot is not None:
                        _update(graph, node, slot, 0)


def common_type(*types: str) -> str | None:
    """The types that all of these lists (``A,B``; ``*`` is any) have in common, or None."""
    lists = [each.split(",") for each in types if each != "*"]
    if not lists:
        return "*"
    both = [each for each in dict.fromkeys(lists[0]) if all(each in other for other in lists)]
    return ",".join(both) or None


def _update(graph: Graph, node: Node, slot: Slot, depth: int) -> None:
    """A match-type input has changed: its group's types follow, and the outputs that match."""
    found = next((each for each in node.matches.items() if slot.name in each[1]), None)
    if found is None or depth > FARTHEST:
        return
    key, group = found
    inputs = [each for each in node.inputs if each.name in group]
    joined = [_origin_type(graph, each) for each in inputs]
    for at, each in enumerate(inputs):
        narrowed = common_type(*joined[:at], *joined[at + 1 :], group[each.name])
        if narrowed is None:
            return
        each.type = narrowed
    made = common_type(*joined)
    for output in node.outputs if made is not None else ():
        if output.match == key and made is not None:
            _change(graph, output, made, depth)


def _origin_type(graph: Graph, slot: Slot) -> str:
    link = graph.links.get(slot.link) if slot.link is not None else None
    if link is None:
        return "*"
    if link.origin == INPUT_SIDE:
        ports = graph.inputs
        return ports[link.origin_slot].type if 0 <= link.origin_slot < len(ports) else "*"
    origin = graph.nodes.get(link.origin)
    outputs = origin.outputs if origin is not None else []
    return outputs[link.origin_slot].type if 0 <= link.origin_slot < len(outputs) else "*"


def _change(graph: Graph, output: Output, made: str, depth: int) -> None:
    """Give an output its type; links that it does not fit go, and what follows is told."""
    if output.type == made:
        return
    output.type = made
    at = 0
    while at < len(output.links):  # cutting one makes the editor pass over the next
        id = output.links[at]
        at += 1
        link = graph.links.get(id)
        if link is None:
            continue
        if link.target == OUTPUT_SIDE:
            port = graph.outputs[link.slot] if 0 <= link.slot < len(graph.outputs) else None
            if port is not None and not types_fit(made, port.type):
                for each in list(port.links):
                    graph.drop(each)
                port.links.clear()
            continue
        slot = graph.slot(link)
        if slot is None:
            continue
        if not types_fit(made, slot.type):
            graph.drop(id)
        _update(graph, graph.nodes[link.target], slot, depth + 1)
