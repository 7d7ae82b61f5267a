"""Work for executors of servers, outside of any run."""

from __future__ import annotations

import pathlib
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from movie_director.core.digest import Digest
from movie_director.core.executor import CancelFlag, Event, Executor, Produced, Ticket, Want
from movie_director.core.patience import Operation, Patience
from movie_director.core.step import (
    Artifact,
    ArtifactRef,
    Kind,
    NodeId,
    Option,
    Place,
    Placed,
    Service,
    Step,
    StepId,
    references,
)

#: Waits that suit a test.
QUICK = Patience(seconds=dict.fromkeys(Operation, 2.0), connect=1.0, attempts=2, first_pause=0.01)
SETTING = {
    "interior": "ext", "place": "street", "description": "", "time_of_day": "night",
    "weather": "rain", "season": "any", "lighting": "", "mood": "", "images": [],
}  # fmt: skip


def step(kind: Kind, inputs: Mapping[str, Any], suffix: str = ".wav") -> Step:
    return Step(
        id=StepId(f"node:{kind}"),
        node=NodeId("node"),
        kind=kind,
        label="",
        inputs=inputs,
        after=frozenset(ref.step for ref in references(inputs)),
        intent=Digest("1"),
        place=Place(stem="it", suffix=suffix),
    )


def clip(**changes: Any) -> Step:
    inputs = {
        "node": "node", "number": "", "action": "She waits.", "negative": "", "shot_type": "wide",
        "camera_move": "static", "duration": 1.0, "seed": 7, "take": 1, "media": None,
        "figures": [], "environment": SETTING, "style": None, "image": None, "lines": [],
        "size": [160, 90], "fps": 12.0, "quality": "draft",
        "overlays": {"captions": False, "name_tags": False, "burn_in": False},
    }  # fmt: skip
    return step(Kind("clip"), {**inputs, **changes}, ".mp4")


def music(**changes: Any) -> Step:
    inputs = {"prompt": "a slow waltz", "mood": "sad", "tempo": 90.0, "seed": 3, "recording": None}
    return step(Kind("music"), {**inputs, "seconds": 2.0, "span": None, **changes})


def sound(**changes: Any) -> Step:
    inputs = {"prompt": "footsteps", "mood": "", "seconds": 1.0, "loop": False, "seed": 3}
    return step(Kind("sound"), {**inputs, "recording": None, **changes})


def speech(text: str = "Is anybody there?", voice: Any = None, **changes: Any) -> Step:
    speaker = {"identity": "anna", "name": "ANNA", "description": "A woman.", "voice": voice}
    inputs = {"text": text, "emotion": "", "recording": None, "speaker": speaker}
    return step(Kind("speech"), {**inputs, **changes})


def want(kind: Kind, **changes: Any) -> Want:
    given = {"quality": "draft", "width": 160, "height": 90, "fps": 12.0, "seconds": 1.0}
    return Want(kind=kind, **{**given, **changes})


def found(executor: Executor, url: str) -> Service:
    service = executor.identify(url)
    assert service is not None
    return service


def option_for(executor: Executor, work: Step, service: Service, **wanted: Any) -> Option:
    """The first way that is not refused."""
    options = executor.offer(want(work.kind, **wanted))
    said = [executor.refuse(work, option, service) for option in options]
    return next(option for option, why in zip(options, said, strict=True) if why is None)


def ticket(
    work: Step, folder: pathlib.Path, made: Mapping[StepId, Artifact] | None = None
) -> Ticket:
    folder.mkdir(exist_ok=True)
    return Ticket(id=str(uuid.uuid4()), step=work.id, attempt=1, folder=folder, inputs=made or {})


def do(
    executor: Executor,
    url: str,
    work: Step,
    folder: pathlib.Path,
    *,
    cancel: CancelFlag | None = None,
    made: Mapping[StepId, Artifact] | None = None,
    heard: Callable[[Event], None] = lambda event: None,
    **wanted: Any,
) -> list[Event]:
    """All that an executor says while it does a step at a server."""
    service = found(executor, url)
    placed = Placed(
        step=work, option=option_for(executor, work, service, **wanted), service=service
    )
    said: list[Event] = []

    def emit(event: Event) -> None:
        said.append(event)
        heard(event)

    executor.run(placed, ticket(work, folder, made), emit, cancel or CancelFlag())
    return said


def produced(said: list[Event]) -> Produced:
    (one,) = (event for event in said if isinstance(event, Produced))
    return one


def artifact(
    id: str, path: pathlib.Path, **facts: Any
) -> tuple[ArtifactRef, dict[StepId, Artifact]]:
    """A file as an input: what refers to it, and what the reference stands for."""
    step_id = StepId(id)
    made = Artifact(step=step_id, intent=Digest("2"), path=path, content=Digest("3"), facts=facts)
    return ArtifactRef(step=step_id), {step_id: made}


def when(
    true: Callable[[], bool], act: Callable[[], None], seconds: float = 5.0
) -> threading.Thread:
    """Act on a thread once something is so."""

    def watch() -> None:
        ends = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < ends, "it never was so"
            time.sleep(0.005)
        act()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread
