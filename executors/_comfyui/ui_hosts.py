# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that belong to an instance of a subgraph (a *host*), not to the nodes inside.

A subgraph's input that ends in a widget shows that widget on every host, and each host keeps a
value of its own.  How older files name such widgets is in ``ui_proxies``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .ui_graph import UiNode
from .ui_live import Graph, Port
from .ui_nodes import Boxes, Node, Slot
from .ui_widgets import ABSENT, Box

__all__ = [
    "ITSELF", "bind_early_hosts", "bind_host", "box_behind", "read_host_values", "show",
    "slots_behind",
]  # fmt: skip

#: What the editor kept of proxies that it could not turn into inputs.
QUARANTINE = "proxyWidgetErrorQuarantine"
#: The id that stands for the host itself in a proxy.
ITSELF = "-1"


def bind_host(host: Node, boxes: Boxes) -> None:
    """Find the subgraph's input behind each of a host's, and the widget behind that."""
    _rebind(host)
    for slot in host.inputs:
        found = next(_widgets_behind(host.subgraph, slot.port), None)
        if found is not None:
            show(host, slot, found, boxes)


def bind_early_hosts(graph: Graph, boxes: Boxes) -> None:
    """Give hosts that were loaded before their definition what its inputs now stand for."""
    for host in graph.hosts:
        for slot in host.inputs:
            link = graph.links.get(slot.port.links[0]) if slot.port.links else None
            inner = graph.stored_slot(link) if link is not None else None
            if link is None or inner is None or slot.box is not None:
                continue
            found = box_behind(graph.nodes[link.target], inner)
            if found is not None:
                show(host, slot, found, boxes)


def _rebind(host: Node) -> None:
    """By name and type, else by name, each of the subgraph's inputs once; others go."""
    taken: set[int] = set()
    for exact in (True, False):
        for slot in host.inputs:
            if slot.port is not None and id(slot.port) not in taken:
                taken.add(id(slot.port))
                continue
            for port in host.subgraph.inputs if slot.port is None else ():
                same = port.name == slot.name and (port.type == slot.type or not exact)
                if same and id(port) not in taken:
                    slot.port = port
                    taken.add(id(port))
                    break
    host.inputs = [slot for slot in host.inputs if slot.port is not None]


def _widgets_behind(graph: Graph, port: Port) -> Iterator[Box]:
    """The values of the widgets that a subgraph's input is linked to."""
    for node, slot in slots_behind(graph, port):
        found = box_behind(node, slot)
        if found is not None:
            yield found


def box_behind(node: Node, slot: Slot) -> Box | None:
    """The value behind an input; a host's null is no value to those around it."""
    found = node.widget_box(slot)
    if found is None:
        return None
    box = found[1]
    if box is slot.box and box.value is None:
        return Box(box.kind, ABSENT, box.choices, box.spec)
    return box


def slots_behind(graph: Graph, port: Port) -> Iterator[tuple[Node, Slot]]:
    """The inputs inside that a subgraph's input is linked to, in order."""
    for id in port.links:
        link = graph.links.get(id)
        node = graph.nodes.get(link.target) if link is not None else None
        slot = node.slot_of_link(id) if node is not None else None
        if node is not None and slot is not None:
            yield node, slot


def show(host: Node, slot: Slot, source: Box, boxes: Boxes) -> None:
    """Let a host's input have a value of its own, beginning with the widget's."""
    slot.widget = slot.port.name
    new = Box(source.kind, source.value, source.choices, source.spec)
    slot.box = boxes.share(host.id, slot.port.name, new)


def read_host_values(host: Node, file: UiNode) -> None:
    """Give a host's values as its file has them: in the inputs' order, or by name."""
    kept = _quarantined(host.properties.get(QUARANTINE))
    for at, slot in enumerate(each for each in host.inputs if each.box is not None):
        value = kept.get(slot.name, ABSENT)
        if value is ABSENT and file.values is not None and at < len(file.values):
            value = file.values[at]
        elif value is ABSENT and file.named is not None:
            value = file.named.get(slot.name, ABSENT)
        if value is not ABSENT and slot.box is not None:
            slot.box.value = value


def _quarantined(entries: Any) -> Mapping[str, Any]:
    """Values by the name of the host's input, the first kept of each."""
    found: dict[str, Any] = {}
    for entry in entries if isinstance(entries, list) else ():
        original = entry.get("originalEntry") if isinstance(entry, dict) else None
        if not isinstance(original, list) or len(original) < 2 or original[0] != ITSELF:
            continue
        if entry.get("hostValue") is not None and isinstance(original[1], str):
            found.setdefault(original[1], entry["hostValue"])
    return found
