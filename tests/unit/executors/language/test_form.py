"""An answer taken out of what a model wraps around it; no library is needed for that."""

from __future__ import annotations

import sys

import pytest
from movie_director.executors._helper.language_jobs import (
    Malformed,
    Written,
    checked,
    corrected,
    instructed,
    json_in,
    without_thoughts,
)

VALUE = {"title": "Two Cups", "scenes": 3}
JSON = '{"title": "Two Cups", "scenes": 3}'


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"  \n{JSON}\n",
        f"```json\n{JSON}\n```",
        f"```\n{JSON}\n```\nI hope this helps!",
        f"Here you are: {JSON} Let me know.",
        f"<think>Maybe {{}} or {{'a': 1}}?</think>{JSON}",
        f'maybe {{"title": "no"}}</think>\n{JSON}',
        f"As in {{}} or [1], so:\n\n{JSON}",
        f'```json\n{{"a": 1}}\n```\nor rather\n```json\n{JSON}\n```',
    ],
)
def test_the_value_is_found_whatever_stands_around_it(text) -> None:
    assert json_in(text) == VALUE


@pytest.mark.parametrize(
    "text",
    ["", "No.", '"a"', "3", "{", JSON[:-1], "{'title': 1}", '{"a": NaN}', "[" * 100_000],
)  # fmt: skip
def test_where_there_is_none_there_is_none(text) -> None:
    assert json_in(text) is None


def test_an_answer_full_of_brackets_takes_no_time_worth_speaking_of() -> None:
    assert json_in("{" * 1_000_000) is None


def test_thoughts_are_no_part_of_an_answer() -> None:
    assert without_thoughts("<think>\nHm.\n</think>\n\nYes.") == "Yes."
    assert without_thoughts("Hm.</think>Yes.") == "Yes."
    assert without_thoughts("a < b and c > d") == "a < b and c > d"


FORM = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "scenes": {"type": "integer", "minimum": 1}},
    "required": ["title", "scenes"],
}


def test_what_is_wrong_is_said_with_its_place() -> None:
    assert checked(Written(text=JSON), FORM) == VALUE
    with pytest.raises(Malformed, match="At scenes: 0 is less than the minimum of 1"):
        checked(Written(text='{"title": "a", "scenes": 0}'), FORM)
    with pytest.raises(Malformed, match="At the whole value: 'scenes' is a required property"):
        checked(Written(text='{"title": "a"}'), FORM)
    with pytest.raises(Malformed, match="cut off because it was too long"):
        checked(Written(text=JSON[:-1], ended="length"), FORM)


def test_the_form_is_told_in_the_rules() -> None:
    rules, asked = {"role": "system", "content": "Rules."}, {"role": "user", "content": "Go."}
    with_rules = instructed([rules, asked], FORM)
    assert with_rules[0]["content"].startswith("Rules.\n\nAnswer with one JSON value")
    assert with_rules[1] == asked
    assert [each["role"] for each in instructed([asked], FORM)] == ["system", "user"]
    assert rules["content"] == "Rules."


def test_a_correction_shows_the_question_and_the_spoiled_answer_and_leaves_the_rest_out() -> None:
    said = corrected(
        [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": "Old."},
            {"role": "assistant", "content": "Old answer."},
            {"role": "user", "content": "New."},
        ],
        "x" * 100_000,
        "There is no JSON value in the answer.",
    )
    assert [each["role"] for each in said] == ["system", "user", "assistant", "user"]
    assert said[1]["content"] == "New."
    assert len(said[2]["content"]) == 8000
    assert "There is no JSON value" in said[3]["content"]


def test_reading_answers_loads_none_of_the_heavy_libraries() -> None:
    assert not {"litellm", "openai", "httpx2"} & sys.modules.keys()
