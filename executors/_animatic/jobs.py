# SPDX-License-Identifier: GPL-3.0-or-later
"""What the animatic's helper process can do: one function for each kind of step.

A job comes as JSON (kind, inputs, folder) and leaves as JSON (path, facts, recipe).
What a step's inputs hold is said where they are made: in ``node_types``.
"""

from __future__ import annotations

import errno
import importlib
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ... import __version__
from ...core.errors import MovieDirectorError
from ...core.libraries import missing_library
from ...core.step import (
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
    Kind,
)

__all__ = ["do", "error_as_json"]

Report = Callable[[float, str], None]
Done = dict[str, Any]

#: Module and function by kind.  Imported when first asked for: a helper that speaks the
#: first line must not wait for what draws and encodes.
JOBS: Mapping[Kind, tuple[str, str]] = {
    SPEECH: ("sound_jobs", "speech"),
    VOICE_CONVERSION: ("sound_jobs", "voice_conversion"),
    VOICE_TRAINING: ("recordings_job", "untrained"),
    LORA_TRAINING: ("likeness_job", "unlearned"),
    Kind("recordings"): ("recordings_job", "check_recordings"),
    SOUND: ("sound_jobs", "sound"),
    AMBIENCE: ("sound_jobs", "ambience"),
    MUSIC: ("sound_jobs", "music"),
    MIX: ("sound_jobs", "mix"),
    STILL: ("picture_jobs", "opening"),
    VIEW: ("picture_jobs", "view"),
    CLIP: ("picture_jobs", "clip"),
    INTERPOLATION: ("conform_jobs", "conform"),
    UPSCALE: ("conform_jobs", "conform"),
    FILM: ("picture_jobs", "film"),
    Kind("last_frame"): ("picture_jobs", "last"),
}


def do(job: Mapping[str, Any], report: Report, preview: Callable[[Path], None]) -> Done:
    """Do one job: where its result lies, facts about it, and how it was made.

    Raises:
        MovieDirectorError: the inputs cannot be used, or there is no room.
    """
    del preview
    module, function = JOBS[Kind(job["kind"])]
    work = getattr(importlib.import_module(f".{module}", __package__), function)
    done: Done = work(job["inputs"], Path(job["folder"]), report)
    return {**done, "recipe": recipe()}


def recipe() -> dict[str, str]:
    """Versions of everything whose change could change a result."""
    return {
        "movie-director": __version__,
        "numpy": np.__version__,
        "av": version("av"),
    }


def error_as_json(error: Exception) -> dict[str, str]:
    """An error as the parent can read it; one that is not ours names itself as a bug."""
    missing = missing_library(error) if isinstance(error, ImportError) else None
    if missing is not None:
        return missing.as_json()
    if isinstance(error, MovieDirectorError):
        return error.as_json()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return {
            "error": "StorageFull",
            "what": "The disk is full.",
            "remedy": "Make room, or choose another output folder on the Project.",
            "where": "",
        }
    return {
        "error": type(error).__name__,
        "what": f"The animatic failed: {type(error).__name__}: {error}.",
        "remedy": "This is a bug: please report it with the log.",
        "where": "",
    }
