# SPDX-License-Identifier: GPL-3.0-or-later
"""A workflow as ComfyUI's editor saves it, checked and frozen.

The editor's files have grown for years: links are arrays or objects, a node's values are a list
or an object, subgraph definitions lie in a list or inside each other.  Here all of that becomes
one shape.  Ids of nodes are text (``"12"``), as in the prompt that comes out.

What the nodes mean is not judged here: that takes a server's node classes (``ui_load``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ...core.errors import InputError

__all__ = [
    "BYPASSED",
    "INPUT_SIDE",
    "MUTED",
    "OUTPUT_SIDE",
    "UiGraph",
    "UiInput",
    "UiLink",
    "UiNode",
    "UiOutput",
    "UiPort",
    "UiSubgraph",
    "UiWorkflow",
    "is_ui_workflow",
    "read_ui_workflow",
]

#: Node modes of the editor; the others (0 always, 1, 3) run.
MUTED, BYPASSED = 2, 4
#: The ids that stand for a subgraph's own inputs and outputs in its links.
INPUT_SIDE, OUTPUT_SIDE = "-10", "-20"

NODES = 20_000  #: nodes of a file; the largest official template has 240
LINKS = 100_000
SLOTS = 2_000  #: inputs or outputs of one node
SUBGRAPHS = 2_000
NESTING = 32  #: definitions inside definitions
TEXT = 1_000  #: letters of a name or a type


@dataclass(frozen=True, slots=True, kw_only=True)
class UiLink:
    """From an output of a node to an input of another; slots count from 0."""

    id: int
    origin: str
    origin_slot: int
    target: str
    target_slot: int
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UiInput:
    """``widget`` is the widget that this input can replace, or ""."""

    name: str
    type: str
    link: int | None
    widget: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UiOutput:
    name: str
    type: str
    links: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UiNode:
    """``values`` are the widgets' values in order; ``named`` the same where a file names them."""

    id: str
    numbered: bool  #: whether the file writes the id as a number
    type: str
    title: str
    mode: int
    inputs: tuple[UiInput, ...]
    outputs: tuple[UiOutput, ...]
    values: tuple[Any, ...] | None
    named: Mapping[str, Any] | None
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UiPort:
    """An input or output of a subgraph, with the links inside that it joins, in order."""

    id: str
    name: str
    type: str
    links: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UiGraph:
    nodes: tuple[UiNode, ...]
    links: tuple[UiLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSubgraph(UiGraph):
    """A definition; nodes whose type is its ``id`` are instances (*hosts*) of it."""

    id: str
    name: str
    inputs: tuple[UiPort, ...]
    outputs: tuple[UiPort, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UiWorkflow:
    """``last_node`` is the highest id that the editor has given so far."""

    root: UiGraph
    subgraphs: tuple[UiSubgraph, ...]
    last_node: int


def is_ui_workflow(value: Any) -> bool:
    """Whether a JSON value looks like the editor's format (and not like a prompt)."""
    return isinstance(value, dict) and isinstance(value.get("nodes"), list)


def read_ui_workflow(value: Any) -> UiWorkflow:
    """The workflow in a parsed file; the value is left as it is.

    Raises:
        InputError: it is none, or its parts make no sense; names the part.
    """
    if not is_ui_workflow(value):
        _refuse("This is no workflow of ComfyUI's editor", "it has no list of nodes")
    subgraphs = tuple(_subgraph(each) for each in _definitions(value, 0))
    if len({each.id for each in subgraphs}) < len(subgraphs):
        _refuse("The workflow's subgraphs are not distinct", "two have one id")
    root = _graph(value, "the workflow")
    if sum(len(each.nodes) for each in (root, *subgraphs)) > NODES:
        _refuse("The workflow is too large", f"it has more than {NODES} nodes")
    state = value.get("state")
    last = value.get("last_node_id")
    if last is None and isinstance(state, dict):
        last = state.get("lastNodeId")
    whole = isinstance(last, int) and not isinstance(last, bool)
    return UiWorkflow(root=root, subgraphs=subgraphs, last_node=last if whole else 0)


def _definitions(value: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    """Every subgraph definition, outer before inner."""
    definitions = value.get("definitions")
    if definitions is None:
        return
    if depth >= NESTING:
        _refuse("The workflow is nested too deep", f"definitions lie deeper than {NESTING}")
    inside = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for each in _objects(inside or [], "subgraphs", SUBGRAPHS):
        yield each
        yield from _definitions(each, depth + 1)


def _subgraph(value: Mapping[str, Any]) -> UiSubgraph:
    name = _text(value.get("name")) or "subgraph"
    where = f"subgraph '{name[:60]}'"
    if not isinstance(value.get("id"), str) or not value["id"]:
        _refuse(f"The {where} is malformed", "it has no id")
    graph = _graph(value, where)
    return UiSubgraph(
        id=_text(value["id"]),
        name=name,
        nodes=graph.nodes,
        links=graph.links,
        inputs=_ports(value.get("inputs"), where),
        outputs=_ports(value.get("outputs"), where),
    )


def _ports(value: Any, where: str) -> tuple[UiPort, ...]:
    return tuple(
        UiPort(
            id=_text(each.get("id")) or f"{at}",
            name=_text(each.get("name")),
            type=_type(each.get("type")),
            links=_ids(each.get("linkIds")),
        )
        for at, each in enumerate(_objects(value or [], f"slots of {where}", SLOTS))
    )


def _graph(value: Mapping[str, Any], where: str) -> UiGraph:
    nodes = tuple(_node(each) for each in _objects(value.get("nodes"), f"nodes of {where}", NODES))
    seen: set[str] = set()
    for node in nodes:
        if node.id in seen:
            _refuse(f"Two nodes of {where} share an id", f"both are {node.id}")
        seen.add(node.id)
    given = value.get("links") or []
    links = list(given.values()) if isinstance(given, dict) else given
    if not isinstance(links, list):
        _refuse("The workflow is malformed", f"the links of {where} are no list")
    if len(links) > LINKS:
        _refuse("The workflow is too large", f"{where} has more than {LINKS} links")
    return UiGraph(nodes=nodes, links=tuple(_link(each, where) for each in links if each))


def _node(value: Mapping[str, Any]) -> UiNode:
    id = value.get("id")
    if isinstance(id, bool) or not isinstance(id, int | str) or id == "":
        _refuse("A node is malformed", f"its id is {str(id)[:40]!r}")
    where = f"node {str(id)[:60]}"
    if not isinstance(value.get("type"), str):
        _refuse(f"The {where} is malformed", "it has no type")
    values, named = value.get("widgets_values"), value.get("widgets_values_named")
    properties = value.get("properties")
    listed = isinstance(values, list)
    return UiNode(
        id=_text(str(id)),
        numbered=isinstance(id, int),
        type=_text(value["type"]),
        title=_text(value.get("title")),
        mode=value["mode"] if isinstance(value.get("mode"), int) else 0,
        inputs=tuple(
            _input(each)
            for each in _objects(value.get("inputs") or [], f"inputs of {where}", SLOTS)
        ),
        outputs=tuple(
            UiOutput(
                name=_text(each.get("name")),
                type=_type(each.get("type")),
                links=_ids(each.get("links")),
            )
            for each in _objects(value.get("outputs") or [], f"outputs of {where}", SLOTS)
        ),
        values=tuple(values) if isinstance(values, list) else None,
        named=_named(None if listed else values if values is not None else named),
        properties=properties if isinstance(properties, dict) else {},
    )


def _named(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _input(value: Mapping[str, Any]) -> UiInput:
    widget, link = value.get("widget"), value.get("link")
    return UiInput(
        name=_text(value.get("name")),
        type=_type(value.get("type")),
        link=link if isinstance(link, int) and not isinstance(link, bool) else None,
        widget=_text(widget.get("name")) if isinstance(widget, dict) else "",
    )


def _link(value: Any, where: str) -> UiLink:
    if isinstance(value, dict):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        value = [value.get(key) for key in keys]
    if not isinstance(value, list) or len(value) < 5:
        _refuse(f"A link of {where} is malformed", f"it is {str(value)[:60]!r}")
    id, origin, origin_slot, target, target_slot = value[:5]
    numbers = [_whole(id), _whole(origin_slot), _whole(target_slot)]
    if None in numbers or not all(isinstance(end, int | str) for end in (origin, target)):
        _refuse(f"A link of {where} is malformed", f"it is {str(value)[:60]!r}")
    return UiLink(
        id=numbers[0] or 0,
        origin=_text(str(origin)),
        origin_slot=numbers[1] or 0,
        target=_text(str(target)),
        target_slot=numbers[2] or 0,
        type=_type(value[5] if len(value) > 5 else None),
    )


def _whole(value: Any) -> int | None:
    """A whole number, also written as text (old files do that for slots)."""
    if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
        return int(value[:12])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _ids(value: Any) -> tuple[int, ...]:
    given = value if isinstance(value, list) else []
    return tuple(each for each in given[:LINKS] if isinstance(each, int))


def _objects(value: Any, what: str, limit: int) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        _refuse("The workflow is malformed", f"the {what} are no list of objects")
    if len(value) > limit:
        _refuse("The workflow is too large", f"there are more than {limit} {what}")
    return value


def _text(value: Any) -> str:
    return value[:TEXT] if isinstance(value, str) else ""


def _type(value: Any) -> str:
    """A slot's type; 0, -1 and nothing mean any, as the editor reads them."""
    return _text(value) or "*"


def _refuse(what: str, why: str) -> NoReturn:
    raise InputError(f"{what}: {why}.", remedy="Save it again in ComfyUI and give that file.")
