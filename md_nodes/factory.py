# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender node classes, made from the declarations in ``node_types``.

A node class holds what must be stored in the .blend: its parameters, its sockets,
its id.  How a node looks is ``looks``; what it is doing right now is ``status``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import bpy

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT
from ..core.node_type import NodeType
from ..node_types import catalogue
from . import looks, making, status
from .interface import sync_group, sync_sockets
from .marks import is_ours, new_id
from .names import NODE_ID, TREE, node_idname, node_type_of, prop
from .properties import make_property
from .tree import is_quiet, quiet

#: Width in Blender's node units by type; others get the middle one.
_WIDTHS = {"shot": 240, "dialogue": 220, "output": 240, "script": 220, "sequence": 200}
_WIDTH = 190


def _is_taken(node: bpy.types.Node) -> bool:
    """Whether another node of its tree has the id of ``node``."""
    id = getattr(node, NODE_ID)
    return any(getattr(n, NODE_ID) == id for n in node.id_data.nodes if n.name != node.name)


class _MovieDirectorNode:
    """What all our nodes share."""

    bl_width_min = 120
    bl_width_max = 700

    @classmethod
    def poll(cls, tree) -> bool:
        return tree.bl_idname == TREE

    def init(self, context) -> None:
        """A new node: its sockets, its header's colour, its id."""
        with quiet():
            self.make_sockets()
        self.use_custom_color, self.color = True, looks.body_colour(self)
        if not is_quiet():
            setattr(self, NODE_ID, new_id(self))

    def make_sockets(self) -> None:
        """Sockets come from the declaration or, for groups, from the tree inside."""

    def copy(self, node) -> None:
        """A copy in the same tree is somebody else; a copied tree is the same film again."""
        if not is_quiet() and _is_taken(self):
            setattr(self, NODE_ID, new_id(self))

    def free(self) -> None:
        """What was known of the node's work is forgotten."""
        if not is_quiet():
            status.forget(self.id_data.session_uid, getattr(self, NODE_ID))

    def draw_label(self) -> str:
        return looks.title(self)

    def draw_buttons(self, context, layout) -> None:
        looks.draw_body(self, context, layout)
        making.draw_on_node(self, context, layout)

    def draw_buttons_ext(self, context, layout) -> None:
        looks.draw_sidebar(self, context, layout)


def declaration_of(node: bpy.types.Node) -> NodeType | None:
    """The declared type of a node; None for groups, reroutes, frames and strangers."""
    return catalogue().get(node_type_of(node.bl_idname))


def refresh_sockets(node: bpy.types.Node) -> None:
    """Bring a node's sockets up to date with its declaration or its group."""
    declared = declaration_of(node)
    if declared is not None:
        sync_sockets(node.inputs, declared.inputs, multi_allowed=True)
        sync_sockets(node.outputs, declared.outputs, multi_allowed=False)
    elif node.bl_idname == node_idname(GROUP):
        sync_group(node)


def _make_sockets(self) -> None:
    refresh_sockets(self)


def node_class(declared: NodeType) -> type:
    """The Blender class of one declared node type."""
    idname = node_idname(declared.id)
    body: dict[str, Any] = {
        "bl_idname": idname,
        "bl_label": declared.label,
        "bl_icon": declared.icon,
        "bl_description": declared.doc,
        "bl_width_default": _WIDTHS.get(declared.id, _WIDTH),
        "__doc__": declared.doc,
        "__annotations__": {prop(p.name): make_property(p) for p in declared.params},
        "make_sockets": _make_sockets,
    }
    return type(idname, (_MovieDirectorNode, bpy.types.Node), body)


def _may_hold(self, tree: bpy.types.NodeTree) -> bool:
    """Whether a group node may show ``tree``: never itself, not even far inside."""
    return is_ours(tree) and not holds(tree, self.id_data)


def holds(tree: bpy.types.NodeTree, wanted: bpy.types.NodeTree) -> bool:
    """Whether ``wanted`` is ``tree`` or lies anywhere inside it."""
    pending, seen = [tree], set()
    while pending:
        current = pending.pop()
        if current == wanted:
            return True
        if current.session_uid not in seen:
            seen.add(current.session_uid)
            pending.extend(
                node.tree
                for node in current.nodes
                if node.bl_idname == node_idname(GROUP) and node.tree is not None
            )
    return False


def _tree_changed(self, context) -> None:
    if is_quiet():
        return
    if self.tree is not None and not _may_hold(self, self.tree):
        self.tree = None
    sync_group(self)


class MovieDirectorGroup(_MovieDirectorNode, bpy.types.Node):
    """Nodes put together, such as the shots of a scene."""

    bl_idname = node_idname(GROUP)
    bl_label = "Group"
    bl_icon = "NODETREE"
    bl_width_default = 200
    make_sockets = _make_sockets

    def draw_buttons(self, context, layout) -> None:
        looks.draw_group(self, context, layout)


MovieDirectorGroup.__annotations__ = {
    "tree": bpy.props.PointerProperty(
        type=bpy.types.NodeTree,
        name="Group",
        description="The nodes inside",
        poll=_may_hold,
        update=_tree_changed,
    )
}


class MovieDirectorGroupInput(_MovieDirectorNode, bpy.types.Node):
    """What comes into the group."""

    bl_idname = node_idname(GROUP_INPUT)
    bl_label = "Group Input"
    bl_icon = "IMPORT"
    bl_width_default = 140

    def draw_buttons_ext(self, context, layout) -> None:
        """Nothing: the interface is edited in its own panel."""


class MovieDirectorGroupOutput(_MovieDirectorNode, bpy.types.Node):
    """What goes out of the group."""

    bl_idname = node_idname(GROUP_OUTPUT)
    bl_label = "Group Output"
    bl_icon = "EXPORT"
    bl_width_default = 140

    def draw_buttons_ext(self, context, layout) -> None:
        """Nothing: the interface is edited in its own panel."""


@cache
def node_classes() -> tuple[type, ...]:
    """A class for every declared type, then those for groups."""
    declared = tuple(node_class(kind) for kind in catalogue().values())
    return (*declared, MovieDirectorGroup, MovieDirectorGroupInput, MovieDirectorGroupOutput)
