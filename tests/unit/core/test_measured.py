"""What a run came to, by the measures of its plan."""

from __future__ import annotations

import pytest
from movie_director.core.compile import Program
from movie_director.core.measured import Measured, measured
from movie_director.core.plan import Absent, Plan, plan
from movie_director.core.step import (
    Device,
    DeviceId,
    Kind,
    ModelId,
    Option,
    Service,
    ServiceId,
    StepId,
)

from tests.fakes import program, step

GPU = Device(id=DeviceId("gpu"), budget_bytes=10, load_bytes_per_s=1)
SIZES = {ModelId("a"): 6, ModelId("b"): 8}


def two_stages() -> Plan:
    """Two steps with model a, then one with b, which does not fit beside it."""
    film: Program = program(
        step(f"s{n}:clip", options=(Option(executor="fake", seconds=4, models=frozenset({ModelId(m)})),))
        for n, m in enumerate("aab")
    )  # fmt: skip
    service = Service(
        id=ServiceId("fake"), executor="fake", device=GPU.id, unload="selective",
        capabilities=frozenset({Kind("clip")}),
    )  # fmt: skip
    return plan(
        film, devices=[GPU], services=[service], refuse=lambda *_: None, sizes=SIZES,
        find=lambda _: Absent(reason="new", text=""),
    )  # fmt: skip


def test_a_run_that_goes_as_planned_is_measured_as_planned() -> None:
    planned = two_stages()
    ends = {StepId("s0:clip"): 10.0, StepId("s1:clip"): 14.0, StepId("s2:clip"): 26.0}
    assert planned.seconds == 26
    assert measured(planned, ends) == Measured(seconds=26.0, held_share=0.0, loaded_bytes=14)


def test_memory_held_after_its_last_use_counts_by_time() -> None:
    """The second step fails at once, so model a is held for nothing until the stage has ended."""
    ends = {StepId("s0:clip"): 20.0, StepId("s1:clip"): 5.0, StepId("s2:clip"): 40.0}
    assert measured(two_stages(), ends).held_share == 0
    stood = measured(two_stages(), {StepId("s0:clip"): 10.0})
    assert stood == Measured(seconds=10.0, held_share=0.0, loaded_bytes=6)


def test_what_stays_loaded_for_nobody_is_waste() -> None:
    """The service frees everything or nothing, so a stays beside b, which is needed again."""
    film = program(
        [
            step("one:clip", options=(_way("a", "b"),)),
            step("two:clip", options=(_way("b"),)),
        ]
    )
    service = Service(
        id=ServiceId("fake"), executor="fake", device=GPU.id, unload="all",
        capabilities=frozenset({Kind("clip")}),
    )  # fmt: skip
    roomy = Device(id=GPU.id, budget_bytes=20, load_bytes_per_s=1e9)
    planned = plan(
        film, devices=[roomy], services=[service], refuse=lambda *_: None, sizes=SIZES,
        find=lambda _: Absent(reason="new", text=""),
    )  # fmt: skip
    assert len(planned.stages) == 1
    ends = {StepId("one:clip"): 5.0, StepId("two:clip"): 15.0}
    assert measured(planned, ends).held_share == pytest.approx(6 * 10 / (20 * 15))


def _way(*models: str) -> Option:
    return Option(executor="fake", seconds=4, models=frozenset(map(ModelId, models)))


def test_nothing_that_ran_is_nothing() -> None:
    assert measured(two_stages(), {}) == Measured(seconds=0.0, held_share=0.0, loaded_bytes=0)
