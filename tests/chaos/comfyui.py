"""ComfyUI: its ids are ours, so nothing may be lost, foreign or made twice whatever it does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from random import Random
from typing import Any

from movie_director.core.executor import CancelFlag

from tests.chaos import faults
from tests.chaos.entry import Beside, Break, Entry, Fault, Ways, Work
from tests.chaos.lane import Lane
from tests.comfyui_films import QUICK, VERSIONS, executor, shot, workflow
from tests.servers.comfyui import ComfyServer, error_500
from tests.servers.comfyui_worker import OutOfMemoryError
from tests.servers.misbehaving import Manner, answer, drop

_PAUSE = threading.Event()


def _mangle(draw: Random) -> Callable[[Any], list[Any]]:
    def mangle(message: Any) -> list[Any]:
        way = draw.random()
        if way < 0.2:
            return []
        if way < 0.4:
            return [message, message]
        return [message[: len(message) // 2]] if way < 0.6 else [message]

    return mangle


def _once(path: str, make: Callable[[ComfyServer], Manner]) -> Break:
    """One question is answered otherwise."""

    def plant(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
        del draw, cancel
        lane.server.on(path, make(lane.server), lane.server.really)

    return plant


def _mangled(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del cancel
    lane.server.mangle = _mangle(draw)


def _others(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del cancel
    lane.theirs.update(lane.server.foreign(draw.uniform(0.0, 0.1), 3))


def _others_and_given_up(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside | None:
    _others(lane, draw, cancel)
    return faults.given_up(lane, draw, cancel)


def _heedless(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside | None:
    lane.server.ignored_stops = 2
    return faults.given_up(lane, draw, cancel)


def _sockets_dropped(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    del cancel
    at = draw.uniform(0.0, 0.15)

    def beside() -> None:
        _PAUSE.wait(at)
        lane.server.drop_sockets()

    return beside


def _quiet(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    del cancel
    lane.server.quiet.set()
    at = draw.uniform(0.2, 0.4)

    def beside() -> None:
        _PAUSE.wait(at)
        lane.server.loud()

    return beside


def _worker_dies(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    """Its worker is dead while all else answers, until somebody starts it again."""
    del cancel
    lane.server.worker.alive = False
    at = draw.uniform(0.8, 1.0)

    def beside() -> None:
        _PAUSE.wait(at)
        lane.die()
        lane.rise()

    return beside


def _starves(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """The card is full, once; for us, not for others' work that still lies there."""
    del draw, cancel
    worker = lane.server.worker

    def once(node: Any) -> None:
        if worker.running is not None and worker.running.id in lane.theirs:
            return
        del node, worker._load
        raise OutOfMemoryError("Allocation on device 0 would exceed allowed memory.")

    worker._load = once


def _climbs(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """It names files that climb out of our folder."""
    del draw, cancel
    lane.server.worker.rename = lambda name, folder: (f"../../{name}", "../../etc")


OWN = (
    Fault(name="500 and queued", does=_once("/prompt", lambda s: s.behind(error_500))),
    Fault(name="dropped and queued", does=_once("/prompt", lambda s: s.behind(drop))),
    Fault(name="queue broken", does=_once("/queue", lambda s: error_500)),
    Fault(name="file gone", does=_once("/view", lambda s: answer(b"", 404))),
    Fault(
        name="file is a page", does=_once("/view", lambda s: answer(b"<html>", kind="text/html")),
        ends=faults.MAY_FAIL,
    ),
    Fault(name="others", does=_others, weight=2.0),
    Fault(name="others, given up", does=_others_and_given_up, ends=frozenset({"Cancelled"})),
    Fault(name="does not heed", does=_heedless, ends=frozenset({"Cancelled"})),
    Fault(name="messages mangled", does=_mangled),
    Fault(name="sockets dropped", does=_sockets_dropped),
    Fault(name="nothing told", does=_quiet),
    Fault(name="worker dead", does=_worker_dies, weight=0.5),
    Fault(name="out of memory", does=_starves),
    Fault(name="climbing names", does=_climbs, ends=faults.MAY_FAIL),
)  # fmt: skip


def _named_so(name: str, folder: str) -> tuple[str, str]:
    return name, folder


def _calm(server: ComfyServer) -> None:
    server.mangle = lambda message: [message]
    server.ignored_stops = 0
    if server.worker.rename is not _named_so:
        server.worker.rename = _named_so
        server.worker.forget()  # what it would say again of the same prompt
    server.loud()


def _ways(server: ComfyServer) -> Ways:
    return dict.fromkeys(("/prompt", "/queue", "/view"), server.really)


def _harmed(server: ComfyServer, ids: Collection[str]) -> set[str]:
    """Others' prompts that were stopped, or taken out of the queue of a server that lives."""
    told = {id: server.worker.history.get(id) for id in ids}
    bad = {id for id, entry in told.items() if entry and entry["status"]["status_str"] != "success"}
    with server.worker.lock:
        there = {item.id for item in server.worker.waiting}
        if server.worker.running is not None:
            there.add(server.worker.running.id)
    mine = {id for id in ids if id in server.queued}
    gone = mine - there - set(server.worker.ran) if server.worker.alive else set()
    return (bad | (server.worker.stop_ids & set(ids)) | gone) - {server.worker.died_with}


def _tidy(server: ComfyServer) -> None:
    server.asked.clear()


def _entry(version: str, share: float) -> Entry:
    return Entry(
        executor="comfyui",
        variant=version,
        share=share,
        makes=lambda: executor(pace=QUICK, workflows={"sleepy": workflow(seconds=0.05, ticks=4)}),
        server=lambda folder: ComfyServer(version),
        work=lambda number, folder: Work(step=shot(number), workflow="sleepy"),
        given=lambda server: list(server.queued),
        ran=lambda server: list(server.worker.ran),
        faults=(faults.NONE, faults.CANCELLED, faults.CANCELLED_AT, *faults.WIRE, *OWN),
        exactly_once=True,
        ways=_ways,
        reborn=lambda server: server.reborn(),
        calm=_calm,
        tidy=_tidy,
        harmed=_harmed,
    )


ENTRIES = tuple(
    _entry(version, share) for version, share in zip(VERSIONS, (0.08, 0.08, 0.12), strict=True)
)
