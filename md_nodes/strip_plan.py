# SPDX-License-Identifier: GPL-3.0-or-later
"""From a cut to strips: what goes where in the sequencer, before Blender is touched.

Tracks lie above each other from a first channel on: picture (a second channel where
shots dissolve), dialogue, effects, ambience, music.  What overlaps goes a channel
higher; what somebody else put there is left alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..core.digest import digest
from ..core.edit import Cue, Edit, EditClip
from ..core.step import Artifact, StepId

#: Blender's sequencer has no more.
CHANNELS = 128
#: How much music and ambience give way to speech, and how fast.
DUCK_DB, DUCK_RAMP_S = -10.0, 0.25

Kind = Literal["movie", "sound", "cross"]
#: By channel, the frames that are taken: (first, end).
Taken = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripPlan:
    """One strip.  ``start`` and ``frames`` in frames of the scene; ``curve`` is a list of
    (frame, value): opacity of a picture, volume of a sound, empty when it never changes."""

    key: str
    kind: Kind
    name: str
    channel: int
    start: int
    frames: int
    path: Path | None = None
    content: str = ""
    inputs: tuple[str, ...] = ()  #: keys of the strips a dissolve joins
    level: float = 1.0
    curve: tuple[tuple[int, float], ...] = ()

    @property
    def spec(self) -> str:
        """Changes whenever the strip must be made again."""
        return digest([
            self.kind, self.name, self.channel, self.start, self.frames, str(self.path),
            self.content, list(self.inputs), self.level, [list(point) for point in self.curve],
        ])  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPlan:
    """All strips in the order in which they can be made; ``missing`` names what has no file."""

    strips: tuple[StripPlan, ...]
    missing: tuple[str, ...] = ()
    channels: tuple[tuple[int, str], ...] = ()  #: what each channel holds, for people


@dataclass(slots=True)
class _Board:
    """Channels being filled."""

    taken: Taken
    strips: list[StripPlan] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def free(self, channel: int, start: int, frames: int) -> int:
        """The first channel from ``channel`` on where these frames are free; 0 when none is."""
        while channel <= CHANNELS:
            spans = self.taken.get(channel, ())
            if all(end <= start or first >= start + frames for first, end in spans):
                return channel
            channel += 1
        return 0

    def take(self, channel: int, start: int, frames: int) -> None:
        self.taken.setdefault(channel, []).append((start, start + frames))

    def top(self, least: int) -> int:
        """The first channel above all strips placed so far, at least ``least``."""
        return max([least, *(strip.channel + 1 for strip in self.strips)])


def plan_strips(
    edit: Edit,
    artifacts: Mapping[StepId, Artifact],
    *,
    channel: int = 1,
    start_frame: int = 1,
    taken: Taken | None = None,
) -> FilmPlan:
    """The strips of a film.  ``taken`` is what lies in the sequencer and is not ours."""
    board = _Board({number: list(spans) for number, spans in (taken or {}).items()})
    _pictures(board, edit, artifacts, channel, start_frame)
    for track in ("dialogue", "effects", "ambience", "music"):
        base = board.top(channel + 1)
        cues = [cue for cue in edit.cues if cue.track == track]
        for cue in sorted(cues, key=lambda cue: cue.start):
            _sound(board, edit, cue, artifacts, base, start_frame)
    return FilmPlan(
        strips=tuple(board.strips), missing=tuple(board.missing), channels=_channels(board.strips)
    )


def _channels(strips: Iterable[StripPlan]) -> tuple[tuple[int, str], ...]:
    """Picture, Picture 2, Dialogue…: Blender wants each channel's name to be its own."""
    held: dict[int, str] = {}
    for strip in strips:
        held.setdefault(strip.channel, strip.key.partition(":")[0].capitalize())
    counts: dict[str, int] = {}
    names: list[tuple[int, str]] = []
    for channel, name in sorted(held.items()):
        counts[name] = counts.get(name, 0) + 1
        names.append((channel, name if counts[name] == 1 else f"{name} {counts[name]}"))
    return tuple(names)


def _pictures(
    board: _Board,
    edit: Edit,
    artifacts: Mapping[StepId, Artifact],
    channel: int,
    start_frame: int,
) -> None:
    before: StripPlan | None = None
    for clip in edit.clips:
        found = artifacts.get(StepId(clip.source))
        if found is None:
            board.missing.append(clip.name or clip.number)
            before = None
            continue
        start = start_frame + clip.start
        strip = StripPlan(
            key=f"picture:{clip.key}",
            kind="movie",
            name=_words(
                "" if clip.number in clip.name else clip.number, clip.name, f"({clip.scene})"
            ),
            channel=board.free(channel, start, clip.frames),
            start=start,
            frames=clip.frames,
            path=found.path,
            content=found.content,
            curve=_opacity(clip, start),
        )
        if not _place(board, strip):
            continue
        if clip.enter.kind == "dissolve" and before is not None:
            _place(board, _dissolve(board, before, strip, clip.enter.frames, channel))
        before = strip


def _dissolve(
    board: _Board, before: StripPlan, after: StripPlan, frames: int, channel: int
) -> StripPlan:
    above = max(before.channel, after.channel, channel + 1) + 1
    return StripPlan(
        key=f"dissolve:{after.key}",
        kind="cross",
        name=f"Dissolve to {after.name}",
        channel=board.free(above, after.start, frames),
        start=after.start,
        frames=frames,
        inputs=(before.key, after.key),
        content=before.spec + after.spec,
    )


def _place(board: _Board, strip: StripPlan) -> bool:
    if not strip.channel:
        board.missing.append(strip.name)
        return False
    board.take(strip.channel, strip.start, strip.frames)
    board.strips.append(strip)
    return True


def _opacity(clip: EditClip, start: int) -> tuple[tuple[int, float], ...]:
    """Fades from and to black."""
    points: list[tuple[int, float]] = []
    if clip.enter.kind == "fade":
        points += [(start, 0.0), (start + clip.enter.frames, 1.0)]
    if clip.leave.kind == "fade":
        last = start + clip.frames - 1
        points += [(last - clip.leave.frames, 1.0), (last, 0.0)]
    return tuple(points)


def _sound(
    board: _Board,
    edit: Edit,
    cue: Cue,
    artifacts: Mapping[StepId, Artifact],
    base: int,
    start_frame: int,
) -> None:
    found = artifacts.get(StepId(cue.source))
    if found is None:
        board.missing.append(cue.name)
        return
    rate = float(edit.rate)
    start = start_frame + round(cue.start * rate)
    frames = max(1, round(cue.seconds * rate))
    piece = (
        max(1, math.floor(float(found.facts.get("seconds", cue.seconds)) * rate))
        if cue.loop
        else frames
    )
    level = 10 ** (cue.gain_db / 20)
    curve = _volume(edit, cue, start_frame, level)
    channel = board.free(base, start, frames)
    for number, offset in enumerate(range(0, frames, piece)):
        strip = StripPlan(
            key=f"{cue.track}:{cue.key}:{number}",
            kind="sound",
            name=_name(cue),
            channel=channel,
            start=start + offset,
            frames=min(piece, frames - offset),
            path=found.path,
            content=found.content,
            level=round(level, 6),
            curve=_within(curve, start + offset, min(piece, frames - offset)),
        )
        if not _place(board, strip):
            return


def _name(cue: Cue) -> str:
    """Shot, who speaks and what, scene: what tells strips apart comes first."""
    return _words(cue.number, cue.name, f"({cue.scene})" if cue.scene else "")


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _volume(edit: Edit, cue: Cue, start_frame: int, level: float) -> tuple[tuple[int, float], ...]:
    """Fades, and giving way to speech, as volumes at frames."""
    rate = float(edit.rate)
    end = cue.start + cue.seconds
    times = {cue.start, end}
    times |= {cue.start + cue.fade_in, end - cue.fade_out}
    spans = _speech(edit, cue) if cue.duck else []
    for first, last in spans:
        times |= {first - DUCK_RAMP_S, first, last, last + DUCK_RAMP_S}
    inside = sorted(time for time in times if cue.start <= time <= end)
    points = [
        (start_frame + round(time * rate), round(level * _gain(cue, end, time, spans), 5))
        for time in inside
    ]
    changing = len({value for _, value in points}) > 1
    return tuple(dict(points).items()) if changing else ()


def _gain(cue: Cue, end: float, time: float, spans: Iterable[tuple[float, float]]) -> float:
    gain = 1.0
    if cue.fade_in > 0:
        gain = min(gain, max(0.0, (time - cue.start) / cue.fade_in))
    if cue.fade_out > 0:
        gain = min(gain, max(0.0, (end - time) / cue.fade_out))
    depth = 0.0
    for first, last in spans:
        away = max(first - time, time - last, 0.0)
        depth = max(depth, 1.0 - min(1.0, away / DUCK_RAMP_S))
    return gain * 10 ** (DUCK_DB * depth / 20)


def _speech(edit: Edit, cue: Cue) -> list[tuple[float, float]]:
    """When somebody speaks while the cue sounds; pauses too short to hear are bridged."""
    end = cue.start + cue.seconds
    found: list[tuple[float, float]] = []
    lines = sorted((c.start, c.start + c.seconds) for c in edit.cues if c.track == "dialogue")
    for first, last in lines:
        if last < cue.start or first > end:
            continue
        if found and first - found[-1][1] < 2 * DUCK_RAMP_S:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _within(
    curve: tuple[tuple[int, float], ...], start: int, frames: int
) -> tuple[tuple[int, float], ...]:
    """The part of a curve that one strip shows, with the values at its ends."""
    if not curve:
        return ()
    end = start + frames
    inside = [(frame, value) for frame, value in curve if start <= frame <= end]
    return tuple(dict([(start, _at(curve, start)), *inside, (end, _at(curve, end))]).items())


def _at(curve: tuple[tuple[int, float], ...], frame: int) -> float:
    before = [point for point in curve if point[0] <= frame] or [curve[0]]
    after = [point for point in curve if point[0] >= frame] or [curve[-1]]
    (low, one), (high, two) = before[-1], after[0]
    return one if high <= low else round(one + (two - one) * (frame - low) / (high - low), 5)
