"""Open the example, press Evaluate, work on meanwhile, and find the film in the sequencer."""

from __future__ import annotations

import importlib

import bpy
from stage import MODULE

SCRIPT = "examples/last_train.fountain"
TREE = "MovieDirectorTree"
LONGEST_RUN_S = 240.0
#: A frame with somebody in it, for the pictures.
SEEN_FRAME = 880
#: Share of the work after which a run is worth a picture.
FAR = 0.4


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


def look_whole(stage, area):
    """All of what an editor shows, without the sidebar over it."""
    area.spaces.active.show_region_ui = False
    yield from stage.settle()
    with stage.in_area(area):
        bpy.ops.node.view_all()
    yield from stage.settle(1.0)


def look_beside_the_sidebar(stage, area):
    """All of it, between the left edge and the sidebar."""
    area.spaces.active.show_region_ui = True
    yield from stage.settle()
    with stage.in_area(area):
        bpy.ops.node.view_all()
    yield from stage.settle(0.6)
    with stage.in_area(area):
        bpy.ops.view2d.zoom_out()
        bpy.ops.view2d.pan(deltax=stage.region(area, "UI").width // 2, deltay=0)
    yield from stage.settle()


def overlapping(tree) -> list[tuple[str, str]]:
    """Pairs of nodes that cover each other as they are drawn now."""
    scale = bpy.context.preferences.system.ui_scale
    boxes = []
    for node in tree.nodes:
        place, size = node.location_absolute, node.dimensions / scale
        boxes.append((node.name, place.x, place.y, place.x + size.x, place.y - size.y))
    return [
        (one[0], two[0])
        for number, one in enumerate(boxes)
        for two in boxes[:number]
        if one[1] < two[3] and two[1] < one[3] and one[4] < two[2] and two[4] < one[2]
    ]


def look_into_the_scenes(stage, area):
    """Tab goes into a group and out again, as everywhere in Blender; no node covers another."""
    space = area.spaces.active
    tree = bpy.data.node_groups[film_name()]  # asked for anew: undo made another one
    stage.check(not overlapping(tree), f"nodes lie apart: {overlapping(tree)}")
    for number, name in enumerate(
        [node.name for node in tree.nodes if getattr(node, "tree", None)]
    ):
        for node in tree.nodes:
            node.select = node.name == name
        tree.nodes.active = tree.nodes[name]
        yield from stage.hover(area)
        stage.press("TAB")
        inner = tree.nodes[name].tree
        yield from stage.until(lambda inner=inner: space.edit_tree == inner, "Tab went inside")
        yield from look_whole(stage, area)
        if number == 0:
            yield from stage.shot("scene")
        stage.check(not overlapping(inner), f"{name}: nodes lie apart: {overlapping(inner)}")
        stage.press("TAB")
        yield from stage.until(lambda: space.edit_tree == tree, "Tab went out again")


def scenario(stage):
    archive, film = stage.arguments
    stage.install(archive)
    area, tree = yield from open_film(stage, film)
    session = importlib.import_module(f"{MODULE}.md_nodes.session")
    uid = tree.session_uid
    yield from stage.shot("opened")

    area = yield from stage.maximise(area)
    yield from look_beside_the_sidebar(stage, area)
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
    stage.press("A", alt=True)
    yield from stage.until(
        lambda: far(session.of(uid)), "the run is well on its way", LONGEST_RUN_S
    )
    yield from stage.shot("running")
    yield from stage.until(lambda: not session.of(uid).busy, "the run has ended", LONGEST_RUN_S)
    stage.check(not session.of(uid).errors, f"no errors: {session.of(uid).errors}")
    yield from look_whole(stage, area)
    yield from stage.settle(1.0)
    yield from stage.shot("tree")
    yield from look_into_the_scenes(stage, area)

    scene = bpy.data.scenes[session.of(uid).scene]
    placed = strips(scene)
    stage.check({"MOVIE", "SOUND"} <= {kind for _, kind, _, _ in placed}, "picture and sound")
    area = yield from stage.restore(TREE)
    area.spaces.active.show_region_ui = True
    yield from stage.settle()
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    yield 1.0
    yield from stage.until(lambda: not session.of(uid).busy, "nothing is made twice", 30.0)
    stage.check(strips(scene) == placed, "strips are replaced, not doubled")
    yield from look_at_the_sequencer(stage, area, scene)


def far(session) -> bool:
    """Nearly half done, or done already on a fast machine."""
    return session.run is None or session.run.progress.fraction > FAR


def look_at_the_sequencer(stage, area, scene):
    """The tree, the picture and the strips on one screen."""
    scene.frame_current = SEEN_FRAME
    area.spaces.active.show_region_ui = False
    yield from look_whole(stage, area)
    for strip in scene.sequence_editor.strips:
        strip.select = False
    importlib.import_module(f"{MODULE}.md_nodes.where").show_sequence()
    yield from stage.settle(3.0)
    yield from stage.shot("sequencer")
