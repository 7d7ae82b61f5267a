"""A real ComfyUI and runs that end early: cancelled, crashed, taken up again.  No model is loaded."""

from __future__ import annotations

import os
import random
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Event,
    Finished,
    Produced,
    Setup,
    Unknown,
)
from movie_director.core.step import Service
from movie_director.core.workflow import Graph, Output, Workflow
from movie_director.core.workflow_library import WorkflowLibrary
from movie_director.executors._comfyui.proof_graphs import long_work
from movie_director.executors._comfyui.ways import Ways
from movie_director.executors.comfyui import ComfyUI

from tests import comfyui_films as films
from tests.servers.comfyui import wait_for

URL = os.environ.get("MOVIE_DIRECTOR_COMFYUI", "")

pytestmark = [
    pytest.mark.skipif(not URL, reason="MOVIE_DIRECTOR_COMFYUI names no server"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


def clip(links: int) -> Workflow:
    """A clip of one picture after so many slow nodes, which no server has kept."""
    nodes: dict[str, Any] = {
        id: node
        for id, node in long_work(random.randrange(1, 2**24)).items()
        if id.isdigit() and int(id) <= links
    }
    saved = {"video": ["v", 0], "filename_prefix": "movie_director/test_again"}
    nodes["v"] = {
        "class_type": "CreateVideo", "inputs": {"images": [str(links), 0], "fps": 12.0},
        "_meta": {"title": "Clip"},
    }  # fmt: skip
    nodes["s"] = {
        "class_type": "SaveVideo", "inputs": {**saved, "format": "auto", "codec": "auto"},
        "_meta": {"title": "Save"},
    }  # fmt: skip
    return Workflow(
        id="slow", title="Slow", version=1, kind="text_to_video", quality="draft",
        base=Graph(prompt=nodes), inputs=(), outputs=(Output(name="clip", node="s", media="video"),),
    )  # fmt: skip


def executor(of: Workflow) -> ComfyUI:
    ways = Ways(WorkflowLibrary(workflows={of.id: of}))
    return ComfyUI(Setup(cores=1, memory_bytes=2**30), ways=ways)


@pytest.fixture
def work() -> Workflow:
    return clip(25)


@pytest.fixture
def maker(work) -> Iterator[ComfyUI]:
    made = executor(work)
    yield made
    made.close()


def found(maker: ComfyUI) -> Service:
    service = maker.identify(URL)
    assert service is not None
    return service


def running(maker: ComfyUI, prompt: str) -> bool:
    return prompt in maker._station(URL).server.queue().running


def test_what_is_cancelled_ends_there_too(maker, tmp_path) -> None:
    step = films.shot()
    paper = films.ticket(step, tmp_path)
    job = films.started(maker, films.placed(step, found(maker), "slow"), paper)
    wait_for(lambda: running(maker, paper.id), 60, "it never ran")
    began = time.monotonic()
    job.cancel.set()
    assert isinstance(job.wait()[-1], Cancelled)
    assert time.monotonic() - began < 5
    assert not running(maker, paper.id)


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_cancelling_ours_leaves_what_somebody_else_sent(maker, first, tmp_path) -> None:
    server, theirs = maker._station(URL).server, str(uuid.uuid4())

    def send_theirs() -> None:
        server.submit(theirs, clip(10).base.prompt, "somebody", where="")
        wait_for(lambda: theirs in server.queue(), 60, "it was never queued")

    def left_alone() -> None:
        if first == "theirs":
            send_theirs()
        step = films.shot()
        paper = films.ticket(step, tmp_path)
        job = films.started(maker, films.placed(step, found(maker), "slow"), paper)
        wait_for(lambda: paper.id in server.queue(), 60, "it was never queued")
        if first == "ours":
            send_theirs()
            wait_for(lambda: running(maker, paper.id), 60, "it never ran")
        job.cancel.set()
        assert isinstance(job.wait()[-1], Cancelled)
        ended = wait_for(lambda: server.ended(theirs), 200, "theirs never ended")
        assert ended.success
        assert paper.id not in server.queue()

    try:
        left_alone()
    finally:
        server.stop(theirs)
        server.forget([theirs])


def test_after_a_crash_running_work_is_followed_and_finished_work_fetched(
    maker, work, tmp_path
) -> None:
    step = films.shot()
    paper = films.ticket(step, tmp_path)
    job = films.started(maker, films.placed(step, found(maker), "slow"), paper)
    wait_for(lambda: running(maker, paper.id), 60, "it never ran")
    left = replace(paper, folder=tmp_path / "left")  # as a crash leaves it: nobody works in it
    left.folder.mkdir()
    shutil.copy(paper.folder / "comfyui.json", left.folder)
    for _ in range(2):  # while it runs, and when it has ended
        later, said = executor(work), list[Event]()
        assert isinstance(later.reattach(left, said.append, CancelFlag()), Finished)
        assert isinstance(said[-1], Produced)
        later.close()
        job.wait(60)
    assert isinstance(job.events[-1], Finished)


def test_what_the_server_never_had_is_unknown_and_may_be_sent(maker, tmp_path) -> None:
    step = films.shot()
    paper = films.ticket(step, tmp_path)
    assert maker.reattach(paper, lambda event: pytest.fail(str(event)), CancelFlag()) == Unknown()
