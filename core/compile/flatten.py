# SPDX-License-Identifier: GPL-3.0-or-later
"""First passes: take away what is only drawing, so that nodes and links remain.

Groups are expanded, reroutes and frames removed, muted nodes passed through
(first input of the same kind) or dropped.  Afterwards every link joins two nodes
of declared types; where none of its ends leads anywhere it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import GraphError
from ..graph import (
    FRAME,
    GROUP,
    GROUP_INPUT,
    GROUP_OUTPUT,
    REROUTE,
    STRUCTURAL,
    Graph,
    Link,
    Node,
    group_sockets,
)
from ..node_type import Catalogue, NodeType

__all__ = ["End", "FlatGraph", "flatten"]

End = tuple[str, str]  #: node path and socket name


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatGraph:
    """Nodes by path, and for each input the outputs that feed it, in order.

    ``feeds`` holds what the film is made from: through groups and reroutes, without
    what is muted.
    """

    nodes: Mapping[str, Node]
    feeds: Mapping[End, tuple[End, ...]]


def flatten(graph: Graph, catalogue: Catalogue) -> FlatGraph:
    """The graph without groups, reroutes, frames and muted nodes.

    Raises:
        GraphError: a node's type is unknown, or reroutes feed each other in a circle.
    """
    wires = _Wires(catalogue)
    wires.collect("", graph.nodes, graph.links)
    return wires.flat()


class _Wires:
    """All links by target, before and after expanding.  Used once, then thrown away."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.nodes: dict[str, Node] = {}
        self.into: dict[End, list[End]] = {}
        self.some_muted = False

    def collect(self, prefix: str, nodes: tuple[Node, ...], links: tuple[Link, ...]) -> None:
        for node in nodes:
            path = f"{prefix}{node.id}"
            if node.type not in self.catalogue and node.type not in STRUCTURAL:
                raise GraphError(
                    f"There is no node type '{node.type}'.",
                    remedy="Install the extension that brings it, or remove the node.",
                    where=path,
                )
            self.nodes[path] = node
            self.some_muted |= node.muted
            if node.type == GROUP:
                self._bind(path, node)
                self.collect(f"{path}/", node.nodes, node.links)
        for link in links:
            if not link.muted:
                target = (f"{prefix}{link.target[0]}", link.target[1])
                source = (f"{prefix}{link.source[0]}", link.source[1])
                self.into.setdefault(target, []).append(source)

    def _bind(self, path: str, group: Node) -> None:
        """A group's inputs are its inner group_input's outputs, its outputs the group_output's."""
        for child in group.nodes:
            inner = f"{path}/{child.id}"
            if child.type == GROUP_INPUT:
                for socket in group_sockets(child):
                    # The same list: links collected later for the one are the other's too.
                    self.into[(inner, socket.name)] = self.into.setdefault((path, socket.name), [])
            elif child.type == GROUP_OUTPUT:
                for socket in group_sockets(child):
                    # Outputs and inputs of a group may share a name: keep them apart.
                    self.into[(path, f"\0out:{socket.name}")] = [(inner, socket.name)]

    def flat(self) -> FlatGraph:
        live = {
            path: node
            for path, node in self.nodes.items()
            if node.type in self.catalogue and not self._muted(path)
        }
        feeds: dict[End, tuple[End, ...]] = {}
        for (path, socket), sources in self.into.items():
            if path in live:
                ends = [end for source in sources for end in self._trace(source)]
                if ends:
                    feeds[(path, socket)] = tuple(ends)
        return FlatGraph(nodes=live, feeds=feeds)

    def _muted(self, path: str) -> bool:
        """Whether the node, or a group around it, is muted."""
        while path and self.some_muted:
            if self.nodes[path].muted:
                return True
            path = path.rpartition("/")[0]
        return False

    def _trace(self, source: End) -> list[End]:
        """The declared outputs that really feed a link, through everything undeclared."""
        direct = self.nodes.get(source[0])
        if direct is not None and direct.type in self.catalogue and not self.some_muted:
            return [source]
        found: list[End] = []
        seen: set[End] = set()
        pending = [source]
        while pending:
            end = pending.pop()
            if end in seen:
                continue
            seen.add(end)
            node = self.nodes.get(end[0])
            if node is not None and node.type in self.catalogue and not node.muted:
                if not self._muted(end[0]):
                    found.append(end)
                continue
            pending.extend(reversed(self._through(end, node)))
        return found

    def _through(self, end: End, node: Node | None) -> list[End]:
        path, socket = end
        if node is None or node.type == FRAME:
            return []
        if node.type == REROUTE:
            return self.into.get((path, "input"), [])
        if node.type == GROUP:
            if socket.startswith("\0"):
                return self.into.get(end, [])
            if node.muted:
                return self._bypass_group(path, node, socket)
            return self.into.get((path, f"\0out:{socket}"), [])
        if node.type in (GROUP_INPUT, GROUP_OUTPUT):
            return self.into.get(end, [])
        return self._bypass(path, self.catalogue[node.type], socket)

    def _bypass(self, path: str, declared: NodeType, socket: str) -> list[End]:
        """A muted node hands on its first input of the output's kind."""
        output = declared.output_by_name.get(socket)
        for entry in declared.inputs:
            if output is not None and entry.kind == output.kind and not entry.multi:
                return self.into.get((path, entry.name), [])
        return []

    def _bypass_group(self, path: str, group: Node, socket: str) -> list[End]:
        sockets = {
            child.type: group_sockets(child)
            for child in group.nodes
            if child.type in (GROUP_INPUT, GROUP_OUTPUT)
        }
        kind = next((s.kind for s in sockets.get(GROUP_OUTPUT, ()) if s.name == socket), None)
        for entry in sockets.get(GROUP_INPUT, ()):
            if entry.kind == kind and not entry.multi:
                return self.into.get((path, entry.name), [])
        return []
