"""Which shots are judged with one answer, and which by themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.alike import Alike, judged_by
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import Digest
from movie_director.core.step import CLIP, SPEECH, STILL, ArtifactRef, Option, StepId

from tests.comfyui_films import shot

ANNA = {"name": "Anna", "images": [1, 2], "lora": None}


def made(step: str) -> ArtifactRef:
    return ArtifactRef(step=StepId(step))


def lora(name: str) -> FileRef:
    return FileRef(path=Path(f"/films/{name}.safetensors"), content=Digest(name))


PLAIN: dict[str, Any] = {"figures": [ANNA], "action": "She waits.", "seed": 1, "node": "a"}


@pytest.mark.parametrize(
    "other",
    [
        {"action": "She goes.", "seed": 2, "node": "b", "take": 4},
        {"figures": [{**ANNA, "name": "Ben", "images": [3, 4]}]},
        {"style": {"images": []}},
    ],
)
def test_words_seeds_and_whose_pictures_they_are_make_no_difference(other: dict[str, Any]) -> None:
    assert judged_by(shot(**PLAIN)) == judged_by(shot(**{**PLAIN, **other}))


@pytest.mark.parametrize(
    "other",
    [
        {"image": {"still": made("one:still")}},
        {"image": {"clip": made("one:clip"), "frame": "last"}},
        {"media": lora("own")},
        {"duration": 12.0},
        {"size": [64, 64]},
        {"figures": []},
        {"figures": [ANNA, ANNA]},
        {"figures": [{**ANNA, "images": [1]}]},
        {"figures": [{**ANNA, "lora": made("anna:lora_training")}]},
        {"figures": [{**ANNA, "lora": lora("anna")}]},
        {"style": {"images": [1], "lora": None}},
        {"style": {"images": [], "lora": lora("noir")}},
        {"environment": {"images": [1]}},
    ],
)
def test_what_a_service_may_refuse_for_tells_them_apart(other: dict[str, Any]) -> None:
    assert judged_by(shot(**PLAIN)) != judged_by(shot(**{**PLAIN, **other}))


def test_two_loras_are_told_apart_and_two_stills_are_not() -> None:
    one, two = ([{**ANNA, "lora": lora(name)}] for name in ("anna", "ben"))
    assert judged_by(shot(figures=one)) != judged_by(shot(figures=two))
    begun = [shot(image={"still": made(id)}) for id in ("one:still", "two:still")]
    assert judged_by(begun[0]) == judged_by(begun[1])


def test_a_still_is_no_clip_and_what_is_neither_stands_for_itself() -> None:
    assert judged_by(shot()) != judged_by(replace(shot(), kind=STILL))
    assert judged_by(replace(shot(), kind=SPEECH)) is None
    assert Alike().key(replace(shot(), kind=SPEECH)) is None


def test_equal_ways_are_the_same_ways_and_others_are_not() -> None:
    alike, way = Alike(), Option(executor="comfyui", workflow="w", seconds=1.0)
    ways = [(way,), (replace(way),), (replace(way, seconds=2.0),), (way, way)]
    keys = [alike.key(replace(shot(), kind=CLIP, options=options)) for options in ways]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
