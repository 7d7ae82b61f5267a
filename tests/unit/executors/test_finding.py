"""Finding services by what answers; nothing beyond this machine without a yes."""

from __future__ import annotations

import pathlib
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from movie_director.core import service_file
from movie_director.core.address import Address, parse_address
from movie_director.core.errors import Incompatible, ServiceLost, ServiceRefused, Unauthorised
from movie_director.core.executor import Health
from movie_director.core.patience import Operation
from movie_director.core.service_state import State
from movie_director.core.step import DeviceId, Service, ServiceId
from movie_director.executors._finding import OFF, WALK, Finder, devices_of, usable
from movie_director.executors._http import Http
from movie_director.node_types import catalogue
from movie_director.studio import Studio

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from servers import misbehaving as bad
from servers.misbehaving import Misbehaving

from tests.fakes import FakeExecutor


class Remote(FakeExecutor):
    """An executor whose services say their kind at /what."""

    def __init__(self, name: str, *usual: str) -> None:
        super().__init__()
        self.name = name
        self.usual = usual
        self.asked: list[str] = []

    def devices(self):
        return ()

    def services(self):
        return ()

    def addresses(self):
        return self.usual

    def identify(self, address: str) -> Service | None:
        self.asked.append(address)
        http = Http(parse_address(address))
        try:
            said = http.get_json("/what", operation=Operation.HEALTH)
        except (ServiceLost, ServiceRefused) as error:
            if isinstance(error, Unauthorised):
                raise
            return None
        finally:
            http.close()
        if said == f"old {self.name}":
            raise Incompatible("It is too old.", remedy="Update it.")
        if said != self.name:
            return None
        return Service(
            id=ServiceId(f"{self.name}@{address}"), executor=self.name, name=self.name.title(),
            address=address, device=DeviceId("gpu"), gpu="cuda:0", memory_bytes=8 * 2**30,
            capabilities=frozenset(self.kinds),
        )  # fmt: skip

    def health(self, service: Service) -> Health:
        http = Http(parse_address(service.address))
        try:
            http.get_json("/what", operation=Operation.HEALTH)
        finally:
            http.close()
        return Health(free_bytes=5 * 2**30)


@pytest.fixture(autouse=True)
def looking(monkeypatch) -> None:
    monkeypatch.setenv(OFF, "")


def says(what: str) -> Misbehaving:
    server = Misbehaving()
    server.on("/what", bad.says(what))
    return server


@pytest.fixture
def two() -> Iterator[tuple[Misbehaving, Misbehaving]]:
    with says("alpha") as alpha, says("beta") as beta:
        yield alpha, beta


def finder(*executors: Remote, **more: bool) -> Finder:
    return Finder({each.name: each for each in executors}, **more)


def states(found: Finder, wait: float = 5.0) -> dict[str, State]:
    return {address: each.state for address, each in found.seen(wait).places.items()}


def test_what_answers_counts_not_on_which_port(two) -> None:
    alpha, beta = two
    with Misbehaving() as other:
        other.on("*", bad.answer(b"<html>", kind="text/html"))
        # Each is where the other usually is, and something else altogether on a third port.
        found = finder(Remote("alpha", beta.url, other.url), Remote("beta", alpha.url))
        assert found.start().places == {}
        seen = found.seen(5.0)
        assert [(each.executor, each.address) for each in usable(seen)] == sorted(
            [("alpha", alpha.url), ("beta", beta.url)], key=lambda each: each[1]
        )
        assert states(found)[other.url] is State.UNREACHABLE
        (device,) = devices_of(found.seen())
        assert (device.id, device.gpu, device.budget_bytes) == ("gpu", "cuda:0", 8 * 2**30)
        assert [each.good for each in seen.news] == [True, True]
        found.close()


def test_what_a_person_named_is_waited_for_longer_than_what_was_looked_for_unasked(two) -> None:
    alpha, beta = two
    alpha.on("/what", bad.after(0.6, bad.says("alpha")))
    beta.on("/what", bad.after(4.0, bad.says("beta")))
    service_file.change(lambda known: known.with_place(alpha.url))
    found = finder(Remote("alpha"), Remote("beta", beta.url))
    found.start()
    assert [each.executor for each in usable(found.seen(0.2))] == ["alpha"]
    assert states(found, 0.0)[beta.url] is State.CONNECTING
    found.close()


def test_an_executor_that_fails_on_what_answers_does_not_hide_it_from_the_others(caplog) -> None:
    class Broken(Remote):
        def identify(self, address: str) -> Service | None:
            raise ZeroDivisionError

    with says("beta") as beta, Misbehaving() as strange:
        beta.on("/alpha", bad.answer(b"<html>", kind="text/html"))
        strange.on("*", bad.answer(b"<html>", kind="text/html"))

        class Alpha(Remote):
            def identify(self, address: str) -> Service | None:
                Http(parse_address(address)).get_json("/alpha")
                return None

        urls = (beta.url, strange.url)
        found = finder(Broken("broken", *urls), Alpha("alpha", *urls), Remote("beta", *urls))
        found.start()
        seen = found.seen(5.0)
        assert [each.address for each in usable(seen)] == [beta.url]
        assert seen.places[strange.url].state is State.UNREACHABLE
        assert "'broken' broke at" in caplog.text
        found.close()


def test_the_likely_one_is_asked_first(two) -> None:
    alpha, _ = two
    unlikely, likely = Remote("beta"), Remote("alpha", alpha.url)
    found = finder(unlikely, likely)
    found.start()
    states(found)
    assert unlikely.asked == []
    found.close()


def test_silent_ports_do_not_keep_a_scan_over_five_seconds(two) -> None:
    alpha, beta = two
    with bad.Silent() as silent, Misbehaving() as mute:
        mute.on("*", bad.freeze)
        urls = (silent.url, mute.url, alpha.url, beta.url)
        found = finder(*(Remote(name, *urls) for name in ("alpha", "beta", "gamma", "delta")))
        found.start()
        began = time.monotonic()
        seen = found.seen(5.0)
        assert time.monotonic() - began < 5.5
        assert {each.address for each in usable(seen)} == {alpha.url, beta.url}
        found.close()


@pytest.mark.parametrize(
    ("manner", "state"),
    [
        (bad.says("old beta"), State.INCOMPATIBLE),
        (bad.answer(b"", 401), State.UNAUTHORISED),
        (bad.drop, State.UNREACHABLE),
        (bad.says("gamma"), State.UNREACHABLE),
    ],
)
def test_what_cannot_be_used_says_why_and_what_to_do(manner, state) -> None:
    with Misbehaving() as server:
        server.on("*", manner)
        service_file.change(lambda known: known.with_place(server.url))
        found = finder(Remote("alpha"), Remote("beta"))
        found.start()
        seen = found.seen(8.0)
        assert seen.places[server.url].state is state
        (news,) = seen.news
        assert not news.good
        assert news.remedy
        assert usable(seen) == ()
        found.close()


def test_nothing_elsewhere_is_asked_without_a_yes_and_online_access() -> None:
    asked = Remote("alpha", "http://192.0.2.1:8188")  # a usual place is never elsewhere
    service_file.change(lambda known: known.with_place("http://192.0.2.7:8188"))
    found = finder(asked)
    found.start()
    assert states(found) == {"http://192.0.2.7:8188": State.HELD}
    assert "--elsewhere" in str(found.seen().places["http://192.0.2.7:8188"].error)
    service_file.change(lambda known: known.with_place("http://192.0.2.7:8188", elsewhere=True))
    found.allow(False)
    deadline = time.monotonic() + 5
    while "online" not in str(found.seen().places["http://192.0.2.7:8188"].error):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert states(found) == {"http://192.0.2.7:8188": State.HELD}
    assert asked.asked == []
    found.close()


def test_a_place_one_does_not_want_is_not_asked(two) -> None:
    alpha, _ = two
    service_file.change(lambda known: known.without(alpha.url))
    found = finder(Remote("alpha", alpha.url))
    assert found.start().places == {}
    assert found.seen(1.0).places == {}
    assert alpha.asked == []
    found.close()
    found.close()


def test_switched_off_nothing_is_asked(two, monkeypatch) -> None:
    monkeypatch.setenv(OFF, "off")
    alpha, _ = two
    service_file.change(lambda known: known.with_place(alpha.url))
    found = finder(Remote("alpha", alpha.url))
    found.start()
    assert found.seen(0.3).places == {}


def test_how_long_a_service_was_up_is_kept(two) -> None:
    alpha, _ = two
    found = finder(Remote("alpha", alpha.url))
    found.start()
    found.seen(5.0)
    deadline = time.monotonic() + 10
    while not any(each.up_s > 0.5 for each in found.seen().places.values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found.close()
    kept = service_file.load().uptime[alpha.url]
    assert kept.share == 1.0
    assert kept.seen_s > 0.4


def test_a_studio_plans_with_what_is_ready_and_opens_without_waiting(two) -> None:
    alpha, _ = two
    began = time.monotonic()
    with Studio(catalogue(), {"alpha": Remote("alpha", alpha.url)}) as studio:
        studio.finder.start()
        assert time.monotonic() - began < 0.5
        assert studio.services == ()
        studio.refresh(5.0)
        assert [service.address for service in studio.services] == [alpha.url]
        assert [device.id for device in studio.devices] == ["gpu"]
        alpha.close()
        deadline = time.monotonic() + 5
        while studio.services:
            assert time.monotonic() < deadline
            studio.refresh()
            time.sleep(0.02)
        assert studio.devices == ()


def next_to(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def test_a_service_that_found_its_port_taken_is_found_on_one_of_the_next() -> None:
    with says("alpha") as taken, says("beta") as walked:
        port = walked.port - WALK
        first = Remote("beta", next_to(port))
        other = Remote("alpha", taken.url)
        found = finder(other, first)
        found.start()
        there = {each.address: each.executor for each in usable(found.seen(5.0))}
        assert there[walked.url] == "beta"
        # Who would not go on to that port does not ask whoever listens there.
        assert walked.url not in other.asked or abs(walked.port - taken.port) <= WALK
        found.close()


def test_the_next_ports_are_asked_by_everybody_where_a_person_named_them() -> None:
    with says("alpha") as walked:
        service_file.change(lambda known: known.with_place(walked.url, elsewhere=False))
        found = finder(Remote("alpha"), Remote("beta", next_to(walked.port - 1)))
        found.start()
        assert [each.executor for each in usable(found.seen(5.0))] == ["alpha"]
        found.close()


def test_ports_that_swallow_packets_do_not_keep_the_others_waiting(monkeypatch) -> None:
    # Every port but one takes as long as it may.
    def knock(address: Address, seconds: float) -> bool:
        if address.base == there.url:
            return True
        time.sleep(seconds)
        return False

    monkeypatch.setattr("movie_director.executors._finding.knock", knock)
    with says("alpha") as there:
        names = [f"e{n}" for n in range(9)]
        found = finder(
            Remote("alpha", there.url), *(Remote(n, next_to(20000 + 10 * k)) for k, n in enumerate(names))
        )  # fmt: skip
        began = time.monotonic()
        found.start()
        seen = found.seen(5.0)
        assert not seen.open
        assert time.monotonic() - began < 5.0
        assert len(seen.places) == 10 * (1 + WALK)
        assert [each.address for each in usable(seen)] == [there.url]
        found.close()


def test_a_service_that_is_waited_for_is_asked_at_once_and_no_news_are_lost() -> None:
    with says("alpha") as alpha:
        found = finder(Remote("alpha", alpha.url), usual=True)
        found.start()
        (service,) = usable(found.seen(30.0))
        assert found.answers(ServiceId("another"), 0.0) is None
        assert found.answers(service.id, 0.0) is True
        alpha.close()
        gone_s = time.monotonic()
        until(lambda: states(found, 0.0)[alpha.url] is State.LOST)
        assert found.answers(service.id, gone_s) is False
        alpha.open()
        back_s = time.monotonic()
        until(lambda: found.answers(service.id, gone_s) is True)
        assert time.monotonic() - back_s < 20.0  # nobody waited out the 30 s
        # What was heard while it was asked after is still told.
        assert [each.good for each in found.seen().news] == [True]
        assert found.seen().news == ()
        found.close()
        assert found.answers(service.id, 0.0) is None


def until(wanted: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < ends
        time.sleep(0.02)
