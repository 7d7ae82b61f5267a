# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's file brought into the film's form, in a helper process.

The animatic already knows how to use a user's own recording or clip: size, rate, length, level and
captions as the film wants them.  What a service made goes the same way, so that nothing it claims
is believed: facts are measured on what was decoded, away from Blender.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.conforming import CONFORMING
from ...core.emphasis import unmarked
from ...core.errors import BadAnswer, MovieDirectorError, StepFailed, StoreError
from ...core.step import (
    AMBIENCE,
    CLIP,
    MUSIC,
    SOUND,
    SPEECH,
    STILL,
    TEXT,
    VIEW,
    VOICE_CONVERSION,
    VOICE_TRAINING,
    Kind,
)
from .._animatic.pool import LAST_FRAME, Pool, spelled
from .._http import Stopped
from .errand import Errand, Made
from .media import check_clip, check_picture, check_sound

__all__ = ["Done", "finish", "passed_on", "still"]

Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Heard:
    errand: Errand

    def progress(self, fraction: float, note: str) -> None:
        self.errand.finishing(fraction, note)

    def preview(self, path: Path) -> None:
        self.errand.preview(path)


def finish(pool: Pool, errand: Errand, made: Made) -> Done:
    """``path`` and ``facts`` of the finished file; the service's own file is deleted.

    Words were checked when they came, and lie as they should.

    Raises:
        BadAnswer: it is not what was wanted.
        Stopped: it was cancelled.
        StoreError: there is no room.
        ServiceLost: the helper process died.
    """
    if errand.kind in (TEXT, VOICE_TRAINING):
        return {"path": str(made.path), "facts": {}, "recipe": {}}
    try:
        return _done(pool, errand, *_job(errand, made))
    finally:
        for path in (made.path, *made.more):
            path.unlink(missing_ok=True)


def passed_on(pool: Pool, errand: Errand) -> Done:
    """What comes of a step of which nothing is left for a service to make.  Errors as ``finish``."""
    return _done(pool, errand, errand.kind, spelled(errand.inputs, errand.ticket))


def _done(pool: Pool, errand: Errand, kind: Kind, inputs: Mapping[str, Any]) -> Done:
    answer = pool.do(kind, inputs, errand.ticket.folder, _Heard(errand), errand.cancel)
    if answer is None:
        raise Stopped
    if "error" in answer:
        raise _refused(answer["error"], errand)
    done: Done = answer["done"]
    return done


def still(pool: Pool, errand: Errand, clip: Path) -> Path:
    """The last frame of a clip as a picture in the ticket's folder.  Errors as ``finish``."""
    inputs = {"clip": str(clip)}
    answer = pool.do(LAST_FRAME, inputs, errand.ticket.folder, _Silent(), errand.cancel)
    if answer is None:
        raise Stopped
    if "error" in answer:
        raise StepFailed(
            answer["error"]["what"], remedy=answer["error"]["remedy"], where=errand.node
        )
    return Path(answer["done"]["path"])


class _Silent:
    def progress(self, fraction: float, note: str) -> None:
        """It takes a moment."""

    def preview(self, path: Path) -> None:
        """There is none."""


def _job(errand: Errand, made: Made) -> tuple[Kind, Mapping[str, Any]]:
    """What a helper has to do with the file."""
    inputs, given = spelled(errand.inputs, errand.ticket), {"path": str(made.path)}
    if errand.kind == CLIP:
        for path in (made.path, *made.more):
            check_clip(path, errand.who)
        more = [{"path": str(path)} for path in made.more]
        return CLIP, {**inputs, "media": given, "more_media": more}
    if errand.kind in CONFORMING:
        check_clip(made.path, errand.who)
        return errand.kind, {**inputs, "made": given}
    if errand.kind in (STILL, VIEW):
        kind = check_picture(made.path, errand.who)
        # The helper knows a picture from a clip by its name.
        given = {"path": str(made.path.replace(made.path.with_suffix(f".{kind}")))}
        used = "made" if errand.kind == STILL else "image"
        return errand.kind, {used: given, "size": inputs["size"]}
    check_sound(made.path, errand.who)
    if errand.kind == SPEECH:
        voice = inputs["speaker"]["voice"] or {}
        text, language = unmarked(inputs["text"]), voice.get("language", "")
        return SPEECH, {"made": given, "text": text, "language": language}
    if errand.kind == VOICE_CONVERSION:
        return VOICE_CONVERSION, {"made": given, "speech": inputs["speech"]}
    if errand.kind in (SOUND, AMBIENCE, MUSIC):
        return SOUND, {"recording": given}
    raise TypeError(f"no service makes {errand.kind}")


def _refused(said: Mapping[str, str], errand: Errand) -> MovieDirectorError:
    """The helper's error, which speaks of a file nobody chose, as the service's."""
    if said["error"] in ("StorageFull", "StoreError"):
        return StoreError(said["what"], remedy=said["remedy"], where=errand.node)
    if said["error"] == "MediaError":
        error: MovieDirectorError = BadAnswer(
            f"{errand.who} sent a file that cannot be used.",
            remedy="Look at the service's own log, or have it made again.",
            where=errand.node,
        )
        error.log = said["what"]
        return error
    return StepFailed(said["what"], remedy=said["remedy"], where=errand.node)
