"""An executor that makes everything at once, and a studio that has no other.

What it writes follows from the step's intent alone, so equal films have equal bytes.
Run as a program it is the command line on such a studio:

    python tests/instant.py film SCRIPT -o DIR

with ``INSTANT_SECONDS`` it takes that long for each step, ``INSTANT_FAIL`` names a
kind that fails, and ``INSTANT_LOG`` is a file that gets a line for each step begun.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).resolve().parent / "conftest.py"))

from movie_director.core.digest import file_digest
from movie_director.core.errors import StepFailed
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Found,
    Health,
    Produced,
    Progressed,
    Setup,
    Ticket,
    Unknown,
    Want,
)
from movie_director.core.step import (
    AMBIENCE,
    CLIP,
    FILM,
    MIX,
    MUSIC,
    OTIO,
    SOUND,
    SPEECH,
    STORYBOARD,
    SUBTITLES,
    Device,
    DeviceId,
    Option,
    Placed,
    Service,
    ServiceId,
)
from movie_director.executors.delivery import Delivery
from movie_director.node_types import catalogue
from movie_director.studio import Studio

KINDS = frozenset({SPEECH, SOUND, AMBIENCE, MUSIC, CLIP, MIX, FILM, OTIO, SUBTITLES, STORYBOARD})
#: Bytes one step says it needs, so that a budget can be too small for it.
WORK_BYTES = 64 * 2**20


class Instant:
    """Writes a step's intent into a file.  ``made`` lists the steps begun, in order."""

    name = "instant"

    def __init__(self, *, seconds: float = 0.0, failing: str = "", log: str = "") -> None:
        self.seconds = seconds
        self.failing = failing
        self.log = log
        self.made: list[str] = []

    def devices(self) -> tuple[Device, ...]:
        return (Device(id=DeviceId("cpu"), budget_bytes=2**33),)

    def services(self) -> tuple[Service, ...]:
        return (
            Service(
                id=ServiceId("instant"),
                executor="instant",
                device=DeviceId("cpu"),
                slots=2,
                capabilities=KINDS,
            ),
        )

    def addresses(self) -> tuple[str, ...]:
        return ()

    def identify(self, address: str) -> Service | None:
        return None

    def health(self, service: Any) -> Health:
        return Health()

    def offer(self, want: Want) -> tuple[Option, ...]:
        if want.kind not in KINDS:
            return ()
        return (Option(executor="instant", work_bytes=WORK_BYTES, seconds=0.1),)

    def refuse(self, step: Any, option: Any, service: Any) -> str | None:
        return None

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        step = work.step
        self.made.append(step.id)
        if self.log:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(f"{step.id}\n")
        if self._waits(step.id, emit, cancel):
            emit(Cancelled(step=step.id))
            return
        if step.kind == self.failing:
            error = StepFailed("It broke.", remedy="Mend it.", where=step.node)
            emit(Failed(step=step.id, error=error))
            return
        path = ticket.folder / f"made{step.place.suffix}"
        text = f"{step.kind} {step.intent}\n"
        path.write_text(json.dumps(text) if step.kind == OTIO else text, encoding="utf-8")
        emit(
            Produced(
                step=step.id,
                path=path,
                bytes=path.stat().st_size,
                content=file_digest(path),
                facts={"seconds": 2.0, "frames": 48},
            )
        )
        emit(Finished(step=step.id, seconds=0.01))

    def _waits(self, step: Any, emit: Emit, cancel: CancelFlag) -> bool:
        """Take the time it takes; whether it was cancelled meanwhile."""
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            emit(Progressed(step=step, fraction=0.5))
            if cancel.wait(0.01):
                return True
        return cancel.is_set()

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Found:
        return Unknown()

    def free(self, service: Any, models: Any) -> None:
        pass

    def close(self) -> None:
        pass


def instant_studio(instant: Instant) -> Studio:
    """A studio of ``instant`` and the real maker of cuts."""
    delivery = Delivery(Setup(cores=1, memory_bytes=2**33))
    return Studio(catalogue(), {"instant": instant, "delivery": delivery})


if __name__ == "__main__":
    from movie_director.cli import main

    instant = Instant(
        seconds=float(os.environ.get("INSTANT_SECONDS", "0")),
        failing=os.environ.get("INSTANT_FAIL", ""),
        log=os.environ.get("INSTANT_LOG", ""),
    )
    Studio.open = classmethod(lambda cls, **_: instant_studio(instant))  # type: ignore[method-assign, assignment]
    sys.exit(main())
