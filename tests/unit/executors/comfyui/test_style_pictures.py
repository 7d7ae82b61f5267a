"""A style's pictures: looked at after who is in the shot and before where it is; what is left out is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.step import CLIP, STILL, Fidelity
from movie_director.core.workflow_library import shipped_workflows

from tests.still_films import (
    PICTURES,
    VIDEOS,
    Made,
    Opened,
    drawing,
    film,
    in_style,
    noted_refusals,
    ultimate,
    with_another_shot,
)

NOBODY: dict[str, Any] = {"anna": {"images": ()}, "ben": {"images": ()}}
NOWHERE: dict[str, Any] = {"where": {"images": ()}}


def without(*workflows: str) -> dict[str, int]:
    """The files of all that makes pictures but the models of these."""
    others = {
        model.file
        for name in workflows
        for precision in shipped_workflows()[name].precisions
        for model in precision.models
        if "diffusion" in model.folder
    }
    return {file: size for file, size in PICTURES.items() if file not in others}


def reason(made: Made) -> str:
    """What the plan said of the still."""
    (still,) = (each for each in made.plan.to_do if each.step.kind == STILL)
    return still.reason


def test_a_still_takes_the_style_from_its_picture(studio: Opened, tmp_path: Path) -> None:
    graph = in_style(film(tmp_path, ben={"images": ()}), tmp_path)
    made = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    assert made.result.ok, made.result.errors
    assert made.shown(made.asked[0], "Picture 1") == [
        (tmp_path / name).read_bytes() for name in ("anna_1.png", "platform.png", "look.png")
    ]
    said = str(made.asked[0])
    assert "Picture 1 shows Anna. Picture 2 shows the place. Take the style from picture 3" in said
    _, told = made.of(STILL)
    assert told["by"]["recipe"]["pictures"] == ["Anna", "the place", "the style"]
    assert told["by"]["recipe"]["left_out"] == []
    assert "gave_up" not in told["by"]


def test_who_goes_before_the_style_and_the_style_before_the_place_which_is_told(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, in_style(film(tmp_path), tmp_path), PICTURES | VIDEOS)
    assert made.shown(made.asked[0], "Picture 1") == [
        (tmp_path / name).read_bytes() for name in ("anna_1.png", "ben.png", "look.png")
    ]
    still, told = made.of(STILL)
    assert told["by"]["recipe"]["left_out"] == ["the place"]
    assert told["by"]["gave_up"] == "without the pictures of the place"
    assert reason(made).startswith("without the pictures of the place")
    assert still.fidelity is Fidelity.FULL, "nothing here would show more"


def test_a_style_alone_is_worth_a_still(studio: Opened, tmp_path: Path) -> None:
    graph = in_style(film(tmp_path, **NOBODY, **NOWHERE), tmp_path)
    made = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    assert made.of(STILL)[1]["by"]["workflow"] == "qwen_edit_final"
    assert made.shown(made.asked[0], "from picture 1") == [(tmp_path / "look.png").read_bytes()]
    assert "_i2v_" in made.of(CLIP)[1]["by"]["workflow"]


def test_a_workflow_with_room_for_one_picture_is_given_no_style_for_it(
    studio: Opened, tmp_path: Path
) -> None:
    klein = without("qwen_edit_final")
    alone = in_style(film(tmp_path, **NOBODY, **NOWHERE), tmp_path)
    made = Made(studio, tmp_path, alone, klein | VIDEOS)
    assert made.of(STILL)[0].fidelity is Fidelity.STAND_IN
    assert "_t2v_" in made.of(CLIP)[1]["by"]["workflow"], "from words, as without a picture"


def test_what_would_show_more_is_still_waited_for(studio: Opened, tmp_path: Path) -> None:
    graph = in_style(film(tmp_path, **NOBODY, project={"quality": "draft"}), tmp_path)
    graph = replace(
        graph,
        nodes=tuple(
            replace(each, params={**each.params, "still": "always"}) if each.id == "one" else each
            for each in graph.nodes
        ),
    )
    made = Made(studio, tmp_path, graph, without("qwen_edit_draft"))
    still, told = made.of(STILL)
    assert (still.fidelity, told["by"]["workflow"]) == (
        Fidelity.LOWER_TIER, "flux2_klein_edit_draft",
    )  # fmt: skip
    assert told["by"]["recipe"]["left_out"] == ["the style"]
    assert "without the pictures of the style" in told["by"]["gave_up"]
    again = Made(studio, tmp_path, graph, PICTURES)
    assert again.of(STILL)[1]["by"]["workflow"] == "qwen_edit_draft"


def test_whoever_a_lora_knows_is_not_told_as_left_out(studio: Opened, tmp_path: Path) -> None:
    graph = in_style(ultimate(tmp_path), tmp_path)
    made = Made(studio, tmp_path, graph, PICTURES | VIDEOS)
    _, told = made.of(STILL)
    assert told["by"]["workflow"] == "character_lora_z_image"
    assert told["by"]["recipe"]["left_out"] == ["Ben", "the style", "the place"]
    assert "Anna" not in told["by"]["gave_up"]


def test_a_changed_style_makes_again_what_is_in_it_and_nothing_else(
    studio: Opened, tmp_path: Path
) -> None:
    graph = with_another_shot(in_style(film(tmp_path), tmp_path))
    first = Made(studio, tmp_path, graph, PICTURES | VIDEOS, node="")
    assert first.result.ok, first.result.errors
    assert {"one:still", "two:still"} <= {str(each.step.id) for each in first.plan.to_do}
    drawing(tmp_path / "look.png", 90)
    again = Made(studio, tmp_path, graph, PICTURES | VIDEOS, node="")
    assert {
        str(each.step.id) for each in again.plan.to_do if each.option.executor == "comfyui"
    } == {
        "one:still",
        "one:clip",
    }
    assert not any(str(each.step.id).startswith("two:") for each in again.plan.to_do)


@pytest.mark.parametrize("gib", [24, 48])
def test_a_card_is_asked_for_no_more_than_it_has(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gib: int
) -> None:
    refused = noted_refusals(monkeypatch)
    graph = in_style(film(tmp_path, ben={"images": ()}), tmp_path)
    made = Made(studio, tmp_path, graph, PICTURES | VIDEOS, gib=gib)
    assert made.result.ok, made.result.errors
    assert refused == []
    assert "the style" in made.of(STILL)[1]["by"]["recipe"]["pictures"]
