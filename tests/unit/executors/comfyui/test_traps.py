"""Every trap that was found on real servers, replayed: ``contracts/comfyui/NOTES.md``."""

from __future__ import annotations

import json
import struct
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from movie_director.core.errors import InputError, ServiceError, ServiceLost, ServiceRefused
from movie_director.executors._comfyui.follow import Vanished
from movie_director.executors._comfyui.jobs import Ended
from movie_director.executors._comfyui.line import Line

from tests.comfyui_data import messages, recorded
from tests.comfyui_films import QUICK, VERSIONS, heard, prompt
from tests.servers.comfyui import ComfyServer, error_500, wait_for
from tests.servers.comfyui_worker import JPEG, Item
from tests.servers.misbehaving import drop

#: So that what the socket says comes first.
PATIENT = replace(QUICK, look=5.0)


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[ComfyServer]:
    with ComfyServer(request.param) as made:
        yield made


@pytest.fixture
def newest() -> Iterator[ComfyServer]:
    with ComfyServer("0.33.0") as made:
        yield made


def file_of(ended: Ended | None) -> str:
    assert ended is not None
    assert ended.success
    [output] = ended.outputs.values()
    return str(output["images"][0]["filename"])


# --- the scripted server itself ---------------------------------------------------------------


@pytest.mark.parametrize(("name", "ids"), [("basic", "123"), ("cached", "123")])
def test_it_tells_what_a_real_server_was_recorded_to_tell(
    newest: ComfyServer, name: str, ids: str
) -> None:
    nodes = {id: {"class_type": "EmptyImage", "inputs": {"n": id}} for id in ids}
    nodes["2"]["inputs"]["image"] = ["1", 0]  # type: ignore[assignment]
    nodes["3"] = {
        "class_type": "SaveImage",
        "inputs": {"images": ["2", 0], "filename_prefix": "lab/x"},
    }
    told: list[str] = []
    newest.mangle = lambda message: [told.append(json.loads(message)["type"]) or message]  # type: ignore[func-returns-value]
    for _ in range(2 if name == "cached" else 1):
        told.clear()
        with heard(newest.url, nodes) as each:
            each.follow.send()
            file_of(each.follow.to_end())
    real = [each["type"] for each in messages(recorded(f"0.8/wire/{name}")["transcript"])]
    # The real cached run tells one state of all, ours none; clients are told the flags between.
    real = [each for each in real if name == "basic" or each != "progress_state"]
    assert [each for each in told if each != "feature_flags"] == real


# --- 1: a worker that died ------------------------------------------------------------------------


def test_a_node_without_inputs_kills_the_worker_and_http_stays_healthy(server: ComfyServer) -> None:
    nodes = {**prompt(), "77": {"class_type": "EmptyImage"}}
    with heard(server.url, nodes) as each:
        each.follow.send()
        with pytest.raises(ServiceLost, match="its worker has died"):
            each.follow.to_end()
        assert each.server.stats() is not None


def test_who_waits_while_nothing_runs_learns_that_the_worker_is_dead(server: ComfyServer) -> None:
    server.worker.alive = False
    with heard(server.url, prompt()) as each:
        each.follow.send()
        with pytest.raises(ServiceLost, match="Restart ComfyUI") as caught:
            each.follow.to_end()
    assert caught.value.remedy


def test_a_worker_that_another_killed_is_given_what_its_prompt_may_take_and_no_more(
    server: ComfyServer,
) -> None:
    pace = replace(QUICK, silent=60.0, quiet=0.5, doubt=0.3, times=0.4)  # 0.4 of 2.6 s
    nodes = {**prompt(60.0), "3": {"class_type": "CreateVideo", "inputs": {}}}
    server.worker.put(Item(0, "dead", nodes, "somebody", foreign=True))
    wait_for(lambda: server.worker.running)
    with heard(server.url, prompt(), pace=pace) as each:
        began = time.monotonic()
        each.follow.send()
        with pytest.raises(ServiceLost, match="its worker has died"):
            each.follow.to_end()
        assert 1.0 <= time.monotonic() - began < 10.0
        told = [note for _, note in each.moves]
    assert told[0] == "waiting behind 1 other"
    assert told[-1] == (
        "waiting behind 1 other; nothing has moved for 1 min: look at ComfyUI's window"
    )
    server.worker.stop_ids.add("dead")


def test_a_node_that_takes_long_is_given_time_by_what_the_work_was_expected_to_take(
    server: ComfyServer,
) -> None:
    pace = replace(QUICK, silent=60.0, quiet=0.2, times=0.1)
    for seconds, dies in ((50.0, False), (0.0, True)):
        with heard(server.url, prompt(1.0, ticks=0), pace=pace, seconds=seconds) as each:
            each.follow.send()
            if dies:
                with pytest.raises(ServiceLost):
                    each.follow.to_end()
            else:
                file_of(each.follow.to_end())


def test_a_long_silent_node_is_no_dead_worker(server: ComfyServer) -> None:
    with heard(server.url, prompt(1.5, ticks=0)) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        assert server.queued == server.worker.ran == [each.follow.prompt]


# --- 2: a POST that failed and was taken all the same ------------------------------------------


@pytest.mark.parametrize("manner", [error_500, drop])
def test_what_was_queued_in_spite_of_a_failed_post_is_followed_and_not_sent_again(
    server: ComfyServer, manner: Any
) -> None:
    server.on("/prompt", server.behind(manner), server.really)
    with heard(server.url, prompt(0.2)) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        assert server.queued == server.worker.ran == [each.follow.prompt]


def test_a_post_that_failed_and_was_not_taken_is_said_to_have_failed(server: ComfyServer) -> None:
    server.on("/prompt", error_500)
    with heard(server.url, prompt()) as each:
        with pytest.raises(ServiceRefused):
            each.follow.send()
        assert server.queued == []


def test_the_same_number_and_id_twice_would_run_twice_so_no_number_is_ever_sent(
    server: ComfyServer,
) -> None:
    server.foreign(0.4)
    with heard(server.url, prompt()) as each:
        each.follow.send()
        file_of(each.follow.to_end())
    sent = [json.loads(r.body) for r in server.asked if r.path == "/prompt"]
    assert [sorted(value) for value in sent] == [["client_id", "extra_data", "prompt", "prompt_id"]]
    assert all(value["extra_data"] is not None for value in sent)


# --- 3: somebody else does not read --------------------------------------------------------------


def test_the_end_is_learned_while_another_client_holds_all_sockets_up(server: ComfyServer) -> None:
    server.quiet.set()
    with heard(server.url, prompt(0.1)) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        assert server.worker.ran == [each.follow.prompt]
    assert server.quiet.is_set()
    server.loud()


def test_a_socket_nobody_listens_to_is_read_all_the_same(newest: ComfyServer) -> None:
    with heard(newest.url, prompt()) as each:
        each.line.rest()
        big = "x" * 2**20
        for _ in range(40):
            newest._tell(
                "status", {"status": {"exec_info": {"queue_remaining": 0}}, "pad": big}, "*"
            )
        assert each.line.open


# --- 4: two sockets under one id -------------------------------------------------------------------


def test_an_older_socket_that_closes_deafens_the_newer_and_the_end_is_learned(
    server: ComfyServer,
) -> None:
    with heard(server.url, prompt(0.5)) as each:
        second = Line(each.server.address)
        second.client = each.line.client
        second.connect()
        each.line.close()  # the server now forgets the second
        each.follow._line = second
        each.follow.send()
        file_of(each.follow.to_end())
        assert server.queued == server.worker.ran == [each.follow.prompt]
        second.close()


def test_connecting_again_ends_the_old_connection_first(server: ComfyServer) -> None:
    with heard(server.url, prompt(0.3), pace=PATIENT) as each:
        for _ in range(3):
            each.line.connect()
        wait_for(lambda: len(server._sockets) == 1)
        each.follow.send()
        file_of(each.follow.to_end())
        assert each.moves[-1][0] > 0.9, "the new socket hears"


def test_a_socket_that_breaks_in_the_middle_is_opened_again(server: ComfyServer) -> None:
    with heard(server.url, prompt(1.5, ticks=30)) as each:
        each.beside()
        wait_for(lambda: each.moves)
        server.drop_sockets()
        count = len(each.moves)
        file_of(each.wait())
        assert len(each.moves) > count + 3, "it hears the rest"


# --- 5: cached, and the file is gone: see test_executor --------------------------------------


# --- 6: what a picture carries ---------------------------------------------------------------------


def test_what_pins_an_old_file_is_never_sent() -> None:
    from movie_director.core.prompt_graph import read_prompt

    node = {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "is_changed": ["abc"]}
    assert read_prompt({"1": node}) == {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}
    }


# --- 7: answers that mislead ------------------------------------------------------------------------


def test_a_good_answer_that_dropped_an_output_is_a_refusal_and_nothing_is_left_running(
    server: ComfyServer,
) -> None:
    server.half_refused = {
        "2": {"errors": [{"details": "format: 'x' not in []"}], "class_type": "SaveVideo"}
    }
    server.foreign(0.6)
    with heard(server.url, prompt(5.0)) as each, pytest.raises(InputError, match="format"):
        each.follow.send()
    wait_for(lambda: not server.worker.waiting and server.worker.running is None)
    assert each.follow.prompt not in server.worker.ran


@pytest.mark.parametrize("id", ["ABC", "0" * 32, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", ""])
def test_an_id_that_newer_servers_refuse_is_never_made(newest: ComfyServer, id: str) -> None:
    if id:
        with pytest.raises(InputError), heard(newest.url, prompt(), id=id):
            pass


# --- cancelling ----------------------------------------------------------------------------------


def test_what_runs_is_interrupted_and_watched_to_its_end(server: ComfyServer) -> None:
    with heard(server.url, prompt(30.0, ticks=300)) as each:
        each.beside()
        wait_for(lambda: each.moves)
        each.cancel.set()
        assert each.wait() is None
    assert server.worker.running is None
    assert server.worker.ran == []


def test_what_waits_is_taken_out_of_the_queue_and_others_are_left_alone(
    server: ComfyServer,
) -> None:
    others = server.foreign(0.7, 2)
    with heard(server.url, prompt()) as each:
        each.beside()
        wait_for(lambda: each.follow.prompt in server.queued)
        each.cancel.set()
        assert each.wait() is None
    wait_for(lambda: server.worker.ran == others)


def test_a_server_that_does_not_heed_is_asked_again(server: ComfyServer) -> None:
    server.ignored_stops = 3
    with heard(server.url, prompt(30.0, ticks=300)) as each:
        each.beside()
        wait_for(lambda: each.moves)
        each.cancel.set()
        assert each.wait() is None
    assert server.worker.ran == []


def test_another_persons_running_prompt_is_never_interrupted(server: ComfyServer) -> None:
    [other] = server.foreign(1.0)
    with heard(server.url, prompt()) as each:
        each.server.stop(each.follow.prompt)
        each.server.stop(str(uuid.uuid4()))
    wait_for(lambda: server.worker.ran)
    assert server.worker.ran == [other]
    assert server.worker.history[other]["status"]["status_str"] == "success"


# --- queue, history, restarts ------------------------------------------------------------------


def test_waiting_says_behind_how_many(server: ComfyServer) -> None:
    server.foreign(0.4, 3)
    with heard(server.url, prompt()) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        assert any(note.startswith("waiting behind ") for _, note in each.moves)


def test_a_server_restarted_empty_has_forgotten_and_it_is_said_that_it_may_be_sent_anew() -> None:
    with ComfyServer() as first, heard(first.url, prompt(30.0, ticks=300)) as each:
        each.beside()
        wait_for(lambda: each.moves)
        first.close()
        with first.reborn(), pytest.raises(Vanished):
            each.wait()


def test_a_server_that_was_killed_is_noticed_soon() -> None:
    server = ComfyServer()
    with heard(server.url, prompt(30.0, ticks=300)) as each:
        each.beside()
        wait_for(lambda: each.moves)
        server.close()
        with pytest.raises(ServiceLost):
            each.wait(2.0)


def test_a_server_that_froze_is_noticed(newest: ComfyServer) -> None:
    with heard(newest.url, prompt(30.0, ticks=0)) as each:
        each.beside()
        wait_for(lambda: newest.worker.running)
        newest.quiet.set()
        newest.freeze()
        with pytest.raises(ServiceLost):
            each.wait(20.0)
        newest.thaw()


# --- messages that come wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    "mangle",
    [
        lambda message: [message, message],
        lambda message: [],
        lambda message: [message[: len(message) // 2]],
        lambda message: ["nonsense", b"\0\0\0\1\0\0\0\1", message],
    ],
    ids=["doubled", "dropped", "truncated", "mixed with nonsense"],
)
def test_the_end_is_learned_whatever_happens_to_the_messages(
    server: ComfyServer, mangle: Any
) -> None:
    server.mangle = mangle
    with heard(server.url, prompt(0.2)) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        fractions = [fraction for fraction, _ in each.moves]
        assert fractions == sorted(fractions)


def test_messages_out_of_order_do_not_turn_progress_back(newest: ComfyServer) -> None:
    held: list[Any] = []
    lock = threading.Lock()

    def swap(message: Any) -> list[Any]:
        with lock:
            if not held:
                held.append(message)
                return []
            return [message, held.pop()]

    newest.mangle = swap
    with heard(newest.url, prompt(0.5, ticks=20)) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        fractions = [fraction for fraction, _ in each.moves]
        assert fractions == sorted(fractions)


def test_a_frame_beyond_all_bounds_ends_the_socket_and_not_the_work(newest: ComfyServer) -> None:
    with heard(newest.url, prompt(0.6)) as each:
        each.beside()
        wait_for(lambda: each.moves)
        for socket in list(newest._sockets.values()):
            socket.raw(b"\x82\x7f" + (2**40).to_bytes(8, "big"))
        file_of(each.wait())
        assert newest.queued == newest.worker.ran == [each.follow.prompt]


def test_previews_are_ours_alone(newest: ComfyServer) -> None:
    newest.foreign(0.4)
    with heard(newest.url, prompt(0.3), pace=PATIENT) as each:
        each.follow.send()
        file_of(each.follow.to_end())
        assert len(each.previews) == 4
        assert {preview.prompt for preview in each.previews} == {each.follow.prompt}


# --- memory ----------------------------------------------------------------------------------------


def test_memory_is_waited_for_until_it_is_back_or_said_not_to_be(monkeypatch: Any) -> None:
    from movie_director.core.address import parse_address
    from movie_director.executors._comfyui import station
    from movie_director.executors._comfyui.server import Server

    from tests.servers.comfyui_worker import Card

    card = Card(budget_bytes=24 * 2**30, sizes={"a.safetensors": 14 * 2**30})
    with ComfyServer(card=card) as server:
        card.load(["a.safetensors"])
        place = station.Station(Server(parse_address(server.url)))
        place.free()
        assert card.held == 0
        card.load(["a.safetensors"])
        card.keeps = True
        monkeypatch.setattr(station, "FREE_S", 0.8)
        with pytest.raises(ServiceError, match="did not give its memory back"):
            place.free()
        place.close()


def test_a_picture_without_a_name_is_nobodys_where_the_server_names_them(
    newest: ComfyServer,
) -> None:
    stray = struct.pack(">II", 1, 1) + JPEG
    newest.mangle = lambda message: [stray, message]
    with heard(newest.url, prompt(0.2), pace=PATIENT) as each:
        wait_for(lambda: each.line.names_previews)
        each.line.listen()  # as a line that served a prompt before: what was told on opening is gone
        each.follow.send()
        file_of(each.follow.to_end())
        assert {preview.prompt for preview in each.previews} == {each.follow.prompt}
