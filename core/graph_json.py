# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs as JSON files: schema ``movie-director/graph@1``.

Written in canonical order (nodes by id, links by target, then source order), one
thing a line, so two versions of a film diff readably.  Reading checks
everything: types, parameters, ids, links' ends.  Whether a link makes sense is
for the compiler to say: a half-drawn film can be saved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .errors import GraphError
from .graph import FRAME, GROUP, GROUP_INPUT, GROUP_OUTPUT, REROUTE, STRUCTURAL, Graph, Link, Node
from .jsonable import readable
from .kinds import KINDS
from .node_type import Catalogue, is_text, six_digits

__all__ = ["SCHEMA", "from_json", "graph_from_text", "graph_to_text", "to_json"]

SCHEMA = "movie-director/graph@1"
#: Groups in groups deeper than this are a mistake or an attack.
MAX_DEPTH = 32
#: Characters of a graph file: a film of 10,000 nodes takes about 5 million.
MAX_CHARACTERS = 256 * 2**20

#: Longer numbers in ids are sorted as text.
_DIGITS = 18

_STRUCTURAL_PARAMS = {
    GROUP: {"name"}, GROUP_INPUT: {"sockets"}, GROUP_OUTPUT: {"sockets"},
    REROUTE: {"kind"}, FRAME: set(),
}  # fmt: skip
_NODE_KEYS = {"id", "type", "params", "location", "nodes", "links", "label", "muted", "frame"}


def graph_to_text(graph: Graph) -> str:
    """The graph as a canonical JSON file."""
    return readable(to_json(graph))


def graph_from_text(text: str, catalogue: Catalogue) -> Graph:
    """The graph in a JSON file.

    Raises:
        GraphError: it is not JSON (line and column named), or not a graph.
    """
    if len(text) > MAX_CHARACTERS:
        raise _bad("The graph file is larger than 256 MiB.", "Split the film into several graphs.")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(
            f"Line {error.lineno}, column {error.colno}: the file is not JSON ({error.msg}).",
            "Write it anew with 'movie-director graph FILM --json'.",
        ) from None
    except RecursionError:
        raise _bad("The file nests too deeply.", "Flatten the groups.") from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise _bad("A number in the file is too long.", "Give fewer digits.") from None
    return from_json(value, catalogue)


def to_json(graph: Graph) -> dict[str, Any]:
    """The graph as a JSON value in canonical order."""
    return {"schema": SCHEMA, **_scope(graph.nodes, graph.links)}


def _scope(nodes: tuple[Node, ...], links: tuple[Link, ...]) -> dict[str, Any]:
    order = sorted(nodes, key=lambda node: _natural(node.id))
    # A stable sort: links into one input keep their order, which is meaning.
    wires = sorted(links, key=lambda link: (_natural(link.target[0]), link.target[1]))
    return {"nodes": [_node(node) for node in order], "links": [_link(link) for link in wires]}


def _natural(id: str) -> list[tuple[int, int, str]]:
    """Sort key that puts shot_2 before shot_10."""
    return [
        (0, int(part), part) if part.isdecimal() and len(part) <= _DIGITS else (1, 0, part)
        for part in re.split(r"(\d+)", id)
        if part
    ]


def _node(node: Node) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": node.id, "type": node.type, "params": {k: node.params[k] for k in sorted(node.params)},
    }  # fmt: skip
    if node.location is not None:
        value["location"] = list(node.location)
    if node.label:
        value["label"] = node.label
    if node.muted:
        value["muted"] = True
    if node.frame:
        value["frame"] = node.frame
    if node.type == GROUP:
        value.update(_scope(node.nodes, node.links))
    return value


def _link(link: Link) -> dict[str, Any]:
    value: dict[str, Any] = {"from": list(link.source), "to": list(link.target)}
    if link.muted:
        value["muted"] = True
    return value


def from_json(value: Any, catalogue: Catalogue) -> Graph:
    """The graph a JSON value holds, parameters checked against ``catalogue``.

    Raises:
        GraphError: something in it is not as the schema says; names the node.
    """
    _mapping(value, "the file", {"schema", "nodes", "links"}, where="")
    if value.get("schema") != SCHEMA:
        raise _bad(
            f"The schema is {value.get('schema')!r:.60}, not '{SCHEMA}'.",
            "Open the file with the version of Movie Director that wrote it.",
        )
    nodes, links = _read_scope(value, catalogue, where="", depth=0)
    return Graph(nodes=nodes, links=links)


def _read_scope(
    value: Mapping[str, Any], catalogue: Catalogue, *, where: str, depth: int
) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    if depth > MAX_DEPTH:
        raise _bad(f"Groups nest deeper than {MAX_DEPTH}.", "Flatten the groups.", where)
    nodes = tuple(
        _read_node(item, catalogue, where=where, depth=depth)
        for item in _list(value.get("nodes", []), "nodes", where)
    )
    ids = {node.id for node in nodes}
    if len(ids) != len(nodes):
        twice = next(n.id for i, n in enumerate(nodes) if n.id in {m.id for m in nodes[:i]})
        raise _bad(f"Two nodes have the id '{twice}'.", "Give one of them another id.", where)
    for node in nodes:
        if node.frame and node.frame not in ids:
            raise _bad(f"Its frame '{node.frame}' does not exist.", "Remove 'frame'.", node.id)
    items = _list(value.get("links", []), "links", where)
    return nodes, tuple(_read_link(item, ids, where=where) for item in items)


def _read_node(value: Any, catalogue: Catalogue, *, where: str, depth: int) -> Node:
    _mapping(value, "a node", _NODE_KEYS, where=where)
    id, type = value.get("id"), value.get("type")
    if not isinstance(id, str) or not id or "/" in id or "\n" in id or not is_text(id):
        raise _bad(f"A node has the id {id!r:.60}.", "Use text without '/' or line breaks.", where)
    path = f"{where}/{id}" if where else id
    if not isinstance(type, str):
        raise _bad("The node has no type.", "Give it one.", path)
    type = catalogue.current(type)
    params = _mapping(value.get("params", {}), "params", None, where=path)
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    if type == GROUP:
        nodes, links = _read_scope(value, catalogue, where=path, depth=depth + 1)
    elif value.get("nodes") or value.get("links"):
        raise _bad("Only a group may hold nodes and links.", "Remove them.", path)
    return Node(
        id=id,
        type=type,
        params=_read_params(type, params, catalogue, path),
        location=_read_location(value.get("location"), path),
        nodes=nodes,
        links=links,
        label=_text(value.get("label", ""), "label", path),
        muted=value.get("muted") is True,
        frame=_text(value.get("frame", ""), "frame", path),
    )


def _read_params(
    type: str, params: Mapping[str, Any], catalogue: Catalogue, where: str
) -> dict[str, Any]:
    if type in catalogue:
        return catalogue[type].check(params, where=where)
    if type not in STRUCTURAL:
        known = ", ".join(sorted(catalogue))
        raise _bad(f"There is no node type '{type}'.", f"Use one of: {known}.", where)
    unknown = sorted(params.keys() - _STRUCTURAL_PARAMS[type])
    if unknown:
        raise _bad(f"A {type} node has no parameter '{unknown[0]}'.", "Remove it.", where)
    checked = dict(params)
    if "sockets" in checked:
        checked["sockets"] = tuple(
            _read_group_socket(socket, where)
            for socket in _list(checked["sockets"], "sockets", where)
        )
    for name in checked.keys() & {"name", "kind"}:
        _text(checked[name], name, where)
    return checked


def _read_group_socket(value: Any, where: str) -> dict[str, Any]:
    _mapping(value, "a socket", {"name", "kind", "label", "multi"}, where=where)
    name = _text(value.get("name", ""), "name", where)
    kind = value.get("kind")
    if not name or not isinstance(kind, str) or kind not in KINDS:
        raise _bad("A socket needs a name and a known kind.", "Give it both.", where)
    socket: dict[str, Any] = {"name": name, "kind": kind}
    if value.get("label"):
        socket["label"] = _text(value["label"], "label", where)
    if value.get("multi") is True:
        socket["multi"] = True
    return socket


def _read_location(value: Any, where: str) -> tuple[float, float] | None:
    if value is None:
        return None
    numbers = _list(value, "location", where)
    if len(numbers) != 2 or not all(
        isinstance(n, int | float) and not isinstance(n, bool) and abs(n) < 1e7 for n in numbers
    ):
        raise _bad("The location is not two numbers.", "Write [x, y].", where)
    return six_digits(numbers[0]), six_digits(numbers[1])


def _read_link(value: Any, ids: set[str], *, where: str) -> Link:
    _mapping(value, "a link", {"from", "to", "muted"}, where=where)
    source, target = (_read_end(value.get(key), ids, where) for key in ("from", "to"))
    return Link(source=source, target=target, muted=value.get("muted") is True)


def _read_end(value: Any, ids: set[str], where: str) -> tuple[str, str]:
    if not (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(part, str) for part in value)
    ):
        raise _bad("A link's end is not [node id, socket].", "Write both ends so.", where)
    if value[0] not in ids:
        raise _bad(f"A link names the node '{value[0]}', which is not there.", "Remove it.", where)
    return value[0], value[1]


def _mapping(value: Any, noun: str, keys: set[str] | None, *, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(f"Where {noun} should be there is {value!r:.40}.", "Write an object.", where)
    unknown = sorted(value.keys() - keys) if keys is not None else []
    if unknown:
        raise _bad(f"There is no key '{unknown[0]}' in {noun}.", "Remove it.", where)
    return value


def _list(value: Any, noun: str, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _bad(f"'{noun}' is not a list.", "Write a list.", where)
    return list(value)


def _text(value: Any, noun: str, where: str) -> str:
    if not isinstance(value, str) or not is_text(value):
        raise _bad(f"'{noun}' is not text.", "Write text.", where)
    return value


def _bad(what: str, remedy: str, where: str = "") -> GraphError:
    return GraphError(what, remedy=remedy, where=where)
