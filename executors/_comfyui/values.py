# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into a workflow: a film's words and numbers, brought to what the workflow takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.workflow import Workflow
from ...core.workflow_values import LoRA, best_length, best_size, nearest
from .._wording import Picture, Sound, view_of
from .fitting import needs_image
from .parts import START

__all__ = ["conform_values", "picture_values", "sound_values", "view_values"]


def picture_values(
    workflow: Workflow,
    picture: Picture,
    seconds: float,
    files: Mapping[str, str],
    size: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    """What goes into a workflow for so much of a shot.

    ``files`` are names on the server by input; ``size`` is a smaller picture to make, (0, 0) the best.
    """
    width, height = size if all(size) else best_size(workflow, picture.width, picture.height)
    frames, fps = best_length(workflow, seconds)
    started = any(name in files for name in START)
    wanted: dict[str, Any] = {
        "prompt": picture.motion if started and needs_image(workflow) else picture.prompt,
        "negative": picture.negative,
        "seed": picture.seed,
        "width": width,
        "height": height,
        "frames": frames or None,
        "fps": fps or None,
        "seconds": seconds,
        "loras": tuple(
            LoRA(file=each.file.path.name, strength=each.strength) for each in picture.loras
        ),
        **files,
    }
    return _taken(workflow, wanted)


def sound_values(workflow: Workflow, sound: Sound) -> dict[str, Any]:
    """What goes into a workflow for a sound or a piece of music."""
    return _taken(
        workflow,
        {
            "prompt": sound.prompt,
            "negative": sound.negative,
            "seed": sound.seed,
            "seconds": sound.seconds,
            "tempo": round(sound.tempo) or None,
        },
    )


def view_values(workflow: Workflow, inputs: Mapping[str, Any], image: str) -> dict[str, Any]:
    """What goes into a workflow for a place seen from another angle; ``image`` is on the server."""
    wanted = {"prompt": view_of(inputs["angle"]), "image": image, "seed": inputs["seed"]}
    return _taken(workflow, wanted)


def conform_values(workflow: Workflow, clip: str, times: float, seed: int) -> dict[str, Any]:
    """What goes into a workflow that makes so many frames, or pixels across, for each of a clip.

    ``clip`` is its name on the server.
    """
    wanted = {"video": clip, "multiplier": times, "factor": times, "seed": seed}
    return _taken(workflow, wanted)


def _taken(workflow: Workflow, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that the workflow takes, numbers brought to the nearest it does."""
    found = {}
    for name, value in wanted.items():
        given = workflow.input(name)
        if given is None or value is None or value == ():
            continue
        if given.type in ("int", "float"):
            value = nearest(given, value)
        found[name] = value
    return found
