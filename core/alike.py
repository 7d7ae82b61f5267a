# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a shot decides who can make it: shots that agree in it are judged once.

A film has hundreds of the same people at the same size.  Whether a service can make one hangs on pictures,
LoRAs, files of the user's own, lengths and sizes, never on words or seeds; ``Executor.refuse`` holds
to that.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from .step import CLIP, STILL, ArtifactRef, Option, Step

__all__ = ["Alike", "judged_by"]

_PLAIN = ("duration", "fps", "quality", "tier")
#: What stands for the user's own work.
_OWN = ("media", "recording")


class Alike:
    """Knows which steps can be answered with one answer: those of one kind with the same ways."""

    def __init__(self) -> None:
        # Equal options have one number; each is known by its id as well, which is quicker to compare.
        self._numbers: dict[Option, int] = {}
        self._by_id: dict[int, tuple[Option, int]] = {}

    def key(self, step: Step) -> Hashable:
        """Equal for steps that agree in their options and in what is judged; None for one by itself."""
        judged = judged_by(step)
        return judged and (judged, *map(self._number, step.options))

    def _number(self, option: Option) -> int:
        known = self._by_id.get(id(option))
        if known is None:
            number = self._numbers.setdefault(option, len(self._numbers))
            # With the option itself, so that no other ever has its id.
            known = self._by_id[id(option)] = (option, number)
        return known[1]


def judged_by(step: Step) -> Hashable:
    """Equal for steps that any service can make, or none; None where a step stands for itself."""
    if step.kind not in (CLIP, STILL):
        return None
    inputs = step.inputs
    image = inputs.get("image")
    return (
        step.kind,
        tuple(image) if isinstance(image, Mapping) else image is not None,
        tuple(inputs.get("size", ())),
        tuple(inputs.get(name) for name in _PLAIN),
        tuple(bool(inputs.get(name)) for name in _OWN),
        tuple(_shown(figure) for figure in inputs.get("figures", ())),
        _shown(inputs.get("environment") or {}),
        _shown(inputs.get("style") or {}),
    )


def _shown(by: Mapping[str, Any]) -> Hashable:
    """How many pictures show somebody or something, whether from another side, and which LoRA."""
    lora = by.get("lora")
    name = "" if lora is None or isinstance(lora, ArtifactRef) else str(lora.path.name)
    return len(by.get("images", ())), "view" in by, lora is not None, name
