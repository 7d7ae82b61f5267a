# SPDX-License-Identifier: GPL-3.0-or-later
"""The animatic: the executor that is always there.

Draws every shot, speaks every line, makes sounds and score, mixes and assembles,
with nothing installed beyond the package.  The work happens in helper processes,
one for each core, so whoever evaluates never feels it.  What a picture or a voice
is made of is in ``_animatic``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import errors
from ..core.compile.lowering import FileRef
from ..core.errors import MovieDirectorError, ServiceLost, StepFailed
from ..core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Lost,
    Previewed,
    Produced,
    Progressed,
    Setup,
    Ticket,
    Want,
)
from ..core.step import (
    AMBIENCE,
    CLIP,
    FILM,
    INTERPOLATION,
    LORA_TRAINING,
    MIX,
    MUSIC,
    SOUND,
    SPEECH,
    STILL,
    UPSCALE,
    VIEW,
    VOICE_CONVERSION,
    VOICE_TRAINING,
    Device,
    DeviceId,
    Fidelity,
    Kind,
    Option,
    Placed,
    Service,
    ServiceId,
    Step,
)
from ._animatic.pool import Pool, spelled
from ._service.built_in import BuiltIn

NAME = "animatic"
KINDS = frozenset(
    {
        SPEECH,
        VOICE_CONVERSION,
        VOICE_TRAINING,
        LORA_TRAINING,
        SOUND,
        AMBIENCE,
        MUSIC,
        STILL,
        VIEW,
        CLIP,
        INTERPOLATION,
        UPSCALE,
        MIX,
        FILM,
    }
)
#: What a real service does better; a draft is content with ours.
_SKETCHED = frozenset({SPEECH, SOUND, AMBIENCE, MUSIC})
#: What it never does as it was asked for.
_ONLY_STOOD_IN = frozenset(
    {VOICE_CONVERSION, VOICE_TRAINING, LORA_TRAINING, STILL, VIEW, INTERPOLATION, UPSCALE}
)
SERVICE = ServiceId("animatic")

#: Seconds of work per second of result at 1280x720 on one core, by kind; ``bench/`` measures
#: them. Only a first guess: the run's own history replaces it.
_PACE: Mapping[Kind, float] = {
    SPEECH: 0.03, VOICE_CONVERSION: 0.02, VOICE_TRAINING: 0.0, LORA_TRAINING: 0.0, SOUND: 0.02, AMBIENCE: 0.02, MUSIC: 0.03, STILL: 0.3, VIEW: 0.0, CLIP: 0.4, INTERPOLATION: 0.3, UPSCALE: 0.3, MIX: 0.03, FILM: 0.05,
}  # fmt: skip
#: What takes as long as its picture is large.
_SCALED = frozenset({STILL, CLIP, INTERPOLATION, UPSCALE, FILM})
#: Bytes one helper process needs at 1280x720, measured as resident size of a render.
_WORK_BYTES = 400 * 2**20


class Animatic(BuiltIn):
    """Owns the helper processes.  ``run`` is called on several worker threads at once."""

    name = NAME

    def __init__(self, setup: Setup) -> None:
        self._cores = max(1, setup.cores)
        self._memory = setup.memory_bytes
        self._pool = Pool()

    def devices(self) -> tuple[Device, ...]:
        """This machine's own memory."""
        return (Device(id=DeviceId("cpu"), budget_bytes=self._memory),)

    def services(self) -> tuple[Service, ...]:
        """One service with a slot for each core."""
        return (
            Service(
                id=SERVICE,
                executor=NAME,
                device=DeviceId("cpu"),
                slots=self._cores,
                capabilities=KINDS,
            ),
        )

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way for each kind; a stand-in where something better was asked for."""
        if want.kind not in KINDS:
            return ()
        fidelity = _fidelity(want)
        if fidelity is Fidelity.STAND_IN and want.backend.get("allow_downgrade") is False:
            return ()
        scale = want.width * want.height / (1280 * 720) if want.kind in _SCALED else 1.0
        return (
            Option(
                executor=NAME,
                workflow=want.kind,
                work_bytes=round(_WORK_BYTES * max(1.0, scale)),
                seconds=round(0.05 + want.seconds * _PACE[want.kind] * scale, 3),
                fidelity=fidelity,
            ),
        )

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        """None: it is always there and takes everything it offers."""
        del step, option, service
        return None

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        """Do one step in a helper process; a cancelled one is killed with its process."""
        began = time.monotonic()
        step = work.step
        emit(Accepted(step=step.id))
        heard = _Told(step, emit)
        try:
            answer = self._pool.do(
                step.kind, spelled(step.inputs, ticket), ticket.folder, heard, cancel
            )
        except ServiceLost as error:
            emit(Lost(step=step.id, service=work.service.id, error=error))
            return
        if answer is None:
            emit(Cancelled(step=step.id))
        elif "error" in answer:
            emit(Failed(step=step.id, error=error_of(answer["error"], step)))
        else:
            emit(_produced(work, answer["done"]))
            emit(Finished(step=step.id, seconds=time.monotonic() - began))

    def close(self) -> None:
        """End the helper processes that are idle; busy ones end when their step does."""
        self._pool.close()


#: What the discovery looks for.
EXECUTOR = Animatic


def _fidelity(want: Want) -> Fidelity:
    """An animatic is enough unless it was asked from elsewhere, or for more than it can give.

    Pictures stand in for the final film's, voices and sounds from the standard film on; a voice
    is never another one here, nobody is learned, and no frame or pixel made that a clip lacks.  What the user made is what was asked for.
    """
    service = want.backend.get("service", "auto")
    if service == NAME or want.own:
        return Fidelity.FULL
    if want.kind in _ONLY_STOOD_IN:
        return Fidelity.STAND_IN
    if want.kind in _SKETCHED:
        enough = want.quality == "draft"
    elif want.kind == CLIP:
        enough = want.quality != "final"
    else:
        return Fidelity.FULL
    return Fidelity.FULL if enough and service == "auto" else Fidelity.STAND_IN


@dataclass(frozen=True, slots=True)
class _Told:
    """Passes on what a helper process says of a step."""

    step: Step
    emit: Emit

    def progress(self, fraction: float, note: str) -> None:
        self.emit(Progressed(step=self.step.id, fraction=fraction, note=note))

    def preview(self, path: Path) -> None:
        self.emit(Previewed(step=self.step.id, path=path))


def _produced(work: Placed, done: Mapping[str, Any]) -> Produced:
    path = Path(done["path"])
    return Produced(
        step=work.step.id,
        path=path,
        bytes=os.stat(path).st_size,
        content="",
        facts=done["facts"],
        recipe=done["recipe"],
    )


def error_of(said: Mapping[str, str], step: Step) -> MovieDirectorError:
    """A helper's error as ours, of the same class where it is one of ours."""
    kind = getattr(errors, said["error"], None)
    where = said["where"] or _owner(step.inputs, said["what"], step.node)
    where = where or step.node
    if kind in (errors.MediaError, errors.InputError, errors.MissingLibrary, errors.StorageFull):
        found: MovieDirectorError = kind(said["what"], remedy=said["remedy"], where=where)
        return found
    return StepFailed(said["what"], remedy=said["remedy"], where=where)


def _owner(value: Any, what: str, node: str) -> str:
    """The node whose own file an error speaks of: a character's picture is not the shot's fault."""
    if isinstance(value, FileRef):
        return node if value.path.name in what else ""
    if isinstance(value, Mapping):
        node = str(value.get("node") or node)
        value = tuple(value.values())
    if not isinstance(value, (tuple, list)):
        return ""
    return next((found for item in value if (found := _owner(item, what, node))), "")
