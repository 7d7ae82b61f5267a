# SPDX-License-Identifier: GPL-3.0-or-later
"""A voice learned from recordings by RVC's web page, all its steps in one.

The page reads recordings where they lie, so it must be on this machine.  What it tells is in the
language of whoever started it: steps that are done are counted by their marks, epochs by their
arrows.  Whether it worked is not read from its words: the voice is there, or it is not.  To cancel
is to press its own stop button, and to hear it out: until then it takes no other work.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.digest import text_digest
from ...core.errors import (
    BadAnswer,
    MediaError,
    ServiceError,
    ServiceRefused,
    StepFailed,
    Unauthorised,
)
from ...core.patience import Operation
from ...core.recordings import recordings_in
from .._animatic.pool import RECORDINGS, Pool, spelled
from .._http import Ask, Fetched, Stopped, fetch
from .._service import Bearing, Errand, Made
from .._service.bearing import AGAIN_S
from .page import Following, Function, call, choices, file_path, text_of

__all__ = ["INPUTS", "START", "WEIGHTS", "can_train", "load", "train"]

log = logging.getLogger(__name__)

#: The page's function that does it all, and how much it takes (webui.py of 2026-07-23).
START, INPUTS = "train_start_all", 18
#: Which of its inputs we set: the rest stay as the page has them.
_NAME, _FOLDER, _EPOCHS, _LATEST, _EVERY = 0, 3, 8, 10, 15
_RATE, _VERSION = 1, 16
#: Any word that is not the page's own for yes.
_NO = "no"
#: Where the page keeps its voices, from its own folder.
WEIGHTS = "assets/weights"
_STEPS = ("cutting the recordings up", "listening to them", "learning", "making the index")
_DONE, _EPOCH = "✓", re.compile(r"====>[^\d\n]*(\d+)")
#: The share of the time that is learning.
_BEFORE, _LEARNING = 0.1, 0.85
#: Seconds a page gets to end what it was told to stop.
_STOP_S = 60.0
_MOST_BYTES = 2 * 2**30


def can_train(named: Mapping[str, Function]) -> bool:
    """Whether a page has the function, as we know it."""
    return START in named and len(named[START].inputs) == INPUTS


def train(errand: Errand, start: Function, pool: Pool, session: str = "") -> Made:
    """Have a voice learned and fetch it: a zip of ``voice.pth``, ``voice.index``, ``voice.json``.

    ``session`` is that of an errand which an earlier run left.

    Raises:
        MediaError: the recordings will not do.
        StepFailed: it was not learned; holds what the page said last.
        Stopped: it was cancelled, and the page told.
    """
    heard = _checked(errand, pool)
    data, name = _wanted(errand, start)
    file, said = f"{name}.pth", ""
    if file not in _voices(errand):
        said = _learned(errand, start, data, session)
    errand.progress(0.96, "fetching the voice")
    if file not in _voices(errand):
        failed = StepFailed(
            f"{errand.who} did not learn the voice.",
            remedy="Read what it said last; it may be at another voice, or lack memory.",
        )
        failed.log = said
        raise failed
    inputs = errand.inputs
    told = {
        "trained": True, "voice": file, "epochs": inputs["epochs"], "version": data[_VERSION],
        "rate": data[_RATE], "recordings": inputs["recordings"].content, **heard,
    }  # fmt: skip
    return _packed(errand, file, told)


def load(errand: Errand, file: str, protect: float) -> str:
    """Have the page load a voice; where it keeps the voice's index, "" for none.

    Raises:
        ServiceRefused: it cannot.
    """
    told = call(errand.http, "infer_change_voice", [file, protect, protect], cancel=errand.cancel)
    update = told[3] if len(told) > 3 else ""
    index = update.get("value") if isinstance(update, dict) else update
    return index if isinstance(index, str) and len(index) < 4096 else ""


def _checked(errand: Errand, pool: Pool) -> Mapping[str, Any]:
    """What the recordings hold."""
    errand.progress(0.0, "listening to the recordings")
    job = spelled(errand.inputs, errand.ticket)
    answer = pool.do(RECORDINGS, job, errand.ticket.folder, _Silent(), errand.cancel)
    if answer is None:
        raise Stopped
    if "error" in answer:
        said = answer["error"]
        raise MediaError(said["what"], remedy=said["remedy"], where=errand.node)
    facts: Mapping[str, Any] = answer["done"]["facts"]
    return facts


class _Silent:
    def progress(self, fraction: float, note: str) -> None:
        """It takes a moment."""

    def preview(self, path: Path) -> None:
        """There is none."""


def _wanted(errand: Errand, start: Function) -> tuple[list[Any], str]:
    """What the page is asked, and the voice's name: one for the same recordings and settings."""
    data = list(start.defaults)
    data[_EPOCHS], data[_LATEST], data[_EVERY] = errand.inputs["epochs"], _NO, _NO
    settings = [data[_RATE], data[_VERSION], data[_EPOCHS], errand.inputs["recordings"].content]
    name = f"md_{text_digest(json.dumps(settings))[:16]}"
    data[_NAME] = name
    return data, name


def _voices(errand: Errand) -> tuple[str, ...]:
    return choices(call(errand.http, "infer_refresh", [], cancel=errand.cancel, repeatable=True))


def _learned(errand: Errand, start: Function, data: list[Any], session: str) -> str:
    """What the page said last."""
    folder = errand.ticket.folder / "recordings"
    folder.mkdir(exist_ok=True)
    try:
        for number, path in enumerate(recordings_in(errand.inputs["recordings"].path)):
            # The page tells files apart by their names up to the first point.
            shutil.copyfile(path, folder / f"{number:04d}{path.suffix.lower()}")
        data[_FOLDER] = os.fspath(folder.resolve())
        errand.accepted()
        told = Following(errand.http, start, data, session)
        errand.sent(told.session, {})
        return _followed(errand, told, start.stop, f"{data[_NAME]}.pth")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _followed(errand: Errand, told: Following, stop: Function | None, file: str) -> str:
    """What the page said last.

    However it ends short of that, the page is told to stop, or the function would hold it for good.
    """
    try:
        return _heard_out(errand, told, file)
    except (Stopped, ServiceRefused, BadAnswer):
        _stopped(errand, told, stop)
        raise


def _heard_out(errand: Errand, told: Following, file: str) -> str:
    """All that the function tells; an answer that cannot be used is one telling less, no more."""
    said, bearing = "", Bearing(errand)
    while True:
        try:
            answer = told.next()
        except (ServiceRefused, BadAnswer) as error:
            bearing.bear(error)
            if file in _voices(errand):  # that was the last: asked again, it would begin anew
                return said
            continue
        if answer is None:
            return said
        bearing.well()
        said = text_of(answer[0]) if answer and answer[0] is not None else said
        errand.progress(*_reached(said, int(errand.inputs["epochs"])))
        errand.check()


def _reached(said: str, epochs: int) -> tuple[float, str]:
    """How far it is, 0-1, and doing what."""
    done = min(said.count(_DONE), len(_STEPS) - 1)
    note = _STEPS[done]
    if done < 2:
        return _BEFORE * done / 2, note
    passed = [int(number) for number in _EPOCH.findall(said)[-1:] if len(number) < 9]
    if done == 2 and passed:
        share = min(1.0, passed[0] / epochs)
        return _BEFORE + _LEARNING * share, f"{note}, epoch {passed[0]} of {epochs}"
    return (_BEFORE, note) if done == 2 else (_BEFORE + _LEARNING, note)


def _stopped(errand: Errand, told: Following, stop: Function | None) -> None:
    """Press the page's stop button and hear its function out, so that it is free again."""
    errand.progress(1.0, "stopping")
    if stop is None:
        return
    ends, pressed = time.monotonic() + _STOP_S, False
    while time.monotonic() < ends:
        try:
            if not pressed:
                pressed = Following(errand.http, stop, []).next() is not None
            if told.next() is None:
                return
        except (ServiceRefused, BadAnswer) as error:
            log.info("whether %s stopped is not known yet: %s", errand.who, error)
            time.sleep(AGAIN_S)
        except ServiceError as error:
            log.warning("whether %s stopped is not known: %s", errand.who, error)
            return
    log.warning("%s still learns what was given up", errand.who)


def _packed(errand: Errand, file: str, told: dict[str, Any]) -> Made:
    """The voice in one file of ours."""
    folder = errand.ticket.folder
    model = _taken(errand, f"{WEIGHTS}/{file}", "voice.pth")
    index: Fetched | None = None
    where = load(errand, file, 0.33)
    if where:
        try:
            index = _taken(errand, where, "voice.index")
        except Unauthorised:
            raise
        except ServiceRefused:
            index = None  # it lies where the page hands nothing out; it uses it all the same
    told = {**told, "model": model.content, "index": index.content if index else ""}
    path = folder / "voice.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file_:
        file_.write(model.path, "voice.pth")
        if index:
            file_.write(index.path, "voice.index")
        file_.writestr("voice.json", json.dumps(told, indent=1))
    for each in (model, index):
        if each:
            each.path.unlink()
    return Made(path=path, recipe={"service": "RVC WebUI", **told}, facts=told)


def _taken(errand: Errand, where: str, name: str) -> Fetched:
    ask = Ask(method="GET", path=file_path(where), operation=Operation.SHORT, cancel=errand.cancel)
    return fetch(errand.http, ask, errand.ticket.folder / name, most=_MOST_BYTES)
