"""A line in another voice, by RVC's web page; a scripted one, on a real socket."""

from __future__ import annotations

import pathlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import file_digest
from movie_director.core.errors import Incompatible
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
from movie_director.executors.rvc_page import RvcPage

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from servers import misbehaving as bad
from servers.rvc_page import RvcPageServer
from servers.sounds import wav


@pytest.fixture
def server() -> Iterator[RvcPageServer]:
    with RvcPageServer() as running:
        yield running


@pytest.fixture
def rvc() -> Iterator[RvcPage]:
    made = RvcPage(Setup(cores=1, memory_bytes=2**30), served.QUICK)
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


def do(rvc: RvcPage, server: RvcPageServer, line: dict[str, Any], step: Step, name: str = "t",
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
    assert made.facts["converted"] is True
    ((voice, data),) = server.converted
    assert voice == "anna.pth"
    assert [data[0], *data[2:]] == [
        0, 2, "rmvpe", "logs/anna/added_IVF.index", 0.75, 0, 0.25, 0.33,
    ]  # fmt: skip
    assert made.recipe["voice_model"] == "anna.pth"
    assert made.recipe["compared"] is True
    assert "2 semitones, index 0.75" in made.facts["voice"]


def test_the_voice_is_chosen_anew_for_every_line(rvc, server, line) -> None:
    do(rvc, server, line, work(line), "1")
    server.loaded = "somebody.pth"
    do(rvc, server, line, work(line), "2")
    assert [voice for voice, _ in server.converted] == ["anna.pth", "anna.pth"]


def test_a_voice_is_compared_once(rvc, server, line) -> None:
    for number in range(3):
        do(rvc, server, line, work(line), str(number))
    assert server.paths().count("/file=assets/weights/anna.pth") == 1


def test_another_voice_by_the_same_name_is_not_used(rvc, server, line) -> None:
    server.voices["anna.pth"] = b"somebody else"
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Failed)
    assert "another voice by the name 'anna.pth'" in last.error.what
    assert not server.converted


def test_a_page_that_hands_no_voice_out_is_believed_and_the_recipe_says_so(
    rvc, server, line
) -> None:
    server.hands_out = False
    assert served.produced(do(rvc, server, line, work(line))).recipe["compared"] is False


def test_a_page_without_the_voice_is_not_asked_and_says_where_to_copy_it(rvc, server, line) -> None:
    del server.voices["anna.pth"]
    service = served.found(rvc, server.url)
    step = work(line)
    (option,) = rvc.offer(served.want(VOICE_CONVERSION, backend={"service": "rvc"}))
    why = rvc.refuse(step, option, service)
    assert why == "it has no voice 'anna.pth': copy the file into its assets/weights folder"


def test_without_an_index_none_is_followed(rvc, server, line) -> None:
    do(rvc, server, line, work(line, index=False))
    assert server.converted[0][1][4:6] == ["", 0.0]


def test_a_text_without_a_sound_is_a_failure_that_holds_the_text(rvc, server, line) -> None:
    server.fails = "Traceback: CUDA out of memory"
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Failed)
    assert "gave no sound back" in last.error.what
    assert last.error.log == "Traceback: CUDA out of memory"


@pytest.mark.parametrize(
    ("path", "manner", "what"),
    [
        ("/api/infer_convert", bad.says({"error": None}, 500), "could not use the voice"),
        ("/api/infer_change_voice", bad.says({"error": "no"}, 500), "could not use the voice"),
        ("/api/infer_convert", bad.says([]), "something else than its results"),
        ("/api/infer_convert", bad.says({"data": ["ok", {"name": 7}]}), "where its sound lies"),
        ("/file=/tmp/page/1.wav", bad.answer(b"<html>", kind="audio/wav"), "not a sound"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said(rvc, server, line, path, manner, what) -> None:
    server.on(path, manner)
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Failed)
    assert what in last.error.what
    assert last.error.where == "node"


def test_a_page_that_is_busy_for_a_while_is_tried_again(rvc, server, line) -> None:
    server.on("/api/infer_convert", bad.answer(b"", 503), server._convert)
    first = do(rvc, server, line, work(line))[-1]
    assert isinstance(first, Failed)
    assert first.transient


def test_a_page_started_again_before_its_sound_was_fetched_is_lost(rvc, server, line) -> None:
    def started_again(request: bad.Request, answer: bad.Line) -> None:
        server._convert(request, answer)
        server.forget()

    server.on("/api/infer_convert", started_again)
    last = do(rvc, server, line, work(line))[-1]
    assert isinstance(last, Lost)
    assert "was started again" in last.error.what


def test_a_page_that_dies_is_lost(rvc, server, line) -> None:
    server.on("/api/infer_convert", bad.reset)
    assert isinstance(do(rvc, server, line, work(line))[-1], Lost)


def test_a_frozen_page_can_be_given_up(rvc, server, line) -> None:
    server.on("/api/infer_convert", bad.freeze)
    cancel = threading.Event()
    served.when(lambda: "/api/infer_convert" in server.paths(), cancel.set)
    assert isinstance(do(rvc, server, line, work(line), cancel=cancel)[-1], Cancelled)


def test_a_page_of_an_older_release_is_known_and_not_used(rvc, server) -> None:
    server.inputs = ("slider", "textbox", *["number"] * 10)
    with pytest.raises(Incompatible, match="another way"):
        rvc.identify(server.url)


def test_other_pages_are_not_taken_for_it(rvc) -> None:
    with bad.Misbehaving() as other:
        other.on("/config", bad.says({"components": [{}], "dependencies": [{"api_name": "x"}]}))
        assert rvc.identify(other.url) is None


def test_it_takes_lines_over_and_nothing_else(rvc) -> None:
    assert rvc.offer(served.want(served.Kind("speech"))) == ()
    assert rvc.offer(served.want(VOICE_CONVERSION, backend={"service": "wan2gp"})) == ()
    assert len(rvc.offer(served.want(VOICE_CONVERSION, backend={"service": "rvc"}))) == 1
