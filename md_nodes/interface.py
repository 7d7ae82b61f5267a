# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of a group: what its Group Input and Group Output nodes say, together.

A group node's sockets follow it by name, so links stay where they are when
sockets are renamed, moved or added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bpy

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, GroupSocket
from ..core.node_type import Socket
from .marks import our_trees, socket_name, sockets_by_name
from .names import LOST, kind_of, node_idname
from .sockets import add_lost, add_socket, group_socket, title_of
from .wiring import take_over

_GROUP = node_idname(GROUP)


def end_nodes(tree: bpy.types.NodeTree, type: str) -> list[bpy.types.Node]:
    """The Group Input or Group Output nodes of a tree."""
    idname = node_idname(type)
    return [node for node in tree.nodes if node.bl_idname == idname]


def end_sockets(node: bpy.types.Node) -> bpy.types.bpy_prop_collection:
    """The sockets by which a Group Input or Group Output node declares the interface."""
    return node.outputs if node.bl_idname == node_idname(GROUP_INPUT) else node.inputs


def declared_sockets(node: bpy.types.Node) -> list[GroupSocket]:
    """What a Group Input or Group Output node says about the interface, in order."""
    return [
        group_socket(socket) for socket in end_sockets(node) if kind_of(socket.bl_idname) != LOST
    ]


def interface_of(tree: bpy.types.NodeTree | None, type: str) -> dict[str, GroupSocket]:
    """The group's inputs (``GROUP_INPUT``) or outputs by name, in order."""
    found: dict[str, GroupSocket] = {}
    for node in end_nodes(tree, type) if tree is not None else ():
        for socket in declared_sockets(node):
            found.setdefault(socket.name, socket)
    return found


def group_nodes_of(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    """Every group node of the file that shows ``tree``."""
    for other in our_trees():
        for node in other.nodes:
            if node.bl_idname == _GROUP and node.tree == tree:
                yield node


def sync_group(node: bpy.types.Node) -> None:
    """Give a group node the sockets of its tree; links to what is gone stay, marked lost."""
    wanted_in = list(interface_of(node.tree, GROUP_INPUT).values())
    wanted_out = list(interface_of(node.tree, GROUP_OUTPUT).values())
    sync_sockets(node.inputs, wanted_in, multi_allowed=True)
    sync_sockets(node.outputs, wanted_out, multi_allowed=False)


def sync_users(tree: bpy.types.NodeTree) -> None:
    """Do so for every group node that shows ``tree``."""
    for node in list(group_nodes_of(tree)):
        sync_group(node)


def sync_sockets(
    sockets: bpy.types.bpy_prop_collection,
    wanted: Sequence[GroupSocket] | Sequence[Socket],
    *,
    multi_allowed: bool,
) -> None:
    """Make ``sockets`` the wanted ones, in order, keeping links by name.

    ``multi_allowed`` is for inputs: outputs may be linked any number of times anyway.
    A link to what is not wanted any more keeps a socket of its own, marked lost.
    """
    if _fits(sockets, wanted, multi_allowed):
        return
    names = {item.name for item in wanted}
    for socket in [socket for socket in sockets if socket_name(socket) not in names]:
        _lose(sockets, socket)
    for index, item in enumerate(wanted):
        multi = multi_allowed and item.multi
        old = sockets_by_name(sockets).get(item.name)
        if old is None or kind_of(old.bl_idname) != item.kind or old.is_multi_input != multi:
            new = add_socket(sockets, item, multi=multi)
            if old is not None:
                take_over(old, new)
                sockets.remove(old)
            old = new
        old.name = _shown(item)
        sockets.move(list(sockets).index(old), index)


def _lose(sockets: bpy.types.bpy_prop_collection, socket: bpy.types.NodeSocket) -> None:
    """Take a socket away or, where links hang on it, mark it lost."""
    if socket.is_linked and kind_of(socket.bl_idname) != LOST:
        take_over(socket, add_lost(sockets, socket_name(socket), multi=len(socket.links) > 1))
    elif socket.is_linked:
        return
    sockets.remove(socket)


def _fits(sockets, wanted, multi_allowed: bool) -> bool:
    """Whether nothing is to do; lost sockets with links come last and stay."""
    there = [
        (socket_name(socket), kind_of(socket.bl_idname), socket.name, socket.is_multi_input)
        for socket in sockets
        if not (kind_of(socket.bl_idname) == LOST and socket.is_linked)
    ]
    return there == [
        (item.name, item.kind, _shown(item), multi_allowed and item.multi) for item in wanted
    ]


def _shown(item: GroupSocket | Socket) -> str:
    title = item.title if isinstance(item, Socket) else title_of(item)
    return title.encode()[:63].decode(errors="ignore")


def rename(tree: bpy.types.NodeTree, type: str, name: str, label: str) -> None:
    """Give an interface socket another label; its name, and so every link, stays."""
    for node in end_nodes(tree, type):
        for socket in end_sockets(node):
            if socket_name(socket) == name:
                socket.told_label = label
                socket.name = title_of(group_socket(socket))
    sync_users(tree)


def remove(tree: bpy.types.NodeTree, type: str, name: str) -> None:
    """Take an interface socket away, with its links inside and outside."""
    for user in list(group_nodes_of(tree)):
        sockets = user.inputs if type == GROUP_INPUT else user.outputs
        found = sockets_by_name(sockets).get(name)
        if found is not None:
            sockets.remove(found)
    for node in end_nodes(tree, type):
        sockets = end_sockets(node)
        found = sockets_by_name(sockets).get(name)
        if found is not None:
            sockets.remove(found)
    sync_users(tree)


def move(tree: bpy.types.NodeTree, type: str, name: str, step: int) -> None:
    """Move an interface socket up (-1) or down (1) in its node."""
    for node in end_nodes(tree, type):
        sockets = end_sockets(node)
        names = [socket_name(socket) for socket in sockets]
        if name in names:
            at = names.index(name)
            sockets.move(at, max(0, min(len(names) - 1, at + step)))
    sync_users(tree)


def add(tree: bpy.types.NodeTree, type: str, socket: GroupSocket) -> None:
    """Add an interface socket to the first Group Input or Group Output node."""
    nodes = end_nodes(tree, type)
    if nodes:
        node = nodes[0]
        add_socket(end_sockets(node), socket, multi=type == GROUP_OUTPUT and socket.multi)
        sync_users(tree)


def free_name(tree: bpy.types.NodeTree, type: str, wanted: str) -> str:
    """``wanted``, or with a number behind it where the interface has it already."""
    taken, name, number = interface_of(tree, type), wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
