"""Much work on servers for clips, music, speech and voices that break at every question.

Each operation gets one fault at one question, from a seed: the connection drops, the answer is lost
after the work was taken, the server is started again, is busy with somebody else's, answers nonsense;
or the work is given up.  ``MOVIE_DIRECTOR_CHAOS`` is how many operations there are (``make chaos``).
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import Digest
from movie_director.core.errors import MovieDirectorError
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Produced,
    Progressed,
    Running,
    Setup,
)
from movie_director.core.step import VOICE_CONVERSION, Artifact, Placed, Service, Step, StepId
from movie_director.executors import ace_step
from movie_director.executors._service import Served
from movie_director.executors._wan2gp import desk, following
from movie_director.executors.ace_step import AceStep
from movie_director.executors.openai_speech import OpenAISpeech
from movie_director.executors.rvc_python import RvcPython
from movie_director.executors.wan2gp import Wan2GP

from tests import served
from tests.servers import misbehaving as bad
from tests.servers.ace_step import AceStepServer
from tests.servers.rvc_python import RvcServer
from tests.servers.sounds import wav
from tests.servers.speech import SpeechServer
from tests.servers.wan2gp import Wan2GPServer

OPERATIONS = int(os.environ.get("MOVIE_DIRECTOR_CHAOS", "48"))
SEED = int(os.environ.get("MOVIE_DIRECTOR_CHAOS_SEED", "1"))
MOST_ATTEMPTS = 6
LAST = (Finished, Failed, Cancelled, Lost)
SETUP = Setup(cores=1, memory_bytes=2**30)


def swallowed(inner: bad.Manner) -> bad.Manner:
    """Take the question, act on it, and lose the answer."""

    def manner(request: bad.Request, line: bad.Line) -> None:
        near, far = socket.socketpair()
        with near, far:
            inner(request, bad.Line(near, line.over))
        line.keep = False

    return manner


@dataclass
class Maker:
    """One executor with its server; ``ways`` are the paths a fault may hit, and what is good there."""

    executor: Served
    server: Any
    ways: dict[str, bad.Manner]
    work: Callable[[int], Step]
    given: Callable[[], int]  #: how often the server was given work
    made: dict[StepId, Artifact] = field(default_factory=dict)
    service: Service | None = None
    theirs: set[str] = field(default_factory=set)  #: ids of somebody else's jobs

    def place(self, step: Step) -> Placed:
        self.service = self.service or served.found(self.executor, self.server.url)
        option = served.option_for(self.executor, step, self.service, backend={})
        return Placed(step=step, option=option, service=self.service)

    def good(self) -> None:
        for path, manner in self.ways.items():
            self.server.on(path, manner)


@pytest.fixture
def makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Maker]]:
    monkeypatch.setattr(following, "POLL_S", 0.01)
    monkeypatch.setattr(following, "BUSY_S", 0.02)
    monkeypatch.setattr(desk, "GATHER_S", 0.0)
    monkeypatch.setattr(ace_step, "POLL_S", 0.01)
    spoken = tmp_path / "line.wav"
    spoken.write_bytes(wav(0.5, 48_000))
    (tmp_path / "voice.pth").write_bytes(b"weights")
    facts = {"seconds": 0.5, "marks": [[0.0, "_"]], "words": [], "language": "en"}
    line, made = served.artifact("line:speech", spoken, **facts)
    voice = {
        "model": FileRef(path=tmp_path / "voice.pth", content=Digest("9")), "index": None,
        "index_rate": 0.75, "pitch": 0.0,
    }  # fmt: skip
    with contextlib.ExitStack() as stack:
        wan, ace = Wan2GPServer(seconds=0.05), AceStepServer(seconds=0.05)
        speech, rvc = SpeechServer(), RvcServer()
        for server in (wan, ace, speech, rvc):
            stack.enter_context(server)
        found = [
            Maker(Wan2GP(SETUP, served.QUICK), wan, {"/mcp/": wan._mcp},
                  lambda n: served.sound(seed=n), lambda: len(wan.submitted)),
            Maker(AceStep(SETUP, served.QUICK), ace,
                  {"/release_task": ace._release, "/query_result": ace._query,
                   "/v1/audio": ace._audio},
                  lambda n: served.music(seed=n), lambda: len(ace.asked_for)),
            Maker(OpenAISpeech(SETUP, served.QUICK), speech, {"/v1/audio/speech": speech.speak},
                  lambda n: served.speech(f"Line {n}."), lambda: len(speech.said)),
            Maker(RvcPython(SETUP, served.QUICK), rvc,
                  {"/convert": rvc._convert, "/params": rvc._params},
                  lambda n: served.step(VOICE_CONVERSION, {"speech": line, "voice": voice, "n": n}),
                  lambda: len(rvc.converted), made),
        ]  # fmt: skip
        for maker in found:
            stack.callback(maker.executor.close)
        yield found


@dataclass
class Operation:
    """One piece of work and how it went."""

    maker: Maker
    step: Step
    fault: str
    told: list[list[Event]] = field(default_factory=list)

    @property
    def end(self) -> Event:
        return self.told[-1][-1]


FAULTS = ("none", "drop", "reset", "swallow", "restart", "refuse", "nonsense", "give up", "others")


def break_something(maker: Maker, fault: str, draw: random.Random, cancel: CancelFlag) -> None:
    """One fault, at one question of one kind."""
    path, good = draw.choice(list(maker.ways.items()))
    before = [good] * draw.randrange(0, 8)

    def restart(request: bad.Request, line: bad.Line) -> None:
        if hasattr(maker.server, "forget"):
            maker.server.forget()
        bad.reset(request, line)

    def give_up(request: bad.Request, line: bad.Line) -> None:
        cancel.set()
        good(request, line)

    manners = {
        "drop": bad.drop, "reset": bad.reset, "swallow": swallowed(good), "restart": restart,
        "refuse": bad.says({"detail": "busy"}, 503), "nonsense": bad.answer(b"<html>"),
        "give up": give_up,
    }  # fmt: skip
    if fault in manners:
        maker.server.on(path, *before, manners[fault], good)
    if fault == "others" and isinstance(maker.server, Wan2GPServer):
        settings = {"model_type": "t2v_1.3B", "num_inference_steps": 4, "video_length": 5}
        with contextlib.suppress(RuntimeError):
            maker.theirs.add(maker.server.wangp_generate(settings, False, 1)["job_id"])
            maker.server.submitted.pop()


def carry_out(operation: Operation, root: Path, draw: random.Random) -> None:
    """As a run does it: again after a loss or a passing failure, taking up what may go on."""
    maker, cancel = operation.maker, CancelFlag()
    placed = maker.place(operation.step)
    break_something(maker, operation.fault, draw, cancel)
    left = None
    for attempt in range(MOST_ATTEMPTS):
        told: list[Event] = []
        operation.told.append(told)
        paper = served.ticket(operation.step, root / str(attempt), maker.made)
        taken_up = left is not None and maker.executor.reattach(left, told.append, cancel)
        if not isinstance(taken_up, Running):
            maker.executor.run(placed, paper, told.append, cancel)
        if isinstance(told[-1], Lost):
            left = left or paper
        elif not (isinstance(told[-1], Failed) and told[-1].transient):
            break
    maker.good()


def test_nothing_is_lost_foreign_or_untold(makers: list[Maker], tmp_path: Path) -> None:
    draw, ends = random.Random(SEED), Counter[str]()
    threads = threading.active_count()
    for number in range(OPERATIONS):
        maker = makers[number % len(makers)]
        operation = Operation(maker, maker.work(number), draw.choice(FAULTS))
        given = maker.given()
        root = tmp_path / f"op{number}"
        root.mkdir()
        carry_out(operation, root, draw)
        ends[type(operation.end).__name__] += 1
        check(operation, maker.given() - given)
    settle(makers, threads)
    wan = makers[0]
    assert wan.theirs
    assert wan.theirs.isdisjoint(wan.server.cancels), "somebody else's work was given up"
    assert ends["Lost"] == 0, ends
    assert ends["Finished"] >= OPERATIONS // 2, ends


def check(operation: Operation, given: int) -> None:
    """What holds for every operation, whatever broke."""
    told, what = operation.told, f"{operation.step.id}: {operation.fault}"
    for events in told:
        assert [event for event in events if isinstance(event, LAST)] == [events[-1]], what
        fractions = [event.fraction for event in events if isinstance(event, Progressed)]
        assert fractions == sorted(fractions), what
        assert all(event.step == operation.step.id for event in events), what
    results = [event for events in told for event in events if isinstance(event, Produced)]
    assert len(results) == isinstance(operation.end, Finished), what
    for result in results:
        assert result.path.stat().st_size == result.bytes > 0, what
    if isinstance(operation.end, Failed):
        error = operation.end.error
        assert isinstance(error, MovieDirectorError), what
        assert error.what, what
        assert error.remedy, what
        assert "bug" not in error.remedy, f"{what}: {error}"
        assert operation.fault not in ("none", "others", "give up"), f"{what}: {error}"
    if isinstance(operation.end, Cancelled):
        assert operation.fault == "give up", what
    # At most once more than attempts say, since a lost answer hides what was taken.
    assert given <= len(told) + 3, what


def settle(makers: list[Maker], threads: int) -> None:
    """Threads of ours are back where they began; the servers' own end with their connections."""
    for maker in makers:
        maker.executor.close()
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        ours = [each for each in threading.enumerate() if each.name.startswith("md-")]
        if not ours:
            return
        time.sleep(0.02)
    pytest.fail(f"still there: {ours}; there were {threads}")
