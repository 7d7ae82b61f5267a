"""A character sounds the same in every line, or is told of."""

from __future__ import annotations

import pathlib
from typing import Any

from movie_director.core.digest import Digest
from movie_director.core.step import (
    SPEECH,
    VOICE_CONVERSION,
    Artifact,
    ArtifactRef,
    Kind,
    NodeId,
    Place,
    Step,
    StepId,
)
from movie_director.core.voice_drift import BUILT_IN, Drift, voice_drift

ANNA = {"identity": "anna", "name": "ANNA"}
TOM = {"identity": "tom", "name": "TOM"}


def line(node: str, inputs: dict[str, Any], kind: Kind = SPEECH) -> Step:
    return Step(
        id=StepId(f"{node}:{kind}"),
        node=NodeId(node),
        kind=kind,
        label="",
        inputs=inputs,
        intent=Digest(node),
        place=Place(stem="x", suffix=".wav"),
    )


def spoken(node: str, speaker: dict[str, str], **more: Any) -> Step:
    return line(node, {"speaker": speaker, "recording": None, **more})


def made(step: Step, voice: str | None) -> Artifact:
    facts = {} if voice is None else {"voice": voice}
    return Artifact(
        step=step.id, intent=step.intent, path=pathlib.Path("x"), content=Digest("1"), facts=facts
    )


def judged(*lines: tuple[Step, str | None]) -> tuple[Drift, ...]:
    steps = {step.id: step for step, _ in lines}
    return voice_drift(steps, {step.id: made(step, voice) for step, voice in lines})


def test_one_voice_in_every_line_is_none() -> None:
    assert judged((spoken("a", ANNA), "k"), (spoken("b", ANNA), "k"), (spoken("c", TOM), "m")) == ()


def test_a_line_by_another_voice_is_named() -> None:
    (drift,) = judged(
        (spoken("a", ANNA), None), (spoken("b", ANNA), "kokoro af_heart"),
        (spoken("c", ANNA), "kokoro af_heart"), (spoken("d", TOM), None),
    )  # fmt: skip
    assert drift == Drift(
        speaker="ANNA",
        lines={"kokoro af_heart": (NodeId("b"), NodeId("c")), BUILT_IN: (NodeId("a"),)},
    )
    assert "the built-in voice in a" in drift.what
    assert drift.where == "a"
    assert drift.remedy in str(drift)


def test_a_line_taken_over_counts_as_its_model() -> None:
    first, second = spoken("a", ANNA), spoken("b", ANNA)
    over = [
        line(step.node, {"speech": ArtifactRef(step=step.id), "voice": {}}, VOICE_CONVERSION)
        for step in (first, second)
    ]
    said = [(first, None), (second, "kokoro"), (over[0], "md_1"), (over[1], "md_1")]
    assert judged(*said) == ()
    (drift,) = judged(*said[:3], (over[1], None))
    assert set(drift.lines) == {"md_1", BUILT_IN}


def test_recordings_fitted_lines_and_what_is_not_made_yet_count_for_nothing() -> None:
    first = spoken("a", ANNA)
    fitted = line("a", {"fit": ArtifactRef(step=first.id), "seconds": 2.0})
    own = spoken("b", ANNA, recording="own.wav")
    assert judged((first, "k"), (own, None)) == ()
    assert (
        voice_drift({first.id: first, StepId("f"): fitted}, {StepId("f"): made(fitted, None)}) == ()
    )
