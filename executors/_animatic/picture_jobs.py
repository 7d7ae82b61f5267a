# SPDX-License-Identifier: GPL-3.0-or-later
"""From a clip step's inputs to a picture spec, and from a cut to an assembled film.

The words of the film graph on one side, the words of the renderer on the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.conforming import AS_MADE
from ...core.cut import shot_time
from ...core.edit import ShotLayout, frame_rate, layout
from ...core.edit_file import read_edit
from .audio.sound import RATE_HZ
from .audio.wav import read_mono, write_wav
from .picture import render_clip, still, write_still
from .picture.footage import filled, form_of, last_frame
from .picture.spec import Figure, Look, Setting, ShotPicture, SpokenLine
from .picture.visemes import viseme_of
from .reel import assemble

__all__ = [
    "LETTERING", "Done", "Report", "as_made", "clip", "film", "last", "opening", "picture_of",
    "rendered", "seconds_of",
]  # fmt: skip

Report = Callable[[float, str], None]
Done = dict[str, Any]

#: What is lettered over a picture, as the Output's parameters are called.
LETTERING = ("captions", "name_tags", "burn_in")
#: Frames a second and pixels a side that a clip may have of its own.
_FASTEST, _LEAST = 240, 16
_INTERIORS = {"int": "INT", "ext": "EXT", "int_ext": "INT/EXT"}


def _never() -> bool:
    """A helper is never asked to stop: it is killed."""
    return False


def clip(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Render one shot.  Facts: seconds, frames, fps, width, height, warnings."""
    rate = frame_rate(inputs["fps"])
    laid = layout(shot_time(inputs, seconds_of), rate)
    picture = picture_of(inputs, laid, folder)
    if inputs.get("conform") and inputs["media"]:
        picture = as_made(picture, picture.fps)
        done = rendered(picture, inputs, laid, folder, report)
        return {**done, "facts": {**done["facts"], AS_MADE: True}}
    return rendered(picture, inputs, laid, folder, report)


def as_made(picture: ShotPicture, film_fps: float, *, smooth: bool = False) -> ShotPicture:
    """The shot in its clip's own form, which is to be conformed: not lettered, no larger than the film.

    Its rate is its own too, unless that is ``smooth`` already; it lasts until the film's last frame.
    """
    width, height, rate = form_of(picture.media)
    if smooth or not 1 <= rate <= _FASTEST:
        rate = film_fps
    scale = min(1.0, picture.width / width, picture.height / height)
    ends = (picture.frames - 1) / frame_rate(film_fps)
    return replace(
        picture,
        width=max(_LEAST, int(width * scale) & ~1),
        height=max(_LEAST, int(height * scale) & ~1),
        fps=rate,
        frames=math.ceil(ends * frame_rate(rate)) + 1,
        captions=False,
        name_tags=False,
        burn_in=False,
    )


def rendered(
    picture: ShotPicture,
    inputs: Mapping[str, Any],
    laid: ShotLayout,
    folder: Path,
    report: Report,
) -> Done:
    """A picture as a file with its lines, and the facts of ``clip``."""
    seconds = float(picture.frames / frame_rate(picture.fps))
    path = folder / "clip.mp4"
    facts = render_clip(
        picture,
        path,
        audio=_scratch(inputs["lines"], laid, seconds, folder),
        quality=inputs["quality"],
        progress=lambda fraction: report(fraction, "drawing"),
        cancelled=_never,
    )
    assert facts is not None  # None means cancelled, which does not happen here
    return {
        "path": str(path),
        "facts": {
            "seconds": round(seconds, 6),
            "frames": facts.frames,
            "fps": picture.fps,
            "width": facts.width,
            "height": facts.height,
            "warnings": list(facts.warnings),
        },
    }


def seconds_of(speech: Any) -> float:
    """How long a line lasts that was spoken."""
    return float(speech["facts"]["seconds"])


def _scratch(
    lines: Sequence[Mapping[str, Any]], laid: ShotLayout, seconds: float, folder: Path
) -> Path | None:
    """The shot's lines at their times, so that a clip can be watched by itself."""
    if not lines:
        return None
    sound = np.zeros(round(seconds * RATE_HZ), dtype=np.float32)
    for line, start in zip(lines, laid.starts, strict=True):
        spoken = read_mono(line["speech"]["path"])
        first = round(start * RATE_HZ)
        room = sound[first : first + len(spoken)]
        room += spoken[: len(room)]
    path = folder / "scratch.wav"
    write_wav(path, sound)
    return path


def picture_of(inputs: Mapping[str, Any], laid: ShotLayout, folder: Path) -> ShotPicture:
    """What a clip step's inputs ask to be shown."""
    width, height = inputs["size"]
    overlays = inputs["overlays"]
    return ShotPicture(
        width=width,
        height=height,
        fps=inputs["fps"],
        frames=laid.frames,
        seed=inputs["seed"] + inputs["take"] - 1,
        number=inputs["number"],
        shot_type=inputs["shot_type"],
        camera_move=inputs["camera_move"],
        action=inputs["action"],
        figures=tuple(_figure(figure) for figure in inputs["figures"]),
        setting=_setting(inputs["environment"]),
        look=_look(inputs["style"]),
        lines=tuple(_lines(inputs["lines"], laid)),
        captions=overlays["captions"],
        name_tags=overlays["name_tags"],
        burn_in=overlays["burn_in"],
        media=_path(inputs["media"]) or _path((inputs["image"] or {}).get("still")),
        more_media=_paths(inputs.get("more_media", ())),
        start_image=_start_image(inputs["image"], folder),
    )


def _path(file: Mapping[str, Any] | None) -> str:
    return file["path"] if file else ""


def _paths(files: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(file["path"] for file in files)


def _figure(figure: Mapping[str, Any]) -> Figure:
    return Figure(
        name=figure["name"],
        description=figure["description"],
        identity=figure["node"],
        images=_paths(figure["images"]),
    )


def _setting(where: Mapping[str, Any] | None) -> Setting:
    if where is None:
        return Setting()
    return Setting(
        interior=_INTERIORS[where["interior"]],
        images=_paths(where["images"]),
        **{
            name: where[name]
            for name in (
                "description", "place", "time_of_day", "weather", "season", "mood", "lighting",
            )
        },
    )  # fmt: skip


def _look(style: Mapping[str, Any] | None) -> Look:
    if style is None:
        return Look()
    return Look(
        keywords=tuple(word.strip() for word in style["keywords"].split(",") if word.strip()),
        palette=tuple(style["palette"]),
        lut=_path(style["lut"]),
        **{
            name: style[name]
            for name in ("description", "intensity", "temperature", "contrast", "saturation")
        },
    )


def _lines(lines: Sequence[Mapping[str, Any]], laid: ShotLayout) -> Iterator[SpokenLine]:
    for line, start in zip(lines, laid.starts, strict=True):
        marks = line["speech"]["facts"]["marks"]
        yield SpokenLine(
            identity="" if line["off_screen"] else line["character"],
            name=line["speaker"],
            text=line["text"],
            start_s=start,
            end_s=start + seconds_of(line["speech"]),
            mouths=tuple((float(at), viseme_of(phoneme)) for at, phoneme in marks),
        )


def _start_image(image: Mapping[str, Any] | None, folder: Path) -> str:
    """The last frame of the shot before, as a picture file."""
    if image is None or "clip" not in image:
        return ""
    path = folder / "start.png"
    write_still(last_frame(Path(image["clip"]["path"])), path)
    return str(path)


def opening(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """The still a shot begins with: what a service made, at the film's size, or a drawn one."""
    del report
    width, height = inputs["size"]
    made, path = inputs.get("made"), folder / "still.png"
    write_still(filled(made["path"], width, height) if made else _drawn(inputs, folder), path)
    return {"path": str(path), "facts": {"width": width, "height": height}}


def view(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """A place's picture at the film's size: what a service made of it, or, standing in, the picture."""
    del report
    width, height = inputs["size"]
    path = folder / "view.png"
    write_still(filled(inputs["image"]["path"], width, height), path)
    return {"path": str(path), "facts": {"width": width, "height": height}}


def _drawn(inputs: Mapping[str, Any], folder: Path) -> Any:
    """How the animatic's shot begins, without lettering."""
    bare = {
        "fps": 24, "duration": 1.0, "lines": (), "camera_move": "static", "number": "",
        "media": None, "image": None, "overlays": dict.fromkeys(LETTERING, False),
    }  # fmt: skip
    shot = {**inputs, **bare}
    laid = layout(shot_time(shot, seconds_of), frame_rate(shot["fps"]))
    return still(picture_of(shot, laid, folder), 0)


def last(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """The last frame of a clip as a picture, for services that begin with one."""
    del report
    path = folder / "start.png"
    write_still(last_frame(Path(inputs["clip"])), path)
    return {"path": str(path), "facts": {}}


def film(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Assemble the film from its clips and its mix.  Facts: seconds, frames."""
    edit = read_edit(Path(inputs["cut"]["path"]))
    path = folder / "film.mp4"
    facts = assemble(
        edit,
        {step: Path(made["path"]) for step, made in inputs["clips"].items()},
        Path(inputs["mix"]["path"]),
        path,
        quality=inputs["quality"],
        progress=lambda fraction: report(fraction, "assembling"),
        cancelled=_never,
    )
    assert facts is not None  # None means cancelled, which does not happen here
    return {
        "path": str(path),
        "facts": {"seconds": edit.seconds, "frames": facts.frames},
    }
