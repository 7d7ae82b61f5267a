# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows looks to a generator: a still, a learned LoRA, a view; never what only stands in for one.

A drawn still, a LoRA that nobody learned, a view that nobody made say nothing of who or what is in the picture.  Without a real one
a step is asked for as if there were none, which a simpler workflow can do; it goes on waiting for it,
so that it is made anew when there is a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .conforming import CONFORMING
from .step import (
    CLIP,
    LORA_TRAINING,
    STILL,
    VIEW,
    ArtifactRef,
    Fidelity,
    Kind,
    Step,
    StepId,
    references,
)

__all__ = ["LIKENESSES", "from_words", "kept_words", "with_what_is_real"]

#: The kinds of work whose stand-in is nothing to work from.
LIKENESSES: frozenset[Kind] = frozenset({STILL, LORA_TRAINING, VIEW})


def with_what_is_real(step: Step, fidelity: Mapping[StepId, Fidelity]) -> Step:
    """The step as it can be asked for: without the stills, LoRAs and views only stood in for.

    ``fidelity`` is what each step's result is or will be; one that is not in it is taken for real.
    """
    if step.kind == CLIP:
        return _without_still(step, fidelity)
    if step.kind in CONFORMING:
        return _without_models(step, fidelity)
    if step.kind == STILL:
        return _without_view(_without_loras(step, fidelity), fidelity)
    return step


def _without_still(step: Step, fidelity: Mapping[StepId, Fidelity]) -> Step:
    image = step.inputs.get("image")
    if not isinstance(image, Mapping) or _real(image.get("still"), fidelity):
        return step
    return replace(step, inputs={**step.inputs, "image": None})


def _without_models(step: Step, fidelity: Mapping[StepId, Fidelity]) -> Step:
    """A clip that is only stood in for has the film's form: whoever needs no model passes it on."""
    if _real(step.inputs["source"], fidelity):
        return step
    return replace(
        step, options=tuple(way for way in step.options if not (way.models or way.precision))
    )


def _without_loras(step: Step, fidelity: Mapping[StepId, Fidelity]) -> Step:
    figures = step.inputs.get("figures", ())
    if all(_real(figure.get("lora"), fidelity) for figure in figures):
        return step
    return replace(step, inputs={**step.inputs, "figures": [_known(f, fidelity) for f in figures]})


def _without_view(step: Step, fidelity: Mapping[StepId, Fidelity]) -> Step:
    """The place is looked at as it is pictured."""
    where = step.inputs.get("environment")
    if not isinstance(where, Mapping) or _real(where.get("view"), fidelity):
        return step
    pictured = {name: value for name, value in where.items() if name != "view"}
    return replace(step, inputs={**step.inputs, "environment": pictured})


def _known(figure: Mapping[str, Any], fidelity: Mapping[StepId, Fidelity]) -> Mapping[str, Any]:
    """Somebody without the LoRA that nobody learned, and without the word that calls it up."""
    if _real(figure.get("lora"), fidelity):
        return figure
    return {**{name: value for name, value in figure.items() if name != "trigger"}, "lora": None}


def _real(made: Any, fidelity: Mapping[StepId, Fidelity]) -> bool:
    if not isinstance(made, ArtifactRef):
        return True
    return fidelity.get(made.step, Fidelity.FULL) > Fidelity.STAND_IN


def from_words(step: Step) -> str:
    """Why a clip that begins with a picture is not left to what makes clips from words alone."""
    if _still_of(step) is None:
        return "it makes clips from words alone, and this one goes on from a picture"
    return "it makes clips from words alone, and nobody would look as in the still"


def kept_words(step: Step) -> str:
    """How a step is shown who is seen and where, as it is asked for; "" where nothing shows it."""
    if step.kind == STILL:
        return _kept_in_still(step)
    if step.kind != CLIP:
        return ""
    if step.inputs.get("image") is None:
        waits = step.after - {each.step for each in references(step.inputs)}
        return "from words alone, since nothing here makes its still" if waits else ""
    if _still_of(step) is None:
        return "it goes on from a picture of the film"
    return "it begins with the still, so that all look as in that"


def _kept_in_still(step: Step) -> str:
    figures, where = step.inputs.get("figures", ()), step.inputs.get("environment") or {}
    if any(figure.get("lora") for figure in figures):
        return "it is made with what was learned of who is seen"
    shown = any(figure.get("images") for figure in figures) or where.get("images")
    return "it is made from your pictures of who and where" if shown else ""


def _still_of(step: Step) -> Any:
    image = step.inputs.get("image")
    return image.get("still") if isinstance(image, Mapping) else None
