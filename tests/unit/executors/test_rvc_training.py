"""A voice learned from recordings, by RVC's web page; a scripted one, on a real socket."""

from __future__ import annotations

import json
import pathlib
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.compile import Files
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
from movie_director.core.step import VOICE_CONVERSION, VOICE_TRAINING, Step
from movie_director.executors._service import bearing
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
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    made = tmp_path / "anna"
    made.mkdir()
    for number in range(2):
        (made / f"take.{number}.wav").write_bytes(wav(9.0, 24_000, bursts=20))
    (made / "notes.txt").write_text("not a recording")
    return made


def work(folder: pathlib.Path, epochs: int = 3) -> Step:
    ref = Files(folder.parent)("anna/")
    return served.step(VOICE_TRAINING, {"recordings": ref, "epochs": epochs}, ".zip")


def do(rvc: RvcPage, server: RvcPageServer, step: Step, folder: pathlib.Path,
       **named: Any) -> list[Event]:  # fmt: skip
    return served.do(rvc, server.url, step, folder, backend={"service": "rvc"}, **named)


def at_the_second_epoch() -> dict[str, Any]:
    """For ``do``: give up when the page tells of it."""
    cancel = CancelFlag()

    def heard(event: Event) -> None:
        if isinstance(event, Progressed) and "epoch 2" in event.note:
            cancel.set()

    return {"cancel": cancel, "heard": heard}


def test_a_voice_is_learned_and_lies_in_one_file_with_what_it_was_learned_from(
    rvc, server, folder, tmp_path
) -> None:
    said = do(rvc, server, work(folder), tmp_path / "t")
    assert isinstance(said[-1], Finished), said[-1]
    made = served.produced(said)
    ((data, names),) = server.trained
    assert names == ["0000.wav", "0001.wav"]
    assert (data[1], data[8], data[16]) == ("40k", 3, "v2")
    facts = made.facts
    assert (facts["trained"], facts["voice"]) == (True, f"{data[0]}.pth")
    assert (facts["epochs"], facts["version"], facts["rate"], facts["files"]) == (3, "v2", "40k", 2)
    assert facts["recordings"] == work(folder).inputs["recordings"].content
    assert "the voice will be better with 10 minutes" in facts["advice"]
    with zipfile.ZipFile(made.path) as file:
        assert file.namelist() == ["voice.pth", "voice.index", "voice.json"]
        assert file.read("voice.pth") == b"learned " + data[0].encode()
        assert json.loads(file.read("voice.json"))["epochs"] == 3
    assert not pathlib.Path(data[3]).exists()


def test_progress_is_what_the_page_tells_of_its_steps_and_epochs(
    rvc, server, folder, tmp_path
) -> None:
    said = do(rvc, server, work(folder), tmp_path / "t")
    told = [each for each in said if isinstance(each, Progressed)]
    notes = [each.note for each in told]
    assert "cutting the recordings up" in notes
    assert "learning, epoch 2 of 3" in notes
    assert [each.fraction for each in told] == sorted(each.fraction for each in told)


def test_what_is_learned_already_is_not_learned_again(rvc, server, folder, tmp_path) -> None:
    do(rvc, server, work(folder), tmp_path / "1")
    do(rvc, server, work(folder), tmp_path / "2")
    assert len(server.trained) == 1
    do(rvc, server, work(folder, epochs=4), tmp_path / "3")
    (folder / "more.wav").write_bytes(wav(5.0, 24_000, pitch=220.0))
    do(rvc, server, work(folder), tmp_path / "4")
    assert len({data[0] for data, _ in server.trained}) == 3


def test_a_line_is_taken_over_into_the_voice_that_was_learned(
    rvc, server, folder, tmp_path
) -> None:
    made = served.produced(do(rvc, server, work(folder), tmp_path / "t"))
    spoken = tmp_path / "line.wav"
    spoken.write_bytes(wav(1.5, 48_000))
    said, first = served.artifact(
        "line:speech", spoken, seconds=1.5, marks=[[0.0, "_"]], words=[], language="en", fits=True
    )
    voice, second = served.artifact("anna:voice_training", made.path, **made.facts)
    inputs = {"model": voice, "index": None, "index_rate": 0.5, "pitch": 0.0}
    step = served.step(VOICE_CONVERSION, {"speech": said, "voice": inputs})
    ends = do(rvc, server, step, tmp_path / "c", made={**first, **second})
    assert isinstance(ends[-1], Finished), ends[-1]
    ((loaded, data),) = server.converted
    assert loaded == made.facts["voice"]
    assert data[4].endswith("added.index")
    assert served.produced(ends).recipe["compared"] is True


def test_a_voice_that_is_only_stood_in_for_speaks_no_line(rvc, server, tmp_path) -> None:
    spoken = tmp_path / "line.wav"
    spoken.write_bytes(wav(1.5, 48_000))
    said, first = served.artifact("line:speech", spoken, seconds=1.5)
    voice, second = served.artifact("anna:voice_training", spoken, trained=False)
    inputs = {"model": voice, "index": None, "index_rate": 0.5, "pitch": 0.0}
    step = served.step(VOICE_CONVERSION, {"speech": said, "voice": inputs})
    last = do(rvc, server, step, tmp_path / "c", made={**first, **second})[-1]
    assert isinstance(last, Failed)
    assert "was not learned" in last.error.what


def test_a_page_that_learns_nothing_is_told_of_with_its_last_words(
    rvc, server, folder, tmp_path
) -> None:
    server.trains = False
    last = do(rvc, server, work(folder), tmp_path / "t")[-1]
    assert isinstance(last, Failed)
    assert "did not learn the voice" in last.error.what
    assert "index" in last.error.log


def test_giving_up_stops_the_page_and_leaves_it_free(rvc, server, folder, tmp_path) -> None:
    given_up = at_the_second_epoch()
    said = do(rvc, server, work(folder, epochs=500), tmp_path / "t", **given_up)
    assert isinstance(said[-1], Cancelled)
    assert server.stops == 1
    assert isinstance(do(rvc, server, work(folder), tmp_path / "again")[-1], Finished)


def test_a_page_that_dies_meanwhile_is_lost(rvc, server, folder, tmp_path) -> None:
    server.on("/api/train_start_all", server._train, server._train, bad.reset)
    assert isinstance(do(rvc, server, work(folder), tmp_path / "t")[-1], Lost)


def test_what_was_being_learned_is_heard_on_after_a_loss(rvc, server, folder, tmp_path) -> None:
    step = work(folder)
    server.on("/api/train_start_all", server._train, server._train, bad.reset, server._train)
    assert isinstance(do(rvc, server, step, tmp_path / "t")[-1], Lost)
    told: list[Event] = []
    rvc.reattach(served.ticket(step, tmp_path / "t"), told.append, CancelFlag())
    assert isinstance(told[-1], Finished), told[-1]
    assert len(server.trained) == 1
    assert served.produced(told).facts["trained"] is True


@pytest.mark.parametrize("answer", [bad.answer(b"", 503), bad.answer(b"<html>")])
def test_an_answer_that_cannot_be_used_is_a_telling_less(
    rvc, server, folder, tmp_path, monkeypatch, answer
) -> None:
    monkeypatch.setattr(bearing, "AGAIN_S", 0.01)
    server.on("/api/train_start_all", server._train, server._train, answer, server._train)
    said = do(rvc, server, work(folder), tmp_path / "t")
    assert isinstance(said[-1], Finished), said[-1]
    assert len(server.trained) == 1


def test_a_last_answer_that_cannot_be_used_has_nothing_learned_again(
    rvc, server, folder, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(bearing, "AGAIN_S", 0.01)

    def last(request: bad.Request, line: bad.Line) -> None:
        """Learn to the end, and say nonsense."""
        server.really_last(request)
        bad.answer(b"<html>")(request, line)

    server.on("/api/train_start_all", server._train, last, server._train)
    said = do(rvc, server, work(folder), tmp_path / "t")
    assert isinstance(said[-1], Finished), said[-1]
    assert len(server.trained) == 1


def test_a_page_that_answers_nonsense_is_stopped_and_left_free(
    rvc, server, folder, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(bearing, "AGAIN_S", 0.01)
    nonsense = [bad.answer(b"<html>")] * bearing.MOST
    server.on("/api/train_start_all", server._train, *nonsense, server._train)
    last = do(rvc, server, work(folder, epochs=500), tmp_path / "t")[-1]
    assert isinstance(last, Failed)
    assert "JSON" in last.error.what
    assert server.stops == 1
    assert isinstance(do(rvc, server, work(folder), tmp_path / "again")[-1], Finished)


def test_a_page_that_refuses_while_it_is_given_up_is_stopped_all_the_same(
    rvc, server, folder, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(bearing, "AGAIN_S", 0.01)
    server.on("/api/predict", bad.answer(b"", 500), server._stop)

    given_up = at_the_second_epoch()
    said = do(rvc, server, work(folder, epochs=500), tmp_path / "t", **given_up)
    assert isinstance(said[-1], Cancelled)
    assert server.stops == 1
    assert isinstance(do(rvc, server, work(folder), tmp_path / "again")[-1], Finished)


@pytest.mark.parametrize(
    ("sound", "what"),
    [
        (wav(3.0, 24_000, bursts=6), "too little to learn a voice from"),
        (wav(3.0, 24_000, pitch=0.0), "is silent"),
        (b"RIFF no sound", ""),
    ],
)
def test_recordings_that_will_not_do_are_not_sent(
    rvc, server, folder, tmp_path, sound, what
) -> None:
    for path in folder.glob("*.wav"):
        path.unlink()
    (folder / "it.wav").write_bytes(sound)
    last = do(rvc, server, work(folder), tmp_path / "t")[-1]
    assert isinstance(last, Failed)
    assert what in last.error.what
    assert not server.trained


def test_names_change_nothing_and_an_empty_folder_is_told_of(folder, tmp_path) -> None:
    files = Files(tmp_path)
    before = files("anna/").content
    (folder / "take.0.wav").rename(folder / "z.wav")
    assert files("anna/").content == before
    (tmp_path / "empty").mkdir()
    with pytest.raises(OSError, match="holds no recordings"):
        files("empty/")
