"""What shows somebody's looks: a real still, a learned LoRA; or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from movie_director.core.digest import Digest
from movie_director.core.likeness import with_what_is_real
from movie_director.core.step import (
    CLIP,
    STILL,
    UPSCALE,
    ArtifactRef,
    Fidelity,
    Kind,
    ModelId,
    NodeId,
    Option,
    Place,
    Step,
    StepId,
)

MADE = StepId("one:made")
REF = ArtifactRef(step=MADE)
STOOD_IN = {MADE: Fidelity.STAND_IN}


def step(kind: Kind, **inputs: Any) -> Step:
    return Step(
        id=StepId("one:it"), node=NodeId("one"), kind=kind, label="", inputs=inputs,
        after=frozenset({MADE}), intent=Digest("i"), place=Place(stem="it", suffix=".x"),
    )  # fmt: skip


CLIP_STEP = step(CLIP, image={"still": REF})
STILL_STEP = step(
    STILL, figures=[{"name": "A", "lora": REF, "trigger": "md_a"}, {"name": "B", "lora": None}]
)


@pytest.mark.parametrize("asked", [CLIP_STEP, STILL_STEP])
@pytest.mark.parametrize("known", [{MADE: Fidelity.FULL}, {MADE: Fidelity.LOWER_TIER}, {}])
def test_what_is_real_is_used(asked: Step, known: dict[StepId, Fidelity]) -> None:
    assert with_what_is_real(asked, known) is asked


def test_a_still_that_is_stood_in_for_is_not_begun_with_but_waited_for() -> None:
    begun = with_what_is_real(CLIP_STEP, STOOD_IN)
    assert begun.inputs == {"image": None}
    assert (begun.after, begun.intent) == (CLIP_STEP.after, CLIP_STEP.intent)


def test_somebody_whom_nobody_learned_is_known_by_their_name_alone() -> None:
    known = with_what_is_real(STILL_STEP, STOOD_IN)
    assert known.inputs == {"figures": [{"name": "A", "lora": None}, {"name": "B", "lora": None}]}
    assert known.after == STILL_STEP.after


def test_the_last_picture_of_another_shot_is_begun_with_whatever_it_is() -> None:
    asked = step(CLIP, image={"clip": REF, "frame": "last"})
    assert with_what_is_real(asked, STOOD_IN) is asked


def test_a_clip_that_is_stood_in_for_is_conformed_without_any_model() -> None:
    plain = Option(executor="animatic", workflow="upscale")
    models = Option(executor="comfyui", workflow="large", models=frozenset({ModelId("m")}))
    streamed = Option(executor="comfyui", workflow="large", precision="fp16")
    asked = replace(step(UPSCALE, clip=REF, source=REF), options=(models, streamed, plain))
    assert with_what_is_real(asked, STOOD_IN).options == (plain,)
    assert with_what_is_real(asked, {MADE: Fidelity.FULL}) is asked


def test_what_is_made_from_anything_else_is_asked_for_as_it_is() -> None:
    asked = step(Kind("speech"), image={"still": REF})
    assert with_what_is_real(asked, STOOD_IN) is asked
