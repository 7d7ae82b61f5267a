# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be expected of one step of a run: how long it still takes, and what it waits for.

Asked for one step at a time by whoever shows it; nothing is decided or kept here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .progress import Pacing
from .standing import Entry, State
from .state import SETTLED, NodeState
from .step import Service, Step, StepId

__all__ = ["Outlook", "outlook"]

#: Most steps that are named of those that are waited for.
_NAMED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """``left_s`` is the work that is left, in seconds, without the waiting; 0 when it is settled.

    ``waits_for`` is what keeps the step from going on, in words; "" when nothing does.
    """

    left_s: float = 0.0
    waits_for: str = ""


def outlook(
    steps: Mapping[StepId, Step], state: State, pacing: Pacing, id: StepId, elapsed_s: float = 0.0
) -> Outlook:
    """How it is with a step now; of one that is not to be done, nothing is to be expected.

    ``elapsed_s`` is how long it has been worked on.
    """
    entry = state.entries.get(id)
    if entry is None or entry.state in SETTLED:
        return Outlook()
    waits_for = ""
    if entry.state is NodeState.WAITING:
        waits_for = _parents(steps, state, entry) or _turn(state, entry)
    elif entry.state is NodeState.SCHEDULED:
        waits_for = _service(state, entry)
    return Outlook(left_s=pacing.left_s(id, elapsed_s), waits_for=waits_for)


def _parents(steps: Mapping[StepId, Step], state: State, entry: Entry) -> str:
    """The steps it is made from that are not there yet."""
    needed = sorted(entry.placed.step.after, key=lambda id: steps[id].order)
    missing = [
        f"“{steps[id].label}”"
        for id in needed
        if id in state.entries and state.entries[id].state not in SETTLED
    ]
    more = len(missing) - _NAMED
    return ", ".join(missing[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _turn(state: State, entry: Entry) -> str:
    """Its stage has not begun."""
    line = state.lines[entry.placed.service.device]
    if line.freeing:
        return "memory to be given back"
    first = line.stages[0]
    left = state.left[first]
    before = _name(state.stages[first].steps[0].service)
    return f"its turn: {left} step{'s' if left > 1 else ''} of {before} go{'' if left > 1 else 'es'} before"


def _service(state: State, entry: Entry) -> str:
    """Its turn has come, and it has not begun."""
    service = entry.placed.service
    if entry.running:
        return f"{_name(service)} to begin"
    if service.id in state.away:
        return f"{_name(service)} to come back"
    if entry.due > state.now:
        return f"another attempt in {math.ceil(entry.due - state.now)} s"
    return f"{_name(service)}, which is busy"


def _name(service: Service) -> str:
    return service.name or str(service.id)
