# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a character sounds the same in every line: told by what the lines were made with.

A line's ``voice`` fact names service, model, voice and settings; without one it is the built-in
voice's.  Two characters may share a voice; one character has only one.  How alike two recordings
sound is not judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .casting import Speaker, speaker
from .step import VOICE_CONVERSION, Artifact, ArtifactRef, NodeId, Step, StepId

__all__ = ["BUILT_IN", "Drift", "voice_drift"]

#: What a line without the fact was spoken by.
BUILT_IN = "the built-in voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A character with several voices: the lines' nodes by voice, most lines first."""

    speaker: str
    lines: Mapping[str, tuple[NodeId, ...]]

    @property
    def where(self) -> NodeId:
        """The first line that is not as most are."""
        return self._odd[0]

    @property
    def what(self) -> str:
        """Who does not sound the same, by which voices, in which lines."""
        usual, *others = self.lines
        odd = self._odd
        shown = ", ".join(odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
        return (
            f"{self.speaker} does not sound the same everywhere: mostly {usual},"
            f" but {', '.join(others)} in {shown}."
        )

    @property
    def remedy(self) -> str:
        """How they get one voice."""
        return "Make those lines again while the service of the others runs."

    @property
    def _odd(self) -> list[NodeId]:
        return [node for voice in list(self.lines)[1:] for node in self.lines[voice]]

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


def voice_drift(
    steps: Mapping[StepId, Step], artifacts: Mapping[StepId, Artifact]
) -> tuple[Drift, ...]:
    """Every character whose lines were made with different voices, in the film's order.

    Lines taken over by a model count as that model's; the user's own recordings count for nothing.
    """
    taken_over = {
        ref.step
        for step in steps.values()
        if step.kind == VOICE_CONVERSION and isinstance(ref := step.inputs["speech"], ArtifactRef)
    }
    lines: dict[Speaker, dict[str, list[NodeId]]] = {}
    for id, step in steps.items():
        made = artifacts.get(id)
        said = _said(step, steps)
        if made is None or said is None or id in taken_over:
            continue
        voice = str(made.facts.get("voice") or BUILT_IN)
        lines.setdefault(said, {}).setdefault(voice, []).extend((step.node, *step.also))
    return tuple(
        Drift(speaker=name, lines=_by_number(voices))
        for (_, name), voices in lines.items()
        if len(voices) > 1
    )


def _said(step: Step, steps: Mapping[StepId, Step]) -> Speaker | None:
    """Who speaks in a step, by identity and name; None where nobody was made to."""
    if step.kind == VOICE_CONVERSION:
        before = steps.get(step.inputs["speech"].step)
        return None if before is None else _said(before, steps)
    return speaker(step)


def _by_number(voices: Mapping[str, list[NodeId]]) -> dict[str, tuple[NodeId, ...]]:
    ordered = sorted(voices.items(), key=lambda each: -len(each[1]))
    return {voice: tuple(nodes) for voice, nodes in ordered}
