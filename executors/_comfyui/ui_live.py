# SPDX-License-Identifier: GPL-3.0-or-later
"""A workflow while it is being loaded: graphs of live nodes, and the links between them.

A subgraph's inputs and outputs are *ports*: the near end of links inside it.  Nodes that are
instances of it are its *hosts*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .ui_graph import INPUT_SIDE
from .ui_nodes import Boxes, Node, Slot

__all__ = ["Graph", "Link", "Loaded", "Port"]


@dataclass(slots=True)
class Link:
    """From an output to an input; ``slot`` is the input's place in the file."""

    id: int
    origin: str
    origin_slot: int
    target: str
    slot: int


@dataclass(slots=True)
class Port:
    """A subgraph's input or output and the links inside that it joins."""

    name: str
    type: str
    links: list[int] = field(default_factory=list)


class Graph:
    """The workflow itself, or a subgraph with its ports and ``hosts``."""

    def __init__(self, id: str, name: str) -> None:
        self.id = id
        self.name = name
        self.nodes: dict[str, Node] = {}
        self.links: dict[int, Link] = {}
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self.hosts: list[Node] = []

    def slot(self, link: Link) -> Slot | None:
        """The input that a link ends in."""
        node = self.nodes.get(link.target)
        if node is None:
            return None
        found = node.slot_of_link(link.id)
        if found is None and 0 <= link.slot < len(node.inputs):
            return node.inputs[link.slot]
        return found

    def stored_slot(self, link: Link) -> Slot | None:
        """The input at the place that the file gives for a link, which may be another's by now."""
        node = self.nodes.get(link.target)
        at = node.moved.get(link.id, link.slot) if node is not None else -1
        return node.inputs[at] if node is not None and 0 <= at < len(node.inputs) else None

    def drop(self, link: int) -> None:
        """Take a link away at both ends."""
        gone = self.links.pop(link, None)
        if gone is None:
            return
        origin = self.nodes.get(gone.origin)
        for output in origin.outputs if origin is not None else ():
            if link in output.links:
                output.links.remove(link)
        for port in self.inputs if gone.origin == INPUT_SIDE else ():
            if link in port.links:
                port.links.remove(link)
        target = self.nodes.get(gone.target)
        slot = target.slot_of_link(link) if target is not None else None
        if slot is not None:
            slot.link = None


@dataclass(slots=True)
class Loaded:
    """Everything a workflow consists of.  ``last_link`` is the highest id of a link so far."""

    root: Graph
    subgraphs: dict[str, Graph]
    boxes: Boxes
    last_link: int

    def graphs(self) -> Iterator[Graph]:
        """Subgraphs first."""
        yield from self.subgraphs.values()
        yield self.root
