"""A soak of the watch: services that die, freeze, lie and come back at random, from a seed.

Whatever they do, the state of all of them can be had at once, threads stay alive and bounded, and
a person hears of each change once.  ``MOVIE_DIRECTOR_SOAK_S`` says how many seconds (6 by default).
"""

from __future__ import annotations

import itertools
import os
import pathlib
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from movie_director.core import service_state
from movie_director.core.address import parse_address
from movie_director.core.errors import ServiceLost
from movie_director.core.executor import Health
from movie_director.core.patience import Operation, Patience
from movie_director.core.service_state import State, Tell
from movie_director.core.step import DeviceId, Service, ServiceId
from movie_director.core.worker_watch import MOST_ASKERS, Place, Watch
from movie_director.executors._http import Http, Limits

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers import misbehaving as bad
from servers.misbehaving import Misbehaving

SEED = 20
COUNT = 12
#: What places are at some time or other.
SEEN = {State.READY, State.LOST, State.STALLED, State.UNAUTHORISED}
SECONDS = float(os.environ.get("MOVIE_DIRECTOR_SOAK_S", "6"))
#: A tick of the main thread may take this long (issue 3: 20 services, under 1 ms).
TICK_S = 0.001
QUICK = Patience(seconds=dict.fromkeys(Operation, 0.4), connect=0.4)


def ask(address: str) -> object:
    http = Http(parse_address(address), patience=QUICK)
    try:
        return http.get_json("/", operation=Operation.HEALTH, limits=Limits(bytes=10_000))
    finally:
        http.close()


def look(address: str) -> Service | None:
    try:
        said = ask(address)
    except ServiceLost as error:
        if error.silent:
            raise
        return None
    here = ServiceId(address)
    known = Service(id=here, executor="fake", address=address, device=DeviceId("x"))
    return known if said == "fake" else None


def feel(service: Service) -> Health:
    ask(service.address)
    return Health()


class Flapping:
    """A service on one port, which does something else whenever it is poked."""

    def __init__(self) -> None:
        self.server = Misbehaving()
        self.url, self.port = self.server.url, self.server.port
        self.alive = True
        self.well()

    def well(self) -> None:
        """As a service should be."""
        if not self.alive:
            self.server, self.alive = Misbehaving(self.port), True
        self.server.thaw()
        self.server.on("*", bad.says("fake"))

    def die(self) -> None:
        if self.alive:
            self.server.close()
        self.alive = False

    def poke(self, draw: random.Random) -> None:
        """Something else: well again half of the time."""
        deeds: list[Callable[[], object]] = [self.die, *self._lies()]
        draw.choice([self.well] * len(deeds) + deeds)()

    def _lies(self) -> list[Callable[[], object]]:
        if not self.alive:
            return []
        manners = (
            bad.drop, bad.reset, bad.endless(), bad.gzip_bomb(5), bad.says("other"),
            bad.answer(b"", 500), bad.answer(b"", 401), bad.redirect("http://192.0.2.1/"),
            bad.truncated(b"[", 100),
        )  # fmt: skip
        lies = [lambda manner=each: self.server.on("*", manner) for each in manners]
        return [self.server.freeze, *lies]


def ours() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if each.name.startswith("md-")}


@pytest.fixture
def services() -> Iterator[list[Flapping]]:
    services = [Flapping() for _ in range(COUNT)]
    yield services
    for each in services:
        each.die()


@pytest.fixture
def threads() -> set[threading.Thread]:
    """Ours that were there before the watch."""
    return ours()


@pytest.fixture
def watch(services, threads, monkeypatch) -> Iterator[Watch]:
    monkeypatch.setattr(service_state, "RETRY_S", 0.3)
    monkeypatch.setattr(service_state, "HEALTH_S", 0.1)
    monkeypatch.setattr(service_state, "SILENCE_S", 0.5)
    watch = Watch(look, feel)
    watch.watch([Place(address=each.url, named=True) for each in services])
    yield watch
    watch.close()


@pytest.mark.slow
def test_whatever_services_do_their_states_can_be_had_and_the_threads_live(
    services, threads, watch
) -> None:
    draw, before = random.Random(SEED), threads
    news: list[Tell] = []
    ticks, states = [], set()
    ends, poke_at = time.monotonic() + SECONDS, 0.0
    memory = 0
    # Which states come up in the time is for chance and the machine's load: some more is given for all.
    while (now := time.monotonic()) < ends or (not states >= SEEN and now < ends + 5 * SECONDS):
        if now > poke_at:
            draw.choice(services).poke(draw)
            poke_at = now + draw.uniform(0.0, 0.1)
            memory = memory or psutil.Process().memory_info().rss
        start = time.thread_time()
        seen = watch.drain()
        ticks.append(time.thread_time() - start)
        news += seen.news
        states |= {each.state for each in seen.places.values()}
        assert any(each.name == "md-watch" for each in ours() - before)
        assert len(ours() - before) <= 1 + MOST_ASKERS
        time.sleep(0.01)
    assert sum(tick < TICK_S for tick in ticks) >= 0.99 * len(ticks)
    assert states >= SEEN
    grown = psutil.Process().memory_info().rss - memory
    assert grown < 100 * 2**20  # bombs and endless bodies, all refused

    for each in services:
        each.well()
    deadline = time.monotonic() + 15
    while {each.state for each in seen.places.values()} != {State.READY}:
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)
        seen = watch.drain()
        news += seen.news
    # Nobody hears twice in a row that a service is well, nor the same bad news.
    for service in services:
        told = [(each.good, each.what) for each in news if each.address == service.url]
        assert told
        assert all(one != other for one, other in itertools.pairwise(told))

    assert watch.close()
    deadline = time.monotonic() + 10
    while ours() - before:
        assert time.monotonic() < deadline, ours() - before
        time.sleep(0.02)
