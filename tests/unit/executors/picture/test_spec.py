# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot's description accepts and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from movie_director.core.errors import InputError
from movie_director.executors._animatic.picture import (
    CAMERA_MOVES,
    SHOT_TYPES,
    VISEMES,
    ShotPicture,
    viseme_of,
)


def test_a_shot_survives_json(shot: Any, line: Any) -> None:
    picture = shot(lines=(line,), keyframes=(3, 9), seed=7)
    assert ShotPicture.from_json(json.loads(json.dumps(picture.as_json()))) == picture


def test_an_empty_description_is_the_default_shot() -> None:
    assert ShotPicture.from_json({}) == ShotPicture()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"width": 321}, "shot.width"),
        ({"width": "wide"}, "shot.width"),
        ({"fps": 0}, "shot.fps"),
        ({"frames": True}, "shot.frames"),
        ({"shot_type": "selfie"}, "shot.shot_type"),
        ({"camera_move": "swoop"}, "shot.camera_move"),
        ({"captions": "yes"}, "shot.captions"),
        ({"figures": {"name": "Mara"}}, "shot.figures"),
        ({"figures": [{"name": 3}]}, "shot.figures[0].name"),
        ({"setting": {"interior": "inside"}}, "shot.setting.interior"),
        ({"look": {"temperature": 100}}, "shot.look.temperature"),
        ({"look": {"contrast": float("nan")}}, "shot.look.contrast"),
        ({"look": {"palette": ["red"]}}, "shot.look.palette"),
        ({"lines": [{"mouths": [[0.0, "grin"]]}]}, "shot.lines[0].mouths"),
        ({"lines": [{"mouths": [[0.5, "open"], [0.1, "open"]]}]}, "shot.lines[0].mouths"),
        ({"keyframes": [-1]}, "shot.keyframes"),
        ({"colour": "blue"}, "shot has no field colour"),
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        ShotPicture.from_json(wrong)
    assert field in caught.value.what
    assert caught.value.remedy


def test_the_ids_are_the_films_own() -> None:
    assert SHOT_TYPES == (
        "extreme_wide", "wide", "medium", "close_up", "extreme_close_up", "over_the_shoulder", "insert",
    )  # fmt: skip
    assert CAMERA_MOVES == (
        "static", "pan", "tilt", "dolly_in", "dolly_out", "truck", "crane", "handheld", "zoom",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("phonemes", "viseme"),
    [
        (("m", "b", "p"), "closed"),
        (("ɑː", "a", "aɪ", "A:", "ˈæ"), "open"),
        (("iː", "e", "ɪ", "i:", "s", "ʃ"), "wide"),
        (("uː", "o", "w", "ɔ", "u:"), "round"),
        (("f", "v"), "teeth"),
        (("l", "t", "d", "n", "θ", "ð"), "tongue"),
        (("", "_", "_:"), "rest"),
    ],
)
def test_phonemes_have_the_mouths_they_are_said_with(
    phonemes: tuple[str, ...], viseme: str
) -> None:
    assert {viseme_of(p) for p in phonemes} == {viseme}


def test_every_phoneme_has_some_mouth() -> None:
    assert {viseme_of(chr(code)) for code in range(32, 1500)} <= set(VISEMES)
