"""Tokens in the system's keyring: kept on a person's word, read within seconds, seen nowhere else."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import threading
import time
import traceback

import psutil
import pytest
from movie_director.core import service_file
from movie_director.core.address import Address, parse_address
from movie_director.core.errors import (
    InputError,
    MissingLibrary,
    MovieDirectorError,
    ServiceError,
    Unauthorised,
)
from movie_director.core.executor import Setup
from movie_director.core.secrets import variable_of
from movie_director.executors import _keyring
from movie_director.executors._keyring import Keyring, secrets_here
from movie_director.executors.comfyui import ComfyUI
from movie_director.executors.openai_speech import OpenAISpeech

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
from servers.comfyui import ComfyServer
from servers.misbehaving import Line, Manner, Misbehaving, Request, answer, says
from servers.speech import SpeechServer

from tests.keyrings import FileKeyring, keyring, needs_keyring

__all__ = ["keyring"]

HERE = parse_address("https://gpu.lan")
TOKEN = "sk-very-secret-token-42"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
#: Longer than any machine here needs to start a helper process.
LONG_S = 60.0


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """A helper process takes its time on a busy machine."""
    monkeypatch.setattr(_keyring, "_ANSWER_S", LONG_S)
    monkeypatch.setattr(_keyring, "_KEEP_S", LONG_S)


def keep(token: str = TOKEN, address: Address = HERE) -> None:
    assert Keyring().keep(address, token).done(LONG_S)


def seen_in(caught: BaseException, caplog) -> str:
    """All that anybody could read of it."""
    told = "".join(traceback.format_exception(caught))
    return told + caplog.text + str(getattr(caught, "remedy", "")) + str(getattr(caught, "log", ""))


@needs_keyring
def test_a_token_is_kept_read_again_and_forgotten(keyring: FileKeyring) -> None:
    keep()
    assert keyring.kept == {"movie-director https://gpu.lan:443": TOKEN}
    assert service_file.load().tokens == {"https://gpu.lan:443"}
    assert Keyring().headers(HERE) == BEARER
    keep("")
    assert keyring.kept == {}
    assert service_file.load().tokens == frozenset()
    assert Keyring().headers(HERE) == {}
    keep("")  # once more does no harm


@needs_keyring
def test_it_is_asked_once_and_for_those_alone_whose_token_is_there(keyring: FileKeyring) -> None:
    keep()
    before = len(keyring.asked)
    mine = Keyring()
    for _ in range(3):
        assert mine.headers(HERE) == BEARER
        assert mine.headers(parse_address("127.0.0.1:8188")) == {}
    assert keyring.asked[before:] == ["get https://gpu.lan:443"]
    mine.renew()
    assert mine.headers(HERE) == BEARER
    assert len(keyring.asked) == before + 2


@needs_keyring
def test_headers_of_another_name_can_be_kept(keyring: FileKeyring) -> None:
    keep('{"X-Api-Key": "k"}')
    assert Keyring().headers(HERE) == {"X-Api-Key": "k"}


@needs_keyring
def test_the_environment_comes_first(keyring: FileKeyring, monkeypatch) -> None:
    keep()
    monkeypatch.setenv(variable_of(HERE), "another")
    before = len(keyring.asked)
    assert secrets_here().headers(HERE) == {"Authorization": "Bearer another"}
    assert len(keyring.asked) == before
    monkeypatch.delenv(variable_of(HERE))
    assert secrets_here().headers(HERE) == BEARER


def test_where_nothing_is_kept_nothing_is_needed(monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", "/no/such/python")
    assert Keyring().headers(HERE) == {}
    assert Keyring().wait_s == 0.0


def test_without_the_libraries_one_is_told_how_to_get_them(monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", "/no/such/python")
    with pytest.raises(MissingLibrary, match="no Python"):
        Keyring().keep(HERE, TOKEN)
    with pytest.raises(Unauthorised, match="could not be read") as caught:
        Keyring(lambda: {HERE.base}).headers(HERE)
    assert "services install libraries" in caught.value.remedy


def test_a_python_without_the_library_is_an_error_too(monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", sys.executable)
    with pytest.raises(ServiceError, match="could not be kept"):
        Keyring().keep(HERE, TOKEN).done(LONG_S)


@pytest.mark.parametrize(
    "token", ["two\nlines-s3cret", "ünicode-s3cret", "s3cret" * 500, '{"s3cret']
)
def test_what_can_be_no_token_is_not_kept(token: str) -> None:
    with pytest.raises(InputError) as caught:
        Keyring().keep(HERE, token)
    assert "s3cret" not in str(caught.value)


TROUBLE = {
    "locked": "is locked",
    "broken": r"failed \(RuntimeError\)",
    "dead": "ended",
    "forgetful": "kept something else",
}


@needs_keyring
@pytest.mark.parametrize("manner", TROUBLE)
def test_a_keyring_that_does_not_keep_is_an_error_without_the_token(
    keyring: FileKeyring, caplog, manner: str
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", "movie_director")
    keyring.behave(manner)
    with pytest.raises(ServiceError, match=TROUBLE[manner]) as caught:
        keep()
    assert caught.value.remedy
    assert TOKEN not in seen_in(caught.value, caplog)
    assert service_file.load().tokens == frozenset()


@needs_keyring
@pytest.mark.parametrize("manner", ["locked", "broken", "dead"])
def test_a_keyring_that_cannot_be_read_is_an_error_without_the_token(
    keyring: FileKeyring, caplog, manner: str
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", "movie_director")
    keep()
    keyring.behave(manner)
    mine = Keyring()
    with pytest.raises(Unauthorised, match=TROUBLE[manner]) as caught:
        mine.headers(HERE)
    assert caught.value.remedy
    assert TOKEN not in seen_in(caught.value, caplog)
    asked = len(keyring.asked)
    with pytest.raises(Unauthorised):  # all who know services ask one after another
        mine.headers(HERE)
    assert len(keyring.asked) == asked
    keyring.behave("")
    mine.renew()
    assert mine.headers(HERE) == BEARER


@needs_keyring
def test_a_system_without_a_keyring_is_told_what_else_there_is(keyring, monkeypatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with pytest.raises(ServiceError, match="has no keyring") as caught:
        keep()
    assert variable_of(HERE) in caught.value.remedy


@needs_keyring
def test_one_that_hangs_is_an_error_within_seconds_and_is_heard_out(
    keyring: FileKeyring, monkeypatch
) -> None:
    keep()
    keyring.behave("hanging")
    monkeypatch.setattr(_keyring, "_ANSWER_S", 0.2)
    mine = Keyring()
    began = time.monotonic()
    with pytest.raises(Unauthorised, match=r"has not answered for 0\.2 s"):
        mine.headers(HERE)
    assert time.monotonic() - began < 5.0
    keyring.behave("")  # somebody typed the password of the keyring
    monkeypatch.setattr(_keyring, "_ANSWER_S", LONG_S)
    mine.renew()
    assert mine.headers(HERE) == BEARER
    # Keeping sets and looks; reading asked once, and was answered late.
    assert [each.split()[0] for each in keyring.asked] == ["set", "get", "get"]
    mine.close()


@needs_keyring
def test_keeping_never_waits_unasked_and_ends_what_hangs(keyring, monkeypatch) -> None:
    keyring.behave("hanging")
    keeping = Keyring().keep(HERE, TOKEN)
    child = psutil.Process(keeping._task._process.pid)
    began = time.monotonic()
    assert not keeping.done()
    assert time.monotonic() - began < 5.0
    monkeypatch.setattr(keeping, "_ends", time.monotonic())
    with pytest.raises(ServiceError, match="has not answered for"):
        keeping.done()
    assert not child.is_running()


@needs_keyring
def test_the_token_is_in_no_process_list_and_no_environment(keyring: FileKeyring) -> None:
    keyring.behave("hanging")
    keeping = Keyring().keep(HERE, TOKEN)
    child = psutil.Process(keeping._task._process.pid)
    deadline = time.monotonic() + LONG_S
    while not keyring.asked:
        assert time.monotonic() < deadline, "the keyring was never asked"
        time.sleep(0.02)
    shown = [*child.cmdline(), *child.environ().values(), *os.environ.values()]
    assert not [text for text in shown if TOKEN in text]
    keyring.behave("")
    assert keeping.done(LONG_S)
    # The library is loaded in the process apart, never in ours.
    assert "keyring" not in sys.modules


def guarded(then: Manner) -> Manner:
    """Only with the token."""

    def manner(request: Request, line: Line) -> None:
        let_in = request.headers.get("authorization") == BEARER["Authorization"]
        (then if let_in else answer(b"{}", 401))(request, line)

    return manner


class GuardedSpeech(SpeechServer):
    """Speech for those who have the token."""

    def on(self, path: str, *manners: Manner) -> None:
        super().on(path, *map(guarded, manners))


@needs_keyring
@pytest.mark.parametrize("kind", [OpenAISpeech, ComfyUI])
def test_a_token_that_is_given_later_is_used(keyring: FileKeyring, kind) -> None:
    ring = Keyring()
    maker = kind(Setup(cores=1, memory_bytes=2**30, secrets=secrets_here(ring)))
    server: Misbehaving = GuardedSpeech() if kind is OpenAISpeech else ComfyServer()
    with server:
        if isinstance(server, ComfyServer):
            server.on("/system_stats", guarded(says(server._stats())))
        with pytest.raises(Unauthorised) as caught:
            maker.identify(server.url)
        assert f"services token {server.url}" in caught.value.remedy
        keep(address=parse_address(server.url))
        ring.renew()
        service = maker.identify(server.url)
        assert service is not None
        maker.health(service)
    maker.close()
    ring.close()


def test_two_who_ask_at_once_are_both_answered(monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", "/no/such/python")
    mine, said = Keyring(lambda: {HERE.base}), []

    def ask() -> None:
        try:
            mine.headers(HERE)
        except MovieDirectorError as error:
            said.append(type(error))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(LONG_S)
    assert said == [Unauthorised] * 4


@needs_keyring
def test_the_verb_reads_what_is_piped_in_and_shows_it_nowhere(keyring: FileKeyring) -> None:
    def told(*words: str, given: str = "") -> tuple[int, str]:
        root = pathlib.Path(__file__).resolve().parents[3]
        done = subprocess.run(
            [sys.executable, "-m", "movie_director", "services", "token", "gpu.lan:443", *words],
            cwd=root, input=given, capture_output=True, text=True, timeout=2 * LONG_S,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    address = parse_address("gpu.lan:443")
    code, said = told(given=f"{TOKEN}\n")
    assert code == 0, said
    assert TOKEN not in said
    assert Keyring().headers(address) == BEARER
    code, said = told("--forget")
    assert code == 0, said
    assert Keyring().headers(address) == {}
    code, said = told(given="\n")
    assert code == 2
    assert "No token was given" in said
