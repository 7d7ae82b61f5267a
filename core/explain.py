# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan in words and as JSON: schema ``movie-director/plan@1``.

What people read before anything runs: how much there is to do and why, stage by
stage, and who does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .amounts import amount
from .step import Placed, Stage, StepId

if TYPE_CHECKING:
    from .plan import Dirty, Plan

__all__ = ["PLAN_SCHEMA", "duration_words", "explain_plan", "plan_to_json"]

PLAN_SCHEMA = "movie-director/plan@1"


def explain_plan(plan: Plan) -> str:
    """Several lines, no final line break."""
    return "\n".join(_lines(plan))


def duration_words(seconds: float) -> str:
    """ "4 s", "3 min 20 s", "2 h 5 min": whole units, two at most."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _lines(plan: Plan) -> Iterator[str]:
    to_do = len(plan.to_do)
    kept = len(plan.cached)
    if not to_do:
        yield f"Nothing to do: all {len(plan.steps)} steps are there."
    else:
        yield (
            f"{to_do} of {len(plan.steps)} steps to do, {kept} there already; "
            f"about {duration_words(plan.seconds)}, at most {amount(plan.peak_bytes)} of memory."
        )
    yield from _stand_ins(plan)
    for number, stage in enumerate(plan.stages, 1):
        yield ""
        yield _stage_line(plan, number, stage)
        for placed in stage.steps:
            yield _step_line(placed, plan.dirty)


def _stand_ins(plan: Plan) -> Iterator[str]:
    waiting = [id for id in plan.dirty if id in plan.cached]
    if waiting:
        yield f"{len(waiting)} results stand in for what was asked; nothing better can be had now."


def _stage_line(plan: Plan, number: int, stage: Stage) -> str:
    kinds = Counter(placed.step.kind for placed in stage.steps)
    what = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    models = f"; loads {', '.join(sorted(stage.load))}" if stage.load else ""
    service = plan.services[stage.service]
    where = "" if str(service.id) == stage.device else f" on {stage.device}"
    return (
        f"Stage {number} of {len(plan.stages)}: {service.id}{where}, {what}, "
        f"{amount(stage.peak_bytes)}{models}"
    )


def _step_line(placed: Placed, dirty: Mapping[StepId, Dirty]) -> str:
    step = placed.step
    why = dirty[step.id]
    said = why.code if why.code == "new" else f"{why.code}: {why.text}"
    how = "/".join(part for part in (placed.option.workflow, placed.option.precision) if part)
    by = f"{placed.service.id} {how}".strip()
    label = step.label if len(step.label) <= 60 else f"{step.label[:59]}…"
    return f"  {step.id}  {label}  [{said}]  {by}: {placed.reason}"


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON value; steps in the order they run, cached ones by id."""
    return {
        "schema": PLAN_SCHEMA,
        "steps": len(plan.steps),
        "to_do": len(plan.to_do),
        "seconds": round(plan.seconds, 3),
        "peak_bytes": plan.peak_bytes,
        "stages": [_stage_json(stage, plan) for stage in plan.stages],
        "cached": {id: artifact.path.as_posix() for id, artifact in plan.cached.items()},
        "dirty": {id: {"code": why.code, "text": why.text} for id, why in plan.dirty.items()},
    }


def _stage_json(stage: Stage, plan: Plan) -> dict[str, Any]:
    return {
        "device": stage.device,
        "service": stage.service,
        "executor": plan.services[stage.service].executor,
        "load": sorted(stage.load),
        "unload": sorted(stage.unload),
        "peak_bytes": stage.peak_bytes,
        "steps": [_placed_json(placed) for placed in stage.steps],
    }


def _placed_json(placed: Placed) -> dict[str, Any]:
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
