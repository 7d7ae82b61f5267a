"""Open the example film, press Evaluate, undo and redo while it is made, watch it finish."""

from __future__ import annotations

import bpy
from stage import MODULE

#: The film to be opened: built before the scenario plays.
SCRIPT = "examples/last_train.fountain"


def scenario(stage):
    archive, film = stage.arguments[:2]
    stage.install(archive)
    yield from stage.settle()
    bpy.ops.wm.open_mainfile(filepath=film)
    stage.window = bpy.context.window_manager.windows[0]
    area = stage.area("NODE_EDITOR")
    tree = area.spaces.active.node_tree
    yield from stage.until(lambda: not tree.unseen, "the whole tree is shown", 30)
    yield from stage.shot("tree")
    session = part("session")
    uid = tree.session_uid
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    yield from stage.until(lambda: session.of(uid) and session.of(uid).run, "the run begins")
    yield from through_undo(stage, area, uid, session)
    yield from stage.until(lambda: done(session, uid) >= 5, "five steps are done", 240)
    yield from stage.shot("making")
    yield from stage.until(lambda: not session.of(uid).busy, "the film is made", 900)
    ended = session.of(uid)
    stage.check(not ended.errors, f"nothing failed: {ended.errors}")
    stage.check((ended.folder / "film.mp4").is_file(), "film.mp4 is there")
    keys = [strip.get("md_key") for strip in bpy.context.scene.sequence_editor.strips]
    stage.check(len(keys) == len(set(keys)) > 10, "every strip is there once")
    with stage.in_area(max_area("SEQUENCE_EDITOR")):
        bpy.ops.sequencer.view_all()
    yield from stage.shot("finished")
    yield from into_a_scene(stage, area)


def part(name: str):
    """A module of the installed extension's Blender room."""
    import importlib

    return importlib.import_module(f"{MODULE}.md_nodes.{name}")


def done(session, uid: int) -> int:
    found = session.of(uid)
    return found.run.progress.done if found and found.run else 10**6


def max_area(kind: str):
    areas = bpy.context.window_manager.windows[0].screen.areas
    return max((a for a in areas if a.type == kind), key=lambda a: a.width * a.height)


def through_undo(stage, area, uid: int, session):
    """Change something while the film is made, take it back, do it again."""
    tree = area.spaces.active.edit_tree
    name = next(n.name for n in tree.nodes if n.bl_idname.endswith("_character"))
    with stage.in_area(area):
        bpy.ops.ed.undo_push(message="Before")
        tree.nodes[name].location.x += 60
        bpy.ops.ed.undo_push(message="Moved")
    yield from stage.settle()
    for key in ({"ctrl": True}, {"ctrl": True, "shift": True}):
        region = stage.region(area, "WINDOW")
        yield from stage.move(region.x + 30, region.y + 30)
        stage.press("Z", **key)
        yield from stage.settle(0.6)
        stage.check(session.of(uid) is not None, "the session outlives undo and redo")


def into_a_scene(stage, area):
    """Enter a scene with Tab, look at a shot."""
    area = stage.area("NODE_EDITOR")
    space = area.spaces.active
    tree = space.edit_tree
    for node in tree.nodes:
        node.select = False
    scene = next(n for n in tree.nodes if n.bl_idname.endswith("_group"))
    scene.select, tree.nodes.active = True, scene
    region = stage.region(area, "WINDOW")
    yield from stage.move(region.x + 30, region.y + 30)
    stage.press("TAB")
    yield from stage.until(lambda: len(space.path) == 2, "Tab entered the scene")
    yield from stage.until(lambda: not space.edit_tree.unseen, "the scene is shown whole")
    yield from stage.shot("scene")
    shot = next(n for n in space.edit_tree.nodes if n.bl_idname.endswith("_shot"))
    for node in space.edit_tree.nodes:
        node.select = node == shot
    with stage.in_area(area):
        bpy.ops.node.view_selected()
    yield from stage.shot("shot")
    for node in space.edit_tree.nodes:
        node.select = False
    stage.press("TAB")
    yield from stage.until(lambda: len(space.path) == 1, "Tab left the scene")
