"""A plan as a drawing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from movie_director.core.chart import Bar, Chart, Lane, chart_of_plan, chart_of_solution, thinned
from movie_director.core.chart_svg import COLOURED, COLOURS, draw
from movie_director.core.planner import solve
from movie_director.core.step import ModelId

from tests.unit.core.films import planned_film
from tests.unit.core.planner.problems import random_sets, tools

SVG = "{http://www.w3.org/2000/svg}"
M, N = ModelId("m"), ModelId("n")
GIB = 2**30


def bar(start: float, end: float, number: int = 1, **given: object) -> Bar:
    values = {
        "stages": (number, number), "service": "s", "what": "1 clip", "start": start, "ready": start,
        "end": end, "kept": end, "idle": 0, "held": ((M, GIB),), "loads": frozenset({M}),
        "work": GIB, "steps": 1, "parts": (end - start,),
    }  # fmt: skip
    return Bar(**{**values, **given})  # type: ignore[arg-type]


def chart(*bars: Bar, budget: int = 4 * GIB, sizes: tuple[tuple[ModelId, int], ...] = ((M, GIB),)) -> Chart:  # fmt: skip
    seconds = max((each.end for each in bars), default=0.0)
    lane = Lane(device="gpu", about="", budget=budget, bars=bars)
    return Chart(title="Plan", facts=("One.",), seconds=seconds, lanes=(lane,), sizes=sizes)


def texts(drawing: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(drawing).iter(f"{SVG}text")]


def inside(drawing: str) -> bool:
    """Whether everything that is drawn lies on the paper."""
    root = ET.fromstring(drawing)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [each.attrib for each in root.iter(f"{SVG}rect") if "x" in each.attrib]
    return all(
        0 <= float(box["x"]) <= float(box["x"]) + float(box["width"]) <= width + 0.6
        and 0 <= float(box["y"]) <= float(box["y"]) + float(box["height"]) <= height
        for box in boxes
    )


@pytest.mark.parametrize(("steps", "gpus"), [(0, 1), (1, 1), (10, 1), (10, 3), (300, 3)])
def test_a_film_is_drawn_as_valid_xml_on_its_paper_the_same_each_time(
    steps: int, gpus: int
) -> None:
    planned = planned_film(steps, gpus)
    drawing = draw(chart_of_plan(planned, "Plan of a film"))
    assert drawing == draw(chart_of_plan(planned, "Plan of a film"))
    assert inside(drawing)
    said = texts(drawing)
    assert said[0] == "Plan of a film"
    assert [each for each in said if each.startswith("gpu")] == [
        f"gpu{n}" for n in range(gpus if steps > 1 else steps)
    ]
    named = {model for placed in planned.to_do for model in placed.option.models}
    assert all(any(each.startswith(f"{model}  ") for each in said) for model in named)


def test_a_plan_holds_what_its_stages_hold() -> None:
    planned = planned_film(40, 2)
    drawn = chart_of_plan(planned, "")
    for lane in drawn.lanes:
        for each in lane.bars:
            stage = planned.stages[each.stages[0] - 1]
            held = sum(size for _, size in each.held)
            assert each.idle + held + each.work == stage.peak_bytes <= lane.budget
            assert each.start <= each.ready <= each.end <= each.kept
            assert stage.load <= {model for model, _ in each.held}


def test_ten_thousand_steps_are_drawn_in_a_small_file() -> None:
    bars = [bar(n, n + 1, n + 1, held=((M, GIB),) if n % 2 else ((N, GIB),)) for n in range(10_000)]
    drawing = draw(chart(*bars, sizes=((M, GIB), (N, GIB))))
    assert inside(drawing)
    assert len(drawing) < 1_000_000
    together = thinned(bars, 30.0)
    assert sum(each.steps for each in together) == 10_000
    assert [each.stages[0] for each in together[1:]] == [e.stages[1] + 1 for e in together[:-1]]
    assert all(
        (dict(each.held)[M] + dict(each.held)[N]) == pytest.approx(GIB, abs=2) for each in together
    )
    assert max(each.work + sum(s for _, s in each.held) for each in together) == pytest.approx(
        2 * GIB, abs=2
    )


def test_a_bar_that_can_be_seen_is_left_as_it_is() -> None:
    bars = [bar(0, 1), bar(1, 90, 2), bar(90, 91, 3), bar(91, 92, 4)]
    first, long, rest = thinned(bars, 5.0)
    assert (first, long) == (bars[0], bars[1])
    assert (rest.stages, rest.steps, rest.what) == ((3, 4), 2, "2 steps in 2 stages")


def test_names_from_outside_cannot_break_the_drawing() -> None:
    evil = ModelId('<script>&"\x00\x1b\ud800]]>')
    drawing = draw(
        replace(
            chart(bar(0, 9, service="<b>", held=((evil, GIB),)), sizes=((evil, GIB),)),
            title="</title><script>",
        )
    )
    root = ET.fromstring(drawing)
    assert not list(root.iter(f"{SVG}script"))
    assert '<script>&"]]>  1.0 GiB' in texts(drawing)


def test_a_budget_far_above_what_is_needed_is_said_to_be() -> None:
    assert "budget 4.0 GiB" in texts(draw(chart(bar(0, 9))))
    assert "budget 64.0 GiB (far above)" in texts(draw(chart(bar(0, 9), budget=64 * GIB)))


def test_models_beyond_the_colours_share_one() -> None:
    many = tuple((ModelId(f"m{n:02}"), n * GIB) for n in range(30))
    said = texts(draw(chart(bar(0, 9, held=many), budget=999 * GIB, sizes=many)))
    assert f"{30 - COLOURED} smaller models" in said
    assert len(set(COLOURS)) == COLOURED


def test_nothing_to_do_and_no_time_are_drawn_too() -> None:
    assert inside(draw(Chart(title="", facts=(), seconds=0.0, lanes=(), sizes=())))
    assert inside(draw(chart(bar(0, 0, work=0, held=()), budget=0, sizes=())))


def test_a_neutral_problem_is_drawn_from_its_solution() -> None:
    solution = solve(tools(random_sets(12, 8, 2, 4, "a"), 5))
    drawn = chart_of_solution(solution, "Plan of jobs.json")
    assert sum(each.steps for lane in drawn.lanes for each in lane.bars) == 12
    assert inside(draw(drawn))
    assert not re.search(r"nan|inf", draw(drawn))
