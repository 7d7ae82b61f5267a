"""Watching real places: found, killed, frozen, back again; many at once, and closed in time."""

from __future__ import annotations

import pathlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from movie_director.core import service_state, worker_watch
from movie_director.core.address import parse_address
from movie_director.core.errors import InputError, ServiceError, ServiceLost
from movie_director.core.executor import Health
from movie_director.core.patience import Operation
from movie_director.core.service_state import State, Tell
from movie_director.core.step import DeviceId, Service, ServiceId
from movie_director.core.worker_watch import Place, Seen, Watch
from movie_director.executors._http import Http

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from servers import misbehaving as bad
from servers.misbehaving import Misbehaving


def look(address: str) -> Service | None:
    """A service that says "fake" at /."""
    http = Http(parse_address(address))
    try:
        said = http.get_json("/", operation=Operation.HEALTH)
    except ServiceLost as error:
        if error.silent:
            raise
        return None
    finally:
        http.close()
    if said != "fake":
        return None
    return Service(
        id=ServiceId(address), executor="fake", name="Fake", address=address, device=DeviceId("x")
    )


def feel(service: Service) -> Health:
    http = Http(parse_address(service.address))
    try:
        http.get_json("/", operation=Operation.HEALTH)
    finally:
        http.close()
    return Health(note="well")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch(look, feel)
    yield watch
    assert watch.close()


def fake(port: int = 0) -> Misbehaving:
    server = Misbehaving(port)
    server.on("*", bad.says("fake"))
    return server


class Story:
    """What a watch said, in order, with times."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.news: list[Tell] = []

    def until(self, wanted: Callable[[Seen], bool], seconds: float) -> float:
        """Seconds until what is seen is as wanted."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            seen = self.watch.drain()
            self.news += seen.news
            if wanted(seen):
                return time.monotonic() - began
            time.sleep(0.01)
        pytest.fail(f"after {seconds} s: {seen} {self.news}")


def all_in(state: State) -> Callable[[Seen], bool]:
    return lambda seen: (
        bool(seen.places) and all(each.state is state for each in seen.places.values())
    )


def test_a_killed_server_is_known_within_2_seconds_and_found_again(watch, monkeypatch) -> None:
    monkeypatch.setattr(service_state, "RETRY_S", 0.3)
    story = Story(watch)
    server = fake()
    watch.watch([Place(address=server.url, named=True)])
    story.until(all_in(State.READY), 5)
    for phase in range(3):
        threading.Event().wait(0.3 * phase)  # kills fall anywhere between two questions
        server.close()
        assert story.until(all_in(State.LOST), 5) < 2.0
        server = fake(server.port)
        story.until(all_in(State.READY), 5)
    server.close()
    assert [each.good for each in story.news] == [True] + [False, True] * 3


def test_one_that_is_wanted_is_asked_before_its_time(watch, monkeypatch) -> None:
    monkeypatch.setattr(service_state, "RETRY_S", 3600.0)
    story = Story(watch)
    server = fake()
    watch.watch([Place(address=server.url, named=True)])
    story.until(all_in(State.READY), 5)
    server.close()
    story.until(all_in(State.LOST), 5)
    server = fake(server.port)
    watch.ask([server.url, "http://127.0.0.1:9"])
    story.until(all_in(State.READY), 5)
    server.close()
    assert [each.good for each in story.news] == [True, False, True]


def test_a_frozen_server_is_told_from_a_dead_one(watch, monkeypatch) -> None:
    monkeypatch.setattr(service_state, "SILENCE_S", 1.0)
    story = Story(watch)
    with fake() as server:
        watch.watch([Place(address=server.url)])
        story.until(all_in(State.READY), 5)
        server.freeze()
        assert story.until(all_in(State.STALLED), 20) < 12.0
        server.thaw()
        story.until(all_in(State.READY), 10)
    assert [each.good for each in story.news] == [True, False, True]


def test_twenty_services_among_silent_ports_are_found_in_five_seconds(watch) -> None:
    servers = [fake() for _ in range(20)]
    with bad.Silent() as silent, bad.Silent() as deaf, Misbehaving() as mute:
        mute.on("*", bad.freeze)
        urls = [server.url for server in servers]
        watch.watch([Place(address=url) for url in (silent.url, deaf.url, mute.url, *urls)])
        began = time.monotonic()
        seen = watch.wait(5.0)
        assert time.monotonic() - began < 5.5
        ready = {address for address, each in seen.places.items() if each.state is State.READY}
        assert ready == set(urls)
        spent = []
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            start = time.thread_time()
            watch.drain()
            spent.append(time.thread_time() - start)
            time.sleep(0.02)
        assert sorted(spent)[len(spent) * 9 // 10] < 0.001
    for server in servers:
        server.close()


def test_what_answers_at_once_is_settled_at_once(watch) -> None:
    with fake() as server:
        watch.watch([Place(address=server.url)])
        began = time.monotonic()
        seen = watch.wait(5.0)
        assert time.monotonic() - began < 0.5
    (place,) = seen.places.values()
    assert (place.felt, place.health.note) == (True, "well")


def test_what_may_not_be_asked_is_not_asked(watch) -> None:
    refusal = ServiceError("It is elsewhere.", remedy="Allow it.")
    with fake() as server:
        watch.watch([Place(address=server.url, refusal=refusal)])
        Story(watch).until(all_in(State.HELD), 5)
        assert watch.drain().places[server.url].error is refusal
        assert server.connections == 0
        watch.watch([Place(address=server.url)])
        Story(watch).until(all_in(State.READY), 5)
        watch.watch([])
        Story(watch).until(lambda seen: not seen.places, 5)


def test_a_question_that_breaks_is_an_error_of_its_place_alone(caplog) -> None:
    def broken(address: str) -> Service | None:
        if address == "a":
            raise ZeroDivisionError
        if address == "b":
            raise InputError("The token is bad.", remedy="Give another.")
        return Service(id=ServiceId("c"), executor="fake", address="c", device=DeviceId("x"))

    def ill(service: Service) -> Health:
        raise ZeroDivisionError

    watch = Watch(broken, ill)
    watch.watch([Place(address=each, named=True) for each in "abc"])
    story = Story(watch)
    story.until(lambda seen: "c" in seen.places and seen.places["c"].state is State.LOST, 5)
    seen = watch.drain()
    assert "bug" in str(seen.places["a"].error)
    assert "token is bad" in str(seen.places["b"].error)
    assert "ZeroDivisionError" in caplog.text
    assert watch.close()


def test_an_answer_to_what_was_asked_before_a_place_was_left_counts_for_nothing() -> None:
    here = Service(id=ServiceId("a"), executor="fake", address="a", device=DeviceId("x"))
    asked, go, looks = threading.Event(), threading.Event(), []

    def looked(address: str) -> Service:
        looks.append(address)
        if len(looks) == 2:
            again.set()
            over.wait(10)
        return here

    def felt(service: Service) -> Health:
        asked.set()
        go.wait(10)
        answered.set()
        return Health()

    again, over, answered = threading.Event(), threading.Event(), threading.Event()
    watch = Watch(looked, felt)
    watch.watch([Place(address="a")])
    assert asked.wait(5)
    watch.watch([])
    watch.watch([Place(address="a")])
    assert again.wait(5)
    go.set()  # the first question is answered while the second is out
    assert answered.wait(5)
    watch.watch([Place(address="a"), Place(address="b")])
    Story(watch).until(lambda seen: "b" in seen.places, 5)
    assert watch.drain().places["a"].state is State.CONNECTING
    over.set()
    assert watch.close()


def test_an_owner_who_does_not_look_gathers_no_snapshots_and_misses_no_news(monkeypatch) -> None:
    monkeypatch.setattr(worker_watch, "_QUIET_S", 0.0)
    monkeypatch.setattr(service_state, "HEALTH_S", 0.0)
    felt: list[float] = []

    def feel(service: Service) -> Health:
        felt.append(time.monotonic())
        return Health(waiting=len(felt))

    here = Service(id=ServiceId("a"), executor="fake", address="a", device=DeviceId("x"))
    watch = Watch(lambda address: here, feel)
    watch.watch([Place(address="a")])
    ends = time.monotonic() + 5
    while len(felt) < 500 and time.monotonic() < ends:
        time.sleep(0.01)
    assert len(felt) >= 500
    assert watch._outbox.qsize() <= 1
    assert [each.good for each in watch.drain().news] == [True]
    assert watch.close()


def test_closed_it_asks_nothing_more_and_its_threads_end() -> None:
    before = set(threading.enumerate())
    watch = Watch(look, feel)
    with fake() as server:
        watch.watch([Place(address=server.url)])
        Story(watch).until(all_in(State.READY), 5)
        began = time.monotonic()
        assert watch.close()
        assert time.monotonic() - began < 1.0
        asked = len(server.asked)
        ends = time.monotonic() + 6
        while (left := set(threading.enumerate()) - before) and time.monotonic() < ends:
            left = {each for each in left if each.name.startswith("md-")}
            if not left:
                break
            time.sleep(0.05)
        assert not left
        assert len(server.asked) <= asked + 1
