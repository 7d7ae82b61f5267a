# SPDX-License-Identifier: GPL-3.0-or-later
"""A film as frozen values: nodes, links, groups of nodes.

A graph says what was drawn, including what means nothing to the film (positions,
frames, reroutes), so that a tree survives the trip through it unchanged.  Every
function here returns a new graph.  Reading and writing files is ``graph_json``;
what a graph means is ``compile``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import GraphError

__all__ = [
    "FRAME",
    "GROUP",
    "GROUP_INPUT",
    "GROUP_OUTPUT",
    "REROUTE",
    "STRUCTURAL",
    "Graph",
    "GroupSocket",
    "Link",
    "Node",
    "group_sockets",
]

#: Types that every tree has, whatever node types are installed.
GROUP = "group"  #: holds ``nodes`` and ``links`` of its own; params: ``name``
GROUP_INPUT = "group_input"  #: inside a group; params: ``sockets``, its interface
GROUP_OUTPUT = "group_output"  #: inside a group; params: ``sockets``, its interface
REROUTE = "reroute"  #: one link passes through: sockets ``input`` and ``output``
FRAME = "frame"  #: a box around nodes; no sockets
STRUCTURAL = frozenset({GROUP, GROUP_INPUT, GROUP_OUTPUT, REROUTE, FRAME})


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node.  ``id`` is unique among its siblings, holds no ``/`` and is never empty.

    ``params`` holds what was set; what is absent has its type's default.
    ``location`` is the top left corner in Blender's node units, y upwards,
    relative to nothing (frames do not shift it).
    """

    id: str
    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    location: tuple[float, float] | None = None
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    label: str = ""
    muted: bool = False
    frame: str = ""  #: id of the frame around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """From an output to an input, each ``(node id, socket name)``.

    Among the links into one input their order counts: it is the order of shots
    in a sequence.
    """

    source: tuple[str, str]
    target: tuple[str, str]
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSocket:
    """One socket of a group's interface."""

    name: str
    kind: str
    label: str = ""
    multi: bool = False


def group_sockets(node: Node) -> tuple[GroupSocket, ...]:
    """The interface that a ``group_input`` or ``group_output`` node declares, in order."""
    return tuple(GroupSocket(**socket) for socket in node.params.get("sockets", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A whole film.  Build with ``Graph(nodes=…, links=…)`` or step by step with ``with_…``."""

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Every node with its path (``"scene_01/shot_010"``), groups before their content."""
        pending = [(node.id, node) for node in reversed(self.nodes)]
        while pending:
            path, node = pending.pop()
            yield path, node
            pending.extend((f"{path}/{child.id}", child) for child in reversed(node.nodes))

    def of_type(self, type: str) -> tuple[tuple[str, Node], ...]:
        """Every node of one type, with its path."""
        return tuple((path, node) for path, node in self.walk() if node.type == type)

    def node(self, path: str) -> Node:
        """The node at ``path``.

        Raises:
            GraphError: there is none.
        """
        scope: tuple[Node, ...] = self.nodes
        found: Node | None = None
        for id in path.split("/"):
            found = next((node for node in scope if node.id == id), None)
            if found is None:
                raise GraphError(
                    f"There is no node '{path}'.",
                    remedy="List the nodes with 'movie-director graph'.",
                    where=path,
                )
            scope = found.nodes
        assert found is not None
        return found

    def with_params(self, path: str, **params: Any) -> Graph:
        """The graph with these parameters of one node set; None takes one back to its default."""

        def change(node: Node) -> Node:
            merged = {**node.params, **params}
            return replace(
                node, params={name: value for name, value in merged.items() if value is not None}
            )

        return self.with_changed(path, change)

    def with_changed(self, path: str, change: Callable[[Node], Node | None]) -> Graph:
        """The graph with one node replaced by ``change(node)``; None removes it with its links."""
        self.node(path)
        nodes, links = _changed(self.nodes, self.links, path.split("/"), change)
        return Graph(nodes=nodes, links=links)

    def with_node(self, node: Node, *, within: str = "") -> Graph:
        """The graph with one node more, in the group at ``within`` or at the top.

        Raises:
            GraphError: a sibling has that id.
        """
        siblings = self.node(within).nodes if within else self.nodes
        if any(sibling.id == node.id for sibling in siblings):
            raise GraphError(
                f"There is already a node '{node.id}' here.",
                remedy="Give the new node another id.",
                where=f"{within}/{node.id}".strip("/"),
            )
        if not within:
            return replace(self, nodes=(*self.nodes, node))
        return self.with_changed(within, lambda group: replace(group, nodes=(*group.nodes, node)))

    def with_link(
        self, source: tuple[str, str], target: tuple[str, str], *, within: str = ""
    ) -> Graph:
        """The graph with one link more, last among those into its input."""
        link = Link(source=source, target=target)
        if not within:
            return replace(self, links=(*self.links, link))
        return self.with_changed(within, lambda group: replace(group, links=(*group.links, link)))

    def without(self, path: str) -> Graph:
        """The graph without one node and its links."""
        return self.with_changed(path, lambda _: None)


def _changed(
    nodes: tuple[Node, ...],
    links: tuple[Link, ...],
    path: list[str],
    change: Callable[[Node], Node | None],
) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    head, *rest = path
    kept: list[Node] = []
    for node in nodes:
        if node.id != head:
            kept.append(node)
        elif rest:
            inner_nodes, inner_links = _changed(node.nodes, node.links, rest, change)
            kept.append(replace(node, nodes=inner_nodes, links=inner_links))
        else:
            new = change(node)
            if new is None:
                links = tuple(ln for ln in links if head not in (ln.source[0], ln.target[0]))
            else:
                kept.append(new)
    return tuple(kept), links
