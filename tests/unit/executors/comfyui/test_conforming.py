"""A clip that came with fewer frames and pixels than the film is conformed by a server's models."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import CLIP, INTERPOLATION, UPSCALE, Fidelity

from tests.servers.conforming import lightness, moving
from tests.still_films import VIDEOS, Made, Opened, files_of

SMOOTH, LARGE = files_of("interpolation"), files_of("upscale_video")
BARE = {"captions": False, "name_tags": False}


def film(shot: dict[str, Any] | None = None, project: dict[str, Any] | None = None) -> Graph:
    """One shot of a second at 24 frames a second, twice as large as the server makes it."""
    small = {"resolution": "custom", "width": 320, "height": 192, "fps": 24.0, "quality": "final"}
    nodes = (
        Node(id="project", type="project", params={**small, **(project or {})}),
        Node(id="one", type="shot", params={"action": "It dawns.", "duration": 1.0, **(shot or {})}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output", params=BARE),
    )  # fmt: skip
    ends = [
        ("project.project", "out.project"), ("film.sequence", "out.sequence"),
        ("one.shot", "film.shots"),
    ]  # fmt: skip
    return Graph(
        nodes=nodes,
        links=tuple(
            Link(source=tuple(a.split(".")), target=tuple(b.split(".")))  # type: ignore[arg-type]
            for a, b in ends
        ),
    )


def steps(greys: list[float]) -> list[float]:
    return [round(b - a, 1) for a, b in itertools.pairwise(greys)]


def sent(made: Made, kind: str) -> list[dict[str, Any]]:
    """The inputs of every node of a class that the server worked on."""
    nodes = [node for prompt in made.asked for node in prompt.values()]
    return [node["inputs"] for node in nodes if node["class_type"] == kind]


def test_a_final_clip_of_16_frames_a_second_gets_the_films_24_and_its_size(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, film(), VIDEOS | SMOOTH | LARGE, video=moving, node="")
    assert made.result.ok, made.result.errors
    (clip, _), (smooth, _), (large, record) = map(made.of, (CLIP, INTERPOLATION, UPSCALE))
    facts = [{name: each.facts[name] for name in ("frames", "fps", "width", "height")}
             for each in (clip, smooth, large)]  # fmt: skip
    assert facts == [
        {"frames": 17, "fps": 16.0, "width": 160, "height": 96},
        {"frames": 24, "fps": 24.0, "width": 160, "height": 96},
        {"frames": 24, "fps": 24.0, "width": 320, "height": 192},
    ]
    assert [each.facts.get("as_made", False) for each in (clip, smooth, large)] == [
        True,
        True,
        False,
    ]
    greys, size, rate = lightness(large.path)
    assert (len(greys), size, rate) == (24, (320, 192), 24.0)
    assert min(steps(greys)) > 3, "no frame is the one before again"
    assert max(steps(greys)) < 11, "and none is left out"
    assert steps(lightness(tmp_path / "results" / "film.mp4")[0]) == pytest.approx(
        steps(greys), abs=1
    ), "and so it is in the film"
    assert record["by"]["workflow"] == "upscale_video_final"
    assert [each.fidelity for each in (clip, smooth, large)] == [Fidelity.FULL] * 3
    assert [each["value"] for each in sent(made, "PrimitiveInt")] == [3], "48 is twice 24"
    assert [each["resize_type.multiplier"] for each in sent(made, "ResizeImageMaskNode")] == [2.0]


def test_as_made_repeats_frames_and_asks_no_server_for_more(studio: Opened, tmp_path: Path) -> None:
    graph = film(shot={"conform": "never"})
    made = Made(studio, tmp_path, graph, VIDEOS | SMOOTH | LARGE, video=moving)
    assert [placed.step.kind for placed in made.plan.to_do] == [CLIP]
    greys, size, _ = lightness(made.of(CLIP)[0].path)
    assert (len(greys), size, len(made.asked)) == (24, (320, 192), 1)
    assert min(map(abs, steps(greys))) < 1, "a frame is shown again"


@pytest.mark.parametrize(
    ("shot", "project", "kinds"),
    [
        ({}, {}, [CLIP, INTERPOLATION, UPSCALE]),
        ({}, {"quality": "draft"}, [CLIP]),
        ({}, {"quality": "standard"}, [CLIP]),
        ({}, {"conform": "never"}, [CLIP]),
        ({"conform": "auto"}, {"conform": "never"}, [CLIP, INTERPOLATION, UPSCALE]),
        ({"conform": "motion"}, {"quality": "draft"}, [CLIP, INTERPOLATION]),
        ({}, {"conform": "size"}, [CLIP, UPSCALE]),
        ({"media": "own.mp4"}, {}, [CLIP]),
    ],
)
def test_it_is_known_from_the_tree_alone_which_clips_are_conformed(
    studio: Opened, tmp_path: Path, shot: Any, project: Any, kinds: list[str]
) -> None:
    (tmp_path / "own.mp4").write_bytes(b"a clip of the user's")
    with studio() as made:
        program = made.compile(film(shot, project), tmp_path)
    own = [step.kind for step in program.steps.values() if step.node == "one"]
    assert own == kinds
    (film_step,) = (step for step in program.steps.values() if step.kind == "film")
    assert f"one:{kinds[-1]}" in film_step.after, "the film is made of what was conformed"


def test_a_server_without_the_models_is_stood_in_for_and_that_is_told(
    studio: Opened, tmp_path: Path
) -> None:
    made = Made(studio, tmp_path, film(), VIDEOS, video=moving)
    assert made.result.ok, made.result.errors
    (clip, _), (large, record) = made.of(CLIP), made.of(UPSCALE)
    assert (clip.fidelity, large.fidelity) == (Fidelity.FULL, Fidelity.STAND_IN)
    assert record["by"]["executor"] == "animatic"
    assert len(lightness(large.path)[0]) == 24
    again = Made(studio, tmp_path, film(), VIDEOS, video=moving)
    assert (again.plan.to_do, again.asked) == ((), []), "nothing better can be had yet"
    better = Made(studio, tmp_path, film(), VIDEOS | SMOOTH | LARGE, video=moving)
    assert {placed.step.kind for placed in better.plan.to_do} == {INTERPOLATION, UPSCALE}
    assert better.of(UPSCALE)[0].fidelity is Fidelity.FULL


def test_a_clip_that_has_the_films_form_is_passed_on_and_no_server_asked(
    studio: Opened, tmp_path: Path
) -> None:
    graph = film(project={"width": 160, "height": 96, "fps": 16.0})
    made = Made(studio, tmp_path, graph, VIDEOS | SMOOTH | LARGE, video=moving)
    assert made.result.ok, made.result.errors
    (clip, _), (large, _) = made.of(CLIP), made.of(UPSCALE)
    assert len(made.asked) == 1
    assert large.fidelity is Fidelity.FULL
    assert (large.facts["frames"], large.facts["fps"]) == (16, 16.0)
    assert clip.facts["frames"] in (16, 17)


def test_a_drawn_clip_is_passed_on_byte_for_byte(studio: Opened, tmp_path: Path) -> None:
    made = Made(studio, tmp_path, film(), SMOOTH | LARGE, video=moving)
    assert made.result.ok, made.result.errors
    (clip, _), (large, _) = made.of(CLIP), made.of(UPSCALE)
    assert (made.asked, large.content) == ([], clip.content)
    assert (clip.fidelity, large.fidelity) == (Fidelity.FULL, Fidelity.FULL)


def test_a_small_card_gets_ways_that_fit_it(studio: Opened, tmp_path: Path) -> None:
    placed = {}
    for gib in (80, 8, 6):
        root = tmp_path / str(gib)
        root.mkdir()
        graph = film(project={"resolution": "1080p"}, shot={"duration": 5.0})
        made = Made(studio, root, graph, VIDEOS | SMOOTH | LARGE, gib=gib, carry_out=False)
        budget = gib * 2**30
        assert all(
            stage.peak_bytes <= budget for stage in made.plan.stages if stage.service != "animatic"
        )
        placed[gib] = {each.step.kind: each.option.workflow for each in made.plan.to_do}
    assert [placed[gib][INTERPOLATION] for gib in (80, 8, 6)] == [
        "interpolation_final", "interpolation_final", "interpolation"
    ]  # fmt: skip
    assert placed[80][UPSCALE] == "upscale_video_final"
    assert placed[6][UPSCALE] == "upscale", "the built-in way, which needs no card"
