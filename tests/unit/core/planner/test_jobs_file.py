"""The neutral problem file: what it may say, what comes out, and what a bad one is told."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import InputError, OutOfMemoryBudget, PlanError
from movie_director.core.planner.jobs_file import plan_jobs

ROOT = Path(__file__).resolve().parents[4]
TWO = {
    "devices": [{"id": "gpu", "budget_bytes": 10, "load_bytes_per_s": 5}],
    "models": [{"id": "big", "bytes": 8}, {"id": "small", "bytes": 4}],
    "steps": [
        {"id": "a", "models": ["big"], "work_bytes": 1, "seconds": 3},
        {"id": "b", "after": ["a"], "options": [
            {"models": ["small"], "work_bytes": 1, "seconds": 2, "fidelity": 2},
            {"models": ["big"], "work_bytes": 1, "seconds": 1, "fidelity": 1},
        ]},
    ],
}  # fmt: skip


def changed(**what: Any) -> str:
    return json.dumps({**TWO, **what})


def test_a_plan_says_stages_loads_time_and_how_good_it_is() -> None:
    assert plan_jobs(json.dumps(TWO)) == {
        "stages": [
            {"device": "gpu", "service": "gpu", "steps": ["a"], "options": [0], "unload": [],
             "load": ["big"], "peak_bytes": 9, "start_s": 0.0, "end_s": 4.6},
            {"device": "gpu", "service": "gpu", "steps": ["b"], "options": [0], "unload": ["big"],
             "load": ["small"], "peak_bytes": 5, "start_s": 4.6, "end_s": 7.4},
        ],
        "loads": 2, "loaded_bytes": 12, "makespan_seconds": 7.4,
        "waste": {"held_for_nobody": 0.0, "loaded_beyond_best": 0.0},
        "optimal": True, "lower_bound_bytes": 12,
    }  # fmt: skip


def test_a_service_that_frees_everything_is_never_asked_for_less() -> None:
    services = [{"id": "s", "device": "gpu", "unload": "all", "idle_bytes": 1}]
    models = [{"id": name, "bytes": 3} for name in "abc"]
    steps = [{"id": str(n), "models": list(pair), "seconds": 1, "after": [str(n - 1)] if n else []}
             for n, pair in enumerate(["ab", "bc", "ca", "ab"])]  # fmt: skip
    plan = plan_jobs(changed(services=services, models=models, steps=steps))
    assert plan["loaded_bytes"] == 9
    held: set[str] = set()
    plan = plan_jobs(
        json.dumps({**TWO, "services": services, "models": models, "steps": steps,
                    "devices": [{"id": "gpu", "budget_bytes": 8, "load_bytes_per_s": 5}]})
    )  # fmt: skip
    for stage in plan["stages"]:
        assert set(stage["unload"]) in (set(), held)
        held = held - set(stage["unload"]) | set(stage["load"])
        assert stage["peak_bytes"] == 3 * len(held) + 1


def test_what_goes_in_and_what_comes_out_is_as_the_schema_says() -> None:
    schema = json.loads((ROOT / "docs" / "jobs.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(TWO, schema)
    jsonschema.validate(
        plan_jobs(json.dumps(TWO)), {**schema["$defs"]["answer"], "$defs": schema["$defs"]}
    )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**TWO, "steps": [{"id": ""}]}, schema)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2 is not JSON"),
        ("[]", "file must be an object"),
        (changed(devices=[]), "devices is empty"),
        (changed(nodes=1), "'nodes'"),
        (changed(devices=[{"id": "g", "budget_bytes": -1, "load_bytes_per_s": 1}]),
         "devices[0].budget_bytes must be a number from 0 on"),
        (changed(devices=[{"id": "g", "budget_bytes": 1, "load_bytes_per_s": 0}]), "more than 0"),
        (changed(services=[{"id": "s", "device": "x"}]), "services[0].device names no device: 'x'"),
        (changed(services=[{"id": "s", "device": "gpu", "unload": "some"}]), "services[0].unload"),
        (changed(models=[{"id": "m", "bytes": 1}] * 2), "models holds an id twice"),
        (changed(steps=[{"id": "a"}, {"id": "a"}]), "steps holds 'a' twice"),
        (changed(steps=[{"id": "a", "models": ["no"]}]), "steps[0].models names nothing that is there: 'no'"),
        (changed(steps=[{"id": "a", "after": ["no"]}]), "steps[0].after"),
        (changed(steps=[{"id": "a", "options": []}]), "steps[0] needs options"),
        (changed(steps=[{"id": "a", "priority": "loud"}]), "steps[0].priority"),
        (changed(steps=[{"id": "a", "seconds": 1e400}]), "steps[0].seconds"),
        (changed(steps=[{"id": "a", "seconds": True}]), "steps[0].seconds"),
        ("[" * 100_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_where(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plan_jobs(text)
    assert said in caught.value.what


def test_a_step_that_fits_nowhere_and_steps_in_a_circle_are_named() -> None:
    with pytest.raises(OutOfMemoryBudget, match="huge"):
        plan_jobs(changed(steps=[{"id": "huge", "models": ["big"], "work_bytes": 3}]))
    with pytest.raises(PlanError, match="a, b"):
        plan_jobs(changed(steps=[{"id": "a", "after": ["b"]}, {"id": "b", "after": ["a"]}]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "devices", "models", "steps", "bytes", "budget_bytes", "after"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_no_file_gets_anything_but_a_plan_or_an_error_of_ours(one: Any, other: Any) -> None:
    for value in (one, {**TWO, "steps": one, "models": other}, {**TWO, "devices": one}):
        with contextlib.suppress(InputError, PlanError):
            assert plan_jobs(json.dumps(value))["stages"] is not None
