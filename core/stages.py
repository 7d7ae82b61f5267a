# SPDX-License-Identifier: GPL-3.0-or-later
"""Cut placed steps into stages whose models fit in memory together.

Greedy and in order: a device's stage goes on until another service is needed, or
until what must be resident no longer fits.  Greedy is optimal while the order is
fixed, since what a stage needs never shrinks as it grows.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .step import Device, DeviceId, ModelId, Option, Placed, Service, Stage, Step

__all__ = ["cut_stages", "estimated_seconds"]


@dataclass(slots=True)
class _Open:
    """A stage being filled."""

    service: Service
    resident: frozenset[ModelId]
    place: int
    models: frozenset[ModelId] = frozenset()
    steps: list[Placed] = field(default_factory=list)
    #: The largest ``slots`` working memories: those may be in use at once.
    work: list[int] = field(default_factory=list)
    peak: int = 0


def cut_stages(
    placed: Sequence[Placed],
    devices: Mapping[DeviceId, Device],
    services: Collection[Service],
    sizes: Mapping[ModelId, int],
) -> tuple[Stage, ...]:
    """The stages, by the order of their first steps; each device's follow one another."""
    idle: dict[DeviceId, int] = {}
    for service in services:
        idle[service.device] = idle.get(service.device, 0) + service.idle_bytes
    done: list[tuple[int, Stage]] = []
    open_stages: dict[DeviceId, _Open] = {}
    for count, work in enumerate(placed):
        device = work.service.device
        stage = open_stages.get(device)
        budget = devices[device].budget_bytes
        if stage is None or not _fits(stage, work, sizes, idle[device], budget):
            resident = stage.models if stage else frozenset()
            if stage is not None:
                done.append((stage.place, _closed(stage)))
            stage = _Open(service=work.service, resident=resident, place=count)
            open_stages[device] = stage
        _take(stage, work, sizes, idle[device])
    done.extend((stage.place, _closed(stage)) for stage in open_stages.values())
    return tuple(stage for _, stage in sorted(done, key=lambda item: item[0]))


def _fits(stage: _Open, work: Placed, sizes: Mapping[ModelId, int], idle: int, budget: int) -> bool:
    if stage.service.id != work.service.id:
        return False
    if work.option.models <= stage.models and not work.option.work_bytes:
        return True
    return _peak(stage, work.option, sizes, idle)[0] <= budget


def _peak(
    stage: _Open, option: Option, sizes: Mapping[ModelId, int], idle: int
) -> tuple[int, list[int]]:
    """Most bytes in use at once with the option added, and the working memories that count."""
    work = list(stage.work)
    heapq.heappush(work, option.work_bytes)
    if len(work) > stage.service.slots:
        heapq.heappop(work)
    models = sum(sizes.get(model, 0) for model in stage.models | option.models)
    return models + sum(work) + idle, work


def _take(stage: _Open, work: Placed, sizes: Mapping[ModelId, int], idle: int) -> None:
    first = not stage.steps
    stage.steps.append(work)
    if not first and work.option.models <= stage.models and not work.option.work_bytes:
        return
    peak, stage.work = _peak(stage, work.option, sizes, idle)
    stage.peak = max(stage.peak, peak)
    stage.models |= work.option.models


def _closed(stage: _Open) -> Stage:
    return Stage(
        device=stage.service.device,
        service=stage.service.id,
        load=stage.models - stage.resident,
        unload=stage.resident - stage.models,
        steps=tuple(stage.steps),
        peak_bytes=stage.peak,
    )


def estimated_seconds(
    stages: Sequence[Stage],
    seconds: Callable[[Step, Option], float],
    devices: Mapping[DeviceId, Device],
    services: Collection[Service],
    sizes: Mapping[ModelId, int],
) -> float:
    """Seconds from start to end: each device's stages one after another, devices side by side."""
    slots = {service.id: service.slots for service in services}
    total: dict[DeviceId, float] = {}
    for stage in stages:
        work = sum(seconds(placed.step, placed.option) for placed in stage.steps)
        slowest = max(seconds(placed.step, placed.option) for placed in stage.steps)
        loading = sum(sizes.get(model, 0) for model in stage.load)
        total[stage.device] = (
            total.get(stage.device, 0.0)
            + max(work / slots[stage.service], slowest)
            + loading / devices[stage.device].load_bytes_per_s
        )
    return max(total.values(), default=0.0)
