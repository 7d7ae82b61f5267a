# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a language model something, and keep what it answered as anything else that is made.

A question is a step like every other: planned on a server that was found, run, retried, cancelled,
its answer an artifact with a sidecar that says which model wrote it.  The same question is not
asked twice.  What is done with an answer is for whoever asked: nothing of a film changes here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.compile import FilmSettings, Program
from ..core.compile.lowering import Shop
from ..core.errors import InputError, MovieDirectorError, PlanError
from ..core.executor import Want
from ..core.graph import Graph
from ..core.run import Change
from ..core.step import TEXT, Artifact, NodeId, Place, Priority, Step, StepId
from ..studio import Studio
from .evaluation import FIND_S, tick

__all__ = ["Answer", "Cancelled", "ask"]

#: What a question's step belongs to: no node of a film.
_NODE = NodeId("question")


class Cancelled(Exception):
    """A question was given up because we asked; no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``value`` is what was asked for in a form; None where none was, then ``text`` is it.

    ``model`` wrote it, chosen because of ``why``; ``left_out`` turns of the conversation had no room.
    ``cut`` says that the longest answer was not long enough.  ``artifact`` is where it is kept.
    """

    text: str
    value: Any
    model: str
    why: str
    left_out: int
    cut: bool
    artifact: Artifact


def ask(
    task: str,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any] | None = None,
    *,
    folder: str | Path | None = None,
    model: str = "",
    seed: int = 1,
    again: bool = False,
    studio: Studio | None = None,
    on_change: Callable[[Change], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """What a language model says to ``messages`` (``{"role", "content"}``, the question last).

    Args:
        task: what it is about, which decides the model: story, dialogue, structure, revision,
            description or critique.
        schema: the form of the answer, a JSON schema; None for words.
        folder: where answers are kept, beside those asked before; None keeps nothing.
        model: your own choice of the server's models.
        seed: of two answers to one question; another seed is another question.
        again: ask although the answer is there.
        studio: one that is open, with services that it found; otherwise one is opened.
        cancelled: asked all the while whether to give up.

    Raises:
        PlanError: no language model was found.
        ServiceError: it could not be asked, or its answer has not the form.
        MissingLibrary: the libraries for it are not installed.
        InputError: the task or the model is unknown, or the question too long.
        Cancelled: it was given up.
    """
    inputs = {
        "task": task,
        "messages": [dict(message) for message in messages],
        "schema": schema,
        "model": model,
        "seed": seed,
    }
    with _room(folder) as there, _with(studio) as opened:
        return _asked(opened, there, inputs, again, on_change, cancelled)


@contextmanager
def _room(folder: str | Path | None) -> Iterator[Path]:
    if folder is not None:
        yield Path(folder).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="movie-director-") as aside:
        yield Path(aside)


@contextmanager
def _with(studio: Studio | None) -> Iterator[Studio]:
    if studio is not None:
        yield studio
        return
    with Studio.open() as opened:
        opened.finder.start()
        opened.refresh(FIND_S)
        yield opened


def _asked(
    studio: Studio,
    folder: Path,
    inputs: Mapping[str, Any],
    again: bool,
    on_change: Callable[[Change], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Answer:
    program, step = _program(studio, inputs)
    store = studio.store(Graph(), folder)
    try:
        _check_able(studio, step)
        plan = studio.plan(program, store, force=again)
        run = studio.run(plan, store)
        run.start()
        try:
            while not run.done:
                tick(run, on_change, cancelled)
            tick(run, on_change, None)
            ended = run.result
        finally:
            run.close()
        if ended.cancelled:
            raise Cancelled
        for error in ended.errors.values():
            raise _unplaced(error)
        return _answer({**plan.cached, **ended.artifacts}[step.id])
    finally:
        store.close()


def _program(studio: Studio, inputs: Mapping[str, Any]) -> tuple[Program, Step]:
    film = FilmSettings()
    shop = Shop(film, studio.offer)
    want = Want(
        kind=TEXT, quality=film.quality, width=film.width, height=film.height, fps=film.fps,
        seconds=0.0,
    )  # fmt: skip
    ref = shop.add(
        StepId(f"{_NODE}:text"), _NODE, want, inputs,
        label=str(inputs["task"]), place=Place(stem=str(inputs["task"]), suffix=".json"),
        priority=Priority.OTHER,
    )  # fmt: skip
    return Program(steps=shop.steps, film=film, output=_NODE), shop.steps[ref.step]


def _answer(artifact: Artifact) -> Answer:
    told = json.loads(artifact.path.read_text(encoding="utf-8"))
    facts = artifact.facts
    return Answer(
        text=told["text"], value=told["value"], model=facts["model"], why=facts["why"],
        left_out=facts["left_out"], cut=facts["cut"], artifact=artifact,
    )  # fmt: skip


def _check_able(studio: Studio, step: Step) -> None:
    """Say who cannot be asked and why, in words that know of no Backend node.

    Raises:
        PlanError: no language model was found.
        InputError: the task or the model is unknown to all that were.
    """
    able = [service for service in studio.services if TEXT in service.capabilities]
    if not able:
        raise _nobody()
    reasons = [
        studio.refuse(step, option, service)
        for service in able
        for option in step.options
        if option.executor == service.executor
    ]
    if reasons and all(reasons):
        why = str(reasons[0])
        raise InputError(
            f"{why[0].upper()}{why[1:]}.",
            remedy="See what is there: movie-director services --json",
        )


def _nobody() -> PlanError:
    return PlanError(
        "No language model was found.",
        remedy="Start Ollama, llama.cpp, LM Studio or a LiteLLM proxy with a model that writes, or"
        " name its address: movie-director services --add ADDRESS.",
    )


def _unplaced(error: MovieDirectorError) -> MovieDirectorError:
    """An error without the node that only stands for the question."""
    if error.where == _NODE:
        error.where = ""
    return error
