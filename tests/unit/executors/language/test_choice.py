"""Which model of a server's list does a task, and why."""

from __future__ import annotations

import itertools

import pytest
from movie_director.core.errors import InputError, StepFailed
from movie_director.executors._language import TASKS, choose
from movie_director.executors._language.listing import billions_in, bits_in, from_name

LIST = tuple(
    from_name(id)
    for id in (
        "GOAT-70B-Storytelling.Q4_K_M", "llama-3.3-70b-instruct-q4_K_M", "llama3.1:8b",
        "meta-llama-3-70b-base", "llava:13b", "mxbai-embed-large", "nomic-embed-text:v1.5",
        "qwen2.5-32b-instruct", "whisper-large-v3", "bge-m3",
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("task", "model"),
    [
        ("story", "GOAT-70B-Storytelling.Q4_K_M"),
        ("dialogue", "GOAT-70B-Storytelling.Q4_K_M"),
        ("structure", "llama-3.3-70b-instruct-q4_K_M"),
        ("revision", "llama-3.3-70b-instruct-q4_K_M"),
        ("critique", "llama-3.3-70b-instruct-q4_K_M"),
    ],
)
def test_the_class_that_a_task_likes_is_chosen_from_a_long_list(task, model) -> None:
    assert choose(LIST, TASKS[task]).model.id == model


def test_the_order_of_the_list_changes_nothing() -> None:
    few = LIST[:4]
    chosen = {choose(order, TASKS["story"]) for order in itertools.permutations(few)}
    assert len(chosen) == 1


def test_what_only_embeds_sees_or_listens_is_never_chosen() -> None:
    deaf = [from_name(id) for id in ("bge-m3", "nomic-embed-text", "whisper-large-v3", "e5-large")]
    with pytest.raises(StepFailed, match="no model that writes"):
        choose(deaf, TASKS["story"])
    with pytest.raises(InputError, match="does not write"):
        choose(deaf, TASKS["story"], "bge-m3")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("llama-3-8b-instruct", "llama-3-70b-base"),  # made to follow instructions
        ("llama-3-70b-instruct-q4_0", "llama-3-8b-instruct-fp16"),  # parameters
        ("llama-3-8b-instruct-q8_0", "llama-3-8b-instruct-q4_0"),  # bits of a weight
        ("llama-3-8b-instruct-q4_0", "llama-3-70b-instruct-q2_K"),  # too few bits to think
        ("a-model", "b-model"),  # of equals the first by name
    ],
)
def test_of_two_models_the_one_that_will_do_better_is_chosen(better, worse) -> None:
    pair = [from_name(worse), from_name(better)]
    assert choose(pair, TASKS["structure"]).model.id == better


def test_a_window_that_holds_the_question_comes_first() -> None:
    small = from_name("llama-3-70b-instruct", window=4096)
    wide = from_name("phi-4", window=16384)
    assert choose([small, wide], TASKS["structure"], least_window=2000).model == small
    assert choose([small, wide], TASKS["structure"], least_window=9000).model == wide


def test_a_choice_says_why() -> None:
    assert choose(LIST, TASKS["story"]).reason == (
        "its kind is good at telling stories, 70 billion parameters, of 6 models there"
    )
    only = [from_name("phi-4")]
    assert choose(only, TASKS["story"]).reason == "the only model there that writes"
    strange = [from_name("alpha"), from_name("beta-7b")]
    assert choose(strange, TASKS["story"]).reason == (
        "no model there is known for telling stories; this one suits best,"
        " 7 billion parameters, of 2 models there"
    )


def test_a_persons_choice_wins_and_ollamas_latest_may_be_left_out() -> None:
    listed = [from_name("phi-4:latest"), from_name("goat-70b-storytelling")]
    assert choose(listed, TASKS["story"], "Phi-4").model.id == "phi-4:latest"


@pytest.mark.parametrize(
    ("name", "billions", "bits"),
    [
        ("llama-3.1-8b-instruct-q4_K_M", 8, 4), ("mixtral-8x7b-instruct", 56, 0),
        ("qwen2.5:0.5b", 0.5, 0), ("smollm-135m-q8_0", 0.135, 8), ("gpt-4o", 0, 0),
        ("Llama-2-70B-AWQ", 70, 4), ("phi-3-mini-4k-instruct-fp16", 0, 16),
        ("goat-70b-storytelling.IQ3_XS", 70, 3), ("mlx-community/x-4bit", 0, 4),
    ],
)  # fmt: skip
def test_a_name_tells_parameters_and_bits(name, billions, bits) -> None:
    assert (billions_in(name), bits_in(name.lower())) == (billions, bits)
