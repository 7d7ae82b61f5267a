# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings somebody's voice shall be learned from, looked at before a service spends hours.

What is measured is length and how much of it is silence; whether it is one person, without music,
only ears can tell.  Without a service nothing is learned: a note stands in for the voice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import MediaError
from ...core.recordings import recordings_in
from .audio.recording import recorded_line

__all__ = ["check_recordings", "untrained"]

#: What RVC's own guide advises, and what there must be for its slices (3.7 s each, and their
#: neighbours), in seconds.
_ADVISED_S, _LEAST_S = 600.0, 10.0
#: Recordings that are quiet for longer than this share are mostly pauses.
_MOST_QUIET = 0.5
#: Quiet is this far under the loudest moment (40 dB).
_QUIET = 0.01
_FRAME_S = 0.02


def check_recordings(
    inputs: Mapping[str, Any], folder: Path, report: Callable[[float, str], None]
) -> dict[str, Any]:
    """Facts: files; speech (seconds that are not silence); advice, "" where there is none to give.

    Raises:
        MediaError: one cannot be read or is silent, or there is too little.
    """
    del folder
    paths = recordings_in(Path(inputs["recordings"]["path"]))
    seconds = speech = 0.0
    for number, path in enumerate(paths):
        report(number / len(paths), "listening to the recordings")
        line = recorded_line(path)
        seconds += line.seconds
        speech += line.seconds * (1.0 - _quiet(line.samples, line.seconds))
    if speech < _LEAST_S:
        raise MediaError(
            f"The recordings hold {speech:.0f} seconds of speech, too little to learn a voice from.",
            remedy=f"Add more to the folder: {_ADVISED_S / 60:.0f} minutes are advised.",
        )
    facts = {"files": len(paths), "speech": round(speech, 1), "advice": _advice(seconds, speech)}
    return {"path": "", "facts": facts}


def untrained(
    inputs: Mapping[str, Any], folder: Path, report: Callable[[float, str], None]
) -> dict[str, Any]:
    """What stands in for a voice that nobody learned.  Facts: trained, false."""
    del inputs
    report(0.5, "no service learns voices")
    path = folder / "untrained.json"
    path.write_text(json.dumps({"trained": False}), "utf-8")
    return {"path": str(path), "facts": {"trained": False}}


def _quiet(samples: Any, seconds: float) -> float:
    """The share of a recording that is silence."""
    count = max(1, int(seconds / _FRAME_S))
    size = len(samples) // count
    if not size:
        return 0.0
    loud = np.sqrt(np.mean(np.square(samples[: size * count].reshape(count, size)), axis=1))
    return float(np.mean(loud < loud.max(initial=0.0) * _QUIET))


def _advice(seconds: float, speech: float) -> str:
    if speech < seconds * (1 - _MOST_QUIET):
        return "more than half of the recordings is silence: cut the pauses out"
    if speech < _ADVISED_S:
        return (
            f"{speech / 60:.1f} minutes of speech: the voice will be better with "
            f"{_ADVISED_S / 60:.0f} minutes"
        )
    return ""
