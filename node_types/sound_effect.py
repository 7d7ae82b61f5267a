# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound effect: something heard at a moment of a shot, or all through a scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import SOUND, Place, Priority
from . import _params as common

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
    needs=common.unless_own("recording", SOUND),
    params=(
        Param(name="prompt", kind="text", default="", doc="What is heard: footsteps on gravel."),
        common.seconds("offset", "From the start of the shot or scene.", maximum=36000),
        common.seconds("length", "How long it sounds; 0 is as long as it takes.", maximum=36000),
        Param(name="mood", kind="text", default="", doc="Such as distant, menacing, warm."),
        Param(
            name="loop",
            kind="bool",
            default=False,
            doc="Repeat it to the end of the shot or scene.",
        ),
        common.gain("Louder or softer than it comes."),
        common.duck(default=False),
        common.recording("Your own sound file, used instead of a made one."),
        common.SOURCE,
    ),
)
