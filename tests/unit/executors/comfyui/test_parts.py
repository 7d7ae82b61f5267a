"""Shots longer than a workflow's clips: part after part, each from the last picture before it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from movie_director.core.executor import (
    CancelFlag,
    Event,
    Finished,
    Gone,
    Produced,
    Progressed,
    Want,
)
from movie_director.core.footprints import known_footprints
from movie_director.core.step import CLIP, ModelId, Option, Placed
from movie_director.core.workflow import Input, Model, Pin, Precision, Workflow
from movie_director.core.workflow_library import WorkflowLibrary
from movie_director.executors._comfyui.parts import goes_on, spans
from movie_director.executors._comfyui.ways import Ways
from movie_director.executors.comfyui import ComfyUI

from tests.comfyui_films import executor, shot, started, ticket, workflow
from tests.servers.comfyui import ComfyServer, wait_for

LENGTH = Input(
    name="frames", type="int", pins=(Pin(node="1", input="length"),), default=17, minimum=5,
    maximum=17, step=4,
)  # fmt: skip
RATE = Input(name="fps", type="float", pins=(Pin(node="1", input="fps"),), default=16.0)
START = Input(
    name="start_image", type="image", pins=(Pin(node="1", input="picture"),), required=True
)


def models(*ids: str) -> tuple[Precision, ...]:
    found = tuple(Model(id=ModelId(id), file=f"{id}.st", folder="m", pins=()) for id in ids)
    return (Precision(name="", models=found),)


def workflows(seconds: float = 0.0) -> dict[str, Workflow]:
    """A clip of at most 17 frames from words, and one that goes on from a picture."""
    first = workflow(seconds=seconds, ticks=5)
    first = replace(first, inputs=(*first.inputs, LENGTH, RATE), onward="sleepy_on")
    then = replace(first, id="sleepy_on", kind="image_to_video", inputs=(*first.inputs, START))
    return {"sleepy": first, "sleepy_on": then}


@pytest.fixture
def server() -> Iterator[ComfyServer]:
    with ComfyServer("0.33.0") as made:
        yield made


@pytest.fixture
def maker() -> Iterator[ComfyUI]:
    made = executor(workflows=workflows())
    yield made
    made.close()


def placed(maker: ComfyUI, server: ComfyServer, seconds: float) -> Placed:
    service = maker.identify(server.url)
    assert service is not None
    option = Option(executor="comfyui", workflow="sleepy")
    return Placed(step=shot(duration=seconds), option=option, service=service)


def bright(path: Path) -> list[float]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="gray").mean() for frame in file.decode(video=0)]


def test_a_long_shot_is_made_part_after_part(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    work = placed(maker, server, 3.0)
    paper = ticket(work.step, tmp_path)
    events = started(maker, work, paper).wait()
    assert isinstance(events[-1], Finished), events[-1]
    (made,) = [event for event in events if isinstance(event, Produced)]
    assert made.facts["frames"] == 36
    assert made.recipe["parts"] == 3
    assert server.queued[0] == paper.id
    assert len(set(server.queued)) == 3
    sent = [server.worker.history[id]["prompt"][2] for id in server.queued]
    names = [nodes["1"]["inputs"].get("picture") for nodes in sent]
    assert names[0] is None
    assert [name.rsplit("/")[-1] for name in names[1:]] == [f"{id}.png" for id in server.queued[1:]]
    # The scripted server's clips grow brighter: each part begins dark again, and none is held.
    grey = bright(made.path)
    assert [i for i in range(1, 36) if grey[i] < grey[i - 1] - 20] == [13, 25]
    moves = [event.fraction for event in events if isinstance(event, Progressed)]
    assert moves == sorted(moves)
    assert not list(paper.folder.glob("part_*"))


def test_a_short_shot_is_one_part(maker: ComfyUI, server: ComfyServer, tmp_path: Path) -> None:
    work = placed(maker, server, 1.0)
    events = started(maker, work, ticket(work.step, tmp_path)).wait()
    assert isinstance(events[-1], Finished)
    assert len(server.queued) == 1


def left_in_the_second_part(server: ComfyServer, tmp_path: Path) -> Any:
    """What a crash leaves of a long shot; nobody works in its folder."""
    dead = executor(workflows=workflows(seconds=0.4))
    work = placed(dead, server, 3.0)
    paper = ticket(work.step, tmp_path)
    job = started(dead, work, paper)
    wait_for(lambda: len(server.queued) == 2)
    left = replace(paper, folder=tmp_path / "left")
    shutil.copytree(paper.folder, left.folder)
    job.cancel.set()
    return dead, left


def test_after_a_crash_it_goes_on_with_the_part_it_was_at(
    server: ComfyServer, tmp_path: Path
) -> None:
    work = placed(first := executor(workflows=workflows(seconds=0.4)), server, 3.0)
    paper = ticket(work.step, tmp_path)
    events: list[Event] = []

    class Crash(BaseException):
        """The end of a process in the middle of its work."""

    def until_the_second_part(event: Event) -> None:
        if len(server.queued) == 2:
            raise Crash

    with pytest.raises(Crash):
        first.run(work, paper, until_the_second_part, CancelFlag())
    fresh = executor(workflows=workflows())
    assert isinstance(fresh.reattach(paper, events.append, CancelFlag()), Finished)
    (made,) = [event for event in events if isinstance(event, Produced)]
    assert made.facts["frames"] == 36
    assert len(server.queued) == 3
    first.close()
    fresh.close()


def test_what_went_on_from_a_part_that_is_gone_is_begun_anew(
    server: ComfyServer, tmp_path: Path
) -> None:
    dead, left = left_in_the_second_part(server, tmp_path)
    (left.folder / "part_0").unlink()
    fresh = executor(workflows=workflows())
    wait_for(lambda: left is not None and len(server.worker.history) >= 1)
    assert fresh.reattach(left, lambda event: None, CancelFlag()) == Gone()
    dead.close()
    fresh.close()


def test_a_long_shot_needs_the_models_of_what_goes_on_too() -> None:
    both = workflows()
    both["sleepy"] = replace(both["sleepy"], precisions=models("a/1", "shared/1"))
    both["sleepy_on"] = replace(both["sleepy_on"], precisions=models("b/1", "shared/1"))
    ways = Ways(WorkflowLibrary(workflows=both))
    wish = {"kind": CLIP, "quality": "draft", "width": 64, "height": 48, "fps": 12.0}
    short, long = (
        next(way for way in ways.offer(Want(**wish, seconds=s)) if way.workflow == "sleepy")
        for s in (1.0, 3.0)
    )
    assert short.models == {"a/1", "shared/1"}
    assert long.models == {"a/1", "b/1", "shared/1"}
    assert ways.files(short) == ("a/1.st", "shared/1.st")
    assert ways.files(long) == ("a/1.st", "shared/1.st", "b/1.st")


def test_every_shipped_workflow_that_makes_clips_from_words_or_a_picture_can_go_on() -> None:
    library = WorkflowLibrary.open(own=Path("none"))
    for id in ("wan_t2v_draft", "wan_t2v_final", "wan_5b_t2v_standard", "ltx_t2v_standard"):
        first = library[id]
        then = goes_on(library, first)
        assert then is not None, id
        assert goes_on(library, then) is then
        assert first.quality == then.quality
        assert len(spans(first, then, 20.0)) > 1
        known = known_footprints().models
        assert {model.id for model in then.precisions[0].models} <= known.keys()
