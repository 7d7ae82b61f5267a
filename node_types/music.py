# SPDX-License-Identifier: GPL-3.0-or-later
"""A piece of music: score for a scene or for the whole film.

How long it must be is known only where it is linked, so the Sequence asks for
the step; this file says what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import MUSIC
from . import _params as common


def lower(low: Lowering) -> Mapping[str, Any]:
    """What is wanted of the piece, and how it is heard."""
    params = low.params
    wanted = {
        "node": low.node,
        "scene": low.scene,
        "stem": low.stem,
        "name": low.label or params["prompt"] or params["mood"] or low.stem,
        "wish": {
            "prompt": params["prompt"],
            "mood": params["mood"],
            "tempo": params["tempo"],
            "seed": low.film.seed,
            "recording": low.file(params["recording"]) if params["recording"] else None,
        },
        **{name: params[name] for name in ("offset", "length", "loop", "gain", "duck")},
    }
    return {"music": wanted}


NODE_TYPE = NodeType(
    label="Music",
    doc="A piece of score, as long as the scene it is linked to.",
    category="Sound",
    icon="FILE_SOUND",
    colour=(0.07, 0.22, 0.36),
    outputs=(Socket(name="music", kind="music", doc="Link it to a Sequence."),),
    lower=lower,
    needs=common.unless_own("recording", MUSIC),
    params=(
        Param(name="prompt", kind="lines", default="", doc="The music in words."),
        Param(name="mood", kind="text", default="", doc="Such as tense, sad, noir, hopeful."),
        Param(
            name="tempo",
            kind="float",
            default=0.0,
            minimum=0,
            maximum=240,
            unit="beats per minute",
            doc="0 lets the mood choose.",
        ),
        common.seconds("offset", "From the start of the sequence.", maximum=36000),
        common.seconds("length", "0 is to the end of the sequence.", maximum=36000),
        Param(name="loop", kind="bool", default=False, doc="Repeat your own recording to the end."),
        common.gain("Louder or softer, against the dialogue.", default=-8.0),
        common.duck(default=True),
        common.recording("Your own music, used instead of a made piece."),
    ),
)
