"""How far a prompt is: weighted, told by steps, never falling."""

from __future__ import annotations

import json
import random

import pytest
from movie_director.executors._comfyui.progress import Progress, expected_costs
from movie_director.executors._comfyui.wire import (
    Cached,
    Executing,
    Ticked,
    read_text,
)

from tests.comfyui_data import messages, recorded

PROMPT = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {}},
    "2": {"class_type": "KSampler", "inputs": {"steps": 20}, "_meta": {"title": "Sample"}},
    "3": {"class_type": "SaveImage", "inputs": {}},
}


def test_a_sampler_is_most_of_the_work_and_more_with_more_steps() -> None:
    costs = expected_costs(PROMPT)
    assert costs["2"] > 5 * (costs["1"] + costs["3"])
    more = {**PROMPT, "2": {"class_type": "KSampler", "inputs": {"steps": 40}}}
    assert expected_costs(more)["2"] == 2 * costs["2"]


def test_steps_of_the_sampler_move_it_on() -> None:
    progress = Progress(PROMPT)
    progress.see(Executing(prompt="p", node="2"))
    progress.see(Ticked(prompt="p", node="2", value=10, most=20))
    assert 0.4 < progress.fraction < 0.6
    assert progress.note == "Sample, 10 of 20"


def test_what_is_cached_counts_as_done() -> None:
    progress = Progress(PROMPT)
    progress.see(Cached(prompt="p", nodes=frozenset("123")))
    assert progress.fraction == pytest.approx(1.0)


def test_nodes_made_while_running_belong_to_the_one_that_made_them() -> None:
    progress = Progress(PROMPT)
    progress.see(Ticked(prompt="p", node="2.0.0.7", value=1, most=2))
    assert progress.fraction > 0.3
    assert not progress.see(Ticked(prompt="p", node="strange", value=1, most=2))


@pytest.mark.parametrize("seed", range(20))
def test_it_never_falls_whatever_order_messages_come_in(seed: int) -> None:
    said = recorded("0.8/wire/sampler")["no_feature_flags"]
    texts = [read_text(json.dumps(each)) for each in messages(said["transcript"])]
    history = said["history"]["body"][said["prompt_id"]]
    draw = random.Random(seed)
    texts += draw.choices(texts, k=20)
    draw.shuffle(texts)
    progress, reached = Progress(history["prompt"][2]), 0.0
    for each in texts:
        progress.see(each)
        assert reached <= progress.fraction <= 1.0
        reached = progress.fraction
