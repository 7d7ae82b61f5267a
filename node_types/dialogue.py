# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of dialogue: somebody says something in a shot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import SPEECH, Place, Priority
from . import _params as common

#: Characters spoken in a second, for estimates only: about 160 words a minute of 5.5 letters.
LETTERS_PER_SECOND = 15.0


def lower(low: Lowering) -> Mapping[str, Any]:
    """One speech step, and the line as the shot needs it."""
    params = low.params
    character = low.one("character") or {}
    speaker = character.get("name") or "Narrator"
    wish = {
        "text": params["line"],
        "emotion": params["emotion"],
        "recording": low.file(params["recording"]) if params["recording"] else None,
        "speaker": {
            "identity": character.get("node", ""),
            "name": speaker,
            "description": character.get("description", ""),
            "voice": character.get("voice"),
        },
    }
    seconds = max(0.6, len(params["line"]) / LETTERS_PER_SECOND)
    speech = low.step(
        SPEECH,
        wish,
        place=Place(scene=low.scene, shot="dialogue", stem=f"{low.stem}_{speaker}", suffix=".wav"),
        label=f"{speaker}: {params['line']}",
        seconds=seconds,
        priority=Priority.AUDIO,
    )
    line = {
        "node": low.node,
        "speech": speech,
        "text": params["line"],
        "speaker": speaker,
        "character": character or None,
        "estimate": seconds,
        "timing": params["timing"],
        "pause": params["pause"],
        "together": params["together"],
        "gain": params["gain"],
        "off_screen": params["off_screen"],
        "emotion": params["emotion"],
    }
    return {"dialogue": line}


NODE_TYPE = NodeType(
    label="Dialogue",
    doc="One spoken line. Its true length sets the length of its shot.",
    category="Sound",
    icon="OUTLINER_DATA_SPEAKER",
    colour=(0.42, 0.24, 0.18),
    inputs=(Socket(name="character", kind="character", doc="Who says it."),),
    outputs=(Socket(name="dialogue", kind="dialogue", doc="Link it to a Shot."),),
    lower=lower,
    params=(
        Param(name="line", kind="lines", default="", doc="What is said."),
        Param(
            name="emotion",
            kind="text",
            default="",
            doc="How it is said: angry, whispering, sad, excited, calm.",
        ),
        Param(
            name="timing",
            kind="choice",
            default="drive",
            label="Timing mode",
            doc="Drive: the line sets the shot's length. Fit: the line is fitted into it.",
            choices=(("drive", "Drive"), ("fit", "Fit")),
        ),
        common.seconds("pause", "Silence before the line, beyond the usual breath.", maximum=60),
        Param(
            name="together",
            kind="bool",
            default=False,
            label="With the line before",
            doc="Begin with the line before it, as in dual dialogue.",
        ),
        Param(
            name="off_screen",
            kind="bool",
            default=False,
            doc="Heard and not seen: V.O. and O.S.",
        ),
        common.gain("Louder or softer than it comes.", minimum=-40),
        common.recording("Your own recording of the line, used instead of a made one."),
        common.SOURCE,
    ),
)
