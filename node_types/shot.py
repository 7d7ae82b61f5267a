# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot: one uninterrupted picture, with who and what is in it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Described, Lowering
from ..core.edit import DEFAULT_S, LEAD_S, PAUSE_S, TAIL_S
from ..core.node_type import NodeType, Param, Socket
from ..core.reference_images import reference_images
from ..core.step import CLIP, INTERPOLATION, SPEECH, STILL, ArtifactRef, Kind, Place, Priority
from . import _params as common
from ._conform import PROJECTS_OWN, WAYS, conformed, conforming_of
from ._likeness import learned_look_of, look_of
from ._view import ANGLE, needed_for, place_of, seen_from, tell_unseen

SHOT_TYPES = (
    ("extreme_wide", "Extreme wide"), ("wide", "Wide"), ("medium", "Medium"),
    ("close_up", "Close-up"), ("extreme_close_up", "Extreme close-up"),
    ("over_the_shoulder", "Over the shoulder"), ("insert", "Insert"),
)  # fmt: skip
CAMERA_MOVES = (
    ("static", "Static"), ("pan", "Pan"), ("tilt", "Tilt"), ("dolly_in", "Dolly in"),
    ("dolly_out", "Dolly out"), ("truck", "Truck"), ("crane", "Crane"),
    ("handheld", "Handheld"), ("zoom", "Zoom"),
)  # fmt: skip

#: What of the Output changes a shot's picture.
_OVERLAYS = ("captions", "name_tags", "burn_in")
#: What of a shot's wish its still shows.
_STILL = ("node", "action", "negative", "shot_type", "style", "seed", "take",
          "size", "quality")  # fmt: skip
_TIERS = ("", "baseline", "enhanced", "ultimate")
#: The usual length of what the planner is told to expect of a single picture, seconds.
_STILL_S = 1.0


def lower(low: Lowering) -> Mapping[str, Any]:
    """The clip, with what comes before and after it; the shot as its Sequence needs it."""
    lines = _fitted(low, low.all("dialogue"))
    backend = _backend(low)
    figures = _figures(low, lines)
    wish = _wish(low, lines, figures, backend)
    seconds = _estimate(low.params["duration"], lines)
    tell_unseen(low)
    if _begins_with_a_still(low, wish, backend):
        wish["image"] = {"still": _still(low, wish, figures, backend)}
    conforming = conforming_of(low, wish["media"], backend, _quality(low, backend))
    if conforming:
        wish["conform"] = {"motion": INTERPOLATION in conforming}
    made = low.step(
        CLIP,
        wish,
        place=Place(scene=low.scene, shot=low.stem, stem="clip", suffix=".mp4"),
        label=_label(low),
        seconds=seconds,
        backend=backend,
        priority=Priority.CHARACTER,
    )
    clip = conformed(
        low, made, wish, conforming, label=_label(low), seconds=seconds, backend=backend
    )
    shot = {
        "node": low.node,
        "clip": clip,
        "number": low.params["number"],
        "name": _label(low),
        "duration": low.params["duration"],
        "estimate": seconds,
        "lines": lines,
        "sounds": list(low.all("sounds")),
        "environment": place_of(low),
        "notes": {
            "action": low.params["action"],
            "shot_type": low.params["shot_type"],
            "camera_move": low.params["camera_move"],
        },
    }
    return {"shot": shot, "last_frame": {"clip": made, "frame": "last"}}


def _wish(
    low: Lowering,
    lines: list[dict[str, Any]],
    figures: list[Described],
    backend: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that changes the picture, and nothing else."""
    params = low.params
    return {
        **low.described("name", "number", "seed", "seed_lock", "take", "still", "angle", "conform"),
        "node": low.node,
        "number": params["number"] if low.film.output.get("burn_in") else "",
        "seed": params["seed"] if params["seed_lock"] else _seed(low),
        "figures": _looks(low, figures, backend),
        "environment": place_of(low),
        "style": low.one("style"),
        "image": low.one("image"),
        "lines": [
            {name: line[name] for name in ("node", "speech", "text", "speaker", "pause", "together",
                                           "off_screen", "emotion")}
            | {"character": (line["character"] or {}).get("node", "")}
            for line in lines
        ],
        "take": params["take"],
        "size": [low.film.width, low.film.height],
        "fps": low.film.fps,
        "quality": low.film.quality,
        "overlays": {name: low.film.output.get(name, False) for name in _OVERLAYS},
    }  # fmt: skip


def _looks(
    low: Lowering, figures: list[Described], backend: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Who is in the clip; with what is learned of them only for a workflow that the user names."""
    own = backend.get("template") and backend.get("service", "auto") in ("auto", "comfyui")
    if own and not low.params["media"]:
        return [learned_look_of(low, each) for each in figures]
    return [look_of(each) for each in figures]


def _begins_with_a_still(
    low: Lowering, wish: Mapping[str, Any], backend: Mapping[str, Any]
) -> bool:
    """Whether a picture is made first: where a generator is asked, and pictures say who, how or where."""
    chosen, service = low.params["still"], backend.get("service", "auto")
    if chosen == "never" or wish["image"] or wish["media"] or service == "animatic":
        return False
    if chosen == "always":
        return True
    return bool(reference_images(wish)) and (_quality(low, backend) == "final" or service != "auto")


def _quality(low: Lowering, backend: Mapping[str, Any]) -> str:
    """What is asked for: the Backend's quality, or the film's."""
    asked: str = backend.get("quality", "project")
    return low.film.quality if asked == "project" else asked


def _still(
    low: Lowering,
    wish: Mapping[str, Any],
    figures: list[Described],
    backend: Mapping[str, Any],
) -> ArtifactRef:
    """The picture the shot begins with: made by whoever makes pictures, not by who makes the clip."""
    kept = {name: backend[name] for name in ("quality", "allow_downgrade") if name in backend}
    seen = [learned_look_of(low, each) for each in figures]
    known = [each["tier"] for each in seen if each["images"] or each["lora"]]
    tier = max(known, key=_TIERS.index, default="")
    return low.step(
        STILL,
        {name: wish[name] for name in _STILL}
        | {"environment": seen_from(low), "figures": seen, "tier": tier},
        place=Place(scene=low.scene, shot=low.stem, stem="still", suffix=".png"),
        label=f"{_label(low)}: still",
        seconds=_STILL_S,
        backend=kept,
        priority=Priority.CHARACTER,
    )


def _figures(low: Lowering, lines: list[dict[str, Any]]) -> list[Described]:
    """Who is seen: the characters linked, and whoever speaks on screen."""
    seen: dict[str, Described] = {figure["node"]: figure for figure in low.all("characters")}
    for line in lines:
        speaker = line["character"]
        if speaker and not line["off_screen"]:
            seen.setdefault(speaker["node"], speaker)
    return list(seen.values())


def _seed(low: Lowering) -> int:
    """A seed of the shot's own, made from the film's and the node's path; 31 bits."""
    return zlib.crc32(f"{low.film.seed}/{low.node}".encode()) & 0x7FFFFFFF


def _backend(low: Lowering) -> dict[str, Any]:
    given = low.one("backend")
    return {name: given[name] for name in given if name != "node"} if given else {}


def _label(low: Lowering) -> str:
    number = low.params["number"]
    return low.params["name"] or (f"Shot {number}" if number else low.name)


def _fitted(low: Lowering, lines: tuple[Described, ...]) -> list[dict[str, Any]]:
    """The lines; those in fit mode share the shot's length by how long they are estimated."""
    duration = low.params["duration"]
    fit = [line for line in lines if line["timing"] == "fit"]
    room = duration - LEAD_S - TAIL_S - PAUSE_S * max(0, len(lines) - 1)
    room -= sum(line["estimate"] for line in lines if line["timing"] != "fit")
    total = sum(line["estimate"] for line in fit)
    fitted: list[dict[str, Any]] = []
    for line in lines:
        value = dict(line)
        if line["timing"] == "fit" and duration > 0 and room > 0:
            value["speech"] = _fit(low, line, room * line["estimate"] / total)
        fitted.append(value)
    return fitted


def _fit(low: Lowering, line: Described, seconds: float) -> ArtifactRef:
    return low.step(
        SPEECH,
        {"fit": line["speech"], "seconds": round(seconds, 3)},
        place=Place(
            scene=low.scene,
            shot="dialogue",
            stem=f"{line['node'].rpartition('/')[2]}_fitted",
            suffix=".wav",
        ),
        label=f"Fit {line['speaker']}'s line",
        seconds=seconds,
        what="speech_fitted",
        node=line["node"],
        priority=Priority.AUDIO,
    )


def _estimate(duration: float, lines: list[dict[str, Any]]) -> float:
    """Seconds the shot will probably last; its lines decide in the end."""
    if not lines:
        return duration or DEFAULT_S
    spoken = sum(line["estimate"] + line["pause"] + PAUSE_S for line in lines)
    return float(max(duration, LEAD_S + spoken + TAIL_S))


def needs(params: Mapping[str, Any]) -> tuple[Kind, ...]:
    """A clip, and a view of the place where an angle is named; nothing where it is the user's own."""
    return () if params["media"] else (CLIP, *needed_for(params))


NODE_TYPE = NodeType(
    label="Shot",
    doc="One uninterrupted picture: who is in it, where, how it is framed and moved.",
    category="Film",
    icon="CAMERA_DATA",
    colour=(0.08, 0.16, 0.42),
    inputs=(
        Socket(name="characters", kind="character", multi=True, doc="Who is seen."),
        Socket(name="dialogue", kind="dialogue", multi=True, doc="What is said, in order."),
        Socket(name="sounds", kind="sound", multi=True, doc="What is heard."),
        Socket(name="environment", kind="environment", doc="Where it happens."),
        Socket(name="style", kind="style", doc="How it looks."),
        Socket(
            name="image",
            kind="image",
            label="Start image",
            doc="The picture it begins with: another shot's last frame.",
        ),
        Socket(name="backend", kind="backend", doc="Where it may be made."),
    ),
    outputs=(
        Socket(name="shot", kind="shot", doc="Link it to a Sequence."),
        Socket(name="last_frame", kind="image", doc="The picture it ends with."),
    ),
    lower=lower,
    needs=needs,
    params=(
        Param(name="number", kind="text", default="", doc="Such as 12A."),
        common.name("What you call it."),
        Param(name="action", kind="lines", default="", doc="What happens in it."),
        Param(
            name="negative",
            kind="lines",
            default="",
            label="Negative prompt",
            doc="What must not be seen.",
        ),
        Param(
            name="shot_type",
            kind="choice",
            default="medium",
            doc="How close it is.",
            choices=SHOT_TYPES,
        ),
        Param(
            name="camera_move",
            kind="choice",
            default="static",
            doc="How the camera moves.",
            choices=CAMERA_MOVES,
        ),
        common.seconds(
            "duration",
            "At least this long; 0 is as long as its lines need, or 3 seconds without any.",
            maximum=3600,
        ),
        Param(name="seed", kind="int", default=1, minimum=0, doc="Used when the seed is locked."),
        Param(
            name="seed_lock",
            kind="bool",
            default=False,
            label="Lock seed",
            doc="Use this seed, not one made from the film's.",
        ),
        Param(
            name="take",
            kind="int",
            default=1,
            minimum=1,
            maximum=999,
            label="Active take",
            doc="Which take is used; a new number makes a new take.",
        ),
        Param(
            name="still",
            kind="choice",
            default="auto",
            label="Begins with a still",
            doc="A picture made before the clip, so that it shows who, how and where your pictures say.",
            choices=(
                ("auto", "When pictures say who, how or where"),
                ("always", "Always"),
                ("never", "Never"),
            ),
        ),
        ANGLE,
        Param(
            name="conform",
            kind="choice",
            default=PROJECTS_OWN[0],
            doc="How a clip that has fewer frames or pixels than the film is brought to it.",
            choices=(PROJECTS_OWN, *WAYS),
        ),
        Param(
            name="media",
            kind="path",
            default="",
            label="Own picture or clip",
            doc="A drawing, photo or clip of yours, used instead of a made one.",
        ),
        Param(
            name="similarity",
            kind="text",
            default="",
            affects=False,
            label="Similarity scores",
            doc="How well it fits the others.",
        ),
        common.SOURCE,
    ),
)
