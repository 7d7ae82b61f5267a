# SPDX-License-Identifier: GPL-3.0-or-later
"""How nodes look: what is edited first lies on the node, the rest in the sidebar.

Drawing reads and never writes.  What a node is doing comes from ``status``, by the
path under which the editor shows it.
"""

from __future__ import annotations

import textwrap
from typing import Any

import bpy

from ..core.graph import GROUP
from ..core.node_type import Param
from ..node_types import catalogue
from . import abilities, pictures, status, watch
from .names import node_type_of, prop
from .properties import ITEMS
from .where import film_of, path_in, space_of

#: What lies on the node itself, row by row; other types show their first parameters.
FRONT: dict[str, tuple[tuple[str, ...], ...]] = {
    "project": (("title",), ("resolution", "quality"), ("fps",)),
    "script": (("file",), ("text",)),
    "character": (("name",), ("description",)),
    "style": (("name",), ("description",), ("palette",)),
    "environment": (("name",), ("interior", "time_of_day"), ("place",), ("weather",)),
    "voice": (("source",), ("pitch",), ("rate",)),
    "dialogue": (("line",), ("emotion",)),
    "sound_effect": (("prompt",), ("offset",)),
    "music": (("prompt",), ("mood",), ("tempo",)),
    "shot": (("shot_type", "camera_move"), ("action",)),
    "backend": (("service",), ("quality",)),
    "sequence": (("title",), ("between",)),
    "output": (("captions", "name_tags"), ("storyboard", "subtitles")),
}
_FIRST = 4
#: What a node is called by, once it is filled in.
_GREY, _TINT = 0.16, 0.4  #: of a node's body, and how much of its colour shines through
_TITLES = {
    "project": "title", "character": "name", "environment": "name", "sequence": "title",
    "dialogue": "line", "sound_effect": "prompt", "style": "name",
}  # fmt: skip
#: Node units that one letter takes, roughly; for wrapping.
_LETTER = 6.4
_LINES_ON_NODE = 3

#: State → icon and word.
STATES = {
    "waiting": ("SORTTIME", "Waiting"),
    "scheduled": ("TIME", "Scheduled"),
    "cooking": ("PLAY", "Cooking"),
    "cooked": ("CHECKMARK", "Cooked"),
    "cached": ("FILE_TICK", "Cooked from cache"),
    "failed": ("ERROR", "Failed"),
    "cancelled": ("X", "Cancelled"),
    "dirty": ("FILE_REFRESH", "To be made"),
}


def title(node: bpy.types.Node) -> str:
    """What stands in the header: the node's kind and what it is about."""
    type = node_type_of(node.bl_idname)
    if type == GROUP:
        return node.tree.name if node.tree is not None else "Group"
    if type == "shot":
        about = " ".join(part for part in (node.p_number, node.p_name) if part)
        return f"Shot {about}" if about else "Shot"
    if type == "voice":
        return _voice_title(node)
    about = getattr(node, prop(_TITLES[type]), "") if type in _TITLES else ""
    if not about or about == "Untitled":
        return node.bl_label
    if type == "dialogue":
        return f"“{textwrap.shorten(about, 28, placeholder='…')}”"
    return textwrap.shorten(about.replace("\n", " "), 34, placeholder="…") or node.bl_label


def _voice_title(node: bpy.types.Node) -> str:
    """Whose voice it is: voices have no name of their own."""
    speakers = [link.to_node for socket in node.outputs for link in socket.links]
    names = [each.p_name for each in speakers if node_type_of(each.bl_idname) == "character"]
    return f"Voice of {names[0]}" if names and names[0] else node.bl_label


def body_colour(node: bpy.types.Node) -> tuple[float, float, float]:
    """The node's colour, dark enough to read white text on."""
    declared = catalogue().get(node_type_of(node.bl_idname))
    own = declared.colour if declared is not None else (_GREY, _GREY, _GREY)
    return tuple(_GREY * (1 - _TINT) + part * _TINT for part in own)


def draw_body(node: bpy.types.Node, context, layout) -> None:
    """A node in the editor."""
    declared = catalogue().get(node_type_of(node.bl_idname))
    if declared is None:
        return
    space = space_of(context)
    lacking = abilities.lacking(node, film_of(space).session_uid) if space is not None else ""
    front = layout.column()
    front.active = not lacking
    for row in FRONT.get(declared.id) or tuple((p.name,) for p in declared.params[:_FIRST]):
        line = front.row(align=True) if len(row) > 1 else front
        for name in row:
            if name in declared.by_name:
                _draw_front(node, line, declared.by_name[name], single=len(row) == 1)
    if declared.id == "script":
        layout.operator("movie_director.break_down", icon="OUTLINER_OB_GROUP_INSTANCE")
    _draw_lacking(lacking, node, layout)
    if declared.id == "output":
        _draw_evaluate(node, context, layout)
    draw_state(node, context, layout)


def _draw_lacking(why: str, node: bpy.types.Node, layout) -> None:
    """Why a node is not made as it asks to be with the services there are."""
    room = letters(node.width)
    column = layout.column(align=True)
    column.active = False
    column.scale_y = 0.85
    for number, line in enumerate(textwrap.wrap(why, room)[:_LINES_ON_NODE]):
        column.label(text=line, icon="BLANK1" if number else "UNLINKED")


def _draw_front(node: bpy.types.Node, layout, param: Param, *, single: bool) -> None:
    name = prop(param.name)
    if param.kind == "palette":
        row = layout.row(align=True)
        for colour in getattr(node, name):
            row.prop(colour, "colour", text="")
    elif param.kind == "lines":
        _draw_lines(node, layout, param)
    elif param.kind == "textblock":
        layout.prop(node, name, text="")
    elif param.kind not in ITEMS:
        plain = param.kind in ("choice", "text", "path", "folder")
        layout.prop(
            node, name, **({"text": ""} if (plain and single) or param.kind == "choice" else {})
        )


def _draw_lines(node: bpy.types.Node, layout, param: Param) -> None:
    """Short text as a field; long text to be read, with a pencil to change it."""
    text = getattr(node, prop(param.name))
    room = max(12, int((node.width - 30) / _LETTER))
    if len(text) <= room and "\n" not in text:
        layout.prop(node, prop(param.name), text="", placeholder=param.title)
        return
    box = layout.row(align=True)
    column = box.column(align=True)
    column.scale_y = 0.8
    lines = textwrap.wrap(text, room)
    for line in lines[: _LINES_ON_NODE - 1]:
        column.label(text=line)
    if len(lines) >= _LINES_ON_NODE:
        rest = " ".join(lines[_LINES_ON_NODE - 1 :])
        column.label(text=textwrap.shorten(rest, room, placeholder="…"))
    edit = box.operator("movie_director.edit_lines", text="", icon="GREASEPENCIL", emboss=False)
    edit.node_name, edit.param = node.name, param.name


def draw_group(node: bpy.types.Node, context, layout) -> None:
    """A group node: its tree, the way in, and how the work inside stands."""
    row = layout.row(align=True)
    row.prop(node, "tree", text="")
    if node.tree is not None:
        enter = row.operator("movie_director.group_enter", text="", icon="NODETREE")
        enter.node_name = node.name
    draw_state(node, context, layout)


def draw_state(node: bpy.types.Node, context, layout) -> None:
    """What is wrong with the node, what it is doing, and what came of it."""
    space = space_of(context)
    if space is None:
        return
    film, path = film_of(space).session_uid, path_in(space, node)
    for problem in watch.problems_of(film, path):
        draw_error(layout, problem.reason, problem.remedy, node.width)
    known = status.of(film, path)
    if known.picture is not None:
        pictures.draw(layout, known.picture, node.width)
    if known.state == "cooking":
        percent = f"{round(known.fraction * 100)}%"
        layout.progress(factor=known.fraction, text=f"{percent}  {known.note}".strip())
    elif known.state:
        icon, word = STATES.get(known.state, ("QUESTION", known.state))
        layout.label(text=f"{word} {known.note}".strip(), icon=icon)
    if known.what:
        draw_error(layout, known.what, known.remedy, node.width)
        again = layout.operator("movie_director.evaluate", text="Try Again", icon="FILE_REFRESH")
        again.node = path


def letters(width: float) -> int:
    """How many letters fit into a line behind an icon, ``width`` node units wide."""
    return max(16, int((width - 44) / _LETTER))


def draw_error(layout, what: str, remedy: str, width: float) -> None:
    """An error in red with its remedy, wrapped to ``width`` node units."""
    room = letters(width)
    column = layout.column(align=True)
    column.scale_y = 0.85
    first = True
    red = column.column(align=True)
    red.alert = True
    for line in textwrap.wrap(what, room):
        red.label(text=line, icon="ERROR" if first else "BLANK1")
        first = False
    for line in textwrap.wrap(remedy, room):
        column.label(text=line, icon="BLANK1")


def _draw_evaluate(node: bpy.types.Node, context, layout) -> None:
    from .evaluate import draw_run_buttons

    space = space_of(context)
    if space is not None:
        draw_run_buttons(layout, film_of(space).session_uid, path_in(space, node))


def draw_sidebar(node: bpy.types.Node, context, layout) -> None:
    """Every parameter of the active node, those on the node first."""
    declared = catalogue().get(node_type_of(node.bl_idname))
    if declared is None:
        if node_type_of(node.bl_idname) == GROUP:
            layout.prop(node, "tree", text="Group")
        return
    layout.use_property_split = True
    layout.use_property_decorate = False
    for param in declared.params:
        draw_param(node, layout, param)


def draw_param(node: bpy.types.Node, layout, param: Param) -> None:
    """One parameter with its label, lists with their buttons."""
    name: str = prop(param.name)
    if param.kind in ITEMS:
        _draw_list(node, layout, param)
        return
    text: dict[str, Any] = {}
    if param.unit and param.kind in ("int", "float") and param.unit != "seconds":
        text = {"text": f"{param.title} ({_SHORT.get(param.unit, param.unit)})"}
    row = layout.row(align=True)
    row.prop(node, name, **text)
    if param.kind == "lines":
        edit = row.operator("movie_director.edit_lines", text="", icon="GREASEPENCIL")
        edit.node_name, edit.param = node.name, param.name


_SHORT = {"frames per second": "fps", "beats per minute": "bpm", "pixels": "px"}


def _draw_list(node: bpy.types.Node, layout, param: Param) -> None:
    head = layout.row(align=True)
    head.label(text=param.title)
    add = head.operator("movie_director.list_add", text="", icon="ADD")
    add.node_name, add.param = node.name, param.name
    column = layout.column(align=True)
    for index, item in enumerate(getattr(node, prop(param.name))):
        row = column.row(align=True)
        row.use_property_split = False
        row.prop(item, "colour" if param.kind == "palette" else "value", text="")
        remove = row.operator("movie_director.list_remove", text="", icon="REMOVE")
        remove.node_name, remove.param, remove.index = node.name, param.name, index
