# SPDX-License-Identifier: GPL-3.0-or-later
"""The film's sounds with the scenes that use them, and its scenes with their sounds.

Read from the plan (``core.audio_uses``), so it is there before anything was made.  Each name leads
to its node.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import bpy

from ..core.audio_uses import AudioUse, audio_by_scene
from . import session
from .sidebar import SidebarPanel
from .where import film_of, space_of

#: Which way round it is shown: a property of the window manager, so no file remembers it.
_WAY = "movie_director_sounds"
#: Names that are listed, and letters of one.
_MOST, _LETTERS = 60, 36
_ICONS = {"dialogue": "USER", "effects": "SPEAKER", "ambience": "WORLD", "music": "SOUND"}


class MOVIE_DIRECTOR_PT_sounds(SidebarPanel, bpy.types.Panel):
    """Which scene uses which sound"""

    bl_label = "Sounds"
    bl_order = 4
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        found = session.of(film_of(space).session_uid) if space is not None else None
        return found is not None and bool(found.sounds)

    def draw(self, context) -> None:
        found = session.of(film_of(space_of(context)).session_uid)
        self.layout.row().prop(context.window_manager, _WAY, expand=True)
        by_scene = getattr(context.window_manager, _WAY) == "scenes"
        draw = draw_scenes if by_scene else draw_sounds
        draw(self.layout, found.sounds)


def draw_sounds(layout, uses: Iterable[AudioUse]) -> None:
    """Each sound, and under it the scenes that use it."""
    _draw_lists(
        layout,
        [
            (
                (use.name, use.node, _ICONS[use.track]),
                [(s.name, s.node, "BLANK1") for s in use.scenes],
            )
            for use in uses
        ],
    )


def draw_scenes(layout, uses: Iterable[AudioUse]) -> None:
    """Each scene, and under it the sounds it uses."""
    _draw_lists(
        layout,
        [
            (
                (scene.name, scene.node, "SEQUENCE"),
                [(u.name, u.node, _ICONS[u.track]) for u in used],
            )
            for scene, used in audio_by_scene(uses).items()
        ],
    )


#: What is written, the node it leads to, and an icon.
_Name = tuple[str, str, str]


def _draw_lists(layout, lists: list[tuple[_Name, list[_Name]]]) -> None:
    left = _MOST
    for head, below in lists:
        if left <= 0:
            break
        column = layout.column(align=True)
        _draw_name(column, head)
        column = column.column(align=True)
        column.scale_y = 0.85
        for name in below[:left]:
            _draw_name(column, name, within=True)
        left -= 1 + len(below)
    hidden = sum(1 + len(below) for _, below in lists) - _MOST
    if hidden > 0:
        layout.label(text=f"and {hidden} more")


def _draw_name(column, name: _Name, *, within: bool = False) -> None:
    text, node, icon = name
    row = column.row(align=True)
    if within:
        row.separator(factor=2.0)
    row.label(text=textwrap.shorten(text, _LETTERS, placeholder="…"), icon=icon)
    if node:
        show = row.operator("movie_director.show_node", text="", icon="VIEWZOOM", emboss=False)
        show.path = node


CLASSES = (MOVIE_DIRECTOR_PT_sounds,)


def register() -> None:
    """Give the window manager the way round."""
    ways = [
        ("sounds", "By Sound", "Each sound with the scenes that use it"),
        ("scenes", "By Scene", "Each scene with the sounds it uses"),
    ]
    chosen = bpy.props.EnumProperty(name="Sounds", items=ways, options={"SKIP_SAVE"})
    setattr(bpy.types.WindowManager, _WAY, chosen)


def unregister() -> None:
    """Take it away again."""
    delattr(bpy.types.WindowManager, _WAY)
