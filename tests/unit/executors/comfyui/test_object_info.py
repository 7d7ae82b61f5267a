"""A server's node classes are checked before they are believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from movie_director.core.errors import InputError
from movie_director.executors._comfyui.bounded import Bounds, parse_json
from movie_director.executors._comfyui.object_info import parse_object_info, read_object_info

from tests.comfyui_data import node_classes


@pytest.mark.parametrize(("version", "count"), [("0.33", 889), ("0.8", 570)])
def test_every_class_of_a_stock_server_is_understood(version: str, count: int) -> None:
    info = node_classes(version)
    assert len(info) == count
    assert dict(info.refused) == {}


def test_a_class_says_what_its_inputs_and_outputs_are() -> None:
    sampler = node_classes()["KSampler"]
    assert [each.name for each in sampler.inputs] == [
        "model", "seed", "steps", "cfg", "sampler_name", "scheduler", "positive", "negative",
        "latent_image", "denoise",
    ]  # fmt: skip
    steps = sampler.input("steps")
    assert steps is not None
    assert (steps.type, steps.default, steps.number("min"), steps.optional) == ("INT", 20, 1, False)
    assert [each.type for each in sampler.outputs] == ["LATENT"]
    assert node_classes()["SaveImage"].output_node
    assert node_classes()["SaveImage"].hidden == ("prompt", "extra_pnginfo")


def test_choices_read_the_same_in_old_and_new_servers() -> None:
    for version in ("0.8", "0.33"):
        device = node_classes(version)["CLIPLoader"].input("device")
        assert device is not None
        assert (device.type, device.choices) == ("COMBO", ("default", "cpu"))


def test_dynamic_inputs_carry_the_inputs_they_bring() -> None:
    grown = node_classes()["BatchImagesNode"].input("images")
    assert grown is not None
    assert grown.autogrow is not None
    assert [each.type for each in grown.autogrow.inputs] == ["IMAGE"]
    resize = node_classes()["ResizeImageMaskNode"].input("resize_type")
    assert resize is not None
    assert "scale dimensions" in [each.key for each in resize.keys]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"input": 3}, "input is no object"),
        ({"input": {"required": {"a": 3}}}, "input 'a' has no type"),
        ({"input": {"required": {"a": []}}}, "input 'a' has no type"),
        ({"input": {"required": {"a": ["INT", 3]}}}, "options of 'a' is no object"),
        ({"input": {"required": {"a": ["COMBO", {"options": 3}]}}}, "choices of 'a' are no list"),
        ({"input": {"required": {"": ["INT"]}}}, "'' is no name"),
        ({"input": {"required": {"x" * 500: ["INT"]}}}, "is no name"),
        ({"output": [3]}, "output 0 has no type"),
    ],
)
def test_a_class_that_makes_no_sense_is_left_out_and_named(broken: Any, why: str) -> None:
    info = read_object_info({"Good": {"input": {}, "output": ["INT"]}, "Bad": broken})
    assert list(info) == ["Good"]
    assert why in info.refused["Bad"]


def test_specs_nested_without_end_are_left_out() -> None:
    spec: Any = ["INT"]
    for _ in range(12):
        key = {"key": "k", "inputs": {"required": {"a": spec}}}
        spec = ["COMFY_DYNAMICCOMBO_V3", {"options": [key]}]
    info = read_object_info({"Good": {}, "Deep": {"input": {"required": {"a": spec}}}})
    assert "deeper than 8" in info.refused["Deep"]


@pytest.mark.parametrize("value", [[], {"A": 3}, "x", None])
def test_something_else_is_not_taken_for_an_answer(value: Any) -> None:
    with pytest.raises(InputError, match="not what /object_info answers"):
        read_object_info(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[" * 100_000, "nested deeper"),
        (json.dumps([[[]]] * 3).replace("[]", "[" * 80 + "]" * 80), "nested deeper"),
        (b"{", "is not JSON"),
        (b'{"a": Infinity}', "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b" " * (Bounds.SIZE + 1), "more than 64 MB"),
    ],
)
def test_text_without_reason_is_refused(text: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_json(text, "The answer")
    with pytest.raises(InputError):
        parse_object_info(text)
