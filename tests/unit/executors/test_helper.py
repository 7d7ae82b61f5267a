"""The helper process and its library for Gradio: it keeps to itself, and ends with us."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from movie_director.core.errors import ServiceLost, StepFailed
from movie_director.core.executor import CancelFlag
from movie_director.executors._helper import Helper, process

HELPER = os.environ.get("MOVIE_DIRECTOR_HELPER", "")
needs_helper = pytest.mark.skipif(
    not HELPER, reason="MOVIE_DIRECTOR_HELPER names no Python with the helper's libraries"
)


@pytest.fixture
def frozen() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(5)
        yield taken


def question(frozen: socket.socket, **changes: float) -> dict[str, object]:
    base = f"http://127.0.0.1:{frozen.getsockname()[1]}"
    waits = {"silence_s": 20.0, "connect_s": 5.0, "whole_s": 60.0, **changes}
    return {"base": base, "function": 0, "inputs": [], "headers": {}, **waits}


def ignored(fraction: float, note: str) -> None:
    """Nobody wants to hear it."""


def test_a_library_that_is_not_there_is_a_failed_step(monkeypatch, frozen) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", sys.executable)
    helper = Helper()
    with pytest.raises(StepFailed, match="ModuleNotFoundError"):
        helper.do("gradio.call", question(frozen), ignored, CancelFlag())
    helper.close()


@needs_helper
def test_a_server_that_never_answers_is_silent(frozen) -> None:
    helper = Helper()
    told = helper.do("gradio.call", question(frozen, silence_s=1.0), ignored, CancelFlag())
    assert told == {"outcome": "silent"}
    helper.close()


@needs_helper
def test_a_job_that_says_nothing_is_given_up_and_its_process_ended(frozen) -> None:
    helper = Helper()
    task = helper.begin("gradio.call", question(frozen))
    with pytest.raises(ServiceLost, match="said nothing"):
        task.follow(ignored, CancelFlag(), stall_s=0.5)
    assert not task._process.alive
    helper.close()


@needs_helper
def test_given_up_it_goes_on_until_it_is_ended(frozen) -> None:
    helper, cancel = Helper(), CancelFlag()
    task = helper.begin("gradio.call", question(frozen))
    cancel.set()
    assert task.follow(ignored, cancel) is None
    assert not task.over()
    task.end()
    helper.close()


@needs_helper
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for the end of an input")
def test_it_ends_with_its_input_in_the_middle_of_a_wait(frozen) -> None:
    child = subprocess.Popen(
        [HELPER, "-X", "utf8", "-P", str(process.SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    line = {"job": "gradio.call", "arguments": question(frozen)}
    child.stdin.write(json.dumps(line).encode() + b"\n")
    child.stdin.flush()
    assert select.select([frozen], [], [], 30.0)[0], "it never asked"
    began = time.monotonic()
    with frozen.accept()[0]:
        child.stdin.close()
        assert child.wait(timeout=15.0) == 0
    assert time.monotonic() - began < 5.0
    child.stdout.close()
