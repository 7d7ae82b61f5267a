"""A child process spoken to in JSON lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from movie_director.core.errors import ServiceError, ServiceLost
from movie_director.core.worker_process import WorkerProcess

CHILD = """
import json, sys, time
for line in sys.stdin:
    job = json.loads(line)
    if job["do"] == "die":
        print("a last word", file=sys.stderr)
        sys.exit(7)
    if job["do"] == "mumble":
        print("not json", flush=True)
    if job["do"] == "sleep":
        time.sleep(60)
    print(json.dumps({"done": job["do"]}), flush=True)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[WorkerProcess]:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    process = WorkerProcess(script)
    yield process
    process.close(timeout=0.5)


def answer(process: WorkerProcess, seconds: float = 10.0) -> object:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        got = process.receive(0.1)
        if got is not None:
            return got
    raise AssertionError("the child said nothing")


def test_a_request_is_answered(child: WorkerProcess) -> None:
    child.send({"do": "one"})
    child.send({"do": "two"})
    assert [answer(child), answer(child)] == [{"done": "one"}, {"done": "two"}]


def test_a_line_that_is_not_json_is_passed_over(child: WorkerProcess) -> None:
    child.send({"do": "mumble"})
    assert answer(child) == {"done": "mumble"}


def test_nothing_said_in_time_is_none(child: WorkerProcess) -> None:
    assert child.receive(0.01) is None


def test_a_child_that_dies_is_lost_with_its_last_words(child: WorkerProcess) -> None:
    child.send({"do": "die"})
    with pytest.raises(ServiceLost, match=r"code 7: a last word"):
        answer(child)
    with pytest.raises(ServiceLost):
        child.receive(0.1)
    assert not child.alive


def test_sending_to_a_dead_child_says_that_it_is_lost(child: WorkerProcess) -> None:
    child.kill()

    def send_until_it_is_noticed() -> None:
        for _ in range(100):
            child.send({"do": "one"})

    with pytest.raises(ServiceLost):
        send_until_it_is_noticed()


def test_closing_ends_a_child_that_is_busy(child: WorkerProcess) -> None:
    child.send({"do": "sleep"})
    began = time.monotonic()
    child.close(timeout=0.2)
    assert not child.alive
    assert time.monotonic() - began < 5


def test_closing_twice_is_safe(child: WorkerProcess) -> None:
    child.close()
    child.close()
    assert not child.alive


def test_the_child_ends_when_its_input_ends(child: WorkerProcess) -> None:
    child.send({"do": "one"})
    answer(child)
    child.close(timeout=5)
    assert not child.alive


def test_a_child_that_cannot_be_started_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "nothing"))
    with pytest.raises(ServiceError, match="could not be started"):
        WorkerProcess(tmp_path / "child.py")
