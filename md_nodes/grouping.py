# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a group of nodes and taking it apart, in one tree.

What crosses the border becomes the group's interface: one socket for each output
that is used across it, so links stay what they were.  No window is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import bpy

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, GroupSocket
from .interface import end_nodes, end_sockets, sync_group
from .marks import ids_of, settle, socket_name, sockets_by_name
from .names import LOST, NODE_ID, TREE, kind_of, node_idname
from .sockets import add_socket
from .transfer import copy_nodes
from .tree import quiet, set_group_title

_MARGIN = 120.0
Links = Sequence[bpy.types.NodeLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wire:
    """One link by names, so that it survives what happens to nodes."""

    source: tuple[str, str]
    target: tuple[str, str]
    muted: bool


def make_group(tree: bpy.types.NodeTree, names: Iterable[str], title: str) -> bpy.types.Node:
    """Put the nodes called ``names`` (Blender's names) into a group of their own.

    Group Input and Group Output nodes stay where they are.
    """
    ends = {node_idname(GROUP_INPUT), node_idname(GROUP_OUTPUT)}
    chosen = {n for n in names if n in tree.nodes and tree.nodes[n].bl_idname not in ends}
    with quiet():
        settle(tree)
        inner = bpy.data.node_groups.new(title, TREE)
        inner.is_group = True
        inner.title_shown = inner.name
        set_group_title(inner, title)
        centre = _centre([tree.nodes[name] for name in chosen])
        renamed = copy_nodes(tree, inner, chosen)
        plugs = _plugs(tree, chosen)
        _open_border(inner, renamed, plugs)
        group = tree.nodes.new(node_idname(GROUP))
        setattr(group, NODE_ID, _fresh(tree, group))
        group.tree = inner
        sync_group(group)
        group.location = centre
        _join_outside(tree, group, plugs)
        for name in chosen:
            tree.nodes.remove(tree.nodes[name])
    return group


def _fresh(tree: bpy.types.NodeTree, node: bpy.types.Node) -> str:
    return ids_of(tree)[node.name]


def _centre(nodes: Sequence[bpy.types.Node]) -> tuple[float, float]:
    places = [node.location_absolute for node in nodes]
    count = max(1, len(places))
    return sum(p.x for p in places) / count, sum(p.y for p in places) / count


@dataclass(slots=True)
class _Plug:
    """One future interface socket: where it leads inside, and the wires outside."""

    side: str
    socket: GroupSocket
    inside: list[tuple[str, str]]
    outside: list[tuple[str, str, bool]]


def _plugs(tree: bpy.types.NodeTree, chosen: set[str]) -> list[_Plug]:
    """One for each output used across the border, in the order of links."""
    found: dict[tuple[str, str, str], _Plug] = {}
    taken: dict[str, set[str]] = {GROUP_INPUT: set(), GROUP_OUTPUT: set()}
    for link in sorted(tree.links, key=lambda link: -link.multi_input_sort_id):
        source, target = link.from_node.name, link.to_node.name
        if (source in chosen) == (target in chosen):
            continue
        side = GROUP_INPUT if target in chosen else GROUP_OUTPUT
        key = (side, source, socket_name(link.from_socket))
        if key not in found:
            found[key] = _Plug(side, _interface_socket(link, side, taken[side]), [], [])
        plug = found[key]
        into = (target, socket_name(link.to_socket))
        out = (source, socket_name(link.from_socket))
        if side == GROUP_INPUT:
            plug.inside.append(into)
            plug.outside = [(*out, link.is_muted)]
        else:
            plug.inside = [out]
            plug.outside.append((*into, link.is_muted))
    return list(found.values())


def _interface_socket(link: bpy.types.NodeLink, side: str, taken: set[str]) -> GroupSocket:
    kind = kind_of(link.from_socket.bl_idname) or kind_of(link.to_socket.bl_idname)
    kind = kind if kind and kind != LOST else "shot"
    who = getattr(link.from_node, "p_name", "") or link.from_node.label
    stem = who.lower() if side == GROUP_INPUT and who else kind
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name)
    return GroupSocket(name=name, kind=kind, label=who if who and stem == who.lower() else "")


def _open_border(
    inner: bpy.types.NodeTree, renamed: dict[str, str], plugs: Sequence[_Plug]
) -> None:
    """Group Input and Output inside, wired to what they feed."""
    left = min((node.location_absolute.x for node in inner.nodes), default=0.0)
    right = max((node.location_absolute.x + node.width for node in inner.nodes), default=0.0)
    top = max((node.location_absolute.y for node in inner.nodes), default=0.0)
    for side, x in ((GROUP_INPUT, left - 140.0 - _MARGIN), (GROUP_OUTPUT, right + _MARGIN)):
        end = inner.nodes.new(node_idname(side))
        setattr(end, NODE_ID, _fresh(inner, end))
        end.location = (x, top)
        for plug in plugs:
            if plug.side == side:
                socket = add_socket(end_sockets(end), plug.socket, multi=False)
                for name, other in reversed(plug.inside):
                    node = inner.nodes[renamed[name]]
                    far = _socket(node, other, is_input=side == GROUP_INPUT)
                    inner.links.new(*((socket, far) if side == GROUP_INPUT else (far, socket)),
                                    verify_limits=False)  # fmt: skip


def _join_outside(
    tree: bpy.types.NodeTree, group: bpy.types.Node, plugs: Sequence[_Plug]
) -> None:
    inputs, outputs = sockets_by_name(group.inputs), sockets_by_name(group.outputs)
    for plug in plugs:
        for name, other, muted in reversed(plug.outside):
            node = tree.nodes[name]
            if plug.side == GROUP_INPUT:
                ends = (_socket(node, other, is_input=False), inputs[plug.socket.name])
            else:
                ends = (outputs[plug.socket.name], _socket(node, other, is_input=True))
            tree.links.new(*ends, verify_limits=False).is_muted = muted


def _socket(node: bpy.types.Node, name: str, *, is_input: bool) -> bpy.types.NodeSocket:
    return sockets_by_name(node.inputs if is_input else node.outputs)[name]


def ungroup(tree: bpy.types.NodeTree, name: str) -> list[str]:
    """Put the nodes inside a group back among those around it; names of what came out."""
    group = tree.nodes[name]
    if group.tree is None:
        return []
    with quiet():
        inner = group.tree
        ends = {node_idname(GROUP_INPUT), node_idname(GROUP_OUTPUT)}
        inside = {node.name for node in inner.nodes if node.bl_idname not in ends}
        wires = _through(tree, group)
        here = group.location_absolute.copy()
        middle = _centre([inner.nodes[n] for n in inside])
        offset = (here.x - middle[0], here.y - middle[1])
        tree.nodes.remove(group)
        renamed = copy_nodes(inner, tree, inside, offset=offset)
        for wire in wires:
            source, target = (_outer(tree, renamed, end) for end in (wire.source, wire.target))
            tree.links.new(
                _socket(source, wire.source[1], is_input=False),
                _socket(target, wire.target[1], is_input=True),
                verify_limits=False,
            ).is_muted = wire.muted
        settle(tree)
    if inner.users == 0 or (inner.users == 1 and inner.use_fake_user):
        bpy.data.node_groups.remove(inner)
    return list(renamed.values())


#: Before the name of a node that comes out of the group.
_INNER = "\0"


def _outer(
    tree: bpy.types.NodeTree, renamed: dict[str, str], end: tuple[str, str]
) -> bpy.types.Node:
    name = end[0]
    return tree.nodes[renamed[name[1:]] if name.startswith(_INNER) else name]


def _through(tree: bpy.types.NodeTree, group: bpy.types.Node) -> list[_Wire]:
    """What will be linked to what once the border is gone, lowest first for each input."""
    inner = group.tree
    feeds: dict[str, list[tuple[str, str, bool]]] = {}
    uses: dict[str, list[tuple[str, str, bool]]] = {}
    for link in sorted(tree.links, key=lambda link: link.multi_input_sort_id):
        if link.to_node == group:
            far = (link.from_node.name, socket_name(link.from_socket), link.is_muted)
            feeds.setdefault(socket_name(link.to_socket), []).append(far)
        elif link.from_node == group:
            far = (link.to_node.name, socket_name(link.to_socket), link.is_muted)
            uses.setdefault(socket_name(link.from_socket), []).append(far)
    wires = []
    entries = {node.name for node in end_nodes(inner, GROUP_INPUT)}
    exits = {node.name for node in end_nodes(inner, GROUP_OUTPUT)}
    for link in sorted(inner.links, key=lambda link: link.multi_input_sort_id):
        out = (_INNER + link.from_node.name, socket_name(link.from_socket))
        into = (_INNER + link.to_node.name, socket_name(link.to_socket))
        starts = [(*out, False)]
        targets = [(*into, False)]
        if link.from_node.name in entries:
            starts = feeds.get(out[1], [])
        if link.to_node.name in exits:
            targets = uses.get(into[1], [])
        elif link.from_node.name not in entries:
            continue
        wires += [
            _Wire(source=s[:2], target=t[:2], muted=link.is_muted or s[2] or t[2])
            for s in starts
            for t in targets
        ]
    return wires


