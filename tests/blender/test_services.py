"""Services in Blender: found by themselves, shown from a snapshot, nothing elsewhere unasked."""

from __future__ import annotations

import pathlib
import sys
import threading
import time

import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")

from movie_director.core import service_file  # noqa: E402
from movie_director.core.errors import ServiceError  # noqa: E402
from movie_director.core.executor import Health  # noqa: E402
from movie_director.core.service_state import State, Tell, Watched  # noqa: E402
from movie_director.core.step import CLIP, DeviceId, Service, ServiceId  # noqa: E402
from movie_director.core.worker_watch import Seen  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

WHERE = "http://127.0.0.1:8188"
COMFY = Service(
    id=ServiceId(WHERE), executor="comfyui", name="ComfyUI", version="0.33.0", address=WHERE,
    device=DeviceId("gpu"), gpu="RTX 4090", memory_bytes=24 * 2**30, capabilities=frozenset({CLIP}),
)  # fmt: skip


class Paper:
    """A layout that keeps what is written on it."""

    def __init__(self, lines: list[str] | None = None) -> None:
        self.lines = [] if lines is None else lines

    def label(self, *, text: str = "", icon: str = "") -> None:
        self.lines.append(text)

    def operator(self, name: str, **more: object) -> Paper:
        self.lines.append(name)
        return Paper()

    def box(self) -> Paper:
        return Paper(self.lines)

    def separator(self) -> None:
        pass

    row = column = lambda self, **more: Paper(self.lines)


def drawn() -> list[str]:
    from movie_director.md_nodes import services

    paper = Paper()
    services.draw_services(paper)
    return paper.lines


def seen(state: State, *news: Tell, **more: object) -> Seen:
    watched = Watched(address=WHERE, state=state, service=COMFY, **more)
    return Seen(places={WHERE: watched}, news=news)


@pytest.fixture
def services(blender):
    from movie_director.md_nodes import services, session

    services.take(Seen(places={}))
    yield services
    services.take(Seen(places={}))
    session.close()


def test_without_a_service_it_says_what_makes_the_film(services) -> None:
    assert drawn()[0] == "The animatic makes it all"
    assert services.lacking("comfyui") == "Not found"
    assert services.lacking("auto") == services.lacking("animatic") == ""


def test_a_service_is_shown_with_what_it_can_and_how_it_is(services) -> None:
    health = Health(free_bytes=20 * 2**30, total_bytes=24 * 2**30, waiting=2)
    services.take(seen(State.READY, health=health, up_s=9.0, seen_s=10.0))
    lines = drawn()
    for line in ("ComfyUI 0.33.0", "Connected", "127.0.0.1:8188", "clip", "2 waiting there",
                 "RTX 4090 20.0 GiB of 24.0 GiB", "Up 90% of the time"):  # fmt: skip
        assert line in lines
    assert services.lacking("comfyui") == ""


def test_one_that_is_gone_says_what_to_do_and_greys_what_needs_it(services) -> None:
    error = ServiceError("It is gone.", remedy="Start it again.")
    services.take(seen(State.LOST, error=error))
    assert drawn()[2:5] == ["Disconnected", "127.0.0.1:8188", "Start it again."]
    assert services.lacking("comfyui") == "Disconnected"


def test_coming_and_going_is_told_for_a_moment(services, monkeypatch) -> None:
    services.take(seen(State.LOST, Tell(address=WHERE, good=False, what="It is gone.")))
    assert services.news().what == "It is gone."
    services.take(seen(State.LOST))
    assert services.news().what == "It is gone."
    monkeypatch.setattr(services, "NEWS_S", 0.0)
    services.take(seen(State.LOST))
    assert services.news() is None


def test_addresses_are_added_and_removed_for_the_command_line_too(services) -> None:
    assert bpy.ops.movie_director.service_add(address="localhost:8188/") == {"FINISHED"}
    assert [each.address for each in service_file.load().named] == [WHERE]
    assert bpy.ops.movie_director.service_remove(address=WHERE) == {"FINISHED"}
    assert service_file.load().named == ()


@pytest.mark.parametrize("address", ["192.0.2.1:8188", "http://me:hunter2@127.0.0.1:1", "file:x"])
def test_what_may_not_be_asked_is_not_added(services, address: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.movie_director.service_add(address=address)
    assert "hunter2" not in str(caught.value)
    assert service_file.load().named == ()


def test_a_beat_takes_a_new_snapshot_and_costs_next_to_nothing(services, monkeypatch) -> None:
    from movie_director.md_nodes import session
    from servers import misbehaving as bad

    monkeypatch.setenv("MOVIE_DIRECTOR_SERVICES", "")
    with bad.Misbehaving() as server:
        service_file.change(lambda known: known.with_place(server.url))
        studio = session.studio()
        assert studio.finder.settled.named[0].address == server.url
        deadline = time.monotonic() + 5
        while State.UNREACHABLE not in [each.state for each in services._seen.places.values()]:
            assert time.monotonic() < deadline
            services.tick()
            time.sleep(0.01)
        began = time.perf_counter()
        for _ in range(100):
            services.tick()
        assert (time.perf_counter() - began) / 100 < 0.001
        asked = len(server.asked)
        session.close()  # what switching the extension off does
        assert not any(each.name == "md-watch" for each in threading.enumerate())
        services.tick()
        assert len(server.asked) == asked


def test_a_node_that_names_a_missing_service_is_drawn_with_the_reason(services) -> None:
    from movie_director.md_nodes import looks

    paper = Paper()
    looks._draw_lacking(type("Node", (), {"p_service": "wan2gp"}), paper)
    assert paper.lines == ["Not found"]
