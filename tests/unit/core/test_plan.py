"""The planner: what is done, by whom, in which stages, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.budget import Limits, budget_of, simulated_card
from movie_director.core.compile import FileRef, Program
from movie_director.core.difference import difference, spelled
from movie_director.core.digest import Digest
from movie_director.core.errors import OutOfMemoryBudget, PlanError
from movie_director.core.explain import duration_words
from movie_director.core.plan import Absent, Dirty, Plan, plan
from movie_director.core.plan_json import PLAN_SCHEMA
from movie_director.core.step import (
    CLIP,
    MUSIC,
    SPEECH,
    Artifact,
    Device,
    DeviceId,
    Fidelity,
    Kind,
    ModelId,
    Option,
    Service,
    ServiceId,
    Step,
    StepId,
)

from tests.fakes import ALL_KINDS, made, program, small_film, step

GIB = 2**30
CPU = Device(id=DeviceId("cpu"), budget_bytes=8 * GIB)
GPU = Device(id=DeviceId("gpu"), budget_bytes=8 * GIB, load_bytes_per_s=GIB)
NEW = Absent(reason="new", text="it was never made")


def service(
    id: str, *, executor: str = "", device: Device = CPU, kinds: Iterable[Kind] = ALL_KINDS,
    **given: Any,
) -> Service:  # fmt: skip
    return Service(
        id=ServiceId(id), executor=executor or id, device=device.id,
        capabilities=frozenset(kinds), **{"unload": "selective", **given},
    )  # fmt: skip


def models(*names: str) -> frozenset[ModelId]:
    return frozenset(map(ModelId, names))


def planned(
    film: Program, *services: Service, devices: Iterable[Device] = (CPU, GPU),
    refuse: Callable[[Step, Option, Service], str | None] = lambda *_: None,
    find: Callable[[Step], Artifact | Absent] = lambda _: NEW, **given: Any,
) -> Plan:  # fmt: skip
    return plan(
        film, devices=tuple(devices), services=services or (service("fake"),), refuse=refuse,
        find=find, **given,
    )  # fmt: skip


def shots(*options: tuple[Option, ...]) -> Program:
    return program(step(f"s{n}:clip", options=each) for n, each in enumerate(options))


def who(result: Plan) -> dict[str, str]:
    return {placed.step.id: placed.service.id for placed in result.to_do}


def stages(result: Plan) -> list[tuple[str, list[str]]]:
    return [(str(stage.service), [p.step.id for p in stage.steps]) for stage in result.stages]


def artifact(step: Step, **changed: Any) -> Artifact:
    value: dict[str, Any] = {"content": Digest(f"content of {step.id}"), "path": Path("x")}
    return Artifact(step=step.id, intent=step.intent, **{**value, **changed})


def test_everything_new_is_done_in_the_order_of_the_film() -> None:
    film = small_film({"one": "Hi", "two": "Bye"})
    result = planned(film)
    assert [placed.step.id for placed in result.to_do] == list(film.steps)
    assert set(result.dirty.values()) == {Dirty(code="new", text="it was never made")}
    assert stages(result) == [("fake", list(film.steps))]


def test_the_best_fidelity_is_taken_then_the_executors_order() -> None:
    low = Option(executor="animatic", fidelity=Fidelity.STAND_IN)
    high, other = Option(executor="comfyui"), Option(executor="wan2gp")
    film = shots((low, high, other), (low, other, high), (low,))
    services = [service(name) for name in ("animatic", "comfyui", "wan2gp")]
    assert who(planned(film, *services)) == {
        "s0:clip": "comfyui", "s1:clip": "wan2gp", "s2:clip": "animatic",
    }  # fmt: skip


def test_who_refuses_or_is_not_there_is_passed_over_with_the_reason() -> None:
    film = shots((Option(executor="a"), Option(executor="b"), Option(executor="c")))
    result = planned(
        film,
        service("a"),
        service("c"),
        refuse=lambda s, o, v: "it sleeps" if v.id == "a" else None,
    )
    (placed,) = result.to_do
    assert placed.service.id == "c"
    assert placed.reason == "the best way there is; not a: it sleeps; not b: no service for it"


def test_a_stand_in_is_called_one() -> None:
    (placed,) = planned(shots((Option(executor="fake", fidelity=Fidelity.STAND_IN),))).to_do
    assert placed.reason == "a stand-in, nothing better is there"


def test_several_services_of_one_kind_share_the_work_by_time_and_slots() -> None:
    film = shots(*[(Option(executor="comfy", seconds=10),)] * 6)
    one = service("one", executor="comfy", device=CPU)
    two = service("two", executor="comfy", device=GPU, slots=2)
    result = planned(film, one, two)
    counts = [sum(1 for s in who(result).values() if s == name) for name in ("one", "two")]
    assert counts == [2, 4]
    assert result.seconds == 20


def test_what_nobody_can_do_is_named_with_a_remedy() -> None:
    film = program([
        step("a:clip"), step("b:music", kind=MUSIC), step("c:music", kind=MUSIC, options=()),
    ])  # fmt: skip
    with pytest.raises(PlanError) as caught:
        planned(film, service("fake", kinds=[SPEECH]))
    assert caught.value.what == (
        "Nothing here can do this kind of work: clip (1), music (2) steps. fake: no service for it."
    )
    assert "Backend node" in caught.value.remedy
    assert caught.value.where == "a"


def test_a_step_larger_than_any_memory_is_named() -> None:
    film = shots(
        (Option(executor="fake", models=models("m"), work_bytes=GIB),),
    )
    with pytest.raises(OutOfMemoryBudget) as caught:
        planned(film, sizes={ModelId("m"): 8 * GIB})
    assert (caught.value.where, caught.value.needs, caught.value.budget) == ("s0", 9 * GIB, 8 * GIB)


def test_a_model_whose_size_nobody_knows_is_not_taken_for_nothing() -> None:
    use = Option(executor="fake", models=models("mine", "known"))
    sizes = {ModelId("known"): GIB}
    with pytest.raises(PlanError) as caught:
        planned(shots((use,)), sizes=sizes)
    assert "fake: the size of the model 'mine' is not known" in caught.value.what
    assert "footprints.yaml" in caught.value.remedy
    (placed,) = planned(
        shots((use, Option(executor="fake", fidelity=Fidelity.STAND_IN))), sizes=sizes
    ).to_do
    assert "not fake: the size of the model 'mine' is not known" in placed.reason


def test_what_the_node_forbids_is_named_as_a_way_out_and_never_taken() -> None:
    big = Option(executor="fake", work_bytes=9 * GIB)
    less = Option(
        executor="fake", work_bytes=GIB, fidelity=Fidelity.FP8, allowed=False,
        note="fp8 instead of fp16, 8.0 GiB less",
    )  # fmt: skip
    with pytest.raises(OutOfMemoryBudget) as caught:
        planned(shots((big, less)))
    assert caught.value.remedy == (
        "Allow something simpler on its Backend node (fp8 instead of fp16, 8.0 GiB less)."
    )


@pytest.mark.parametrize(
    ("limits", "held", "remedy"),
    [
        (Limits(limit_bytes=4 * GIB), 0, "Raise the Project's VRAM limit from 4 GiB to 6 GiB."),
        (Limits(), 4 * GIB, "Close the other programs that hold 4 GiB of the card."),
        (Limits(margin_share=0.5), 0, "Keep less than 4 GiB of the card free."),
        (Limits(card_bytes=1), 0, ""),
    ],
)
def test_what_does_not_fit_says_which_setting_would_help(
    limits: Limits, held: int, remedy: str
) -> None:
    budget = budget_of(simulated_card(8, held_bytes=held), limits)
    gpu = replace(GPU, budget_bytes=budget.bytes)
    size = 6 if remedy else 9
    with pytest.raises(OutOfMemoryBudget) as caught:
        planned(
            shots((Option(executor="fake", work_bytes=size * GIB),)),
            service("fake", device=gpu), devices=(gpu,), budgets={gpu.id: budget},
        )  # fmt: skip
    assert caught.value.remedy == (remedy or "Use a card with 9.5 GiB.")


def test_memory_learned_to_be_more_than_estimated_is_planned_with() -> None:
    film = shots((Option(executor="fake", work_bytes=5 * GIB), Option(executor="small")))
    raised = planned(
        film, service("fake"), service("small"),
        costs=lambda machine, s, o: replace(o, work_bytes=o.work_bytes * (2 if machine == "cpu" else 1)),
    )  # fmt: skip
    (placed,) = raised.to_do
    assert (placed.service.id, placed.option.executor) == ("small", "small")
    on_gpu = planned(
        film, service("fake", device=GPU), costs=lambda machine, s, o: o
    )  # fmt: skip
    assert on_gpu.stages[0].peak_bytes == 5 * GIB


def test_a_smaller_way_is_taken_when_the_best_does_not_fit() -> None:
    film = shots((Option(executor="fake", models=models("big")), Option(executor="small")))
    result = planned(film, service("fake"), service("small"), sizes={ModelId("big"): 9 * GIB})
    (placed,) = result.to_do
    assert placed.service.id == "small"
    assert "it needs more memory than there is" in placed.reason


def test_stages_are_cut_where_models_no_longer_fit_together() -> None:
    use = [Option(executor="fake", models=models(name), work_bytes=GIB) for name in "aabbc"]
    film = shots(*[(option,) for option in use])
    result = planned(film, sizes={ModelId("a"): 3 * GIB, ModelId("b"): 3 * GIB, ModelId("c"): GIB})
    assert stages(result) == [
        ("fake", ["s0:clip", "s1:clip", "s2:clip", "s3:clip", "s4:clip"]),
    ]  # fmt: skip
    result = planned(film, sizes={ModelId("a"): 5 * GIB, ModelId("b"): 5 * GIB, ModelId("c"): GIB})
    first, second = result.stages
    assert [p.step.id for p in first.steps] == ["s0:clip", "s1:clip"]
    assert (first.load, first.unload) == (models("a"), models())
    assert (second.load, second.unload) == (models("b", "c"), models("a"))
    assert (first.peak_bytes, second.peak_bytes, result.peak_bytes) == (6 * GIB, 7 * GIB, 7 * GIB)


def test_a_stage_holds_the_working_memory_of_all_its_slots() -> None:
    film = shots(*[(Option(executor="fake", work_bytes=3 * GIB),)] * 3)
    two = service("fake", slots=2, idle_bytes=GIB)
    assert planned(film, two).stages[0].peak_bytes == 7 * GIB
    three = service("fake", slots=3, idle_bytes=GIB)
    assert [len(stage.steps) for stage in planned(film, three).stages] == [2, 1]


def test_another_service_on_the_same_device_begins_another_stage() -> None:
    film = shots((Option(executor="a"),), (Option(executor="b"),), (Option(executor="a"),))
    assert stages(planned(film, service("a"), service("b"))) == [
        ("a", ["s0:clip", "s2:clip"]), ("b", ["s1:clip"]),
    ]  # fmt: skip
    apart = planned(film, service("a"), service("b", device=GPU))
    assert stages(apart) == [("a", ["s0:clip", "s2:clip"]), ("b", ["s1:clip"])]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), min_size=1, max_size=25))
def test_no_stage_holds_more_than_the_budget_and_no_step_is_lost(
    wishes: list[tuple[str, int]],
) -> None:
    sizes = {ModelId("a"): 2 * GIB, ModelId("b"): 3 * GIB, ModelId("c"): 4 * GIB}
    film = shots(
        *[(Option(executor="fake", models=models(name), work_bytes=work * GIB),)
          for name, work in wishes]
    )  # fmt: skip
    result = planned(film, service("fake", slots=2), sizes=sizes)
    assert sorted(p.step.id for p in result.to_do) == sorted(film.steps)
    resident: frozenset[ModelId] = frozenset()
    for stage in result.stages:
        resident = (resident - stage.unload) | stage.load
        assert all(placed.option.models <= resident for placed in stage.steps)
        assert sum(sizes[model] for model in resident) <= stage.peak_bytes <= 8 * GIB


def test_the_estimate_is_by_slots_loading_and_experience() -> None:
    film = shots(*[(Option(executor="fake", seconds=6, models=models("m")),)] * 4)
    sizes = {ModelId("m"): 4 * GIB}
    two = service("fake", device=GPU, slots=2)
    assert planned(film, two, sizes=sizes).seconds == 12 + 4
    twice = planned(film, two, sizes=sizes, costs=lambda _, s, o: replace(o, seconds=o.seconds / 2))
    assert (twice.seconds, twice.to_do[0].option.seconds) == (6 + 4, 6)
    assert planned(shots((Option(executor="fake", seconds=6),)), two).seconds == 6


def test_what_is_found_is_not_done() -> None:
    film = small_film({"one": "Hi"})
    result = planned(film, find=artifact)
    assert (result.to_do, result.dirty, result.seconds, result.peak_bytes) == ((), {}, 0.0, 0)
    assert set(result.cached) == set(film.steps)


def test_only_a_node_and_what_it_needs_is_looked_at() -> None:
    film = small_film({"one": "Hi", "two": "Bye"})
    assert list(planned(film, only="two/shot").steps) == ["two/line:speech", "two/shot:clip"]
    assert list(planned(film, only="one").steps) == ["one/line:speech", "one/shot:clip"]
    with pytest.raises(PlanError, match="Nothing is made by the node 'three'"):
        planned(film, only="three")


def test_a_node_that_shares_anothers_step_may_be_asked_for() -> None:
    film = small_film({"one": "Hi"})
    shared = {
        id: replace(each, also=(StepId("twin"),)) if each.kind == SPEECH else each  # type: ignore[arg-type]
        for id, each in film.steps.items()
    }
    assert list(planned(replace(film, steps=shared), only="twin").steps) == ["one/line:speech"]


@pytest.mark.parametrize("force", [{"one/shot"}, {"one/shot:clip"}])
def test_what_is_forced_is_done_again_with_what_depends_on_it(force: set[str]) -> None:
    film = small_film({"one": "Hi"})
    result = planned(film, find=artifact, force=force)
    assert {id: why.text for id, why in result.dirty.items()} == {
        "one/shot:clip": "it was asked for again",
        "out:film": "one/shot:clip is made again",
    }
    assert result.dirty[StepId("one/shot:clip")].code == "forced"


def test_a_result_from_another_reading_of_its_parent_is_stale() -> None:
    film = small_film({"one": "Hi"})

    def find(step: Step) -> Artifact:
        speech = film.steps[StepId("one/line:speech")]
        given = {speech.intent: Digest("an older recording")} if step.kind == CLIP else {}
        return artifact(step, made_from=given)

    assert {id: why.text for id, why in planned(film, find=find).dirty.items()} == {
        "one/shot:clip": "one/line:speech was made again",
        "out:film": "one/shot:clip is made again",
    }


def test_a_missing_file_alone_is_made_again_alone() -> None:
    film = small_film({"one": "Hi"})
    gone = Absent(reason="missing", text="clip_t001.mp4 is gone")
    result = planned(film, find=lambda s: gone if s.kind == CLIP else artifact(s))
    assert result.dirty == {
        "one/shot:clip": Dirty(code="missing", text="clip_t001.mp4 is gone"),
    }


def stand_in(step: Step) -> Absent:
    return Absent(
        reason="stand_in", text="an animatic", artifact=artifact(step, fidelity=Fidelity.STAND_IN)
    )


@pytest.mark.parametrize(
    ("options", "done"),
    [
        ((Option(executor="fake", fidelity=Fidelity.STAND_IN),), False),
        ((Option(executor="fake", fidelity=Fidelity.STAND_IN), Option(executor="gone")), False),
        ((Option(executor="fake"),), True),
    ],
)
def test_a_stand_in_is_replaced_when_something_better_can_be_had(
    options: tuple[Option, ...], done: bool
) -> None:
    result = planned(shots(options), find=stand_in)
    assert result.dirty == {"s0:clip": Dirty(code="stand_in", text="an animatic")}
    assert (len(result.to_do), len(result.cached)) == ((1, 0) if done else (0, 1))
    said = result.explain()
    assert ("nothing better can be had now" in said) is not done


def test_a_film_of_stand_ins_waits_for_its_shots() -> None:
    low = (Option(executor="fake", fidelity=Fidelity.STAND_IN),)
    film = program([step("a:clip", options=low), step("out:film", clip=made("a:clip"))])
    assert planned(film, find=stand_in).to_do == ()


def test_nobody_left_to_replace_a_stand_in_leaves_it_standing() -> None:
    result = planned(shots((Option(executor="gone"),)), find=stand_in)
    assert (result.to_do, list(result.cached)) == ((), ["s0:clip"])


CHANGES: list[tuple[Any, Any, str]] = [
    ({"line": "Hi"}, {"line": "Hello"}, "line changed from 'Hi' to 'Hello'"),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "b changed from 1 to 2"),
    ({"seed": 1}, {"seed": None}, "seed changed from 1 to nothing"),
    ({"a": 1}, {"a": 1, "b": 2}, "b was added"),
    ({"a": 1, "b": 2}, {"a": 1}, "b was removed"),
    ({"a": [1]}, {"a": [1, 2]}, "a has 2 items instead of 1"),
    ({"a": [1, 2]}, {"a": [1, 3]}, "a changed from 2 to 3"),
    ({"a": "x" * 60}, {"a": 1}, "a changed from '" + "x" * 39 + "… to 1"),
    ({"a": {"b": 1}}, {"a": 5}, "a changed from something else to 5"),
    ({"a": 1}, {"a": 1}, "the service asked for changed"),
    (
        {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, {"a": 2, "b": 2, "c": 2, "d": 2, "e": 2},
        "a changed from 1 to 2; b changed from 1 to 2; c changed from 1 to 2; and 2 more",
    ),
    (
        {"voice": {"$made": "a:speech", "intent": "old"}}, {"voice": made("a:speech")},
        "a:speech changed",
    ),
    (
        {"voice": {"$made": "b:speech", "intent": "old"}}, {"voice": made("a:speech")},
        "voice is now a:speech",
    ),
    ({"voice": None}, {"voice": made("a:speech")}, "voice is now a:speech"),
    (
        {"voice": {"$made": "b:speech", "intent": "old"}}, {"voice": None},
        "voice changed from something else to nothing",
    ),
    (
        {"image": {"$file": "a.png", "content": "old"}},
        {"image": FileRef(path=Path("x/a.png"), content=Digest("new"))},
        "the file 'a.png' changed",
    ),
    (
        {"image": None}, {"image": FileRef(path=Path("x/a.png"), content=Digest("new"))},
        "image is now the file 'a.png'",
    ),
    (
        {"clips": {"s1/a:clip": {"$made": "s1/a:clip", "intent": "old"}}},
        {"clips": {"s1/a:clip": made("a:speech")}}, "s1/a:clip is now a:speech",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "said"), CHANGES)
def test_a_change_is_named_as_a_person_would(
    was: Mapping[str, Any], now: Mapping[str, Any], said: str
) -> None:
    intents = {StepId("a:speech"): Digest("new")}
    changed = step("x:clip", **now)
    assert difference(was, changed, intents) == said


def test_what_did_not_change_is_spelled_the_same() -> None:
    value = {"a": (1, made("a:speech")), "b": FileRef(path=Path("x/y.png"), content=Digest("c"))}
    assert spelled(value, {StepId("a:speech"): Digest("i")}) == {
        "a": [1, {"$made": "a:speech", "intent": "i"}], "b": {"$file": "y.png", "content": "c"},
    }  # fmt: skip


def test_staleness_without_a_record_says_so() -> None:
    stale = Absent(reason="stale", text="what is wanted changed")
    (why,) = planned(shots((Option(executor="fake"),)), find=lambda _: stale).dirty.values()
    assert why.text == "what is wanted changed"


def test_a_plan_reads_as_sentences() -> None:
    way = Option(
        executor="fake", workflow="wan", precision="fp8", seconds=90, work_bytes=2 * GIB,
        models=models("wan2"),
    )  # fmt: skip
    film = program([step("a:clip", options=(way,), label="x" * 70), step("b:clip")])
    done = film.steps[StepId("b:clip")]
    stale = Absent(reason="stale", text="", was={"text": "old"})
    result = planned(
        film, service("fake", device=GPU), find=lambda s: artifact(s) if s is done else stale,
        sizes={ModelId("wan2"): GIB},
    )  # fmt: skip
    assert result.explain() == (
        "1 of 2 steps to do, 1 there already; about 1 min 31 s, at most 3.0 GiB of memory.\n"
        "1 load, 1.0 GiB; every plan loads at least 1.0 GiB. No plan is better.\n"
        "Waste: 0 % of the memory holds what nobody needs, 0 % of what is loaded is loaded in vain.\n"
        "\n"
        "Stage 1 of 1: fake on gpu, 1 clip, 3.0 GiB; loads wan2 (1.0 GiB)\n"
        f"  a:clip  {'x' * 59}…  [stale: text changed from 'old' to 'a:clip']  "
        "fake wan/fp8: the best way there is"
    )
    assert planned(film, find=artifact).explain() == "Nothing to do: all 2 steps are there."


def test_a_plan_is_json_too() -> None:
    film = program([step("a:clip", options=(Option(executor="fake", seconds=2),)), step("b:clip")])
    done = film.steps[StepId("b:clip")]
    result = planned(film, find=lambda s: artifact(s) if s is done else NEW)
    assert result.to_json() == {
        "schema": PLAN_SCHEMA, "steps": 2, "to_do": 1, "seconds": 2, "peak_bytes": 0,
        "figures": {
            "seconds_range": [0, 0], "loads": 0, "loaded_bytes": 0, "lower_bound_bytes": 0,
            "waste": {"held_share": 0, "reloaded_share": 0}, "optimal": True,
        },
        "devices": [{
            "id": "cpu", "host": "localhost", "gpu": "", "budget_bytes": 8 * GIB,
            "load_bytes_per_s": 2e9, "budget": "",
        }],
        "models": {},
        "stages": [{
            "device": "cpu", "service": "fake", "executor": "fake", "start_s": 0, "end_s": 2,
            "load": [], "unload": [], "peak_bytes": 0,
            "steps": [{
                "id": "a:clip", "node": "a", "kind": "clip", "label": "a:clip",
                "executor": "fake", "workflow": "", "precision": "", "models": [],
                "work_bytes": 0, "seconds": 2, "fidelity": "full",
                "reason": "the best way there is",
            }],
        }],
        "cached": {"b:clip": "x"},
        "dirty": {"a:clip": {"code": "new", "text": "it was never made"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_a_duration_is_said_in_two_units_at_most(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
