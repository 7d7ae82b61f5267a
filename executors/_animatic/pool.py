# SPDX-License-Identifier: GPL-3.0-or-later
"""The animatic's helper processes, lent to whoever has a job for one.

A job is what ``jobs.py`` can do; whoever lends a process out gets it back idle, or kills it.
What the jobs are for is not known here.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ...core.compile.lowering import FileRef
from ...core.errors import ServiceLost
from ...core.executor import CancelFlag, Ticket
from ...core.step import ArtifactRef, Kind
from ...core.worker_process import WorkerProcess

__all__ = ["LAST_FRAME", "Listener", "Pool", "spelled"]

#: A job that is no step's: the picture a clip ends with.
LAST_FRAME = Kind("last_frame")
#: Not a step: whether recordings will do to learn a voice from.
RECORDINGS = Kind("recordings")
SCRIPT = Path(__file__).parent / "serve.py"
#: How often the cancel flag is looked at, seconds.
_POLL_S = 0.1


class Listener(Protocol):
    """Hears how far a job is."""

    def progress(self, fraction: float, note: str) -> None:
        """``fraction`` done, 0-1, never falling."""

    def preview(self, path: Path) -> None:
        """A picture of work under way."""


class Pool:
    """Idle processes wait in one SimpleQueue; a thread that takes one is its owner
    until it puts it back, so no process is ever spoken to by two.
    """

    def __init__(self) -> None:
        self._idle: queue.SimpleQueue[WorkerProcess] = queue.SimpleQueue()
        self._closed = False

    def do(
        self,
        kind: Kind,
        inputs: Mapping[str, Any],
        folder: Path,
        heard: Listener,
        cancel: CancelFlag,
    ) -> Mapping[str, Any] | None:
        """The process's last answer (``done`` or ``error``); None when it was cancelled and killed.

        ``inputs`` are spelled (``spelled``).

        Raises:
            ServiceLost: the process died.
        """
        process = self._take()
        try:
            process.send({"kind": kind, "inputs": inputs, "folder": str(folder)})
            answer = _follow(process, heard, cancel)
        except ServiceLost:
            process.close()
            raise
        except BaseException:
            process.kill()
            process.close()
            raise
        if answer is None:
            process.kill()
            process.close()
            return None
        self._give_back(process)
        return answer

    def close(self) -> None:
        """End the processes that are idle; busy ones end when their job does."""
        self._closed = True
        while not self._idle.empty():
            self._idle.get().close()

    def _take(self) -> WorkerProcess:
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return WorkerProcess(SCRIPT)
            if process.alive:
                return process
            process.close()

    def _give_back(self, process: WorkerProcess) -> None:
        if self._closed:
            process.close()
        else:
            self._idle.put(process)


def _follow(
    process: WorkerProcess, heard: Listener, cancel: CancelFlag
) -> Mapping[str, Any] | None:
    reached = 0.0
    while not cancel.is_set():
        answer = process.receive(_POLL_S)
        if answer is None:
            continue
        if "progress" in answer:
            reached = max(reached, float(answer["progress"]))
            heard.progress(reached, str(answer["note"]))
        elif "preview" in answer:
            heard.preview(Path(answer["preview"]))
        else:
            return answer
    return None


def spelled(inputs: Mapping[str, Any], ticket: Ticket) -> dict[str, Any]:
    """A step's inputs as JSON: references become the artifacts' paths and facts."""

    def spell(value: Any) -> Any:
        if isinstance(value, ArtifactRef):
            made = ticket.inputs[value.step]
            return {"path": str(made.path), "facts": made.facts}
        if isinstance(value, FileRef):
            return {"path": str(value.path)}
        if isinstance(value, Mapping):
            return dict(value)
        raise TypeError(f"{type(value).__name__} cannot be part of a job")

    plain: dict[str, Any] = json.loads(json.dumps(inputs, default=spell))
    return plain
