"""What is put into a workflow: types kept, ranges held, sizes and lengths found."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.errors import InputError
from movie_director.core.workflow import Input, Workflow
from movie_director.core.workflow_values import (
    LoRA,
    best_length,
    best_size,
    check_value,
    check_values,
    nearest,
    of_text,
)

from tests.workflow_files import small


def an(type: Any, **given: Any) -> Input:
    return Input(name="x", type=type, pins=(), **given)


def test_defaults_fill_what_is_not_given_and_what_is_absent_stays_out(
    tmp_path: pathlib.Path,
) -> None:
    found = check_values(small(tmp_path), {"prompt": "rain"})
    assert found == {"prompt": "rain", "seed": 7, "width": 512, "height": 512}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "needs 'prompt'"),
        ({"prompt": "a", "promt": "b"}, "has no input 'promt'"),
        ({"prompt": 3}, "'prompt' takes a text"),
        ({"prompt": "a", "seed": 1.5}, "'seed' takes a whole number"),
        ({"prompt": "a", "seed": True}, "'seed' takes a whole number"),
        ({"prompt": "a", "width": "512"}, "'width' takes a whole number from 64 to 1024 in"),
        ({"prompt": "a", "width": 513}, "in steps of 16 pixels"),
        ({"prompt": "a", "width": 4096}, "to 1024"),
        ({"prompt": "a", "image": "../x.png"}, "name of a file of the service"),
        ({"prompt": "a", "image": "/x.png"}, "name of a file of the service"),
        ({"prompt": "a", "loras": ["x"]}, "a list of LoRAs"),
        ({"prompt": "a", "loras": [LoRA(file="..\\x")]}, "name of a file"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: pathlib.Path, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        check_values(small(tmp_path), values)
    assert said in caught.value.what
    assert caught.value.remedy


def test_integers_stay_integers_and_floats_floats() -> None:
    seed = check_value(an("seed"), 2**64 - 1)
    assert (seed, type(seed)) == (2**64 - 1, int)
    assert type(check_value(an("float"), 2)) is float
    assert type(check_value(an("int"), 2)) is int


def test_typed_words_become_what_the_input_takes() -> None:
    assert of_text(an("int", minimum=0), "12") == 12
    assert of_text(an("float"), "1e3") == 1000.0
    assert of_text(an("bool"), "yes") is True
    assert of_text(an("text"), "12") == "12"
    assert of_text(an("loras"), "a.safetensors:0.8,b.safetensors") == (
        LoRA(file="a.safetensors", strength=0.8),
        LoRA(file="b.safetensors"),
    )
    for type, text in (("int", "a"), ("float", "nan"), ("bool", "maybe"), ("loras", "a:b")):
        with pytest.raises(InputError):
            of_text(an(type), text)


FRAMES = an("int", minimum=5, maximum=81, step=4)


@given(st.floats(-1e6, 1e6))
def test_the_nearest_number_is_one_that_the_input_takes(value: float) -> None:
    found = nearest(FRAMES, value)
    assert check_value(FRAMES, found) == found
    allowed = range(5, 82, 4)
    assert found in allowed
    assert abs(found - value) == pytest.approx(min(abs(each - value) for each in allowed))


def clip(tmp_path: pathlib.Path) -> Workflow:
    return small(
        tmp_path,
        ("  loras: {at", "  frames: {at: 5.batch_size, default: 81, minimum: 5, maximum: 121, "
         "step: 4}\n  fps: {at: 5.x, default: 16}\n  loras: {at"),
    )  # fmt: skip


def test_a_clip_is_asked_for_at_least_as_long_as_wanted(tmp_path: pathlib.Path) -> None:
    workflow = clip(tmp_path)
    assert best_length(workflow, 3.0) == (49, 16.0)
    assert best_length(workflow, 3.2) == (53, 16.0)
    assert best_length(workflow, 60.0) == (121, 16.0)
    assert best_length(small(tmp_path), 3.0) == (0, 0.0)


@given(st.integers(16, 8000), st.integers(16, 8000))
def test_a_size_keeps_the_shape_within_what_the_makers_advise(width: int, height: int) -> None:
    across = an("int", default=832, minimum=256, maximum=1280, step=16)
    workflow = Workflow(
        id="x", title="x", version=1, kind="text_to_video", quality="draft", base=None,  # type: ignore[arg-type]
        outputs=(),
        inputs=(
            Input(name="width", type="int", pins=(), default=across.default,
                  minimum=256, maximum=1280, step=16),
            Input(name="height", type="int", pins=(), default=480,
                  minimum=256, maximum=1280, step=16),
        ),
    )  # fmt: skip
    found = best_size(workflow, width, height)
    assert all(side % 16 == 0 and 256 <= side <= 1280 for side in found)
    if 0.5 < width / height < 2 and width * height > 832 * 480:
        assert found[0] / found[1] == pytest.approx(width / height, rel=0.06)
        assert found[0] * found[1] == pytest.approx(832 * 480, rel=0.06)
