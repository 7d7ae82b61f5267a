# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run really came to, by the same measures as its plan: time, and memory held for nobody.

Pure: the plan and when each of its steps ended go in.  What a service did beyond what it was
asked for cannot be seen from here; a device's own readings show that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .plan import Plan
from .step import DeviceId, ModelId, Stage, StepId

__all__ = ["Measured", "measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """``seconds`` from the start to the last end.

    ``held_share`` is memory held by models that no step needed any more, over budget and
    time; ``loaded_bytes`` what the stages that ran were told to load.
    """

    seconds: float
    held_share: float
    loaded_bytes: int


def measured(plan: Plan, ends: Mapping[StepId, float]) -> Measured:
    """What the steps that ended came to.  ``ends`` are seconds from the start of the run.

    A stage lasts from the end of the one before it on its device to its own last end; of a
    stage none of whose steps ended nothing is said.
    """
    lines: dict[DeviceId, list[Stage]] = {}
    for stage in plan.stages:
        if any(placed.step.id in ends for placed in stage.steps):
            lines.setdefault(stage.device, []).append(stage)
    seconds = max(ends.values(), default=0.0)
    held = sum(size for device in lines for size in _held(plan, lines[device], ends))
    budgets = sum(plan.devices[device].budget_bytes for device in lines)
    ran = (stage for line in lines.values() for stage in line)
    return Measured(
        seconds=seconds,
        held_share=held / (budgets * seconds) if budgets and seconds else 0.0,
        loaded_bytes=sum(plan.sizes.get(model, 0) for stage in ran for model in stage.load),
    )


def _held(plan: Plan, line: list[Stage], ends: Mapping[StepId, float]) -> Iterator[float]:
    """Byte-seconds of one device's models after their last use, stage by stage."""
    last_use: dict[ModelId, float] = {}
    for stage in line:
        for placed in stage.steps:
            for model in placed.option.models:
                end = ends.get(placed.step.id, 0.0)
                last_use[model] = max(last_use.get(model, 0.0), end)
    resident: frozenset[ModelId] = frozenset()
    begin = 0.0
    for stage in line:
        resident = (resident - stage.unload) | stage.load
        end = max(ends.get(placed.step.id, begin) for placed in stage.steps)
        for model in resident:
            idle = end - max(begin, last_use.get(model, begin))
            if idle > 0:
                yield idle * plan.sizes.get(model, 0)
        begin = end
