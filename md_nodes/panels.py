# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar: the run, the plan, what is wrong, what came of a node, a group's sockets."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping

import bpy

from ..core.amounts import amount
from ..core.explain import Told, duration_words
from ..core.graph import GROUP_INPUT, GROUP_OUTPUT
from ..core.making import Making
from ..core.plan import Plan
from ..core.step import Stage, StepId
from . import interface, session, status, watch
from .evaluate import draw_run_buttons, film_and_active
from .failures import failures_of
from .looks import STATES, draw_error
from .making import draw_ways
from .names import TREE
from .sidebar import NodePanel, SidebarPanel
from .where import film_of, space_of

#: Node units the sidebar is wide, for wrapping; most entries of a list that are shown.
_WIDTH, _MOST = 250.0, 12


class MOVIE_DIRECTOR_PT_run(SidebarPanel, bpy.types.Panel):
    """Making the film."""

    bl_label = "Film"
    bl_order = 0

    def draw(self, context) -> None:
        """Buttons, then how far it is, then how it ended."""
        layout = self.layout
        film = film_of(space_of(context)).session_uid
        found = session.of(film)
        draw_run_buttons(layout, film, found.output if found is not None else "")
        if found is None or found.run is None:
            row = layout.row(align=True)
            row.operator("movie_director.plan", icon="PRESET")
            if found is not None:
                row.operator(
                    "movie_director.open_result", text="Folder", icon="FILE_FOLDER"
                ).path = str(found.folder)
        refused = session.refused.get(film)
        if refused is not None:
            draw_error(layout, refused.what, refused.remedy, _WIDTH)
            if refused.where:
                go = layout.operator("movie_director.show_node", icon="VIEWZOOM")
                go.path = refused.where
        if found is not None:
            _draw_run(layout, found)


def _draw_run(layout, found: session.Session) -> None:
    if found.run is not None:
        progress = found.run.progress
        for stage, planned in zip(progress.stages, found.plan.stages, strict=True):
            counted = f"{stage.done} of {stage.total}"
            layout.progress(factor=stage.fraction, text=f"{_stage_words(planned)}  {counted}")
        row = layout.row()
        row.label(text=f"About {duration_words(progress.eta_s)} to go", icon="TIME")
        _draw_memory(layout, found.run.allocation)
        column = layout.column(align=True)
        column.scale_y = 0.85
        for id in found.board.cooking[:6]:
            label = found.plan.steps[id].label
            column.label(text=textwrap.shorten(label, 44, placeholder="…"), icon="PLAY")
            draw_ways(column, [found.making[id]], _WIDTH)
        if progress.warning:
            draw_error(layout, progress.warning, "", _WIDTH)
    elif found.placing is not None:
        layout.label(text="Into the sequencer…", icon="SEQUENCE")
    elif found.ended:
        icon = "ERROR" if found.errors else "CANCEL" if found.cancelled else "CHECKMARK"
        column = layout.column(align=True)
        column.scale_y = 0.85
        for line in textwrap.wrap(found.ended, 38):
            column.label(text=line, icon=icon)
            icon = "BLANK1"
        for name in ("film.mp4", "storyboard.pdf"):
            path = found.folder / name
            if path.is_file():
                play = layout.operator("movie_director.open_result", text=name, icon="PLAY")
                play.path = str(path)


def _draw_memory(layout, devices) -> None:
    """Who holds how much of each device with models in it now, against what may be used."""
    for device in devices:
        if not device.has_models:
            continue
        used = f"{device.device}: {amount(device.bytes)} of {amount(device.budget_bytes)}"
        layout.progress(factor=device.fraction, text=used)
        column = layout.column(align=True)
        column.scale_y = 0.85
        for holding in device.holdings:
            for model, size in holding.models:
                column.label(text=f"{model}  {amount(size)}", icon="PACKAGE")
            if holding.work_bytes:
                column.label(text=f"{holding.service} works in {amount(holding.work_bytes)}")
        if device.freeing:
            column.label(text="Memory is being given back", icon="LOOP_BACK")
        if device.seen_bytes >= 0:
            of = f"{amount(device.seen_bytes)} of {amount(device.total_bytes)}"
            column.label(text=f"In use on the card: {of}")


def _stage_words(stage: Stage) -> str:
    """What a stage makes, in a filmmaker's words."""
    kinds = dict.fromkeys(str(placed.step.kind) for placed in stage.steps)
    words = [_MADE.get(kind, kind.capitalize()) for kind in kinds]
    return ", ".join(words) if len(words) <= 3 else f"{', '.join(words[:2])} and more"


#: Kind of step → what comes of it.
_MADE = {
    "speech": "Voices", "voice_conversion": "Voices", "voice_training": "Voices",
    "lora_training": "Likenesses", "sound": "Sounds", "ambience": "Ambience", "music": "Music",
    "view": "Places", "clip": "Pictures", "interpolation": "Smooth motion", "upscale": "Larger pictures", "cut": "Cut", "mix": "Mix", "film": "Film", "otio": "Edit list",
    "subtitles": "Subtitles", "storyboard": "Storyboard",
}  # fmt: skip


class MOVIE_DIRECTOR_PT_plan(SidebarPanel, bpy.types.Panel):
    """What is to be done, where and why."""

    bl_label = "Plan"
    bl_order = 1
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        return space is not None and session.of(film_of(space).session_uid) is not None

    def draw(self, context) -> None:
        found = session.of(film_of(space_of(context)).session_uid)
        _draw_plan(self.layout, found.plan, found.told, found.making)


def _draw_plan(layout, plan: Plan, told: Told, making: Mapping[StepId, Making]) -> None:
    to_do = len(plan.to_do)
    text = f"{to_do} of {len(plan.steps)} steps to do" if to_do else "Nothing to do"
    layout.label(text=text, icon="PRESET")
    if not to_do:
        return
    column = layout.column(align=True)
    column.scale_y = 0.85
    for line in told.lines[:_MOST]:
        for part in textwrap.wrap(line, 44):
            column.label(text=part)
    for number, stage in enumerate(plan.stages[:_MOST], 1):
        kinds = Counter(str(placed.step.kind) for placed in stage.steps)
        layout.label(text=f"{number}: {_stage_words(stage)} ({stage.service})", icon="SYSTEM")
        column = layout.column(align=True)
        column.scale_y = 0.85
        for kind, count in kinds.items():
            column.label(text=f"{count} × {kind.replace('_', ' ')}", icon="BLANK1")
        draw_ways(column, [making[placed.step.id] for placed in stage.steps], _WIDTH)
        for line in told.cuts[number - 1]:
            for part in textwrap.wrap(line, 42):
                column.label(text=part, icon="BLANK1")
    if len(plan.stages) > _MOST:
        layout.label(text=f"and {len(plan.stages) - _MOST} more stages")
    column = layout.column(align=True)
    column.label(text="Why")
    for id, why in list(plan.dirty.items())[:_MOST]:
        row = column.row(align=True)
        row.scale_y = 0.85
        step = plan.steps[id]
        text = textwrap.shorten(f"{step.label}: {why.text}", 48, placeholder="…")
        row.label(text=text)
        row.operator("movie_director.show_node", text="", icon="VIEWZOOM", emboss=False).path = str(
            step.node
        )
    if len(plan.dirty) > _MOST:
        column.label(text=f"and {len(plan.dirty) - _MOST} more")


class MOVIE_DIRECTOR_PT_problems(SidebarPanel, bpy.types.Panel):
    """What keeps the film from being made."""

    bl_label = "Problems"
    bl_order = 2

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        return space is not None and bool(_problems(film_of(space).session_uid))

    def draw(self, context) -> None:
        film = film_of(space_of(context)).session_uid
        for path, what, remedy in _problems(film)[:_MOST]:
            box = self.layout.box()
            if path:
                row = box.row(align=True)
                row.label(text=path.rpartition("/")[2], icon="NODE")
                row.operator("movie_director.show_node", text="", icon="VIEWZOOM").path = path
            draw_error(box, what, remedy, _WIDTH)


def _problems(film: int) -> list[tuple[str, str, str]]:
    """Node, what is wrong and what to do: of links, then of the last run."""
    found = [(p.target[0], p.reason, p.remedy) for p in watch.problems_in(film)]
    trouble = watch.trouble_with(film)
    if trouble is not None:
        found.append((trouble.where, trouble.what, trouble.remedy))
    known = session.of(film)
    if known is not None:
        found += [(error.where, error.what, error.remedy) for error in known.errors]
        remarks = (*known.notes, *known.drift)
        found += [(remark.where, remark.what, remark.remedy) for remark in remarks]
        found += [("", f"'{name}' is not in the sequencer.", "Evaluate.") for name in known.missing]
    return list(dict.fromkeys(found))


class MOVIE_DIRECTOR_PT_node(NodePanel, bpy.types.Panel):
    """The active node: its state and what came of it."""

    bl_label = "Result"
    bl_order = 3

    @classmethod
    def says(cls, context) -> bool:
        return bool(status.of(*film_and_active(context)).state)

    def draw(self, context) -> None:
        layout = self.layout
        film, path = film_and_active(context)
        known = status.of(film, path)
        icon, word = STATES.get(known.state, ("QUESTION", known.state))
        layout.label(text=f"{word} {known.note}".strip(), icon=icon)
        if known.what and not failures_of(film, path):  # those are told in full below
            draw_error(layout, known.what, known.remedy, _WIDTH)
        for file in known.files[:_MOST]:
            row = layout.row(align=True)
            row.operator("movie_director.open_result", text=file.name, icon="PLAY").path = str(file)
            row.operator("movie_director.open_result", text="", icon="FILE_FOLDER").path = str(
                file.parent
            )
        again = layout.operator("movie_director.evaluate", text="Make This Node Again")
        again.node, again.force = path, True


class MOVIE_DIRECTOR_PT_interface(SidebarPanel, bpy.types.Panel):
    """The sockets of the group that is shown."""

    bl_label = "Group Sockets"
    bl_order = 4

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        return space is not None and (len(space.path) > 1 or space.edit_tree.is_group)

    def draw(self, context) -> None:
        tree = space_of(context).edit_tree
        for side, title in ((GROUP_INPUT, "Inputs"), (GROUP_OUTPUT, "Outputs")):
            row = self.layout.row()
            row.label(text=title)
            row.operator("movie_director.interface_add", text="", icon="ADD").side = side
            column = self.layout.column(align=True)
            for name, socket in interface.interface_of(tree, side).items():
                _draw_socket(column.row(align=True), side, name, interface.title_of(socket))


def _draw_socket(row, side: str, name: str, title: str) -> None:
    words = (
        ("interface_rename", title, "NONE"),
        ("interface_move", "", "TRIA_UP"),
        ("interface_move", "", "TRIA_DOWN"),
        ("interface_remove", "", "REMOVE"),
    )
    for action, text, icon in words:
        button = row.operator(f"movie_director.{action}", text=text, icon=icon)
        button.side, button.socket = side, name
        if action == "interface_move":
            button.step = -1 if icon == "TRIA_UP" else 1


def draw_header(self, context) -> None:
    """Ways to the first film in an editor that shows none, and how to leave a group."""
    space = context.space_data
    if space.tree_type != TREE:
        return
    if space.edit_tree is None:
        self.layout.operator("movie_director.new_film", icon="ADD")
        self.layout.operator("movie_director.open_screenplay", icon="FILE_TEXT")
    elif len(space.path) > 1:
        self.layout.operator(
            "movie_director.group_leave", text="Back to the Film", icon="LOOP_BACK"
        )


CLASSES = (
    MOVIE_DIRECTOR_PT_run,
    MOVIE_DIRECTOR_PT_plan,
    MOVIE_DIRECTOR_PT_problems,
    MOVIE_DIRECTOR_PT_node,
    MOVIE_DIRECTOR_PT_interface,
)


def register() -> None:
    """Add to the editor's header."""
    bpy.types.NODE_HT_header.append(draw_header)


def unregister() -> None:
    """Take it out again."""
    bpy.types.NODE_HT_header.remove(draw_header)
