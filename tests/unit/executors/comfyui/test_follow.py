"""What the socket told in full is not asked for again; what it left out is."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.executor import Event, Finished
from movie_director.executors._comfyui.jobs import Queue, Runs
from movie_director.executors._comfyui.standstill import Pace, Standstill

from tests.comfyui_films import QUICK, executor, placed, shot, started, ticket
from tests.servers.comfyui import ComfyServer


def asked_for_history(server: ComfyServer) -> int:
    return sum(each.path.startswith("/history/") for each in server.asked)


def made(server: ComfyServer, folder: Path) -> list[Event]:
    maker = executor(pace=replace(QUICK, look=5.0))
    service = maker.identify(server.url)
    assert service is not None
    step = shot()
    try:
        return started(maker, placed(step, service), ticket(step, folder)).wait()
    finally:
        maker.close()


def test_a_result_told_in_full_is_fetched_at_once(tmp_path) -> None:
    with ComfyServer() as server:
        assert isinstance(made(server, tmp_path)[-1], Finished)
        assert asked_for_history(server) == 0


@pytest.mark.parametrize("lost", ["executed", "execution_success"])
def test_where_something_was_left_out_the_history_is_asked(lost, tmp_path) -> None:
    def mangle(message: Any) -> list[Any]:
        return [] if isinstance(message, str) and f'"{lost}"' in message else [message]

    with ComfyServer() as server:
        server.mangle = mangle
        assert isinstance(made(server, tmp_path)[-1], Finished)
        assert asked_for_history(server) == 1


def test_what_takes_hours_by_its_nature_may_be_silent_for_hours() -> None:
    """Nothing is told of a prompt that another connection sent."""
    pace = Pace(quiet=0.02, silent=0.02)
    hours, moments = Standstill(pace, 1000.0), Standstill(pace, 0.001)
    until = time.monotonic() + 5
    while not moments.look(Runs(), Queue()):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert not hours.look(Runs(), Queue())
