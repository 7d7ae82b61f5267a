"""Where a prompt is, and why it failed, from recorded answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.errors import InputError, OutOfMemory, StepFailed
from movie_director.executors._comfyui.jobs import (
    Ended,
    Nowhere,
    Queue,
    Runs,
    Waits,
    failure,
    locate,
    read_ended,
    read_queue,
    refusal,
)

from tests.comfyui_data import recorded

ERRORS = recorded("0.8/wire/errors")


def ended(said: Any) -> Ended:
    found = read_ended(said["history"]["body"], said["prompt_id"])
    assert found is not None
    return found


def test_a_queue_is_read_in_the_order_it_will_run() -> None:
    answer = {
        "queue_running": [[3, "a", {}, {}, []]],
        "queue_pending": [[9, "c", {}, {}, []], [-4, "b", {}, {}, []], "nonsense", [1]],
    }
    assert read_queue(answer) == Queue(running=("a",), waiting=("b", "c"))
    assert read_queue(None) == read_queue([]) == Queue()


def test_it_waits_runs_has_ended_or_is_nowhere() -> None:
    queue = Queue(running=("a",), waiting=("b", "c"))
    assert locate(queue, {}, "a") == Runs()
    assert locate(queue, {}, "c") == Waits(before=2)
    assert locate(queue, {}, "d") == Nowhere()
    said = recorded("0.8/wire/cached")
    found = locate(Queue(), said["history"]["body"], said["prompt_id"])
    assert found == Ended(
        success=True,
        outputs={
            "3": {
                "images": [{"filename": "basic_00001_.png", "subfolder": "lab", "type": "output"}]
            }
        },
        cached=frozenset("123"),
    )


def test_the_history_knows_why_a_prompt_failed() -> None:
    found = ended(ERRORS["custom_node_raises"])
    assert not found.success
    error, transient = failure(found.error, "shot")
    assert isinstance(error, StepFailed)
    assert error.what == "ComfyUI's node LabFail failed: boom from node."
    assert (error.where, transient) == ("shot", False)


def test_a_full_device_is_told_apart() -> None:
    error, _ = failure(ended(ERRORS["cpu_alloc_failure"]).error, "shot")
    assert isinstance(error, OutOfMemory)


def test_an_interruption_is_no_error_of_a_node() -> None:
    said = recorded("0.8/wire/interrupt")["interrupt_running_global"]
    [history] = said["history"].values()
    [id] = history.get("body", history)
    found = read_ended(history.get("body", history), id)
    assert found is not None
    assert (found.success, found.interrupted, found.error) == (False, True, None)
    assert isinstance(failure(None, "shot")[0], StepFailed)


@pytest.mark.parametrize("version", ["0.8", "0.33"])
def test_every_refusal_that_was_recorded_says_something(version: str) -> None:
    for name, said in recorded(f"{version}/wire/refused").items():
        response = said.get("response", {}) if isinstance(said, dict) else {}
        if response.get("status") != 400:
            continue
        error = refusal(400, response["body"], "shot")
        assert isinstance(error, InputError)
        assert len(error.what) > len("ComfyUI did not accept the workflow: ."), name


def test_a_model_that_is_not_there_is_named() -> None:
    said = recorded("0.8/wire/refused")["value_not_in_list_model"]["response"]
    assert "ckpt_name" in refusal(400, said["body"], "").what


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@given(_json)
def test_nothing_a_server_answers_breaks_the_reader(value: object) -> None:
    assert isinstance(read_queue({"queue_running": value, "queue_pending": value}), Queue)
    for entry in (
        value,
        {"status": {"messages": value}, "outputs": value},
        {"status": {"messages": [["execution_error", value]]}},
    ):
        assert isinstance(read_ended({"p": entry}, "p"), Ended | None)
    said = refusal(400, {"error": value, "node_errors": value}, "")
    assert said.what.startswith("ComfyUI did not accept the workflow: ")


def test_a_queue_tells_what_its_running_prompts_may_take() -> None:
    nodes = {"1": {"class_type": "KSampler", "inputs": {"steps": 40}}, "2": "odd", "3": {}}
    running = [[0, "a", nodes, {}, []], [1, "b", "odd"], [2, "c"]]
    queue = read_queue({"queue_running": running, "queue_pending": [[3, "d", nodes, {}, []]]})
    assert queue == Queue(running=("a", "b", "c"), waiting=("d",))
    assert queue.expected == 60.0
