# SPDX-License-Identifier: GPL-3.0-or-later
"""What training a LoRA costs, from what one look at a picture of that size costs.

A first guess that experience corrects: nobody has measured it for all cards.  Fewer pixels are the
way down; the steps are what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...core.ladder import Need, smaller_sizes
from ...core.step import ModelId
from ...core.workflow import Workflow

__all__ = ["SIDE", "TRAINING_BYTES", "training_need"]

#: The side of the square that is half a megapixel of ComfyUI's (2**20 pixels), in whole 16s.
SIDE = 720
#: Beside what making a picture takes: what each layer keeps for the way back (gradient
#: checkpointing: only its input, 0.5 GB for 30 layers of 2300 × 3840 in 16 bits), one layer worked
#: out again (about 1.5 GB), and AdamW's state of a LoRA of rank 16 (42 M numbers, 12 bytes each).
TRAINING_BYTES = 3 * 2**30
#: Looks at a picture that one step takes: there, worked out again, and back, which is two.
_LOOKS = 4


def training_need(
    workflow: Workflow, family: str, models: Mapping[str, frozenset[ModelId]], precision: str
) -> Need:
    """What the footprints are asked."""
    steps = workflow.input("steps")
    count = steps.default if steps is not None and isinstance(steps.default, int) else 1000
    return Need(
        family=family,
        precisions=models,
        asked=precision,
        width=SIDE,
        height=SIDE,
        steps=_LOOKS * count,
        swaps=True,
        sizes=smaller_sizes(SIDE, SIDE) if workflow.input("megapixels") else (),
    )
