# SPDX-License-Identifier: GPL-3.0-or-later
"""From a node tree to a graph: the only reader of trees.

Everything drawn is in the graph, whether or not it makes sense.  The tree is not
changed by being read.
"""

from __future__ import annotations

from typing import Any

import bpy

from ..core.errors import GraphError
from ..core.graph import (
    FRAME,
    GROUP,
    GROUP_INPUT,
    GROUP_OUTPUT,
    REROUTE,
    Graph,
    GroupSocket,
    Link,
    Node,
)
from ..core.node_type import six_digits
from ..node_types import catalogue
from .interface import declared_sockets
from .marks import get_label, ids_of, is_ours, socket_name
from .names import UNTOLD_KIND, UNTOLD_SOCKETS, kind_of, node_type_of
from .tree import group_title
from .values import get_params


def read_tree(tree: bpy.types.NodeTree) -> Graph:
    """The film a Movie Director tree shows.

    Raises:
        GraphError: it is another kind of tree, holds a node that is not ours, or
            a group that holds itself.
    """
    if not is_ours(tree):
        raise GraphError(
            f"'{tree.name}' is no Movie Director tree.",
            remedy="Choose a tree of the Movie Director editor; the extension must be switched on.",
        )
    nodes, links = _scope(tree, (tree.session_uid,), "")
    return Graph(nodes=nodes, links=links)


def _scope(
    tree: bpy.types.NodeTree, around: tuple[int, ...], where: str
) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    ids = ids_of(tree)
    nodes = tuple(_node(node, ids, around, where) for node in tree.nodes)
    return nodes, tuple(_links(tree, ids))


def _node(node: bpy.types.Node, ids: dict[str, str], around: tuple[int, ...], where: str) -> Node:
    id = ids[node.name]
    path = f"{where}/{id}" if where else id
    type = catalogue().current(node_type_of(node.bl_idname))
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    if type == GROUP and node.tree is not None:
        if node.tree.session_uid in around:
            raise GraphError(
                f"The group '{node.tree.name}' holds itself.",
                remedy="Choose another group for the node.",
                where=path,
            )
        nodes, links = _scope(node.tree, (*around, node.tree.session_uid), path)
    return Node(
        id=id,
        type=type,
        params=_params(node, type, path),
        location=_location(node),
        nodes=nodes,
        links=links,
        label=get_label(node),
        muted=node.mute,
        frame=ids[node.parent.name] if node.parent is not None else "",
    )


def _params(node: bpy.types.Node, type: str, path: str) -> dict[str, Any]:
    declared = catalogue().get(type)
    if declared is not None:
        return get_params(node, declared)
    if type == GROUP:
        return _group_params(node)
    if type in (GROUP_INPUT, GROUP_OUTPUT):
        sockets = tuple(_socket(socket) for socket in declared_sockets(node))
        return {"sockets": sockets} if sockets or not node.get(UNTOLD_SOCKETS) else {}
    if type == REROUTE:
        kind = kind_of(node.inputs[0].bl_idname)
        return {"kind": kind} if kind and not node.get(UNTOLD_KIND) else {}
    if type == FRAME:
        return {}
    raise GraphError(
        f"The node '{node.name}' is of a kind that is not known here ({node.bl_idname}).",
        remedy="Install the extension that brings it, or remove the node.",
        where=path,
    )


def _group_params(node: bpy.types.Node) -> dict[str, Any]:
    title = group_title(node.tree) if node.tree is not None else ""
    told = node.tree is not None and node.tree.is_property_set("title")
    return {"name": title} if title or told else {}


def _socket(found: GroupSocket) -> dict[str, Any]:
    value: dict[str, Any] = {"name": found.name, "kind": found.kind}
    if found.label:
        value["label"] = found.label
    if found.multi:
        value["multi"] = True
    return value


def _location(node: bpy.types.Node) -> tuple[float, float]:
    """The upper left corner, not shifted by frames."""
    place = node.location_absolute
    return six_digits(place.x), six_digits(place.y)


def _links(tree: bpy.types.NodeTree, ids: dict[str, str]) -> list[Link]:
    """Links; those into one input from the top down, which is the order people see."""
    ordered = sorted(tree.links, key=lambda link: -link.multi_input_sort_id)
    return [
        Link(
            source=(ids[link.from_node.name], _end(link.from_node, link.from_socket, "output")),
            target=(ids[link.to_node.name], _end(link.to_node, link.to_socket, "input")),
            muted=link.is_muted,
        )
        for link in ordered
    ]


def _end(node: bpy.types.Node, socket: bpy.types.NodeSocket, side: str) -> str:
    return side if node.bl_idname == "NodeReroute" else socket_name(socket)
