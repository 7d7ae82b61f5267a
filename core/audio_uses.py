# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scenes of a film use which sounds: lines, effects, ambiences and music, both ways.

Read from what the cut is asked for, so it holds before anything was made.  How long anything
sounds, and when, is the cut's to say (``edit``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .step import CUT, ArtifactRef, Step, StepId

__all__ = ["AudioUse", "SceneName", "audio_by_scene", "audio_uses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneName:
    """A scene of the cut: the node that lays it out, and its heading.  Headings may repeat."""

    node: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioUse:
    """One sound and the scenes that use it, in the film's order.

    ``step`` makes it; ``node`` is its node; ``track`` is dialogue, effects, ambience or music.
    """

    step: StepId
    node: str
    name: str
    track: str
    scenes: tuple[SceneName, ...]


def audio_uses(steps: Iterable[Step]) -> tuple[AudioUse, ...]:
    """Every sound of the film, in the order of first use; none where nothing is cut."""
    found: dict[StepId, tuple[dict[str, str], dict[SceneName, None]]] = {}
    for step in steps:
        if step.kind != CUT:
            continue
        scenes = _scenes(step.inputs)
        for first, count, sound in sorted(_sounds(step.inputs), key=lambda each: each[0]):
            _, used = found.setdefault(sound["step"], (sound, {}))
            used.update(dict.fromkeys(scenes[first : first + count]))
    return tuple(
        AudioUse(
            step=id,
            node=about["node"],
            name=about["name"],
            track=about["track"],
            scenes=tuple(scenes),
        )
        for id, (about, scenes) in found.items()
    )


def audio_by_scene(uses: Iterable[AudioUse]) -> Mapping[SceneName, tuple[AudioUse, ...]]:
    """The same the other way: what each scene uses, scenes in the order of their first sound."""
    found: dict[SceneName, list[AudioUse]] = {}
    for use in uses:
        for scene in use.scenes:
            found.setdefault(scene, []).append(use)
    return {scene: tuple(used) for scene, used in found.items()}


def _scenes(wish: Mapping[str, Any]) -> list[SceneName]:
    """The scene of each shot."""
    found = [SceneName(node="", name=str(shot["scene"])) for shot in wish["shots"]]
    for scene in wish["scenes"]:
        name = SceneName(node=str(scene["key"]), name=str(scene["name"]))
        for place in range(scene["first"], scene["first"] + scene["count"]):
            found[place] = name
    return found


def _sounds(wish: Mapping[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """First shot, number of shots, and what sounds in them."""
    for place, shot in enumerate(wish["shots"]):
        for line in shot["lines"]:
            name = f"{line['speaker']}: {line['text']}"
            yield place, 1, _said(line["speech"], line["node"], name, "dialogue")
        for sound in shot["sounds"]:
            yield place, 1, _said(sound["sound"], sound["node"], sound["name"], "effects")
    for cue in wish["cues"]:
        said = _said(cue["ref"], cue["node"], cue["name"], cue["track"])
        yield cue["first"], cue["count"], said


def _said(ref: ArtifactRef, node: str, name: str, track: str) -> dict[str, Any]:
    return {"step": ref.step, "node": node, "name": name, "track": track}
