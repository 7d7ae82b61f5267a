# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is who: ids of nodes and names of sockets, in trees that people edit freely.

Our own nodes carry an id from birth and get a new one when they are copied.
Blender's reroutes and frames are copied without asking us, and libraries may
bring a node twice: reading settles such cases the same way every time, and
``settle`` writes the answer down.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from .names import NODE_ID, NODE_LABEL, TREE, node_type_of


def is_ours(tree: bpy.types.ID | None) -> bool:
    """Whether this is a Movie Director tree."""
    return tree is not None and getattr(tree, "bl_idname", "") == TREE


def our_trees() -> list[bpy.types.NodeTree]:
    """Every Movie Director tree of the file."""
    return [tree for tree in bpy.data.node_groups if tree.bl_idname == TREE]


def ids_of(tree: bpy.types.NodeTree) -> dict[str, str]:
    """The id of each node by Blender's own name for it; unique, never empty."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    unsettled: list[bpy.types.Node] = []
    for node in tree.nodes:
        id = getattr(node, NODE_ID)
        if id and id not in taken and "/" not in id:
            found[node.name] = id
            taken.add(id)
        else:
            unsettled.append(node)
    for node in unsettled:
        found[node.name] = fresh_id(node_type_of(node.bl_idname) or "node", taken)
        taken.add(found[node.name])
    return found


def fresh_id(stem: str, taken: Iterable[str]) -> str:
    """``stem_N`` with N above every one taken, so that a deleted node's id stays free."""
    start = f"{stem}_"
    numbers = (id[len(start) :] for id in taken if id.startswith(start))
    return (
        f"{start}{1 + max((int(n) for n in numbers if n.isdecimal() and n.isascii()), default=0)}"
    )


def settle(tree: bpy.types.NodeTree) -> None:
    """Write down what ``ids_of`` found, where it is not written yet."""
    ids = ids_of(tree)
    for node in tree.nodes:
        if getattr(node, NODE_ID) != ids[node.name]:
            setattr(node, NODE_ID, ids[node.name])


def new_id(node: bpy.types.Node) -> str:
    """An id for a node just made or copied in its tree."""
    tree = node.id_data
    taken = [getattr(other, NODE_ID) for other in tree.nodes if other.name != node.name]
    return fresh_id(node_type_of(node.bl_idname), taken)


def node_with(tree: bpy.types.NodeTree, id: str) -> bpy.types.Node | None:
    """The node with this id, or None."""
    ids = ids_of(tree)
    return next((node for node in tree.nodes if ids[node.name] == id), None)


def get_label(node: bpy.types.Node) -> str:
    """The label in full: Blender itself keeps only its first 63 bytes."""
    whole = getattr(node, NODE_LABEL)
    return whole if whole and node.label and whole.startswith(node.label) else node.label


def set_label(node: bpy.types.Node, label: str) -> None:
    """Give a node its label."""
    node.label = label
    if node.label != label:
        setattr(node, NODE_LABEL, label)


def socket_name(socket: bpy.types.NodeSocket) -> str:
    """The name a socket has in the graph."""
    return getattr(socket, "whole_name", "") or socket.identifier


def sockets_by_name(sockets: Iterable[bpy.types.NodeSocket]) -> dict[str, bpy.types.NodeSocket]:
    """Sockets by their names in the graph."""
    return {socket_name(socket): socket for socket in sockets}


def register() -> None:
    """Give every node of Blender a place for our id."""
    for name in (NODE_ID, NODE_LABEL):
        setattr(bpy.types.Node, name, bpy.props.StringProperty(options={"HIDDEN"}))


def unregister() -> None:
    """Take the place away; what was stored stays in the file."""
    for name in (NODE_ID, NODE_LABEL):
        delattr(bpy.types.Node, name)
