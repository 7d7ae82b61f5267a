"""What of a conversation fits into a model's window."""

from __future__ import annotations

import pytest
from movie_director.core.errors import InputError
from movie_director.executors._language import estimated, trimmed

WORDS = len


def turn(role: str, words: str) -> dict[str, str]:
    return {"role": role, "content": words}


TALK = [
    turn("system", "rules"),
    turn("user", "first"),
    turn("assistant", "one"),
    turn("user", "second"),
    turn("assistant", "two"),
    turn("user", "now"),
]
COST = [len(each["content"]) + 6 for each in TALK]


def test_what_fits_stays_whole() -> None:
    kept = trimmed(TALK, sum(COST), WORDS)
    assert (kept.messages, kept.dropped, kept.tokens) == (tuple(TALK), 0, sum(COST))


def test_the_oldest_question_goes_first_and_its_answer_with_it() -> None:
    kept = trimmed(TALK, sum(COST) - 1, WORDS)
    assert kept.messages == (TALK[0], *TALK[3:])
    assert kept.dropped == 2


def test_the_rules_and_what_is_asked_now_stay_to_the_last() -> None:
    kept = trimmed(TALK, COST[0] + COST[5], WORDS)
    assert kept.messages == (TALK[0], TALK[5])


def test_when_these_do_not_fit_it_says_so() -> None:
    with pytest.raises(InputError, match="about 20 tokens long; the model takes 19") as caught:
        trimmed(TALK, COST[0] + COST[5] - 1, WORDS)
    assert "a scene" in caught.value.remedy


def test_of_what_is_older_nothing_newer_is_left_out() -> None:
    """A short old turn does not slip in where a long newer one did not fit."""
    talk = [TALK[0], turn("user", "a"), turn("assistant", "b"), turn("user", "long" * 50), TALK[5]]
    assert trimmed(talk, 60, WORDS).messages == (TALK[0], TALK[5])


def test_an_estimate_is_rather_too_many_tokens_than_too_few() -> None:
    assert estimated("The quick brown fox jumps over the lazy dog.") >= 10
    assert estimated("東京の夜、雨が降っている。") == 13
    assert estimated("") == 0
