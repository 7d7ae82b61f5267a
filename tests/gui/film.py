"""Open the example, press Evaluate, work on meanwhile, and find the film in the sequencer."""

from __future__ import annotations

import importlib

import bpy
from stage import MODULE

SCRIPT = "examples/last_train.fountain"
TREE = "MovieDirectorTree"
LONGEST_RUN_S = 240.0
#: A frame with somebody in it, for the pictures.
SEEN_FRAME = 100


def strips(scene) -> list[tuple[str, str, int, int]]:
    """Name, type, channel and first frame of each strip, sorted."""
    return sorted(
        (strip.name, strip.type, strip.channel, int(strip.frame_start))
        for strip in scene.sequence_editor.strips
    )


def open_film(stage, film: str):
    """The file opened, its tree in the largest editor, the Director tab beside it."""
    bpy.ops.wm.open_mainfile(filepath=film)
    yield from stage.settle(1.0)
    area = stage.area("VIEW_3D") if not editors(stage) else editors(stage)[0]
    stage.turn_into(area, TREE)
    yield from stage.until(lambda: area.ui_type == TREE, "the Movie Director editor is open")
    tree = next(each for each in bpy.data.node_groups if each.name == film_name())
    area.spaces.active.node_tree = tree
    yield from stage.settle()
    yield from stage.show_sidebar(area, "Director")
    with stage.in_area(area):
        bpy.ops.node.view_all()
    yield from stage.settle(1.0)
    return area, tree


def editors(stage) -> list:
    return [area for area in stage.window.screen.areas if area.ui_type == TREE]


def film_name() -> str:
    """The tree that holds the film's Output node: groups of it hold none."""
    for tree in bpy.data.node_groups:
        if tree.bl_idname == TREE and any(n.bl_label == "Output" for n in tree.nodes):
            return tree.name
    raise AssertionError("no film in this file")


def look_into_a_scene(stage, area):
    """Tab goes into a group and out again, as everywhere in Blender."""
    tree = bpy.data.node_groups[film_name()]  # asked for anew: undo made another one
    group = next(node for node in tree.nodes if getattr(node, "tree", None))
    for node in tree.nodes:
        node.select = node == group
    tree.nodes.active = group
    yield from stage.hover(area)
    stage.press("TAB")
    space = area.spaces.active
    yield from stage.until(lambda: space.edit_tree == group.tree, "Tab went into the group")
    with stage.in_area(area):
        bpy.ops.node.view_all()
    yield from stage.settle(1.0)
    yield from stage.shot("scene")
    stage.press("TAB")
    yield from stage.until(lambda: space.edit_tree == tree, "Tab went out again")


def scenario(stage):
    archive, film = stage.arguments
    stage.install(archive)
    area, tree = yield from open_film(stage, film)
    session = importlib.import_module(f"{MODULE}.md_nodes.session")
    uid = tree.session_uid
    yield from stage.shot("tree")

    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    yield from stage.until(lambda: session.of(uid) and session.of(uid).run, "the run has begun")
    yield from stage.hover(area)
    stage.press("A")
    yield 0.5
    stage.press("Z", ctrl=True)
    yield from stage.settle(1.0)
    stage.press("Z", ctrl=True, shift=True)
    yield from stage.settle(1.0)
    stage.check(session.of(uid).busy, "undo and redo leave the run alone")
    yield from stage.shot("cooking")
    yield from stage.until(lambda: not session.of(uid).busy, "the run has ended", LONGEST_RUN_S)
    stage.check(not session.of(uid).errors, f"no errors: {session.of(uid).errors}")
    scene = bpy.data.scenes[session.of(uid).scene]
    scene.frame_current = SEEN_FRAME
    stage.press("A", alt=True)
    yield from stage.settle(3.0)
    yield from stage.shot("cooked")
    yield from look_into_a_scene(stage, area)

    placed = strips(scene)
    stage.check({"MOVIE", "SOUND"} <= {kind for _, kind, _, _ in placed}, "picture and sound")
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    yield 1.0
    yield from stage.until(lambda: not session.of(uid).busy, "nothing is made twice", 30.0)
    stage.check(strips(scene) == placed, "strips are replaced, not doubled")

    stage.turn_into(area, "SEQUENCE_EDITOR")
    yield from stage.settle()
    with stage.in_area(area):
        bpy.ops.sequencer.view_all()
        bpy.ops.sequencer.select_all(action="DESELECT")
    yield from stage.settle(3.0)
    yield from stage.shot("sequencer")
