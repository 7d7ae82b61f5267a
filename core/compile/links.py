# SPDX-License-Identifier: GPL-3.0-or-later
"""Which links make no sense, and why.

The same answer marks links in the editor and stops the compiler, so a link that
looks fine is fine.  Nothing is ever dropped silently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, REROUTE, Graph, Link, Node, group_sockets
from ..node_type import Catalogue, Socket
from .flatten import End, FlatGraph, flatten

__all__ = ["Problem", "problems", "problems_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with the link into ``target`` from ``source`` (node path, socket), and the way out."""

    source: End
    target: End
    reason: str
    remedy: str


def problems(graph: Graph, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Every link that makes no sense, in the order of the graph.

    Raises:
        GraphError: a node's type is unknown.
    """
    return problems_of(graph, flatten(graph, catalogue), catalogue)


def problems_of(graph: Graph, flat: FlatGraph, catalogue: Catalogue) -> tuple[Problem, ...]:
    """The same, for a graph already flattened."""
    return (
        *_loose_ends("", graph.nodes, graph.links, catalogue),
        *_bad_feeds(flat, catalogue),
        *_circles(flat),
    )


def _loose_ends(
    prefix: str, nodes: tuple[Node, ...], links: tuple[Link, ...], catalogue: Catalogue
) -> Iterator[Problem]:
    """Links to sockets that are not there."""
    by_id = {node.id: node for node in nodes}
    for link in links:
        for (id, socket), side in ((link.source, "output"), (link.target, "input")):
            names = _names(by_id[id], side, catalogue)
            if socket not in names:
                there = ", ".join(names) or "none"
                yield Problem(
                    source=(prefix + link.source[0], link.source[1]),
                    target=(prefix + link.target[0], link.target[1]),
                    reason=f"'{id}' has no {side} '{socket}'.",
                    remedy=f"Remove the link, or use one of its {side}s: {there}.",
                )
    for node in nodes:
        if node.type == GROUP:
            yield from _loose_ends(f"{prefix}{node.id}/", node.nodes, node.links, catalogue)


def _names(node: Node, side: str, catalogue: Catalogue) -> Collection[str]:
    """Names of a node's inputs or outputs, structural nodes included."""
    declared = catalogue.get(node.type)
    if declared is not None:
        return declared.output_by_name if side == "output" else declared.input_by_name
    if node.type == REROUTE:
        return (side,)
    if node.type == GROUP:
        inner = GROUP_OUTPUT if side == "output" else GROUP_INPUT
        return tuple(
            socket.name
            for child in node.nodes
            if child.type == inner
            for socket in group_sockets(child)
        )
    if (node.type, side) in ((GROUP_INPUT, "output"), (GROUP_OUTPUT, "input")):
        return tuple(socket.name for socket in group_sockets(node))
    return ()


def _bad_feeds(flat: FlatGraph, catalogue: Catalogue) -> Iterator[Problem]:
    """Kinds that do not fit, and more links than an input takes."""
    for target, sources in flat.feeds.items():
        path, name = target
        socket = catalogue[flat.nodes[path].type].input_by_name.get(name)
        if socket is None:
            continue
        if len(sources) > 1 and not socket.multi:
            yield Problem(
                source=sources[1],
                target=target,
                reason=f"The input '{socket.title}' takes one link and has {len(sources)}.",
                remedy="Keep one of them.",
            )
        for source in sources:
            problem = _misfit(source, target, socket, flat, catalogue)
            if problem is not None:
                yield problem


def _misfit(
    source: End, target: End, socket: Socket, flat: FlatGraph, catalogue: Catalogue
) -> Problem | None:
    output = catalogue[flat.nodes[source[0]].type].output_by_name.get(source[1])
    if output is None or socket.takes(output.kind):
        return None
    takes = " or ".join(socket.accepts or (socket.kind,))
    return Problem(
        source=source,
        target=target,
        reason=f"The input '{socket.title}' takes {takes}, not {output.kind}.",
        remedy=f"Link the output to an input for {output.kind}, or remove the link.",
    )


def _circles(flat: FlatGraph) -> Iterator[Problem]:
    """One link of each circle: the one that closes it."""
    below: dict[str, list[tuple[End, End]]] = {}
    for target, sources in flat.feeds.items():
        for source in sources:
            below.setdefault(target[0], []).append((source, target))
    done: set[str] = set()
    for start in below:
        if start in done:
            continue
        trail: list[str] = [start]
        under_way = {start}
        pending = [iter(below.get(start, ()))]
        while pending:
            step = next(pending[-1], None)
            if step is None:
                pending.pop()
                node = trail.pop()
                under_way.discard(node)
                done.add(node)
                continue
            source, target = step
            if source[0] in under_way:
                yield Problem(
                    source=source,
                    target=target,
                    reason="The links go round in a circle.",
                    remedy="Remove one link of the circle.",
                )
            elif source[0] not in done:
                trail.append(source[0])
                under_way.add(source[0])
                pending.append(iter(below.get(source[0], ())))
