# SPDX-License-Identifier: GPL-3.0-or-later
"""The Add menu, by category, and the keys that Blender's users expect.

Typing in the Add menu searches all of it: that is Blender's own.
"""

from __future__ import annotations

import bpy

from ..core.graph import GROUP_INPUT, GROUP_OUTPUT
from ..node_types import catalogue
from .factory import holds
from .marks import our_trees
from .names import BLENDER_FRAME, BLENDER_REROUTE, TREE, node_idname
from .where import space_of

#: In the order in which a film is thought of; others follow by name.
_CATEGORIES = ("Film", "World", "Sound")
_MOST_GROUPS = 40


def categories() -> dict[str, list[tuple[str, str, str]]]:
    """(Blender's name, label, icon) of each node type by category."""
    found: dict[str, list[tuple[str, str, str]]] = {name: [] for name in _CATEGORIES}
    for declared in catalogue().values():
        entry = (node_idname(declared.id), declared.label, declared.icon)
        found.setdefault(declared.category, []).append(entry)
    return {name: sorted(entries, key=lambda e: e[1]) for name, entries in found.items() if entries}


def _draw_category(self, context) -> None:
    for idname, label, icon in categories()[self.bl_label]:
        _add(self.layout, idname, label, icon)


def _add(layout, idname: str, label: str, icon: str) -> None:
    entry = layout.operator("node.add_node", text=label, icon=icon)
    entry.type = idname
    entry.use_transform = True


def _menu_class(category: str) -> type:
    idname = f"MOVIE_DIRECTOR_MT_add_{category.lower().replace(' ', '_')}"
    body = {"bl_idname": idname, "bl_label": category, "draw": _draw_category}
    return type(idname, (bpy.types.Menu,), body)


class MOVIE_DIRECTOR_MT_add_group(bpy.types.Menu):
    """Groups that are there, and what a group's inside needs."""

    bl_idname = "MOVIE_DIRECTOR_MT_add_group"
    bl_label = "Group"

    def draw(self, context) -> None:
        layout = self.layout
        layout.operator("movie_director.group_make", icon="NODETREE")
        layout.operator("movie_director.group_ungroup")
        layout.separator()
        _add(layout, node_idname(GROUP_INPUT), "Group Input", "IMPORT")
        _add(layout, node_idname(GROUP_OUTPUT), "Group Output", "EXPORT")
        layout.separator()
        here = space_of(context)
        shown = here.edit_tree if here is not None else None
        trees = [t for t in our_trees() if t.is_group and (shown is None or not holds(t, shown))]
        for tree in trees[:_MOST_GROUPS]:
            layout.operator("movie_director.group_add", text=tree.name).tree = tree.name


class MOVIE_DIRECTOR_MT_add_layout(bpy.types.Menu):
    """What keeps a tree readable."""

    bl_idname = "MOVIE_DIRECTOR_MT_add_layout"
    bl_label = "Layout"

    def draw(self, context) -> None:
        _add(self.layout, BLENDER_FRAME, "Frame", "STICKY_UVS_DISABLE")
        _add(self.layout, BLENDER_REROUTE, "Reroute", "NODE")


CATEGORY_MENUS = tuple(_menu_class(category) for category in categories())
CLASSES = (*CATEGORY_MENUS, MOVIE_DIRECTOR_MT_add_group, MOVIE_DIRECTOR_MT_add_layout)


def _draw_add(self, context) -> None:
    if context.space_data.tree_type != TREE:
        return
    for menu in CLASSES:
        self.layout.menu(menu.bl_idname)


def _draw_node_menu(self, context) -> None:
    if context.space_data.tree_type != TREE:
        return
    self.layout.separator()
    self.layout.operator("movie_director.group_make")
    self.layout.operator("movie_director.group_ungroup")
    self.layout.operator("movie_director.group_edit")
    self.layout.operator("movie_director.arrange")


#: Operator, key, modifiers.
_KEYS = (
    ("movie_director.group_edit", "TAB", {}),
    ("movie_director.group_make", "G", {"ctrl": True}),
    ("movie_director.group_ungroup", "G", {"alt": True}),
    ("movie_director.group_ungroup", "G", {"ctrl": True, "alt": True}),
    ("movie_director.evaluate", "RET", {"ctrl": True}),
)
_items: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def register() -> None:
    """Add to Blender's menus and keys; without a window there are no keys."""
    bpy.types.NODE_MT_add.append(_draw_add)
    bpy.types.NODE_MT_node.append(_draw_node_menu)
    bpy.types.NODE_MT_context_menu.append(_draw_node_menu)
    manager = bpy.context.window_manager
    config = manager.keyconfigs.addon if manager is not None else None
    if config is None:
        return
    keymap = config.keymaps.new(name="Node Editor", space_type="NODE_EDITOR")
    for operator, key, modifiers in _KEYS:
        _items.append((keymap, keymap.keymap_items.new(operator, key, "PRESS", **modifiers)))


def unregister() -> None:
    """Take all of it back."""
    for keymap, item in _items:
        keymap.keymap_items.remove(item)
    _items.clear()
    bpy.types.NODE_MT_add.remove(_draw_add)
    bpy.types.NODE_MT_node.remove(_draw_node_menu)
    bpy.types.NODE_MT_context_menu.remove(_draw_node_menu)
