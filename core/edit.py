# SPDX-License-Identifier: GPL-3.0-or-later
"""The cut of a film: which shot stands where, and which sound begins when.

Plans estimate, results decide: how long a shot is follows from how long its
lines turned out to be.  That rule lives here once, and whoever needs a length
(the picture, the score, the mix, the sequencer) asks here.  Times are seconds,
positions are frames from 0 at the film's rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

__all__ = [
    "DISSOLVE", "Cue", "Edit", "EditClip", "EditScene", "LineTime", "ShotLayout", "ShotTime",
    "edit_from_json", "edit_to_json", "frame_rate", "layout", "overlap_frames", "span_frames",
]  # fmt: skip

SCHEMA = "movie-director/edit@1"

#: Seconds before a shot's first line, between lines, and after the last.
LEAD_S, PAUSE_S, TAIL_S = 0.35, 0.25, 0.5
#: Seconds of a shot that says nothing about its length.
DEFAULT_S = 3.0
#: No shot is shorter: below half a second a picture cannot be read.
SHORTEST_S = 0.5

CUT_TO, DISSOLVE, FADE = "cut", "dissolve", "fade"
TransitionKind: TypeAlias = Literal["cut", "dissolve", "fade"]
Track: TypeAlias = Literal["dialogue", "effects", "ambience", "music"]


def frame_rate(fps: float) -> Fraction:
    """The exact rate: 23.976 becomes 24000/1001, 24 stays 24."""
    near = Fraction(round(fps * 1001), 1001)
    whole = round(fps)
    if abs(fps - whole) < 0.005:
        return Fraction(whole)
    ntsc = Fraction(math.ceil(fps) * 1000, 1001)
    return ntsc if abs(float(ntsc) - fps) < 0.005 else near


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTime:
    """How long one line lasts, and how it follows the one before.

    ``together``: it begins with the line before it (dual dialogue).
    """

    seconds: float
    pause: float = 0.0  #: silence before it beyond the usual, seconds
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotTime:
    """What decides a shot's length.  ``duration`` 0 means: as long as its content needs."""

    duration: float = 0.0
    lines: tuple[LineTime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotLayout:
    """A shot's length in frames, and when each of its lines begins in it, in seconds."""

    frames: int
    starts: tuple[float, ...]


def layout(shot: ShotTime, rate: Fraction) -> ShotLayout:
    """How long the shot is and where its lines fall; never shorter than its lines."""
    starts: list[float] = []
    clock = LEAD_S
    begun = clock
    for index, line in enumerate(shot.lines):
        if line.together and index:
            starts.append(round(begun, 6))
            clock = max(clock, begun + line.seconds)
            continue
        begun = clock + line.pause + (PAUSE_S if index else 0.0)
        starts.append(round(begun, 6))
        clock = begun + line.seconds
    spoken = clock + TAIL_S if shot.lines else 0.0
    wanted = shot.duration or (0.0 if shot.lines else DEFAULT_S)
    seconds = max(spoken, wanted, SHORTEST_S)
    frames = math.ceil(seconds * rate - Fraction(1, 1000))
    return ShotLayout(frames=frames, starts=tuple(starts))


def overlap_frames(seconds: float, before: int, after: int, rate: Fraction) -> int:
    """Frames two shots share in a dissolve of ``seconds``: at most a third of the shorter one."""
    return min(round(seconds * rate), before // 3, after // 3)


def span_frames(shots: Sequence[ShotTime], dissolves: Sequence[float], rate: Fraction) -> int:
    """Frames from the first shot's first to the last shot's last.

    ``dissolves[i]`` is the dissolve into shot ``i`` in seconds, 0 for a cut; the first
    counts for nothing.
    """
    lengths = [layout(shot, rate).frames for shot in shots]
    shared = sum(
        overlap_frames(seconds, before, after, rate)
        for seconds, before, after in zip(dissolves[1:], lengths, lengths[1:], strict=False)
    )
    return sum(lengths) - shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """How a shot is entered or left, over ``frames``."""

    kind: TransitionKind = "cut"
    frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditClip:
    """One shot on the timeline.  With a dissolve it begins before its predecessor ends.

    ``source`` is the step that makes its picture.
    """

    key: str
    source: str
    name: str
    scene: str
    number: str
    start: int
    frames: int
    enter: Transition = field(default_factory=Transition)
    leave: Transition = field(default_factory=Transition)
    notes: Mapping[str, Any] = field(default_factory=dict)  #: action, shot type, move: for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One sound on the timeline.  ``source`` is the step that makes it; times are film seconds.

    ``seconds`` is how long it sounds; a looped sound is repeated to fill it.
    """

    key: str
    source: str
    name: str
    track: Track
    start: float
    seconds: float
    gain_db: float = 0.0
    loop: bool = False
    duck: bool = False
    fade_in: float = 0.0
    fade_out: float = 0.0
    scene: str = ""
    number: str = ""
    speaker: str = ""
    text: str = ""
    off_screen: bool = False  #: spoken by somebody who is not seen


@dataclass(frozen=True, slots=True, kw_only=True)
class EditScene:
    """One scene's stretch of the timeline, frames."""

    key: str
    name: str
    start: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A whole film's cut.  ``rate`` in frames per second, ``frames`` its length."""

    title: str
    rate: Fraction
    width: int
    height: int
    frames: int
    clips: tuple[EditClip, ...]
    cues: tuple[Cue, ...]
    scenes: tuple[EditScene, ...]

    @property
    def seconds(self) -> float:
        """The film's length."""
        return float(self.frames / self.rate)


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """The cut as JSON, schema ``movie-director/edit@1``."""
    return {
        "schema": SCHEMA,
        "title": edit.title,
        "rate": [edit.rate.numerator, edit.rate.denominator],
        "width": edit.width,
        "height": edit.height,
        "frames": edit.frames,
        "clips": [_clip_to_json(clip) for clip in edit.clips],
        "cues": [_plain(cue) for cue in edit.cues],
        "scenes": [_plain(scene) for scene in edit.scenes],
    }


def edit_from_json(value: Mapping[str, Any]) -> Edit:
    """The cut a JSON value holds, as ``edit_to_json`` wrote it.

    Raises:
        ValueError: it is of another schema.
        KeyError, TypeError: it was edited by hand and no longer fits.
    """
    if value.get("schema") != SCHEMA:
        raise ValueError(f"not a {SCHEMA} file")
    return Edit(
        title=value["title"],
        rate=Fraction(*value["rate"]),
        width=value["width"],
        height=value["height"],
        frames=value["frames"],
        clips=tuple(_clip_from_json(clip) for clip in value["clips"]),
        cues=tuple(Cue(**cue) for cue in value["cues"]),
        scenes=tuple(EditScene(**scene) for scene in value["scenes"]),
    )


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def _clip_to_json(clip: EditClip) -> dict[str, Any]:
    return {**_plain(clip), "enter": _plain(clip.enter), "leave": _plain(clip.leave)}


def _clip_from_json(value: Mapping[str, Any]) -> EditClip:
    ends = {end: Transition(**value[end]) for end in ("enter", "leave")}
    return EditClip(**{**value, **ends})
