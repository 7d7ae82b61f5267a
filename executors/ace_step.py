# SPDX-License-Identifier: GPL-3.0-or-later
"""Music by ACE-Step 1.5's REST server.

Work is handed in, asked after, and fetched.  It cannot be called back: what was given up goes on
there, so the next piece waits for it, and the service's health says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.address import parse_address
from ..core.errors import BadAnswer, ServiceLost, ServiceRefused, StepFailed, Unauthorised
from ..core.executor import Health, Setup, Want
from ..core.patience import Operation, Patience
from ..core.step import MUSIC, Option, Service
from ._http import Ask, Http, Stopped
from ._service import Bearing, Errand, Found, Made, Served
from ._service.errand import Work
from ._service.letter import Letter
from ._wording import Sound, sound_of

__all__ = ["EXECUTOR", "AceStep"]

_CALLS = frozenset({"/release_task", "/query_result"})
#: Seconds of music it makes at least and at most (docs/en/API.md, read 2026-11-24).
_SHORTEST_S, _LONGEST_S = 10.0, 600.0
_SLOWEST_BPM, _FASTEST_BPM = 30, 300
#: Seconds of work beside the music, and for a second of it: turbo on a card of 2024; a guess.
_START_S, _PACE = 5.0, 0.1
#: Seconds between two questions after a task.
POLL_S = 0.5
#: Seconds without an answer after which it is taken for gone.
SILENCE_S = 20.0
_WORKS, _GOOD, _BAD = 0, 1, 2
#: Ten minutes of stereo at 48 kHz in 32 bits.
_MOST_BYTES = 512 * 2**20
_AUDIO = "/v1/audio"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A task as it is; ``known`` is False where the server has none of that id."""

    known: bool
    status: int
    fraction: float
    note: str
    file: str
    error: str
    seed: str
    model: str


class AceStep(Served):
    """Makes one piece at a time; the server would queue more, but shares one card."""

    name = "ace_step"
    title = "ACE-Step"
    usual = ("127.0.0.1:8001",)
    heavy = True

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        super().__init__(setup, patience)
        # Ids of what was given up and may go on, by address; written whole.
        self._given_up: dict[str, tuple[str, ...]] = {}

    def recognise(self, http: Http) -> Found | None:
        """A server whose own description lists its calls."""
        try:
            answer = http.ask(
                Ask(method="GET", path="/openapi.json", operation=Operation.HEALTH,
                    accept=(200, 404))
            )  # fmt: skip
            described = answer.json() if answer.status == 200 else None
        except Unauthorised:
            raise
        except (BadAnswer, ServiceRefused):
            return None
        paths = described.get("paths") if isinstance(described, dict) else None
        if not isinstance(paths, dict) or not paths.keys() >= _CALLS:
            return None
        about = described.get("info") if isinstance(described, dict) else None
        version = about.get("version", "") if isinstance(about, dict) else ""
        return Found(version=str(version)[:50], kinds=frozenset({MUSIC}))

    def feel(self, http: Http) -> Health:
        """Its own health call."""
        http.ask(Ask(method="GET", path="/health", operation=Operation.HEALTH))
        return Health()

    def health(self, service: Service) -> Health:
        """How it is; work that was given up and goes on is said."""
        health = super().health(service)
        left = len(self._given_up.get(parse_address(service.address).base, ()))
        if not left:
            return health
        return Health(waiting=left, note="still makes what was given up: it cannot be stopped")

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to make a piece."""
        named = want.backend.get("service", "auto") in ("auto", self.name)
        if want.kind != MUSIC or not named or want.seconds > _LONGEST_S:
            return ()
        seconds = round(_START_S + max(want.seconds, _SHORTEST_S) * _PACE, 3)
        return (Option(executor=self.name, workflow="text2music", seconds=seconds),)

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Hand it in, follow it, fetch it."""
        del option
        self._wait_for_given_up(errand)
        sound = sound_of(errand.kind, errand.inputs, errand.seconds_of)
        asked = _asked(sound)
        value = _data(
            errand.http, "/release_task", asked, operation=Operation.SUBMIT, repeatable=False
        )
        id = value.get("task_id") if isinstance(value, dict) else None
        if not isinstance(id, str) or not id:
            raise _odd(errand.http, "did not say what it calls the task")
        recipe = {
            "service": self.title,
            "service_version": found.version,
            "seed": asked["seed"],
            "steps": asked["inference_steps"],
        }
        errand.sent(id, recipe)
        errand.accepted()
        return self._followed(errand, id, recipe)

    def take_up(self, errand: Errand, letter: Letter) -> Work | None:
        """Follow on, as long as the server that has the task runs."""
        if not _look(errand, letter.job).known:
            return None
        return lambda: self._followed(errand, letter.job, letter.recipe)

    def _followed(self, errand: Errand, id: str, recipe: Mapping[str, Any]) -> Made:
        try:
            task = _finished(errand, id)
        except Stopped:
            base = errand.http.address.base
            self._given_up[base] = (*self._given_up.get(base, ()), id)
            raise
        if task.status == _BAD or not task.file:
            raise _failed(task, errand)
        ask = _file_ask(task.file, errand)
        more = {"model": task.model, "seed_said": task.seed}
        made = {name: value for name, value in more.items() if value}
        return Made(path=errand.fetch(ask, most=_MOST_BYTES).path, recipe={**recipe, **made})

    def _wait_for_given_up(self, errand: Errand) -> None:
        """Until what was given up has ended: the card is busy with it."""
        base = errand.http.address.base
        for id in self._given_up.get(base, ()):
            while (task := _look(errand, id)).known and task.status == _WORKS:
                errand.progress(0.0, "waiting: it still makes what was given up")
                errand.wait(POLL_S)
        self._given_up[base] = ()


#: What the discovery looks for.
EXECUTOR = AceStep


def _asked(sound: Sound) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "prompt": sound.prompt,
        "lyrics": "[Instrumental]",
        "thinking": False,
        "audio_format": "wav",
        "audio_duration": round(min(max(sound.seconds, _SHORTEST_S), _LONGEST_S), 2),
        "inference_steps": 8,
        "batch_size": 1,
        "use_random_seed": False,
        "seed": sound.seed & 0x7FFFFFFF,
    }
    if _SLOWEST_BPM <= round(sound.tempo) <= _FASTEST_BPM:
        asked["bpm"] = round(sound.tempo)
    return asked


def _data(http: Http, path: str, value: Mapping[str, Any], **named: Any) -> Any:
    """What is inside the envelope that every answer comes in."""
    answer = http.post_json(path, value, **named)
    if not isinstance(answer, dict) or "data" not in answer:
        raise _odd(http, "answered in a form of its own")
    if answer.get("error"):
        failed = StepFailed(
            f"{http.who} refused the task.", remedy="Look at the service's own log."
        )
        failed.log = str(answer["error"])[:2000]
        raise failed
    return answer["data"]


def _finished(errand: Errand, id: str) -> _Task:
    """The task once it has ended; progress is told meanwhile.

    Raises:
        ServiceLost: the server went away, or was started again.
        ServiceRefused, BadAnswer: too many answers could not be used.
    """
    silent, bearing = 0.0, Bearing(errand)
    while True:
        try:
            task, silent = _look(errand, id), 0.0
            bearing.well()
        except (ServiceRefused, BadAnswer) as error:
            bearing.bear(error)
            continue
        except ServiceLost as error:
            silent += errand.http.patience.of(Operation.HEALTH)
            if not error.silent or silent >= SILENCE_S:
                raise
            continue
        if not task.known:
            raise ServiceLost(
                f"{errand.who} was started again and forgot what it worked on.",
                remedy="Evaluate again: what it had not finished is made anew.",
            )
        if task.status != _WORKS:
            return task
        errand.progress(task.fraction, task.note)
        errand.wait(POLL_S)


def _look(errand: Errand, id: str) -> _Task:
    value = _data(
        errand.http,
        "/query_result",
        {"task_id_list": [id]},
        operation=Operation.HEALTH,
        repeatable=True,
        cancel=errand.cancel,
    )
    entries = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    entry = next((each for each in entries if each.get("task_id") == id), None)
    return _read(entry, errand)


def _read(entry: Mapping[str, Any] | None, errand: Errand) -> _Task:
    """A task as the server tells it: its results are JSON inside a text."""
    told = _results(entry.get("result"), errand) if entry else {}
    status = entry.get("status") if entry else None
    fraction = told.get("progress")
    known = entry is not None and (bool(told) or status == _WORKS)
    file = told.get("file")
    return _Task(
        known=known,
        status=status if status in (_WORKS, _GOOD, _BAD) else _BAD,
        fraction=float(fraction) if isinstance(fraction, int | float) else 0.0,
        note=str(told.get("stage") or "composing")[:80],
        file=file if isinstance(file, str) else "",
        error=str(told.get("error") or "")[:500],
        seed=str(told.get("seed_value") or "")[:100],
        model=str(told.get("dit_model") or "")[:100],
    )


def _results(text: Any, errand: Errand) -> Mapping[str, Any]:
    """The first of the results; {} where there is none."""
    if not isinstance(text, str) or len(text) > 2**20:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _odd(errand.http, "told results that cannot be read") from error
    first = found[0] if isinstance(found, list) and found else found
    return first if isinstance(first, dict) else {}


def _file_ask(file: str, errand: Errand) -> Ask:
    """The question for a file: the server gives a link to itself, or a path of its own."""
    link = file.startswith(f"{_AUDIO}?") and len(file) < 4000 and file.isprintable()
    return Ask(
        method="GET",
        path=file if link else _AUDIO,
        params={} if link else {"path": file},
        operation=Operation.SHORT,
        cancel=errand.cancel,
    )


def _failed(task: _Task, errand: Errand) -> StepFailed:
    said = f" It said: {task.error}" if task.error else ""
    return StepFailed(
        f"{errand.who} could not make the piece.{said}", remedy="Look at the service's own log."
    )


def _odd(http: Http, what: str) -> BadAnswer:
    return BadAnswer(
        f"{http.who} {what}.",
        remedy="Check that the address is ACE-Step's, and which version of it runs there.",
    )
