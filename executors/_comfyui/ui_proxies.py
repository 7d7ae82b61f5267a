# SPDX-License-Identifier: GPL-3.0-or-later
"""Older files: widgets inside a subgraph that its hosts show, named by node and widget.

The property ``proxyWidgets`` of a host lists them, and the host's values follow that list.  The
editor turns each into an input of the subgraph when it loads the file.  Inputs belong to the
definition: all its hosts get them, each with the value it has for them, or the widget's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .ui_graph import INPUT_SIDE, UiNode
from .ui_hosts import ITSELF, box_behind, show, slots_behind
from .ui_live import Graph, Link, Loaded, Port
from .ui_nodes import Node, Slot
from .ui_special import PRIMITIVE
from .ui_widgets import ABSENT

__all__ = ["move_proxies"]

PROXIES = "proxyWidgets"
#: On a primitive node, the name of the input that took its place.
REPLACED = "proxyBypassedToSubgraphInput"
#: Widgets inside widgets inside widgets.
CHAIN = 100


@dataclass(slots=True)
class _Proxy:
    """One entry: the widget ``name`` of node ``source``, and the host's value for it.

    ``plan`` is what to do: the host's input that has it already, ``new``, ``primitive``, or "".
    """

    source: str
    name: str
    hint: str
    value: Any
    plan: str = ""
    slot: str = ""


def move_proxies(host: Node, file: UiNode, loaded: Loaded) -> None:
    """Turn a host's proxies into inputs with values."""
    proxies = list(_proxies(host, file))
    for proxy in proxies:
        _plan(host, proxy, proxies)
    primitives: dict[str, list[_Proxy]] = {}
    for proxy in proxies:
        if proxy.plan == "linked":
            _value_of(host, proxy.slot, proxy.value)
        elif proxy.plan == "new":
            _new_input(host, proxy, loaded)
        elif proxy.plan == "primitive":
            primitives.setdefault(proxy.source, []).append(proxy)
    for group in primitives.values():
        _replace_primitive(host, group, loaded)
    for proxy in proxies:
        if not proxy.plan and proxy.source == ITSELF and proxy.value is not ABSENT:
            _value_of(host, proxy.name, proxy.value)
    host.properties.pop(PROXIES, None)


def _proxies(host: Node, file: UiNode) -> Iterator[_Proxy]:
    entries = host.properties.get(PROXIES)
    if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
        return
    for at, entry in enumerate(entries):
        value: Any = ABSENT
        if file.values is not None and at < len(file.values) and file.values[at] is not None:
            value = file.values[at]
        elif file.values is None and file.named is not None:
            value = file.named.get(entry[1], ABSENT)
        name, hint = entry[1], entry[2] if len(entry) == 3 else ""
        if not _resolves(host, entry[0], name):
            name, hint = _without_prefixes(name, hint)
        yield _Proxy(entry[0], name, hint, value)


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) in (2, 3)
        and all(isinstance(each, str) for each in entry)
    )


def _without_prefixes(name: str, hint: str) -> tuple[str, str]:
    """``12: 7: seed`` was a widget deep inside: its name, and the innermost node."""
    while True:
        number, colon, rest = name.partition(":")
        if not colon or not number.strip().isdigit() or not rest.strip():
            return name, hint
        name, hint = rest.lstrip(), number.strip()


def _resolves(host: Node, source: str, name: str) -> bool:
    """Whether there is such a widget, through hosts inside hosts."""
    for _ in range(CHAIN):
        node = host.subgraph.nodes.get(source)
        if node is None:
            return False
        if node.subgraph is None:
            return node.widget_named(name) is not None
        target = _target(node, name)
        if target is None:
            return False
        host, (source, name) = node, target
    return False


def _target(host: Node, name: str) -> tuple[str, str] | None:
    """Node and widget inside a host that its input of that name stands for."""
    port = next((each for each in host.subgraph.inputs if each.name == name), None)
    return _target_of_port(host, port)


def _plan(host: Node, proxy: _Proxy, cohort: list[_Proxy]) -> None:
    for slot in host.inputs:
        if _target_of_port(host, slot.port) == (proxy.source, proxy.name):
            proxy.plan, proxy.slot = "linked", slot.name
            return
    node = host.subgraph.nodes.get(proxy.source)
    if node is None:
        return
    if node.type == PRIMITIVE:
        replaced = node.properties.get(REPLACED)
        if isinstance(replaced, str) and any(slot.name == replaced for slot in host.inputs):
            proxy.plan, proxy.slot = "linked", replaced
            return
        joined = any(id in host.subgraph.links for out in node.outputs[:1] for id in out.links)
        if joined or sum(each.source == proxy.source for each in cohort) > 1:
            proxy.plan = "primitive"
    elif _source_slot(node, proxy) is not None:
        proxy.plan = "new"


def _target_of_port(host: Node, port: Port | None) -> tuple[str, str] | None:
    for node, slot in slots_behind(host.subgraph, port) if port is not None else ():
        if node.subgraph is not None:
            return node.id, slot.name
        found = node.widget_box(slot)
        if found is not None:
            return node.id, found[0]
    return None


def _source_slot(node: Node, proxy: _Proxy) -> Slot | None:
    """The input of a node that the proxy's widget can be fed through."""
    if node.subgraph is not None:
        for slot in node.inputs:
            target = _target(node, slot.name)
            if proxy.hint:
                fits = target == (proxy.hint, proxy.name)
            else:
                fits = slot.name == proxy.name or (target is not None and target[1] == proxy.name)
            if fits:
                return slot if slot.box is not None else None
        return None
    if proxy.name.startswith("$$") or node.widget_named(proxy.name) is None:
        return None
    return next((slot for slot in node.inputs if slot.widget == proxy.name), None)


def _value_of(host: Node, name: str, value: Any) -> None:
    """Give the host's only input of that name a value, if there is one to give."""
    slots = [slot for slot in host.inputs if slot.name == name]
    if len(slots) == 1 and slots[0].box is not None and value is not ABSENT:
        slots[0].box.value = value


def _new_input(host: Node, proxy: _Proxy, loaded: Loaded) -> None:
    node = host.subgraph.nodes[proxy.source]
    slot = _source_slot(node, proxy)
    if slot is not None:
        port = _add_port(host.subgraph, proxy.name, slot.type)
        _connect(host.subgraph, port, node, slot, loaded)
        _value_of(host, port.name, proxy.value)


def _add_port(graph: Graph, base: str, type: str) -> Port:
    """A new input of a subgraph, on every host of it."""
    names, name, count = {port.name for port in graph.inputs}, base, 0
    while name in names:
        count += 1
        name = f"{base}_{count}"
    port = Port(name, type)
    graph.inputs.append(port)
    for host in graph.hosts:
        host.inputs.append(Slot(name, type, port=port))
    return port


def _connect(graph: Graph, port: Port, node: Node, slot: Slot, loaded: Loaded) -> None:
    """Join a subgraph's input to an input inside, whose widget then shows on every host."""
    if slot.link is not None:
        graph.drop(slot.link)
        slot.link = None
    found = box_behind(node, slot)
    if found is not None:
        for host in graph.hosts:
            for each in host.inputs:
                if each.port is port:
                    show(host, each, found, loaded.boxes)
    loaded.last_link += 1
    link = Link(
        loaded.last_link, INPUT_SIDE, graph.inputs.index(port), node.id, node.inputs.index(slot)
    )
    graph.links[link.id] = link
    port.links.append(link.id)
    slot.link = link.id


def _replace_primitive(host: Node, group: list[_Proxy], loaded: Loaded) -> None:
    """A primitive node that was shown on the host: its targets become the input's.

    The editor finds them by the places stored in the file.  Files leave unlinked widgets out, so
    a place may belong to another input when the file is loaded: most often of another type, and
    then the primitive stays as it is.  Prompts must come out the same, so this does as it does.
    """
    graph: Graph = host.subgraph
    node = graph.nodes[group[0].source]
    if any(each.name != group[0].name for each in group) or not node.outputs:
        return
    targets = []
    for id in node.outputs[0].links:
        link = graph.links.get(id)
        slot = graph.stored_slot(link) if link is not None else None
        if link is None or slot is None:
            return
        targets.append((graph.nodes[link.target], slot))
    types = {slot.type for _, slot in targets} | {node.outputs[0].type}
    widgets = [found[1] for found in (each.widget_box(slot) for each, slot in targets) if found]
    if not targets or len(types - {"*"}) > 1 or len({each.likeness for each in widgets}) > 1:
        return
    renamed = node.title if node.title not in ("", PRIMITIVE, "Primitive") else ""
    port = _add_port(graph, renamed or group[0].name, node.outputs[0].type)
    for target, slot in targets:
        _connect(graph, port, target, slot, loaded)
    node.properties[REPLACED] = port.name
    value = next((each.value for each in group if each.value is not ABSENT), ABSENT)
    _value_of(host, port.name, value)
