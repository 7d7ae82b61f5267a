# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying nodes from one tree to another, with everything that was set on them.

Blender copies nodes between trees only through its clipboard, which needs a window.
"""

from __future__ import annotations

from collections.abc import Collection

import bpy

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT
from .factory import declaration_of
from .interface import declared_sockets, end_sockets, sync_group
from .marks import get_label, set_label, socket_name, sockets_by_name
from .names import BLENDER_REROUTE, NODE_ID, UNTOLD_KIND, node_idname
from .sockets import add_lost, add_socket
from .values import get_params, set_params

_ENDS = frozenset({node_idname(GROUP_INPUT), node_idname(GROUP_OUTPUT)})


def copy_nodes(
    source: bpy.types.NodeTree,
    target: bpy.types.NodeTree,
    names: Collection[str],
    *,
    offset: tuple[float, float] = (0.0, 0.0),
) -> dict[str, str]:
    """Copy the nodes called ``names`` and the links among them; the copies' names by the old ones.

    Ids are kept where they are free in ``target``; frames come along when they are among
    the nodes.
    """
    taken = {getattr(node, NODE_ID) for node in target.nodes}
    renamed: dict[str, str] = {}
    for node in [node for node in source.nodes if node.name in names]:
        made = target.nodes.new(node.bl_idname)
        renamed[node.name] = made.name
        id = getattr(node, NODE_ID)
        setattr(made, NODE_ID, id if id not in taken else "")
        _copy(node, made)
    _place(source, target, renamed, offset)
    _link(source, target, renamed)
    return renamed


def _copy(node: bpy.types.Node, made: bpy.types.Node) -> None:
    set_label(made, get_label(node))
    made.mute, made.hide, made.width = node.mute, node.hide, node.width
    made.use_custom_color, made.color = node.use_custom_color, node.color
    declared = declaration_of(node)
    if declared is not None:
        set_params(made, declared, get_params(node, declared))
    elif node.bl_idname == node_idname(GROUP):
        made.tree = node.tree
        sync_group(made)
    elif node.bl_idname in _ENDS:
        for socket in declared_sockets(node):
            add_socket(end_sockets(made), socket, multi=False)
    elif node.bl_idname == BLENDER_REROUTE:
        made.socket_idname = node.socket_idname
        if node.get(UNTOLD_KIND):
            made[UNTOLD_KIND] = True


def _place(
    source: bpy.types.NodeTree,
    target: bpy.types.NodeTree,
    renamed: dict[str, str],
    offset: tuple[float, float],
) -> None:
    for old, new in renamed.items():
        parent = source.nodes[old].parent
        if parent is not None and parent.name in renamed:
            target.nodes[new].parent = target.nodes[renamed[parent.name]]
    for old, new in renamed.items():
        place = source.nodes[old].location_absolute
        target.nodes[new].location_absolute = (place.x + offset[0], place.y + offset[1])


def _link(source: bpy.types.NodeTree, target: bpy.types.NodeTree, renamed: dict[str, str]) -> None:
    """Lowest links first: so each input's links are stacked as they were."""
    for link in sorted(source.links, key=lambda link: link.multi_input_sort_id):
        if link.from_node.name not in renamed or link.to_node.name not in renamed:
            continue
        one = target.nodes[renamed[link.from_node.name]]
        two = target.nodes[renamed[link.to_node.name]]
        made = target.links.new(
            _same(one.outputs, link.from_socket, is_input=False),
            _same(two.inputs, link.to_socket, is_input=True),
            verify_limits=False,
        )
        made.is_muted = link.is_muted


def _same(sockets, wanted: bpy.types.NodeSocket, *, is_input: bool) -> bpy.types.NodeSocket:
    name = socket_name(wanted)
    found = sockets_by_name(sockets).get(name)
    return found if found is not None else add_lost(sockets, name, multi=is_input)
