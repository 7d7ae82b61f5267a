"""Who gets which step, and why: queue, speed, what is loaded, free memory, quality; quick and the same each time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from movie_director.core.candidates import Candidates
from movie_director.core.executor import Want
from movie_director.core.footprints import known_footprints
from movie_director.core.plan import Absent, Plan, plan
from movie_director.core.step import (
    CLIP,
    STILL,
    Device,
    DeviceId,
    Fidelity,
    ModelId,
    Option,
    Service,
    ServiceId,
    Step,
)
from movie_director.executors._comfyui.ways import Ways

from tests.fakes import program, step

GIB = 2**30
SIZES = known_footprints().sizes


def servers(count: int, *, gigabytes: int = 24) -> tuple[list[Device], list[Service]]:
    """Servers of one kind, each on a card of its own."""
    devices = [Device(id=DeviceId(f"card{n}"), budget_bytes=gigabytes * GIB) for n in range(count)]
    services = [
        Service(
            id=ServiceId(f"comfyui@{n}"), executor="comfyui", device=device.id, unload="all",
            capabilities=frozenset({CLIP}),
        )
        for n, device in enumerate(devices)
    ]  # fmt: skip
    return devices, services


def planned(
    steps: list[Step], devices: list[Device], services: list[Service], **given: Any
) -> Plan:
    return plan(
        program(steps), devices=devices, services=services,
        refuse=lambda step, option, service: None,
        find=lambda step: Absent(reason="new", text="it is new"), **given,
    )  # fmt: skip


def shares(made: Plan) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in made.to_do:
        counts[each.service.id] = counts.get(each.service.id, 0) + 1
    return counts


def clips(count: int, *options: Option) -> list[Step]:
    return [step(f"s{n:03}:clip", options=options) for n in range(count)]


WAY = Option(executor="comfyui", workflow="w", seconds=10.0)


def test_a_server_where_others_wait_already_gets_less_and_the_reason_says_so() -> None:
    devices, services = servers(2)
    even = shares(planned(clips(12, WAY), devices, services))
    assert even == {"comfyui@0": 6, "comfyui@1": 6}
    busy = planned(clips(12, WAY), devices, services, waiting={services[0].id: 2})
    assert shares(busy) == {"comfyui@0": 3, "comfyui@1": 9}
    (reason,) = {each.reason for each in busy.to_do if each.service.id == "comfyui@1"}
    assert reason == "the best way there is; not comfyui@0: 2 pieces of work wait there already"


def test_a_server_that_was_quicker_gets_more() -> None:
    devices, services = servers(2)

    def costs(machine: str, step: Step, option: Option) -> Option:
        return replace(option, seconds=option.seconds * (3 if machine == "card0" else 1))

    made = planned(clips(12, WAY), devices, services, costs=costs)
    assert shares(made) == {"comfyui@0": 3, "comfyui@1": 9}


def test_a_model_that_is_loaded_already_draws_the_work() -> None:
    devices, services = servers(2)
    model = ModelId("large")
    way = replace(WAY, models=frozenset({model}), seconds=1.0)
    for there in services:
        made = planned(
            clips(1, way), devices, services, sizes={model: 20 * GIB},
            loaded={there.id: frozenset({model})},
        )  # fmt: skip
        assert shares(made) == {there.id: 1}
        assert made.figures.loads == 0


def test_the_card_with_room_for_more_gets_it_and_the_other_is_told_what_it_lacks() -> None:
    devices, services = servers(2)
    devices[0] = replace(devices[0], budget_bytes=8 * GIB)
    way = replace(WAY, work_bytes=12 * GIB)
    less = replace(WAY, work_bytes=6 * GIB, fidelity=Fidelity.FP8, note="fp8 instead of fp16")
    made = planned(clips(2, way, less), devices, services)
    assert shares(made) == {"comfyui@1": 2}
    assert {each.option for each in made.to_do} == {way}
    assert all(
        "not comfyui@0: it needs more memory than there is: 12.0 GiB, 4.0 GiB more" in each.reason
        for each in made.to_do
    )


def test_of_simpler_ways_of_keeping_looks_the_nearest_is_taken_however_quick_the_others() -> None:
    want = Want(
        kind=STILL, quality="final", width=832, height=480, fps=24, seconds=1.0, tier="ultimate"
    )
    found = {each.note: each for each in Ways().offer(want) if not each.models or each.allowed}
    notes = ("tier enhanced instead of ultimate", "tier baseline instead of ultimate")
    devices, services = servers(2, gigabytes=80)
    # Each server has the weights of one tier alone, and the one of the nearest has the most to do.
    home = dict(zip(notes, services, strict=True))
    picture = replace(step("s0:still", options=tuple(found.values())), kind=STILL)
    made = plan(
        program([picture]),
        devices=devices,
        services=[replace(each, capabilities=frozenset({STILL})) for each in services],
        refuse=lambda step, option, service: (
            None if option.note in home and home[option.note].id == service.id else "not there"
        ),
        find=lambda step: Absent(reason="new", text="it is new"),
        sizes=SIZES,
        waiting={services[0].id: 9},
    )
    (placed,) = made.to_do
    assert (placed.service.id, placed.option.fidelity) == (services[0].id, Fidelity.LOWER_TIER)
    assert found[notes[1]].fidelity is Fidelity.LOWEST_TIER
    assert placed.reason.endswith(f"not {services[1].id}: there it would be {notes[1]}")


def test_looks_are_kept_in_lower_quality_rather_than_told_in_words_alone() -> None:
    want = Want(
        kind=STILL, quality="final", width=832, height=480, fps=24, seconds=1.0, tier="enhanced"
    )
    by_fidelity = {each.fidelity for each in Ways().offer(want)}
    assert Fidelity.WORDS < Fidelity.LOWEST_TIER < Fidelity.LOWER_TIER < Fidelity.LOWER_QUALITY
    assert {Fidelity.WORDS, Fidelity.LOWER_TIER, Fidelity.LOWER_QUALITY} <= by_fidelity
    words = [each for each in Ways().offer(want) if each.fidelity is Fidelity.WORDS]
    assert all(each.note.startswith("words alone instead of enhanced") for each in words)


def film_of(count: int) -> list[Step]:
    """Shots of a few lengths, with all the ways ComfyUI has for them."""
    ways = Ways()
    wants = [
        Want(kind=CLIP, quality="final", width=1280, height=720, fps=24, seconds=2.0 + n)
        for n in range(5)
    ]
    return [step(f"s{n:03}:clip", options=ways.offer(wants[n % 5])) for n in range(count)]


def test_ten_services_and_five_hundred_steps_are_routed_at_once() -> None:
    steps = film_of(500)
    devices, services = servers(10)
    known = {device.id: device for device in devices}
    took = []
    for _ in range(5):
        began = time.perf_counter()
        asked = Candidates(known, services, lambda step, option, service: None, SIZES)
        found = [asked.choose(each) for each in steps]
        took.append(time.perf_counter() - began)
        assert all(found)
    assert min(took) < 0.1


def test_the_same_question_has_the_same_answer_with_a_reason_for_every_step() -> None:
    steps = film_of(60)
    devices, services = servers(10)
    waiting: Mapping[ServiceId, int] = {each.id: n % 3 for n, each in enumerate(services)}
    plans = [planned(steps, devices, services, sizes=SIZES, waiting=waiting) for _ in range(3)]
    placed = [[(each.step.id, each.service.id, each.option) for each in p.to_do] for p in plans]
    assert placed[0] == placed[1] == placed[2]
    for each in plans[0].to_do:
        # What was chosen and why; who and what was passed over, and why.
        assert each.reason.startswith(
            (
                "fp8 instead of fp16, its models take turns",
                "weights waiting in the machine's memory",
            )
        )
        assert "it needs more memory than there is" in each.reason
        assert "not comfyui@" in each.reason
