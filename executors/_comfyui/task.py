# SPDX-License-Identifier: GPL-3.0-or-later
"""One piece of work as it is written down before it is sent, so that a crash loses nothing.

It lies in the ticket's folder: who was asked under which id, what is to come out, and what is
done with it then.  It holds no secret and no more than a reader needs to go on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ...core.step import Kind, StepId

__all__ = ["Part", "Task", "read_task", "write_task"]

_FILE = "comfyui.json"
#: Of a task; a prompt of hundreds of nodes has some hundred kilobytes.
_MOST_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What goes on from the last picture of the part before, which ``nodes`` call ``start``."""

    prompt: str
    nodes: Mapping[str, Mapping[str, Any]]
    output: str
    media: str
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """``prompt`` is the id, ``nodes`` what is sent under it; ``output`` and ``media`` say which
    of its files is meant.  ``kind`` and ``inputs`` are the step's, as a helper process takes them.
    ``client`` is under whose id it was sent, ``weights`` are bytes by phase (``peak.Weights``), none
    where they are not known.  Of a shot in parts it is the part ``number``, and ``onward`` are those
    still to come.
    """

    step: StepId
    node: str
    service: str
    address: str
    prompt: str
    nodes: Mapping[str, Mapping[str, Any]]
    output: str
    media: str
    kind: Kind
    inputs: Mapping[str, Any]
    suffix: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0  #: what the work is expected to take; 0: unknown
    client: str = ""
    weights: Mapping[str, int] = field(default_factory=dict)
    number: int = 0
    onward: Sequence[Part] = ()

    @property
    def parts(self) -> int:
        """Of how many parts this is one."""
        return self.number + 1 + len(self.onward)

    def followed(self, nodes: Mapping[str, Mapping[str, Any]]) -> Task:
        """The next part, whose ``nodes`` name the picture it begins with as the server does."""
        then, *rest = self.onward
        return replace(
            self, prompt=then.prompt, nodes=nodes, output=then.output, media=then.media,
            number=self.number + 1, onward=tuple(rest),
        )  # fmt: skip


def write_task(task: Task, folder: Path) -> None:
    """Write it down, whole or not at all."""
    aside = folder / f".{_FILE}.part"
    plain = {each.name: getattr(task, each.name) for each in fields(task)}  # asdict copies deeply
    plain["onward"] = [asdict(part) for part in task.onward]
    aside.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    os.replace(aside, folder / _FILE)


def read_task(folder: Path) -> Task | None:
    """What was written down there; None where nothing whole was."""
    path = folder / _FILE
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        value = json.loads(path.read_text(encoding="utf-8"))
        parts = tuple(Part(**part) for part in value.pop("onward", ()))
        return Task(**value, onward=parts)
    except (OSError, ValueError, TypeError, AttributeError):
        return None
