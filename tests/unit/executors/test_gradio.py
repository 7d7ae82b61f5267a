"""Executors of Gradio apps against real ones: Gradio 6 in a process, no model behind it."""

from __future__ import annotations

import os
import pathlib
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import file_digest
from movie_director.core.errors import ServiceLost
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Progressed,
    Setup,
)
from movie_director.core.patience import Operation, Patience
from movie_director.core.step import VOICE_CONVERSION
from movie_director.executors._gradio import GradioServed, call
from movie_director.executors.applio import Applio
from movie_director.executors.audioldm2 import AudioLDM2
from movie_director.executors.musicgen import MusicGen
from movie_director.executors.stable_audio import StableAudio

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from servers.gradio_app import GradioApp
from servers.sounds import wav

SERVERS = os.environ.get("MOVIE_DIRECTOR_SERVERS", "")
GRADIO3 = os.environ.get("MOVIE_DIRECTOR_GRADIO3", "")
HELPER = os.environ.get("MOVIE_DIRECTOR_HELPER", "")
pytestmark = pytest.mark.skipif(
    not (SERVERS and HELPER),
    reason="MOVIE_DIRECTOR_SERVERS and MOVIE_DIRECTOR_HELPER name no Pythons with Gradio and its client",
)
PATIENT = Patience(
    seconds={**dict.fromkeys(Operation, 5.0), Operation.VIDEO: 60.0}, connect=2.0, attempts=2,
    first_pause=0.01,
)  # fmt: skip
Opened = Callable[..., GradioApp]


@pytest.fixture
def opened(tmp_path) -> Iterator[Opened]:
    """Opens apps, and closes them."""
    apps: list[GradioApp] = []
    result = tmp_path / "result.wav"
    result.write_bytes(wav(3.0))

    def open_it(kind: str, python: str = SERVERS, **settled: Any) -> GradioApp:
        app = GradioApp(python, kind, tmp_path / f"app{len(apps)}", result)
        app.set(**settled)
        apps.append(app)
        return app.__enter__()

    yield open_it
    for app in apps:
        app.__exit__()


def made(kind: type[GradioServed]) -> GradioServed:
    return kind(Setup(cores=1, memory_bytes=2**30), PATIENT)


@pytest.fixture
def music() -> Iterator[GradioServed]:
    executor = made(MusicGen)
    yield executor
    executor.close()


@pytest.fixture
def stable() -> Iterator[GradioServed]:
    executor = made(StableAudio)
    yield executor
    executor.close()


def last(said: list[Event]) -> Event:
    return said[-1]


def test_musicgen_is_asked_for_one_piece_and_its_sound_is_taken(music, opened, tmp_path) -> None:
    app = opened("musicgen", seconds=2.0)  # long enough to be heard of on a busy machine
    said = served.do(music, app.url, served.music(), tmp_path / "t")
    assert isinstance(last(said), Finished)
    result = served.produced(said)
    assert result.facts["seconds"] == pytest.approx(3.0, abs=0.01)
    assert (result.recipe["model"], result.recipe["licence"]) == (
        "facebook/musicgen-stereo-melody", "CC BY-NC 4.0",
    )  # fmt: skip
    (asked,) = [each["began"] for each in app.work if "began" in each]
    assert asked[0] == "facebook/musicgen-stereo-melody"
    assert "a slow waltz" in asked[3]
    assert asked[5] == 2
    told = [event for event in said if isinstance(event, Progressed)]
    assert [each.fraction for each in told] == sorted(each.fraction for each in told)
    assert "generating" in {each.note for each in told}


def test_stable_audio_gets_a_seed_a_length_and_a_wav(stable, opened, tmp_path) -> None:
    app = opened("stable_audio")
    said = served.do(stable, app.url, served.sound(seconds=2.5), tmp_path / "t")
    assert isinstance(last(said), Finished)
    (asked,) = [each["began"] for each in app.work if "began" in each]
    assert "footsteps" in asked[0]
    assert (asked[3], asked[7], asked[9], asked[10], asked[11]) == (
        3,
        "3",
        "wav",
        "output.wav",
        True,
    )
    assert stable.refuse(
        served.sound(seconds=60.0), stable.offer(served.want(served.sound().kind))[0],
        served.found(stable, app.url),
    ) == "its model makes at most 47 s"  # fmt: skip


def test_nothing_of_ours_goes_with_the_questions(music, opened, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_not_yours_at_all")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # whoever used it would fail
    app = opened("musicgen")
    said = served.do(music, app.url, served.music(), tmp_path / "t")
    assert isinstance(last(said), Finished)
    assert app.requests
    headers = [each["headers"] for each in app.requests]
    assert "hf_not_yours" not in str(headers)
    assert {name for each in headers for name in each} & {
        "authorization",
        "x-hf-authorization",
    } == set()


def test_nothing_leaves_this_machine(stable, opened, tmp_path, monkeypatch) -> None:
    app = opened("stable_audio")
    with socket.socket() as elsewhere:
        # What the libraries would send anywhere goes by the environment's proxy: here.
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.listen(5)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{elsewhere.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        said = served.do(stable, app.url, served.music(), tmp_path / "t")
        assert isinstance(last(said), Finished)
        assert select.select([elsewhere], [], [], 2.0)[0] == []


def test_an_app_is_known_by_its_page_alone(opened, music, stable) -> None:
    app = opened("musicgen")
    assert stable.identify(app.url) is None
    assert made(AudioLDM2).identify(app.url) is None
    assert music.identify(app.url) is not None


@pytest.mark.parametrize("fault", ["error", "exception", "null"])
def test_what_fails_there_is_a_failure_with_a_remedy(stable, opened, tmp_path, fault) -> None:
    app = opened("stable_audio")
    app.set(fault=fault)
    end = last(served.do(stable, app.url, served.music(), tmp_path / "t"))
    assert isinstance(end, Failed)
    assert end.error.remedy
    if fault == "error":
        assert "The prompt is too strange" in end.error.what


def test_what_is_no_sound_is_refused(stable, opened, tmp_path) -> None:
    app = opened("stable_audio")
    other = tmp_path / "app0" / "page.wav"
    other.write_text("<html>")
    app.set(result=str(other))
    end = last(served.do(stable, app.url, served.music(), tmp_path / "t"))
    assert isinstance(end, Failed)
    assert not (tmp_path / "t" / "made").exists()


def test_musicgen_given_up_is_stopped_there(music, opened, tmp_path) -> None:
    app = opened("musicgen")
    app.set(seconds=30.0)
    cancel = CancelFlag()
    served.when(app.began, cancel.set, 30.0)
    began = time.monotonic()
    said = served.do(music, app.url, served.music(), tmp_path / "t", cancel=cancel)
    assert isinstance(last(said), Cancelled)
    assert time.monotonic() - began < 20.0
    deadline = time.monotonic() + 5.0
    while not app.ended():
        assert time.monotonic() < deadline, app.work
        time.sleep(0.05)
    assert app.work[-1] == {"ended": "stopped"}


def test_what_cannot_be_stopped_goes_on_and_the_next_piece_waits_for_it(
    stable, opened, tmp_path
) -> None:
    app = opened("stable_audio")
    app.set(seconds=4.0)
    cancel = CancelFlag()
    told: list[float] = []

    def stop() -> None:
        told.append(time.monotonic())
        cancel.set()

    served.when(app.began, stop, 30.0)
    said = served.do(stable, app.url, served.music(), tmp_path / "1", cancel=cancel)
    assert isinstance(last(said), Cancelled)
    assert time.monotonic() - told[0] < 1.0
    assert not app.ended()
    health = stable.health(served.found(stable, app.url))
    assert (health.waiting, "cannot be stopped" in health.note) == (1, True)
    app.set(seconds=0.1)
    said = served.do(stable, app.url, served.music(), tmp_path / "2")
    assert isinstance(last(said), Finished)
    assert "waiting: it still makes what was given up" in {
        event.note for event in said if isinstance(event, Progressed)
    }
    order = [next(iter(each)) for each in app.work]
    assert order == ["began", "ended", "began", "ended"]
    assert stable.health(served.found(stable, app.url)).waiting == 0


def test_ending_is_not_held_up_by_work_that_goes_on(opened, tmp_path) -> None:
    app = opened("stable_audio")
    app.set(seconds=30.0)
    stable, cancel = made(StableAudio), CancelFlag()
    served.when(app.began, cancel.set, 30.0)
    served.do(stable, app.url, served.music(), tmp_path / "t", cancel=cancel)
    began = time.monotonic()
    stable.close()
    assert time.monotonic() - began < 5.0


def test_a_frozen_server_is_noticed(stable, opened, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(call, "SILENCE_S", 3.0)
    app = opened("stable_audio")
    app.set(seconds=30.0)
    served.when(app.began, lambda: app.signal(signal.SIGSTOP), 30.0)
    began = time.monotonic()
    end = last(served.do(stable, app.url, served.music(), tmp_path / "t"))
    assert isinstance(end, Lost)
    assert isinstance(end.error, ServiceLost)
    assert end.error.silent
    assert time.monotonic() - began < 25.0


def test_a_server_that_dies_in_the_middle_is_lost_at_once(stable, opened, tmp_path) -> None:
    app = opened("stable_audio")
    app.set(seconds=30.0)
    served.when(app.began, lambda: app.signal(signal.SIGKILL), 30.0)
    end = last(served.do(stable, app.url, served.music(), tmp_path / "t"))
    assert isinstance(end, Lost)
    assert "went away" in end.error.what


def test_a_full_queue_is_told_as_such_and_may_be_tried_again(opened, tmp_path) -> None:
    app = opened("stable_audio", queue=1)
    app.set(seconds=6.0)
    executors = [made(StableAudio) for _ in range(3)]
    ends: list[Event] = []
    cancel = CancelFlag()

    def ask(number: int) -> None:
        said = served.do(
            executors[number], app.url, served.music(), tmp_path / str(number), cancel=cancel
        )
        ends.append(said[-1])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30.0
    while not ends:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    cancel.set()
    for thread in threads:
        thread.join(20.0)
    for executor in executors:
        executor.close()
    assert isinstance(ends[0], Failed)
    assert "full queue" in ends[0].error.what
    assert ends[0].transient


@pytest.fixture
def line(tmp_path) -> dict[str, Any]:
    """A spoken line as the step before it leaves it, and a voice to take it over into."""
    spoken, model, index = (tmp_path / name for name in ("line.wav", "anna.pth", "anna.index"))
    spoken.write_bytes(wav(1.5, 48_000))
    model.write_bytes(b"weights")
    index.write_bytes(b"index")
    facts = {
        "seconds": 1.5, "marks": [[0.0, "_"], [0.2, "a"], [1.2, "_"]], "words": [[0.2, "Oh"]],
        "language": "en", "fits": True, "timing": "estimated from the text",
    }  # fmt: skip
    ref, inputs = served.artifact("line:speech", spoken, **facts)
    voice = {
        "model": FileRef(path=model, content=file_digest(model)),
        "index": FileRef(path=index, content=file_digest(index)),
        "index_rate": 0.75,
        "pitch": 2.0,
    }
    step = served.step(VOICE_CONVERSION, {"speech": ref, "voice": voice})
    return {"step": step, "made": inputs, "backend": {"service": "rvc"}}


@pytest.fixture
def applio() -> Iterator[GradioServed]:
    executor = made(Applio)
    yield executor
    executor.close()


def test_applio_gets_voice_and_line_and_agrees_to_the_terms(applio, opened, line, tmp_path) -> None:
    app = opened("applio")
    said = served.do(applio, app.url, folder=tmp_path / "1", work=line["step"], made=line["made"],
                     backend=line["backend"])  # fmt: skip
    assert isinstance(last(said), Finished)
    result = served.produced(said)
    assert result.facts["voice"] == "Applio, +2 semitones, index 0.75"
    assert result.recipe["voice_model"] == line["step"].inputs["voice"]["model"].content
    sent, began, *_ = app.work
    assert sent == {"line": True, "model": True}
    # pitch, index, then as the page has it; WAV in place of the page's own.
    assert began["began"][:5] == [2, 0.75, 0.5, 0.5, "rmvpe"]
    assert began["began"][16] == "WAV"


def test_a_voice_is_sent_to_applio_once(applio, opened, line, tmp_path) -> None:
    app = opened("applio")
    for number in range(2):
        said = served.do(applio, app.url, folder=tmp_path / f"{number}", work=line["step"],
                         made=line["made"], backend=line["backend"])  # fmt: skip
        assert isinstance(last(said), Finished)
    uploads = [each for each in app.requests if each["path"].endswith("/upload")]
    assert len(uploads) == 4  # model, index, and each line


@pytest.mark.parametrize("fault", ["exception", "null"])
def test_applio_tells_a_failure_as_words_without_a_sound(
    applio, opened, line, tmp_path, fault
) -> None:
    app = opened("applio")
    app.set(fault=fault)
    end = last(
        served.do(applio, app.url, folder=tmp_path / "t", work=line["step"], made=line["made"],
                  backend=line["backend"])
    )  # fmt: skip
    assert isinstance(end, Failed)
    if fault == "exception":
        assert "An error occurred during audio conversion" in end.error.what


@pytest.mark.skipif(
    not os.path.isfile(GRADIO3), reason="MOVIE_DIRECTOR_GRADIO3 names no Python with Gradio 3"
)
def test_audioldm2_on_gradio_3_is_asked_plainly(opened, tmp_path) -> None:
    app = opened("audioldm2", GRADIO3)
    audio = made(AudioLDM2)
    said = served.do(audio, app.url, served.sound(), tmp_path / "t")
    assert isinstance(last(said), Finished)
    (asked,) = [each["began"] for each in app.work if "began" in each]
    assert "footsteps" in asked[0]
    assert asked[1:] == [5, 3.5, 3, 1]
    assert served.produced(said).recipe["licence"] == "CC BY-NC-SA 4.0"
    audio.close()


@pytest.mark.skipif(
    not os.path.isfile(GRADIO3), reason="MOVIE_DIRECTOR_GRADIO3 names no Python with Gradio 3"
)
def test_what_fails_on_gradio_3_is_a_failure(opened, tmp_path) -> None:
    app = opened("audioldm2", GRADIO3)
    app.set(fault="exception")
    audio = made(AudioLDM2)
    end = last(served.do(audio, app.url, served.sound(), tmp_path / "t"))
    assert isinstance(end, Failed)
    audio.close()
