# SPDX-License-Identifier: GPL-3.0-or-later
"""An output: where the film comes out.  Evaluate is pressed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Described, Lowering
from ..core.errors import GraphError
from ..core.node_type import NodeType, Param, Socket
from ..core.step import CUT, FILM, MIX, OTIO, STORYBOARD, SUBTITLES, ArtifactRef, Place, Priority

#: What the cut needs to know of a shot, of a line and of a sound.
_SHOT = ("node", "name", "number", "scene", "duration", "enter", "leave", "gap", "notes")
_LINE = ("node", "speech", "text", "speaker", "pause", "together", "gain", "off_screen")


def lower(low: Lowering) -> Mapping[str, Any]:
    """The cut, the mix, the film and its companions; nothing flows out of an Output."""
    film = low.one("sequence")
    if film is None or not film["shots"]:
        raise GraphError(
            "The Output has no shots to put out.",
            remedy="Link a Sequence with at least one Shot to it.",
            where=low.node,
        )
    seconds = sum(shot["estimate"] for shot in film["shots"])
    cut = _step(low, CUT, _cut_wish(low, film), "cut.json", "Lay out the cut", 0.0)
    clips = {shot["clip"].step: shot["clip"] for shot in film["shots"]}
    mix = _step(
        low, MIX, {"cut": cut, "sounds": _sounds(film)}, "mix.wav", "Mix the sound", seconds
    )
    picture = {
        "cut": cut,
        "mix": mix,
        "clips": clips,
        "size": [low.film.width, low.film.height],
        "quality": low.film.quality,
        "preset": low.params["preset"],
    }
    _step(low, FILM, picture, "film.mp4", "Assemble the film", seconds)
    _companions(low, cut, clips, film)
    return {}


def _companions(
    low: Lowering, cut: ArtifactRef, clips: Mapping[Any, ArtifactRef], film: Described
) -> None:
    """The files beside the film that the Output asks for; no subtitles where nobody speaks."""
    params = low.params
    if params["otio"]:
        media = {"cut": cut, "clips": clips, "sounds": _sounds(film)}
        _step(low, OTIO, media, "film.otio", "Write the edit list", 0.0)
    if params["subtitles"] and any(shot["lines"] for shot in film["shots"]):
        _step(low, SUBTITLES, {"cut": cut}, "film.srt", "Write the subtitles", 0.0)
    if params["storyboard"]:
        wish = {"cut": cut, "clips": clips}
        _step(low, STORYBOARD, wish, "storyboard.pdf", "Draw the storyboard", 0.0)


def _cut_wish(low: Lowering, film: Described) -> dict[str, Any]:
    return {
        "title": low.film.title,
        "fps": low.film.fps,
        "size": [low.film.width, low.film.height],
        "scenes": film["scenes"],
        "cues": film["cues"],
        "shots": [
            {
                **{name: shot[name] for name in _SHOT},
                "clip_step": shot["clip"].step,
                "lines": [{name: line[name] for name in _LINE} for line in shot["lines"]],
                "sounds": shot["sounds"],
            }
            for shot in film["shots"]
        ],
    }


def _sounds(film: Described) -> dict[str, ArtifactRef]:
    """Everything that is heard, by the step that makes it."""
    refs = [cue["ref"] for cue in film["cues"]]
    for shot in film["shots"]:
        refs.extend(line["speech"] for line in shot["lines"])
        refs.extend(sound["sound"] for sound in shot["sounds"])
    return {ref.step: ref for ref in refs}


def _step(
    low: Lowering, kind: Any, wish: Mapping[str, Any], name: str, label: str, seconds: float
) -> ArtifactRef:
    stem, _, suffix = name.rpartition(".")
    return low.step(
        kind,
        wish,
        place=Place(stem=stem, suffix=f".{suffix}", final=kind != CUT and kind != MIX),
        label=label,
        seconds=seconds,
        priority=Priority.OTHER,
    )


NODE_TYPE = NodeType(
    label="Output",
    doc="Where the film comes out. Press Evaluate here.",
    category="Film",
    icon="RENDER_ANIMATION",
    colour=(0.30, 0.30, 0.30),
    inputs=(
        Socket(name="sequence", kind="sequence", doc="The film."),
        Socket(name="project", kind="project", doc="What holds for the whole film."),
        Socket(name="script", kind="script", doc="The screenplay it was made from."),
    ),
    lower=lower,
    params=(
        Param(
            name="captions",
            kind="bool",
            default=True,
            doc="Show action and dialogue as captions in the animatic.",
        ),
        Param(name="name_tags", kind="bool", default=True, doc="Show who is who in the animatic."),
        Param(name="burn_in", kind="bool", default=False, doc="Show shot number and timecode."),
        Param(
            name="preset",
            kind="choice",
            default="h264",
            label="Render preset",
            doc="How the film is encoded.",
            choices=(("h264", "H.264 in MP4"),),
        ),
        Param(
            name="otio", kind="bool", default=True, label="OpenTimelineIO", doc="Write film.otio."
        ),
        Param(name="subtitles", kind="bool", default=True, doc="Write film.srt."),
        Param(name="storyboard", kind="bool", default=True, doc="Write storyboard.pdf."),
        Param(
            name="channel",
            kind="int",
            default=1,
            minimum=1,
            maximum=100,
            label="Sequencer channel",
            affects=False,
            doc="The first of the channels the film takes in the sequencer.",
        ),
        Param(
            name="start_frame",
            kind="int",
            default=1,
            minimum=-100000,
            maximum=1000000,
            affects=False,
            doc="Where the film begins in the sequencer.",
        ),
    ),
)
