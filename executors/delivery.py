# SPDX-License-Identifier: GPL-3.0-or-later
"""How a finished film leaves the house: the cut itself, and the files written from it.

Light work, done right here on the worker's thread: the cut is arithmetic, and the
edit list, subtitles and storyboard come from the writers the executor is built with.
What those files look like is in ``timeline``.
"""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.cut import cut_film
from ..core.digest import file_digest
from ..core.edit import edit_to_json
from ..core.edit_file import read_edit
from ..core.errors import MovieDirectorError, StepFailed, StorageFull, StoreError
from ..core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Produced,
    Progressed,
    Setup,
    Ticket,
    Want,
)
from ..core.jsonable import readable
from ..core.step import (
    CUT,
    ArtifactRef,
    Device,
    DeviceId,
    Kind,
    Option,
    Placed,
    Service,
    ServiceId,
    Step,
)
from ._service.built_in import BuiltIn

__all__ = ["EXECUTOR", "Delivery"]

log = logging.getLogger(__name__)

NAME = "delivery"
SERVICE = ServiceId(NAME)
#: A little memory of its own, so that laying out the cut never waits for a shot to be drawn:
#: stages on one device follow one another.
DESK = DeviceId("desk")
DESK_BYTES = 512 * 2**20
#: Bytes a writer needs: one decoded 4K frame and a document of a few hundred pages.
_WORK_BYTES = 128 * 2**20
#: Seconds a step takes, whatever the film's length; a first guess the run's history replaces.
_STEP_SECONDS = 0.2


class Delivery(BuiltIn):
    """Owns nothing: every run is a function of its ticket."""

    name = NAME

    def __init__(self, setup: Setup) -> None:
        self._memory = setup.memory_bytes
        self._makers: dict[Kind, Callable[[Step, Ticket], tuple[Path, Mapping[str, Any]]]] = {
            CUT: _cut
        }
        for kind, writer in setup.writers.items():
            self._makers[kind] = _Written(writer)

    def devices(self) -> tuple[Device, ...]:
        """The corner of this machine's memory that writing files needs."""
        return (Device(id=DESK, budget_bytes=min(DESK_BYTES, self._memory)),)

    def services(self) -> tuple[Service, ...]:
        """One service, one step at a time."""
        return (
            Service(id=SERVICE, executor=NAME, device=DESK, capabilities=frozenset(self._makers)),
        )

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way for the cut and for each file there is a writer for."""
        if want.kind not in self._makers:
            return ()
        return (
            Option(
                executor=NAME,
                workflow=want.kind,
                work_bytes=_WORK_BYTES,
                seconds=_STEP_SECONDS,
            ),
        )

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        """Why not: only when there is no writer for it."""
        del option, service
        return None if step.kind in self._makers else f"There is no writer for {step.kind}."

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        """Write one file; cancelling is noticed before and after, as writing takes moments."""
        step = work.step
        began = time.monotonic()
        emit(Accepted(step=step.id))
        if cancel.is_set():
            emit(Cancelled(step=step.id))
            return
        emit(Progressed(step=step.id, fraction=0.0, note="writing"))
        try:
            path, facts = self._makers[step.kind](step, ticket)
            made = Produced(
                step=step.id,
                path=path,
                bytes=path.stat().st_size,
                content=file_digest(path),
                facts=facts,
                recipe={"writer": step.kind},
            )
        except Exception as error:  # whatever it is, the run must hear how the step ended
            emit(Failed(step=step.id, error=_ours(error, step)))
            return
        if cancel.is_set():
            path.unlink(missing_ok=True)
            emit(Cancelled(step=step.id))
            return
        emit(Progressed(step=step.id, fraction=1.0))
        emit(made)
        emit(Finished(step=step.id, seconds=time.monotonic() - began))

    def close(self) -> None:
        """Nothing to end."""


#: What the discovery looks for.
EXECUTOR = Delivery


def _cut(step: Step, ticket: Ticket) -> tuple[Path, Mapping[str, Any]]:
    """The cut as JSON, from how long everything turned out to be."""

    def seconds_of(ref: ArtifactRef) -> float:
        return float(ticket.inputs[ref.step].facts["seconds"])

    edit = cut_film(step.inputs, seconds_of)
    path = ticket.folder / "cut.json"
    path.write_text(readable(edit_to_json(edit)), encoding="utf-8", newline="\n")
    return path, {"seconds": round(edit.seconds, 6), "frames": edit.frames}


class _Written:
    """A file one of the writers makes from the cut and what the step refers to."""

    def __init__(self, writer: Callable[..., Mapping[str, Any]]) -> None:
        self._writer = writer

    def __call__(self, step: Step, ticket: Ticket) -> tuple[Path, Mapping[str, Any]]:
        cut: ArtifactRef = step.inputs["cut"]
        edit = read_edit(ticket.inputs[cut.step].path)
        path = ticket.folder / f"{step.place.stem}{step.place.suffix}"
        return path, self._writer(edit, ticket.inputs, path)


def _ours(error: Exception, step: Step) -> MovieDirectorError:
    """The error as one of ours, naming the node."""
    if isinstance(error, MovieDirectorError):
        error.where = error.where or step.node
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"There was no room to write {step.place.stem}{step.place.suffix}.",
            remedy="Make room, or choose another output folder on the Project.",
            where=step.node,
        )
    if isinstance(error, OSError):
        name = os.path.basename(error.filename or "") or step.place.stem
        return StoreError(
            f"{name} could not be read or written ({error.strerror or error}).",
            remedy="Check that the output folder is there and writable, then evaluate again.",
            where=step.node,
        )
    log.exception("writing %s failed", step.id)
    return StepFailed(
        f"{step.label} failed: {type(error).__name__}: {error}.",
        remedy="This is a bug: please report it with the log.",
        where=step.node,
    )
