"""What a Gradio app says of itself, and what is odd about it; no Gradio is needed."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import file_digest
from movie_director.core.executor import CancelFlag, Failed, Finished, Lost, Setup
from movie_director.core.step import VOICE_CONVERSION
from movie_director.executors._gradio.files import file_in
from movie_director.executors._gradio.page import read_page
from movie_director.executors.applio import Applio
from movie_director.executors.audioldm2 import AudioLDM2, _stepped
from movie_director.executors.musicgen import MusicGen
from movie_director.executors.stable_audio import StableAudio

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from servers import gradio_page
from servers import misbehaving as bad
from servers.sounds import wav

KINDS = ("textbox", "slider", "slider", "number", "slider", "video")


def config(version: str = "3.14.0", **changes: Any) -> dict[str, Any]:
    """AudioLDM 2's page."""
    components = [
        {"id": number, "type": kind, "props": {"label": f"{number}", "value": None}}
        for number, kind in enumerate(KINDS, 1)
    ]
    click = {"inputs": [1, 2, 3, 4, 5], "outputs": [6], "api_name": "text2audio"}
    return {"version": version, "components": components, "dependencies": [click], **changes}


@pytest.fixture
def server() -> Iterator[bad.Misbehaving]:
    with bad.Misbehaving() as running:
        running.on("/config", bad.says(config()))
        yield running


@pytest.fixture
def audio() -> Iterator[AudioLDM2]:
    made = AudioLDM2(Setup(cores=1, memory_bytes=2**30), served.QUICK)
    yield made
    made.close()


def test_a_page_is_read() -> None:
    page = read_page(config("4.44.1", api_prefix="/gradio_api", app_id=12))
    assert page is not None
    assert (page.version, page.prefix, page.run, page.for_client) == (
        "4.44.1", "/gradio_api", "12", True,
    )  # fmt: skip
    endpoint = page.named("text2audio")
    assert endpoint is not None
    assert endpoint.kinds == KINDS[:5]
    assert endpoint.gives == ("video",)
    assert endpoint.values({0: "rain"}) == ["rain", None, None, None, None]
    assert endpoint.values({})[0] == ""  # as a browser sends an empty box


@pytest.mark.parametrize(
    "value",
    [None, [], {}, config(version=6), config(version="x"), config(api_prefix="//elsewhere"),
     config(api_prefix="/../.."), config(components={}), config(dependencies=[1]),
     config(components=[{}] * 30_000)],
)  # fmt: skip
def test_what_is_no_page_is_none(value) -> None:
    assert read_page(value) is None


@pytest.mark.parametrize(
    "function",
    [{"inputs": [99], "outputs": []}, {"inputs": "1", "outputs": []}, {},
     {"inputs": [[1]], "outputs": []}, {"id": "0", "inputs": [], "outputs": []}],
)  # fmt: skip
def test_an_odd_function_is_passed_over(function) -> None:
    page = read_page(config(dependencies=[function]))
    assert page is not None
    assert page.endpoints == ()


def test_other_pages_are_nobodys(audio) -> None:
    others = (
        MusicGen(Setup(cores=1, memory_bytes=2**30)),
        StableAudio(Setup(cores=1, memory_bytes=2**30)),
    )
    with bad.Misbehaving() as other:
        other.on("*", bad.says(config(dependencies=[])))
        assert audio.identify(other.url) is None
        other.on("*", bad.says(config()))
        assert audio.identify(other.url) is not None
        assert [each.identify(other.url) for each in others] == [None, None]
        other.on("*", bad.answer(b"<html>", kind="text/html"))
        assert audio.identify(other.url) is None


def test_without_the_libraries_a_newer_app_says_what_to_do(audio, server, monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", "/nowhere/python")
    server.on("/config", bad.says(config("4.44.1")))
    service = served.found(audio, server.url)
    (option,) = audio.offer(served.want(served.sound().kind))
    refusal = audio.refuse(served.sound(), option, service)
    assert refusal is not None
    assert "movie-director services install libraries" in refusal


def test_gradio_3_needs_no_library(audio, server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", "/nowhere/python")
    made = {"name": "/tmp/x y.wav", "is_file": True, "data": None}
    server.on("/api/text2audio", bad.says({"data": [made]}))
    server.on("/file=/tmp/x%20y.wav", bad.answer(wav(2.0), kind="audio/wav"))
    server.on("/file=/tmp/x y.wav", bad.answer(wav(2.0), kind="audio/wav"))
    said = served.do(audio, server.url, served.sound(), tmp_path)
    assert isinstance(said[-1], Finished)


@pytest.mark.parametrize(
    "output",
    [None, "", {"name": "http://example.org/x.wav"}, {"name": "../../etc/passwd"}, {"name": "a\nb"},
     {"name": "x" * 5000}, {"path": 7}, [], {"video": {"path": "//example.org/x"}}],
)  # fmt: skip
def test_a_file_is_asked_for_from_the_app_alone(audio, server, tmp_path, output) -> None:
    server.on("/api/text2audio", bad.says({"data": [output]}))
    said = served.do(audio, server.url, served.sound(), tmp_path)
    assert isinstance(said[-1], Failed)
    assert said[-1].error.where == "node"
    assert all(
        path.startswith(("/config", "/api/text2audio", "/file=")) for path in server.paths()
    ), server.paths()


def test_a_page_that_was_started_again_before_its_file_was_fetched_is_lost(
    audio, server, tmp_path
) -> None:
    made = {"name": "/tmp/x.wav", "is_file": True, "data": None}
    server.on("/api/text2audio", bad.says({"data": [made]}))
    server.on("/file=/tmp/x.wav", bad.answer(b"", 404))
    (last,) = served.do(audio, server.url, served.sound(), tmp_path)[-1:]
    assert isinstance(last, Lost)
    assert "was started again" in last.error.what


def test_applio_sends_a_voice_anew_that_its_page_lost(tmp_path) -> None:
    applio = Applio(Setup(cores=1, memory_bytes=2**30), served.QUICK)
    spoken, model = tmp_path / "line.wav", tmp_path / "anna.pth"
    spoken.write_bytes(wav(1.0, 48_000))
    model.write_bytes(b"weights")
    facts = {"seconds": 1.0, "marks": [[0.0, "_"]], "words": [], "language": "en"}
    line, made = served.artifact("line:speech", spoken, **facts)
    voice = {
        "model": FileRef(path=model, content=file_digest(model)), "index": None,
        "index_rate": 0.75, "pitch": 0.0,
    }  # fmt: skip
    work = served.step(VOICE_CONVERSION, {"speech": line, "voice": voice})
    with gradio_page.applio() as page:
        page.sounds = lambda asked: wav(1.0, 48_000) if asked[8] in page.uploads else b""

        def do(name: str) -> Any:
            named = {"service": "applio"}
            return served.do(applio, page.url, work, tmp_path / name, made=made, backend=named)[-1]

        assert isinstance(do("1"), Finished)
        page.uploads.clear()
        lost = do("2")
        assert isinstance(lost, Failed)
        assert lost.transient  # as a run sees it: once more
        assert "None" not in lost.error.what
        assert isinstance(do("3"), Finished)
        page.sounds = lambda asked: b""
        applio._sent.clear()
        refused = do("4")
        assert isinstance(refused, Failed)
        assert not refused.transient  # it had the voice this time: it will not do

        def started_again(asked: list[Any]) -> bytes:
            page.forget()
            return b""

        page.sounds = started_again
        again = do("5")
        assert isinstance(again, Failed)
        assert again.transient  # it was started again after it was sent the voice
    applio.close()


@pytest.mark.parametrize("answer", [{}, [], {"data": 1}, {"data": []}])
def test_nonsense_is_a_failure(audio, server, tmp_path, answer) -> None:
    server.on("/api/text2audio", bad.says(answer))
    said = served.do(audio, server.url, served.sound(), tmp_path)
    assert isinstance(said[-1], Failed)


def test_given_up_at_gradio_3_it_is_said_that_it_may_go_on(audio, server, tmp_path) -> None:
    server.on("/api/text2audio", bad.freeze)
    cancel = CancelFlag()
    served.when(lambda: "/api/text2audio" in server.paths(), cancel.set)
    served.do(audio, server.url, served.sound(), tmp_path, cancel=cancel)
    health = audio.health(served.found(audio, server.url))
    assert (health.waiting, "cannot be stopped" in health.note) == (1, True)


def test_where_outputs_hold_their_file() -> None:
    assert file_in({"path": "/a", "url": "http://elsewhere"}) == "/a"
    assert file_in({"video": {"path": "/b"}, "subtitles": None}) == "/b"
    assert file_in([{"name": "/c"}, None]) == "/c"
    assert file_in(3) == ""


def test_audioldm2_has_lengths_of_its_own() -> None:
    assert [_stepped(each) for each in (0.5, 5.0, 5.1, 7.5, 14.0, 15.0, 99.0)] == [
        5.0, 5.0, 7.5, 7.5, 15.0, 15.0, 15.0,
    ]  # fmt: skip
