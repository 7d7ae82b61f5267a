"""Install the zip, switch it on, and look at an empty *Movie Director* editor."""

from __future__ import annotations

import subprocess

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
    the_command(stage)
    region = stage.region(area, "WINDOW")
    yield from stage.move(region.x + region.width / 2, region.y + region.height / 2)
    stage.press("A", shift=True)
    yield from stage.shot("add-menu")
    stage.press("ESC")
    yield from stage.settle()


def the_command(stage):
    """``blender -c movie_director --help`` helps, in a Blender of its own."""
    bpy.ops.wm.save_userpref()
    command = [bpy.app.binary_path, "-c", "movie_director", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    stage.check(said.returncode == 0, f"exit status 0: {said.returncode} {said.stderr[-500:]}")
    stage.check("evaluate" in said.stdout, f"help is printed: {said.stdout[-500:]}")
