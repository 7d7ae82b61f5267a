# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a workflow is for a step at all: the pictures and LoRAs it wants, and those there are.

Pure, and known before any server is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.compile.lowering import FileRef
from ...core.likeness import from_words
from ...core.reference_images import reference_images
from ...core.step import CLIP, LORA_TRAINING, STILL, Step
from ...core.workflow import Workflow
from .looking import picture_inputs, seen
from .parts import START
from .training import untrainable

__all__ = ["begins", "lora_names", "needs_image", "unfit"]


def begins(step: Step) -> bool:
    """Whether it is a clip that begins with a picture."""
    return step.kind == CLIP and step.inputs.get("image") is not None


def needs_image(workflow: Workflow) -> bool:
    """Whether it begins with a picture that must be given."""
    return any(given is not None and given.required for given in map(workflow.input, START))


def unfit(workflow: Workflow, step: Step) -> str | None:
    """Why it is not for this step; None when it is."""
    if step.kind == LORA_TRAINING:
        return untrainable(workflow, step)
    if step.kind not in (STILL, CLIP):
        return None
    learned = workflow.input("loras")
    if learned is not None and learned.required and not _has_loras(step.inputs):
        return "its workflow needs a LoRA, and the shot has none"
    if step.kind == STILL:
        return _unfit_for_still(workflow, step)
    if needs_image(workflow) and not begins(step):
        return "its workflow begins with a picture, and the shot has none"
    if begins(step) and not any(map(workflow.input, START)):
        return from_words(step)
    return None


def _unfit_for_still(workflow: Workflow, step: Step) -> str | None:
    learned = workflow.input("loras")
    if learned is not None and learned.required:
        return None
    images = reference_images(step.inputs)
    if seen(workflow, images):
        return None
    given = map(workflow.input, picture_inputs(workflow))
    if any(each is not None and each.required for each in given):
        return "its workflow needs a picture of who or where, and the shot has none"
    return (
        "it makes pictures from words alone, and nothing would look as in yours" if images else None
    )


def _has_loras(inputs: Mapping[str, Any]) -> bool:
    return any(each.get("lora") for each in (*inputs["figures"], inputs["style"] or {}))


def lora_names(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's own LoRAs of a step, as a server would name the files."""
    owners = [*inputs["figures"], inputs["style"] or {}]
    files = [each.get("lora") for each in owners]
    return tuple(dict.fromkeys(file.path.name for file in files if isinstance(file, FileRef)))
