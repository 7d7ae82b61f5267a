# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was asked and how long everything turned out to be, the film's cut.

Pure: descriptions and lengths in, an ``Edit`` out.  The descriptions are what
Sequence and Output nodes put into their steps' inputs; a length is asked for by
the artifact it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .edit import (
    Cue,
    Edit,
    EditClip,
    EditScene,
    LineTime,
    ShotLayout,
    ShotTime,
    Transition,
    frame_rate,
    layout,
    overlap_frames,
    span_frames,
)
from .step import ArtifactRef

__all__ = ["SecondsOf", "cut_film", "shot_time", "span_seconds"]

#: How long an artifact lasts, in seconds.
SecondsOf = Callable[[ArtifactRef], float]


def shot_time(shot: Mapping[str, Any], seconds_of: SecondsOf) -> ShotTime:
    """What decides the length of a described shot (keys ``duration`` and ``lines``)."""
    return ShotTime(
        duration=shot["duration"],
        lines=tuple(
            LineTime(
                seconds=seconds_of(line["speech"]),
                pause=line["pause"],
                together=line["together"],
            )
            for line in shot["lines"]
        ),
    )


def span_seconds(span: Mapping[str, Any], seconds_of: SecondsOf) -> float:
    """How long a described run of shots lasts (keys ``fps``, ``shots``, ``dissolves``, ``gaps``)."""
    rate = frame_rate(span["fps"])
    times = [shot_time(shot, seconds_of) for shot in span["shots"]]
    gaps = sum(round(gap * rate) for gap in span["gaps"][1:])
    return float((span_frames(times, span["dissolves"], rate) + gaps) / rate)


@dataclass(slots=True)
class _Timeline:
    """The film while it is laid out.  ``ends`` holds (first frame, end frame) by shot."""

    rate: Fraction
    clips: list[EditClip] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)


def cut_film(wish: Mapping[str, Any], seconds_of: SecondsOf) -> Edit:
    """The cut of a described film.

    ``wish`` has ``title``, ``fps``, ``size``, ``shots`` (in order), ``scenes`` and ``cues``
    (both by index of first shot and count).
    """
    line = _Timeline(frame_rate(wish["fps"]))
    shots = wish["shots"]
    layouts = [layout(shot_time(shot, seconds_of), line.rate) for shot in shots]
    for index, (shot, laid) in enumerate(zip(shots, layouts, strict=True)):
        _place_shot(line, index, shot, laid, layouts, seconds_of)
    line.cues.extend(_scene_cues(line, wish["cues"], seconds_of))
    width, height = wish["size"]
    return Edit(
        title=wish["title"],
        rate=line.rate,
        width=width,
        height=height,
        frames=line.ends[-1][1] if line.ends else 0,
        clips=tuple(line.clips),
        cues=tuple(sorted(line.cues, key=lambda cue: (cue.start, cue.track, cue.key))),
        scenes=tuple(_scene(line, scene) for scene in wish["scenes"] if scene["count"]),
    )


def _place_shot(
    line: _Timeline,
    index: int,
    shot: Mapping[str, Any],
    laid: ShotLayout,
    layouts: Sequence[ShotLayout],
    seconds_of: SecondsOf,
) -> None:
    rate = line.rate
    start = line.ends[-1][1] if line.ends else 0
    enter = _transition(shot["enter"], laid.frames, rate)
    if index and enter.kind == "dissolve":
        shared = overlap_frames(
            shot["enter"]["seconds"], layouts[index - 1].frames, laid.frames, rate
        )
        enter = Transition(kind="dissolve" if shared else "cut", frames=shared)
        start -= shared
    elif enter.kind == "dissolve":
        enter = Transition(kind="fade", frames=enter.frames)  # there is nothing to dissolve from
    elif index:
        start += round(shot["gap"] * rate)
    line.ends.append((start, start + laid.frames))
    line.clips.append(
        EditClip(
            key=shot["node"],
            source=shot["clip_step"],
            name=shot["name"],
            scene=shot["scene"],
            number=shot["number"],
            start=start,
            frames=laid.frames,
            enter=enter,
            leave=_transition(shot["leave"], laid.frames, rate),
            notes=shot["notes"],
        )
    )
    line.cues.extend(_line_cues(shot, laid, float(start / rate), seconds_of))
    line.cues.extend(_sound_cues(shot, start, laid.frames, rate, seconds_of))


def _transition(wanted: Mapping[str, Any], frames: int, rate: Fraction) -> Transition:
    """The transition, at most a third of the shot long."""
    length = min(round(wanted["seconds"] * rate), frames // 3)
    if wanted["kind"] == "cut" or length <= 0:
        return Transition()
    return Transition(kind=wanted["kind"], frames=length)


def _line_cues(
    shot: Mapping[str, Any], laid: ShotLayout, start: float, seconds_of: SecondsOf
) -> Iterator[Cue]:
    for line, begins in zip(shot["lines"], laid.starts, strict=True):
        yield Cue(
            key=line["node"],
            source=line["speech"].step,
            name=f"{line['speaker']}: {line['text']}",
            track="dialogue",
            start=round(start + begins, 6),
            seconds=seconds_of(line["speech"]),
            gain_db=line["gain"],
            scene=shot["scene"],
            number=shot["number"],
            speaker=line["speaker"],
            text=line["text"],
            off_screen=line.get("off_screen", False),
        )


def _sound_cues(
    shot: Mapping[str, Any], start: int, frames: int, rate: Fraction, seconds_of: SecondsOf
) -> Iterator[Cue]:
    for sound in shot["sounds"]:
        made = seconds_of(sound["sound"])
        room = float(frames / rate) - sound["offset"]
        seconds = room if sound["loop"] else (sound["length"] or made)
        if seconds > 0:
            yield Cue(
                key=sound["node"],
                source=sound["sound"].step,
                name=sound["name"],
                track="effects",
                start=round(float(start / rate) + sound["offset"], 6),
                seconds=round(seconds, 6),
                gain_db=sound["gain"],
                loop=sound["loop"],
                duck=sound["duck"],
                fade_out=0.05,
                scene=shot["scene"],
                number=shot["number"],
            )


def _scene_cues(
    line: _Timeline, cues: Sequence[Mapping[str, Any]], seconds_of: SecondsOf
) -> Iterator[Cue]:
    """Ambience, music and scene-long sounds: from a first shot over a count of shots."""
    for cue in cues:
        if not cue["count"]:
            continue
        first, last = cue["first"], cue["first"] + cue["count"] - 1
        start = float(line.ends[first][0] / line.rate) + cue["offset"]
        room = float(line.ends[last][1] / line.rate) - start
        seconds = min(room, cue["length"] or (room if cue["loop"] else seconds_of(cue["ref"])))
        if seconds > 0:
            yield Cue(
                key=cue["node"],
                source=cue["ref"].step,
                name=cue["name"],
                track=cue["track"],
                start=round(start, 6),
                seconds=round(seconds, 6),
                gain_db=cue["gain"],
                loop=cue["loop"],
                duck=cue["duck"],
                fade_in=cue["fade_in"],
                fade_out=cue["fade_out"],
                scene=cue["scene"],
            )


def _scene(line: _Timeline, scene: Mapping[str, Any]) -> EditScene:
    first = line.ends[scene["first"]][0]
    end = line.ends[scene["first"] + scene["count"] - 1][1]
    return EditScene(key=scene["key"], name=scene["name"], start=first, frames=end - first)
