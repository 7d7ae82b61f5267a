"""A small film's cut and artifacts, by hand."""

from __future__ import annotations

import pathlib
from fractions import Fraction
from typing import Any

import av
import numpy as np
from movie_director.core.digest import Digest
from movie_director.core.edit import Cue, Edit, EditClip, EditScene, Transition
from movie_director.core.step import Artifact, StepId

RATE = Fraction(24)
CUT = Transition()


def shot(number: int, start: int, frames: int, **given: Any) -> EditClip:
    """A shot of scene INT. ROOM; its step is ``c1``, ``c2``, …"""
    values: dict[str, Any] = {
        "key": f"room/shot_{number}",
        "source": f"c{number}",
        "name": f"Shot {number}",
        "scene": "INT. ROOM",
        "number": str(number),
        "start": start,
        "frames": frames,
        "notes": {"action": "Somebody waits.", "shot_type": "wide", "camera_move": "pan"},
    }
    return EditClip(**{**values, **given})


def line(number: int, start: float, seconds: float, text: str, **given: Any) -> Cue:
    """A line in shot ``number``; its step is ``v1``, ``v2``, …"""
    values: dict[str, Any] = {
        "key": f"room/line_{number}_{start}",
        "source": f"v{number}",
        "name": f"ANNA: {text}",
        "track": "dialogue",
        "start": start,
        "seconds": seconds,
        "scene": "INT. ROOM",
        "number": str(number),
        "speaker": "Anna",
        "text": text,
    }
    return Cue(**{**values, **given})


def film(
    *clips: EditClip, cues: tuple[Cue, ...] = (), rate: Fraction = RATE, title: str = "A Film"
) -> Edit:
    """A film of these shots, all in one scene."""
    end = max((clip.start + clip.frames for clip in clips), default=0)
    return Edit(
        title=title,
        rate=rate,
        width=64,
        height=36,
        frames=end,
        clips=clips,
        cues=cues,
        scenes=(EditScene(key="room", name="INT. ROOM", start=0, frames=end),),
    )


def made(step: str, path: pathlib.Path, seconds: float) -> tuple[StepId, Artifact]:
    """An artifact as a store gives it."""
    return StepId(step), Artifact(
        step=StepId(step),
        intent=Digest(f"intent of {step}"),
        path=path,
        content=Digest(""),
        facts={"seconds": seconds},
    )


def clip(path: pathlib.Path, luma: int = 120, frames: int = 6) -> pathlib.Path:
    """A grey clip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((54, 64), 128, np.uint8)
    picture[:36] = luma
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(frames):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        file.mux(stream.encode(None))
    return path
