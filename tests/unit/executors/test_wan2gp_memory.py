"""What Wan2GP is asked for on cards of every size: its memory profile, its picture, its model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from movie_director.core.budget import Limits, Reading, budget_of, simulated_card
from movie_director.core.candidates import Candidates, Choice
from movie_director.core.cards import card_of
from movie_director.core.errors import OutOfMemoryBudget
from movie_director.core.executor import CancelFlag, Event, Finished, Setup
from movie_director.core.step import CLIP, Device, DeviceId, Option, Placed, Service
from movie_director.executors._service.letter import read_letter
from movie_director.executors._wan2gp import desk, following
from movie_director.executors.wan2gp import Wan2GP

from tests import served
from tests.servers.wan2gp import Wan2GPServer

HD = {"quality": "final", "width": 1280, "height": 720, "fps": 16.0, "seconds": 5.0}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "POLL_S", 0.02)
    monkeypatch.setattr(desk, "GATHER_S", 0.02)
    with Wan2GPServer() as running:
        yield running


@pytest.fixture
def wan2gp():
    made = Wan2GP(Setup(cores=1, memory_bytes=2**30), served.QUICK)
    yield made
    made.close()


def asked(wan2gp: Wan2GP, **wanted) -> tuple[Option, ...]:
    return wan2gp.offer(served.want(CLIP, **{**HD, "backend": {"service": "wan2gp"}, **wanted}))


def on_card(gigabytes: int, wan2gp: Wan2GP, service: Service, **wanted) -> Choice | None:
    """What is chosen on a card of that size, of which nobody else holds anything."""
    budget = budget_of(simulated_card(gigabytes), Limits()) if gigabytes else None
    device = Device(
        id=service.device, gpu="cuda:0", budget_bytes=budget.bytes if budget is not None else 0
    )
    candidates = Candidates(
        {device.id: device}, [service], wan2gp.refuse, {},
        budgets={device.id: budget} if budget is not None else {},
    )  # fmt: skip
    return candidates.choose(replace(served.clip(), options=asked(wan2gp, **wanted)))


def told(choice: Choice | None) -> tuple[str, str, str, tuple[int, int]]:
    assert choice is not None
    option = choice.ways[0].option
    return option.workflow, option.precision, option.fidelity.name, option.size


def test_every_card_gets_what_runs_there(wan2gp, server) -> None:
    service = served.found(wan2gp, server.url)
    chosen = {size: told(on_card(size, wan2gp, service)) for size in (24, 16, 12, 10, 8, 6)}
    assert chosen == {
        24: ("wan-14b-text", "", "FULL", (0, 0)),
        16: ("wan-14b-text", "", "FULL", (0, 0)),
        12: ("wan-14b-text", "memory profile 4+", "SMALLER", (960, 544)),
        10: ("wan-14b-text", "memory profile 4+", "SMALLER", (960, 544)),
        8: ("wan-5b", "", "LOWER_QUALITY", (0, 0)),
        6: ("wan-1.3b-causvid", "", "LOWER_QUALITY", (0, 0)),
    }
    with pytest.raises(OutOfMemoryBudget):
        on_card(4, wan2gp, service)


def test_what_is_given_up_is_told_with_what_it_saves(wan2gp, server) -> None:
    service = served.found(wan2gp, server.url)
    choice = on_card(12, wan2gp, service)
    assert choice is not None
    note = choice.ways[0].option.note
    assert note.startswith("960×544 instead of 1280×720, WanGP's memory profile 4+, ")
    assert note.endswith(" GiB less")
    lower = on_card(8, wan2gp, service)
    assert lower is not None
    assert lower.ways[0].option.note == "standard quality instead of final"
    assert any("it needs more memory than there is" in each.why for each in lower.refused)


def test_nothing_is_asked_for_over_what_the_card_has(wan2gp, server) -> None:
    service = served.found(wan2gp, server.url)
    for size in (6, 8, 10, 12, 16, 24):
        choice = on_card(size, wan2gp, service)
        assert choice is not None
        room = budget_of(simulated_card(size), Limits()).bytes
        assert all(way.cost.work_bytes <= room for way in choice.ways)


def test_another_memory_profile_makes_the_same_picture_and_cannot_be_forbidden(wan2gp) -> None:
    strict = asked(wan2gp, backend={"service": "wan2gp", "allow_downgrade": False})
    lean = next(each for each in strict if each.precision and each.size == (0, 0))
    assert (lean.allowed, lean.fidelity.enough) == (True, True)
    assert not any(each.allowed for each in strict if each.size != (0, 0))


def test_on_a_card_that_nobody_knows_it_is_left_to_wan2gp(wan2gp, server) -> None:
    service = served.found(wan2gp, server.url)
    choice = on_card(0, wan2gp, service)
    assert told(choice) == ("wan-14b-text", "", "FULL", (0, 0))
    assert choice is not None
    assert choice.ways[0].cost.work_bytes == 0


def test_it_is_asked_for_as_it_was_planned_and_taken_up_so(wan2gp, server, tmp_path: Path) -> None:
    server.available = {"t2v_2_2", "i2v_2_2"}
    service = served.found(wan2gp, server.url)
    option = next(
        each for each in asked(wan2gp, width=640, height=352)
        if each.workflow == "wan-14b-text" and not each.precision
    )  # fmt: skip
    small = replace(option, precision="memory profile 4+", size=(96, 64))
    said: list[Event] = []
    clip = served.clip()
    placed = Placed(step=clip, option=small, service=service)
    wan2gp.run(placed, served.ticket(clip, tmp_path), said.append, CancelFlag())
    assert isinstance(said[-1], Finished)
    (settings,) = server.submitted
    assert (settings["resolution"], settings["override_profile"]) == ("96x64", 4.5)
    made = served.produced(said)
    assert (made.recipe["size"], made.recipe["memory_profile"]) == ([96, 64], 4.5)
    assert (made.facts["width"], made.facts["height"]) == (160, 90), "enlarged to the film's"
    letter = read_letter(tmp_path)
    assert letter is not None
    assert json.loads(json.dumps(letter.recipe))["size"] == [96, 64]


def test_the_server_s_own_memory_profile_is_left_alone_where_there_is_room(
    wan2gp, server, tmp_path: Path
) -> None:
    served.do(wan2gp, server.url, served.clip(), tmp_path)
    (settings,) = server.submitted
    assert "override_profile" not in settings


def test_the_one_card_of_a_machine_is_known_by_its_number_alone() -> None:
    device = Device(id=DeviceId("localhost/cuda:0"), gpu="cuda:0", budget_bytes=0)
    one = Reading(card="GPU-1", name="RTX 3060", total_bytes=12, free_bytes=12, told_by="driver")
    assert card_of(device, [one]) == one
    assert card_of(device, [one, replace(one, card="GPU-2", name="RTX 3090")]) is None
