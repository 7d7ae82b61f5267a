# SPDX-License-Identifier: GPL-3.0-or-later
"""How sure a plan's time is: the range that nine of ten runs should end in.

Errors of one kind of work go the same way, so ranges are added up, not averaged out.  What the
machine taught is ``learning``'s.
"""

from __future__ import annotations

from .learning import FEWEST, Key, Learned, keys_of
from .plan import Plan
from .step import Option, Placed

__all__ = ["seconds_range"]


def seconds_range(plan: Plan, learned: Learned) -> tuple[float, float]:
    """Seconds from start to end, at least and at most; (0, 0) when there is nothing to do."""
    known: dict[tuple[object, ...], tuple[float, float, float]] = {}
    low = likely = high = 0.0
    for placed in plan.to_do:
        size = placed.step.inputs.get("size")
        shape = tuple(map(str, size)) if isinstance(size, list | tuple) else None
        about = (placed.service.device, placed.step.kind, shape, placed.option)
        if about not in known:
            known[about] = _range(placed, learned)
        least, middle, most = known[about]
        low, likely, high = low + least, likely + middle, high + most
    if not likely:
        return plan.seconds, plan.seconds
    return plan.seconds * min(1.0, low / likely), plan.seconds * max(1.0, high / likely)


def _range(placed: Placed, learned: Learned) -> tuple[float, float, float]:
    """At least, likely and at most."""
    option: Option = placed.option
    machine = str(placed.service.device)
    keys = keys_of(machine, placed.step, option)
    key = next((k for k in keys if _known(learned, k)), keys[0])
    least, most = learned.seconds_range(key, option.seconds)
    return least, learned.costs(machine, placed.step, option).seconds, most


def _known(learned: Learned, key: Key) -> bool:
    lesson = learned.lessons.get(key)
    return lesson is not None and len(lesson.seconds) >= FEWEST
