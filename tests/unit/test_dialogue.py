"""A line of dialogue as work: said, and taken over by the voice's own model where it has one."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from movie_director.core.compile import Files, Program, compile_graph
from movie_director.core.errors import MediaError
from movie_director.core.executor import Want
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import (
    SPEECH,
    VOICE_CONVERSION,
    ArtifactRef,
    Option,
    StepId,
)  # fmt: skip
from movie_director.node_types import catalogue

SAID, TAKEN_OVER = StepId("line:speech"), StepId("line:voice_conversion")
LEARNED = StepId("voice:voice_training")
LINKS = (
    "voice.voice > anna.voice", "anna.character > line.character", "line.dialogue > shot.dialogue",
    "shot.shot > film.shots", "film.sequence > out.sequence",
)  # fmt: skip


def film(base: pathlib.Path, *, line: dict[str, Any] | None = None, **voice: Any) -> Program:
    nodes = (
        Node(id="voice", type="voice", params=voice),
        Node(id="anna", type="character", params={"name": "ANNA"}),
        Node(id="line", type="dialogue", params={"line": "Who is there?", **(line or {})}),
        Node(id="shot", type="shot", params={}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output", params={}),
    )
    ends = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
    links = tuple(Link(source=source, target=target) for source, target in ends)
    return compile_graph(
        Graph(nodes=nodes, links=links), catalogue(), offer=offer, files=Files(base)
    )


def offer(want: Want) -> tuple[Option, ...]:
    """Names who was asked for, so that a test can read it."""
    return (Option(executor=want.backend.get("service", "auto")),)


@pytest.fixture
def base(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "anna.pth").write_bytes(b"one voice")
    (tmp_path / "own.wav").write_bytes(b"a recording")
    return tmp_path


def test_a_voice_without_a_model_is_one_step(base) -> None:
    steps = film(base, pitch=2.0).steps
    assert TAKEN_OVER not in steps
    assert steps[SAID].inputs["speaker"]["voice"]["pitch"] == 2.0


def test_a_voice_with_a_model_speaks_first_and_is_taken_over_then(base) -> None:
    steps = film(base, model="anna.pth", pitch=2.0, source="af_heart").steps
    said, taken = steps[SAID], steps[TAKEN_OVER]
    assert (said.kind, taken.kind) == (SPEECH, VOICE_CONVERSION)
    assert taken.inputs["speech"] == ArtifactRef(step=SAID)
    assert taken.inputs["voice"]["pitch"] == 2.0
    assert said.inputs["speaker"]["voice"]["pitch"] == 0.0
    assert said.inputs["speaker"]["voice"]["source"] == "af_heart"
    assert [option.executor for option in taken.options] == ["rvc"]
    clip = steps[StepId("shot:clip")]
    assert clip.inputs["lines"][0]["speech"] == ArtifactRef(step=TAKEN_OVER)


def test_another_model_changes_the_voice_and_not_what_was_said(base) -> None:
    before = film(base, model="anna.pth").steps
    (base / "anna.pth").write_bytes(b"another voice")
    after = film(base, model="anna.pth").steps
    assert before[SAID].intent == after[SAID].intent
    assert before[TAKEN_OVER].intent != after[TAKEN_OVER].intent


def test_where_the_model_lies_changes_nothing(base) -> None:
    before = film(base, model="anna.pth").steps
    (base / "anna.pth").rename(base / "elsewhere.pth")
    assert film(base, model="elsewhere.pth").steps[TAKEN_OVER].intent == before[TAKEN_OVER].intent


def test_the_built_in_voice_keeps_out_of_services(base) -> None:
    steps = film(base, model="anna.pth", engine="builtin").steps
    assert TAKEN_OVER not in steps
    assert [option.executor for option in steps[SAID].options] == ["animatic"]


def test_a_recorded_line_is_used_as_it_is(base) -> None:
    assert TAKEN_OVER not in film(base, model="anna.pth", line={"recording": "own.wav"}).steps


def test_a_fitted_line_is_fitted_in_its_own_voice(base) -> None:
    graph = film(base, model="anna.pth", line={"timing": "fit"})
    assert graph.steps[TAKEN_OVER]
    fitted = [step for step in graph.steps.values() if "fit" in step.inputs]
    assert [step.inputs["fit"] for step in fitted] in ([], [ArtifactRef(step=TAKEN_OVER)])


@pytest.fixture
def takes(base) -> pathlib.Path:
    (base / "takes").mkdir()
    (base / "takes" / "one.wav").write_bytes(b"a take")
    return base


def test_a_voice_with_recordings_is_learned_once_before_its_lines_are_taken_over(takes) -> None:
    steps = film(takes, samples="takes", epochs=30, pitch=1.0).steps
    learned, taken = steps[LEARNED], steps[TAKEN_OVER]
    assert learned.node == "voice"
    assert learned.inputs["epochs"] == 30
    assert [option.executor for option in learned.options] == ["rvc"]
    assert taken.inputs["voice"]["model"] == ArtifactRef(step=LEARNED)
    assert taken.after == {SAID, LEARNED}
    assert "training" not in steps[SAID].inputs["speaker"]["voice"]
    assert steps[SAID].intent == film(takes, model="anna.pth", pitch=1.0).steps[SAID].intent


def test_a_voice_is_learned_again_when_recordings_or_epochs_change_and_else_not(takes) -> None:
    def learned(**voice: Any) -> str:
        return film(takes, **{"samples": "takes", **voice}).steps[LEARNED].intent

    first = learned()
    assert learned(pitch=3.0, index_rate=0.1) == first
    assert learned(epochs=21) != first
    (takes / "takes" / "notes.txt").write_text("no sound")
    assert learned() == first
    (takes / "takes" / "two.wav").write_bytes(b"another take")
    assert learned() != first


def test_nothing_is_learned_where_a_model_is_given_or_the_built_in_voice_asked_for(takes) -> None:
    assert LEARNED not in film(takes, samples="takes", model="anna.pth").steps
    assert LEARNED not in film(takes, samples="takes", engine="builtin").steps
    assert LEARNED not in film(takes, samples="takes", line={"recording": "own.wav"}).steps


def test_a_folder_without_recordings_is_told_of(base) -> None:
    (base / "takes").mkdir()
    with pytest.raises(MediaError, match="holds no recordings"):
        film(base, samples="takes")
