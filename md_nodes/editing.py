# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups in the editor: enter and leave, make and take apart, edit what goes in and out.

Blender's own group operators refuse trees like ours, so these stand under the same
keys.
"""

from __future__ import annotations

import bpy

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, GroupSocket
from ..core.kinds import KINDS
from . import interface
from .factory import holds
from .grouping import make_group, ungroup
from .names import node_idname
from .where import is_editable, space_of

_GROUP = node_idname(GROUP)
_UNDO = {"REGISTER", "UNDO"}


class _EditorOperator:
    """Needs a Movie Director editor whose tree may be changed."""

    bl_options = _UNDO

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        if space is None:
            return False
        if not is_editable(space.edit_tree):
            cls.poll_message_set("The tree is linked from another file")
            return False
        return True


class MOVIE_DIRECTOR_OT_group_edit(bpy.types.Operator):
    """Enter the active group, or leave the one that is shown"""

    bl_idname = "movie_director.group_edit"
    bl_label = "Enter or Leave Group"

    @classmethod
    def poll(cls, context) -> bool:
        return space_of(context) is not None

    def execute(self, context) -> set[str]:
        space = context.space_data
        node = space.edit_tree.nodes.active
        if node is not None and node.select and node.bl_idname == _GROUP and node.tree is not None:
            space.path.append(node.tree, node=node)
        elif len(space.path) > 1:
            space.path.pop()
        else:
            return {"PASS_THROUGH"}
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_group_enter(bpy.types.Operator):
    """Show what is inside"""

    bl_idname = "movie_director.group_enter"
    bl_label = "Enter Group"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context) -> bool:
        return space_of(context) is not None

    def execute(self, context) -> set[str]:
        space = context.space_data
        node = space.edit_tree.nodes.get(self.node_name)
        if node is None or node.tree is None:
            return {"CANCELLED"}
        space.edit_tree.nodes.active = node
        space.path.append(node.tree, node=node)
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_group_enter.__annotations__ = {
    "node_name": bpy.props.StringProperty(options={"SKIP_SAVE"})
}


class MOVIE_DIRECTOR_OT_group_make(_EditorOperator, bpy.types.Operator):
    """Put the selected nodes into a group"""

    bl_idname = "movie_director.group_make"
    bl_label = "Make Group"

    @classmethod
    def poll(cls, context) -> bool:
        if not super().poll(context):
            return False
        return any(node.select for node in context.space_data.edit_tree.nodes)

    def execute(self, context) -> set[str]:
        tree = context.space_data.edit_tree
        names = [node.name for node in tree.nodes if node.select]
        group = make_group(tree, names, "Group")
        for node in tree.nodes:
            node.select = node == group
        tree.nodes.active = group
        context.space_data.path.append(group.tree, node=group)
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_group_ungroup(_EditorOperator, bpy.types.Operator):
    """Put the nodes of the selected groups back among the others"""

    bl_idname = "movie_director.group_ungroup"
    bl_label = "Ungroup"

    @classmethod
    def poll(cls, context) -> bool:
        if not super().poll(context):
            return False
        nodes = context.space_data.edit_tree.nodes
        return any(n.select and n.bl_idname == _GROUP and n.tree is not None for n in nodes)

    def execute(self, context) -> set[str]:
        tree = context.space_data.edit_tree
        groups = [n.name for n in tree.nodes if n.select and n.bl_idname == _GROUP and n.tree]
        out = [name for group in groups for name in ungroup(tree, group)]
        for node in tree.nodes:
            node.select = node.name in out
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_group_add(_EditorOperator, bpy.types.Operator):
    """Add a group that is there already"""

    bl_idname = "movie_director.group_add"
    bl_label = "Add Group"

    def execute(self, context) -> set[str]:
        space = context.space_data
        inner = bpy.data.node_groups.get(self.tree)
        if inner is None or holds(inner, space.edit_tree):
            self.report({"WARNING"}, "A group cannot hold itself")
            return {"CANCELLED"}
        node = space.edit_tree.nodes.new(_GROUP)
        node.tree = inner
        node.location = space.cursor_location
        for other in space.edit_tree.nodes:
            other.select = other == node
        space.edit_tree.nodes.active = node
        return {"FINISHED"}

    def invoke(self, context, event) -> set[str]:
        """Put it where the mouse is, and let it be moved."""
        context.space_data.cursor_location_from_region(event.mouse_region_x, event.mouse_region_y)
        done = self.execute(context)
        if "FINISHED" in done:
            bpy.ops.node.translate_attach_remove_on_cancel("INVOKE_DEFAULT")
        return done


MOVIE_DIRECTOR_OT_group_add.__annotations__ = {
    "tree": bpy.props.StringProperty(options={"SKIP_SAVE"})
}


class _InterfaceOperator(_EditorOperator):
    """Acts on the interface of the group that is shown."""

    bl_options = {"REGISTER", "UNDO", "INTERNAL"}


class MOVIE_DIRECTOR_OT_interface_add(_InterfaceOperator, bpy.types.Operator):
    """Add a socket to the group"""

    bl_idname = "movie_director.interface_add"
    bl_label = "Add Socket"
    bl_property = "kind"

    def execute(self, context) -> set[str]:
        tree = context.space_data.edit_tree
        name = interface.free_name(tree, self.side, self.kind)
        if not interface.end_nodes(tree, self.side):
            end = tree.nodes.new(node_idname(self.side))
            end.location = context.space_data.cursor_location
        interface.add(tree, self.side, GroupSocket(name=name, kind=self.kind))
        return {"FINISHED"}

    def invoke(self, context, event) -> set[str]:
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}


class MOVIE_DIRECTOR_OT_interface_remove(_InterfaceOperator, bpy.types.Operator):
    """Remove the socket, with its links inside and outside"""

    bl_idname = "movie_director.interface_remove"
    bl_label = "Remove Socket"

    def execute(self, context) -> set[str]:
        interface.remove(context.space_data.edit_tree, self.side, self.socket)
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_interface_move(_InterfaceOperator, bpy.types.Operator):
    """Move the socket up or down"""

    bl_idname = "movie_director.interface_move"
    bl_label = "Move Socket"

    def execute(self, context) -> set[str]:
        interface.move(context.space_data.edit_tree, self.side, self.socket, self.step)
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_interface_rename(_InterfaceOperator, bpy.types.Operator):
    """Call the socket something else"""

    bl_idname = "movie_director.interface_rename"
    bl_label = "Rename Socket"

    def invoke(self, context, event) -> set[str]:
        tree = context.space_data.edit_tree
        found = interface.interface_of(tree, self.side).get(self.socket)
        self.label = interface.title_of(found) if found is not None else ""
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context) -> set[str]:
        interface.rename(context.space_data.edit_tree, self.side, self.socket, self.label)
        return {"FINISHED"}


_SIDE = bpy.props.EnumProperty(
    items=[(GROUP_INPUT, "Input", ""), (GROUP_OUTPUT, "Output", "")], options={"SKIP_SAVE"}
)
_SOCKET = bpy.props.StringProperty(options={"SKIP_SAVE"})
MOVIE_DIRECTOR_OT_interface_add.__annotations__ = {
    "side": _SIDE,
    "kind": bpy.props.EnumProperty(
        name="Kind", items=[(k.id, k.label, k.doc) for k in KINDS.values()]
    ),
}
MOVIE_DIRECTOR_OT_interface_remove.__annotations__ = {"side": _SIDE, "socket": _SOCKET}
MOVIE_DIRECTOR_OT_interface_move.__annotations__ = {
    "side": _SIDE,
    "socket": _SOCKET,
    "step": bpy.props.IntProperty(options={"SKIP_SAVE"}),
}
MOVIE_DIRECTOR_OT_interface_rename.__annotations__ = {
    "side": _SIDE,
    "socket": _SOCKET,
    "label": bpy.props.StringProperty(name="Name"),
}

CLASSES = (
    MOVIE_DIRECTOR_OT_group_edit,
    MOVIE_DIRECTOR_OT_group_enter,
    MOVIE_DIRECTOR_OT_group_make,
    MOVIE_DIRECTOR_OT_group_ungroup,
    MOVIE_DIRECTOR_OT_group_add,
    MOVIE_DIRECTOR_OT_interface_add,
    MOVIE_DIRECTOR_OT_interface_remove,
    MOVIE_DIRECTOR_OT_interface_move,
    MOVIE_DIRECTOR_OT_interface_rename,
)
