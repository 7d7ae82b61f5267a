# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots longer than a workflow's clips: which workflow goes on, and how long each part is.

How the parts are made one after the other is ``carry``'s; sharing out is the same for all
services (``_service.parts``).
"""

from __future__ import annotations

from ...core.workflow import Precision, Workflow
from ...core.workflow_library import WorkflowLibrary
from ...core.workflow_values import best_length, longest_clip
from .._service.parts import shared_out

__all__ = ["START", "goes_on", "in_precision", "overlap", "spans"]

#: The inputs that take the picture a clip begins with.
START = ("start_image", "image")


def goes_on(library: WorkflowLibrary, workflow: Workflow) -> Workflow | None:
    """The workflow that goes on from the last picture of this one's clips; None: there is none."""
    found = library.workflows.get(workflow.onward)
    if found is None or found.media != "video" or not any(map(found.input, START)):
        return None
    return found


def spans(workflow: Workflow, onward: Workflow | None, seconds: float) -> tuple[float, ...]:
    """Seconds that each part of a shot adds; one for all of it where nothing limits the workflow."""
    most = longest_clip(workflow) or seconds
    return shared_out(seconds, most, _gain(onward) if onward is not None else 0.0)


def _gain(onward: Workflow) -> float:
    """Seconds that one more part adds, at most: its first picture was shown before."""
    most = longest_clip(onward)
    return max(0.0, most - overlap(onward)) if most else 0.0


def overlap(onward: Workflow) -> float:
    """Seconds of the one picture that a part and the one before it share."""
    _, fps = best_length(onward, 1.0)
    return 1 / fps if fps else 0.0


def in_precision(onward: Workflow, name: str) -> Precision:
    """The precision of what goes on that is called as the first part's, or its own best."""
    return onward.precision(name) or onward.precisions[0]
