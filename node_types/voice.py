# SPDX-License-Identifier: GPL-3.0-or-later
"""A voice: how a character sounds, the same in every line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import VOICE_CONVERSION, VOICE_TRAINING, Kind


def lower(low: Lowering) -> Mapping[str, Any]:
    """How somebody sounds, with what their voice is learned from where they have recordings.

    A model that is given, or the built-in voice, needs no learning.  Who says a line asks for it.
    """
    value = low.described("samples", "epochs")
    if low.params["samples"] and not value["model"] and value["engine"] != "builtin":
        value["training"] = {
            "recordings": low.recordings(low.params["samples"]),
            "epochs": low.params["epochs"],
        }
    return {"voice": value}


def needs(params: Mapping[str, Any]) -> tuple[Kind, ...]:
    """A voice that was trained is converted to; one that only has recordings is learned first."""
    if params["engine"] == "builtin" or not (params["model"] or params["samples"]):
        return ()
    return (VOICE_CONVERSION,) if params["model"] else (VOICE_TRAINING, VOICE_CONVERSION)


NODE_TYPE = NodeType(
    label="Voice",
    doc="How a character sounds: a synthetic voice, a recording, or a trained model.",
    category="World",
    icon="SPEAKER",
    colour=(0.38, 0.31, 0.07),
    outputs=(Socket(name="voice", kind="voice"),),
    lower=lower,
    needs=needs,
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
        Param(
            name="samples",
            kind="folder",
            default="",
            label="Train from",
            doc="A folder of recordings that RVC learns the voice from; about 10 minutes.",
        ),
        Param(
            name="epochs",
            kind="int",
            default=20,
            minimum=2,
            maximum=1000,
            label="Training epochs",
            doc="How often RVC goes through the recordings: 20 for a try, 200 for good ones.",
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
