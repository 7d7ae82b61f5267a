"""One server proved from end to end: what works, what does not, and nobody else's work touched."""

from __future__ import annotations

import json
import pathlib
import threading
from collections.abc import Iterator

import pytest
from movie_director.cli import main
from movie_director.core.address import parse_address
from movie_director.core.executor import CancelFlag
from movie_director.core.patience import Patience
from movie_director.executors._comfyui.proof import Checked, prove
from movie_director.executors._comfyui.server import Server
from movie_director.executors._finding import OFF
from movie_director.executors._http import Stopped

from tests.comfyui_films import QUICK, VERSIONS
from tests.servers.comfyui import ComfyServer, wait_for
from tests.servers.misbehaving import Line, Request, answer, drop
from tests.servers.speech import SpeechServer

#: What no server without models can show.
UNKNOWN = {"previews"}


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[ComfyServer]:
    with ComfyServer(request.param) as made:
        made.worker.seconds["ImageBlur"] = 0.1
        yield made


@pytest.fixture
def newest() -> Iterator[ComfyServer]:
    with ComfyServer("0.33.0") as made:
        made.worker.seconds["ImageBlur"] = 0.1
        yield made


def proved(url: str, folder: pathlib.Path, cancel: CancelFlag | None = None) -> dict[str, Checked]:
    asking = Server(parse_address(url))
    try:
        found = prove(asking, folder, cancel or CancelFlag(), pace=QUICK, seed=7)
        return {each.name: each for each in found}
    finally:
        asking.close()


def test_all_is_proved_on_every_version_and_nothing_stays(server, tmp_path) -> None:
    threads = threading.active_count()
    found = proved(server.url, tmp_path)
    assert {name for name, each in found.items() if each.works is not True} == UNKNOWN
    assert "cancelled and the one before it ran on" in found["cancelling"].note
    assert server.worker.history == {}
    assert (server.worker.waiting, server.worker.running) == ([], None)
    wait_for(lambda: threading.active_count() <= threads, why="threads are left")


def test_work_of_others_is_waited_for_and_left_alone(server, tmp_path) -> None:
    theirs = server.foreign(0.3, 2)
    found = proved(server.url, tmp_path)
    assert "2 prompts of others" in found["answers"].note
    assert {name for name, each in found.items() if each.works is not True} == UNKNOWN
    assert all(server.worker.history[id]["status"]["completed"] for id in theirs)
    assert set(server.worker.history) == set(theirs)


def test_nobody_there_is_one_answer_with_a_remedy(tmp_path) -> None:
    found = proved("http://127.0.0.1:9", tmp_path)
    assert list(found) == ["answers"]
    assert found["answers"].works is False
    assert found["answers"].remedy


def test_somebody_else_there_is_not_taken_for_comfyui(newest, tmp_path) -> None:
    newest.on("/system_stats", answer(b'{"system": {"name": "another"}}'))
    found = proved(newest.url, tmp_path)
    assert list(found) == ["answers"]
    assert "no ComfyUI" in found["answers"].note


def test_without_a_word_on_the_socket_work_ends_and_progress_fails(newest, tmp_path) -> None:
    newest.quiet.set()
    found = proved(newest.url, tmp_path)
    assert found["picture"].works is True
    assert found["progress"].works is False
    assert "web sockets" in found["progress"].remedy


def test_files_that_are_not_what_they_are_called_are_told(newest, tmp_path) -> None:
    newest.on("/view", answer(b"<html>sign in</html>", kind="image/png"))
    found = proved(newest.url, tmp_path)
    assert found["picture"].works is False
    assert found["upload"].works is None  # there is no picture to send
    assert found["cancelling"].works is True


def test_a_file_that_never_comes_is_told_and_the_rest_goes_on(newest, tmp_path) -> None:
    newest.on("/view", drop)
    asking = Server(parse_address(newest.url), patience=Patience(attempts=1))
    found = {each.name: each for each in prove(asking, tmp_path, CancelFlag(), pace=QUICK, seed=7)}
    asking.close()
    assert (found["video"].works, found["cancelling"].works) == (False, True)


def test_a_server_that_does_not_stop_is_found_out(newest, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("movie_director.executors._comfyui.proof._TURN_S", 0.5)
    newest.ignored_stops = 10_000
    found = proved(newest.url, tmp_path)
    assert found["cancelling"].works is False
    assert found["cancelling"].remedy


def test_a_prompt_whose_turn_came_before_it_was_cancelled_is_no_failure(tmp_path) -> None:
    with ComfyServer("0.8.0") as quick:
        worker = quick.worker
        worker.seconds["ImageBlur"] = 0.1

        def too_late(request: Request, line: Line) -> None:
            if request.method == "POST":
                worker.hurry.set()
                wait_for(lambda: worker.running is None and not worker.waiting)
            quick.really(request, line)

        quick.on("/queue", too_late)
        found = proved(quick.url, tmp_path)
    assert (found["cancelling"].works, found["clean-up"].works) == (None, True)
    assert found["cancelling"].seconds < 20.0


def test_stopped_in_the_middle_it_leaves_nothing_of_ours_working(newest, tmp_path) -> None:
    cancel = CancelFlag()
    newest.worker.seconds["CreateVideo"] = 30.0
    asking = Server(parse_address(newest.url))
    checks = prove(asking, tmp_path, cancel, pace=QUICK, seed=7)
    names = [next(checks).name for _ in range(5)]
    threading.Timer(0.2, cancel.set).start()
    with pytest.raises(Stopped):
        next(checks)  # the clip, which takes half a minute
    asking.close()
    assert names[-1] == "upload"
    wait_for(lambda: newest.worker.running is None, why="our prompt still runs")


def test_the_command_tells_people_and_programs(newest, capsys) -> None:
    assert main(["services", "test", newest.url]) == 0
    said = capsys.readouterr().out
    assert "cancelling   works" in said
    assert "a film can be made with it" in said
    assert main(["services", "test", newest.url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["works"] is True
    assert [each["name"] for each in told["checks"]][:3] == ["answers", "socket", "picture"]


def test_the_command_fails_where_something_does_not_work(capsys) -> None:
    assert main(["services", "test", "127.0.0.1:9"]) == 1
    assert "FAILS" in capsys.readouterr().out


def test_the_command_says_who_else_is_there(capsys, monkeypatch) -> None:
    monkeypatch.delenv(OFF, raising=False)
    with SpeechServer() as speech:
        assert main(["services", "test", speech.url]) == 1
        said = capsys.readouterr().out
    assert "Kokoro TTS API 0.3 is there, no ComfyUI; only that is proved" in said
    assert f"movie-director services --add {speech.url}" in said


def test_another_machine_is_sent_nothing_unasked(capsys) -> None:
    assert main(["services", "test", "http://192.0.2.1:8188"]) != 0
    assert "--elsewhere" in capsys.readouterr().err
