# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an editor is: which film it shows, and which group of it.

A film's nodes are named by paths such as ``scene_01/shot_010``; an editor that was
entered from group to group knows the trees it came through.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import bpy

from ..core.graph import GROUP
from .marks import ids_of, is_ours, our_trees
from .names import NODE_ID, node_idname

_GROUP = node_idname(GROUP)


def space_of(context) -> bpy.types.SpaceNodeEditor | None:
    """The Movie Director editor the context is in, or None."""
    space = context.space_data
    if space is None or space.type != "NODE_EDITOR" or not is_ours(space.edit_tree):
        return None
    return space


def film_of(space: bpy.types.SpaceNodeEditor) -> bpy.types.NodeTree:
    """The outermost tree of an editor: the film."""
    return space.path[0].node_tree if len(space.path) else space.edit_tree


def trail(space: bpy.types.SpaceNodeEditor) -> list[str]:
    """Ids of the group nodes an editor was entered through."""
    trees = [step.node_tree for step in space.path]
    found = []
    for outer, inner in pairwise(trees):
        node = _entrance(outer, inner)
        if node is None:
            return []
        found.append(getattr(node, NODE_ID))
    return found


def _entrance(outer: bpy.types.NodeTree, inner: bpy.types.NodeTree) -> bpy.types.Node | None:
    """The group node through which ``inner`` is seen: the active one where several could be."""
    active = outer.nodes.active
    if active is not None and active.bl_idname == _GROUP and active.tree == inner:
        return active
    return next((n for n in outer.nodes if n.bl_idname == _GROUP and n.tree == inner), None)


def path_in(space: bpy.types.SpaceNodeEditor, node: bpy.types.Node) -> str:
    """The path, in the editor's film, of a node it shows."""
    return "/".join([*trail(space), getattr(node, NODE_ID)])


def find(film: bpy.types.NodeTree, path: str) -> tuple[bpy.types.NodeTree, bpy.types.Node] | None:
    """The tree and the node at a path of a film, or None."""
    *groups, last = path.split("/")
    tree = film
    for id in groups:
        node = _with_id(tree, id)
        if node is None or node.bl_idname != _GROUP or node.tree is None:
            return None
        tree = node.tree
    node = _with_id(tree, last)
    return (tree, node) if node is not None else None


def _with_id(tree: bpy.types.NodeTree, id: str) -> bpy.types.Node | None:
    direct = next((node for node in tree.nodes if getattr(node, NODE_ID) == id), None)
    if direct is not None:
        return direct
    ids = ids_of(tree)
    return next((node for node in tree.nodes if ids[node.name] == id), None)


def tree_with(uid: int) -> bpy.types.NodeTree | None:
    """The tree with a session id, or None once it is gone."""
    return next((tree for tree in bpy.data.node_groups if tree.session_uid == uid), None)


def editors() -> Iterator[tuple[bpy.types.Window, bpy.types.Area, bpy.types.SpaceNodeEditor]]:
    """Every open editor that shows a film of ours."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager is not None else ():
        for area in window.screen.areas:
            if area.type == "NODE_EDITOR" and is_ours(area.spaces.active.edit_tree):
                yield window, area, area.spaces.active


def is_editable(tree: bpy.types.NodeTree | None) -> bool:
    """Whether people may change a tree: linked libraries are for looking."""
    return tree is not None and tree.library is None and getattr(tree, "is_editable", True)


def films_in_file() -> list[bpy.types.NodeTree]:
    """The trees that are films: those with an Output, else those that are in no group."""
    outer = [tree for tree in our_trees() if not tree.is_group]
    output = node_idname("output")
    finished = [tree for tree in outer if any(n.bl_idname == output for n in tree.nodes)]
    return finished or outer


def show_sequence() -> None:
    """Show all strips in every open sequencer."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager is not None and not bpy.app.background else ():
        for area in window.screen.areas:
            if area.type != "SEQUENCE_EDITOR" or area.spaces.active.view_type == "PREVIEW":
                continue
            region = next(region for region in area.regions if region.type == "WINDOW")
            with bpy.context.temp_override(window=window, area=area, region=region):
                if bpy.ops.sequencer.view_all.poll():
                    bpy.ops.sequencer.view_all()
