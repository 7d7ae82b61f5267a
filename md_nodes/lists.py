# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing what a plain field cannot hold: lists of names, files and colours, and long text."""

from __future__ import annotations

import textwrap

import bpy

from .factory import declaration_of
from .names import prop
from .where import is_editable, space_of

#: Lines a long text has room for in its dialog.
_LINES = 12
_ROW = 90


class _NodeOperator:
    """Acts on one parameter of a node in the tree being edited."""

    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        return space is not None and is_editable(space.edit_tree)

    def node(self, context) -> bpy.types.Node | None:
        """The node that the button stands on; None when it is gone."""
        return context.space_data.edit_tree.nodes.get(self.node_name)


class MOVIE_DIRECTOR_OT_list_add(_NodeOperator, bpy.types.Operator):
    """Add an entry"""

    bl_idname = "movie_director.list_add"
    bl_label = "Add Entry"

    def execute(self, context) -> set[str]:
        node = self.node(context)
        param = declaration_of(node).by_name[self.param]
        item = getattr(node, prop(self.param)).add()
        if param.kind == "palette":
            item.value = "#808080"
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_list_remove(_NodeOperator, bpy.types.Operator):
    """Remove the entry"""

    bl_idname = "movie_director.list_remove"
    bl_label = "Remove Entry"

    def execute(self, context) -> set[str]:
        getattr(self.node(context), prop(self.param)).remove(self.index)
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_edit_lines(_NodeOperator, bpy.types.Operator):
    """Write in more than one line"""

    bl_idname = "movie_director.edit_lines"
    bl_label = "Edit Text"

    def invoke(self, context, event) -> set[str]:
        """A dialog with a field for each line."""
        text = getattr(self.node(context), prop(self.param))
        self.lines.clear()
        for paragraph in text.split("\n"):
            pieces = textwrap.wrap(paragraph, _ROW, drop_whitespace=False) or [""]
            for number, piece in enumerate(pieces):
                line = self.lines.add()
                line.value, line.joined = piece, number > 0
        while len(self.lines) < min(_LINES, 3):
            self.lines.add()
        return context.window_manager.invoke_props_dialog(self, width=620)

    def draw(self, context) -> None:
        column = self.layout.column(align=True)
        for line in self.lines:
            column.prop(line, "value", text="")

    def execute(self, context) -> set[str]:
        """Lines that were broken for reading are joined again."""
        text = ""
        for number, line in enumerate(self.lines):
            text += ("" if line.joined or not number else "\n") + line.value
        setattr(self.node(context), prop(self.param), text.rstrip("\n"))
        return {"FINISHED"}


class MovieDirectorLine(bpy.types.PropertyGroup):
    """One row of a long text; ``joined`` rows go on from the row above."""


MovieDirectorLine.__annotations__ = {
    "value": bpy.props.StringProperty(),
    "joined": bpy.props.BoolProperty(),
}
_WHICH = {
    "node_name": bpy.props.StringProperty(options={"SKIP_SAVE"}),
    "param": bpy.props.StringProperty(options={"SKIP_SAVE"}),
}
MOVIE_DIRECTOR_OT_list_add.__annotations__ = dict(_WHICH)
MOVIE_DIRECTOR_OT_list_remove.__annotations__ = {
    **_WHICH,
    "index": bpy.props.IntProperty(options={"SKIP_SAVE"}),
}
MOVIE_DIRECTOR_OT_edit_lines.__annotations__ = {
    **_WHICH,
    "lines": bpy.props.CollectionProperty(type=MovieDirectorLine, options={"SKIP_SAVE"}),
}

CLASSES = (
    MovieDirectorLine,
    MOVIE_DIRECTOR_OT_list_add,
    MOVIE_DIRECTOR_OT_list_remove,
    MOVIE_DIRECTOR_OT_edit_lines,
)
