"""A place seen from the shot's own side: made once from its picture, and looked at by the stills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from movie_director.core.abilities import ABILITIES
from movie_director.core.compile import Program
from movie_director.core.step import CLIP, STILL, VIEW, Fidelity
from movie_director.executors._wording import view_of
from movie_director.node_types._view import ANGLES

from tests.servers.comfyui_worker import Card
from tests.still_films import (
    PICTURES,
    VIDEOS,
    VIEWS,
    Made,
    Opened,
    drawing,
    film,
    noted_refusals,
    with_another_shot,
)

NOBODY: dict[str, Any] = {"anna": {"images": ()}, "ben": {"images": ()}}
LEFT: dict[str, Any] = {"one": {"angle": "left"}}
ALL = PICTURES | VIEWS | VIDEOS


def compiled(studio: Opened, root: Path, **changes: Any) -> Program:
    with studio() as made:
        return made.compile(film(root, **changes), root)


def views(program: Program) -> list[str]:
    return [step.inputs["angle"] for step in program.steps.values() if step.kind == VIEW]


def test_the_still_looks_at_the_place_as_it_is_seen_from_the_shot_s_angle(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, film(tmp_path, ben={"images": ()}, **LEFT), ALL)
    assert made.result.ok, made.result.errors
    (view,) = (each for id, each in made.result.artifacts.items() if ":view_" in id)
    assert (view.fidelity, view.path.name) == (Fidelity.FULL, "Platform_left_t001.png")
    of_view, of_still, _ = made.asked
    assert made.shown(of_view, "<sks> left side view eye-level shot wide shot") == [
        (tmp_path / "platform.png").read_bytes()
    ]
    looked_at = made.shown(of_still, "Picture 2 shows the place.")
    assert looked_at[:2] == [(tmp_path / "anna_1.png").read_bytes(), view.path.read_bytes()]
    assert (tmp_path / "platform.png").read_bytes() not in looked_at


def test_shots_that_see_a_place_from_one_angle_share_its_view(
    studio: Opened, tmp_path: Path
) -> None:
    graph = with_another_shot(film(tmp_path, **NOBODY, **LEFT), angle="left")
    made = Made(studio, tmp_path, graph, ALL, node="")
    assert made.result.ok, made.result.errors
    assert sum("<sks>" in str(prompt) for prompt in made.asked) == 1
    kinds = [each.step.kind for each in made.plan.to_do]
    assert (kinds.count(VIEW), kinds.count(STILL)) == (1, 2)
    view = next(each for id, each in made.result.artifacts.items() if ":view_" in id)
    stills = [prompt for prompt in made.asked if "shows the place" in str(prompt)]
    assert [made.shown(each, "shows the place") for each in stills] == [
        [view.path.read_bytes()]
    ] * 2
    assert Made(studio, tmp_path, graph, ALL, node="").asked == []


def test_another_picture_of_the_place_makes_its_view_and_the_stills_again(
    studio: Opened, tmp_path: Path
) -> None:
    graph = with_another_shot(film(tmp_path, **LEFT), still="never")
    Made(studio, tmp_path, graph, ALL)
    drawing(tmp_path / "anna_1.png", 220)
    kinds = [each.step.kind for each in Made(studio, tmp_path, graph, ALL).plan.to_do]
    assert kinds == [STILL, CLIP], "the place is the same"
    drawing(tmp_path / "platform.png", 30)
    kinds = [each.step.kind for each in Made(studio, tmp_path, graph, ALL).plan.to_do]
    assert kinds == [VIEW, STILL, CLIP]


def test_where_nobody_makes_views_the_place_is_looked_at_as_pictured_and_later_anew(
    studio: Opened, tmp_path: Path
) -> None:
    graph = film(tmp_path, **NOBODY, **LEFT)
    made = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    assert made.result.ok, made.result.errors
    view = next(each for each in made.plan.to_do if each.step.kind == VIEW)
    assert view.option.fidelity is Fidelity.STAND_IN
    assert "a stand-in, nothing better is there" in view.reason
    assert made.shown(made.asked[0], "shows the place") == [
        (tmp_path / "platform.png").read_bytes()
    ]
    assert made.of(STILL)[0].fidelity is Fidelity.FULL
    assert Made(studio, tmp_path, graph, PICTURES | VIDEOS).asked == [], (
        "nothing better can be made"
    )
    better = Made(studio, tmp_path, graph, ALL)
    assert [each.step.kind for each in better.plan.to_do] == [VIEW, STILL, CLIP]
    assert "<sks>" in str(better.asked[0])


def test_memory_that_runs_out_over_a_view_leaves_the_place_as_pictured(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Card.load

    def cramped(card: Card, names: list[str]) -> bool:
        return not any("angles" in name for name in names) and load(card, names)

    monkeypatch.setattr(Card, "load", cramped)
    made = Made(studio, tmp_path, film(tmp_path, **NOBODY, **LEFT), ALL)
    assert made.result.ok, made.result.errors
    still = next(prompt for prompt in made.asked if "shows the place" in str(prompt))
    assert made.shown(still, "shows the place") == [(tmp_path / "platform.png").read_bytes()]


def test_what_becomes_of_an_angle_that_nobody_makes_is_told() -> None:
    (ability,) = (each for each in ABILITIES if VIEW in each.kinds)
    assert (ability.title, ability.without) == ("Angles of places", "seen as pictured")


@pytest.mark.parametrize(
    ("shot", "angles", "made"),
    [
        ({}, ("left", "high"), []),
        ({"camera_move": "crane"}, (), []),
        ({"camera_move": "crane"}, ("left", "Elevated", "High"), ["high"]),
        ({"camera_move": "crane"}, ("left",), []),
        ({"shot_type": "extreme_wide"}, ("High", "Elevated"), ["elevated"]),
        ({"camera_move": "crane", "angle": "pictured"}, ("high",), []),
        ({"camera_move": "crane", "angle": "back_left"}, ("high",), ["back_left"]),
        ({"angle": "left", "still": "never"}, (), []),
    ],
)
def test_the_shot_names_its_angle_or_its_camera_asks_for_one_of_the_set(
    studio: Opened, tmp_path: Path, shot: dict[str, Any], angles: tuple[str, ...], made: list[str]
) -> None:
    where = {"images": (drawing(tmp_path / "there.png", 9),), "angles": angles}
    assert views(compiled(studio, tmp_path, one=shot, where=where)) == made


def test_an_angle_changes_no_shot_without_a_still(studio: Opened, tmp_path: Path) -> None:
    draft: dict[str, Any] = {"project": {"quality": "draft"}}
    plain = compiled(studio, tmp_path, **draft)
    turned = compiled(studio, tmp_path, **draft, **LEFT)
    assert {id: step.intent for id, step in turned.steps.items()} == {
        id: step.intent for id, step in plain.steps.items()
    }


def test_an_angle_of_a_place_without_a_picture_is_told(studio: Opened, tmp_path: Path) -> None:
    program = compiled(studio, tmp_path, **LEFT, where={"images": ()})
    assert views(program) == []
    (note,) = program.notes
    assert (note.where, "left" in note.what, "base image" in note.remedy) == ("one", True, True)


def test_a_word_of_the_angle_set_that_is_no_angle_is_told(studio: Opened, tmp_path: Path) -> None:
    program = compiled(studio, tmp_path, where={"angles": ("Front left", "from the moon")})
    (note,) = program.notes
    assert (note.where, "from the moon" in note.what) == ("where", True)
    assert "Front left" not in note.what


def test_every_angle_is_said_in_words_of_its_own() -> None:
    said = {view_of(angle) for angle, _ in ANGLES}
    assert len(said) == len(ANGLES)
    assert all(each.startswith("<sks> ") and each.endswith(" wide shot") for each in said)


@pytest.mark.parametrize("gib", [24, 48])
def test_a_card_is_asked_for_no_more_than_it_has(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gib: int
) -> None:
    refused = noted_refusals(monkeypatch)
    made = Made(studio, tmp_path, film(tmp_path, **NOBODY, **LEFT), ALL, gib=gib)
    assert made.result.ok, made.result.errors
    assert refused == []
    by = {each.step.kind: each.option.executor for each in made.plan.to_do}
    assert by == dict.fromkeys((VIEW, STILL, CLIP), "comfyui")
