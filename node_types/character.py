# SPDX-License-Identifier: GPL-3.0-or-later
"""A character: somebody who keeps one look and one voice through the whole film."""

from __future__ import annotations

from ..core.node_type import NodeType, Param, Socket

NODE_TYPE = NodeType(
    label="Character",
    doc="Somebody in the film, with one look and one voice in every shot.",
    category="World",
    icon="USER",
    colour=(0.42, 0.22, 0.08),
    inputs=(Socket(name="voice", kind="voice", doc="How they sound; made up when not linked."),),
    outputs=(Socket(name="character", kind="character"),),
    params=(
        Param(name="name", kind="text", default="", doc="Their name, as the script has it."),
        Param(
            name="aliases",
            kind="names",
            default=(),
            doc="Other names the script uses for them.",
            affects=False,
        ),
        Param(
            name="description",
            kind="lines",
            default="",
            doc="Age, build, hair, clothes: what must stay the same in every shot.",
        ),
        Param(
            name="images",
            kind="paths",
            default=(),
            label="Reference images",
            doc="Pictures of them; a drawing here is used instead of the made figure.",
        ),
        Param(
            name="tier",
            kind="choice",
            default="enhanced",
            label="Consistency tier",
            doc="How much is done to keep the likeness: references, face restoration, a trained LoRA.",
            choices=(
                ("baseline", "Baseline"),
                ("enhanced", "Enhanced"),
                ("ultimate", "Ultimate"),
            ),
        ),
        Param(
            name="importance",
            kind="float",
            default=0.5,
            minimum=0,
            maximum=1,
            doc="How much of the film they carry; suggests a tier.",
            affects=False,
        ),
        Param(name="lora", kind="path", default="", label="LoRA", doc="A trained LoRA of them."),
        Param(
            name="lora_strength",
            kind="float",
            default=0.8,
            minimum=0,
            maximum=2,
            label="LoRA strength",
            doc="How strongly the LoRA is applied.",
        ),
        Param(
            name="training",
            kind="choice",
            default="none",
            label="Training state",
            doc="Where the training of the LoRA stands.",
            choices=(("none", "None"), ("running", "Running"), ("trained", "Trained")),
            affects=False,
        ),
        Param(
            name="gallery",
            kind="paths",
            default=(),
            doc="Pictures made of them so far.",
            affects=False,
        ),
    ),
)
