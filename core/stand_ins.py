# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for what was asked: when it is enough, and that a final film holds none.

A clip that follows a voice which is only stood in for is a final picture all the same: the plan
says of the voice what would better it, and the clip is made again with a better one.  So is one
that nobody could conform but by repeating frames.
"""

from __future__ import annotations

from collections.abc import Mapping

from .conforming import source_of
from .errors import StepFailed
from .step import CLIP, FILM, Artifact, Step, StepId

__all__ = ["FINAL", "STAND_IN", "refuse_stand_ins"]

#: The quality whose film takes no stand-ins.
FINAL = "final"
#: The fact about an artifact that itself stands in for what was asked.
STAND_IN = "stand_in"


def refuse_stand_ins(
    step: Step, made: Mapping[StepId, Artifact], steps: Mapping[StepId, Step]
) -> None:
    """Let a film pass whose clips are what was asked, or whose quality is not final.

    Raises:
        StepFailed: shots of a final film are only stood in for; names some.
    """
    if step.kind != FILM or step.inputs.get("quality") != FINAL:
        return
    sources = dict.fromkeys(source_of(id, steps) for id in sorted(step.after))
    below = [
        id
        for id in sources
        if id in made and steps[id].kind == CLIP and made[id].facts.get(STAND_IN)
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
