# SPDX-License-Identifier: GPL-3.0-or-later
"""The animatic's pictures: a shot described in words becomes frames, a clip, a panel.

The one idea: ``ShotPicture`` says everything; the same one gives the same bytes on every
run.  Speech, sound, the order of shots and where files are kept are elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .camera import FAR, SUBJECT, Camera
from .clip import QUALITIES, ClipFacts, ClipWriter, write_clip
from .figure import Cast, paint_body, paint_face, paint_head
from .film import film_of, warnings_of
from .footage import filled
from .grade import style_of
from .head import Seat
from .inking import inked
from .light import light_of
from .outline import box, ellipse
from .panel import write_still
from .planes import Planes
from .spec import (
    CAMERA_MOVES,
    SHOT_TYPES,
    Figure,
    Look,
    Setting,
    ShotPicture,
    SpokenLine,
)
from .stage import Stage
from .visemes import REST, VISEMES, viseme_of
from .wardrobe import person_of

__all__ = [
    "CAMERA_MOVES",
    "QUALITIES",
    "SHOT_TYPES",
    "VISEMES",
    "ClipFacts",
    "Figure",
    "Look",
    "Planes",
    "Setting",
    "ShotPicture",
    "SpokenLine",
    "frames",
    "portrait",
    "render_clip",
    "still",
    "vista",
    "viseme_of",
    "write_still",
]


def _quiet(share: float) -> None:
    del share


def _never() -> bool:
    return False


def render_clip(
    picture: ShotPicture,
    path: Path,
    *,
    audio: Path | None = None,
    quality: str = "standard",
    progress: Callable[[float], None] = _quiet,
    cancelled: Callable[[], bool] = _never,
) -> ClipFacts | None:
    """Write a shot as H.264 in an mp4; None when cancelled, and then no file is left.

    ``audio`` is muxed as AAC; ``progress`` hears 0–1 after every frame.  InputError for a bad
    quality, MediaError for material that cannot be used, StoreError for a bad folder.
    """
    film = film_of(picture)
    if cancelled():
        return None
    writer = ClipWriter(path, picture.width, picture.height, picture.fps, quality, audio)
    done = write_clip(
        writer, film.frames(), picture.frames, picture.fps,
        frozenset(picture.keyframes), progress, cancelled,
    )  # fmt: skip
    if not done:
        return None
    return ClipFacts(
        frames=picture.frames,
        fps=picture.fps,
        width=picture.width,
        height=picture.height,
        seconds=picture.frames / picture.fps,
        codec="h264",
        warnings=warnings_of(picture),
    )


def frames(picture: ShotPicture) -> Iterator[Planes]:
    """Every frame of a shot as YUV planes; each is valid until the next is asked for."""
    return film_of(picture).frames()


def still(picture: ShotPicture, at_frame: int) -> NDArray[np.uint8]:
    """One frame as (height, width, 3) sRGB bytes; frames beyond either end are the end's."""
    index = min(max(0, at_frame), picture.frames - 1)
    return film_of(picture).frame(index).rgb()


def portrait(figure: Figure, size: int, look: Look) -> NDArray[np.uint8]:
    """A character's head and shoulders, or their own picture, as (size, size, 3) sRGB bytes."""
    if figure.images:
        return filled(figure.images[0], size, size)
    camera = Camera("static", 1.0, 0)
    stage = Stage(width=size, height=size, camera=camera, style=style_of(look))
    light = light_of(Setting(interior="INT"), 1)
    ground = stage.canvas(FAR, opaque=True)
    person = person_of(figure)
    ground.fill(box(-50, 0, 50, 100), light.tone(person.accent, 0.55))
    ground.fill(ellipse(0, 52, 44), light.tone(person.accent, 0.3))
    cast = Cast(person=person, seat=Seat(x=0, y=47, size=50, turn=0.3), close=True, gaze=0.1)
    body, head = stage.canvas(SUBJECT), stage.canvas(SUBJECT)
    paint_body(body, cast, light)
    paint_head(head, cast, light)
    paint_face(head, cast, light, 1.0, REST)
    mx, my = stage.margins(SUBJECT)
    for canvas in (body, head):
        ground.paste(inked(canvas, stage), -mx, -my)
    return np.ascontiguousarray(ground.planes.transpose(1, 2, 0))


def vista(
    setting: Setting, look: Look, width: int, height: int, seed: int = 0
) -> NDArray[np.uint8]:
    """A place with nobody in it as (height, width, 3) sRGB bytes; sides even pixels."""
    empty = ShotPicture(
        width=width, height=height, frames=1, seed=seed, shot_type="wide",
        setting=setting, look=look, captions=False, name_tags=False,
    )  # fmt: skip
    return still(empty, 0)
