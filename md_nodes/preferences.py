# SPDX-License-Identifier: GPL-3.0-or-later
"""What people set once for all their films: how much of the machine may be used."""

from __future__ import annotations

import bpy

from ..studio import machine_cores

#: The extension's own name as Blender knows it; the checkout's when run from there.
ADDON = __package__.rpartition(".")[0]


class MovieDirectorPreferences(bpy.types.AddonPreferences):
    """The extension's page in Blender's preferences."""

    bl_idname = ADDON

    def draw(self, context) -> None:
        """One column."""
        column = self.layout.column()
        column.use_property_split = True
        column.prop(self, "cores")
        column.prop(self, "place_strips")
        from . import services  # it draws with the session, which reads these preferences

        column.separator()
        column.label(text="Services")
        services.draw_services(column)


MovieDirectorPreferences.__annotations__ = {
    "cores": bpy.props.IntProperty(
        name="Processor Cores",
        description="How many films' parts are made at once; 0 uses every core",
        default=0,
        min=0,
        max=256,
        soft_max=machine_cores(),
    ),
    "place_strips": bpy.props.BoolProperty(
        name="Film into the Sequencer",
        description="Put what was made into the sequencer when a run ends",
        default=True,
    ),
}


def cores() -> int:
    """How many cores to use; 0 for all."""
    own = _own()
    return own.cores if own is not None else 0


def place_strips() -> bool:
    """Whether a finished film goes into the sequencer."""
    own = _own()
    return own.place_strips if own is not None else True


def _own() -> bpy.types.AddonPreferences | None:
    addon = bpy.context.preferences.addons.get(ADDON)
    return addon.preferences if addon is not None else None


CLASSES = (MovieDirectorPreferences,)
