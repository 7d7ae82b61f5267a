# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film lacks to be made as asked, in Blender: a button, and what was found under it.

Looked at when somebody asks, with the services as they were last seen; nothing here waits for a
server.  What is found out, and how, is in ``api.diagnosis``.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import bpy

from ..api.diagnosis import diagnose
from ..core.errors import MovieDirectorError
from ..core.lack import Diagnosis, Lack
from . import session
from .read import read_tree
from .sidebar import SidebarPanel
from .where import film_of, space_of

_LETTERS = 34  #: of a line in a box of the sidebar
_NAMED = 3  #: nodes that can be gone to from one cause

#: What was found of each film, by its session id.
_found: dict[int, Diagnosis] = {}


class MOVIE_DIRECTOR_OT_doctor(bpy.types.Operator):
    """List what is missing for making the film as asked, and what mends it"""

    bl_idname = "movie_director.doctor"
    bl_label = "What Is Missing?"

    @classmethod
    def poll(cls, context) -> bool:
        return space_of(context) is not None and film_of(space_of(context)) is not None

    def execute(self, context) -> set[str]:
        film = film_of(space_of(context))
        try:
            found = look(film)
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        if found.ok:
            self.report({"INFO"}, "Nothing is missing: every node can be made as asked.")
        return {"FINISHED"}


def look(film: bpy.types.NodeTree) -> Diagnosis:
    """What the film lacks now; shown in the panel until it is asked again.

    Raises:
        MovieDirectorError: it cannot be read, or was never saved.
    """
    graph = read_tree(film)
    folder = session.results_of(graph)
    base = Path(bpy.data.filepath).parent if bpy.data.filepath else folder
    found = _found[film.session_uid] = diagnose(session.studio(), graph, folder, base=base)
    return found


class MOVIE_DIRECTOR_PT_doctor(SidebarPanel, bpy.types.Panel):
    """What is missing for making the film as asked."""

    bl_label = "Missing"
    bl_order = 7
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context) -> None:
        film = film_of(space_of(context))
        if film is not None:
            draw_missing(self.layout, film.session_uid)


def draw_missing(layout, film: int) -> None:
    """The button, and one box for each cause."""
    layout.operator("movie_director.doctor", icon="VIEWZOOM")
    found = _found.get(film)
    if found is None:
        return
    if found.ok:
        layout.label(text="Nothing is missing", icon="CHECKMARK")
    for lack in found.missing:
        _draw_lack(layout.box().column(align=True), lack)


def _draw_lack(column, lack: Lack) -> None:
    for text, icon in ((lack.what, "ERROR"), *((fix, "FORWARD") for fix in lack.fixes)):
        for line in textwrap.wrap(text, _LETTERS)[:8]:
            column.label(text=line, icon=icon)
            icon = "BLANK1"
    for node in lack.nodes[:_NAMED]:
        go = column.operator("movie_director.show_node", text=node, icon="NODE", emboss=False)
        go.path = node
    if len(lack.nodes) > _NAMED:
        column.label(text=f"and {len(lack.nodes) - _NAMED} more", icon="BLANK1")


CLASSES = (MOVIE_DIRECTOR_OT_doctor, MOVIE_DIRECTOR_PT_doctor)
