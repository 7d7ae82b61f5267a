# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished film in the sequencer: strips made, renewed and removed.

A strip of ours carries what it stands for.  The next run touches only what
changed: strips of other outputs, and those people made, stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import bpy

from ..core.edit import Edit
from ..core.step import Artifact, StepId
from .names import STRIP_KEY
from .strip_plan import StripPlan, Taken, plan_strips

_OUTPUT, _SPEC, _MARKERS = "md_output", "md_spec", "md_markers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What is to be placed.  ``output`` is the Output node's path; ``scene`` Blender's name."""

    scene: str
    output: str
    edit: Edit
    artifacts: Mapping[StepId, Artifact]
    channel: int = 1
    start_frame: int = 1
    folder: str = ""  #: where the .blend will lie; "" where it lies now


def place_film(
    scene: bpy.types.Scene,
    edit: Edit,
    artifacts: Mapping[StepId, Artifact],
    *,
    output: str = "output",
    channel: int = 1,
    start_frame: int = 1,
    folder: str = "",
) -> tuple[str, ...]:
    """Put the whole film into ``scene`` at once; names of what had no file or no room."""
    placement = Placement(
        scene=scene.name, output=output, edit=edit, artifacts=artifacts,
        channel=channel, start_frame=start_frame, folder=folder,
    )  # fmt: skip
    steps = placing(placement)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def placing(wanted: Placement) -> Iterator[None]:
    """The same in small steps, for a timer; returns the names of what was left out.

    Nothing of Blender's is held between two steps: the scene is looked up anew, and
    when it is gone the work ends.
    """
    scene = bpy.data.scenes.get(wanted.scene)
    if scene is None:
        return ()
    _set_up(scene, wanted)
    plan = plan_strips(
        wanted.edit, wanted.artifacts, channel=wanted.channel, start_frame=wanted.start_frame,
        taken=_foreign(scene, wanted.output),
    )  # fmt: skip
    _remove_old(scene, wanted.output, {strip.key: strip.spec for strip in plan.strips})
    _name_channels(scene, plan.channels)
    yield
    for strip in plan.strips:
        scene = bpy.data.scenes.get(wanted.scene)
        if scene is None or scene.sequence_editor is None:
            return plan.missing
        if strip.key not in _ours(scene, wanted.output):
            _make(scene, strip, wanted)
            yield
    scene = bpy.data.scenes.get(wanted.scene)
    if scene is not None:
        _mark(scene, wanted)
    return plan.missing


def strips_of(scene: bpy.types.Scene) -> Any:
    """The scene's strips, by whatever name this Blender gives the collection."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def standing(scene: bpy.types.Scene) -> frozenset[tuple[str, str]]:
    """Our strips in a scene: what each stands for, and how it was made."""
    return frozenset(
        (strip[STRIP_KEY], str(strip.get(_SPEC)))
        for strip in strips_of(scene)
        if STRIP_KEY in strip
    )


def remove_film(scene: bpy.types.Scene, output: str) -> None:
    """Take every strip of one output out of the sequencer."""
    _remove_old(scene, output, {})


def _name_channels(scene: bpy.types.Scene, names: tuple[tuple[int, str], ...]) -> None:
    """Say on each channel what it holds, where nobody has named it."""
    channels = scene.sequence_editor.channels
    for number, name in names:
        if number < len(channels) and channels[number].name == f"Channel {number}":
            channels[number].name = name


def _set_up(scene: bpy.types.Scene, wanted: Placement) -> None:
    """Rate, size and length of the scene are the film's."""
    render, edit = scene.render, wanted.edit
    whole = round(float(edit.rate))
    render.fps = max(1, whole)
    render.fps_base = render.fps / float(edit.rate)
    render.resolution_x, render.resolution_y = edit.width, edit.height
    render.resolution_percentage = 100
    scene.frame_start = wanted.start_frame
    scene.frame_end = wanted.start_frame + max(1, edit.frames) - 1
    scene.sync_mode = "AUDIO_SYNC"
    strips_of(scene)


def _ours(scene: bpy.types.Scene, output: str) -> dict[str, Any]:
    """Our strips of one output by what they stand for."""
    return {
        strip[STRIP_KEY]: strip
        for strip in strips_of(scene)
        if strip.get(_OUTPUT) == output and STRIP_KEY in strip
    }


def _foreign(scene: bpy.types.Scene, output: str) -> Taken:
    """What others put where, by channel."""
    taken: Taken = {}
    for strip in strips_of(scene):
        if strip.get(_OUTPUT) != output:
            taken.setdefault(strip.channel, []).append(_span(strip))
    return taken


def _span(strip: Any) -> tuple[int, int]:
    if hasattr(strip, "left_handle"):
        return int(strip.left_handle), int(strip.right_handle)
    return strip.frame_final_start, strip.frame_final_end


def _remove_old(scene: bpy.types.Scene, output: str, wanted: Mapping[str, str]) -> None:
    """Remove our strips that are not wanted any more, or not like this; dissolves first."""
    old = [s for key, s in _ours(scene, output).items() if wanted.get(key) != s.get(_SPEC)]
    strips = strips_of(scene)
    for strip in sorted(old, key=lambda strip: strip.type != "CROSS"):
        sound = getattr(strip, "sound", None)
        strips.remove(strip)
        if sound is not None and sound.users == 0:
            bpy.data.sounds.remove(sound)


def _make(scene: bpy.types.Scene, plan: StripPlan, wanted: Placement) -> None:
    strips = strips_of(scene)
    path = str(plan.path)
    if plan.kind == "cross":
        made = _cross(scene, strips, plan, wanted.output)
    elif plan.kind == "movie":
        made = strips.new_movie(plan.name, path, plan.channel, plan.start)
        made.filepath = _reachable(path, wanted.folder)
    else:
        made = strips.new_sound(plan.name, path, plan.channel, plan.start)
        made.sound.filepath = _reachable(path, wanted.folder)
        made.volume = plan.level
    if made is None:
        return
    if plan.kind != "cross":
        _set_end(made, plan.start + plan.frames)
    made[STRIP_KEY], made[_OUTPUT], made[_SPEC] = plan.key, wanted.output, plan.spec
    if plan.curve and plan.kind == "movie":
        made.blend_type = "ALPHA_OVER"
    made.select = False
    _draw_curve(made, "blend_alpha" if plan.kind == "movie" else "volume", plan.curve)


def _draw_curve(strip: Any, path: str, curve: tuple[tuple[int, float], ...]) -> None:
    for frame, value in curve:
        setattr(strip, path, value)
        strip.keyframe_insert(path, frame=frame)


def _cross(scene: bpy.types.Scene, strips: Any, plan: StripPlan, output: str) -> Any:
    there = _ours(scene, output)
    if not all(key in there for key in plan.inputs):
        return None
    one, two = (there[key] for key in plan.inputs)
    parameters = strips.bl_rna.functions["new_effect"].parameters
    words = ("input1", "input2") if "input1" in parameters else ("seq1", "seq2")
    length = (
        {"length": plan.frames}
        if "length" in parameters
        else {"frame_end": plan.start + plan.frames}
    )
    return strips.new_effect(
        plan.name,
        "CROSS",
        plan.channel,
        plan.start,
        **length,
        **dict(zip(words, (one, two), strict=True)),
    )


def _set_end(strip: Any, end: int) -> None:
    if hasattr(strip, "right_handle"):
        strip.right_handle = end
    else:
        strip.frame_final_end = end


def _reachable(path: str, folder: str) -> str:
    """The file, relative to the .blend where that is possible."""
    folder = folder or os.path.dirname(bpy.data.filepath)
    if not folder or os.path.splitdrive(path)[0].lower() != os.path.splitdrive(folder)[0].lower():
        return path
    return bpy.path.relpath(path, start=folder)


def _mark(scene: bpy.types.Scene, wanted: Placement) -> None:
    """A marker where each scene of the film begins; those of the last run go."""
    known = dict(scene.get(_MARKERS, {}))
    old = {tuple(entry) for entry in known.get(wanted.output, ())}
    for marker in list(scene.timeline_markers):
        if (marker.name, str(marker.frame)) in old:
            scene.timeline_markers.remove(marker)
    made = []
    for part in wanted.edit.scenes:
        marker = scene.timeline_markers.new(part.name, frame=wanted.start_frame + part.start)
        made.append([marker.name, str(marker.frame)])
    known[wanted.output] = made
    scene[_MARKERS] = known
