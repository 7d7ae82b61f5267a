# SPDX-License-Identifier: GPL-3.0-or-later
"""A script: the screenplay the film was made from."""

from __future__ import annotations

from ..core.node_type import NodeType, Param, Socket

NODE_TYPE = NodeType(
    label="Script",
    doc="The screenplay, in Fountain or Final Draft. Break Down makes the scenes from it.",
    category="Film",
    icon="TEXT",
    colour=(0.30, 0.27, 0.17),
    outputs=(Socket(name="script", kind="script", doc="Link it to the Output."),),
    params=(
        Param(
            name="text", kind="textblock", default="", doc="The screenplay itself.", affects=False
        ),
        Param(
            name="file",
            kind="path",
            default="",
            doc="A .fountain, .fdx or .txt file to read instead of the text.",
            affects=False,
        ),
        Param(
            name="shots_per_scene",
            kind="int",
            default=3,
            minimum=1,
            maximum=50,
            doc="The least shots a scene is broken into: establishing, coverage, reaction.",
            affects=False,
        ),
        Param(
            name="dialogue_shots",
            kind="int",
            default=4,
            minimum=1,
            maximum=50,
            doc="The least shots of a dialogue between two people.",
            affects=False,
        ),
        Param(
            name="words_per_minute",
            kind="float",
            default=160.0,
            minimum=60,
            maximum=400,
            doc="How fast people speak, for estimates before anybody has spoken.",
            affects=False,
        ),
        Param(
            name="aliases",
            kind="names",
            default=(),
            doc="Names that mean the same person, each written 'OTHER NAME = NAME'.",
            affects=False,
        ),
        Param(
            name="sound_effects",
            kind="bool",
            default=True,
            doc="Make sound effects from [bracketed] cues and from action that sounds.",
            affects=False,
        ),
        Param(
            name="music",
            kind="bool",
            default=True,
            doc="Give every scene a piece of score.",
            affects=False,
        ),
    ),
)
