"""A shot whose people and place are known from pictures: a still is made first, the clip begins with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movie_director.core.errors import BadAnswer
from movie_director.core.graph import Graph, Node
from movie_director.core.step import CLIP, LORA_TRAINING, STILL, Fidelity
from movie_director.executors._animatic.picture.footage import filled, last_frame

from tests.servers.comfyui import ComfyServer
from tests.servers.comfyui_worker import SAVERS, Card, Worker
from tests.still_films import (
    PICTURES,
    SIZE,
    VIDEOS,
    Made,
    Opened,
    drawing,
    film,
    noted_refusals,
    ultimate,
)
from tests.unit.executors.comfyui.test_planned import classes


def test_a_still_is_made_from_the_pictures_and_the_clip_begins_with_it(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, film(tmp_path), PICTURES | VIDEOS)
    assert made.result.ok, made.result.errors
    (still, of_still), (clip, of_clip) = made.of(STILL), made.of(CLIP)
    assert of_still["by"]["workflow"] == "character_enhanced_final"
    assert "_i2v_" in of_clip["by"]["workflow"]
    assert (still.fidelity, clip.fidelity) == (Fidelity.FULL, Fidelity.FULL)
    assert (still.facts["width"], still.facts["height"]) == SIZE
    picture, video = made.asked
    said = next(
        node["inputs"]["prompt"]
        for node in picture.values()
        if "Picture 1" in str(node["inputs"].get("prompt"))
    )
    assert said.startswith(
        "Picture 1 shows Anna. Picture 2 shows Ben. Picture 3 shows the place. medium shot. They meet."
    )
    assert "pan" not in said, "a still does not move"
    latent = picture["latent"]["inputs"]
    assert (latent["width"], latent["height"]) == (832, 512), "as the film, not as Anna's picture"
    begun = [n["inputs"]["image"] for n in video.values() if n["class_type"] == "LoadImage"]
    assert len(begun) == 1
    shown = tmp_path / "shown.png"
    shown.write_bytes(made.uploads[begun[0]])
    assert np.array_equal(filled(str(shown), *SIZE), filled(str(still.path), *SIZE))


def test_an_unchanged_shot_makes_neither_again_and_a_changed_picture_both(
    studio: Opened, tmp_path: Path
) -> None:
    graph = film(tmp_path)
    Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    again = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    assert (again.plan.to_do, again.asked) == ((), [])
    drawing(tmp_path / "anna_1.png", 200)
    changed = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    assert [placed.step.kind for placed in changed.plan.to_do] == [STILL, CLIP]


def test_where_nobody_makes_pictures_the_clip_is_made_from_words_and_later_anew(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, film(tmp_path), VIDEOS)
    assert made.result.ok, made.result.errors
    (still, of_still), (clip, of_clip) = made.of(STILL), made.of(CLIP)
    assert (still.fidelity, of_still["by"]["executor"]) == (Fidelity.STAND_IN, "animatic")
    assert "_t2v_" in of_clip["by"]["workflow"]
    assert not clip.facts.get("stand_in"), "a final film may hold it"
    again = Made(studio, tmp_path, film(tmp_path), VIDEOS)
    assert again.asked == [], "nothing better can be made"
    better = Made(studio, tmp_path, film(tmp_path), PICTURES | VIDEOS)
    assert "_i2v_" in better.of(CLIP)[1]["by"]["workflow"]


def test_where_nobody_makes_clips_the_animatic_moves_over_the_still(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, film(tmp_path, one={"camera_move": "static"}), PICTURES)
    (still, _), (clip, of_clip) = made.of(STILL), made.of(CLIP)
    assert (still.fidelity, of_clip["by"]["executor"]) == (Fidelity.FULL, "animatic")
    shown = last_frame(clip.path).astype(int)[100:200, 100:700]
    real = filled(str(still.path), *SIZE).astype(int)[100:200, 100:700]
    assert np.abs(shown - real).mean() < 12


def test_memory_that_runs_out_over_the_still_leaves_a_clip_from_words(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Card.load

    def cramped(card: Card, names: list[str]) -> bool:
        return not any("qwen" in name for name in names) and load(card, names)

    monkeypatch.setattr(Card, "load", cramped)
    made = Made(studio, tmp_path, film(tmp_path), PICTURES | VIDEOS)
    assert made.result.ok, made.result.errors
    assert made.of(STILL)[0].fidelity is Fidelity.STAND_IN
    assert "_t2v_" in made.of(CLIP)[1]["by"]["workflow"]


@pytest.mark.parametrize(
    ("changes", "stills"),
    [
        ({}, 1),
        ({"one": {"still": "never"}}, 0),
        ({"one": {"still": "always"}, "project": {"quality": "draft"}}, 1),
        ({"project": {"quality": "standard"}}, 0),
        ({"anna": {"images": ()}, "ben": {"images": ()}, "where": {"images": ()}}, 0),
        ({"anna": {"images": ()}, "ben": {"images": ()}}, 1),
    ],
)
def test_whether_a_still_is_made_follows_from_the_tree_alone(
    studio: Opened, tmp_path: Path, changes: dict[str, Any], stills: int
) -> None:
    graph = film(tmp_path)
    nodes = tuple(
        Node(id=each.id, type=each.type, params={**each.params, **changes.get(each.id, {})})
        for each in graph.nodes
    )
    with studio() as made:
        program = made.compile(Graph(nodes=nodes, links=graph.links), tmp_path)
    assert sum(step.kind == STILL for step in program.steps.values()) == stills


def test_a_place_alone_is_an_edit_of_its_picture(studio: Opened, tmp_path: Path) -> None:
    graph = film(tmp_path, anna={"images": ()}, ben={"images": ()})
    made = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    assert made.of(STILL)[1]["by"]["workflow"] == "qwen_edit_final"


def test_the_highest_tier_is_learned_first_and_the_still_made_with_what_was_learned(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, ultimate(tmp_path), PICTURES | VIDEOS)
    assert made.result.ok, made.result.errors
    learned, _ = made.of(LORA_TRAINING)
    still, told = made.of(STILL)
    assert (still.fidelity, told["by"]["workflow"]) == (Fidelity.FULL, "character_lora_z_image")
    training, picture, video = made.asked
    assert "TrainLoraNode" in {node["class_type"] for node in training.values()}
    loads = [n["inputs"] for n in picture.values() if n["class_type"] == "LoraLoaderModelOnly"]
    assert [each["lora_name"] for each in loads] == [learned.facts["lora"]]
    assert learned.facts["lora"] not in json.dumps(video), "it is no clip model's"


def test_a_lower_tier_is_said(studio: Opened, tmp_path: Path) -> None:
    unlearned = {file: size for file, size in PICTURES.items() if "z_image" not in file}
    made = Made(studio, tmp_path, ultimate(tmp_path), unlearned | VIDEOS)
    assert made.result.ok, made.result.errors
    assert made.of(LORA_TRAINING)[0].fidelity is Fidelity.STAND_IN
    still, told = made.of(STILL)
    assert still.fidelity is Fidelity.LOWER_TIER
    assert told["by"]["gave_up"] == "tier enhanced instead of ultimate"
    assert "_i2v_" in made.of(CLIP)[1]["by"]["workflow"]


def test_memory_that_runs_out_over_the_training_leaves_a_still_of_the_tier_before(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "full", frozenset({"TrainLoraNode"}))
    made = Made(studio, tmp_path, ultimate(tmp_path), PICTURES | VIDEOS)
    assert made.result.ok, made.result.errors
    assert made.of(LORA_TRAINING)[0].fidelity is Fidelity.STAND_IN
    still, told = made.of(STILL)
    assert (still.fidelity, told["by"]["workflow"]) == (
        Fidelity.LOWER_TIER, "character_enhanced_final",
    )  # fmt: skip
    assert "md_anna" not in json.dumps(made.asked)


def test_what_is_no_picture_is_refused_and_said(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ("images", ".png", lambda: b"<html>no picture</html>")
    monkeypatch.setitem(SAVERS, "SaveImage", page)  # type: ignore[arg-type]
    made = Made(studio, tmp_path, film(tmp_path), PICTURES | VIDEOS)
    (error,) = made.result.errors.values()
    assert isinstance(error, BadAnswer)
    assert (error.where, bool(error.remedy)) == ("one", True)
    assert "not a picture" in error.what
    assert not list((tmp_path / "results").rglob("*.html"))


def test_a_server_says_which_kinds_it_has_no_model_for(studio: Opened) -> None:
    with ComfyServer("0.33.0") as server, studio() as made:
        server.classes = classes(VIDEOS)
        found = made.executors["comfyui"].identify(server.url)
        assert found is not None
        assert CLIP in found.able
        assert found.lacking >= {STILL, LORA_TRAINING}


@pytest.mark.parametrize("gib", [24, 48])
def test_on_cards_of_every_size_nothing_is_asked_for_that_does_not_fit(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gib: int
) -> None:
    """Row 25: the card says no to what would not fit, and never has to."""
    refused = noted_refusals(monkeypatch)
    made = Made(studio, tmp_path, film(tmp_path), PICTURES | VIDEOS, gib=gib)
    assert made.result.ok, made.result.errors
    assert refused == []
    by = {kind: made.of(kind)[1]["by"]["executor"] for kind in (STILL, CLIP)}
    assert by == {STILL: "comfyui", CLIP: "comfyui"}
