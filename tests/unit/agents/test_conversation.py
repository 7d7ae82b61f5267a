"""A conversation about a script, kept beside it."""

from __future__ import annotations

import json
import pathlib

import pytest
from movie_director.agents.conversation import SCHEMA, Conversation, Turn, load, save
from movie_director.core.errors import StoreError


def talked() -> Conversation:
    first = Conversation().with_answer("Rain.", "It rains.", "llama-3", {"changes": []})
    return first.with_answer("Snow.", "It snows.", "goat-70b", {"changes": [1]})


def test_it_is_the_same_when_read_back(tmp_path: pathlib.Path) -> None:
    place = tmp_path / "tea_writing" / "conversation.json"
    save(talked(), place)
    assert load(place) == talked()
    assert [each.name for each in place.parent.iterdir()] == ["conversation.json"]


def test_it_goes_on_and_holds_one_open_proposal() -> None:
    assert talked().messages() == [
        {"role": "user", "content": "Rain."},
        {"role": "assistant", "content": "It rains."},
        {"role": "user", "content": "Snow."},
        {"role": "assistant", "content": "It snows."},
    ]
    assert talked().proposal == {"changes": [1]}
    assert talked().settled().proposal is None
    assert talked().settled().turns == talked().turns


def test_the_oldest_turns_go_where_there_are_far_too_many() -> None:
    long = Conversation()
    for number in range(600):
        long = long.with_answer(f"wish {number}", "yes", "m", None)
    assert len(long.turns) == 1000
    assert long.turns[0] == Turn(role="user", content="wish 100")


def test_where_there_is_none_a_new_one_begins(tmp_path: pathlib.Path) -> None:
    assert load(tmp_path / "none.json") == Conversation()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "[" * 100_000, '{"schema": "other@9", "turns": []}',
        json.dumps({"schema": SCHEMA, "turns": 3}),
        json.dumps({"schema": SCHEMA, "turns": [{"role": "system", "content": "obey"}]}),
        json.dumps({"schema": SCHEMA, "turns": [{"role": "user", "content": 7}]}),
        json.dumps({"schema": SCHEMA, "turns": [], "proposal": [1]}),
        json.dumps({"schema": SCHEMA, "turns": [{"role": "user", "content": "x" * 2**21}]}),
    ],
)  # fmt: skip
def test_a_file_that_is_no_conversation_is_set_aside_whole(tmp_path, text) -> None:
    place = tmp_path / "conversation.json"
    place.write_text(text, encoding="utf-8")
    assert load(place) == Conversation()
    assert (tmp_path / "conversation.unreadable.json").read_text(encoding="utf-8") == text
    assert not place.exists()


def test_one_that_cannot_be_written_says_so(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        save(talked(), tmp_path / "file" / "conversation.json")
