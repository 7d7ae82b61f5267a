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

    active = True

    def __init__(self, lines: list[str] | None = None) -> None:
        self.lines = [] if lines is None else lines
        self.parts: list[Paper] = []

    def label(self, *, text: str = "", icon: str = "") -> None:
        self.lines.append(text)

    def operator(self, name: str, **more: object) -> Paper:
        self.lines.append(name)
        return Paper()

    def box(self, **more: object) -> Paper:
        self.parts.append(Paper(self.lines))
        return self.parts[-1]

    def separator(self) -> None:
        pass

    row = column = box


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
        deadline = time.monotonic() + 30
        # All have asked it what it is: nothing is under way there any more.
        while (there := services._seen.places.get(server.url)) is None or (
            there.state is not State.UNREACHABLE
        ):
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


@pytest.mark.parametrize("state", State)
def test_every_state_is_drawn_with_its_word_and_an_icon_of_blenders(services, state: State) -> None:
    icons = {
        item.identifier
        for item in bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
    }
    assert services._ICONS[state] in icons
    services.take(seen(state, named=True))
    assert state.value.capitalize() in drawn()


def test_going_and_coming_back_is_told_once_each_way(services, caplog) -> None:
    gone = Tell(address=WHERE, good=False, what="It is gone.", remedy="Start it.")
    back = Tell(address=WHERE, good=True, what="It answers again.")
    caplog.set_level("INFO", "movie_director.md_nodes.services")
    for state, *news in ((State.LOST, gone), (State.LOST,), (State.READY, back), (State.READY,)):
        services.take(seen(state, *news))
    assert services.news() == back
    assert [record.getMessage() for record in caplog.records] == [
        "It is gone. Start it.",
        "It answers again. ",
    ]


def test_the_panel_lists_every_capability_and_who_does_it(services) -> None:
    from movie_director.md_nodes import abilities

    services.take(seen(State.READY))
    paper = Paper()
    abilities.draw_abilities(paper)
    titles, others = paper.lines[:20:2], paper.lines[1:20:2]
    assert dict(zip(titles, others, strict=True)) == {
        "Images": "left out", "Video": "ComfyUI", "LoRA training": "not learned",
        "Angles of places": "seen as pictured", "Text": "left as it is", "Voice": "by this machine", "Trained voices": "spoken plainly",
        "Voice training": "not learned", "Sound effects": "sketched", "Music": "sketched",
    }  # fmt: skip
    grey = [not part.active for part in paper.parts[0].parts]
    assert grey == [True, False, *[True] * 8, True, True]
    services.take(seen(State.LOST))
    paper = Paper()
    abilities.draw_abilities(paper)
    assert paper.lines[2:5] == ["Video", "sketched", "ComfyUI disconnected"]


@pytest.fixture
def film(blender):
    tree = bpy.data.node_groups.new("A film", "MovieDirectorTree")
    nodes = {
        type: tree.nodes.new(f"MovieDirectorNode_{type}")
        for type in ("project", "shot", "backend", "voice", "character", "dialogue", "music")
    }
    return tree, nodes


def lacks(film) -> dict[str, str]:
    from movie_director.md_nodes import abilities

    tree, nodes = film
    found = {type: abilities.lacking(node, tree.session_uid) for type, node in nodes.items()}
    return {type: why for type, why in found.items() if why}


def test_a_draft_misses_only_what_was_here_and_went_away(services, film) -> None:
    assert lacks(film) == {}
    services.take(seen(State.READY))
    assert lacks(film) == {}
    services.take(seen(State.LOST))
    assert lacks(film) == {"shot": "Video sketched: ComfyUI disconnected"}
    services.take(seen(State.READY))
    assert lacks(film) == {}


def test_a_film_that_asks_for_more_misses_what_nobody_does(services, film) -> None:
    from movie_director.md_nodes import abilities

    tree, nodes = film
    abilities._ambitious.add(tree.session_uid)
    nobody = "no service here does it"
    assert lacks(film) == {
        "shot": f"Video sketched: {nobody}",
        "dialogue": f"Voice by this machine: {nobody}",
        "music": f"Music sketched: {nobody}",
    }
    nodes["shot"].p_media = "//clip.mp4"
    nodes["music"].p_recording = "//score.wav"
    nodes["dialogue"].p_recording = "//line.wav"
    assert lacks(film) == {}
    abilities.tick()  # no editor shows it
    assert not abilities._ambitious


def test_what_no_sketch_stands_in_for_is_missed_in_a_draft_too(services, film) -> None:
    _, nodes = film
    nodes["voice"].p_samples = "//hers"
    nodes["character"].p_tier = "ultimate"
    assert lacks(film) == {
        "voice": "Voice training not learned: no service here does it",
        "character": "LoRA training not learned: no service here does it",
    }
    nodes["voice"].p_model = "//hers.pth"
    nodes["character"].p_lora = "//her.safetensors"
    assert lacks(film) == {"voice": "Trained voices spoken plainly: no service here does it"}


def test_a_shot_whose_backend_names_a_missing_service_says_so_with_it(services, film) -> None:
    tree, nodes = film
    nodes["backend"].p_service = "comfyui"
    tree.links.new(nodes["backend"].outputs[0], nodes["shot"].inputs["Backend"])
    assert lacks(film) == dict.fromkeys(("shot", "backend"), "ComfyUI not found")
    services.take(seen(State.STALLED))
    assert lacks(film) == dict.fromkeys(("shot", "backend"), "ComfyUI does not answer")
    nodes["backend"].p_service = "animatic"
    assert lacks(film) == {}


def test_a_node_that_lacks_something_is_drawn_grey_with_the_reason(services, film) -> None:
    from movie_director.md_nodes import looks

    _, nodes = film
    paper = Paper()
    looks._draw_lacking("Video sketched: ComfyUI disconnected", nodes["shot"], paper)
    assert " ".join(paper.lines) == "Video sketched: ComfyUI disconnected"
    assert paper.parts[-1].active is False
