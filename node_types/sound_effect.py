# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound effect: something heard at a moment of a shot, or all through a scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import SOUND, Place, Priority

#: Seconds of an effect whose length is left open, for estimates only.
USUAL_S = 2.0


def lower(low: Lowering) -> Mapping[str, Any]:
    """One sound step, and when and how loud it is heard."""
    params = low.params
    wish = {
        "prompt": params["prompt"],
        "mood": params["mood"],
        "seconds": params["length"],
        "loop": params["loop"],
        "seed": low.film.seed,
        "recording": low.file(params["recording"]) if params["recording"] else None,
    }
    sound = low.step(
        SOUND,
        wish,
        place=Place(scene=low.scene, shot="sound", stem=low.stem, suffix=".wav"),
        label=params["prompt"] or low.name,
        seconds=params["length"] or USUAL_S,
        priority=Priority.AUDIO,
    )
    heard = {
        "node": low.node,
        "sound": sound,
        "name": params["prompt"] or low.name,
        **{name: params[name] for name in ("offset", "length", "loop", "gain", "duck")},
    }
    return {"sound": heard}


NODE_TYPE = NodeType(
    label="Sound Effect",
    doc="Something heard: linked to a Shot at a moment of it, linked to a Sequence all through it.",
    category="Sound",
    icon="SOUND",
    colour=(0.10, 0.32, 0.31),
    outputs=(Socket(name="sound", kind="sound", doc="Link it to a Shot or a Sequence."),),
    lower=lower,
    params=(
        Param(name="prompt", kind="text", default="", doc="What is heard: footsteps on gravel."),
        Param(
            name="offset",
            kind="float",
            default=0.0,
            minimum=0,
            maximum=36000,
            unit="seconds",
            doc="From the start of the shot or scene.",
        ),
        Param(
            name="length",
            kind="float",
            default=0.0,
            minimum=0,
            maximum=36000,
            unit="seconds",
            doc="How long it sounds; 0 is as long as it takes.",
        ),
        Param(name="mood", kind="text", default="", doc="Such as distant, menacing, warm."),
        Param(
            name="loop",
            kind="bool",
            default=False,
            doc="Repeat it to the end of the shot or scene.",
        ),
        Param(
            name="gain",
            kind="float",
            default=0.0,
            minimum=-60,
            maximum=20,
            unit="dB",
            doc="Louder or softer than it comes.",
        ),
        Param(
            name="duck",
            kind="bool",
            default=False,
            label="Duck under dialogue",
            doc="Step back while somebody speaks.",
        ),
        Param(
            name="recording",
            kind="path",
            default="",
            doc="Your own sound file, used instead of a made one.",
        ),
        Param(
            name="source",
            kind="text",
            default="",
            affects=False,
            doc="Where in the script it stands.",
        ),
    ),
)
