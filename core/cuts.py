# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a film is cut where it is: what did not fit together, what left, and what comes back.

Read off a plan's stages alone, so a plan from a file is explained as well as a new one.  The words
are ``explain``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .step import DeviceId, ModelId, ServiceId, Stage

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["Cut", "cuts", "resident", "room_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Why a stage begins where it does; the first of a device has none.

    ``before`` is the service of the stage before.  ``lack_bytes`` is by how much everything that
    was there and everything that comes would exceed what there is; 0 when it would fit.  ``again``
    leaves and comes back, each model with the number of the stage (from 1) that loads it; ``over``
    leaves for good.
    """

    before: ServiceId
    service: ServiceId
    comes: frozenset[ModelId]
    lack_bytes: int
    room_bytes: int
    again: Mapping[ModelId, int]
    over: frozenset[ModelId]


def resident(plan: Plan) -> tuple[Mapping[ServiceId, frozenset[ModelId]], ...]:
    """What each service of the stage's device holds while it runs; one for each stage."""
    held: dict[DeviceId, dict[ServiceId, frozenset[ModelId]]] = {}
    found = []
    for stage in plan.stages:
        here = held.setdefault(stage.device, {})
        for service, models in stage.frees:
            here[service] = here.get(service, frozenset()) - models
        here[stage.service] = here.get(stage.service, frozenset()) | stage.load
        _left_alone(plan, stage, here)
        found.append({service: models for service, models in here.items() if models})
    return tuple(found)


def _left_alone(plan: Plan, stage: Stage, here: dict[ServiceId, frozenset[ModelId]]) -> None:
    """Services that free by themselves hold nothing while others work, and no more than fits."""
    for id in here:
        if plan.services[id].unload == "self":
            needed: Iterable[frozenset[ModelId]] = (p.option.models for p in stage.steps)
            here[id] = frozenset().union(*needed) if id == stage.service else frozenset()


def room_of(plan: Plan, device: DeviceId) -> int:
    """Bytes for models and work: the budget less what idle services hold."""
    idle = (service.idle_bytes for service in plan.services.values() if service.device == device)
    return plan.devices[device].budget_bytes - sum(idle)


def cuts(plan: Plan) -> tuple[Cut | None, ...]:
    """One for each stage."""
    held = resident(plan)
    coming = _loaded_next(plan)
    last: dict[DeviceId, int] = {}
    found: list[Cut | None] = []
    for number, stage in enumerate(plan.stages):
        before = last.get(stage.device)
        last[stage.device] = number
        found.append(None if before is None else _cut(plan, number, before, held, coming[number]))
    return tuple(found)


def _cut(
    plan: Plan,
    number: int,
    before: int,
    held: tuple[Mapping[ServiceId, frozenset[ModelId]], ...],
    coming: Mapping[tuple[ServiceId, ModelId], int],
) -> Cut:
    stage = plan.stages[number]
    size = plan.sizes.get
    work = max((placed.option.work_bytes for placed in stage.steps), default=0)
    there = sum(size(model, 0) for models in held[before].values() for model in models)
    room = room_of(plan, stage.device)
    gone = [(service, model) for service, models in stage.frees for model in models]
    return Cut(
        before=plan.stages[before].service,
        service=stage.service,
        comes=stage.load,
        lack_bytes=max(0, there + sum(size(model, 0) for model in stage.load) + work - room),
        room_bytes=room,
        again={key[1]: coming[key] + 1 for key in gone if key in coming},
        over=frozenset(model for service, model in gone if (service, model) not in coming),
    )


def _loaded_next(plan: Plan) -> list[Mapping[tuple[ServiceId, ModelId], int]]:
    """For each stage, the stage that next loads what has left: this one or a later one."""
    found: list[Mapping[tuple[ServiceId, ModelId], int]] = []
    after: dict[tuple[ServiceId, ModelId], int] = {}
    for number in range(len(plan.stages) - 1, -1, -1):
        stage = plan.stages[number]
        if stage.load:
            after = {**after, **{(stage.service, model): number for model in stage.load}}
        found.append(after)
    return found[::-1]
