"""Many shots on ComfyUI servers that do everything wrong: nothing lost, foreign or made twice.

Each operation gets faults from a seed: what is tried, what breaks and when is the same every time,
as far as threads allow.  ``MOVIE_DIRECTOR_CHAOS`` is how many operations there are (``make chaos``).
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
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
    Ticket,
)
from movie_director.core.step import Service
from movie_director.executors.comfyui import ComfyUI

from tests.comfyui_films import QUICK, VERSIONS, executor, placed, shot, ticket, workflow
from tests.servers.comfyui import ComfyServer, error_500
from tests.servers.misbehaving import answer, drop

OPERATIONS = int(os.environ.get("MOVIE_DIRECTOR_CHAOS", "60"))
SEED = int(os.environ.get("MOVIE_DIRECTOR_CHAOS_SEED", "1"))
MOST_ATTEMPTS = 8
LAST = (Finished, Failed, Cancelled, Lost)


@dataclass
class Place:
    """One address, and the servers that lived there one after the other."""

    server: ComfyServer
    service: Service
    lives: list[ComfyServer] = field(default_factory=list)
    foreign: list[tuple[ComfyServer, str]] = field(default_factory=list)

    def restart(self) -> None:
        """Kill it and bring it back empty."""
        self.server.close()
        self.lives.append(self.server)
        self.server = self.server.reborn()


@dataclass
class Operation:
    """One shot that is asked for: its tickets, and how it ended."""

    number: int
    fault: str
    tickets: list[str] = field(default_factory=list)
    last: Event | None = None
    produced: int = 0
    attempts: int = 0


def _mangle(draw: random.Random) -> Callable[[Any], list[Any]]:
    def mangle(message: Any) -> list[Any]:
        way = draw.random()
        if way < 0.2:
            return []
        if way < 0.4:
            return [message, message]
        return [message[: len(message) // 2]] if way < 0.6 else [message]

    return mangle


def _before(place: Place, fault: str, draw: random.Random) -> None:
    """What is set up before the work is sent."""
    server = place.server
    server.mangle = _mangle(draw) if fault == "mangled" else lambda message: [message]
    once: dict[str, tuple[str, Any]] = {
        "500 and queued": ("/prompt", server.behind(error_500)),
        "dropped and queued": ("/prompt", server.behind(drop)),
        "500": ("/prompt", error_500),
        "dropped": ("/prompt", drop),
        "503": ("/prompt", answer(b"", 503)),
        "queue broken": ("/queue", error_500),
        "file gone": ("/view", answer(b"", 404)),
        "file is a page": ("/view", answer(b"<html>", kind="text/html")),
    }
    if fault in once:
        path, manner = once[fault]
        server.on(path, manner, server.really)
    if fault == "others":
        place.foreign += [(server, id) for id in server.foreign(draw.uniform(0.0, 0.1), 3)]
    if fault == "worker died":
        server.worker.alive = False
    if fault == "does not heed":
        server.ignored_stops = 2
    if fault == "quiet":
        server.quiet.set()


def _meanwhile(place: Place, fault: str, cancel: CancelFlag, draw: random.Random) -> None:
    """What happens while it is under way, on a thread of its own."""
    time.sleep(draw.uniform(0.0, 0.15))
    if fault == "socket dropped":
        place.server.drop_sockets()
    elif fault in ("cancelled", "does not heed"):
        cancel.set()
    elif fault == "killed":
        place.restart()
    elif fault == "frozen":
        place.server.freeze()
        time.sleep(0.4)
        place.server.thaw()
    elif fault == "worker died":
        time.sleep(0.8)
        place.restart()
    elif fault == "quiet":
        time.sleep(0.2)
        place.server.loud()


FAULTS = (
    "none", "none", "none", "500 and queued", "dropped and queued", "500", "dropped", "503",
    "queue broken", "file gone", "file is a page", "others", "does not heed", "quiet", "mangled",
    "socket dropped", "cancelled", "killed", "frozen", "worker died",
)  # fmt: skip


def _carry_out(maker: ComfyUI, place: Place, operation: Operation, root: Path, seed: int) -> None:
    """One operation as a run would do it: attempts, taking up what was lost."""
    draw = random.Random(seed)
    step = shot(operation.number)
    work = placed(step, place.service)
    cancel = CancelFlag()
    _before(place, operation.fault, draw)
    beside = threading.Thread(target=_meanwhile, args=(place, operation.fault, cancel, draw))
    beside.start()
    left: Ticket | None = None
    for _ in range(MOST_ATTEMPTS):
        operation.attempts += 1
        events: list[Event] = []
        paper = ticket(step, root)
        taken = maker.reattach(left, events.append, cancel) if left is not None else None
        if isinstance(taken, Finished):
            events.append(taken)
        elif not isinstance(taken, Running):
            operation.tickets.append(paper.id)
            maker.run(work, paper, events.append, cancel)
        ends = [event for event in events if isinstance(event, LAST)]
        assert len(ends) == 1, events
        assert events[-1] is ends[0]
        moves = [event.fraction for event in events if isinstance(event, Progressed)]
        assert moves == sorted(moves)
        operation.last = ends[0]
        operation.produced += sum(isinstance(event, Produced) for event in events)
        if isinstance(ends[0], Lost):
            left = left if isinstance(taken, Running) else paper
        elif not (isinstance(ends[0], Failed) and ends[0].transient):
            break
        else:
            left = None
        time.sleep(0.1)
    beside.join()


def _error(event: Event | None) -> MovieDirectorError | None:
    return event.error if isinstance(event, Failed | Lost) else None


@pytest.mark.timeout(60 + OPERATIONS)
def test_nothing_is_lost_foreign_or_made_twice(tmp_path: Path) -> None:
    before = {thread.ident for thread in threading.enumerate()}
    maker = executor(pace=QUICK, workflows={"sleepy": workflow(seconds=0.1, ticks=5)})
    places = []
    for version in VERSIONS[1:]:
        server = ComfyServer(version)
        service = maker.identify(server.url)
        assert service is not None
        places.append(Place(server, service))
    draw = random.Random(SEED)
    operations = [Operation(n, draw.choice(FAULTS)) for n in range(1, OPERATIONS + 1)]
    seeds = [draw.randrange(2**32) for _ in operations]
    broken: list[BaseException] = []
    held = psutil.Process().memory_info().rss

    def work(which: int) -> None:
        root = tmp_path / str(which)
        root.mkdir()
        try:
            for operation, seed in list(zip(operations, seeds, strict=True))[which :: len(places)]:
                _carry_out(maker, places[which], operation, root, seed)
        except BaseException as error:
            broken.append(error)

    workers = [threading.Thread(target=work, args=(which,)) for which in range(len(places))]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    maker.close()
    for place in places:
        place.server.close()
        place.lives.append(place.server)
    assert not broken, broken
    _judge(operations, places)
    _nothing_left(before, held)


def _judge(operations: list[Operation], places: list[Place]) -> None:
    lost = [each for each in operations if not _settled(each)]
    assert lost == []
    lives = [server for place in places for server in place.lives]
    twice = {
        id: count
        for server in lives
        for id, count in Counter(server.worker.ran).items()
        if count > 1
    }
    assert twice == {}, "an id ran twice"
    for each in operations:
        for server in lives:
            made = [id for id in each.tickets if id in server.worker.ran]
            assert len(made) <= 1, f"{each} was made {len(made)} times by one server"
        assert each.produced == isinstance(each.last, Finished)
        error = _error(each.last)
        assert error is None or error.remedy
    for place in places:
        for server, id in place.foreign:
            entry = server.worker.history.get(id)
            if server is place.lives[-1] or entry is not None:
                assert entry is None or entry["status"]["status_str"] == "success", "another's work"
            stopped = id in server.worker.stop_ids
            assert not stopped, "another's work was stopped"


def _settled(operation: Operation) -> bool:
    """Whether it ended as its fault allows: made, cancelled where that was asked, refused where
    the server sent what is no clip or broke for good."""
    last, fault = operation.last, operation.fault
    if isinstance(last, Finished):
        return True
    if isinstance(last, Cancelled):
        return fault in ("cancelled", "does not heed")
    return isinstance(last, Failed) and fault in ("500", "file is a page")


def _nothing_left(before: set[int | None], held: int) -> None:
    until = time.monotonic() + 10
    left: list[str] = []
    while time.monotonic() < until:
        left = [t.name for t in threading.enumerate() if t.ident not in before]
        if not left:
            break
        time.sleep(0.05)
    assert left == []
    assert psutil.Process().memory_info().rss - held < 200 * 2**20
