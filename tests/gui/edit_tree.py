"""Edit a tree as in Blender's own editors: add, copy, group, undo, mute, a link that makes no sense."""

from __future__ import annotations

import importlib

import bpy
from stage import MODULE

TREE = "MovieDirectorTree"


def scenario(stage):
    (archive,) = stage.arguments[:1]
    stage.install(archive)
    yield from stage.settle()
    area = stage.area("VIEW_3D")
    stage.turn_into(area, TREE)
    yield from stage.until(lambda: area.ui_type == TREE, "the Movie Director editor is open")
    with stage.in_area(area):
        bpy.ops.movie_director.new_film()
    yield from stage.until(lambda: not tree_of(area).unseen, "the new film is shown whole")
    yield from stage.shot("new-film")
    yield from copy_and_group(stage, area)
    yield from a_link_that_makes_no_sense(stage, area)
    yield from the_add_menu(stage, area)


def tree_of(area):
    return area.spaces.active.edit_tree


def nodes(area, kind: str) -> list:
    return [n for n in tree_of(area).nodes if n.bl_idname == f"MovieDirectorNode_{kind}"]


def select(area, *chosen) -> None:
    names = {node.name for node in chosen}
    for node in tree_of(area).nodes:
        node.select = node.name in names
    tree_of(area).nodes.active = chosen[0] if chosen else None


def hover(stage, area):
    region = stage.region(area, "WINDOW")
    yield from stage.move(region.x + 60, region.y + 60)


def copy_and_group(stage, area):
    """Shift-D, then Ctrl-G, Tab, and back with undo."""
    select(area, *nodes(area, "shot"))
    yield from hover(stage, area)
    stage.press("D", shift=True)
    yield from stage.settle()
    stage.press("RET")
    yield from stage.until(lambda: len(nodes(area, "shot")) == 2, "Shift-D copied the shot")
    ids = {node.movie_director_id for node in nodes(area, "shot")}
    stage.check(len(ids) == 2, f"the copy has an id of its own: {ids}")
    select(area, *nodes(area, "shot"), *nodes(area, "sequence"))
    yield from hover(stage, area)
    stage.press("G", ctrl=True)
    space = area.spaces.active
    yield from stage.until(lambda: len(space.path) == 2, "Ctrl-G made a group and entered it")
    yield from stage.shot("group")
    yield from hover(stage, area)
    select(area)
    stage.press("TAB")
    yield from stage.until(lambda: len(space.path) == 1, "Tab left the group")
    (group,) = nodes(area, "group")
    stage.check([s.name for s in group.outputs] == ["Sequence"], "the group puts out a sequence")
    (output,) = nodes(area, "output")
    stage.check(output.inputs["Sequence"].is_linked, "the output is still fed")
    select(area, group)
    yield from hover(stage, area)
    stage.press("M")
    yield from stage.until(lambda: nodes(area, "group")[0].mute, "M muted the group")
    stage.press("M")
    yield from stage.until(lambda: not nodes(area, "group")[0].mute, "M unmuted it")
    stage.press("G", ctrl=True, alt=True)
    yield from stage.until(lambda: len(nodes(area, "shot")) == 2, "Ctrl-Alt-G ungrouped")
    stage.check(nodes(area, "output")[0].inputs["Sequence"].is_linked, "and is still fed")
    stage.press("Z", ctrl=True)
    yield from stage.until(lambda: len(nodes(area, "group")) == 1, "undo brings the group back")
    stage.press("Z", ctrl=True, shift=True)
    yield from stage.until(lambda: len(nodes(area, "shot")) == 2, "redo takes it apart again")


def a_link_that_makes_no_sense(stage, area):
    """It is red, and the node says why."""
    tree = tree_of(area)
    tree.links.new(nodes(area, "shot")[0].outputs[0], nodes(area, "output")[0].inputs["Script"])
    stage.redraw()
    watch = importlib.import_module(f"{MODULE}.md_nodes.watch")

    def found():
        return watch.problems_in(tree_of(area).session_uid)

    yield from stage.until(found, "the problem is found")
    yield from stage.until(
        lambda: any(not link.is_valid for link in tree_of(area).links), "the link is marked"
    )
    yield from stage.shot("problem")


def the_add_menu(stage, area):
    """Shift-A offers the node types by category."""
    yield from hover(stage, area)
    stage.press("A", shift=True)
    yield from stage.shot("add-menu")
    stage.press("ESC")
    yield from stage.settle()
