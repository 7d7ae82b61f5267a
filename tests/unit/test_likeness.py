"""A character whose looks are learned: who asks for it, and what makes it be learned anew."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from movie_director.core.compile import Files, Program, compile_graph
from movie_director.core.executor import Want
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import ArtifactRef, Option, Step, StepId
from movie_director.node_types import catalogue
from movie_director.node_types._likeness import trigger_of

LEARNED, ONE, TWO = StepId("anna:lora_training"), StepId("one:still"), StepId("two:still")
LINKS = (
    "anna.character > one.characters", "anna.character > line.character",
    "line.dialogue > two.dialogue", "place.backend > one.backend", "one.shot > film.shots",
    "two.shot > film.shots", "film.sequence > out.sequence", "project.project > out.project",
)  # fmt: skip
PICTURES = tuple(f"anna_{number}.png" for number in range(5))


@pytest.fixture
def base(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in PICTURES:
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def film(
    base: pathlib.Path,
    *,
    quality: str = "final",
    shot: dict[str, Any] | None = None,
    service: str = "auto",
    seed: int = 1,
    **anna: Any,
) -> Program:
    looks = {"name": "ANNA", "tier": "ultimate", "images": PICTURES, **anna}
    nodes = (
        Node(id="project", type="project", params={"quality": quality, "seed": seed}),
        Node(id="anna", type="character", params=looks),
        Node(id="line", type="dialogue", params={"line": "Who is there?"}),
        Node(id="place", type="backend", params={"service": service}),
        Node(id="one", type="shot", params=shot or {}),
        Node(id="two", type="shot", params=shot or {}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output", params={}),
    )
    ends = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
    graph = Graph(nodes=nodes, links=tuple(Link(source=a, target=b) for a, b in ends))
    return compile_graph(graph, catalogue(), offer=offer, files=Files(base))


def offer(want: Want) -> tuple[Option, ...]:
    return (Option(executor="any", workflow=want.kind),)


def learned(base: pathlib.Path, **changes: Any) -> Step:
    return film(base, shot={"still": "always"}, **changes).steps[LEARNED]


def figure(program: Program, shot: StepId) -> Any:
    (found,) = program.steps[shot].inputs["figures"]
    return found


def test_an_ultimate_character_is_learned_once_before_all_its_shots(base) -> None:
    made = film(base)
    steps = [step for step in made.steps.values() if step.kind == "lora_training"]
    assert [step.id for step in steps] == [LEARNED]
    assert steps[0].node == "anna"
    for shot in (ONE, TWO):
        assert figure(made, shot)["lora"] == ArtifactRef(step=LEARNED)
        assert figure(made, shot)["trigger"] == "md_anna"
        assert LEARNED in made.steps[shot].after
    clip = StepId("one:clip")
    assert figure(made, clip)["lora"] is None
    assert "trigger" not in figure(made, clip)
    assert made.notes == ()


def test_what_is_learned_from_is_all_that_is_asked_for(base) -> None:
    inputs = learned(base).inputs
    assert sorted(file.path.name for file in inputs["images"]) == sorted(PICTURES)
    rest = {name: value for name, value in inputs.items() if name != "images"}
    assert rest == {
        "trigger": "md_anna", "steps": 1000, "rank": 16, "seed": rest["seed"],
    }  # fmt: skip
    assert 0 <= rest["seed"] < 2**31


def test_what_changes_no_likeness_has_nobody_learned_again(base) -> None:
    first = learned(base).intent
    (base / PICTURES[0]).rename(base / "other.png")
    renamed = ("other.png", *reversed(PICTURES[1:]), PICTURES[1])
    changes = {"description": "Old.", "lora_strength": 0.5, "seed": 7, "importance": 0.9}
    assert learned(base, images=renamed, **changes).intent == first


def test_another_picture_word_or_length_has_them_learned_anew(base) -> None:
    first = learned(base).intent
    assert learned(base, trigger="ohwx").intent != first
    assert learned(base, training_steps=999).intent != first
    (base / PICTURES[0]).write_bytes(b"another picture")
    assert learned(base).intent != first


def test_a_draft_learns_for_less_long(base) -> None:
    assert learned(base, quality="draft").inputs["steps"] == 250
    assert learned(base, quality="draft", training_steps=40).inputs["steps"] == 40


def test_too_few_pictures_are_told_of_and_leave_the_tier_before(base) -> None:
    four = film(base, images=(*PICTURES[:4], PICTURES[3]))
    assert LEARNED not in four.steps
    assert figure(four, ONE) == figure(
        film(base, tier="enhanced", images=(*PICTURES[:4], PICTURES[3])), ONE
    )
    (note,) = four.notes
    assert note.where == "anna"
    assert note.what.startswith("ANNA has 4 reference pictures, too few")
    assert "until there are 5" in note.remedy


@pytest.mark.parametrize("tier", ["baseline", "enhanced"])
def test_nobody_is_learned_at_other_tiers(base, tier) -> None:
    made = film(base, tier=tier)
    assert LEARNED not in made.steps
    assert "trigger" not in figure(made, ONE)
    assert figure(made, ONE)["lora"] is None


def test_a_lora_of_ones_own_needs_no_training_and_may_have_its_word(base) -> None:
    (base / "anna.safetensors").write_bytes(b"weights")
    made = film(base, lora="anna.safetensors", images=(), shot={"still": "always"})
    assert LEARNED not in made.steps
    assert made.notes == ()
    assert figure(made, ONE)["lora"].path.name == "anna.safetensors"
    assert "trigger" not in figure(made, ONE)
    named = film(base, lora="anna.safetensors", trigger="ohwx anna", shot={"still": "always"})
    assert figure(named, ONE)["trigger"] == "ohwx anna"


def test_shots_without_a_still_have_nobody_learned(base) -> None:
    (base / "own.png").write_bytes(b"a drawing")
    assert LEARNED not in film(base, shot={"media": "own.png"}).steps
    assert LEARNED not in film(base, shot={"still": "never"}).steps
    assert LEARNED not in film(base, quality="draft").steps


def test_a_clip_made_elsewhere_begins_with_a_still_of_who_was_learned(base) -> None:
    elsewhere = film(base, service="wan2gp")
    assert figure(elsewhere, ONE)["lora"] == ArtifactRef(step=LEARNED)
    drawn = film(base, service="animatic")
    assert ONE not in drawn.steps


@pytest.mark.parametrize(
    ("name", "word"),
    [("ANNA", "md_anna"), ("Jürgen O'Neil", "md_jurgenoneil"), ("x" * 80, "md_" + "x" * 24)],
)
def test_a_word_is_made_from_a_name(name, word) -> None:
    assert trigger_of(name) == word


def test_names_without_latin_letters_have_words_of_their_own() -> None:
    words = {trigger_of(name) for name in ("Анна", "Мария", "あん")}
    assert len(words) == 3
    assert all(word.isascii() for word in words)
