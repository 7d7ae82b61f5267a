"""The ways a shot has on cards of every size: less exact, offloaded, smaller, simpler; or a clear no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from movie_director.core.budget import Limits, budget_of, simulated_card
from movie_director.core.candidates import Candidates, Choice
from movie_director.core.errors import OutOfMemoryBudget
from movie_director.core.executor import Want
from movie_director.core.footprints import known_footprints
from movie_director.core.step import (
    CLIP,
    Device,
    DeviceId,
    Fidelity,
    Option,
    Service,
    ServiceId,
    Step,
)
from movie_director.executors._comfyui.ways import Ways

from tests.comfyui_films import shot

WAYS = Ways()
SIZES = known_footprints().sizes


def offered(film: str = "final", **backend: Any) -> tuple[Option, ...]:
    want = Want(kind=CLIP, quality=film, width=1280, height=720, fps=24, seconds=5, backend=backend)
    return WAYS.offer(want)


def on_card(
    gigabytes: int, options: tuple[Option, ...], lacking: Mapping[str, str] | None = None
) -> Choice | None:
    """What is chosen of these with a card of that size; ``lacking`` are precisions not there."""
    budget = budget_of(simulated_card(gigabytes), Limits())
    device = Device(id=DeviceId("card"), budget_bytes=budget.bytes)
    service = Service(
        id=ServiceId("comfyui@1"), executor="comfyui", device=device.id,
        capabilities=frozenset({CLIP}),
    )  # fmt: skip
    here = replace(service, id=ServiceId("animatic"), executor="animatic")

    def refuse(step: Step, option: Option, service: Service) -> str | None:
        if "_i2v_" in option.workflow:
            return "its workflow begins with a picture, and the shot has none"
        return (lacking or {}).get(option.precision)

    asked = Candidates(
        {device.id: device}, [service, here], refuse, SIZES, budgets={device.id: budget}
    )
    return asked.choose(replace(shot(), options=options))


def told(choice: Choice | None) -> tuple[str, str, str, tuple[int, int]]:
    assert choice is not None
    (way,) = choice.ways
    option = way.option
    return option.workflow, option.precision, option.fidelity.name, option.size


def test_every_card_gets_the_best_way_that_fits_it() -> None:
    chosen = {size: told(on_card(size, offered())) for size in (80, 48, 24, 16, 12, 8)}
    assert chosen == {
        80: ("wan_t2v_final", "fp16", "FULL", (0, 0)),
        48: ("wan_t2v_final", "fp16", "FULL", (0, 0)),
        24: ("wan_t2v_final", "fp16", "OFFLOADED", (0, 0)),
        16: ("wan_t2v_final", "fp16", "SMALLER", (960, 544)),
        12: ("wan_t2v_final", "fp8", "SMALLER", (960, 544)),
        8: ("wan_t2v_final", "fp8", "SMALLER", (640, 352)),
    }
    with pytest.raises(OutOfMemoryBudget):
        on_card(6, offered())


EXPERTS = {"fp16": "wan2.2-t2v-14b-low/fp16", "fp8": "wan2.2-t2v-14b-low/fp8"}


def at_480p(**backend: Any) -> tuple[Option, ...]:
    want = Want(
        kind=CLIP, quality="final", width=832, height=480, fps=24, seconds=5, backend=backend
    )
    return WAYS.offer(want)


def test_a_shots_own_quality_goes_before_the_films() -> None:
    quick, exact = offered("draft"), offered("draft", quality="final")
    assert exact == offered("final")
    assert {each.workflow for each in quick}.isdisjoint(
        {each.workflow for each in exact if each.fidelity is Fidelity.FULL}
    )


def test_two_experts_that_do_not_fit_together_take_turns_and_it_is_the_same_picture() -> None:
    held = {}
    for size in (80, 48, 24):
        choice = on_card(size, at_480p())
        assert choice is not None
        (way,) = choice.ways
        held[size] = (way.option.precision, way.option.fidelity.name, sorted(way.option.models))
    high = {name: id.replace("low", "high") for name, id in EXPERTS.items()}
    assert held == {
        80: ("fp16", "FULL", [high["fp16"], EXPERTS["fp16"]]),
        48: ("fp16", "FULL", [EXPERTS["fp16"]]),
        24: ("fp8", "FP8", [EXPERTS["fp8"]]),
    }


def test_models_that_take_turns_cost_the_time_of_bringing_each_back() -> None:
    both, turns = (each for each in at_480p() if each.workflow == "wan_t2v_final"
                   and each.precision == "fp16" and each.models)  # fmt: skip
    moved = sum(SIZES[id] for id in both.models)
    assert turns.seconds - both.seconds == pytest.approx(moved / 16e9)
    assert turns.work_bytes == both.work_bytes
    assert turns.note.startswith("its models take turns on the card, ")


def test_taking_turns_is_no_downgrade_that_a_node_could_forbid() -> None:
    choice = on_card(48, at_480p(allow_downgrade=False))
    assert choice is not None
    assert choice.ways[0].option.models == {EXPERTS["fp16"]}
    choice = on_card(24, at_480p(allow_downgrade=False, precision="fp8"))
    assert choice is not None
    assert told(choice) == ("wan_t2v_final", "fp8", "FULL", (0, 0))


def test_where_nothing_fits_an_animatic_stands_in_and_the_plan_says_so() -> None:
    drawn = Option(executor="animatic", workflow="clip", fidelity=Fidelity.STAND_IN)
    choice = on_card(6, (*offered(), drawn))
    assert choice is not None
    assert [way.option for way in choice.ways] == [drawn]
    assert any("it needs more memory than there is" in one.why for one in choice.refused)


def test_a_server_that_has_one_precision_alone_goes_down_with_that() -> None:
    lacking = {"fp16": "it does not have wan2.2_t2v_high_noise_14B_fp16.safetensors"}
    chosen = {size: told(on_card(size, offered(), lacking)) for size in (80, 24)}
    assert chosen == {
        80: ("wan_t2v_final", "fp8", "FP8", (0, 0)),
        24: ("wan_t2v_final", "fp8", "OFFLOADED", (0, 0)),
    }


def test_a_simpler_workflow_comes_last_and_says_whose_quality_it_has() -> None:
    lower = [each for each in offered() if each.workflow == "wan_5b_t2v_standard"]
    assert {each.fidelity for each in lower} == {Fidelity.LOWER_QUALITY}
    assert all(each.note.startswith("standard quality instead of final") for each in lower)


def test_what_is_given_up_is_said_with_what_it_saves() -> None:
    for size in (48, 24, 12, 8):
        choice = on_card(size, offered())
        assert choice is not None
        assert " less" in choice.ways[0].option.note


@pytest.mark.parametrize("gigabytes", [24, 12, 8])
def test_where_the_node_forbids_it_the_refusal_names_the_setting(gigabytes: int) -> None:
    with pytest.raises(OutOfMemoryBudget) as caught:
        on_card(gigabytes, offered(allow_downgrade=False))
    said = caught.value.remedy
    assert said.startswith("Allow something simpler on its Backend node (")
    assert " less" in said
    assert "or use a card with" in said
