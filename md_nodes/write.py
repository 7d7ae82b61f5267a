# SPDX-License-Identifier: GPL-3.0-or-later
"""From a graph to a node tree: the only writer of whole trees.

Every group becomes a tree of its own: Blender's time grows with the square of a
tree's size, so a feature film stays quick when its scenes are groups.  Groups of
equal content share one tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import bpy

from ..core.digest import digest
from ..core.errors import GraphError
from ..core.graph import (
    FRAME,
    GROUP,
    GROUP_INPUT,
    GROUP_OUTPUT,
    REROUTE,
    STRUCTURAL,
    Graph,
    GroupSocket,
    Link,
    Node,
)
from ..core.graph_json import to_json
from ..node_types import catalogue
from .interface import end_sockets, sync_group
from .layout import placed
from .marks import set_label, sockets_by_name
from .names import (
    BLENDER_FRAME,
    BLENDER_REROUTE,
    NODE_ID,
    TREE,
    UNTOLD_KIND,
    UNTOLD_SOCKETS,
    node_idname,
    prop,
    socket_idname,
)
from .sockets import add_lost, add_socket
from .tree import quiet, set_group_title
from .values import set_params


def write_tree(
    graph: Graph, name: str = "Film", *, into: bpy.types.NodeTree | None = None
) -> bpy.types.NodeTree:
    """A tree that shows ``graph``, kept in the file even if nothing uses it.

    ``into`` names a tree to be rewritten; people who look at it keep looking at it.
    Nodes without a location are given one.

    Raises:
        GraphError: a node's type is unknown or Blender cannot hold a value.
    """
    _refuse_unknown(graph)
    with quiet():
        tree = into if into is not None else bpy.data.node_groups.new(name, TREE)
        writer = _Writer(texts=_texts_of(tree))
        _empty(tree)
        tree.use_fake_user = True
        tree.unseen = True
        writer.fill(tree, graph.nodes, graph.links)
    return tree


def _refuse_unknown(graph: Graph) -> None:
    for path, node in graph.walk():
        if node.type not in catalogue() and node.type not in STRUCTURAL:
            raise GraphError(
                f"There is no node type '{node.type}'.",
                remedy="Install the extension that brings it, or remove the node.",
                where=path,
            )


def _texts_of(tree: bpy.types.NodeTree) -> dict[str, bpy.types.Text]:
    """The texts that Script nodes show, by node: people may be looking at them."""
    idname, text = node_idname("script"), prop("text")
    scripts = [node for node in tree.nodes if node.bl_idname == idname]
    return {getattr(n, NODE_ID): getattr(n, text) for n in scripts if getattr(n, text) is not None}


def _empty(tree: bpy.types.NodeTree) -> None:
    """Take out all nodes, and remove the groups that nothing else uses then."""
    idname = node_idname(GROUP)
    groups = [node for node in tree.nodes if node.bl_idname == idname and node.tree]
    inside = [node.tree for node in groups]
    for node in groups:
        node.tree = None  # Blender counts a group's user down only when it is told to
    tree.nodes.clear()
    for inner in dict.fromkeys(inside):
        if inner.users == 0 and inner.library is None:
            _empty(inner)
            bpy.data.node_groups.remove(inner)


@dataclass(slots=True)
class _Writer:
    """One graph being written.

    ``groups`` holds the trees made so far, by content; ``texts`` the texts to write into.
    """

    texts: dict[str, bpy.types.Text] = field(default_factory=dict)
    groups: dict[str, bpy.types.NodeTree] = field(default_factory=dict)

    def fill(
        self, tree: bpy.types.NodeTree, nodes: tuple[Node, ...], links: tuple[Link, ...]
    ) -> None:
        """Nodes, then frames and places, then links."""
        made: dict[str, bpy.types.Node] = {}
        for node in nodes:
            made[node.id] = self.node(tree, node)
        places = placed(nodes, links)
        for node in nodes:
            if node.frame:
                made[node.id].parent = made[node.frame]
        for node in nodes:
            made[node.id].location_absolute = places[node.id]
        _link_all(tree, made, links)

    def node(self, tree: bpy.types.NodeTree, node: Node) -> bpy.types.Node:
        shown = tree.nodes.new(node_idname(node.type))
        setattr(shown, NODE_ID, node.id)
        shown.name = node.id
        if node.label:
            set_label(shown, node.label)
        if node.muted:
            shown.mute = True
        if node.type in catalogue():
            declared = catalogue()[node.type]
            if node.type == "script" and node.id in self.texts:
                setattr(shown, prop("text"), self.texts[node.id])
            set_params(shown, declared, node.params)
        elif node.type == GROUP:
            shown.tree = self.group(node)
            sync_group(shown)
        else:
            _structure(shown, node)
        shown.select = False
        return shown

    def group(self, node: Node) -> bpy.types.NodeTree:
        """The tree inside a group, made once for all groups of the same content."""
        content = digest([to_json(Graph(nodes=node.nodes, links=node.links)), dict(node.params)])
        if content not in self.groups:
            title = node.params.get("name", "")
            tree = bpy.data.node_groups.new(title or "Group", TREE)
            tree.is_group = tree.unseen = True
            tree.title_shown = tree.name
            if "name" in node.params:
                set_group_title(tree, title)
            self.fill(tree, node.nodes, node.links)
            self.groups[content] = tree
        return self.groups[content]


def _structure(shown: bpy.types.Node, node: Node) -> None:
    if node.type == REROUTE:
        _reroute(shown, node.params)
    elif node.type in (GROUP_INPUT, GROUP_OUTPUT):
        if "sockets" not in node.params:
            shown[UNTOLD_SOCKETS] = True
        for socket in node.params.get("sockets", ()):
            declared = GroupSocket(**socket)
            multi = node.type == GROUP_OUTPUT and declared.multi
            add_socket(end_sockets(shown), declared, multi=multi)
    elif node.type == FRAME:
        shown.shrink = True


def _reroute(shown: bpy.types.Node, params: Mapping[str, Any]) -> None:
    if params.get("kind"):
        shown.socket_idname = socket_idname(params["kind"])
    else:
        shown[UNTOLD_KIND] = True


def _link_all(
    tree: bpy.types.NodeTree, made: Mapping[str, bpy.types.Node], links: tuple[Link, ...]
) -> None:
    """All links.  Blender stacks later links of one input on top, so the first comes last."""
    sources = {id: sockets_by_name(node.outputs) for id, node in made.items()}
    targets = {id: sockets_by_name(node.inputs) for id, node in made.items()}
    into: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        into.setdefault(link.target, []).append(link)
    for (id, name), group in into.items():
        target = _socket(made[id], targets[id], name, is_input=True, multi=len(group) > 1)
        for link in reversed(group) if target.is_multi_input else group:
            node = made[link.source[0]]
            source = _socket(
                node, sources[link.source[0]], link.source[1], is_input=False, multi=False
            )
            new = tree.links.new(source, target, verify_limits=False)
            if link.muted:
                new.is_muted = True


def _socket(
    node: bpy.types.Node,
    known: dict[str, bpy.types.NodeSocket],
    name: str,
    *,
    is_input: bool,
    multi: bool,
) -> bpy.types.NodeSocket:
    """The socket called ``name``; a link to one that is not there gets a lost socket."""
    if node.bl_idname in (BLENDER_REROUTE, BLENDER_FRAME):
        return _blenders_own(node, name, is_input=is_input)
    if name not in known:
        sockets = node.inputs if is_input else node.outputs
        known[name] = add_lost(sockets, name, multi=is_input and multi)
    return known[name]


def _blenders_own(node: bpy.types.Node, name: str, *, is_input: bool) -> bpy.types.NodeSocket:
    """A reroute's socket; Blender gives reroutes and frames no others."""
    sockets = node.inputs if is_input else node.outputs
    if name != ("input" if is_input else "output") or not sockets:
        raise GraphError(
            f"A link names the socket '{name}' of a node that has none of that name.",
            remedy="Remove the link; a reroute has 'input' and 'output', a frame has no sockets.",
            where=getattr(node, NODE_ID),
        )
    return sockets[0]
