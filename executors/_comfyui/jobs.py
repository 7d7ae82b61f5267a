# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a prompt is on its server, from what ``/queue`` and ``/history`` answer, and why it failed.

Both must be looked at: a prompt that the history does not know may wait, run, have been lost
in a restart, or never have come.  Pure: answers in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...core.errors import InputError, MovieDirectorError, OutOfMemory, StepFailed
from .progress import expected_costs
from .wire import Errored, read_error

__all__ = [
    "Ended", "Nowhere", "Queue", "Runs", "Waits", "Whereabouts", "failure", "locate",
    "read_ended", "read_queue", "refusal",
]  # fmt: skip

#: More prompts in a queue are not read; 200 take 97 KB.
MOST_PROMPTS = 100_000
#: How a device says that it is full, whoever's words: the class that ComfyUI raises, PyTorch's text.
_FULL = re.compile(r"out of memory|OutOfMemory|can't allocate memory|not enough memory", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Ids of what runs and what waits, in order, everybody's.

    ``expected`` is what the nodes of all that runs are expected to take, in seconds, roughly.
    """

    running: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    expected: float = field(default=0.0, compare=False)

    def __contains__(self, prompt: str) -> bool:
        return prompt in self.running or prompt in self.waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """It waits; ``before`` is how many come first, what runs among them."""

    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """It runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """It has ended: ``success``, or not, with the error unless somebody interrupted it."""

    success: bool
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: Errored | None = None
    interrupted: bool = False
    cached: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowhere:
    """Neither queue nor history know it."""


Whereabouts: TypeAlias = Waits | Runs | Ended | Nowhere


def read_queue(answer: Any) -> Queue:
    """What ``/queue`` answers; entries that are none are left out."""
    if not isinstance(answer, Mapping):
        return Queue()
    return Queue(
        running=tuple(id for _, id in sorted(_entries(answer.get("queue_running")))),
        waiting=tuple(id for _, id in sorted(_entries(answer.get("queue_pending")))),
        expected=sum(map(_expected, _listed(answer.get("queue_running")))),
    )


def _expected(entry: Any) -> float:
    """What the nodes of a prompt in the queue are expected to take; 0 where they are not told."""
    nodes = entry[2] if isinstance(entry, list) and len(entry) > 2 else None
    if not isinstance(nodes, Mapping):
        return 0.0
    known = {
        id: node
        for id, node in nodes.items()
        if isinstance(node, Mapping) and isinstance(node.get("class_type"), str)
    }
    return sum(expected_costs(known).values())


def _listed(value: Any) -> list[Any]:
    return value[:MOST_PROMPTS] if isinstance(value, list) else []


def _entries(value: Any) -> Iterator[tuple[float, str]]:
    """Number and id of each prompt: the order in which they come."""
    for entry in _listed(value):
        if isinstance(entry, list) and len(entry) >= 2 and isinstance(entry[1], str):
            number = entry[0] if isinstance(entry[0], int | float) else 0
            yield float(number), entry[1]


def read_ended(answer: Any, prompt: str) -> Ended | None:
    """What ``/history/ID`` keeps of a prompt that has ended; None while it does not know it."""
    entry = answer.get(prompt) if isinstance(answer, Mapping) else None
    if not isinstance(entry, Mapping):
        return None
    status = entry.get("status")
    status = status if isinstance(status, Mapping) else {}
    said = dict(_messages(status.get("messages")))
    outputs = entry.get("outputs")
    error = said.get("execution_error")
    cached = said.get("execution_cached", {}).get("nodes", [])
    return Ended(
        success=status.get("status_str") == "success" and status.get("completed") is not False,
        outputs=outputs if isinstance(outputs, Mapping) else {},
        error=_error(error, prompt) if error is not None else None,
        interrupted="execution_interrupted" in said,
        cached=frozenset(each for each in cached if isinstance(each, str))
        if isinstance(cached, list)
        else frozenset(),
    )


def _messages(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, list) and len(each) == 2 and isinstance(each[0], str):
            yield each[0], each[1] if isinstance(each[1], Mapping) else {}


def _error(data: Mapping[str, Any], prompt: str) -> Errored:
    try:
        return read_error({**data, "prompt_id": prompt})
    except (KeyError, TypeError):
        return Errored(prompt=prompt, node="", node_type="", exception="", message="")


def locate(queue: Queue, history: Any, prompt: str) -> Whereabouts:
    """Where a prompt is.  ``history`` must have been asked for after ``queue``: a prompt that
    ends between the two is then seen at least once."""
    ended = read_ended(history, prompt)
    if ended is not None:
        return ended
    if prompt in queue.running:
        return Runs()
    if prompt in queue.waiting:
        return Waits(before=len(queue.running) + queue.waiting.index(prompt))
    return Nowhere()


def failure(error: Errored | None, where: str) -> tuple[MovieDirectorError, bool]:
    """Why the server's work failed, in our words, and whether trying again makes sense."""
    if error is None:
        said = StepFailed(
            "ComfyUI gave the work up without saying why.",
            remedy="Look into ComfyUI's window for what it said.",
            where=where,
        )
        return said, False
    message = " ".join(error.message.split())[:300] or error.exception or "nothing"
    what = f"ComfyUI's node {error.node_type or error.node} failed: {message}"
    what = what if what.endswith((".", "!", "?")) else f"{what}."
    full = _FULL.search(f"{error.exception} {error.message}")
    found: MovieDirectorError
    if full:
        found = OutOfMemory(
            f"ComfyUI's node {error.node_type or error.node} ran out of its device's memory.",
            remedy="Allow a smaller model or size on the node, or close what else uses the card.",
            where=where,
        )
    else:
        found = StepFailed(
            what,
            remedy="Check the workflow and its models; ComfyUI's window shows the whole error.",
            where=where,
        )
    found.log = f"{error.exception}\n{error.message}\n{error.trace}"
    return found, False


def refusal(status: int, answer: Any, where: str) -> MovieDirectorError:
    """Why the server did not take a prompt (or took a part of it only), in our words."""
    body = answer if isinstance(answer, Mapping) else {}
    error = body.get("error")
    error = error if isinstance(error, Mapping) else {"message": error or ""}
    reasons = list(_reasons(body.get("node_errors")))
    said = " ".join(str(error.get(key) or "") for key in ("message", "details")).strip()
    why = "; ".join(reasons[:3]) or said or f"it answered {status}"
    more = f" (and {len(reasons) - 3} more)" if len(reasons) > 3 else ""
    return InputError(
        f"ComfyUI did not accept the workflow: {why[:600].rstrip('.')}{more}.",
        remedy="Install the models or nodes it names on that server, or choose another workflow.",
        where=where,
    )


def _reasons(value: Any) -> Iterator[str]:
    for id, node in value.items() if isinstance(value, Mapping) else ():
        errors = node.get("errors") if isinstance(node, Mapping) else None
        name = str(node.get("class_type") or id) if isinstance(node, Mapping) else str(id)
        for each in errors if isinstance(errors, list) else ():
            if isinstance(each, Mapping):
                said = str(each.get("details") or each.get("message") or each.get("type"))
                yield f"{name}: {' '.join(said.split())[:200]}"
