# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluate, Cancel and Plan as Blender operators, and their buttons.

Operators translate only: a press becomes a call of ``session``, an error becomes a
report and stays readable in the panel and on the node it is about.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bpy

from ..core.errors import MovieDirectorError
from . import pump, session, status
from .names import node_idname
from .where import film_of, find, path_in, space_of


def _film(context) -> bpy.types.NodeTree | None:
    space = space_of(context)
    return film_of(space) if space is not None else None


def _refuse(operator, film: bpy.types.NodeTree, error: MovieDirectorError) -> set[str]:
    """Say what is wrong where people look: in the status bar, the panel and on the node."""
    session.refused[film.session_uid] = error
    if error.where:
        old = status.of(film.session_uid, error.where)
        status.put(
            film.session_uid,
            error.where,
            status.NodeStatus(
                state="failed", what=error.what, remedy=error.remedy, picture=old.picture
            ),
        )
    status.touch()
    operator.report({"ERROR"}, f"{error.what} {error.remedy}")
    return {"CANCELLED"}


class _RunOperator:
    """What starts work: needs a film that is idle."""

    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context) -> bool:
        film = _film(context)
        if film is None:
            cls.poll_message_set("Show a film in the Movie Director editor")
            return False
        found = session.of(film.session_uid)
        if found is not None and found.busy:
            cls.poll_message_set("The film is being made")
            return False
        return True


class MOVIE_DIRECTOR_OT_evaluate(_RunOperator, bpy.types.Operator):
    """Make the film: what is new or changed is made, the rest is taken from what is there"""

    bl_idname = "movie_director.evaluate"
    bl_label = "Evaluate"

    def invoke(self, context, event) -> set[str]:
        """A film that was never saved is saved first: its results lie beside it."""
        if not bpy.data.filepath and not _has_folder(_film(context)):
            return self._offer_save(context)
        return self.execute(context)

    def _offer_save(self, context) -> set[str]:
        self.report({"WARNING"}, "Save the film first: its results will lie beside it")
        bpy.ops.wm.save_as_mainfile("INVOKE_DEFAULT")
        return {"CANCELLED"}

    def execute(self, context) -> set[str]:
        """Start, and let the timer do the rest."""
        film = _film(context)
        try:
            session.start(film, self.output, node=self.node, force=self.force)
        except MovieDirectorError as error:
            return _refuse(self, film, error)
        pump.wake()
        if bpy.app.background:
            pump.run_to_end(film.session_uid)
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_evaluate.__annotations__ = {
    "output": bpy.props.StringProperty(name="Output", options={"SKIP_SAVE"}),
    "node": bpy.props.StringProperty(
        name="Node", description="Make only this node", options={"SKIP_SAVE"}
    ),
    "force": bpy.props.BoolProperty(
        name="Anew", description="Make again what is there already", options={"SKIP_SAVE"}
    ),
}


def _has_folder(film: bpy.types.NodeTree) -> bool:
    """Whether the Project says where results go, so that the .blend need not be saved."""
    projects = [n for n in film.nodes if n.bl_idname == node_idname("project") and not n.mute]
    folder = projects[0].p_output_folder if projects else ""
    return bool(folder) and Path(folder).is_absolute()


class MOVIE_DIRECTOR_OT_cancel(bpy.types.Operator):
    """Stop making the film; what is finished stays, and Evaluate goes on from there"""

    bl_idname = "movie_director.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context) -> bool:
        film = _film(context)
        found = session.of(film.session_uid) if film is not None else None
        return found is not None and found.run is not None

    def execute(self, context) -> set[str]:
        session.cancel(_film(context).session_uid)
        pump.wake()
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_plan(_RunOperator, bpy.types.Operator):
    """Show what Evaluate would do, and why; nothing is made"""

    bl_idname = "movie_director.plan"
    bl_label = "Plan"

    def execute(self, context) -> set[str]:
        film = _film(context)
        try:
            session.prepare(film)
        except MovieDirectorError as error:
            return _refuse(self, film, error)
        status.touch()
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_show_node(bpy.types.Operator):
    """Go to the node"""

    bl_idname = "movie_director.show_node"
    bl_label = "Show Node"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context) -> bool:
        return space_of(context) is not None

    def execute(self, context) -> set[str]:
        """Enter the groups on the way, select the node, look at it."""
        space = context.space_data
        film = film_of(space)
        found = find(film, self.path)
        if found is None:
            self.report({"WARNING"}, f"There is no node '{self.path}' any more")
            return {"CANCELLED"}
        while len(space.path) > 1:
            space.path.pop()
        groups = self.path.split("/")[:-1]
        for depth in range(len(groups)):
            _, group = find(film, "/".join(groups[: depth + 1]))
            group.id_data.nodes.active = group
            space.path.append(group.tree, node=group)
        tree, node = find(film, self.path)
        for other in tree.nodes:
            other.select = other == node
        tree.nodes.active = node
        region = next(r for r in context.area.regions if r.type == "WINDOW")
        with context.temp_override(region=region):
            if bpy.ops.node.view_selected.poll():
                bpy.ops.node.view_selected()
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_show_node.__annotations__ = {
    "path": bpy.props.StringProperty(options={"SKIP_SAVE"})
}


class MOVIE_DIRECTOR_OT_open_result(bpy.types.Operator):
    """Open the file, or the folder it lies in, as the desktop does"""

    bl_idname = "movie_director.open_result"
    bl_label = "Open"
    bl_options = {"INTERNAL"}

    def execute(self, context) -> set[str]:
        path = Path(self.path)
        if not path.exists():
            self.report({"WARNING"}, f"{path.name} is not there any more; Evaluate makes it again")
            return {"CANCELLED"}
        if sys.platform.startswith("linux") and path.is_file():
            subprocess.Popen(["xdg-open", str(path)])
        else:
            bpy.ops.wm.path_open(filepath=str(path))
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_open_result.__annotations__ = {
    "path": bpy.props.StringProperty(options={"SKIP_SAVE"})
}


def draw_run_buttons(layout, film: int, output: str) -> None:
    """Evaluate, or how far it is and Cancel."""
    found = session.of(film)
    column = layout.column(align=True)
    if found is not None and found.run is not None:
        progress = found.run.progress
        text = f"{progress.done} of {progress.total}"
        column.progress(factor=progress.fraction, text=text)
        column.operator("movie_director.cancel", icon="CANCEL")
        return
    column.scale_y = 1.4
    go = column.operator("movie_director.evaluate", icon="RENDER_ANIMATION")
    go.output = output


def film_and_active(context) -> tuple[int, str]:
    """The film's session id and the active node's path, "" when there is none."""
    space = space_of(context)
    node = space.edit_tree.nodes.active
    return film_of(space).session_uid, path_in(space, node) if node is not None else ""


CLASSES = (
    MOVIE_DIRECTOR_OT_evaluate,
    MOVIE_DIRECTOR_OT_cancel,
    MOVIE_DIRECTOR_OT_plan,
    MOVIE_DIRECTOR_OT_show_node,
    MOVIE_DIRECTOR_OT_open_result,
)
