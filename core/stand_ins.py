# SPDX-License-Identifier: GPL-3.0-or-later
"""A final film is made of final pictures: the check that keeps animatics out of it.

A clip that follows a voice which is only stood in for is a final picture all the same: the plan
says of the voice what would better it, and the clip is made again with a better one.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import StepFailed
from .step import CLIP, FILM, Artifact, Step, StepId

__all__ = ["FINAL", "STAND_IN", "refuse_stand_ins"]

#: The quality whose film takes no stand-ins.
FINAL = "final"
#: The fact about an artifact that itself stands in for what was asked.
STAND_IN = "stand_in"


def refuse_stand_ins(
    step: Step, inputs: Mapping[StepId, Artifact], steps: Mapping[StepId, Step]
) -> None:
    """Let a film pass whose clips are what was asked, or whose quality is not final.

    Raises:
        StepFailed: shots of a final film are only stood in for; names some.
    """
    if step.kind != FILM or step.inputs.get("quality") != FINAL:
        return
    below = [
        id
        for id, artifact in inputs.items()
        if artifact.facts.get(STAND_IN) and id in steps and steps[id].kind == CLIP
    ]
    if not below:
        return
    more = f" and {len(below) - 3} more" if len(below) > 3 else ""
    raise StepFailed(
        f"A final film cannot hold stand-ins; {len(below)} shots have nothing better yet: "
        f"{', '.join(below[:3])}{more}.",
        remedy="Start a service that makes final pictures; or, if an animatic is what you want, set "
        "the Backend's service to Animatic, or the quality to draft or standard.",
        where=step.node,
    )
