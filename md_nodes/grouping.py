# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a group of nodes and taking it apart, in one tree.

What crosses the border becomes the group's interface: one socket for each output
that is used across it, so links stay what they were.  No window is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, GroupSocket
from .interface import end_nodes, end_sockets, sync_group
from .marks import ids_of, settle, socket_name, sockets_by_name
from .names import LOST, NODE_ID, TREE, kind_of, node_idname
from .sockets import add_socket
from .transfer import copy_nodes
from .tree import quiet, set_group_title
from .wiring import Source, feed, input_of, links_of, sources_of

_MARGIN = 120.0


def make_group(tree: bpy.types.NodeTree, names: Iterable[str], title: str) -> bpy.types.Node:
    """Put the nodes called ``names`` (Blender's names) into a group of their own.

    Group Input and Group Output nodes stay where they are.
    """
    ends = {node_idname(GROUP_INPUT), node_idname(GROUP_OUTPUT)}
    chosen = {n for n in names if n in tree.nodes and tree.nodes[n].bl_idname not in ends}
    with quiet():
        settle(tree)
        inner = bpy.data.node_groups.new(title, TREE)
        inner.is_group = inner.unseen = True
        inner.title_shown = inner.name
        set_group_title(inner, title)
        renamed = copy_nodes(tree, inner, chosen)
        border = _Border(tree, chosen)
        border.build_inside(inner, renamed)
        group = tree.nodes.new(node_idname(GROUP))
        setattr(group, NODE_ID, ids_of(tree)[group.name])
        group.tree = inner
        sync_group(group)
        group.location = _centre([tree.nodes[name] for name in chosen])
        border.join_outside(group)
        for name in chosen:
            tree.nodes.remove(tree.nodes[name])
    return group


class _Border:
    """What crosses the border of a future group: a socket for each output used across it."""

    def __init__(self, tree: bpy.types.NodeTree, chosen: set[str]) -> None:
        self.tree, self.chosen = tree, chosen
        #: Output (node, socket) → the interface socket it becomes, by side.
        self.sockets: dict[str, dict[tuple[str, str], GroupSocket]] = {
            GROUP_INPUT: {}, GROUP_OUTPUT: {},
        }  # fmt: skip
        #: Inputs fed across the border (node, socket) → all that feeds them, in order.
        self.fed: dict[tuple[str, str], list[Source]] = {}
        for node in tree.nodes:
            for socket in node.inputs:
                if socket.is_linked:
                    self._look(node.name, socket)

    def _look(self, name: str, socket: bpy.types.NodeSocket) -> None:
        inside = name in self.chosen
        sources = sources_of(socket)
        if all((source[0] in self.chosen) == inside for source in sources):
            return
        self.fed[(name, socket_name(socket))] = sources
        side = GROUP_INPUT if inside else GROUP_OUTPUT
        for link in links_of(socket):
            out = (link.from_node.name, socket_name(link.from_socket))
            if (out[0] in self.chosen) != inside and out not in self.sockets[side]:
                taken = {known.name for known in self.sockets[side].values()}
                self.sockets[side][out] = _interface_socket(link, side, taken)

    def build_inside(self, inner: bpy.types.NodeTree, renamed: dict[str, str]) -> None:
        """Group Input and Output inside, wired to what they feed."""
        left = min((node.location_absolute.x for node in inner.nodes), default=0.0)
        right = max((node.location_absolute.x + node.width for node in inner.nodes), default=0.0)
        top = max((node.location_absolute.y for node in inner.nodes), default=0.0)
        entry = self._end(inner, GROUP_INPUT, (left - 140.0 - _MARGIN, top))
        leave = self._end(inner, GROUP_OUTPUT, (right + _MARGIN, top))
        for (name, socket), sources in self.fed.items():
            if name in self.chosen:
                feed(input_of(inner.nodes[renamed[name]], socket), [
                    (renamed[node], output, muted) if node in self.chosen
                    else (entry.name, self.sockets[GROUP_INPUT][(node, output)].name, False)
                    for node, output, muted in sources
                ])  # fmt: skip
        for (node, output), socket in self.sockets[GROUP_OUTPUT].items():
            feed(input_of(leave, socket.name), [(renamed[node], output, False)])

    def _end(
        self, inner: bpy.types.NodeTree, side: str, place: tuple[float, float]
    ) -> bpy.types.Node:
        end = inner.nodes.new(node_idname(side))
        setattr(end, NODE_ID, ids_of(inner)[end.name])
        end.location = place
        for socket in self.sockets[side].values():
            add_socket(end_sockets(end), socket, multi=False)
        return end

    def join_outside(self, group: bpy.types.Node) -> None:
        """The group node takes the place of what is inside it."""
        muted = {
            source[:2]: source[2]
            for (name, _), sources in self.fed.items() if name in self.chosen
            for source in sources
        }  # fmt: skip
        for out, socket in self.sockets[GROUP_INPUT].items():
            feed(input_of(group, socket.name), [(*out, muted[out])])
        for (name, socket), sources in self.fed.items():
            if name not in self.chosen:
                feed(input_of(self.tree.nodes[name], socket), [
                    (group.name, self.sockets[GROUP_OUTPUT][(node, output)].name, is_muted)
                    if node in self.chosen else (node, output, is_muted)
                    for node, output, is_muted in sources
                ])  # fmt: skip


def _centre(nodes: Sequence[bpy.types.Node]) -> tuple[float, float]:
    places = [node.location_absolute for node in nodes]
    count = max(1, len(places))
    return sum(p.x for p in places) / count, sum(p.y for p in places) / count


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


def ungroup(tree: bpy.types.NodeTree, name: str) -> list[str]:
    """Put the nodes inside a group back among those around it; names of what came out."""
    group = tree.nodes[name]
    if group.tree is None:
        return []
    with quiet():
        inner = group.tree
        ends = {node_idname(GROUP_INPUT), node_idname(GROUP_OUTPUT)}
        inside = {node.name for node in inner.nodes if node.bl_idname not in ends}
        opened = _Opened(tree, group)
        fed = opened.fed(inside)
        here = group.location_absolute.copy()
        middle = _centre([inner.nodes[n] for n in inside])
        group.tree = None
        tree.nodes.remove(group)
        renamed = copy_nodes(inner, tree, inside, offset=(here.x - middle[0], here.y - middle[1]))
        for (node, socket), sources in fed.items():
            target = input_of(tree.nodes[_outer(node, renamed)], socket)
            feed(target, [(_outer(far, renamed), out, muted) for far, out, muted in sources])
        settle(tree)
    if inner.users == 0 or (inner.users == 1 and inner.use_fake_user):
        bpy.data.node_groups.remove(inner)
    return list(renamed.values())


#: Before the name of a node that comes out of the group.
_INNER = "\0"


def _outer(name: str, renamed: dict[str, str]) -> str:
    """The name, around the group, of a node named as ``_Opened`` names it."""
    return renamed[name[1:]] if name.startswith(_INNER) else name


class _Opened:
    """A group as if its border were not there; nodes from inside are marked by name."""

    def __init__(self, tree: bpy.types.NodeTree, group: bpy.types.Node) -> None:
        self.tree, self.group, self.inner = tree, group, group.tree
        self.entries = {node.name for node in end_nodes(group.tree, GROUP_INPUT)}
        self.exits = end_nodes(group.tree, GROUP_OUTPUT)

    def fed(self, inside: set[str]) -> dict[tuple[str, str], list[Source]]:
        """Every input fed across the border, with all that will feed it, in order."""
        found: dict[tuple[str, str], list[Source]] = {}
        for name in inside:
            for socket in self.inner.nodes[name].inputs:
                sources = sources_of(socket)
                if any(source[0] in self.entries for source in sources):
                    found[(_INNER + name, socket_name(socket))] = self._from_inside(sources)
        for node in self.tree.nodes:
            for socket in node.inputs if node != self.group else ():
                sources = sources_of(socket)
                if any(source[0] == self.group.name for source in sources):
                    found[(node.name, socket_name(socket))] = self._from_outside(sources)
        return found

    def _from_inside(self, sources: Sequence[Source], muted: bool = False) -> list[Source]:
        found: list[Source] = []
        for name, output, is_muted in sources:
            if name not in self.entries:
                found.append((_INNER + name, output, is_muted or muted))
                continue
            entry = sockets_by_name(self.group.inputs).get(output)
            around = sources_of(entry) if entry is not None else []
            found += [(far, out, m or is_muted or muted) for far, out, m in around]
        return found

    def _from_outside(self, sources: Sequence[Source]) -> list[Source]:
        found: list[Source] = []
        for name, output, is_muted in sources:
            if name != self.group.name:
                found.append((name, output, is_muted))
                continue
            for end in self.exits:
                leave = sockets_by_name(end.inputs).get(output)
                if leave is not None:
                    found += self._from_inside(sources_of(leave), is_muted)
        return found
