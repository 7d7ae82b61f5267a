# SPDX-License-Identifier: GPL-3.0-or-later
"""A sequence: shots in order, a scene; or scenes in order, a film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from ..core.compile.lowering import Described, Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import AMBIENCE, MUSIC, ArtifactRef, Place, Priority
from . import _params as common

#: What of an environment is heard.
_HEARD = ("interior", "place", "time_of_day", "weather", "season", "mood")
#: Seconds over which ambience and music come in and go out.
_FADES = {"ambience": (0.4, 0.6), "music": (0.8, 1.2), "effects": (0.02, 0.1)}


def lower(low: Lowering) -> Mapping[str, Any]:
    """The shots in order with their transitions, and what is heard all through them."""
    joined = _joined(low)
    _frame(low, joined["shots"])
    for first, own in _runs(low, joined["shots"]):
        name = {"key": low.node, "name": low.name, "first": first, "count": len(own)}
        joined["scenes"].append(name)
        joined["cues"].extend(_ambience(low, own, first))
    joined["scenes"].sort(key=lambda scene: scene["first"])
    joined["cues"].extend(_music(low, music, joined["shots"]) for music in low.all("music"))
    joined["cues"].extend(_sound(low, sound, len(joined["shots"])) for sound in low.all("sounds"))
    return {"sequence": {"node": low.node, "name": low.name, **joined}}


def _joined(low: Lowering) -> dict[str, list[Any]]:
    """Shots and sequences linked, as one run; positions of scenes and cues shifted along."""
    shots: list[dict[str, Any]] = []
    scenes: list[dict[str, Any]] = []
    cues: list[dict[str, Any]] = []
    for item in low.all("shots"):
        base = len(shots)
        if "shots" in item:
            shots.extend(dict(shot) for shot in item["shots"])
            scenes.extend({**scene, "first": scene["first"] + base} for scene in item["scenes"])
            cues.extend({**cue, "first": cue["first"] + base} for cue in item["cues"])
        else:
            shots.append(_own_shot(low, item, first=not shots))
    return {"shots": shots, "scenes": scenes, "cues": cues}


def _runs(low: Lowering, shots: list[dict[str, Any]]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """This sequence's own shots, in unbroken runs, each with the index of its first."""
    for own, run in groupby(enumerate(shots), lambda item: item[1]["scene_key"] == low.node):
        if own:
            members = list(run)
            yield members[0][0], [shot for _, shot in members]


def _own_shot(low: Lowering, shot: Described, *, first: bool) -> dict[str, Any]:
    kind, seconds = low.params["between"], low.params["between_seconds"]
    cut = {"kind": "cut", "seconds": 0.0}
    return {
        **shot,
        "scene": low.name,
        "scene_key": low.node,
        "enter": cut if first else {"kind": kind, "seconds": seconds},
        "leave": cut,
        "gap": 0.0 if first else low.params["gap"],
    }


def _frame(low: Lowering, shots: list[dict[str, Any]]) -> None:
    """How the whole sequence is entered and left."""
    params = low.params
    if not shots:
        return
    if params["enter"] != "cut":
        shots[0]["enter"] = {"kind": params["enter"], "seconds": params["enter_seconds"]}
    if params["leave"] != "cut":
        shots[-1]["leave"] = {"kind": params["leave"], "seconds": params["leave_seconds"]}


def _span(low: Lowering, shots: list[dict[str, Any]]) -> dict[str, Any]:
    """What decides how long these shots last."""
    return {
        "fps": low.film.fps,
        "shots": [
            {
                "duration": shot["duration"],
                "lines": [
                    {name: line[name] for name in ("speech", "pause", "together")}
                    for line in shot["lines"]
                ],
            }
            for shot in shots
        ],
        "dissolves": [
            shot["enter"]["seconds"] if shot["enter"]["kind"] == "dissolve" else 0.0
            for shot in shots
        ],
        "gaps": [shot["gap"] for shot in shots],
    }


def _ambience(low: Lowering, shots: list[dict[str, Any]], first: int) -> list[dict[str, Any]]:
    """One bed of background for the scene, from where it happens."""
    where = next((shot["environment"] for shot in shots if shot["environment"]), None)
    if not low.params["ambience"] or where is None:
        return []
    wish = {
        "setting": {name: where[name] for name in _HEARD},
        "span": _span(low, shots),
        "seed": low.film.seed,
    }
    ref = low.step(
        AMBIENCE,
        wish,
        place=Place(scene=low.scene or low.stem, shot="sound", stem="ambience", suffix=".wav"),
        label=f"Ambience of {low.name}",
        seconds=sum(shot["estimate"] for shot in shots),
        priority=Priority.AUDIO,
    )
    return [
        _cue(low, "ambience", ref, f"Ambience of {low.name}", len(shots))
        | {"gain": low.params["ambience_gain"], "duck": True, "first": first}
    ]


def _music(low: Lowering, music: Described, shots: list[dict[str, Any]]) -> dict[str, Any]:
    """The step for a linked piece, as long as this sequence."""
    ref = low.step(
        MUSIC,
        {**music["wish"], "seconds": music["length"], "span": _span(low, shots)},
        place=Place(
            scene=music["scene"] or low.scene, shot="music", stem=music["stem"], suffix=".wav"
        ),
        label=f"Music: {music['name']}",
        seconds=music["length"] or sum(shot["estimate"] for shot in shots),
        node=music["node"],
        priority=Priority.AUDIO,
    )
    return _cue(low, "music", ref, music["name"], len(shots), music)


def _sound(low: Lowering, sound: Described, count: int) -> dict[str, Any]:
    return _cue(low, "effects", sound["sound"], sound["name"], count, sound)


def _cue(
    low: Lowering,
    track: str,
    ref: ArtifactRef,
    name: str,
    count: int,
    heard: Described | None = None,
) -> dict[str, Any]:
    given = heard or {}
    fade_in, fade_out = _FADES[track]
    return {
        "node": given.get("node", low.node),
        "ref": ref,
        "name": name,
        "track": track,
        "scene": low.name,
        "first": 0,
        "count": count,
        "fade_in": fade_in,
        "fade_out": fade_out,
        "offset": given.get("offset", 0.0),
        "length": given.get("length", 0.0),
        "loop": given.get("loop", False),
        "gain": given.get("gain", 0.0),
        "duck": given.get("duck", False),
    }


_TRANSITIONS = (("cut", "Cut"), ("dissolve", "Dissolve"), ("fade", "Fade"))

NODE_TYPE = NodeType(
    label="Sequence",
    doc="Shots in order make a scene; scenes in order make a film.",
    category="Film",
    icon="SEQUENCE",
    colour=(0.36, 0.09, 0.15),
    inputs=(
        Socket(
            name="shots",
            kind="shot",
            accepts=("shot", "sequence"),
            multi=True,
            doc="Shots, or scenes, in order.",
        ),
        Socket(name="music", kind="music", multi=True, doc="Score, all through it."),
        Socket(name="sounds", kind="sound", multi=True, doc="Heard all through it."),
    ),
    outputs=(Socket(name="sequence", kind="sequence", doc="Link it to a Sequence or the Output."),),
    lower=lower,
    params=(
        Param(
            name="title", kind="text", default="", doc="The scene's heading, or the film's name."
        ),
        Param(
            name="enter",
            kind="choice",
            default="cut",
            label="Begin with",
            doc="How it is entered.",
            choices=_TRANSITIONS,
        ),
        common.seconds("enter_seconds", "How long entering takes.", default=1.0, maximum=10),
        Param(
            name="leave",
            kind="choice",
            default="cut",
            label="End with",
            doc="How it is left.",
            choices=(("cut", "Cut"), ("fade", "Fade")),
        ),
        common.seconds("leave_seconds", "How long leaving takes.", default=1.0, maximum=10),
        Param(
            name="between",
            kind="choice",
            default="cut",
            label="Between shots",
            doc="How one shot follows another.",
            choices=(("cut", "Cut"), ("dissolve", "Dissolve")),
        ),
        common.seconds(
            "between_seconds", "How long a dissolve between shots takes.", default=0.5, maximum=10
        ),
        common.seconds("gap", "Black between shots.", maximum=60),
        Param(
            name="ambience",
            kind="bool",
            default=True,
            doc="Make background sound from where the scene happens.",
        ),
        common.gain(
            "Loudness of the background, against the dialogue.", name="ambience_gain", default=-14.0
        ),
        common.SOURCE,
    ),
)
