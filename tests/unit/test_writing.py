"""Asking language models from outside, and writing at a screenplay with one."""

from __future__ import annotations

import json
import os
import pathlib
import sys
from collections.abc import Iterator

import pytest
from movie_director import api
from movie_director.core import service_file
from movie_director.core.errors import InputError, PlanError, StepFailed
from movie_director.studio import Studio

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.language import LanguageServer, falls_silent

needs_helper = pytest.mark.skipif(
    not os.environ.get("MOVIE_DIRECTOR_HELPER"),
    reason="MOVIE_DIRECTOR_HELPER names no Python with the helper's libraries",
)
TEA = "Title: Tea\n\nINT. KITCHEN - DAY\n\nAnna pours tea.\n"
FORM = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
ASKED = [{"role": "user", "content": "A title?"}]


def says(value: object) -> str:
    return json.dumps(value)


def changes(*pairs: tuple[str, str], comment: str = "Done.") -> str:
    return says({"comment": comment, "changes": [{"find": f, "replace": r} for f, r in pairs]})


@pytest.fixture
def server() -> Iterator[LanguageServer]:
    with LanguageServer('{"title": "Tea"}') as running:
        yield running


@pytest.fixture
def studio(server, tmp_path, monkeypatch) -> Iterator[Studio]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("MOVIE_DIRECTOR_SERVICES", raising=False)
    service_file.change(lambda known: known.with_place(server.url))
    with Studio.open() as opened:
        opened.finder.start()
        opened.refresh(5.0)
        yield opened


@needs_helper
def test_an_answer_is_kept_with_what_made_it_and_not_asked_for_twice(
    server, studio, tmp_path
) -> None:
    first = api.ask("structure", ASKED, FORM, folder=tmp_path / "kept", seed=5, studio=studio)
    again = api.ask("structure", ASKED, FORM, folder=tmp_path / "kept", seed=5, studio=studio)
    assert first == again
    assert (first.value, first.model) == ({"title": "Tea"}, "llama-3.1-8b-instruct")
    assert len(server.said) == 1
    side = json.loads(first.artifact.path.with_name(f"{first.artifact.path.name}.json").read_text())
    assert side["by"]["recipe"]["model"] == "llama-3.1-8b-instruct"
    assert side["by"]["recipe"]["seed"] == 5
    assert side["inputs"]["messages"] == ASKED
    api.ask("structure", ASKED, FORM, folder=tmp_path / "kept", seed=6, studio=studio)
    api.ask("structure", ASKED, FORM, folder=tmp_path / "kept", seed=5, again=True, studio=studio)
    assert [sent["seed"] for sent in server.said] == [5, 6, 5]


@needs_helper
def test_what_goes_wrong_is_raised_as_what_it_is(server, studio) -> None:
    server.script("no JSON")
    with pytest.raises(StepFailed, match=r"^'llama-3\.1-8b-instruct' on the language server"):
        api.ask("structure", ASKED, FORM, studio=studio)
    with pytest.raises(InputError, match="anguage models are not asked for 'poetry'"):
        api.ask("poetry", ASKED, studio=studio)


@needs_helper
def test_a_question_is_given_up_when_asked(server, studio) -> None:
    server.script(falls_silent("Once"))
    with pytest.raises(api.Cancelled):
        api.ask("story", ASKED, studio=studio, cancelled=lambda: bool(server.said))


def test_without_a_server_it_says_which_to_start(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_SERVICES", "off")
    with pytest.raises(PlanError, match="No language model was found") as caught:
        api.ask("story", ASKED)
    assert "Ollama" in caught.value.remedy


@needs_helper
def test_a_change_is_proposed_then_accepted_and_the_conversation_goes_on(
    server, studio, tmp_path
) -> None:
    script = tmp_path / "tea.fountain"
    script.write_text(TEA, encoding="utf-8")
    server.script(changes(("Anna pours tea.", "Anna pours tea. It rains.")))
    proposal = api.propose(script, "Let it rain.", studio=studio)
    assert script.read_text(encoding="utf-8") == TEA
    assert "+Anna pours tea. It rains." in proposal.diff
    assert proposal.comment == "Done."
    api.accept(script)
    assert script.read_text(encoding="utf-8") == TEA.replace("tea.\n", "tea. It rains.\n")
    with pytest.raises(InputError, match="Nothing is proposed"):
        api.accept(script)
    server.script(changes(comment="It is morning."))
    answered = api.propose(script, "What time is it?", studio=studio)
    assert (answered.diff, answered.comment) == ("", "It is morning.")
    roles = [(each["role"], each["content"][:12]) for each in server.said[-1]["messages"]]
    assert roles[1:3] == [("user", "Let it rain."), ("assistant", '{"comment": ')]
    kept = json.loads((tmp_path / "tea_writing" / "conversation.json").read_text(encoding="utf-8"))
    assert [turn["role"] for turn in kept["turns"]] == ["user", "assistant"] * 2
    api.propose(script, "Anew.", studio=studio, anew=True)
    assert len(server.said[-1]["messages"]) == 2


@needs_helper
def test_a_first_script_is_written_by_the_storyteller(server, studio, tmp_path) -> None:
    script = tmp_path / "new.fountain"
    server.script(says({"comment": "A start.", "screenplay": TEA}))
    api.propose(script, "Two sisters and tea.", studio=studio)
    assert not script.exists()
    assert server.said[0]["model"] == "goat-70b-storytelling"
    api.accept(script)
    assert script.read_text(encoding="utf-8") == TEA
    assert api.read(script).of_type("shot")


@needs_helper
def test_a_passage_that_is_not_there_is_asked_for_once_more(server, studio, tmp_path) -> None:
    script = tmp_path / "tea.fountain"
    script.write_text(TEA, encoding="utf-8")
    wrong, good = changes(("Bob waits.", "x")), changes(("Anna pours tea.", "Anna sits."))
    server.script(wrong, good)
    assert "+Anna sits." in api.propose(script, "Let her sit.", studio=studio).diff
    assert "'Bob waits.' does not stand" in server.said[1]["messages"][-1]["content"]
    server.script(wrong)
    with pytest.raises(StepFailed, match="answered twice with what cannot be used"):
        api.propose(script, "Let her stand.", studio=studio)


@needs_helper
def test_a_proposal_that_a_persons_edits_overtook_is_not_written(server, studio, tmp_path) -> None:
    script = tmp_path / "tea.fountain"
    script.write_text(TEA, encoding="utf-8")
    server.script(changes(("Anna pours tea.", "Anna sits.")))
    api.propose(script, "Let her sit.", studio=studio)
    script.write_text(TEA.replace("pours", "drinks"), encoding="utf-8")
    with pytest.raises(InputError, match=r"does not fit 'tea\.fountain' any more"):
        api.accept(script)
    assert "drinks" in script.read_text(encoding="utf-8")


@needs_helper
def test_an_answer_that_leaves_no_scene_is_no_screenplay(server, studio, tmp_path) -> None:
    script = tmp_path / "tea.fountain"
    script.write_text(TEA, encoding="utf-8")
    server.script(changes(("INT. KITCHEN - DAY\n", "Once upon a time.\n")))
    with pytest.raises(StepFailed, match="no scene heading"):
        api.propose(script, "Make it prose.", studio=studio)


def test_what_is_not_fountain_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="not written in Fountain"):
        api.propose(tmp_path / "film.blend", "Rain.")
    with pytest.raises(InputError, match="no wish"):
        api.propose(tmp_path / "film.fountain", " ")
