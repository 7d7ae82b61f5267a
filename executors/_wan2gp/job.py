# SPDX-License-Identifier: GPL-3.0-or-later
"""What Wan2GP says of work under way, as values.  Pure.

Its own percentage is an estimate that may fall; whoever shows it sees to that.  A job is one task
or several, done one after the other; its files name their task by the id that we gave it.  A job
that is done has a result, which may hold no file: what its own checks leave out is no failure to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import BadAnswer

__all__ = ["Fault", "Item", "Job", "Outcome", "read_items", "read_job"]

_PHASES: Mapping[str, str] = {
    "loading_model": "loading the model",
    "encoding_text": "reading the prompt",
    "inference": "generating",
    "inference_stage_1": "generating, first pass",
    "inference_stage_2": "generating, second pass",
    "inference_stage_3": "generating, third pass",
    "decoding": "turning it into pictures and sound",
    "downloading_output": "saving",
    "cancelled": "giving up",
}
#: What its errors say where a card's memory was not enough.
_OUT_OF_MEMORY = (
    "out of memory", "outofmemory", "not enough memory", "insufficient vram",
    # In its own spelling (wgp.py, generate_media): the card's, then the machine's.
    "unsufficient vram", "unsufficient ram",
)  # fmt: skip
#: How its status begins where a job has several tasks, "Prompt 2/5 - Denoising".
_NUMBER = re.compile(r"Prompt (\d{1,4})/\d")
#: Events after which progress speaks of the next task.
_BETWEEN = ("output", "error")
#: Files of one job that are looked at.
_MOST_ITEMS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file it made: an id to ask for it by; video, audio or image; its task's id, "" untold."""

    id: str
    media: str
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong with a task; ``task`` is "" where it speaks of no one task."""

    task: str
    message: str
    cancelled: bool = False

    @property
    def out_of_memory(self) -> bool:
        """Whether its card's memory was not enough."""
        return any(words in self.message.lower() for words in _OUT_OF_MEMORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended."""

    success: bool
    cancelled: bool
    faults: tuple[Fault, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it is: how far its present task is (0-1, an estimate), doing what.

    ``number`` is that task's place from 1 on, 0 where it is not told; ``faults`` are those of tasks
    that failed meanwhile; ``outcome`` is there once all is done.
    """

    id: str
    done: bool
    fraction: float
    note: str
    number: int
    faults: tuple[Fault, ...]
    outcome: Outcome | None


def read_job(value: Any, who: str) -> Job:
    """What ``wangp_get_job`` and its like answer.

    Raises:
        BadAnswer: it is not what they answer.
    """
    if not isinstance(value, dict) or not isinstance(value.get("job_id"), str):
        raise BadAnswer(
            f"{who} did not say which job it speaks of.",
            remedy="Update Wan2GP: this version has another interface.",
        )
    events = [each for each in _list(value.get("events")) if isinstance(each, dict)]
    told = _latest(events)
    result = value.get("result")
    errors = [each.get("data") for each in events if each.get("kind") == "error"]
    return Job(
        id=value["job_id"][:200],
        done=value.get("done") is True,
        fraction=_fraction(told.get("progress")),
        note=_note(told),
        number=_number(told.get("status")),
        faults=_faults(errors),
        outcome=_outcome(result) if isinstance(result, dict) else None,
    )


def read_items(value: Any) -> tuple[Item, ...]:
    """The files in a list of its gallery, in the order they were made; what is none is left out."""
    return tuple(filter(None, map(_item, _list(value)[:_MOST_ITEMS])))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _latest(events: list[dict[str, Any]]) -> Mapping[str, Any]:
    """The data of the newest event that speaks of the progress of the present task."""
    for event in reversed(events):
        if event.get("kind") in _BETWEEN:
            break
        if event.get("kind") == "progress":
            data = event.get("data")
            if isinstance(data, dict):
                return data
    return {}


def _fraction(value: Any) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return min(max(float(value) / 100, 0.0), 1.0) if known else 0.0


def _number(status: Any) -> int:
    found = _NUMBER.match(status) if isinstance(status, str) else None
    return int(found[1]) if found else 0


def _note(told: Mapping[str, Any]) -> str:
    phase = str(told.get("phase", ""))
    note = _PHASES.get(phase) or ("generating" if phase.startswith("inference") else "working")
    step, steps = told.get("current_step"), told.get("total_steps")
    if isinstance(step, int) and isinstance(steps, int) and 0 <= step <= steps < 100_000 and steps:
        return f"{note}, step {step} of {steps}"
    return note


def _outcome(result: Mapping[str, Any]) -> Outcome:
    return Outcome(
        success=result.get("success") is True,
        cancelled=result.get("cancelled") is True,
        faults=_faults(_list(result.get("errors"))),
        items=read_items(result.get("gallery_items")),
    )


def _faults(errors: list[Any]) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            task=str(error.get("task_id") or "")[:200],
            message=str(error.get("message") or "")[:500],
            cancelled=error.get("cancelled") is True,
        )
        for error in errors[:_MOST_ITEMS]
        if isinstance(error, dict)
    )


def _item(value: Any) -> Item | None:
    if not isinstance(value, dict) or not isinstance(value.get("gallery_id"), str):
        return None
    settings = value.get("settings")
    task = settings.get("client_id") if isinstance(settings, dict) else ""
    return Item(
        id=value["gallery_id"][:200],
        media=str(value.get("media_type", "")),
        task=str(task or "")[:200],
    )
