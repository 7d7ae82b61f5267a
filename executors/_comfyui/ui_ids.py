# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids that occur once in a whole workflow.

A subgraph's nodes may bear the ids of nodes elsewhere.  The editor gives those new ids when it
loads the file: the next free one after the highest it knows of, in the file's order.  The ids
show in the prompt (``7:1003``), so ours must be given in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from .ui_graph import UiGraph, UiNode, UiSubgraph, UiWorkflow

__all__ = ["with_unique_ids"]

#: A host's property whose entries begin with the id of a node inside.
PROXIES = "proxyWidgets"

G = TypeVar("G", bound=UiGraph)


def with_unique_ids(workflow: UiWorkflow) -> UiWorkflow:
    """The same workflow, repeated ids inside subgraphs replaced; links and proxies follow."""
    numbers = _Numbers(workflow)
    renamed: dict[str, dict[str, str]] = {}
    subgraphs = []
    for subgraph in workflow.subgraphs:
        new = {node.id: numbers.take(node.id) for node in subgraph.nodes}
        changes = {old: id for old, id in new.items() if old != id}
        if changes:
            renamed[subgraph.id] = changes
        subgraphs.append(_renumbered(subgraph, changes))
    if not renamed:
        return workflow
    return UiWorkflow(
        root=_with_proxies(workflow.root, renamed),
        subgraphs=tuple(_with_proxies(each, renamed) for each in subgraphs),
        last_node=numbers.last,
    )


class _Numbers:
    """Which ids are taken, and the next one that is not."""

    def __init__(self, workflow: UiWorkflow) -> None:
        self.last = workflow.last_node
        self._taken = {node.id for node in workflow.root.nodes if node.numbered}

    def take(self, id: str) -> str:
        """``id`` if it is free, else the next free number."""
        number = int(id) if id.isascii() and id.isdigit() and str(int(id)) == id else None
        if id not in self._taken:
            self._taken.add(id)
            if number is not None:
                self.last = max(self.last, number)
            return id
        self.last += 1
        while str(self.last) in self._taken:
            self.last += 1
        self._taken.add(str(self.last))
        return str(self.last)


def _renumbered(subgraph: UiSubgraph, changes: Mapping[str, str]) -> UiSubgraph:
    if not changes:
        return subgraph
    return replace(
        subgraph,
        nodes=tuple(replace(node, id=changes.get(node.id, node.id)) for node in subgraph.nodes),
        links=tuple(
            replace(
                link,
                origin=changes.get(link.origin, link.origin),
                target=changes.get(link.target, link.target),
            )
            for link in subgraph.links
        ),
    )


def _with_proxies(graph: G, renamed: Mapping[str, Mapping[str, str]]) -> G:
    """The graph with every host's proxies naming the new ids."""
    nodes = tuple(_proxies(node, renamed.get(node.type)) for node in graph.nodes)
    return replace(graph, nodes=nodes)


def _proxies(node: UiNode, changes: Mapping[str, str] | None) -> UiNode:
    entries = node.properties.get(PROXIES)
    if not changes or not isinstance(entries, list):
        return node
    changed = [
        [changes.get(str(entry[0]), entry[0]), *entry[1:]]
        if isinstance(entry, list) and entry
        else entry
        for entry in entries
    ]
    return replace(node, properties={**node.properties, PROXIES: changed})
