# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as JSON: schema ``movie-director/plan@1``, complete enough to draw it from.

Bytes and seconds are plain numbers; times are from the start of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .step import Device, ModelId, Placed, Stage

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["PLAN_SCHEMA", "plan_to_json"]

PLAN_SCHEMA = "movie-director/plan@1"


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON value; steps in the order they run, cached ones by id."""
    spans = plan.figures.spans or ((0.0, 0.0),) * len(plan.stages)
    used = {stage.device for stage in plan.stages}
    return {
        "schema": PLAN_SCHEMA,
        "steps": len(plan.steps),
        "to_do": len(plan.to_do),
        "seconds": round(plan.seconds, 3),
        "peak_bytes": plan.peak_bytes,
        "figures": _figures(plan),
        "devices": [_device(plan, device) for id, device in plan.devices.items() if id in used],
        "models": {id: plan.sizes[id] for id in sorted(_models(plan)) if id in plan.sizes},
        "stages": [
            _stage(stage, plan, span) for stage, span in zip(plan.stages, spans, strict=True)
        ],
        "cached": {id: artifact.path.as_posix() for id, artifact in plan.cached.items()},
        "dirty": {id: {"code": why.code, "text": why.text} for id, why in plan.dirty.items()},
    }


def _figures(plan: Plan) -> dict[str, Any]:
    figures = plan.figures
    return {
        "seconds_range": [round(seconds, 3) for seconds in figures.seconds_range],
        "loads": figures.loads,
        "loaded_bytes": figures.loaded_bytes,
        "lower_bound_bytes": figures.lower_bound_bytes,
        "waste": {
            "held_share": round(figures.held_share, 6),
            "reloaded_share": round(figures.reloaded_share, 6),
        },
        "optimal": figures.optimal,
    }


def _device(plan: Plan, device: Device) -> dict[str, Any]:
    budget = plan.budgets.get(device.id)
    return {
        "id": device.id,
        "host": device.host,
        "gpu": device.gpu,
        "budget_bytes": device.budget_bytes,
        "load_bytes_per_s": device.load_bytes_per_s,
        "budget": "" if budget is None else budget.explain(),
    }


def _models(plan: Plan) -> set[ModelId]:
    return {model for placed in plan.to_do for model in placed.option.models}


def _stage(stage: Stage, plan: Plan, span: tuple[float, float]) -> dict[str, Any]:
    return {
        "device": stage.device,
        "service": stage.service,
        "executor": plan.services[stage.service].executor,
        "start_s": round(span[0], 3),
        "end_s": round(span[1], 3),
        "load": sorted(stage.load),
        "unload": sorted(stage.unload),
        "peak_bytes": stage.peak_bytes,
        "steps": [_placed(placed) for placed in stage.steps],
    }


def _placed(placed: Placed) -> dict[str, Any]:
    step, option = placed.step, placed.option
    return {
        "id": step.id,
        "node": step.node,
        "kind": step.kind,
        "label": step.label,
        "executor": option.executor,
        "workflow": option.workflow,
        "precision": option.precision,
        "models": sorted(option.models),
        "work_bytes": option.work_bytes,
        "seconds": round(option.seconds, 3),
        "fidelity": option.fidelity.name.lower(),
        "reason": placed.reason,
    }
