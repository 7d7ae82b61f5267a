"""Wan2GP, ACE-Step and speech servers: ids are the servers' own, or there are none."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from movie_director.core.executor import CancelFlag, Setup
from movie_director.executors.ace_step import AceStep
from movie_director.executors.openai_speech import OpenAISpeech
from movie_director.executors.wan2gp import Wan2GP

from tests import served
from tests.chaos import faults
from tests.chaos.entry import Entry, Fault, Work, length, mark, marks_in
from tests.chaos.lane import Lane
from tests.chaos.patience import PATIENCE
from tests.servers import misbehaving as bad
from tests.servers.ace_step import AceStepServer
from tests.servers.sounds import wav
from tests.servers.speech import LETTERS_PER_SECOND, SpeechServer
from tests.servers.wan2gp import Wan2GPServer

#: Where no answer may lead us.
ELSEWHERE = "//192.0.2.1/x"
AWAY = {"file": f"http:{ELSEWHERE}"}
STARVED = {"success": False, "errors": [{"message": "CUDA out of memory."}]}
SETUP = Setup(cores=1, memory_bytes=2**30)
COMMON = (faults.NONE, faults.CANCELLED, faults.CANCELLED_AT, *faults.WIRE)


def _wan_others(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """Somebody else's job goes on when ours is to be handed in."""
    del draw, cancel
    settings = {"model_type": "t2v_1.3B", "num_inference_steps": 4, "video_length": 5}
    with contextlib.suppress(RuntimeError):
        lane.theirs.add(lane.server.wangp_generate(settings, False, 1)["job_id"])
        lane.server.submitted.pop()


def _wan_calm(server: Wan2GPServer) -> None:
    server.outcome, server.link, server.falls = {}, None, False


def _wan_tidy(server: Wan2GPServer) -> None:
    server.asked.clear()
    server.forget_done()


def _harmed_jobs(server: Wan2GPServer, ids: Collection[str]) -> set[str]:
    return set(server.cancels) & set(ids)


def _sound(number: int, folder: Path) -> Work:
    del folder
    prompt, seconds = f"footsteps, {mark(number)}", length(number)
    return Work(step=served.sound(prompt=prompt, seed=number, seconds=seconds), seconds=seconds)


def _piece(number: int, folder: Path) -> Work:
    del folder
    step = served.music(prompt=f"a waltz, {mark(number)}", seed=number)
    return Work(step=step, seconds=length(number))


def _line(number: int, folder: Path) -> Work:
    del folder
    text = f"Op {number} {'a' * (8 + number % 40)}."
    return Work(step=served.speech(text), seconds=len(text) / LETTERS_PER_SECOND)


def _ace_server(folder: Path) -> AceStepServer:
    del folder
    server = AceStepServer(seconds=0.05)
    server.sounds = lambda asked: wav(length(asked["seed"]), 48_000) if asked else b""
    return server


def _ace_calm(server: AceStepServer) -> None:
    server.result, server.failing = {}, False


def _unwell(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """What comes is no sound."""
    del cancel
    sound = draw.choice([b"RIFF", b"", b"\0" * 5000, b"ID3" + b"\xff" * 400])
    lane.server.on("/v1/audio/speech", bad.answer(sound, kind="audio/wav"), lane.server.speak)


def _asked_only(server: Any) -> None:
    server.asked.clear()


def _said(server: SpeechServer) -> list[str]:
    return marks_in([str(each["input"]).lower() for each in server.said])


ENTRIES = (
    Entry(
        executor="wan2gp",
        share=0.14,
        makes=lambda: Wan2GP(SETUP, PATIENCE),
        server=lambda folder: Wan2GPServer(seconds=0.05),
        work=_sound,
        given=lambda server: marks_in(server.begun),
        faults=(
            faults.NONE, *faults.WIRE,
            # It stops a whole job, when it may have begun the next of those that go together.
            replace(faults.CANCELLED, strikes=1), replace(faults.CANCELLED_AT, strikes=1),
            Fault(name="others", does=_wan_others, weight=3.0),
            Fault(name="out of memory", does=faults.made(outcome=STARVED), ends=faults.MAY_FAIL),
            Fault(name="leads away", does=faults.made(link=ELSEWHERE), ends=faults.MAY_FAIL),
            Fault(name="progress falls", does=faults.made(falls=True), strikes=0),
        ),
        bound="it gives its jobs ids of its own and lists none: one whose id was lost is made again",
        ways=lambda server: {"/mcp/": server._mcp, "*": server._other},
        forget=lambda server: server.forget(),
        calm=_wan_calm,
        tidy=_wan_tidy,
        harmed=_harmed_jobs,
    ),
    Entry(
        executor="ace_step",
        share=0.14,
        makes=lambda: AceStep(SETUP, PATIENCE),
        server=_ace_server,
        work=_piece,
        given=lambda server: marks_in(server.asked_for),
        faults=(
            *COMMON,
            Fault(name="work failed", does=faults.made(failing=True), ends=faults.MAY_FAIL),
            Fault(name="leads away", does=faults.made(result=AWAY), ends=faults.MAY_FAIL),
        ),
        bound="it gives its tasks ids of its own and lists none: one whose id was lost is made again",
        ways=lambda server: {
            "/release_task": server._release, "/query_result": server._query,
            "/v1/audio": server._audio,
        },
        forget=lambda server: server.forget(),
        calm=_ace_calm,
        tidy=_asked_only,
    ),
    Entry(
        executor="openai_speech",
        share=0.14,
        makes=lambda: OpenAISpeech(SETUP, PATIENCE),
        server=lambda folder: SpeechServer(),
        work=_line,
        given=_said,
        faults=(*COMMON, Fault(name="no sound", does=_unwell, ends=faults.MAY_FAIL)),
        bound="it keeps nothing: a line whose sound was lost is said again",
        ways=lambda server: {"/v1/audio/speech": server.speak},
        tidy=_asked_only,
    ),
)  # fmt: skip
