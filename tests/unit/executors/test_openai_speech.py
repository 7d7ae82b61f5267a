"""Lines spoken by a server that speaks OpenAI's call; a scripted one, on a real socket."""

from __future__ import annotations

import pathlib
import sys
import threading
import time
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.digest import Digest
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Produced,
    Progressed,
    Setup,
    Ticket,
    Unknown,
    Want,
)
from movie_director.core.patience import Operation, Patience
from movie_director.core.step import SPEECH, NodeId, Place, Placed, Step, StepId
from movie_director.executors._service.casting import choose_voice, listed_voices, named_voice
from movie_director.executors.openai_speech import OpenAISpeech

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
from servers import misbehaving as bad
from servers.speech import VOICES, SpeechServer

QUICK = Patience(seconds=dict.fromkeys(Operation, 2.0), connect=1.0, attempts=2, first_pause=0.01)


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with SpeechServer() as running:
        yield running


@pytest.fixture
def speech() -> Iterator[OpenAISpeech]:
    made = OpenAISpeech(Setup(cores=1, memory_bytes=2**30), QUICK)
    yield made
    made.close()


def line(text: str = "Is anybody there?", **changes: Any) -> Step:
    speaker = {
        "identity": "anna",
        "name": "ANNA",
        "description": "A woman of forty.",
        "voice": None,
    }
    inputs = {"text": text, "emotion": "", "recording": None, "speaker": speaker, **changes}
    return Step(
        id=StepId("line:speech"),
        node=NodeId("line"),
        kind=SPEECH,
        label=text,
        inputs=inputs,
        intent=Digest("1"),
        place=Place(stem="line", suffix=".wav"),
    )


def spoken(**voice: Any) -> dict[str, Any]:
    return {"identity": "anna", "name": "ANNA", "description": "", "voice": voice}


def do(
    speech: OpenAISpeech, server: SpeechServer, step: Step, folder: pathlib.Path, cancel: Any = None
) -> list[Event]:
    service = speech.identify(server.url)
    assert service is not None
    (option,) = speech.offer(
        Want(kind=SPEECH, quality="final", width=1, height=1, fps=24.0, seconds=2.0)
    )
    said: list[Event] = []
    ticket = Ticket(id="t", step=step.id, attempt=1, folder=folder)
    speech.run(
        Placed(step=step, option=option, service=service),
        ticket,
        said.append,
        cancel or CancelFlag(),
    )
    return said


def test_a_line_comes_as_a_sound_of_the_film_with_lips(speech, server, tmp_path) -> None:
    said = do(speech, server, line(), tmp_path)
    assert [type(event) for event in said if not isinstance(event, Progressed)] == [
        Accepted, Produced, Finished,
    ]  # fmt: skip
    (made,) = (event for event in said if isinstance(event, Produced))
    with wave.open(str(made.path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (48_000, 1)
        assert file.getnframes() / 48_000 == pytest.approx(made.facts["seconds"], abs=1e-6)
    assert made.facts["timing"] == "estimated from the text"
    assert len(made.facts["marks"]) > 4
    assert [word for _, word in made.facts["words"]] == ["Is", "anybody", "there"]
    assert made.recipe["voice"] in VOICES
    assert made.recipe["model"] == "kokoro"
    assert list(tmp_path.iterdir()) == [made.path]


def test_a_character_keeps_voice_and_seed_from_line_to_line(speech, server, tmp_path) -> None:
    for number, text in enumerate(("One.", "Two.", "Three.")):
        folder = tmp_path / str(number)
        folder.mkdir()
        do(speech, server, line(text), folder)
    assert len({(asked["voice"], asked["seed"], asked["model"]) for asked in server.said}) == 1
    assert server.said[0]["voice"].startswith("af_")


def test_what_the_voice_node_says_is_asked_for(speech, server, tmp_path) -> None:
    step = line(
        "I *said* no. (beat) Never.", emotion="angry", speaker=spoken(source="AM_Adam", rate=1.5)
    )
    do(speech, server, step, tmp_path)
    asked = server.said[0]
    assert (asked["voice"], asked["speed"]) == ("am_adam", 1.5)
    assert asked["input"] == "I said no. Never."
    assert "angry" in asked["instructions"]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (line(speaker=spoken(source="nobody")), "it has no voice called 'nobody'"),
        (line("(beat)"), "there is nothing to say in it"),
        (line(recording="x"), "your own file is used as it is"),
        (line(fit="x"), "a line that was said is fitted on this machine"),
        (line("word " * 1000), "it says at most 4096 letters at once"),
    ],
)  # fmt: skip
def test_it_says_why_it_cannot_say_a_line(speech, server, step, why) -> None:
    service = speech.identify(server.url)
    (option,) = speech.offer(
        Want(kind=SPEECH, quality="final", width=1, height=1, fps=24.0, seconds=2.0)
    )
    assert speech.refuse(step, option, service) == why


def test_other_servers_are_not_taken_for_one(speech) -> None:
    with SpeechServer(title="LiteLLM API") as proxy:
        assert speech.identify(proxy.url) is None
    with bad.Misbehaving() as other:
        other.on("*", bad.says({"status": "ok"}))
        assert speech.identify(other.url) is None
        other.on("*", bad.answer(b"<html>", kind="text/html"))
        assert speech.identify(other.url) is None


def test_a_server_that_only_lists_voices_is_one(speech) -> None:
    with bad.Misbehaving() as other:
        other.on("/v1/audio/voices", bad.says({"voices": [{"id": "zoe", "name": "Zoe"}]}))
        found = speech.identify(other.url)
    assert found is not None
    assert found.capabilities == {SPEECH}


HTML = b"<html><body>Out of memory</body></html>"


@pytest.mark.parametrize(
    ("manner", "what"),
    [
        (bad.answer(HTML, kind="audio/wav"), "sent something that is not a sound"),
        (bad.answer(b"", kind="audio/wav"), "sent an empty file"),
        (bad.answer(b"RIFF\0\0\0\0WAVEfmt nonsense", kind="audio/wav"), "cannot be used"),
        (bad.says({"detail": "no"}, 500), "could not say the line"),
        (bad.redirect("http://example.org/x"), "wanted to lead us elsewhere"),
    ],
)  # fmt: skip
def test_what_is_no_sound_is_refused_and_deleted(speech, server, tmp_path, manner, what) -> None:
    server.on("/v1/audio/speech", manner)
    *_, last = do(speech, server, line(), tmp_path)
    assert isinstance(last, Failed)
    assert what in last.error.what
    assert last.error.remedy
    assert last.error.where == "line"
    assert list(tmp_path.iterdir()) == []


def test_a_wav_that_lies_about_its_length_is_measured(speech, server, tmp_path) -> None:
    from servers.sounds import wav

    body = bytearray(wav(1.5))
    body[40:44] = b"\xff\xff\xff\xff"
    server.on("/v1/audio/speech", server.sound(bytes(body)))
    (made,) = (e for e in do(speech, server, line(), tmp_path) if isinstance(e, Produced))
    assert made.facts["seconds"] == pytest.approx(1.5, abs=0.05)


def test_an_endless_answer_ends(speech, server, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("movie_director.executors.openai_speech._MOST_BYTES", 2**20)
    server.on("/v1/audio/speech", bad.endless(head="Content-Type: audio/wav"))
    *_, last = do(speech, server, line(), tmp_path)
    assert isinstance(last, Failed)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_dies_is_lost(speech, server, tmp_path) -> None:
    server.on("/v1/audio/speech", bad.reset)
    *_, last = do(speech, server, line(), tmp_path)
    assert isinstance(last, Lost)
    assert last.service == f"openai_speech@127.0.0.1:{server.port}"


def test_it_can_be_given_up_while_a_frozen_server_says_nothing(speech, server, tmp_path) -> None:
    server.on("/v1/audio/speech", bad.freeze)
    cancel = threading.Event()
    began: list[float] = []

    def give_up() -> None:
        while "/v1/audio/speech" not in server.paths():
            time.sleep(0.01)
        began.append(time.monotonic())
        cancel.set()

    threading.Thread(target=give_up).start()
    *_, last = do(speech, server, line(), tmp_path, cancel)
    assert time.monotonic() - began[0] < 1.0
    assert isinstance(last, Cancelled)


def test_nothing_of_a_line_is_known_after_a_crash(speech, tmp_path) -> None:
    ticket = Ticket(id="t", step=StepId("line:speech"), attempt=1, folder=tmp_path)
    assert speech.reattach(ticket, lambda event: None, CancelFlag()) == Unknown()


def test_voices_are_chosen_by_what_is_known_of_somebody() -> None:
    assert choose_voice(VOICES, "anna", "female").startswith("af_")
    assert choose_voice(VOICES, "tom", "male").startswith("am_")
    assert choose_voice(VOICES, "tom", "male", language="en-gb") == "bm_george"
    assert [choose_voice(VOICES, "x", "", number=n) for n in (1, 2)] == ["af_bella", "af_heart"]
    assert choose_voice((), "x", "") == "alloy"
    assert choose_voice(("onyx", "nova"), "x", "male") == "onyx"
    assert named_voice(VOICES, "af_heart+af_bella") == "af_heart+af_bella"
    assert listed_voices({"voices": ["a", 3, {"name": "b"}, {}, "\n"]}) == ("a", "b")
    assert listed_voices("no") == ()
