# SPDX-License-Identifier: GPL-3.0-or-later
"""A file's workflow as the editor has it after loading: nodes of known classes, values in place.

Subgraphs are loaded before those who use them, so that an instance (a *host*) finds what its
inputs stand for.  One definition has one set of nodes however many hosts it has; what differs
between hosts is kept in the hosts' own boxes (``ui_hosts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...core.errors import InputError
from .object_info import ObjectInfo
from .ui_graph import (
    INPUT_SIDE,
    OUTPUT_SIDE,
    UiGraph,
    UiInput,
    UiLink,
    UiNode,
    UiPort,
    UiSubgraph,
    UiWorkflow,
)
from .ui_hosts import bind_early_hosts, bind_host, read_host_values
from .ui_ids import with_unique_ids
from .ui_live import Graph, Link, Loaded, Port
from .ui_nodes import Boxes, Node, Output, Slot
from .ui_proxies import move_proxies
from .ui_special import (
    CUSTOM_COMBO,
    PRIMITIVE,
    REROUTE,
    VIRTUAL,
    add_extras,
    before_building,
    fill_combo,
)
from .ui_types import settle_types
from .ui_widgets import Box, Widget

__all__ = ["load"]

#: Inputs and widgets of all nodes; the largest official template has 3 000.
MOST_SLOTS = 1_000_000


def load(workflow: UiWorkflow, info: ObjectInfo) -> Loaded:
    """Load a workflow as the editor would with this server.

    Raises:
        InputError: a subgraph contains itself.
    """
    workflow = with_unique_ids(workflow)
    boxes = Boxes()
    loaded = Loaded(
        root=Graph("", "the workflow"),
        subgraphs={each.id: _ports(each) for each in workflow.subgraphs},
        boxes=boxes,
        last_link=_last_link(workflow),
    )
    slots = 0
    for graph, file in _in_order(loaded, workflow):
        for link in file.links:
            graph.links[link.id] = _link(link)
        _repair(graph)
        for node_file in file.nodes:
            graph.nodes[node_file.id] = node = _new_node(node_file, info, loaded)
            slots += len(node.inputs) + len(node.widgets)
            if slots > MOST_SLOTS:
                raise InputError(
                    f"The workflow's nodes have more than {MOST_SLOTS} inputs on this server.",
                    remedy="Use a smaller workflow.",
                )
        for node_file in file.nodes:
            node = graph.nodes[node_file.id]
            _configure(node, node_file)
            if node.subgraph is not None:
                bind_host(node, boxes)
                read_host_values(node, node_file)
            for link_id in node.unjoined:
                graph.drop(link_id)
        for node_file in file.nodes:
            if graph.nodes[node_file.id].subgraph is not None:
                move_proxies(graph.nodes[node_file.id], node_file, loaded)
        bind_early_hosts(graph, boxes)
    for graph in loaded.graphs():
        _settle(graph)
    settle_types(loaded)
    return loaded


def _ports(subgraph: UiSubgraph) -> Graph:
    graph = Graph(subgraph.id, subgraph.name)
    graph.inputs = [_port(each) for each in subgraph.inputs]
    graph.outputs = [_port(each) for each in subgraph.outputs]
    return graph


def _port(port: UiPort) -> Port:
    return Port(port.name, port.type, list(port.links))


def _link(link: UiLink) -> Link:
    return Link(link.id, link.origin, link.origin_slot, link.target, link.target_slot)


def _last_link(workflow: UiWorkflow) -> int:
    graphs: Sequence[UiGraph] = (workflow.root, *workflow.subgraphs)
    return max((link.id for graph in graphs for link in graph.links), default=0)


def _in_order(loaded: Loaded, workflow: UiWorkflow) -> Iterator[tuple[Graph, UiGraph]]:
    """Every subgraph after those inside it, the workflow last.

    The editor takes the file's order instead where a subgraph has another one inside it twice,
    and hosts then find less behind their inputs.  Prompts must come out the same.
    """
    files = {each.id: each for each in workflow.subgraphs}
    _check_circles(files)
    inside = {id: [n.type for n in each.nodes if n.type in files] for id, each in files.items()}
    left = {id: len(types) for id, types in inside.items()}
    users: dict[str, list[str]] = {id: [] for id in files}
    for user, types in inside.items():
        for id in dict.fromkeys(types):
            users[id].append(user)
    ready = [id for id in files if not left[id]]
    for id in ready:  # grows on the way
        for user in users[id]:
            left[user] -= 1
            if not left[user]:
                ready.append(user)
    for id in ready if len(ready) == len(files) else files:
        yield loaded.subgraphs[id], files[id]
    yield loaded.root, workflow.root


def _check_circles(files: Mapping[str, UiSubgraph]) -> None:
    """
    Raises:
        InputError: a subgraph contains itself.
    """
    left = {id: {n.type for n in each.nodes if n.type in files} for id, each in files.items()}
    ready = [id for id in files if not left[id]]
    while ready:
        done = ready.pop()
        left.pop(done)
        for id, needed in left.items():
            if done in needed:
                needed.discard(done)
                if not needed:
                    ready.append(id)
    if left:
        raise InputError(
            f"The subgraph '{files[next(iter(left))].name[:60]}' of the workflow contains itself.",
            remedy="Take it out of itself in ComfyUI and save the workflow again.",
        )


def _repair(graph: Graph) -> None:
    """A port that names a link which is no more gets the one that took its place."""
    for side, ports in ((INPUT_SIDE, graph.inputs), (OUTPUT_SIDE, graph.outputs)):
        for at, port in enumerate(ports):
            if all(id in graph.links for id in port.links):
                continue
            stand_in = next((each.id for each in graph.links.values() if _at(each, side, at)), None)
            port.links = [
                id if id in graph.links or stand_in is None else stand_in for id in port.links
            ]


def _at(link: Link, side: str, slot: int) -> bool:
    return (link.origin, link.origin_slot) == (side, slot) or (link.target, link.slot) == (
        side,
        slot,
    )


def _new_node(file: UiNode, info: ObjectInfo, loaded: Loaded) -> Node:
    node = Node(file.id, file.type, loaded.boxes, virtual=file.type in VIRTUAL)
    node.title, node.mode, node.properties = file.title, file.mode, dict(file.properties)
    node.values = file.values or ()
    subgraph = loaded.subgraphs.get(file.type)
    node_class = info.get(file.type)
    if subgraph is not None:
        node.subgraph, node.virtual = subgraph, True
        node.inputs = [Slot(port.name, port.type, port=port) for port in subgraph.inputs]
        node.outputs = [Output(port.name, port.type) for port in subgraph.outputs]
        subgraph.hosts.append(node)
        node.title = node.title or subgraph.name
    elif node_class is not None:
        node.node_class = node_class
        node.title = node.title or node_class.title
        specs = before_building(node_class)
        node.build(specs, node_class.outputs)
        add_extras(node, node_class)
        node.texts = {id(each) for each in node.widgets if _has_choices(each)}
    elif file.type == REROUTE:
        node.inputs, node.outputs = [Slot("", "*")], [Output("", "*")]
    elif file.type == PRIMITIVE:
        node.outputs = [Output("connect to widget input", "*")]
    return node


def _has_choices(widget: Widget) -> bool:
    return widget.spec is not None and widget.spec.options.get("dynamicPrompts") is True


def _configure(node: Node, file: UiNode) -> None:
    """Give a new node what the file says: links, then values."""
    if node.subgraph is None and node.node_class is None and (file.inputs or file.outputs):
        node.inputs, node.outputs = [], []  # the editor's own nodes are as the file has them
    node.inputs = _merged(node.inputs, file.inputs)
    for at, output in enumerate(file.outputs):
        if at < len(node.outputs):
            node.outputs[at].links = list(output.links)
        else:
            node.outputs.append(Output(output.name, output.type, list(output.links)))
    node.loading = True
    at = 0
    while at < len(node.inputs):  # joining one may add others behind it
        node.joined(node.inputs[at])
        at += 1
    if node.subgraph is None:
        _fill(node, file)
    node.loading = False


def _merged(defined: Sequence[Slot], stored: Sequence[UiInput]) -> list[Slot]:
    """The class's inputs with the file's links, then inputs that only the file knows."""
    by_name = {each.name: each for each in stored}
    for slot in defined:
        known = by_name.get(slot.name)
        if known is not None:
            slot.link = known.link
    names = {slot.name for slot in defined}
    extra = [Slot(i.name, i.type, i.link, i.widget) for i in stored if i.name not in names]
    return [*defined, *extra]


def _fill(node: Node, file: UiNode) -> None:
    """Hand the stored values out, in the widgets' order as it is at each moment."""
    if file.values is not None:
        values = iter(_without_sockets(node, file.values))
        at = 0
        while at < len(node.widgets):  # a value may add or swap widgets behind it
            widget = node.widgets[at]
            at += 1
            if widget.saved:
                try:
                    _give(node, widget, next(values))
                except StopIteration:
                    break
    elif file.named is not None:
        _fill_named(node, file.named)


def _fill_named(node: Node, named: Mapping[str, Any]) -> None:
    at = 0
    while at < len(node.widgets):
        widget = node.widgets[at]
        at += 1
        if widget.saved and widget.name in named:
            _give(node, widget, named[widget.name])


def _give(node: Node, widget: Widget, value: Any) -> None:
    if node.type == CUSTOM_COMBO:
        fill_combo(node, widget, value)
    else:
        node.set(widget, value)


def _without_sockets(node: Node, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Old files keep a value for an input that has since become a socket: leave it out."""
    if node.node_class is None:
        return values
    names = {each.name for each in node.widgets}
    kept: list[bool] = []
    for spec in node.node_class.inputs:
        if spec.name in names or spec.force_input:
            kept += [not spec.force_input]
            kept += [True] if spec.options.get("control_after_generate") else []
    if len(kept) != len(values):
        return values
    return tuple(value for value, keep in zip(values, kept, strict=True) if keep)


def _settle(graph: Graph) -> None:
    """What happens once everything is there: stray inputs go, empty combos get a choice."""
    for node in graph.nodes.values():
        if node.node_class is not None:
            for slot in [each for each in node.inputs if each.widget]:
                if node.widget_named(slot.widget) is None:
                    node.inputs.remove(slot)
                    if slot.link is not None:
                        graph.drop(slot.link)
        _settle_values(node)


def _settle_values(node: Node) -> None:
    for slot in node.inputs:
        if slot.box is not None and _is_empty(slot.box):
            slot.box.value = slot.box.choices[0]
    for widget in list(node.widgets):
        if _is_empty(widget.box):
            node.set(widget, widget.box.choices[0])
    if node.type in ("KSampler", "KSamplerAdvanced"):
        sampler = node.widget_named("sampler_name")
        if sampler is not None and str(sampler.box.value).startswith("sample_"):
            sampler.box.value = str(sampler.box.value)[len("sample_") :]


def _is_empty(box: Box) -> bool:
    """Whether a combo holds nothing although it has something to offer."""
    return box.kind == "combo" and bool(box.choices) and box.value is None
