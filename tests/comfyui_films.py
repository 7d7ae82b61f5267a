"""Work for scripted ComfyUI servers: prompts, steps and tickets, followed to their end."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from movie_director.core.address import parse_address
from movie_director.core.digest import Digest
from movie_director.core.executor import CancelFlag, Event, Setup, Ticket
from movie_director.core.step import CLIP, NodeId, Option, Place, Placed, Service, Step, StepId
from movie_director.core.workflow import Graph, Input, Output, Pin, Workflow
from movie_director.core.workflow_library import WorkflowLibrary
from movie_director.executors._comfyui.follow import Follow, Pace
from movie_director.executors._comfyui.jobs import Ended
from movie_director.executors._comfyui.line import Line
from movie_director.executors._comfyui.server import Server
from movie_director.executors._comfyui.ways import Ways
from movie_director.executors._comfyui.wire import Preview
from movie_director.executors.comfyui import ComfyUI

#: As the real one, and quick.
QUICK = Pace(
    look=0.3, alone=0.1, frozen=1.2, idle=0.5, begun=0.6, silent=5.0, stop=5.0, again=0.1,
    reconnect=0.3,
)  # fmt: skip
VERSIONS = ("0.3.64", "0.8.0", "0.33.0")


def prompt(
    seconds: float = 0.0, *, ticks: int = 4, salt: str = "", saver: str = "SaveVideo"
) -> Any:
    """A prompt that takes so long and leaves one file."""
    work = {"seconds": seconds, "ticks": ticks, "salt": salt or str(uuid.uuid4())}
    saved = {"video": ["1", 0], "filename_prefix": "film/shot"}
    return {
        "1": {"class_type": "LabSleep", "inputs": work, "_meta": {"title": "Work"}},
        "2": {"class_type": saver, "inputs": saved, "_meta": {"title": "Save"}},
    }


@dataclass
class Heard:
    """One prompt followed: what it told, and how it ended."""

    follow: Follow
    line: Line
    server: Server
    cancel: CancelFlag
    moves: list[tuple[float, str]] = field(default_factory=list)
    previews: list[Preview] = field(default_factory=list)
    ended: Ended | None = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def beside(self) -> Heard:
        """Followed on a thread of its own."""

        def run() -> None:
            try:
                self.follow.send()
                self.ended = self.follow.to_end()
            except BaseException as error:
                self.error = error
            finally:
                self.done.set()

        threading.Thread(target=run, daemon=True).start()
        return self

    def wait(self, seconds: float = 15.0) -> Ended | None:
        """How it ended; raises what it raised."""
        assert self.done.wait(seconds), f"it did not end: {self.moves[-3:]}"
        if self.error is not None:
            raise self.error
        return self.ended


@contextmanager
def heard(
    url: str, nodes: Any, *, pace: Pace = QUICK, id: str = "", seconds: float = 0.0
) -> Iterator[Heard]:
    """A prompt that is yet to be sent to the server at ``url``."""
    server, cancel = Server(parse_address(url)), CancelFlag()
    line = Line(server.address)
    line.connect()
    moves: list[tuple[float, str]] = []
    previews: list[Preview] = []
    follow = Follow(
        server, line, id or str(uuid.uuid4()), nodes, cancel=cancel, where="shot", pace=pace,
        moved=lambda fraction, note: moves.append((fraction, note)), seen=previews.append,
        seconds=seconds,
    )  # fmt: skip
    try:
        yield Heard(follow, line, server, cancel, moves, previews)
    finally:
        line.close()
        server.close()


def workflow(**inputs: Any) -> Workflow:
    """A clip without any model; ``inputs`` change the sleeping node."""
    nodes = prompt(salt="1")
    nodes["1"]["inputs"] |= inputs
    return Workflow(
        id="sleepy", title="Sleepy", version=1, kind="text_to_video", quality="draft",
        base=Graph(prompt=nodes),
        inputs=(
            Input(name="prompt", type="text", pins=(Pin(node="1", input="text"),)),
            Input(name="seed", type="seed", pins=(Pin(node="1", input="salt"),)),
        ),
        outputs=(Output(name="clip", node="2", media="video"),),
    )  # fmt: skip


def executor(*, pace: Pace = QUICK, workflows: Mapping[str, Workflow] | None = None) -> ComfyUI:
    """An executor that knows the sleepy workflow alone."""
    known = workflows if workflows is not None else {"sleepy": workflow()}
    ways = Ways(WorkflowLibrary(workflows=known))
    return ComfyUI(Setup(cores=1, memory_bytes=2**30), ways=ways, pace=pace)


def shot(number: int = 1, **changes: Any) -> Step:
    """A shot of half a second at 12 frames a second, 64 by 48 pixels."""
    inputs: dict[str, Any] = {
        "node": f"shot_{number}", "action": f"Somebody waits, {number}.", "negative": "",
        "shot_type": "wide", "camera_move": "static", "duration": 0.5, "media": None,
        "seed": number, "take": 1, "figures": [], "environment": None, "style": None,
        "image": None, "lines": [], "size": [64, 48], "fps": 12.0, "quality": "draft",
        "number": "", "overlays": {"captions": False, "name_tags": False, "burn_in": False},
    }  # fmt: skip
    return Step(
        id=StepId(f"shot_{number}:clip"), node=NodeId(f"shot_{number}"), kind=CLIP,
        label=f"Shot {number}", inputs=inputs | changes, intent=Digest(f"shot_{number}"),
        place=Place(stem="clip", suffix=".mp4"),
    )  # fmt: skip


def placed(step: Step, service: Service, workflow: str = "sleepy") -> Placed:
    return Placed(step=step, option=Option(executor="comfyui", workflow=workflow), service=service)


def ticket(step: Step, root: Path) -> Ticket:
    id = str(uuid.uuid4())
    folder = root / id
    folder.mkdir()
    return Ticket(id=id, step=step.id, attempt=1, folder=folder)


@dataclass
class Job:
    """One step on a thread of its own, as a worker does it."""

    events: list[Event] = field(default_factory=list)
    cancel: CancelFlag = field(default_factory=CancelFlag)
    done: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float = 20.0) -> list[Event]:
        assert self.done.wait(seconds), f"it did not end: {self.events[-3:]}"
        return self.events


def started(maker: ComfyUI, work: Placed, paper: Ticket) -> Job:
    """The step under way."""
    job = Job()

    def run() -> None:
        try:
            maker.run(work, paper, job.events.append, job.cancel)
        finally:
            job.done.set()

    threading.Thread(target=run, daemon=True).start()
    return job
