"""The first minute: an empty editor, a new film, a film never saved, a script, its next draft."""

from __future__ import annotations

import importlib

import bpy
from stage import MODULE, OUT

TREE = "MovieDirectorTree"
FIRST = """Title: The Door

INT. KITCHEN - NIGHT

ANNA (30s) stands at the door.

ANNA
Who is there?

EXT. GARDEN - NIGHT

Nobody. Wind in the trees.
"""
SECOND = FIRST.replace("Who is there?", "Is it you again?")


def scenario(stage):
    (archive,) = stage.arguments[:1]
    stage.install(archive)
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    area = stage.area("VIEW_3D")
    stage.turn_into(area, TREE)
    yield from stage.until(lambda: area.ui_type == TREE, "the Movie Director editor is open")
    yield from stage.settle()
    yield from stage.find_button(area, "movie_director.open_screenplay", "HEADER")
    yield from stage.shot("empty")
    yield from stage.press_button(area, "movie_director.new_film", "HEADER")
    yield from stage.until(lambda: area.spaces.active.edit_tree, "there is a film")
    area = yield from never_saved(stage, area)
    script = OUT / "door.fountain"
    script.write_text(FIRST, encoding="utf-8")
    yield from break_down(stage, area, script)
    yield from the_next_draft(stage, area, script)
    yield from what_is_missing(stage, area)


def film():
    return next(
        tree for tree in bpy.data.node_groups if tree.bl_idname == TREE and not tree.is_group
    )


def all_of(kind: str) -> list:
    """Every node of a type, in groups too."""
    return [
        node
        for tree in bpy.data.node_groups
        for node in tree.nodes
        if node.bl_idname == f"MovieDirectorNode_{kind}"
    ]


def never_saved(stage, area):
    """Evaluate asks where to save, and nothing is lost when that is left."""
    nodes = len(film().nodes)
    yield from stage.show_sidebar(area, "Director")
    yield from stage.press_button(area, "movie_director.evaluate", "UI")

    def asking():
        return any(each.type == "FILE_BROWSER" for each in stage.window.screen.areas)

    yield from stage.until(asking, "Evaluate asks where to save")
    yield from stage.shot("never-saved")
    yield from stage.hover(stage.area("FILE_BROWSER"))
    stage.press("ESC")
    yield from stage.until(lambda: not asking(), "the question can be left")
    stage.check(len(film().nodes) == nodes, "nothing is lost")
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "door.blend"))
    yield from stage.settle()
    return stage.of_kind(TREE)


def press_on_node(stage, area, name: str, operator: str):
    """Press a button that lies on a node."""
    node = film().nodes[name]
    for other in film().nodes:
        other.select = other.name == name
    with stage.in_area(area):
        bpy.ops.node.view_selected()
    yield from stage.settle(1.0)
    region = stage.region(area, "WINDOW")
    x, _ = stage.node_position(area, node)
    right = region.view2d.view_to_region(node.location.x + node.width, 0, clip=False)[0]
    across = ((x - region.x) * 0.6 + right * 0.4) / region.width
    yield from stage.press_button(area, operator, "WINDOW", across)


def break_down(stage, area, script):
    """A Script node, its file, and the button on it."""
    node = film().nodes.new("MovieDirectorNode_script")
    node.location = (-400, 0)
    node.p_file = str(script)
    area.spaces.active.show_region_ui = False
    yield from stage.settle()
    yield from press_on_node(stage, area, node.name, "movie_director.break_down")
    yield from stage.until(lambda: len(all_of("group")) == 2, "each scene became a group")
    stage.check([n.p_line for n in all_of("dialogue")] == ["Who is there?"], "the line is there")
    stage.check(film().nodes[0].id_data.name, "the film is still the one that was shown")
    yield from stage.settle(1.0)
    yield from stage.shot("broken-down")


def the_next_draft(stage, area, script):
    """What changed is shown, and taken with Return."""
    script.write_text(SECOND, encoding="utf-8")
    name = next(n.name for n in film().nodes if n.bl_idname == "MovieDirectorNode_script")
    yield from press_on_node(stage, area, name, "movie_director.break_down")
    yield from stage.settle(1.0)
    yield from stage.shot("next-draft")
    stage.press("RET")

    def lines():
        return [node.p_line for node in all_of("dialogue")]

    yield from stage.until(lambda: lines() == ["Is it you again?"], "the new draft is taken")


def what_is_missing(stage, area):
    """A file that is not there: the node says so, and what to do."""
    session = importlib.import_module(f"{MODULE}.md_nodes.session")
    all_of("shot")[0].p_media = "//no_such_picture.png"
    yield from stage.show_sidebar(area, "Director")
    with stage.in_area(area):
        bpy.ops.node.view_all()
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    uid = film().session_uid
    yield 1.0
    yield from stage.until(
        lambda: uid in session.refused or (session.of(uid) and not session.of(uid).busy),
        "the run is refused or has ended",
        120.0,
    )
    told = [session.refused[uid]] if uid in session.refused else session.of(uid).errors
    stage.check(told and told[0].remedy, "it is said what to do")
    with stage.in_area(area):
        bpy.ops.movie_director.show_node(path=told[0].where)
    yield from stage.settle(1.0)
    yield from stage.shot("missing")
