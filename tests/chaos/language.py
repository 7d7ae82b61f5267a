"""Language models: asked through LiteLLM in the helper process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

from movie_director.core.digest import Digest
from movie_director.core.executor import CancelFlag
from movie_director.core.step import TEXT, NodeId, Place, Step, StepId
from movie_director.executors.language import Language

from tests.chaos import faults
from tests.chaos.entry import Entry, Fault, Ways, Work, mark, marks_in
from tests.chaos.lane import Lane
from tests.chaos.patience import PATIENCE
from tests.chaos.rest import SETUP
from tests.servers import language as words
from tests.servers import misbehaving as bad
from tests.servers.language import CHAT, LanguageServer


def _answer(request: bad.Request, line: bad.Line) -> None:
    """It says the mark of what it was asked."""
    (found,) = marks_in([request.body.decode()])
    words.writes(json.dumps({"about": found}))(request, line)


def _opened(folder: Path) -> LanguageServer:
    del folder
    return LanguageServer(_answer)


def _work(number: int, folder: Path) -> Work:
    del folder
    asked = [
        {"role": "system", "content": "You help with a screenplay."},
        {"role": "user", "content": f"What is {mark(number)} about?"},
    ]
    form = {
        "type": "object", "properties": {"about": {"type": "string"}}, "required": ["about"],
        "additionalProperties": False,
    }  # fmt: skip
    step = Step(
        id=StepId("script:text"), node=NodeId("script"), kind=TEXT, label="",
        inputs={"task": "structure", "messages": asked, "schema": form, "seed": 7},
        intent=Digest("1"), place=Place(stem="answer", suffix=".json"),
    )  # fmt: skip
    return Work(step=step)


def _breaks_off(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del cancel
    once = words.breaks_off('{"about": "', politely=draw.random() < 0.5)
    lane.server.on(CHAT, lane.server._noted(once), _good(lane.server))


def _no_form(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """It answers in no form that was asked for, once."""
    del draw, cancel
    lane.server.on(CHAT, lane.server._noted(words.writes("Well, op.")), _good(lane.server))


def _limited(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del draw, cancel
    lane.server.on(CHAT, bad.says({"error": {"message": "slow down"}}, 429), _good(lane.server))


def _too_long(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del draw, cancel
    lane.server.on(CHAT, words.too_long, _good(lane.server))


def _good(server: LanguageServer) -> bad.Manner:
    return server._noted(_answer)


def _ways(server: LanguageServer) -> Ways:
    return {CHAT: _good(server)}


def _tidy(server: LanguageServer) -> None:
    server.asked.clear()


ENTRIES = (
    Entry(
        executor="language",
        share=0.03,
        least=6,
        makes=lambda: Language(SETUP, PATIENCE),
        server=_opened,
        work=_work,
        given=lambda server: marks_in(server.said),
        faults=(
            # Giving up ends a helper process, and the next one loads its library for seconds.
            faults.NONE, *faults.WIRE,
            Fault(name="given up", does=faults.given_up, ends=frozenset({"Cancelled"}), weight=0.3),
            Fault(name="breaks off", does=_breaks_off, ends=faults.MAY_FAIL, weight=2.0),
            Fault(name="no form", does=_no_form, weight=2.0),
            Fault(name="limited", does=_limited),
            Fault(name="too long", does=_too_long, ends=faults.MAY_FAIL),
        ),
        bound="it keeps nothing: a question whose answer was lost is put again",
        ways=_ways,
        tidy=_tidy,
        missing=lambda: "" if os.environ.get("MOVIE_DIRECTOR_HELPER")
        else "MOVIE_DIRECTOR_HELPER names no Python with the helper's libraries",
    ),
)  # fmt: skip
