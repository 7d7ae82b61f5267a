# SPDX-License-Identifier: GPL-3.0-or-later
"""The cut as an OpenTimelineIO file, for every editing program that reads one.

One picture track; sound tracks by what is heard, as many of a kind as overlap needs;
a marker for each scene.  Where two shots dissolve, the cut lies in the middle of the
dissolve, as editors expect.  What is ours lies under ``movie_director`` in metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..core.edit import Cue, Edit, EditClip
from ..core.jsonable import readable
from ..core.step import Artifact, StepId
from . import otio_schema as schema
from .media import media_url, results_root

__all__ = ["write_otio"]

#: Sound is placed to the sample.
SOUND_RATE = 48_000
#: The tracks' order, and what people call them.
TRACKS = (
    ("dialogue", "Dialogue"),
    ("effects", "Effects"),
    ("ambience", "Ambience"),
    ("music", "Music"),
)


def write_otio(edit: Edit, artifacts: Mapping[StepId, Artifact], path: Path) -> Mapping[str, Any]:
    """Write the edit list; media is named relative to the results' folder.

    Facts: ``clips``, ``tracks`` (counts) and ``missing`` (steps without a file).

    Raises:
        OSError: the file cannot be written.
    """
    media = _Media(artifacts, path)
    sound = list(_sound_tracks(edit, media))
    tracks = schema.stack("tracks", [_picture_track(edit, media), *sound], _markers(edit))
    whole = schema.timeline(
        edit.title,
        schema.time(0, edit.rate),
        tracks,
        {"movie_director": {"size": [edit.width, edit.height], "frames": edit.frames}},
    )
    path.write_text(readable(whole), encoding="utf-8", newline="\n")
    return {
        "clips": len(edit.clips),
        "tracks": 1 + len(sound),
        "missing": sorted(media.missing),
    }


class _Media:
    """References to the artifacts' files; remembers which were missing."""

    def __init__(self, artifacts: Mapping[StepId, Artifact], path: Path) -> None:
        self._artifacts = artifacts
        self._root = results_root(path, (made.path for made in artifacts.values()))
        self.missing: set[str] = set()

    def seconds(self, source: str) -> float:
        """How long the artifact lasts, 0 when unknown."""
        made = self._artifacts.get(StepId(source))
        return float(made.facts.get("seconds", 0.0)) if made is not None else 0.0

    def reference(self, source: str, name: str, length: int, rate: Fraction | int) -> Any:
        """The file a step made; ``length`` units long where its facts do not say."""
        made = self._artifacts.get(StepId(source))
        if made is None:
            self.missing.add(source)
            return schema.missing(name)
        known = round(self.seconds(source) * rate)
        return schema.external(
            name,
            media_url(made.path, self._root),
            schema.time_range(0, known or length, rate),
            {"movie_director": {"step": source, "intent": made.intent, "take": made.take}},
        )


def _markers(edit: Edit) -> list[Any]:
    return [
        schema.marker(
            scene.name,
            "GREEN",
            schema.time_range(scene.start, scene.frames, edit.rate),
            {"movie_director": {"key": scene.key}},
        )
        for scene in edit.scenes
    ]


def _picture_track(edit: Edit, media: _Media) -> Any:
    children: list[Any] = []
    at = 0
    for index, clip in enumerate(edit.clips):
        before = edit.clips[index - 1] if index else None
        after = edit.clips[index + 1] if index + 1 < len(edit.clips) else None
        start = _cut(clip)
        end = _cut(after) if after and after.enter.kind == "dissolve" else clip.start + clip.frames
        if start > at:
            children.extend(_closing(before, edit.rate))
            children.append(schema.gap(schema.time_range(0, start - at, edit.rate)))
            before = None
        children.extend(_join(before, clip, edit.rate))
        children.append(_shot(clip, start, end, edit.rate, media))
        at = end
    if edit.clips:
        children.extend(_closing(edit.clips[-1], edit.rate))
    return schema.track("Picture", "Video", children, {})


def _cut(clip: EditClip) -> int:
    """The film frame the shot is cut in at: the middle of a dissolve."""
    return clip.start + (clip.enter.frames // 2 if clip.enter.kind == "dissolve" else 0)


def _join(before: EditClip | None, clip: EditClip, rate: Fraction) -> Iterator[Any]:
    """The transition between two shots, or into the first."""
    ours = {"movie_director": {"into": clip.key}}
    if clip.enter.kind == "dissolve":
        early = clip.enter.frames // 2
        late = clip.enter.frames - early
        yield schema.transition(
            "Dissolve", "SMPTE_Dissolve", schema.time(early, rate), schema.time(late, rate), ours
        )
        return
    out = before.leave.frames if before and before.leave.kind == "fade" else 0
    into = clip.enter.frames if clip.enter.kind == "fade" else 0
    if out and into:
        name, kind = "Dip to black", "Custom_Transition"
    elif out or into:
        name, kind = ("Fade out" if out else "Fade in"), "SMPTE_Dissolve"
    else:
        return
    yield schema.transition(name, kind, schema.time(out, rate), schema.time(into, rate), ours)


def _closing(clip: EditClip | None, rate: Fraction) -> Iterator[Any]:
    """The fade a shot ends in, where nothing follows at once."""
    if clip is not None and clip.leave.kind == "fade":
        yield schema.transition(
            "Fade out",
            "SMPTE_Dissolve",
            schema.time(clip.leave.frames, rate),
            schema.time(0, rate),
            {"movie_director": {"out_of": clip.key}},
        )


def _shot(clip: EditClip, start: int, end: int, rate: Fraction, media: _Media) -> Any:
    ours = {
        "key": clip.key,
        "scene": clip.scene,
        "number": clip.number,
        "start": clip.start,
        "frames": clip.frames,
        **clip.notes,
    }
    return schema.clip(
        clip.name,
        schema.time_range(start - clip.start, end - start, rate),
        media.reference(clip.source, clip.name, clip.frames, rate),
        {"movie_director": ours},
    )


def _sound_tracks(edit: Edit, media: _Media) -> Iterator[Any]:
    for kind, name in TRACKS:
        lanes = _lanes([cue for cue in edit.cues if cue.track == kind])
        for number, lane in enumerate(lanes, 1):
            title = name if len(lanes) == 1 else f"{name} {number}"
            yield schema.track(
                title, "Audio", list(_heard(lane, media)), {"movie_director": {"kind": kind}}
            )


def _lanes(cues: Sequence[Cue]) -> list[list[Cue]]:
    """Cues in the fewest rows without overlap, in the order of their beginning."""
    lanes: list[list[Cue]] = []
    for cue in sorted(cues, key=lambda cue: (cue.start, cue.key)):
        free = (lane for lane in lanes if _ends(lane[-1]) <= _samples(cue.start))
        lane = next(free, None)
        if lane is None:
            lanes.append([cue])
        else:
            lane.append(cue)
    return lanes


def _samples(seconds: float) -> int:
    return round(seconds * SOUND_RATE)


def _ends(cue: Cue) -> int:
    return _samples(cue.start) + _samples(cue.seconds)


def _heard(lane: Sequence[Cue], media: _Media) -> Iterator[Any]:
    at = 0
    for cue in lane:
        start = _samples(cue.start)
        if start > at:
            yield schema.gap(schema.time_range(0, start - at, SOUND_RATE))
        yield from _sound(cue, media)
        at = _ends(cue)


def _sound(cue: Cue, media: _Media) -> Iterator[Any]:
    """The cue's clip; a looped sound as often as it is heard."""
    left = _samples(cue.seconds)
    made = _samples(media.seconds(cue.source))
    whole = made if cue.loop and made else left
    ours = {
        name: getattr(cue, name)
        for name in ("key", "scene", "number", "speaker", "text", "gain_db", "duck")
    } | {"fade_in": cue.fade_in, "fade_out": cue.fade_out, "loop": cue.loop}
    while left > 0:
        length = min(left, whole)
        yield schema.clip(
            cue.name,
            schema.time_range(0, length, SOUND_RATE),
            media.reference(cue.source, cue.name, length, SOUND_RATE),
            {"movie_director": ours},
        )
        left -= length
