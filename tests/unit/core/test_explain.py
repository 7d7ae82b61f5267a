"""A plan in plain language: why it was cut, what leaves memory, what was given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from movie_director.core.budget import Limits, budget_of, simulated_card
from movie_director.core.cuts import cuts, resident
from movie_director.core.downgrades import downgrades
from movie_director.core.estimate import seconds_range
from movie_director.core.learning import Learned, keys_of
from movie_director.core.plan import Absent, Plan, plan
from movie_director.core.step import (
    Device,
    DeviceId,
    Fidelity,
    ModelId,
    Option,
    Service,
    ServiceId,
    Step,
)

from tests.fakes import ALL_KINDS, made, program, step

GIB = 2**30
FLUX, WAN, T5 = (ModelId(name) for name in ("flux", "wan", "t5"))
DEFAULT = Limits()
SIZES = {FLUX: 12 * GIB, WAN: 14 * GIB, T5: 6 * GIB}


def on_card(limits: Limits = DEFAULT, **given: Any) -> tuple[Device, dict[str, Any]]:
    budget = budget_of(simulated_card(24, **given), limits)
    gpu = Device(id=DeviceId("gpu"), budget_bytes=budget.bytes, load_bytes_per_s=GIB)
    return gpu, {"budgets": {gpu.id: budget}}


def service(id: str, *, device: str = "gpu", **given: Any) -> Service:
    return Service(
        id=ServiceId(id), executor=id, device=DeviceId(device), capabilities=ALL_KINDS,
        **{"unload": "selective", **given},
    )  # fmt: skip


def planned(steps: Iterable[Step], *services: Service, device: Device | None = None,
            **given: Any) -> Plan:  # fmt: skip
    gpu, budgets = on_card()
    return plan(
        program(steps), devices=(device or gpu,), services=services or (service("comfy"),),
        refuse=lambda *_: None, find=lambda _: Absent(reason="new", text="new"), sizes=SIZES,
        **{**budgets, **given},
    )  # fmt: skip


def use(*models: ModelId, executor: str = "comfy", **given: Any) -> tuple[Option, ...]:
    return (Option(executor=executor, models=frozenset(models), **{"seconds": 60.0, **given}),)


def stills_and_clips(count: int = 3) -> list[Step]:
    stills = [step(f"s{n}:sound", options=use(FLUX, T5, work_bytes=GIB)) for n in range(count)]
    clips = [
        step(f"s{n}:clip", options=use(WAN, T5, work_bytes=2 * GIB), still=made(f"s{n}:sound"))
        for n in range(count)
    ]
    return stills + clips


def test_a_cut_names_what_did_not_fit_together_and_by_how_much() -> None:
    said = planned(stills_and_clips()).explain()
    assert (
        "  Cut here: wan (14.0 GiB) and flux (12.0 GiB) do not fit together, "
        "11.2 GiB more than the 22.8 GiB there are.\n"
        "  Unloads flux (12.0 GiB): nothing needs it any more.\n"
    ) in said


def test_what_leaves_and_comes_back_says_when() -> None:
    chain = [
        step("a:clip", options=use(FLUX)),
        step("b:clip", options=use(WAN), of=made("a:clip")),
        step("c:clip", options=use(FLUX), of=made("b:clip")),
    ]
    result = planned(chain)
    assert "  Unloads flux (12.0 GiB); stage 3 loads it again.\n" in result.explain()
    first, second, third = cuts(result)
    assert first is None
    assert second is not None
    assert third is not None
    assert (second.again, second.over) == ({FLUX: 3}, frozenset())
    assert (third.again, third.over) == ({}, {WAN})


def test_another_services_turn_is_called_that() -> None:
    steps = [step("a:clip", options=use(T5)), step("b:clip", options=use(executor="wan2gp"))]
    said = planned(steps, service("comfy"), service("wan2gp")).explain()
    assert "Cut here: the next steps are " in said


def test_what_each_service_holds_is_known_for_each_stage() -> None:
    held = resident(planned(stills_and_clips()))
    assert held == ({"comfy": {FLUX, T5}}, {"comfy": {WAN, T5}})
    alone = [service("comfy", unload="self"), service("wan2gp")]
    steps = [
        step("a:clip", options=use(T5)),
        step("b:clip", options=use(T5, executor="wan2gp"), of=made("a:clip")),
    ]
    assert resident(planned(steps, *alone)) == ({"comfy": {T5}}, {"wan2gp": {T5}})


def test_the_budget_the_loads_and_the_proof_are_told() -> None:
    said = planned(stills_and_clips()).explain().splitlines()
    assert (
        said[0]
        == "6 of 6 steps to do, 0 there already; about 6 min 32 s, at most 22.0 GiB of memory."
    )
    assert said[1] == "3 loads, 32.0 GiB; every plan loads at least 32.0 GiB. No plan is better."
    assert said[2].startswith("Waste: ")
    assert said[3] == "gpu: 24 GiB card, 5 % kept free: 22.8 GiB to plan with."


def downgraded(limits: Limits, **fp16: Any) -> Plan:
    gpu, budgets = on_card(limits)
    best = Option(executor="comfy", work_bytes=16 * GIB, precision="fp16", **fp16)
    less = Option(
        executor="comfy", work_bytes=6 * GIB, precision="fp8", fidelity=Fidelity.FP8,
        note="fp8 instead of fp16, 10.0 GiB less",
    )  # fmt: skip
    steps = [step(f"shot_{n}:clip", options=(best, less)) for n in range(5)]
    return planned(steps, device=gpu, **budgets)


def test_what_is_given_up_is_said_once_with_what_would_undo_it() -> None:
    result = downgraded(Limits(limit_bytes=8 * GIB))
    (one,) = downgrades(result)
    assert one.words == (
        "Simpler on shot_0, shot_1, shot_2 and 2 more: fp8 instead of fp16, 10.0 GiB less. "
        "To undo it, raise the Project's VRAM limit from 8 GiB to 16 GiB."
    )
    assert result.explain().count(one.words) == 1


def test_a_stand_in_names_the_setting_that_forbids_something_better() -> None:
    gpu, budgets = on_card(Limits(limit_bytes=8 * GIB))
    options = (
        Option(executor="comfy", work_bytes=16 * GIB),
        Option(executor="comfy", work_bytes=6 * GIB, precision="fp8", fidelity=Fidelity.FP8, allowed=False),
        Option(executor="animatic", fidelity=Fidelity.STAND_IN),
    )  # fmt: skip
    steps = [step("shot_4:clip", options=options)]
    (one,) = downgrades(
        planned(steps, service("comfy"), service("animatic"), device=gpu, **budgets)
    )
    assert one.words == (
        "Simpler on shot_4: a stand-in (animatic). To undo it, allow something simpler on its "
        "Backend node (choose fp8)."
    )


def test_without_anybody_for_the_best_way_starting_one_is_the_remedy() -> None:
    options = (
        Option(executor="comfy"), Option(executor="animatic", fidelity=Fidelity.STAND_IN),
    )  # fmt: skip
    (one,) = downgrades(planned([step("a:clip", options=options)], service("animatic")))
    assert one.undo == "start a service for comfy"


def test_a_stand_in_is_told_of_although_nobody_here_offers_more() -> None:
    only = (Option(executor="animatic", fidelity=Fidelity.STAND_IN),)
    (one,) = downgrades(planned([step("a:clip", options=only)], service("animatic")))
    assert one.words == (
        "Simpler on a: a stand-in (animatic). To undo it, see what is missing: "
        "movie-director doctor FILM."
    )


def test_five_hundred_steps_are_told_in_a_few_lines() -> None:
    said = planned(stills_and_clips(250)).explain().splitlines()
    assert len(said) < 40
    assert "  250 steps by comfy: the best way there is" in said
    assert "    and 242 more (242 new)" in said


def test_many_reasons_in_one_stage_end_in_a_number() -> None:
    steps = [step(f"s{n}:clip", options=use(T5, note=f"way {n}")) for n in range(40)]
    assert "  and 28 more steps, in 28 more ways" in planned(steps).explain()


def test_a_time_comes_with_its_range() -> None:
    result = planned(stills_and_clips())
    low, high = seconds_range(result, Learned())
    assert (low, high) == pytest.approx((result.seconds / 2, result.seconds * 2))
    told = replace(result, figures=replace(result.figures, seconds_range=(low, high)))
    assert "about 6 min 32 s (3 min 16 s to 13 min 4 s), at most" in told.explain()
    learned = Learned()
    for placed in result.to_do[:6]:
        for key in keys_of("gpu", placed.step, placed.option):
            learned = learned.observed(key, estimated_seconds=1.0, seconds=1.0)
    low, high = seconds_range(result, learned)
    assert (low, high) == pytest.approx((result.seconds, result.seconds))
    assert seconds_range(planned([]), Learned()) == (0.0, 0.0)
