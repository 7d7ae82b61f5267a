"""A proposed change of a screenplay: what it may be, and what it does."""

from __future__ import annotations

import jsonschema
import pytest
from movie_director.agents.conversation import Conversation
from movie_director.agents.revision import (
    CHANGES,
    SCRIPT,
    Unfit,
    applied,
    difference,
    form_for,
    question,
)

TEA = "INT. KITCHEN - DAY\n\nAnna pours tea.\n\nANNA\nTea?\n\nMaria nods.\n"


def change(*pairs: tuple[str, str]) -> dict[str, object]:
    changes = [{"find": find, "replace": instead} for find, instead in pairs]
    return {"comment": "Done.", "changes": changes}


def test_passages_change_and_nothing_else() -> None:
    asked = change(("Maria nods.", "Maria cries."), ("KITCHEN - DAY", "KITCHEN - NIGHT"))
    assert applied(TEA, asked) == TEA.replace("DAY", "NIGHT").replace("nods", "cries")


def test_line_ends_stay_as_they_were() -> None:
    windows = TEA.replace("\n", "\r\n")
    after = applied(windows, change(("Anna pours tea.\n\nANNA", "Anna sits.\n\nANNA")))
    assert after == windows.replace("pours tea", "sits")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (change(("Bob waits.", "")), "'Bob waits.' does not stand in the screenplay"),
        (change(("ea", "x")), "stands there more than once"),
        (change(("Anna pours", "x"), ("pours tea", "y")), "overlap"),
        (change(("", "x")), "empty"),
        ({"comment": ""}, "no changes"),
        ({"changes": [3]}, "A change is none"),
        ({"changes": [{"find": 3, "replace": ""}]}, "no text"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_with_the_reason(asked, why) -> None:
    with pytest.raises(Unfit, match=why):
        applied(TEA, asked)


def test_control_characters_of_a_model_never_reach_the_script() -> None:
    after = applied(TEA, change(("Maria nods.", "Maria \x1b[31mnods\x00\x07.\r\n")))
    assert after == TEA.replace("Maria nods.", "Maria [31mnods.\n")


def test_a_first_script_is_asked_for_whole_and_a_script_that_is_there_in_passages() -> None:
    assert form_for(" \n") == SCRIPT
    assert form_for(TEA) == CHANGES
    jsonschema.Draft202012Validator.check_schema(dict(SCRIPT))
    jsonschema.Draft202012Validator.check_schema(dict(CHANGES))
    jsonschema.validate(change(("a", "b")), dict(CHANGES))
    assert applied("", {"comment": "", "screenplay": TEA.strip()}) == TEA


def test_the_question_shows_the_script_as_it_is_now_once() -> None:
    before = Conversation().with_answer("Rain.", "It rains.", "m", None)
    asked = question(TEA, "Snow.", before)
    assert [each["role"] for each in asked] == ["system", "user", "assistant", "user"]
    assert sum(each["content"].count("Anna pours tea.") for each in asked) == 1
    assert asked[-1]["content"].endswith("Snow.")


def test_what_would_change_is_shown_line_by_line() -> None:
    shown = difference(TEA, TEA.replace("nods", "cries"), "tea.fountain")
    assert shown.splitlines()[:2] == ["--- tea.fountain", "+++ tea.fountain as proposed"]
    assert "-Maria nods." in shown
    assert "+Maria cries." in shown
    assert difference(TEA, TEA, "tea.fountain") == ""
