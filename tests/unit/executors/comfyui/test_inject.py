"""From workflow and values to exactly what is sent."""

from __future__ import annotations

import copy
import json
import pathlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from movie_director.core.errors import InputError
from movie_director.core.prompt_graph import graph_fault, read_prompt
from movie_director.core.workflow import Graph, Workflow
from movie_director.core.workflow_values import LoRA
from movie_director.executors._comfyui.inject import fill

from tests.workflow_files import small


def filled(workflow: Workflow, **values: Any) -> dict[str, dict[str, Any]]:
    assert isinstance(workflow.base, Graph)
    return fill(workflow, workflow.base.prompt, values)


def test_what_is_sent_is_exactly_this(tmp_path: pathlib.Path) -> None:
    found = filled(small(tmp_path), prompt="rain", image="a.png", seed=3)
    assert sorted(found) == ["1", "2", "3", "4", "6", "7", "8"]
    assert found["6"] == {
        "inputs": {
            "model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0],
            "latent_image": ["4", 0], "seed": 3, "steps": 4, "cfg": 1.0,
            "sampler_name": "euler", "scheduler": "simple", "denoise": 0.5,
        },
        "class_type": "KSampler",
        "_meta": {"title": "KSampler"},
    }  # fmt: skip
    assert found["2"]["inputs"]["text"] == "rain"
    assert found["1"]["inputs"]["ckpt_name"] == "small.safetensors"


def test_an_absent_input_is_pruned_and_its_place_wired_anew(tmp_path: pathlib.Path) -> None:
    found = filled(small(tmp_path), prompt="rain", width=1024)
    assert sorted(found) == ["1", "2", "5", "6", "7", "8"]
    assert found["6"]["inputs"]["latent_image"] == ["5", 0]
    assert found["6"]["inputs"]["denoise"] == 1.0
    assert found["5"]["inputs"]["width"] == 1024


def test_loras_stand_in_a_chain_before_the_model(tmp_path: pathlib.Path) -> None:
    loras = (LoRA(file="a.safetensors", strength=0.8), LoRA(file="b.safetensors", strength=0.6))
    found = filled(small(tmp_path), prompt="rain", loras=loras)
    assert found["6"]["inputs"]["model"] == ["lora:1:2", 0]
    assert found["lora:1:2"]["inputs"] == {
        "model": ["lora:1:1", 0], "lora_name": "b.safetensors", "strength_model": 0.6,
    }  # fmt: skip
    assert found["lora:1:1"]["inputs"]["model"] == ["1", 0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=200), seed=st.integers(0, 2**64 - 1), image=st.booleans())
def test_any_text_goes_in_as_it_is(
    tmp_path: pathlib.Path, text: str, seed: int, image: bool
) -> None:
    workflow = small(tmp_path)
    assert isinstance(workflow.base, Graph)
    before = copy.deepcopy(workflow.base.prompt)
    values: dict[str, Any] = {"prompt": text, "seed": seed}
    if image:
        values["image"] = "a.png"
    found = filled(workflow, **values)
    again = json.loads(json.dumps(found))
    assert again["2"]["inputs"]["text"] == text
    assert again["6"]["inputs"]["seed"] == seed
    assert found == filled(workflow, **values)
    assert workflow.base.prompt == before
    assert graph_fault(found) == ""
    assert all({"inputs", "class_type", "_meta"} == set(node) for node in found.values())


def test_what_a_picture_s_file_pins_to_old_files_is_not_sent() -> None:
    node = {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "is_changed": ["abc"]}
    assert read_prompt({"1": node}) == {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("drop: ['3', '4']", "drop: ['33']", "drops a node '33'"),
        ("set: {6.denoise", "set: {66.denoise", "changes '66.denoise'"),
        ("link: {6.latent_image: '5.0'}", "link: {6.latent_image: '55.0'}", "to '55'"),
        ("drop: ['3', '4']", "drop: ['8']", "output node '8' is not there"),
        ("loras: {at: 6.model}", "loras: {at: 6.seed}", "no model is linked to '6.seed'"),
    ],
)
def test_a_workflow_that_does_not_fit_its_graph_is_told(
    tmp_path: pathlib.Path, old: str, new: str, said: str
) -> None:
    workflow = small(tmp_path, (old, new))
    with pytest.raises(InputError, match="'small' does not fit its graph") as caught:
        filled(workflow, prompt="a", loras=(LoRA(file="a"),))
    assert said in caught.value.what


def test_a_precision_that_is_not_there_is_told(tmp_path: pathlib.Path) -> None:
    workflow = small(tmp_path)
    assert isinstance(workflow.base, Graph)
    with pytest.raises(InputError, match="no precision 'q4'"):
        fill(workflow, workflow.base.prompt, {"prompt": "a"}, precision="q4")
