# SPDX-License-Identifier: GPL-3.0-or-later
"""A voice: how a character sounds, the same in every line."""

from __future__ import annotations

from ..core.node_type import NodeType, Param, Socket

NODE_TYPE = NodeType(
    label="Voice",
    doc="How a character sounds: a synthetic voice, a recording, or a trained model.",
    category="World",
    icon="SPEAKER",
    colour=(0.38, 0.31, 0.07),
    outputs=(Socket(name="voice", kind="voice"),),
    params=(
        Param(
            name="engine",
            kind="choice",
            default="auto",
            doc="Who speaks the lines.",
            choices=(("auto", "Automatic"), ("builtin", "Built in"), ("rvc", "RVC")),
        ),
        Param(
            name="source",
            kind="text",
            default="",
            label="Speech source",
            doc="Name of the synthetic voice; empty lets the character's description choose.",
        ),
        Param(
            name="number",
            kind="int",
            default=0,
            minimum=0,
            maximum=48,
            label="Voice number",
            doc="Synthetic voices with different numbers are told apart; 0 goes by the name.",
        ),
        Param(
            name="recording",
            kind="path",
            default="",
            doc="A recording of the voice, for services that imitate one.",
        ),
        Param(name="model", kind="path", default="", label="RVC model", doc="A .pth file."),
        Param(name="index", kind="path", default="", label="RVC index", doc="An .index file."),
        Param(
            name="pitch",
            kind="float",
            default=0.0,
            minimum=-24,
            maximum=24,
            unit="semitones",
            doc="Higher or lower than the voice is.",
        ),
        Param(
            name="rate",
            kind="float",
            default=1.0,
            minimum=0.5,
            maximum=2.0,
            doc="Faster or slower than the voice speaks.",
        ),
        Param(
            name="index_rate",
            kind="float",
            default=0.75,
            minimum=0,
            maximum=1,
            doc="How closely the model follows its index.",
        ),
        Param(
            name="language",
            kind="text",
            default="",
            doc="A code such as en, fr, ru; empty goes by the letters of the line.",
        ),
    ),
)
