"""Music by ACE-Step's REST server; a scripted one, on a real socket."""

from __future__ import annotations

import pathlib
import sys
import time
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Progressed,
    Running,
    Setup,
    Unknown,
)
from movie_director.core.step import MUSIC
from movie_director.executors import ace_step
from movie_director.executors._service import bearing, errand
from movie_director.executors._service.letter import Letter, write_letter
from movie_director.executors.ace_step import AceStep

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from servers import misbehaving as bad
from servers.ace_step import AceStepServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AceStepServer]:
    monkeypatch.setattr(ace_step, "POLL_S", 0.02)
    with AceStepServer() as running:
        yield running


@pytest.fixture
def music() -> Iterator[AceStep]:
    made = AceStep(Setup(cores=1, memory_bytes=2**30), served.QUICK)
    yield made
    made.close()


def test_a_piece_is_asked_for_alone_and_as_wav(music, server, tmp_path) -> None:
    said = served.do(music, server.url, served.music(), tmp_path)
    assert isinstance(said[-1], Finished)
    (asked,) = server.asked_for
    assert "a slow waltz" in asked.pop("prompt")
    assert asked == {
        "lyrics": "[Instrumental]", "thinking": False, "audio_format": "wav", "batch_size": 1,
        "audio_duration": 10.0, "inference_steps": 8, "use_random_seed": False, "seed": 3,
        "bpm": 90,
    }  # fmt: skip


def test_its_length_is_measured_and_its_seed_and_model_are_kept(music, server, tmp_path) -> None:
    made = served.produced(served.do(music, server.url, served.music(), tmp_path))
    assert made.facts["seconds"] == pytest.approx(3.0, abs=0.01)
    with wave.open(str(made.path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (48_000, 2)
    assert (made.recipe["seed"], made.recipe["model"]) == (3, "acestep-v15-turbo")


def test_progress_is_what_the_server_says_and_never_falls(music, server, tmp_path) -> None:
    said = served.do(music, server.url, served.music(), tmp_path)
    told = [event for event in said if isinstance(event, Progressed)]
    assert [each.fraction for each in told] == sorted(each.fraction for each in told)
    assert "diffusing" in {each.note for each in told}


def test_other_servers_are_not_taken_for_it(music) -> None:
    with bad.Misbehaving() as other:
        other.on("*", bad.says({"paths": {"/release_task": {}}}))
        assert music.identify(other.url) is None


def test_given_up_it_ends_at_once_and_says_that_the_server_goes_on(music, server, tmp_path) -> None:
    server.seconds = 1.0
    cancel = CancelFlag()
    served.when(lambda: server.running == 1, cancel.set)
    said = served.do(music, server.url, served.music(), tmp_path / "1", cancel=cancel)
    assert isinstance(said[-1], Cancelled)
    assert server.running == 1
    health = music.health(served.found(music, server.url))
    assert (health.waiting, "cannot be stopped" in health.note) == (1, True)


def test_the_next_piece_waits_for_what_was_given_up(music, server, tmp_path) -> None:
    server.seconds = 0.8
    cancel = CancelFlag()
    served.when(lambda: server.running == 1, cancel.set)
    served.do(music, server.url, served.music(), tmp_path / "1", cancel=cancel)
    handed_in: list[int] = []
    served.when(lambda: len(server.asked_for) == 2, lambda: handed_in.append(server.running))
    said = served.do(music, server.url, served.music(), tmp_path / "2")
    assert isinstance(said[-1], Finished)
    notes = [event.note for event in said if isinstance(event, Progressed)]
    assert "waiting: it still makes what was given up" in notes
    assert handed_in == [1]
    assert music.health(served.found(music, server.url)).waiting == 0


@pytest.mark.parametrize(
    "file", ["http://example.org/x.wav", "/etc/passwd", "/v1/audio?path=\n", "../../x"]
)
def test_a_file_is_only_asked_for_where_files_are_given(music, server, tmp_path, file) -> None:
    server.result = {"file": file}
    served.do(music, server.url, served.music(), tmp_path)
    assert set(server.paths()) <= {
        "/openapi.json", "/health", "/release_task", "/query_result", "/v1/audio",
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"<html>", b"", b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_sound_is_refused(music, server, tmp_path, body) -> None:
    server.body = body
    last = served.do(music, server.url, served.music(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert last.error.where == "node"
    assert not (tmp_path / "made").exists()


def test_a_task_that_failed_says_why(music, server, tmp_path) -> None:
    server.failing = True
    last = served.do(music, server.url, served.music(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert "no model loaded" in last.error.what


@pytest.mark.parametrize(
    "manner",
    [bad.says([]), bad.says({"data": {}}), bad.deep(10_000),
     bad.says({"data": [], "error": "busy"}), bad.answer(b"<html>", kind="text/html")],
)  # fmt: skip
def test_nonsense_is_a_failure_with_a_remedy(music, server, tmp_path, manner) -> None:
    server.on("/release_task", manner)
    last = served.do(music, server.url, served.music(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert last.error.remedy


@pytest.mark.parametrize("path", ["/query_result", "/v1/audio"])
@pytest.mark.parametrize("manner", [bad.answer(b"", 500), bad.answer(b"<html>", 500)])
def test_a_piece_is_not_given_up_for_an_answer_that_cannot_be_used(
    music, server, tmp_path, monkeypatch, path, manner
) -> None:
    monkeypatch.setattr(bearing, "AGAIN_S", 0.01)
    monkeypatch.setattr(errand, "_PAUSES", (0.01, 0.01))
    good = {"/query_result": server._query, "/v1/audio": server._audio}[path]
    server.on(path, manner, manner, good)
    assert isinstance(served.do(music, server.url, served.music(), tmp_path)[-1], Finished)
    assert len(server.asked_for) == 1


def test_a_piece_is_never_handed_in_twice_by_itself(music, server, tmp_path) -> None:
    taken: list[bytes] = []

    def take_and_hang_up(request: bad.Request, line: bad.Line) -> None:
        taken.append(request.body)
        line.keep = False

    server.on("/release_task", take_and_hang_up)
    last = served.do(music, server.url, served.music(), tmp_path)[-1]
    assert len(taken) == 1
    assert isinstance(last, Lost)


def test_a_server_that_was_started_again_is_lost(music, server, tmp_path) -> None:
    server.seconds = 60.0
    served.when(lambda: server.running == 1, server.forget)
    last = served.do(music, server.url, served.music(), tmp_path)[-1]
    assert isinstance(last, Lost)
    assert "started again" in last.error.what


def test_a_server_that_dies_is_lost_within_two_seconds(music, server, tmp_path) -> None:
    server.seconds = 60.0
    died: list[float] = []

    def die() -> None:
        died.append(time.monotonic())
        server.close()

    served.when(lambda: server.running == 1, die)
    assert isinstance(served.do(music, server.url, served.music(), tmp_path)[-1], Lost)
    assert time.monotonic() - died[0] < 2.0


def left(server: AceStepServer, folder: pathlib.Path, job: str = "") -> Any:
    """What a run leaves that ended while its task went on."""
    work = served.music()
    if not job:
        with server._guard:
            job = "11111111-1111-4111-8111-111111111111"
            server._tasks[job] = (time.monotonic(), time.monotonic() + 0.2)
    paper = served.ticket(work, folder)
    letter = Letter(
        address=server.url, job=job, kind=MUSIC, node=work.node, inputs=work.inputs, recipe={}
    )
    write_letter(folder, letter)
    return paper


def test_a_task_that_goes_on_is_followed_by_the_next_run(music, server, tmp_path) -> None:
    said: list[Event] = []
    paper = left(server, tmp_path / "t")
    assert music.reattach(paper, said.append, CancelFlag()) == Running()
    assert isinstance(said[-1], Finished)
    assert server.asked_for == []
    assert not [event for event in said if isinstance(event, Accepted)]


def test_a_task_that_nobody_knows_may_be_handed_in(music, server, tmp_path) -> None:
    paper = left(server, tmp_path / "t", job="gone")
    assert music.reattach(paper, lambda event: None, CancelFlag()) == Unknown()


def test_a_task_whose_server_is_away_is_not_handed_in_again(music, server, tmp_path) -> None:
    paper, said = left(server, tmp_path / "t"), list[Event]()
    server.close()
    assert music.reattach(paper, said.append, CancelFlag()) == Running()
    assert [type(event) for event in said] == [Lost]


def test_what_it_makes_is_bounded(music) -> None:
    assert music.offer(served.want(MUSIC, seconds=601.0)) == ()
    assert music.offer(served.want(served.Kind("clip"))) == ()
    assert len(music.offer(served.want(MUSIC, seconds=599.0))) == 1
