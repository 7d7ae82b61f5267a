# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a link really comes from, through subgraphs, reroutes and bypassed nodes.

Every node that could run has a *place*: itself at the end of the hosts it lies in, written
``7:12:3``.  A link is followed backwards from place to place until it comes from a node that
runs, from a value that a host holds, or from nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...core.errors import InputError
from .ui_graph import BYPASSED, INPUT_SIDE, MUTED
from .ui_live import Graph, Loaded
from .ui_nodes import Node
from .ui_widgets import Box

__all__ = ["Place", "Places", "types_fit"]

#: Places of a workflow once every subgraph stands where it is used.
MOST_PLACES = 20_000
#: Hosts inside hosts.
DEEPEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node where it runs: in ``graph``, which ``host`` (None at the top) is an instance of."""

    id: str
    node: Node
    graph: Graph
    host: Place | None

    @property
    def silent(self) -> bool:
        """Whether it is muted or bypassed."""
        return self.node.mode in (MUTED, BYPASSED)


#: Where a search stands: place, side ("in" or "out"), slot, the type wanted there.
Step = tuple[str, str, int, str]
#: A value held by a host, or the id of a place and the index of its output.
Origin = Box | tuple[str, int]


class Places:
    """All places of a workflow by id, in the order they are met."""

    def __init__(self, loaded: Loaded) -> None:
        """
        Raises:
            InputError: with every subgraph in its places the workflow is too large.
        """
        self.by_id: dict[str, Place] = {}
        self.known: dict[Step, Origin | None] = {}
        self._add(loaded.root, None, 0)

    def __iter__(self) -> Iterator[Place]:
        return iter(self.by_id.values())

    def _add(self, graph: Graph, host: Place | None, depth: int) -> None:
        for node in graph.nodes.values():
            id = node.id if host is None else f"{host.id}:{node.id}"
            place = Place(id=id, node=node, graph=graph, host=host)
            self.by_id[id] = place
            if len(self.by_id) > MOST_PLACES or depth > DEEPEST:
                raise InputError(
                    f"The workflow has more than {MOST_PLACES} nodes, or subgraphs deeper than"
                    f" {DEEPEST}, with every subgraph where it is used.",
                    remedy="Use fewer or smaller subgraphs.",
                )
            # A muted host inside another host still has its nodes listed: the editor does so.
            if node.subgraph is not None and not (host is None and place.silent):
                self._add(node.subgraph, place, depth + 1)

    def origin(self, place: Place, slot: int) -> Origin | None:
        """Where the value of an input comes from, if it is linked to anything.

        Raises:
            InputError: the link leads back to itself.
        """
        return _Walk(self).origin(place, slot)


class _Walk:
    """One search.  Each step either ends it or says where to look next."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.seen: set[tuple[str, str, int]] = set()

    def origin(self, place: Place, slot: int) -> Origin | None:
        step: Any = (place, "in", slot, "")
        steps: list[Step] = []
        while isinstance(step, tuple) and len(step) == 4:
            at, side, index, wanted = step
            here = (at.id, side, index, wanted)
            if here in self.places.known:
                step = self.places.known[here]
                break
            self._mark(at, side, index)
            steps.append(here)
            step = (self._into if side == "in" else self._out_of)(at, index, wanted)
        for each in steps:
            self.places.known[each] = step
        found: Origin | None = step
        return found

    def _mark(self, at: Place, side: str, index: int) -> None:
        if (at.id, side, index) in self.seen:
            raise InputError(
                "A link of the workflow leads back to where it begins.",
                remedy="Break the circle in ComfyUI and save the workflow again.",
                where=at.id,
            )
        self.seen.add((at.id, side, index))

    def _into(self, place: Place, slot: int, wanted: str) -> Any:
        """Follow the link that ends in an input."""
        if not 0 <= slot < len(place.node.inputs):
            return None
        given = place.node.inputs[slot]
        link = place.graph.links.get(given.link) if given.link is not None else None
        if link is None:
            return None
        if link.origin == INPUT_SIDE:
            return self._up(place, link.origin_slot)
        origin = self._beside(place, link.origin)
        return None if origin is None else (origin, "out", link.origin_slot, wanted or given.type)

    def _up(self, place: Place, slot: int) -> Any:
        """From a subgraph's input to what its host has there: a link or a value."""
        host = place.host
        if host is None or not 0 <= slot < len(host.node.inputs):
            return None
        given = host.node.inputs[slot]
        return given.box if given.link is None else (host, "in", slot, "")

    def _out_of(self, place: Place, slot: int, wanted: str) -> Any:
        """Find what makes an output."""
        node = place.node
        if node.mode == MUTED:
            return None
        if node.mode == BYPASSED:
            matching = _bypass(node, slot, wanted)
            return None if matching is None else (place, "in", matching, "")
        if node.subgraph is not None:
            return self._down(place, slot, wanted)
        if node.virtual:
            return (place, "in", slot, wanted)
        return place.id, slot

    def _down(self, host: Place, slot: int, wanted: str) -> Any:
        """From a host's output to the node inside that makes it."""
        graph: Graph = host.node.subgraph
        if not 0 <= slot < len(graph.outputs):
            return None
        links = [graph.links[id] for id in graph.outputs[slot].links if id in graph.links]
        if not links:
            return None
        if links[0].origin == INPUT_SIDE:  # straight through
            return (host, "in", links[0].origin_slot, wanted)
        inner = self.places.by_id.get(f"{host.id}:{links[0].origin}")
        return None if inner is None else (inner, "out", links[0].origin_slot, wanted)

    def _beside(self, place: Place, node: str) -> Place | None:
        id = node if place.host is None else f"{place.host.id}:{node}"
        return self.places.by_id.get(id)


def _bypass(node: Node, slot: int, wanted: str) -> int | None:
    """The input that a bypassed node passes on: the same place, else the first that fits."""
    inputs = node.inputs
    if wanted in ("*", ""):
        return (slot if len(inputs) > slot else 0) if inputs else None
    made = node.outputs[slot].type if 0 <= slot < len(node.outputs) else "*"
    fitting = [
        at
        for at, each in enumerate(inputs)
        if types_fit(each.type, made) and types_fit(each.type, wanted)
    ]
    exact = [at for at, each in enumerate(inputs) if each.type == wanted]
    if slot in fitting:
        return slot
    return next(iter(exact or fitting), None)


def types_fit(one: str, other: str) -> bool:
    """Whether slots of these types may be joined; ``A,B`` is either of two, ``*`` anything."""
    if one in ("*", "") or other in ("*", "") or one == other:
        return True
    either = {each.strip() for each in one.lower().split(",")}
    kinds = {each.strip() for each in other.lower().split(",")}
    return bool(either & kinds) or "*" in either | kinds
