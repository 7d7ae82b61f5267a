# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed at a node, kept across reloads to be looked at, and tried again.

What was tried, with which inputs, what the service said, and the files that were begun come from
the project's journal (``core.store.failed``); so they are there in whatever Blender opens the film.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import bpy

from ..core.store import Failure
from . import session
from .evaluate import film_and_active
from .looks import draw_error, letters
from .making import steps_for
from .sidebar import NodePanel
from .where import film_of, space_of

#: Node units the sidebar is wide; files of a kind and lines of a log that are shown.
_WIDTH, _FILES, _LINES = 250.0, 6, 8


def failures_of(film: int, path: str) -> list[Failure]:
    """What failed of a node's own work when it was last tried, and is still wanted."""
    found = session.of(film)
    if found is None:
        return []
    return [found.failures[id] for id in steps_for(found, path) if id in found.failures]


class MOVIE_DIRECTOR_PT_failures(NodePanel, bpy.types.Panel):
    """What failed at the active node: inputs, log, what was begun"""

    bl_label = "What Went Wrong"
    bl_order = 3

    @classmethod
    def says(cls, context) -> bool:
        return bool(failures_of(*film_and_active(context)))

    def draw(self, context) -> None:
        film, path = film_and_active(context)
        draw_failures(self.layout, failures_of(film, path), path)


def draw_failures(layout, failures: Iterable[Failure], path: str) -> None:
    """Each failure with all that is known of it, and the way to try again."""
    for failure in failures:
        column = layout.box().column(align=True)
        column.scale_y = 0.85
        _draw_failure(column, failure)
    again = layout.operator("movie_director.evaluate", text="Try Again", icon="FILE_REFRESH")
    again.node = path


def _draw_failure(column, failure: Failure) -> None:
    record, room = failure.record, letters(_WIDTH)
    column.label(text=textwrap.shorten(record.label, room, placeholder="…"))
    draw_error(column, failure.error.what, failure.error.remedy, _WIDTH)
    tried = f"{record.service}, attempt {record.attempt}, {_when(record.when)}"
    for line in textwrap.wrap(tried, room):
        column.label(text=line, icon="BLANK1")
    _draw_files(column, "Inputs", [Path(path) for path in record.inputs.values()])
    _draw_files(column, "Left Behind", failure.files)
    if record.log:
        _draw_log(column, failure)


def _draw_files(column, title: str, files: Iterable[Path]) -> None:
    files = list(files)
    if files:
        column.label(text=title)
    for file in files[:_FILES]:
        show = column.operator("movie_director.open_result", text=file.name, icon="FILE")
        show.path = str(file)
    if len(files) > _FILES:
        column.label(text=f"and {len(files) - _FILES} more", icon="BLANK1")


def _draw_log(column, failure: Failure) -> None:
    """The end of what was said: what went wrong stands there."""
    row = column.row(align=True)
    row.label(text="Log")
    row.operator("movie_director.show_log", text="", icon="TEXT").step = failure.record.step
    room = letters(_WIDTH)
    for line in failure.record.log.strip().splitlines()[-_LINES:]:
        column.label(text=textwrap.shorten(line, room, placeholder="…") or " ")


def _when(utc: str) -> str:
    """A time as a person here reads it: "24 Nov, 18:05"."""
    try:
        return f"{datetime.fromisoformat(utc).astimezone():%d %b, %H:%M}"
    except ValueError:
        return utc


class MOVIE_DIRECTOR_OT_show_log(bpy.types.Operator):
    """Put the whole log into a text that any text editor here shows"""

    bl_idname = "movie_director.show_log"
    bl_label = "Show Log"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context) -> bool:
        return space_of(context) is not None

    def execute(self, context) -> set[str]:
        found = session.of(film_of(space_of(context)).session_uid)
        failure = found.failures.get(self.step) if found is not None else None
        if failure is None:
            self.report({"WARNING"}, "It is made by now")
            return {"CANCELLED"}
        text = bpy.data.texts.new(f"Log of {failure.record.label}")
        text.write(failure.record.log)
        self.report({"INFO"}, f"The log is in the text '{text.name}'")
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_show_log.__annotations__ = {
    "step": bpy.props.StringProperty(options={"SKIP_SAVE"})
}

CLASSES = (MOVIE_DIRECTOR_OT_show_log, MOVIE_DIRECTOR_PT_failures)
