# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to a tree, each to be accepted or refused by itself.

The one idea: a change is a sentence for people and steps for the graph, so whoever
accepts it needs to know nothing of screenplays.  Steps name nodes by path and
survive the loss of what they name: a step about a node that is gone does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..core.graph import Graph, Link, Node

__all__ = ["Change", "Step", "accept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One edit of a graph.

    set: parameters of the node at ``path`` (None takes one back to its default) ·
    add: ``node`` into the group ``path`` · remove: the node at ``path`` · link, unlink:
    ``link`` in the group ``path``; a link goes behind the one from ``after``, "" first,
    None last · socket: one more entry ``params`` in the group input at ``path``.
    """

    what: Literal["set", "add", "remove", "link", "unlink", "socket"]
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    node: Node | None = None
    link: Link | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between a tree and a new draft of its script.

    ``item`` is what it is about: script, scene, shot, line, sound, music, character,
    environment, project.  ``conflict``: the tree's owner changed the same thing.
    """

    kind: Literal["added", "removed", "changed"]
    item: str
    path: str
    before: str
    after: str
    sentence: str
    steps: tuple[Step, ...]
    conflict: bool = False


def accept(
    graph: Graph, changes: Iterable[Change], *, conflicts: Literal["mine", "script"] = "mine"
) -> Graph:
    """``graph`` with ``changes`` made, in order.

    A change in conflict is left out (the tree's owner keeps theirs) unless
    ``conflicts`` is "script".
    """
    scopes = _Scopes(graph)
    for change in changes:
        if not change.conflict or conflicts == "script":
            for step in change.steps:
                scopes.make(step)
    nodes, links = scopes.closed("")
    return Graph(nodes=nodes, links=links)


class _Scopes:
    """The graph's groups opened for editing, by path."""

    def __init__(self, graph: Graph) -> None:
        self.nodes: dict[str, dict[str, Node]] = {}
        self.links: dict[str, list[Link]] = {}
        self._open("", graph.nodes, graph.links)

    def _open(self, path: str, nodes: tuple[Node, ...], links: tuple[Link, ...]) -> None:
        self.nodes[path] = {node.id: node for node in nodes}
        self.links[path] = list(links)
        for node in nodes:
            if node.type == "group":
                self._open(f"{path}/{node.id}".lstrip("/"), node.nodes, node.links)

    def closed(self, path: str) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
        nodes: list[Node] = []
        for node in self.nodes[path].values():
            if node.type == "group":
                inner, links = self.closed(f"{path}/{node.id}".lstrip("/"))
                node = replace(node, nodes=inner, links=links)
            nodes.append(node)
        return tuple(nodes), tuple(self.links[path])

    def make(self, step: Step) -> None:
        """Makes one step; one whose place is gone is passed over."""
        if step.what in ("add", "link", "unlink"):
            if step.path in self.nodes:
                self._in_scope(step)
            return
        scope, _, id = step.path.rpartition("/")
        if id not in self.nodes.get(scope, {}):
            return
        node = self.nodes[scope][id]
        if step.what == "remove":
            del self.nodes[scope][id]
            self.links[scope] = [
                link for link in self.links[scope] if id not in (link.source[0], link.target[0])
            ]
        elif step.what == "set":
            merged = {**node.params, **step.params}
            kept = {name: value for name, value in merged.items() if value is not None}
            self.nodes[scope][id] = replace(node, params=kept)
        else:
            sockets = (*node.params.get("sockets", ()), dict(step.params))
            names = [socket["name"] for socket in sockets]
            if len(set(names)) == len(names):
                self.nodes[scope][id] = replace(node, params={**node.params, "sockets": sockets})

    def _in_scope(self, step: Step) -> None:
        links = self.links[step.path]
        if step.node is not None:
            if step.node.id not in self.nodes[step.path]:
                self.nodes[step.path][step.node.id] = step.node
                inner = f"{step.path}/{step.node.id}".lstrip("/")
                if step.node.type == "group":
                    self._open(inner, step.node.nodes, step.node.links)
        elif step.link is not None and step.what == "unlink":
            ends = (step.link.source, step.link.target)
            self.links[step.path] = [ln for ln in links if (ln.source, ln.target) != ends]
        elif step.link is not None and step.link not in links:
            self._join(step.path, step.link, step.after)

    def _join(self, path: str, link: Link, after: str | None) -> None:
        if link.source[0] not in self.nodes[path] or link.target[0] not in self.nodes[path]:
            return
        links = self.links[path]
        same = [at for at, other in enumerate(links) if other.target == link.target]
        if after is None or not same:
            links.append(link)
        elif after == "":
            links.insert(same[0], link)
        else:
            behind = [at for at in same if links[at].source[0] == after]
            links.insert(behind[0] + 1 if behind else same[-1] + 1, link)
