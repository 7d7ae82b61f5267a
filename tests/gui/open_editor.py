"""Install the zip, switch it on, and look at an empty *Movie Director* editor."""

from __future__ import annotations

import bpy

TREE = "MovieDirectorTree"


def scenario(stage):
    archive = stage.arguments[0]
    yield from stage.shot("blender")
    stage.install(archive)
    yield from stage.settle()
    area = stage.area("VIEW_3D")
    stage.turn_into(area, TREE)
    yield from stage.until(lambda: area.ui_type == TREE, "the Movie Director editor is open")
    tree = bpy.data.node_groups.new("A film", TREE)
    area.spaces.active.node_tree = tree
    yield from stage.shot("editor")
    region = stage.region(area, "WINDOW")
    yield from stage.move(region.x + region.width / 2, region.y + region.height / 2)
    stage.press("A", shift=True)
    yield from stage.shot("add-menu")
    stage.press("ESC")
    yield from stage.settle()
