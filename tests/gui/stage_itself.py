"""The stage's own hands and eyes, tried on Blender's interface: keys, typing, buttons, pictures."""

from __future__ import annotations

import bpy
from stage import OUT


def scenario(stage):
    view = stage.area("VIEW_3D")
    region = stage.region(view, "WINDOW")
    yield from stage.move(region.x + 200, region.y + 200)
    stage.press("A", alt=True)
    yield from stage.until(lambda: not bpy.context.selected_objects, "Alt-A selected nothing")
    stage.press("A")
    yield from stage.until(lambda: bpy.context.selected_objects, "A selected everything")
    stage.turn_into(view, "TEXT_EDITOR")
    yield from stage.settle()
    yield from stage.press_button(view, "text.new", "HEADER")
    yield from stage.until(lambda: bpy.data.texts, "the New button made a text")
    yield from stage.move(region.x + 200, region.y + 200)
    stage.write("two 2")
    written = bpy.data.texts[0]
    yield from stage.until(lambda: "two 2" in written.as_string(), "the words arrived")
    yield from stage.shot("text")
    stage.check((OUT / "text.png").stat().st_size > 10_000, "the picture shows something")
