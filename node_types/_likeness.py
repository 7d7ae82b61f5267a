# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a character changes a picture of them, and the LoRA that is learned from their pictures.

Who is only heard needs no LoRA, and neither do clips, whose usual models load none of a picture's: so
a shot's still asks for the training, not the character.  All of somebody's share one.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from typing import Any

from ..core.compile.lowering import Described, FileRef, Lowering
from ..core.digest import text_digest
from ..core.step import LORA_TRAINING, Place, Priority

__all__ = ["LEAST", "RANK", "distinct", "learned_look_of", "look_of", "training_of", "trigger_of"]

#: Pictures without which a LoRA learns the pictures and not the character; and its rank, at which
#: it stays below 100 MB (``requirements/domain.md``, ``workflows/lora_training_z_image.yaml``).
LEAST, RANK = 5, 16
#: Steps of training by the film's quality, as the workflows of these qualities have it.
_STEPS, _STEPS_OF_DRAFTS = 1000, 250
_LOOK = ("node", "name", "description", "images", "tier", "lora", "lora_strength")
#: Who learns a LoRA, as a Backend names them.
_LEARNER = {"service": "comfyui"}
#: Letters of a name in the word that calls it up: encoders cut long words into many pieces.
_LONGEST = 24


def look_of(figure: Described) -> dict[str, Any]:
    """What of somebody in a shot changes its picture, with a LoRA of the user's own alone."""
    look = {name: figure.get(name) for name in _LOOK}
    if figure.get("trigger") and figure["lora"] is not None:
        look["trigger"] = figure["trigger"]
    return look


def learned_look_of(low: Lowering, figure: Described) -> dict[str, Any]:
    """As ``look_of``; ``lora`` stands for one that is to be learned, where one is."""
    look, training = look_of(figure), figure.get("lora_training")
    if training is None:
        return look
    look["trigger"] = figure["trigger"]
    name = figure["name"] or low.name
    look["lora"] = low.step(
        LORA_TRAINING,
        training,
        node=figure["node"],
        place=Place(scene="", shot="characters", stem=f"{name}_lora", suffix=".safetensors"),
        label=f"{name}: likeness learned from {len(training['images'])} pictures",
        seconds=0.0,
        # Who asks for this tier means it: where nobody learns, something only stands in.
        backend=_LEARNER,
        priority=Priority.CHARACTER,
    )
    return look


def training_of(
    images: Iterable[FileRef], trigger: str, steps: int, quality: str
) -> dict[str, Any]:
    """All that changes what is learned, and nothing else; ``steps`` 0 goes by the film's quality."""
    usual = _STEPS_OF_DRAFTS if quality == "draft" else _STEPS
    return {
        "images": sorted(images, key=lambda image: image.content),
        "trigger": trigger,
        "steps": steps or usual,
        "rank": RANK,
        # The film's seed is not in it: other takes are not worth an hour of training.
        "seed": zlib.crc32(trigger.encode()) & 0x7FFFFFFF,
    }


def distinct(images: Iterable[FileRef]) -> list[FileRef]:
    """Each picture once, whatever it is called."""
    return list({image.content: image for image in images}.values())


def trigger_of(name: str) -> str:
    """A word that means nothing yet, made from a name: the same for the same name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "", plain)[:_LONGEST]
    return f"md_{word or text_digest(name)[:8]}"
