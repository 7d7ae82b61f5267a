"""A language model asked on scripted servers, through LiteLLM in its helper process."""

from __future__ import annotations

import json
import os
import pathlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.address import parse_address
from movie_director.core.digest import Digest
from movie_director.core.errors import (
    BadAnswer,
    InputError,
    MissingLibrary,
    ServiceLost,
    ServiceRefused,
    StepFailed,
    Unauthorised,
)
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
    Want,
)
from movie_director.core.patience import Operation, Patience
from movie_director.core.secrets import EnvironmentSecrets, variable_of
from movie_director.core.step import TEXT, NodeId, Place, Placed, Step, StepId
from movie_director.executors.language import Language
from movie_director.executors.openai_speech import OpenAISpeech

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
from servers import misbehaving as bad
from servers.language import (
    CHAT,
    HEAD,
    LanguageServer,
    breaks_off,
    chunked,
    event,
    falls_silent,
    never_ends,
    too_long,
    writes,
)
from servers.speech import SpeechServer

QUICK = Patience(seconds=dict.fromkeys(Operation, 3.0), connect=1.0, attempts=3, first_pause=0.01)
needs_helper = pytest.mark.skipif(
    not os.environ.get("MOVIE_DIRECTOR_HELPER"),
    reason="MOVIE_DIRECTOR_HELPER names no Python with the helper's libraries",
)
FORM = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "scenes": {"type": "integer", "minimum": 1}},
    "required": ["title", "scenes"],
    "additionalProperties": False,
}
GOOD = '{"title": "Two Cups", "scenes": 3}'
RULES = {"role": "system", "content": "You help with a screenplay."}
ASKED = {"role": "user", "content": "How many scenes?"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Language]:
    """One executor for all: loading the library takes seconds."""
    made = Language(Setup(cores=1, memory_bytes=2**30), QUICK)
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[LanguageServer]:
    with LanguageServer(GOOD) as running:
        yield running


def question(**changes: Any) -> Step:
    inputs = {"task": "structure", "messages": [RULES, ASKED], "schema": FORM, "seed": 7, **changes}
    return Step(
        id=StepId("script:text"),
        node=NodeId("script"),
        kind=TEXT,
        label="",
        inputs=inputs,
        intent=Digest("1"),
        place=Place(stem="answer", suffix=".json"),
    )


def ask(
    language: Language,
    server: LanguageServer,
    folder: pathlib.Path,
    *,
    cancel: CancelFlag | None = None,
    hear: Any = None,
    **changes: Any,
) -> list[Event]:
    service = language.identify(server.url)
    assert service is not None
    (option,) = language.offer(
        Want(kind=TEXT, quality="final", width=1, height=1, fps=24.0, seconds=2.0)
    )
    said: list[Event] = []

    def emit(each: Event) -> None:
        said.append(each)
        if hear is not None:
            hear(each)

    step = question(**changes)
    ticket = Ticket(id="t", step=step.id, attempt=1, folder=folder)
    placed = Placed(step=step, option=option, service=service)
    language.run(placed, ticket, emit, cancel or CancelFlag())
    return said


def made_by(said: list[Event]) -> tuple[Any, Produced]:
    (made,) = (each for each in said if isinstance(each, Produced))
    assert isinstance(said[-1], Finished)
    return json.loads(made.path.read_text(encoding="utf-8")), made


def failure(said: list[Event]) -> Any:
    assert isinstance(said[-1], Failed | Lost), said
    assert not any(isinstance(each, Produced) for each in said)
    return said[-1].error


# --- finding: no library needed --------------------------------------------------------------


@pytest.mark.parametrize(
    ("guise", "name", "version"),
    [
        ("ollama", "Ollama", "0.12.3"),
        ("llama.cpp", "llama.cpp", "b6900"),
        ("lm_studio", "LM Studio", ""),
        ("litellm", "LiteLLM proxy", "1.80.0"),
        ("vllm", "FastAPI", "0.11.0"),
    ],
)
def test_each_server_is_known_by_what_it_says_and_lists_the_models_that_write(
    shared, guise, name, version
) -> None:
    with LanguageServer(guise=guise) as there:
        service = shared.identify(there.url)
        assert service is not None
        assert (service.name, service.version, service.capabilities) == (
            name, version, frozenset({TEXT}),
        )  # fmt: skip
        assert service.models == ("llama-3.1-8b-instruct", "goat-70b-storytelling")
        loaded = shared.health(service).loaded
        assert bool(loaded) == (guise in ("ollama", "lm_studio"))
        assert not [each for each in there.asked if each.path == CHAT]


def test_a_server_of_speech_is_no_language_server_and_the_other_way_round(shared, server) -> None:
    speech = OpenAISpeech(Setup(cores=1, memory_bytes=2**30), QUICK)
    with SpeechServer() as there:
        assert shared.identify(there.url) is None
    assert speech.identify(server.url) is None
    speech.close()


def test_a_server_that_holds_no_model_that_writes_can_do_nothing(shared) -> None:
    with LanguageServer(models=("nomic-embed-text",)) as there:
        service = shared.identify(there.url)
        assert service is not None
        assert service.capabilities == frozenset()


def test_a_model_that_is_loading_is_said_in_the_servers_health(shared) -> None:
    with LanguageServer(guise="llama.cpp") as there:
        service = shared.identify(there.url)
        there.on("/health", bad.says({"error": {"code": 503, "message": "Loading model"}}, 503))
        assert shared.health(service).note == "it is loading its model"


@pytest.mark.parametrize(
    "listed", [b"[]", b'{"data": 3}', b'{"data": [1, {"id": 7}, {"id": "a\\u0000"}]}', b"[" * 9999]
)
def test_a_list_that_is_none_is_no_harm(shared, listed) -> None:
    with LanguageServer() as there:
        there.on("/v1/models", bad.answer(listed))
        service = shared.identify(there.url)
        assert service is None or service.models == ()


def test_without_the_libraries_it_says_how_to_install_them(
    shared, server, tmp_path, monkeypatch
) -> None:
    monkeypatch.delenv("MOVIE_DIRECTOR_HELPER", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    fresh = Language(Setup(cores=1, memory_bytes=2**30), QUICK)
    error = failure(ask(fresh, server, tmp_path))
    fresh.close()
    assert isinstance(error, MissingLibrary)
    assert "movie-director services install libraries" in error.remedy
    assert "litellm" not in sys.modules


# --- answers ---------------------------------------------------------------------------------


@needs_helper
def test_an_answer_in_its_form_comes_with_the_model_and_the_reason(
    shared, server, tmp_path
) -> None:
    said = ask(shared, server, tmp_path)
    told, made = made_by(said)
    assert told == {"text": GOOD, "value": {"title": "Two Cups", "scenes": 3}}
    assert isinstance(said[0], Accepted)
    assert dict(made.facts) == {
        "model": "llama-3.1-8b-instruct",
        "why": "its kind is good at keeping to a form, 8 billion parameters, of 2 models there",
        "left_out": 0,
        "counted": "estimated",
        "cut": False,
        "repaired": False,
        "tokens_in": 20,
        "tokens_out": 7,
    }
    assert dict(made.recipe) == {
        "service": "LiteLLM proxy", "service_version": "1.80.0",
        "model": "llama-3.1-8b-instruct", "task": "structure", "seed": 7, "temperature": 0.0,
    }  # fmt: skip
    told_fractions = [each.fraction for each in said if isinstance(each, Progressed)]
    assert told_fractions == sorted(told_fractions)


@needs_helper
def test_the_question_is_the_one_that_was_meant_and_nothing_beside_it(
    shared, server, tmp_path
) -> None:
    ask(shared, server, tmp_path)
    (sent,) = server.said
    system = sent["messages"][0]["content"]
    assert system.startswith("You help with a screenplay.")
    assert json.dumps(FORM) in system
    assert sent["messages"][1:] == [ASKED]
    del sent["messages"]
    assert sent == {
        "model": "llama-3.1-8b-instruct",
        "temperature": 0.0,
        "seed": 7,
        "max_tokens": 4096,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {
            "type": "json_schema", "json_schema": {"name": "answer", "schema": FORM},
        },
    }  # fmt: skip


@needs_helper
@pytest.mark.parametrize("model", ["gpt-5-mini", "o1", "claude-3-opus", "meta-llama/Llama-3-8B"])
def test_a_models_name_changes_nothing_of_the_question(shared, tmp_path, model) -> None:
    with LanguageServer(GOOD, models=(model,)) as there:
        made_by(ask(shared, there, tmp_path))
        (sent,) = there.said
        assert (sent["model"], sent["max_tokens"], sent["temperature"]) == (model, 4096, 0.0)


@needs_helper
def test_words_without_a_form_come_without_what_was_thought(shared, server, tmp_path) -> None:
    server.script("<think>Hm, cups.</think>\nAnna puts down two cups.")
    told, _ = made_by(ask(shared, server, tmp_path, task="story", schema=None))
    assert told == {"text": "Anna puts down two cups.", "value": None}
    assert server.said[0]["model"] == "goat-70b-storytelling"
    assert "response_format" not in server.said[0]


@needs_helper
def test_the_same_question_gives_the_same_bytes(shared, server, tmp_path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        made_by(ask(shared, server, folder))
    first, second = ((folder / "answer.json").read_bytes() for folder in folders)
    assert first == second
    assert server.said[0] == server.said[1]


@needs_helper
def test_an_answer_that_is_malformed_once_is_asked_for_again_with_what_was_wrong(
    shared, server, tmp_path
) -> None:
    server.script('Sure! {"title": "Two Cups"', GOOD)
    told, made = made_by(ask(shared, server, tmp_path))
    assert told["value"] == {"title": "Two Cups", "scenes": 3}
    assert made.facts["repaired"] is True
    assert server.said[1]["messages"][-1] == {
        "role": "user",
        "content": "That cannot be used: There is no JSON value in the answer."
        " Give the JSON value alone.",
    }


@needs_helper
def test_an_answer_that_is_malformed_twice_fails_with_what_was_wrong(
    shared, server, tmp_path
) -> None:
    server.script('{"title": "Two Cups", "scenes": 0}')
    error = failure(ask(shared, server, tmp_path))
    assert type(error) is StepFailed
    assert "answered twice in a form that cannot be used" in error.what
    assert "At scenes: 0 is less than the minimum of 1." in error.what
    assert error.log == '{"title": "Two Cups", "scenes": 0}'
    assert len(server.said) == 2


@needs_helper
def test_a_server_that_cannot_force_a_form_is_asked_in_words(shared, server, tmp_path) -> None:
    refusal = bad.says({"error": {"message": "response_format is not supported"}}, 400)
    server.script(refusal, f"```json\n{GOOD}\n```")
    told, _ = made_by(ask(shared, server, tmp_path))
    assert told["value"] == {"title": "Two Cups", "scenes": 3}
    assert [("response_format" in sent) for sent in server.said] == [True, False]


# --- windows ---------------------------------------------------------------------------------


TALK = [
    RULES,
    *(
        {"role": role, "content": f"{role} {number} " + "word " * 400}
        for number in range(6)
        for role in ("user", "assistant")
    ),
    ASKED,
]


@needs_helper
def test_of_a_long_conversation_the_oldest_turns_go(shared, tmp_path) -> None:
    with LanguageServer("Three.", window=4096) as there:
        _, made = made_by(ask(shared, there, tmp_path, schema=None, messages=TALK))
        sent = there.said[0]["messages"]
    assert sent[0] == RULES
    assert sent[-1] == ASKED
    assert sent[1:-1] == TALK[-len(sent) + 1 : -1]
    assert made.facts["left_out"] == len(TALK) - len(sent) > 0


@needs_helper
def test_llama_cpp_counts_the_tokens_itself(shared, tmp_path) -> None:
    with LanguageServer("Three.", guise="llama.cpp", window=4096) as there:
        _, made = made_by(ask(shared, there, tmp_path, schema=None, messages=TALK))
        assert made.facts["counted"] == "by the server"
        assert "/tokenize" in there.paths()


@needs_helper
def test_a_conversation_that_the_server_finds_too_long_is_made_shorter(
    shared, server, tmp_path
) -> None:
    server.script(too_long, "Three.")
    _, made = made_by(ask(shared, server, tmp_path, schema=None, messages=TALK))
    assert made.facts["left_out"] > 0
    assert len(server.said[1]["messages"]) < len(server.said[0]["messages"])


@needs_helper
def test_a_question_that_never_fits_fails_with_what_to_do(shared, server, tmp_path) -> None:
    server.script(too_long)
    error = failure(ask(shared, server, tmp_path))
    assert "too long" in error.what
    assert "Ask about less" in error.remedy
    huge = {"role": "user", "content": "word " * 40_000}
    error = failure(ask(shared, server, tmp_path, messages=[RULES, huge]))
    assert isinstance(error, InputError)
    assert len(server.said) == 1


# --- servers that do everything wrong ----------------------------------------------------------


@needs_helper
@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_passes_is_asked_again(shared, server, tmp_path, status) -> None:
    server.script(bad.says({"error": "busy"}, status), GOOD)
    made_by(ask(shared, server, tmp_path, schema=None))
    assert len(server.said) == 2


@needs_helper
@pytest.mark.parametrize(
    ("status", "kind"), [(400, ServiceRefused), (401, Unauthorised), (404, ServiceRefused)]
)
def test_what_was_refused_is_not_asked_again(shared, server, tmp_path, status, kind) -> None:
    server.script(bad.says({"error": "no"}, status))
    said = ask(shared, server, tmp_path, schema=None)
    assert type(failure(said)) is kind
    assert said[-1].transient is False
    assert len(server.said) == 1


@needs_helper
@pytest.mark.parametrize("manner", [breaks_off("Once"), breaks_off("Once", politely=True)])
def test_an_answer_that_breaks_off_is_never_taken_for_whole(
    shared, server, tmp_path, manner
) -> None:
    server.script(manner)
    error = failure(ask(shared, server, tmp_path, schema=None))
    assert isinstance(error, ServiceLost)
    assert "broke off its answer in the middle" in error.what
    server.script(manner, "Once upon a time.")
    told, _ = made_by(ask(shared, server, tmp_path, schema=None))
    assert told["text"] == "Once upon a time."


@needs_helper
@pytest.mark.parametrize("manner", [falls_silent("Once"), bad.freeze])
def test_a_server_that_falls_silent_is_given_up_in_time(shared, server, tmp_path, manner) -> None:
    server.script(manner)
    began = time.monotonic()
    error = failure(ask(shared, server, tmp_path, schema=None))
    assert isinstance(error, ServiceLost)
    assert error.silent
    assert "said nothing for 3 s" in error.what
    assert time.monotonic() - began < 15.0


@needs_helper
def test_words_without_an_end_are_cut_off(shared, server, tmp_path) -> None:
    server.script(never_ends)
    error = failure(ask(shared, server, tmp_path, task="description", schema=None))
    assert isinstance(error, BadAnswer)
    assert "far beyond what was agreed" in error.what


@needs_helper
@pytest.mark.parametrize(
    "manner",
    [bad.answer(b"<html>"), bad.raw(b"SSH-2.0-OpenSSH_9.6\r\n"), bad.drop, bad.reset,
     bad.endless(b"x" * 65536, "Content-Type: text/event-stream"), bad.gzip_bomb(300)],
)  # fmt: skip
def test_what_is_no_answer_of_a_language_server_is_none(shared, server, tmp_path, manner) -> None:
    server.script(manner)
    error = failure(ask(shared, server, tmp_path, schema=None))
    assert error.what
    assert error.remedy


@needs_helper
def test_a_redirect_is_not_followed(shared, server, tmp_path) -> None:
    with LanguageServer(GOOD) as elsewhere:
        server.script(bad.redirect(f"{elsewhere.url}{CHAT}", 307))
        failure(ask(shared, server, tmp_path, schema=None))
        assert elsewhere.asked == []


@needs_helper
def test_a_proxy_of_the_environment_never_hears_of_a_server_here(
    server, tmp_path, monkeypatch
) -> None:
    with LanguageServer() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        fresh = Language(Setup(cores=1, memory_bytes=2**30), QUICK)
        made_by(ask(fresh, server, tmp_path))
        fresh.close()
        assert proxy.asked == []
        assert proxy.connections == 0


@needs_helper
def test_keys_of_other_services_stay_at_home(server, tmp_path, monkeypatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "HF_TOKEN"):
        monkeypatch.setenv(name, "sk-not-for-you")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    fresh = Language(Setup(cores=1, memory_bytes=2**30), QUICK)
    made_by(ask(fresh, server, tmp_path))
    fresh.close()
    sent = [each for each in server.asked if each.path == CHAT]
    assert "sk-not-for-you" not in str([(each.headers, each.body) for each in sent])


@needs_helper
def test_a_token_is_sent_and_said_nowhere(tmp_path, caplog) -> None:
    with LanguageServer(GOOD, bad.echo) as there:
        name = variable_of(parse_address(there.url))
        secrets = EnvironmentSecrets({name: "sk-very-secret-token"})
        mine = Language(Setup(cores=1, memory_bytes=2**30, secrets=secrets), QUICK)
        caplog.set_level("DEBUG")
        said = ask(mine, there, tmp_path)
        _, made = made_by(said)
        sent = [each for each in there.asked if each.path == CHAT]
        assert sent[0].headers["authorization"] == "Bearer sk-very-secret-token"
        # A server that says it back in its refusal.
        error = failure(ask(mine, there, tmp_path, schema=None))
        mine.close()
    told = (str(error), error.log, str(made), caplog.text, made.path.read_text(encoding="utf-8"))
    assert not [text for text in told if "sk-very-secret" in text]


@needs_helper
def test_cancelled_in_the_middle_it_ends_at_once_and_hangs_up(shared, server, tmp_path) -> None:
    hung_up = threading.Event()

    def slow(request: bad.Request, line: bad.Line) -> None:
        del request
        line.send(HEAD)
        while not line.over.is_set() and line.send(chunked(event("and "))):
            line.over.wait(0.05)
        hung_up.set()
        line.keep = False

    server.script(slow)
    cancel = CancelFlag()
    asked: list[float] = []

    def hear(each: Event) -> None:
        if isinstance(each, Progressed) and "words written" in each.note and not asked:
            asked.append(time.monotonic())
            cancel.set()

    said = ask(shared, server, tmp_path, schema=None, cancel=cancel, hear=hear)
    assert isinstance(said[-1], Cancelled)
    assert time.monotonic() - asked[0] < 1.0
    assert hung_up.wait(5.0)


@needs_helper
def test_a_model_that_vanished_is_noticed_before_it_is_asked(shared, server, tmp_path) -> None:
    said = ask(shared, server, tmp_path, model="llama-4-scout")
    error = failure(said)
    assert isinstance(error, InputError)
    assert "has no model 'llama-4-scout'" in error.what
    assert "goat-70b-storytelling" in error.remedy
    assert server.said == []
    service = shared.identify(server.url)
    refused = shared.refuse(question(model="llama-4-scout"), None, service)
    assert refused == "the server has no model 'llama-4-scout'"


@needs_helper
def test_a_persons_own_choice_wins(shared, server, tmp_path) -> None:
    server.script(writes("Once."))
    _, made = made_by(ask(shared, server, tmp_path, schema=None, model="GOAT-70b-storytelling"))
    assert (made.facts["model"], made.facts["why"]) == ("goat-70b-storytelling", "you chose it")
