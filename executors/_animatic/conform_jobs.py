# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip brought to the film's form, from what a model made of it, or without any.

Without, frames are repeated and pixels scaled, and that only once, in the last step: what has the
film's form already, and what a later step has to fit anyhow, is passed on as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.conforming import AS_MADE
from ...core.cut import shot_time
from ...core.edit import frame_rate, layout
from ...core.stand_ins import STAND_IN
from .picture_jobs import LETTERING, Done, Report, as_made, picture_of, rendered, seconds_of

__all__ = ["conform"]


def conform(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """One step of conforming.  Facts as ``picture_jobs.clip``.

    ``made`` is what a model made of ``clip``, absent where none did.
    """
    clip, made = inputs["clip"], inputs.get("made")
    laid = layout(shot_time(inputs, seconds_of), frame_rate(inputs["fps"]))
    if made is None and (not inputs["last"] or _fits(clip["facts"], inputs, laid.frames)):
        return _passed_on(clip, folder)
    shown = {**inputs, "image": None, "media": made or clip}
    picture = picture_of(shown, laid, folder)
    if inputs["last"]:
        return rendered(picture, inputs, laid, folder, report)
    done = rendered(as_made(picture, inputs["fps"], smooth=True), inputs, laid, folder, report)
    return {**done, "facts": {**done["facts"], AS_MADE: True}}


def _fits(facts: Mapping[str, Any], inputs: Mapping[str, Any], frames: int) -> bool:
    """Whether a clip is as the film wants it, with what has to be lettered on it."""
    if not facts.get(AS_MADE):
        return True
    found = (facts["width"], facts["height"], facts["fps"], facts["frames"])
    lettered = any(inputs["overlays"][name] for name in LETTERING)
    return found == (*inputs["size"], inputs["fps"], frames) and not lettered


def _passed_on(clip: Mapping[str, Any], folder: Path) -> Done:
    path = folder / "clip.mp4"
    shutil.copyfile(clip["path"], path)
    # Whether it is stood in for is said of each step by itself.
    facts = {name: value for name, value in clip["facts"].items() if name != STAND_IN}
    return {"path": str(path), "facts": facts}
