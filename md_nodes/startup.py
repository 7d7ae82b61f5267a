# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the screen when a film made without a window is opened for the first time.

The tree above, the sequencer below, the picture at the right.  Works on Blender's
own first workspace, because that is the one Blender opens.
"""

from __future__ import annotations

import bpy

from .names import TREE

WORKSPACE = "Film"
#: Share of the height that the sequencer gets, and of the width that the tree gets.
_SEQUENCER, _TREE = 0.44, 0.6


def show_film(tree: bpy.types.NodeTree) -> None:
    """Make the open file show ``tree`` and the sequencer; leaves other workspaces alone."""
    window = bpy.context.window
    if window is None:
        return
    screen = window.screen
    big = max(screen.areas, key=lambda area: area.width * area.height)
    # Of two halves the larger one stays the area that was split.
    below = _split(window, screen, big, "HORIZONTAL", _SEQUENCER)
    beside = _split(window, screen, big, "VERTICAL", _TREE)
    _nodes(big, tree)
    for area, view in ((below, "SEQUENCER"), (beside, "PREVIEW")):
        if area is not None:
            _sequencer(area, view)
    window.workspace.name = WORKSPACE
    if hasattr(window.workspace, "sequencer_scene"):
        window.workspace.sequencer_scene = bpy.context.scene


def _split(window, screen, area, direction: str, factor: float) -> bpy.types.Area | None:
    """The new area; None where Blender will not split."""
    before = {other.as_pointer() for other in screen.areas}
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, screen=screen, area=area, region=region):
        if bpy.ops.screen.area_split.poll():
            bpy.ops.screen.area_split(direction=direction, factor=factor)
    return next((other for other in screen.areas if other.as_pointer() not in before), None)


def _nodes(area, tree: bpy.types.NodeTree) -> None:
    area.type = "NODE_EDITOR"
    area.ui_type = TREE
    space = area.spaces.active
    space.tree_type = TREE
    space.node_tree = tree
    space.show_region_ui = True


def _sequencer(area, view: str) -> None:
    area.type = "SEQUENCE_EDITOR"
    area.spaces.active.view_type = view
    area.spaces.active.show_region_toolbar = False
