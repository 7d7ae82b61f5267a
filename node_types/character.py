# SPDX-License-Identifier: GPL-3.0-or-later
"""A character: somebody who keeps one look and one voice through the whole film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import LORA_TRAINING, Kind
from ._likeness import LEAST, distinct, training_of, trigger_of


def lower(low: Lowering) -> Mapping[str, Any]:
    """How somebody looks and sounds, with what their likeness is learned from at the highest tier.

    A LoRA that is given needs no learning.  Who is in a shot asks for it.
    """
    value = {**low.described("trigger", "training_steps"), "voice": low.one("voice")}
    trigger = low.params["trigger"].strip()
    if value["lora"] is not None:
        return {"character": {**value, **({"trigger": trigger} if trigger else {})}}
    if value["tier"] != "ultimate":
        return {"character": value}
    images = distinct(value["images"])
    if len(images) < LEAST:
        there = f"{len(images)} reference picture{'' if len(images) == 1 else 's'}"
        low.note(
            f"{low.name} has {there}, too few to learn a LoRA from: they stay at the tier Enhanced.",
            remedy=f"Add pictures until there are {LEAST} different ones, or give a LoRA of your own.",
        )
        return {"character": {**value, "tier": "enhanced"}}
    trigger = trigger or trigger_of(low.params["name"] or low.stem)
    training = training_of(images, trigger, low.params["training_steps"], low.film.quality)
    return {"character": {**value, "trigger": trigger, "lora_training": training}}


def needs(params: Mapping[str, Any]) -> tuple[Kind, ...]:
    """Looks that are to be kept best are learned, unless somebody has done so before."""
    return (LORA_TRAINING,) if params["tier"] == "ultimate" and not params["lora"] else ()


NODE_TYPE = NodeType(
    label="Character",
    doc="Somebody in the film, with one look and one voice in every shot.",
    category="World",
    icon="USER",
    colour=(0.42, 0.22, 0.08),
    inputs=(Socket(name="voice", kind="voice", doc="How they sound; made up when not linked."),),
    outputs=(Socket(name="character", kind="character"),),
    lower=lower,
    needs=needs,
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
        Param(
            name="lora",
            kind="path",
            default="",
            label="LoRA",
            doc="A trained LoRA of them; without one, the tier Ultimate has one trained.",
        ),
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
            name="trigger",
            kind="text",
            default="",
            label="Trigger word",
            doc="The word that calls them up in their LoRA; for a trained one made from the name.",
        ),
        Param(
            name="training_steps",
            kind="int",
            default=0,
            minimum=0,
            maximum=10000,
            label="Training steps",
            doc="How long a LoRA is trained; 0 is 250 steps for a draft and 1000 for better films.",
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
