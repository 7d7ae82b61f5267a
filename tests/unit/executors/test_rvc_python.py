"""A line in another voice, by rvc-python; a scripted one, on a real socket."""

from __future__ import annotations

import pathlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import file_digest
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Setup,
)
from movie_director.core.step import VOICE_CONVERSION, Step
from movie_director.executors.rvc_python import RvcPython

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from servers import misbehaving as bad
from servers.rvc_python import RvcServer
from servers.sounds import wav


@pytest.fixture
def server() -> Iterator[RvcServer]:
    with RvcServer() as running:
        yield running


@pytest.fixture
def rvc() -> Iterator[RvcPython]:
    made = RvcPython(Setup(cores=1, memory_bytes=2**30), served.QUICK)
    yield made
    made.close()


@pytest.fixture
def line(tmp_path: pathlib.Path) -> dict[str, Any]:
    """A spoken line as the step before it leaves it, and a model with its index."""
    spoken = tmp_path / "line.wav"
    spoken.write_bytes(wav(1.5, 48_000))
    (tmp_path / "anna.pth").write_bytes(b"weights")
    (tmp_path / "anna.index").write_bytes(b"index")
    facts = {
        "seconds": 1.5, "marks": [[0.0, "_"], [0.2, "a"], [1.2, "_"]], "words": [[0.2, "Oh"]],
        "language": "en", "fits": True, "timing": "estimated from the text",
    }  # fmt: skip
    ref, made = served.artifact("line:speech", spoken, **facts)
    return {"ref": ref, "made": made, "folder": tmp_path, "facts": facts}


def file(path: pathlib.Path) -> FileRef:
    return FileRef(path=path, content=file_digest(path))


def work(line: dict[str, Any], *, index: bool = True, **voice: Any) -> Step:
    folder = line["folder"]
    given = {
        "model": file(folder / "anna.pth"), "index": file(folder / "anna.index") if index else None,
        "index_rate": 0.75, "pitch": 2.0, **voice,
    }  # fmt: skip
    return served.step(VOICE_CONVERSION, {"speech": line["ref"], "voice": given})


def do(rvc: RvcPython, server: RvcServer, line: dict[str, Any], step: Step, name: str = "t",
       cancel: CancelFlag | None = None) -> list[Event]:  # fmt: skip
    return served.do(
        rvc, server.url, step, line["folder"] / name, made=line["made"], cancel=cancel,
        backend={"service": "rvc"},
    )  # fmt: skip


def test_a_line_comes_back_in_the_voice_with_its_lips_and_words(rvc, server, line) -> None:
    said = do(rvc, server, line, work(line))
    assert isinstance(said[-1], Finished)
    made = served.produced(said)
    assert made.facts["seconds"] == pytest.approx(1.5, abs=0.01)
    assert made.facts["words"] == [[0.2, "Oh"]]
    assert [name for _, name in made.facts["marks"]] == ["_", "a", "_"]
    assert made.facts["converted"] is True
    assert made.facts["timing"] == "estimated from the text"
    ((model, params),) = server.converted
    assert (params["f0up_key"], params["index_rate"], params["f0method"]) == (2, 0.75, "rmvpe")
    assert made.recipe["voice_model"] == model


def test_a_model_is_sent_once_and_known_by_its_content(rvc, server, line) -> None:
    for number in range(3):
        do(rvc, server, line, work(line), str(number))
    assert server.uploads == 1
    assert len({model for model, _ in server.converted}) == 1
    copy = line["folder"] / "renamed.pth"
    copy.write_bytes((line["folder"] / "anna.pth").read_bytes())
    do(rvc, server, line, work(line, model=file(copy)), "renamed")
    assert server.uploads == 1
    name = server.converted[0][0]
    assert sorted(server.models[name]) == [f"{name}.index", f"{name}.pth"]
    assert not list(line["folder"].rglob("*.zip"))


def test_another_model_is_another_voice(rvc, server, line) -> None:
    do(rvc, server, line, work(line), "1")
    (line["folder"] / "anna.pth").write_bytes(b"other weights")
    do(rvc, server, line, work(line), "2")
    assert server.uploads == 2
    assert len({model for model, _ in server.converted}) == 2


def test_the_voice_is_set_anew_for_every_line(rvc, server, line) -> None:
    do(rvc, server, line, work(line), "1")
    server.loaded, server.params["f0up_key"] = "somebody", -12
    do(rvc, server, line, work(line), "2")
    assert server.converted[0] == server.converted[1]


def test_somebody_elses_change_meanwhile_spoils_the_line(rvc, server, line) -> None:
    server.meddling = {"f0up_key": 9}
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Failed)
    assert "Somebody else changed the voice" in last.error.what


def test_without_an_index_none_is_followed(rvc, server, line) -> None:
    do(rvc, server, line, work(line, index=False))
    assert server.converted[0][1]["index_rate"] == 0.0


def test_a_server_that_takes_a_model_and_loses_it_is_told_of(rvc, server, line) -> None:
    server.unpacks = False
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Failed)
    assert "took a model and does not have it" in last.error.what


@pytest.mark.parametrize(
    ("path", "manner", "what"),
    [
        ("/convert", bad.answer(b"<html>", kind="audio/wav"), "not a sound"),
        ("/convert", bad.answer(b"", kind="audio/wav"), "an empty file"),
        ("/convert", bad.says({"detail": "An error occurred"}, 500), "could not use the voice"),
        ("/upload_model", bad.says({"detail": "no"}, 500), "could not use the voice"),
        ("/params", bad.says([]), "Somebody else changed"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said(rvc, server, line, path, manner, what) -> None:
    server.on(path, manner)
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Failed)
    assert what in last.error.what
    assert last.error.where == "node"


@pytest.mark.parametrize(
    ("path", "manner"),
    [
        ("/convert", bad.says({"detail": "No model loaded. Please load a model first."}, 400)),
        ("/models/*", bad.says({"detail": "Model md_1 not found."}, 400)),
    ],
)
def test_a_server_started_again_before_the_line_was_sent_is_tried_once_more(
    rvc, server, line, path, manner
) -> None:
    def once(request: bad.Request, answer: bad.Line) -> None:
        forgot = request.method == "POST" and not server.converted
        (manner if forgot else server._models)(request, answer)

    if path == "/convert":
        server.on(path, manner, server._convert)
    else:
        server.on("*", once)
    first = do(rvc, server, line, work(line))[-1]
    assert isinstance(first, Failed)
    assert first.transient
    server.on("*", server._models)
    assert isinstance(do(rvc, server, line, work(line), "again")[-1], Finished)


def test_a_server_that_dies_is_lost(rvc, server, line) -> None:
    server.on("/convert", bad.reset)
    assert isinstance(do(rvc, server, line, work(line))[-1], Lost)


def test_a_frozen_server_can_be_given_up(rvc, server, line) -> None:
    server.on("/convert", bad.freeze)
    cancel = threading.Event()
    served.when(lambda: "/convert" in server.paths(), cancel.set)
    assert isinstance(do(rvc, server, line, work(line), cancel=cancel)[-1], Cancelled)


def test_other_servers_are_not_taken_for_it(rvc) -> None:
    with bad.Misbehaving() as other:
        other.on("/models", bad.says({"models": []}))
        assert rvc.identify(other.url) is None


def test_it_takes_lines_over_and_nothing_else(rvc) -> None:
    assert rvc.offer(served.want(served.Kind("speech"))) == ()
    assert rvc.offer(served.want(VOICE_CONVERSION, backend={"service": "wan2gp"})) == ()
    assert len(rvc.offer(served.want(VOICE_CONVERSION, backend={"service": "rvc"}))) == 1
