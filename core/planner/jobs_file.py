# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner's problem as a neutral JSON file, so that anybody can compare planners.

In: devices, services on them, models, and steps with options; without services each device
has one that frees selectively and holds nothing when idle.  Out: stages with loads and
unloads, and how good the plan is.  ``docs/jobs.schema.json`` says both exactly.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import InputError, OutOfMemoryBudget, PlanError
from ..step import Device, DeviceId, ModelId, Priority, Service, ServiceId
from .feasible import Cramped
from .greedy import Circle
from .problem import JobWish, Problem, Wish, pose
from .solve import Effort, Solution, solve

__all__ = ["MOST_CHARACTERS", "answer_json", "plan_jobs", "problem_from_text"]

#: Characters of a file: 100,000 steps take about 30 million.
MOST_CHARACTERS = 256 * 2**20
#: No device, model or working memory is larger than an exbibyte; no step longer than a century.
MOST_BYTES, MOST_SECONDS = 2**60, 3.2e9
#: What a file may say about itself.
REMARKS = {"$schema", "schema", "name", "comment"}
UNLOADS = ("selective", "all", "self")
RANKS = {priority.name.lower(): int(priority) for priority in Priority}


def plan_jobs(text: str, effort: Effort | None = None) -> dict[str, Any]:
    """Plan the problem in a JSON text; the answer as JSON.

    Raises:
        InputError: it is no such problem; says where.
        PlanError: its steps wait for each other, or one has nowhere to run.
        OutOfMemoryBudget: a step fits nowhere.
    """
    return answer_json(solved_jobs(text, effort))


def solved_jobs(text: str, effort: Effort | None = None) -> Solution:
    """The solution of the problem in a JSON text; errors as ``plan_jobs``."""
    problem = problem_from_text(text)
    try:
        return solve(problem, effort)
    except Cramped as error:
        raise OutOfMemoryBudget(error.job.id, needs=error.needs, budget=error.room) from None
    except Circle as error:
        raise PlanError(
            f"These steps wait for each other: {', '.join(error.jobs)}.",
            remedy="Remove one of them from another's 'after'.",
            where=error.jobs[0],
        ) from None


def problem_from_text(text: str) -> Problem:
    """The problem in a JSON text.

    Raises:
        InputError: it is not JSON, or no such problem; says where.
    """
    if len(text) > MOST_CHARACTERS:
        raise _bad("file", "is larger than 256 MiB")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(
            f"line {error.lineno}, column {error.colno}", f"is not JSON ({error.msg})"
        ) from None
    except RecursionError:
        raise _bad("file", "is nested too deeply") from None
    return _problem(_object(value, "file", {"devices", "services", "models", "steps"} | REMARKS))


def _problem(value: Mapping[str, Any]) -> Problem:
    devices = [_device(entry, f"devices[{n}]") for n, entry in _entries(value, "devices")]
    if not devices:
        raise _bad("devices", "is empty")
    places = _distinct((device.id for device in devices), "devices")
    if value.get("services") is None:
        services = [_own(device) for device in devices]
    else:
        services = [_service(entry, f"services[{n}]", places) for n, entry in _entries(value, "services")]  # fmt: skip
    known = _distinct((service.id for service in services), "services")
    sizes = dict(_model(entry, f"models[{n}]") for n, entry in _entries(value, "models"))
    if len(sizes) < len(value.get("models", ())):
        raise _bad("models", "holds an id twice")
    steps = list(_entries(value, "steps"))
    ids = _distinct((_text(_object(entry, f"steps[{n}]"), "id", f"steps[{n}]") for n, entry in steps), "steps")  # fmt: skip
    reader = _StepReader(list(known), sizes, ids)
    jobs = [reader.read(entry, f"steps[{n}]") for n, entry in steps]
    return pose(jobs, devices=devices, services=services, sizes=sizes)


def _device(entry: Any, where: str) -> Device:
    value = _object(entry, where, {"id", "budget_bytes", "load_bytes_per_s"})
    speed = _number(value, "load_bytes_per_s", where, most=1e18)
    if speed <= 0:
        raise _bad(f"{where}.load_bytes_per_s", "must be more than 0")
    return Device(
        id=DeviceId(_text(value, "id", where)),
        budget_bytes=_bytes(value, "budget_bytes", where),
        load_bytes_per_s=speed,
    )


def _own(device: Device) -> Service:
    return Service(id=ServiceId(device.id), executor="", device=device.id, unload="selective")


def _service(entry: Any, where: str, devices: Mapping[str, int]) -> Service:
    value = _object(entry, where, {"id", "device", "unload", "idle_bytes"})
    device = _text(value, "device", where)
    if device not in devices:
        raise _bad(f"{where}.device", f"names no device: '{device}'")
    unload = value.get("unload", "selective")
    if unload not in UNLOADS:
        raise _bad(f"{where}.unload", f"must be one of {', '.join(UNLOADS)}")
    return Service(
        id=ServiceId(_text(value, "id", where)),
        executor="",
        device=DeviceId(device),
        unload=unload,
        idle_bytes=_bytes(value, "idle_bytes", where, 0),
    )


def _model(entry: Any, where: str) -> tuple[ModelId, int]:
    value = _object(entry, where, {"id", "bytes"})
    return ModelId(_text(value, "id", where)), _bytes(value, "bytes", where)


class _StepReader:
    """Reads steps that may name these services, models and steps."""

    OPTION = frozenset({"services", "models", "work_bytes", "seconds", "fidelity"})

    def __init__(
        self, services: Sequence[str], models: Mapping[ModelId, int], steps: Mapping[str, int]
    ) -> None:
        self._services = services
        self._models = models
        self._steps = steps

    def read(self, entry: Any, where: str) -> JobWish:
        value = _object(entry, where, {"id", "after", "priority", "options"} | self.OPTION)
        if "options" in value:
            options = list(_entries(value, "options", where))
            if not options or self.OPTION & value.keys():
                raise _bad(where, "needs options, or the fields of its only one, and not both")
            wishes = [self._wish(option, f"{where}.options[{n}]") for n, option in options]
        else:
            wishes = [self._wish({key: value[key] for key in self.OPTION & value.keys()}, where)]
        return JobWish(
            id=_text(value, "id", where),
            after=self._names(value, "after", where, self._steps),
            wishes=wishes,
            priority=_rank(value, where),
        )

    def _wish(self, entry: Any, where: str) -> Wish:
        value = _object(entry, where, self.OPTION)
        services = self._names(value, "services", where, self._services)
        if "services" in value and not services:
            raise _bad(f"{where}.services", "is empty")
        return Wish(
            services=[ServiceId(id) for id in services or self._services],
            models=frozenset(map(ModelId, self._names(value, "models", where, self._models))),
            work_bytes=_bytes(value, "work_bytes", where, 0),
            seconds=_number(value, "seconds", where, 0.0, most=MOST_SECONDS),
            fidelity=_level(value, where),
        )

    def _names(
        self, value: Mapping[str, Any], key: str, where: str, known: Iterable[str]
    ) -> list[str]:
        names = value.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _bad(f"{where}.{key}", "must be a list of ids")
        there = known if isinstance(known, Mapping) else set(known)
        for name in names:
            if name not in there:
                raise _bad(f"{where}.{key}", f"names nothing that is there: '{name}'")
        return names


def _rank(value: Mapping[str, Any], where: str) -> int:
    given = value.get("priority", int(Priority.OTHER))
    rank = RANKS.get(given) if isinstance(given, str) else given
    if isinstance(rank, bool) or not isinstance(rank, int) or not 0 <= rank <= 1000:
        raise _bad(
            f"{where}.priority", f"must be 0 (kept longest) to 1000, or one of {', '.join(RANKS)}"
        )
    return rank


def _level(value: Mapping[str, Any], where: str) -> int:
    level = value.get("fidelity", 100)
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not abs(level) <= 1e9:
        raise _bad(f"{where}.fidelity", "must be a number, higher for better")
    return round(level * 1e6)


def _entries(value: Mapping[str, Any], key: str, where: str = "") -> Iterable[tuple[int, Any]]:
    entries = value.get(key)
    if not isinstance(entries, list):
        raise _bad(f"{where}.{key}".lstrip("."), "must be a list")
    return enumerate(entries)


def _object(value: Any, where: str, keys: Iterable[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _bad(where, "must be an object")
    unknown = sorted(value.keys() - set(keys)) if keys is not None else []
    if unknown:
        raise _bad(where, f"holds what is not known here: '{unknown[0]}'")
    return value


def _text(value: Mapping[str, Any], key: str, where: str) -> str:
    text = value.get(key)
    if not isinstance(text, str) or not text:
        raise _bad(f"{where}.{key}", "must be a text that is not empty")
    return text


def _bytes(value: Mapping[str, Any], key: str, where: str, default: int | None = None) -> int:
    return round(_number(value, key, where, default, most=MOST_BYTES))


def _number(
    value: Mapping[str, Any], key: str, where: str, default: float | None = None, *, most: float
) -> float:
    number = value.get(key, default)
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= most:
        raise _bad(f"{where}.{key}", "must be a number from 0 on")
    return number


def _distinct(ids: Iterable[str], where: str) -> dict[str, int]:
    known: dict[str, int] = {}
    for id in ids:
        if id in known:
            raise _bad(where, f"holds '{id}' twice")
        known[id] = len(known)
    return known


def _bad(where: str, what: str) -> InputError:
    return InputError(
        f"The jobs cannot be read: {where} {what}.",
        remedy="Correct the file; docs/jobs.schema.json says how it is written.",
    )


def answer_json(solution: Solution) -> dict[str, Any]:
    """The answer as JSON: stages by their start, then how good it is."""
    problem, answer = solution.problem, solution.answer
    blocks = [block for line in answer.lines for block in line]
    order = sorted(range(len(blocks)), key=lambda n: (answer.timed.starts[n], n))
    stages = [
        {
            "device": problem.devices[block.device].id,
            "service": problem.services[block.service].id,
            "steps": [problem.jobs[job].id for job, _ in block.calls],
            "options": [way.wish for _, way in block.calls],
            "unload": sorted(problem.names(block.unload)),
            "load": sorted(problem.names(block.load)),
            "peak_bytes": block.peak,
            "start_s": _seconds(answer.timed.starts[n]),
            "end_s": _seconds(answer.timed.ends[n]),
        }
        for n in order
        for block in [blocks[n]]
    ]
    return {
        "stages": stages,
        "loads": sum(block.load.bit_count() for block in blocks),
        "loaded_bytes": answer.loaded_bytes,
        "makespan_seconds": _seconds(answer.timed.seconds),
        "waste": {
            "held_for_nobody": round(answer.timed.idle_share, 6),
            "loaded_beyond_best": round(solution.reloaded_share, 6),
        },
        "optimal": solution.optimal,
        "lower_bound_bytes": solution.lower_bound_bytes,
    }


def _seconds(seconds: float) -> float:
    return round(seconds, 6) if math.isfinite(seconds) else 0.0
