"""A prompt is judged before it is sent, by the questions a server would ask."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from movie_director.executors._comfyui.check import Finding, check_prompt
from movie_director.executors._comfyui.convert import MissingNodes, convert_file

from tests.comfyui_data import node_classes, recorded, template, template_names

GOOD = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0},
    },
    "2": {
        "class_type": "ImageScale",
        "inputs": {
            "image": ["1", 0], "upscale_method": "area", "width": 32, "height": 32, "crop": "center",
        },
    },
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "a"}},
}  # fmt: skip


def changed(id: str, **inputs: Any) -> dict[str, Any]:
    """The good prompt with some inputs of a node changed; None takes one away."""
    prompt = copy.deepcopy(GOOD)
    for name, value in inputs.items():
        prompt[id]["inputs"][name] = value
        if value is None:
            del prompt[id]["inputs"][name]
    return prompt


def found(prompt: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.node, each.input) for each in check_prompt(prompt, node_classes())]


def test_nothing_is_found_in_a_good_prompt() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("id", "inputs", "kind", "name"),
    [
        ("3", {"images": None}, "missing_input", "images"),
        ("3", {"images": ["9", 0]}, "bad_link", "images"),
        ("3", {"images": ["2", 1]}, "bad_link", "images"),
        ("3", {"images": [2, 0]}, "bad_link", "images"),
        ("3", {"images": ["2", True]}, "bad_link", "images"),
        ("3", {"images": ["2"]}, "bad_link", "images"),
        ("2", {"width": -1}, "range", "width"),
        ("2", {"width": 10**6}, "range", "width"),
        ("2", {"width": "wide"}, "type", "width"),
        ("2", {"width": float("inf")}, "type", "width"),
        ("2", {"crop": "round"}, "choice", "crop"),
        ("2", {"crop": {"__value__": ["center"]}}, "choice", "crop"),
        ("2", {"width": ["1", 0]}, "type", "width"),
        ("3", {"filename_prefix": {"a": 1}}, "type", "filename_prefix"),
    ],
)
def test_what_a_server_would_refuse_is_found(
    id: str, inputs: dict[str, Any], kind: str, name: str
) -> None:
    assert found(changed(id, **inputs)) == [(kind, id, name)]


def test_numbers_written_as_text_pass_as_they_do_on_the_server() -> None:
    assert found(changed("2", width="48", height=48.9)) == []


def test_an_unknown_class_is_found_even_where_nothing_needs_it() -> None:
    prompt = changed("2", width=0) | {"4": {"class_type": "Nothing", "inputs": {}}}
    assert found(prompt) == [("missing_class", "4", "")]


def test_what_nothing_needs_may_be_wrong() -> None:
    stray = {"class_type": "ImageScale", "inputs": {}}
    assert found({**GOOD, "4": stray}) == []


def test_a_circle_and_a_prompt_without_an_end_are_found() -> None:
    scale = copy.deepcopy(GOOD["2"])
    scale["inputs"] = {**GOOD["2"]["inputs"], "image": ["2", 0]}
    assert found({"2": scale, "3": GOOD["3"]}) == [("circle", "2", "")]
    assert found({"1": GOOD["1"]}) == [("no_output", "", "")]


def test_what_is_no_node_is_found() -> None:
    assert found({**GOOD, "4": 3, "5": {"class_type": "SaveImage"}}) == [
        ("malformed", "4", ""),
        ("malformed", "5", ""),
    ]


def test_a_file_that_is_not_there_is_told_from_a_wrong_choice() -> None:
    prompt = {
        "1": {"class_type": "VAELoader", "inputs": {"vae_name": "ae.safetensors"}},
        "2": {"class_type": "LoadImage", "inputs": {"image": "photo"}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "a"}},
        "4": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 0]}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "6": {"class_type": "PreviewImage", "inputs": {"images": ["4", 0]}},
    }  # fmt: skip
    assert found(prompt) == [
        ("missing_file", "1", "vae_name"),
        ("missing_file", "2", "image"),
    ]


def test_a_finding_says_where_and_what() -> None:
    (finding,) = check_prompt(changed("2", crop="round"), node_classes())
    assert finding == Finding(
        kind="choice", node="2", input="crop", text="'round' is not one of its choices"
    )
    assert str(finding) == "node 2, crop: 'round' is not one of its choices"


def test_dynamic_inputs_are_wanted_as_their_keys_and_numbers_say() -> None:
    grown = {"class_type": "BatchImagesNode", "inputs": {"images.image0": ["1", 0]}}
    prompt = {**GOOD, "4": grown, "3": changed("3", images=["4", 0])["3"]}
    assert [name for _, _, name in found(prompt)] in ([], ["images.image1"])
    resize = {"class_type": "ResizeImageMaskNode", "inputs": {"input": ["1", 0]}}
    resize["inputs"] |= {"resize_type": "scale dimensions", "scale_method": "area"}  # type: ignore[operator]  # object until it is narrowed
    prompt = {**GOOD, "4": resize, "3": changed("3", images=["4", 0])["3"]}
    assert {name for _, _, name in found(prompt)} == {
        "resize_type.width", "resize_type.height", "resize_type.crop",
    }  # fmt: skip


def test_every_template_that_converts_passes_but_for_files() -> None:
    # In that one the frontend itself joins the wrong input (it is converted as the frontend does).
    wrong = set()
    for name in template_names():
        try:
            prompt = convert_file(template(name), node_classes())
        except MissingNodes:
            continue
        findings = check_prompt(prompt, node_classes())
        wrong |= {(name, each.kind) for each in findings if each.kind != "missing_file"}
    assert wrong == {("templates_graphic_design_recomposer", "choice")}


def test_every_recorded_prompt_passes_but_for_files() -> None:
    for prompt in recorded("0.33/frontend_prompts").values():
        kinds = {each.kind for each in check_prompt(prompt, node_classes())}
        assert kinds <= {"missing_file"}
