"""A film of a few seconds, carried out step by step without a planner: what executors are fed."""

from __future__ import annotations

import pathlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from movie_director.core.compile import Files, Program, compile_graph
from movie_director.core.digest import Digest
from movie_director.core.executor import CancelFlag, Event, Executor, Produced, Ticket
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import Artifact, Placed, Service, Step, StepId
from movie_director.node_types import catalogue

SMALL = {"resolution": "custom", "width": 160, "height": 90, "fps": 12.0}
NODES = (
    Node(id="project", type="project", params={"title": "Short", **SMALL}),
    Node(id="tone", type="voice", params={"model": "voice.pth", "pitch": 2.0}),
    Node(id="anna", type="character", params={"name": "ANNA"}),
    Node(id="street", type="environment", params={"place": "street"}),
    Node(id="hello", type="dialogue", params={"line": "Is anybody there?"}),
    Node(id="steps", type="sound_effect", params={"prompt": "footsteps on gravel"}),
    Node(id="score", type="music", params={"mood": "tense"}),
    Node(id="one", type="shot", params={"action": "A street.", "shot_type": "wide"}),
    Node(id="two", type="shot", params={"action": "She waits.", "duration": 2.0}),
    Node(id="film", type="sequence", params={"title": "Street", "between": "dissolve"}),
    Node(id="out", type="output"),
)
LINKS = (
    ("project.project", "out.project"),
    ("tone.voice", "anna.voice"),
    ("anna.character", "hello.character"),
    ("anna.character", "two.characters"),
    ("hello.dialogue", "two.dialogue"),
    ("steps.sound", "one.sounds"),
    ("street.environment", "one.environment"),
    ("street.environment", "two.environment"),
    ("one.shot", "film.shots"),
    ("two.shot", "film.shots"),
    ("score.music", "film.music"),
    ("film.sequence", "out.sequence"),
)


def graph(**changes: Mapping[str, object]) -> Graph:
    """The film; ``changes`` are further parameters by node."""
    nodes = tuple(
        Node(id=node.id, type=node.type, params={**node.params, **changes.get(node.id, {})})
        for node in NODES
    )
    ends = [(tuple(source.split(".")), tuple(target.split("."))) for source, target in LINKS]
    links = tuple(Link(source=source, target=target) for source, target in ends)  # type: ignore[arg-type]
    return Graph(nodes=nodes, links=links)


def program(executors: Mapping[str, Executor], base: pathlib.Path, **changes: object) -> Program:
    """The film's steps, with every executor's options."""
    return compile_graph(
        graph(**changes),  # type: ignore[arg-type]
        catalogue(),
        offer=lambda want: tuple(o for each in executors.values() for o in each.offer(want)),
        files=Files(base),
    )


@dataclass
class Done:
    """One step carried out: what was placed, with which ticket, and all that was said."""

    placed: Placed
    ticket: Ticket
    events: list[Event] = field(default_factory=list)


def placed(step: Step, executors: Mapping[str, Executor]) -> Placed:
    """The step with its first option, on the executor's first service."""
    option = step.options[0]
    return Placed(step=step, option=option, service=executors[option.executor].services()[0])


def at(service: Service, executor: Executor, step: Step) -> Placed | None:
    """The step on a service that was found, if its executor offers that and does not refuse."""
    for option in step.options:
        if option.executor == service.executor and not executor.refuse(step, option, service):
            return Placed(step=step, option=option, service=service)
    return None


def ticket(step: Step, made: Mapping[StepId, Artifact], root: pathlib.Path) -> Ticket:
    """A fresh ticket with an empty folder."""
    id = str(uuid.UUID(int=len(list(root.iterdir())) + 1))
    folder = root / id
    folder.mkdir()
    inputs = {needed: made[needed] for needed in step.after}
    return Ticket(id=id, step=step.id, attempt=1, folder=folder, inputs=inputs)


def carry_out(
    todo: Program, executors: Mapping[str, Executor], root: pathlib.Path
) -> dict[StepId, Done]:
    """Every step in order; stops at the first that gives nothing."""
    made: dict[StepId, Artifact] = {}
    done: dict[StepId, Done] = {}
    for step in todo.steps.values():
        done[step.id] = one = do(placed(step, executors), executors, made, root)
        made[step.id] = artifact(step, results(one)[-1])
    return done


def do(
    work: Placed,
    executors: Mapping[str, Executor],
    made: Mapping[StepId, Artifact],
    root: pathlib.Path,
) -> Done:
    """One step, by the executor it was placed with."""
    one = Done(work, ticket(work.step, made, root))
    executors[work.option.executor].run(work, one.ticket, one.events.append, CancelFlag())
    return one


def results(one: Done) -> list[Produced]:
    """What came of it; there is something."""
    found = [event for event in one.events if isinstance(event, Produced)]
    assert found, f"{one.placed.step.id} gave nothing: {one.events}"
    return found


def artifact(step: Step, result: Produced) -> Artifact:
    """The result as a store would keep it."""
    return Artifact(
        step=step.id,
        intent=step.intent,
        path=result.path,
        bytes=result.bytes,
        content=Digest(result.content),
        facts=result.facts,
    )


Listener = Callable[[Event], None]
