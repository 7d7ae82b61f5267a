"""What nodes need of services, as their declarations say."""

from __future__ import annotations

from typing import Any

import pytest
from movie_director.core.abilities import ABILITIES
from movie_director.core.node_type import NodeType
from movie_director.core.step import (
    CLIP,
    LORA_TRAINING,
    MUSIC,
    SOUND,
    SPEECH,
    VIEW,
    VOICE_CONVERSION,
    VOICE_TRAINING,
    Kind,
)
from movie_director.node_types import catalogue

KNOWN = frozenset().union(*(ability.kinds for ability in ABILITIES))


def needs(type: str, **params: Any) -> tuple[Kind, ...]:
    declared = catalogue()[type]
    return tuple(declared.needs({**declared.defaults, **params}))


@pytest.mark.parametrize(
    ("type", "params", "needed"),
    [
        ("shot", {}, (CLIP,)),
        ("shot", {"media": "//own.mp4"}, ()),
        ("shot", {"angle": "left"}, (CLIP, VIEW)),
        ("dialogue", {}, (SPEECH,)),
        ("dialogue", {"recording": "//own.wav"}, ()),
        ("sound_effect", {}, (SOUND,)),
        ("music", {}, (MUSIC,)),
        ("music", {"recording": "//own.wav"}, ()),
        ("voice", {}, ()),
        ("voice", {"model": "//her.pth"}, (VOICE_CONVERSION,)),
        ("voice", {"samples": "//hers"}, (VOICE_TRAINING, VOICE_CONVERSION)),
        ("voice", {"samples": "//hers", "engine": "builtin"}, ()),
        ("character", {}, ()),
        ("character", {"tier": "ultimate"}, (LORA_TRAINING,)),
        ("character", {"tier": "ultimate", "lora": "//her.safetensors"}, ()),
        ("project", {}, ()),
    ],
)
def test_a_node_needs_what_its_parameters_ask_for(
    type: str, params: dict[str, Any], needed: tuple[Kind, ...]
) -> None:
    assert needs(type, **params) == needed


@pytest.mark.parametrize("type", sorted(catalogue()))
def test_what_a_node_needs_is_a_work_that_people_are_told_of(type: str) -> None:
    assert set(needs(type)) <= KNOWN


def test_a_node_type_that_says_nothing_needs_nothing() -> None:
    assert tuple(NodeType(label="A", doc="A.", category="Film", icon="NODE").needs({})) == ()
