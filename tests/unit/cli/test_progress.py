"""Bars on a terminal, quiet lines on a pipe."""

from __future__ import annotations

import dataclasses
import io
import pathlib
import re
from typing import Any

import pytest
from movie_director import api
from movie_director.cli.bars import Block, bar, clipped, width
from movie_director.cli.desk import Desk
from movie_director.cli.progress import Progress
from movie_director.core.allocation import Allocation, Holding
from movie_director.core.errors import ServiceLost
from movie_director.core.progress import RunProgress
from movie_director.core.run import Change
from movie_director.core.state import NodeState
from movie_director.core.step import Artifact, DeviceId, ModelId, ServiceId


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def plan(instant: Any, tmp_path: pathlib.Path) -> api.Plan:
    film = api.new()
    for name in ("one", "two"):
        film.link(film.add("shot", id=name, number=name), "shot", "film", "shots")
    return api.plan(film.graph, tmp_path)


def standing(eta_s: float = 3.0, warning: str = "") -> RunProgress:
    return RunProgress(
        done=0,
        total=8,
        cached=0,
        fraction=0.0,
        eta_s=eta_s,
        elapsed_s=0.0,
        stages=(),
        warning=warning,
    )


def change(plan: api.Plan, id: str, state: NodeState, **more: Any) -> Change:
    step = next(step for step in plan.steps.values() if step.id == id)
    return Change(step=step.id, node=step.node, state=state, **more)


def cooked(plan: api.Plan, id: str, path: pathlib.Path) -> Change:
    step = next(step for step in plan.steps.values() if step.id == id)
    made = Artifact(step=step.id, intent=step.intent, path=path, content=step.intent)
    return change(plan, id, NodeState.COOKED, artifact=made)


def screen(text: str) -> list[str]:
    """What a terminal shows after ``text``: moves up, clearing and overwriting done."""
    lines, row, column = [""], 0, 0
    for move, letter in re.findall(r"\x1b\[(\d*[AJK])|(.|\n)", text):
        if letter == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif letter == "\r":
            column = 0
        elif letter:
            lines[row] = lines[row][:column].ljust(column) + letter + lines[row][column + 1 :]
            column += 1
        elif move[-1] == "A":
            row -= int(move[:-1])
        else:
            lines[row] = lines[row][:column]
            if move == "J":
                del lines[row + 1 :]
    return [line for line in lines if line]


@pytest.mark.parametrize(
    ("fraction", "drawn"), [(0, "░░░░"), (0.5, "██░░"), (0.28, "█▏░░"), (1, "████"), (7, "████")]
)
def test_a_bar_is_filled_to_an_eighth_of_a_cell(fraction: float, drawn: str) -> None:
    assert bar(fraction, 4) == drawn


def test_a_bar_without_block_characters_is_ascii() -> None:
    assert bar(0.5, 4, plain=True) == "##--"


def test_wide_letters_count_twice_and_long_text_is_cut() -> None:
    assert width("雨の駅") == 6
    assert clipped("雨の駅", 5) == "雨の…"
    assert clipped("two\nlines", 20) == "two lines"


def test_redrawing_the_same_lines_writes_nothing() -> None:
    stream = Terminal()
    block = Block(stream)
    block.frame(["a", "b"])
    before = stream.getvalue()
    block.frame(["a", "b"])
    assert stream.getvalue() == before


def test_a_frame_is_one_write() -> None:
    writes: list[str] = []
    stream = Terminal()
    stream.write = lambda text: writes.append(text) or len(text)  # type: ignore[method-assign, func-returns-value]
    block = Block(stream)
    block.frame(["a", "b"])
    block.above("said")
    block.frame(["c"])
    assert len(writes) == 3


def test_what_is_said_stays_above_the_bars() -> None:
    stream = Terminal()
    block = Block(stream)
    block.frame(["bar 1", "bar 2"])
    block.above("said")
    assert screen(stream.getvalue()) == ["said", "bar 1", "bar 2"]
    block.clear()
    assert screen(stream.getvalue()) == ["said"]


def test_a_terminal_gets_a_bar_for_each_stage_with_what_is_made(plan: api.Plan) -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(Desk(io.StringIO(), stream), plan, clock=clock)
    clock.now += 1
    progress.show([change(plan, "one:clip", NodeState.COOKING, fraction=0.5)], standing(12))
    shown = screen(stream.getvalue())
    assert [line.split()[0] for line in shown] == ["Pictures", "Film", "1.0"]
    assert shown[0].endswith("0/2  Shot one")
    assert "██████░░░" in shown[0]
    assert shown[-1] == "1.0 s so far, about 12 s to go"


def test_a_terminal_is_redrawn_at_most_ten_times_a_second(plan: api.Plan) -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(Desk(io.StringIO(), stream), plan, clock=clock)
    sizes = set()
    for tick in range(100):
        clock.now += 0.01
        cooking = change(plan, "one:clip", NodeState.COOKING, fraction=tick / 100)
        progress.show([cooking], standing(100 - tick))
        sizes.add(len(stream.getvalue()))
    assert 9 <= len(sizes) <= 11


def test_the_first_shot_is_named_once_with_the_time_it_took(plan: api.Plan) -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress(Desk(io.StringIO(), stream), plan, clock=clock)
    clock.now += 3.21
    path = pathlib.Path("results", "clip_t001.mp4").absolute()
    progress.show([cooked(plan, "two:clip", path), cooked(plan, "one:clip", path)], standing())
    assert stream.getvalue().splitlines() == [
        "[1/7] Shot two",
        f"first shot ready after 3.2 s: {pathlib.Path('results', 'clip_t001.mp4')}",
        "[2/7] Shot one",
    ]


def test_a_pipe_gets_one_line_a_finished_step_and_no_escapes(plan: api.Plan) -> None:
    stream = io.StringIO()
    progress = Progress(Desk(io.StringIO(), stream), plan)
    made = cooked(plan, "output:cut", pathlib.Path("cut.json"))
    progress.show([change(plan, "output:cut", NodeState.COOKING, fraction=0.1)], standing())
    progress.show([made, made], standing())
    progress.close()
    assert stream.getvalue() == "[1/7] Lay out the cut\n"


def test_a_warning_about_room_is_said_once(plan: api.Plan) -> None:
    stream = io.StringIO()
    progress = Progress(Desk(io.StringIO(), stream), plan)
    for _ in range(3):
        progress.show([], standing(warning="Only 0.5 GiB are free."))
    assert stream.getvalue() == "Only 0.5 GiB are free.\n"


def test_quiet_says_nothing(plan: api.Plan) -> None:
    stream = Terminal()
    progress = Progress(Desk(io.StringIO(), stream, quiet=True), plan)
    progress.show([cooked(plan, "one:clip", pathlib.Path("clip.mp4"))], standing())
    progress.close()
    assert stream.getvalue() == ""


def test_the_estimate_shown_is_the_newest(plan: api.Plan) -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(Desk(io.StringIO(), stream), plan, clock=clock)
    for eta in (9.0, 5.0):
        clock.now += 1
        progress.show([], standing(eta))
    assert screen(stream.getvalue())[-1] == "2.0 s so far, about 5.0 s to go"


def test_who_holds_the_memory_of_a_card_is_shown_below_the_bars(plan: api.Plan) -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(Desk(io.StringIO(), stream), plan, clock=clock)
    holding = Holding(
        service=ServiceId("comfy"), models=((ModelId("flux"), 2**30),), idle_bytes=0, work_bytes=0,
        steps=(),
    )  # fmt: skip
    card = Allocation(
        device=DeviceId("gpu"), about="", budget_bytes=2**33, stage=1, stages=1, freeing=False,
        holdings=(holding,),
    )  # fmt: skip
    progress.show([], standing(), [card, dataclasses.replace(card, holdings=())])
    assert stream.getvalue().count("gpu: 1.0 GiB of 8.0 GiB (flux 1.0 GiB)") == 1


def test_a_step_that_is_done_another_way_is_told_once(plan: api.Plan) -> None:
    stream = io.StringIO()
    progress = Progress(Desk(io.StringIO(), stream), plan)
    moved = change(plan, "one:clip", NodeState.WAITING, note="fp8 instead of fp16: memory ran out")
    progress.show([moved], standing())
    assert "fp8 instead of fp16: memory ran out" in stream.getvalue()


def test_why_a_step_is_tried_again_is_told_with_the_first_that_it_holds_up(plan: api.Plan) -> None:
    stream = io.StringIO()
    progress = Progress(Desk(io.StringIO(), stream), plan)
    lost = ServiceLost("ComfyUI at http://127.0.0.1:8188 went away.", remedy="Start it.")
    for state in (NodeState.WAITING, NodeState.COOKING):
        again = [change(plan, f"{name}:clip", state, error=lost) for name in ("one", "two")]
        progress.show(again, standing())
    told = [line for line in stream.getvalue().splitlines() if "tried again" in line]
    assert len(told) == 1
    assert told[0].endswith("is tried again: ComfyUI at http://127.0.0.1:8188 went away.")
