# SPDX-License-Identifier: GPL-3.0-or-later
"""Links into one input, in the order people see, and changing links without losing it.

Blender counts links of one input from the lowest up and puts a new one on top.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from .marks import socket_name

#: Blender's name of a node and the graph's name of its output; whether the link is muted.
Source = tuple[str, str, bool]


def links_of(socket: bpy.types.NodeSocket) -> list[bpy.types.NodeLink]:
    """The links of a socket, the highest first."""
    return sorted(socket.links, key=lambda link: -link.multi_input_sort_id)


def sources_of(socket: bpy.types.NodeSocket) -> list[Source]:
    """What feeds an input, the first in the film first."""
    return [
        (link.from_node.name, socket_name(link.from_socket), link.is_muted)
        for link in links_of(socket)
    ]


def feed(socket: bpy.types.NodeSocket, sources: Sequence[Source]) -> None:
    """Make these, in this order, all that feeds an input."""
    tree = socket.id_data
    for link in list(socket.links):
        tree.links.remove(link)
    for name, output, muted in reversed(sources) if socket.is_multi_input else sources:
        source = output_of(tree.nodes[name], output)
        tree.links.new(source, socket, verify_limits=False).is_muted = muted


def output_of(node: bpy.types.Node, name: str) -> bpy.types.NodeSocket:
    """A node's output by its name in the graph."""
    return next(socket for socket in node.outputs if socket_name(socket) == name)


def input_of(node: bpy.types.Node, name: str) -> bpy.types.NodeSocket:
    """A node's input by its name in the graph."""
    return next(socket for socket in node.inputs if socket_name(socket) == name)


def take_over(old: bpy.types.NodeSocket, new: bpy.types.NodeSocket) -> None:
    """Give all links of ``old`` to ``new``, each in its place."""
    if old.is_output:
        _take_over_uses(old, new)
        return
    tree = old.id_data
    ends = [(link.from_socket, link.is_muted) for link in links_of(old)]
    for source, muted in reversed(ends):
        tree.links.new(source, new, verify_limits=False).is_muted = muted


def _take_over_uses(old: bpy.types.NodeSocket, new: bpy.types.NodeSocket) -> None:
    tree = old.id_data
    targets = {link.to_socket.as_pointer(): link.to_socket for link in old.links}
    for target in targets.values():
        ends = [(link.from_socket, link.is_muted) for link in links_of(target)]
        swapped = [(new if source == old else source, muted) for source, muted in ends]
        for link in list(target.links):
            tree.links.remove(link)
        for source, muted in reversed(swapped) if target.is_multi_input else swapped:
            tree.links.new(source, target, verify_limits=False).is_muted = muted
