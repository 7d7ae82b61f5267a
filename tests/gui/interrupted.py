"""Cancel a run and go on; a film never saved; another file opened, and Blender left, during a run."""

from __future__ import annotations

import atexit
import importlib
import os
import pathlib
import sys
import time

import bpy
from film import LONGEST_RUN_S, film_name, open_film
from stage import MODULE

SCRIPT = "examples/last_train.fountain"


def scene_of_file():
    """The one scene of the film's file, asked for anew."""
    return bpy.data.scenes[0]


def helpers() -> set[int]:
    """Process ids of everything that Blender started and that still lives (Linux)."""
    found = set()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.add(int(folder.name))
    return found


def complain(begun: set[int]) -> None:
    """Say what outlived Blender; the window test takes it for an error."""
    deadline = time.monotonic() + 10.0
    while (left := begun & helpers()) and time.monotonic() < deadline:
        time.sleep(0.05)
    sys.stdout.write(f"Error: processes are left: {left}\n" if left else "No process is left.\n")
    sys.stdout.flush()


def begin(stage, area, session):
    """Press Evaluate and wait until something is being made; the film's session id."""
    yield from stage.show_sidebar(area, "Director")
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    uid = bpy.data.node_groups[film_name()].session_uid
    yield from stage.until(lambda: session.of(uid) and session.of(uid).run, "the run has begun")
    yield from stage.until(lambda: session.of(uid).run.progress.done > 1, "something was made")
    return uid


def scenario(stage):
    archive, film = stage.arguments
    stage.install(archive)
    area, _ = yield from open_film(stage, film)
    session = importlib.import_module(f"{MODULE}.md_nodes.session")

    uid = yield from begin(stage, area, session)
    yield from stage.press_button(area, "movie_director.cancel", "UI")
    yield from stage.until(lambda: not session.of(uid).busy, "Cancel ends the run")
    stage.check(session.of(uid).ended.startswith("Cancelled"), session.of(uid).ended)
    left = len(session.of(uid).plan.to_do)
    yield from stage.shot("cancelled")

    begun = helpers()
    uid = yield from begin(stage, area, session)
    stage.check(len(session.of(uid).plan.to_do) < left, "what was finished is not made again")
    made = session.of(uid).run.progress.done
    stage.check(made > 0, "it goes on")
    bpy.ops.wm.open_mainfile(filepath=film)
    yield from stage.settle(1.0)
    stage.check(not session.busy(), "opening a file ends the run")

    area, _ = yield from open_film(stage, film)
    uid = yield from begin(stage, area, session)
    yield from stage.until(lambda: not session.of(uid).busy, "it is finished", LONGEST_RUN_S)
    stage.check(not session.of(uid).errors, f"no errors: {session.of(uid).errors}")
    strips = len(scene_of_file().sequence_editor.strips)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=film)
    yield from stage.settle(2.0)
    uid = bpy.data.node_groups[film_name()].session_uid
    stage.check(len(scene_of_file().sequence_editor.strips) == strips, "strips are kept")
    yield from stage.until(lambda: session.of(uid), "results are found again")
    stage.check(not session.of(uid).plan.to_do, "and nothing is to be made")

    area, _ = yield from open_film(stage, film)
    for each in bpy.data.node_groups:
        for node in each.nodes:
            if node.bl_idname == "MovieDirectorNode_shot":
                node.p_action = f"{node.p_action} Slowly."
    yield from begin(stage, area, session)
    yield from stage.shot("leaving")
    atexit.register(complain, begun | helpers())  # when Blender has left, during the run
