# SPDX-License-Identifier: GPL-3.0-or-later
"""What Wan2GP says of work under way, as values.  Pure.

Its own percentage is an estimate that may fall; whoever shows it sees to that.  A job that is
done has a result, which may hold no file: what its own checks leave out is no failure to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import BadAnswer

__all__ = ["Item", "Job", "Outcome", "read_job"]

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
_OUT_OF_MEMORY = ("out of memory", "outofmemory", "not enough memory", "insufficient vram")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file it made: an id to ask for it by, and video, audio or image."""

    id: str
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended; ``error`` is what it said, "" where all went well."""

    success: bool
    cancelled: bool
    error: str
    items: tuple[Item, ...]

    @property
    def out_of_memory(self) -> bool:
        """Whether its card's memory was not enough."""
        return any(words in self.error.lower() for words in _OUT_OF_MEMORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it is: how far (0-1, an estimate), doing what; ``outcome`` once it is done."""

    id: str
    done: bool
    fraction: float
    note: str
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
    told = _latest(value.get("events"))
    result = value.get("result")
    return Job(
        id=value["job_id"][:200],
        done=value.get("done") is True,
        fraction=_fraction(told.get("progress")),
        note=_note(told),
        outcome=_outcome(result) if isinstance(result, dict) else None,
    )


def _latest(events: Any) -> Mapping[str, Any]:
    """The data of the newest event that speaks of progress."""
    for event in reversed(events if isinstance(events, list) else []):
        if isinstance(event, dict) and event.get("kind") == "progress":
            data = event.get("data")
            if isinstance(data, dict):
                return data
    return {}


def _fraction(value: Any) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return min(max(float(value) / 100, 0.0), 1.0) if known else 0.0


def _note(told: Mapping[str, Any]) -> str:
    phase = str(told.get("phase", ""))
    note = _PHASES.get(phase) or ("generating" if phase.startswith("inference") else "working")
    step, steps = told.get("current_step"), told.get("total_steps")
    if isinstance(step, int) and isinstance(steps, int) and 0 <= step <= steps < 100_000 and steps:
        return f"{note}, step {step} of {steps}"
    return note


def _outcome(result: Mapping[str, Any]) -> Outcome:
    errors = result.get("errors")
    said = [
        str(error.get("message", ""))[:500]
        for error in (errors if isinstance(errors, list) else [])[:5]
        if isinstance(error, dict)
    ]
    items = result.get("gallery_items")
    return Outcome(
        success=result.get("success") is True,
        cancelled=result.get("cancelled") is True,
        error=" ".join(filter(None, said)),
        items=tuple(filter(None, map(_item, items if isinstance(items, list) else []))),
    )


def _item(value: Any) -> Item | None:
    if not isinstance(value, dict) or not isinstance(value.get("gallery_id"), str):
        return None
    return Item(id=value["gallery_id"][:200], media=str(value.get("media_type", "")))
