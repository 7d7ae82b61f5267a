"""Run one scenario inside Blender's window and write down how it ended.

    blender --enable-event-simulate --python play.py -- SCENARIO [ARGUMENT...]

SCENARIO is the name of a file beside this one with a generator function
``scenario(stage)``.  ``result.json`` in $BLENDER_GUI_OUT says ``{"passed", "error"}``.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
import traceback

import bpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import stage as stages  # noqa: E402 - only now is this folder in reach


def perform():
    """Step the scenario from a timer until it ends, well or badly; then leave Blender."""
    name, *arguments = stages.arguments()
    error = ""
    try:
        yield 1.0
        yield from importlib.import_module(name).scenario(stages.Stage(arguments))
    except Exception:  # whatever went wrong is the result
        error = traceback.format_exc()
        stages.take_picture("failed")
    result = {"passed": not error, "error": error}
    (stages.OUT / "result.json").write_text(json.dumps(result), encoding="utf-8")
    bpy.ops.wm.quit_blender()


bpy.context.preferences.view.show_splash = False  # at once: it would take the first click
play = perform()
bpy.app.timers.register(lambda: next(play, None), first_interval=1.0, persistent=True)
