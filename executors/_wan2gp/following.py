# SPDX-License-Identifier: GPL-3.0-or-later
"""One job at a Wan2GP server: handed in when it is free, followed to its end, fetched, given up.

Wan2GP does one job at a time and refuses a second: that is no failure, it is waited for.  Its ids
live as long as it does; a server that forgot one was started again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.errors import (
    BadAnswer,
    OutOfMemory,
    ServiceError,
    ServiceLost,
    ServiceRefused,
    StepFailed,
)
from ...core.patience import Operation
from .._http import Ask, Stopped
from .._service import Errand
from .job import Item, Job, Outcome, read_job
from .mcp import ToolFailed, call

__all__ = ["fetch_item", "follow", "hand_in", "local_path", "send_file", "still_known"]

log = logging.getLogger(__name__)

#: Seconds between two looks at a job, and at a server that is busy with somebody else's.
POLL_S, BUSY_S = 0.5, 2.0
#: Seconds without an answer after which a server that works is taken for gone.
SILENCE_S = 20.0
#: Seconds a job that is given up is watched: it stops after its step, which may take minutes.
GIVING_UP_S = 120.0
_BUSY = "already has a generation in progress"
_FORGOTTEN = "unknown wangp job_id"
#: The largest clip taken, in bytes.
_MOST_BYTES = 4 * 2**30
_FETCHES = 3


def hand_in(errand: Errand, settings: Mapping[str, Any], recipe: Mapping[str, Any]) -> str:
    """Give the job to the server once it is free; its id, kept in the ticket's folder.

    Errors as ``mcp.call``, and ``Stopped``.
    """
    while True:
        errand.check()
        try:
            value = call(
                errand.http,
                "wangp_generate",
                {"source": dict(settings), "wait": False, "event_limit": 1},
                repeatable=False,
            )
        except ToolFailed as error:
            if _BUSY not in error.log.lower():
                raise _refused(error, errand) from error
            errand.progress(0.0, "waiting: Wan2GP works on something else")
            errand.wait(BUSY_S)
            continue
        job = read_job(value, errand.who).id
        errand.sent(job, recipe)
        errand.accepted()
        return job


def still_known(errand: Errand, job: str) -> bool:
    """Whether the server knows a job, running or done.  Errors of ``Http`` may be raised."""
    try:
        _look(errand, job)
    except ToolFailed as error:
        if _FORGOTTEN in error.log.lower():
            return False
        raise
    return True


def follow(errand: Errand, job: str) -> Outcome:
    """Tell how far it is until it is done; given up, it is watched until it has stopped.

    Raises:
        Stopped: it was given up.
        ServiceLost: the server went away, or forgot the job.
        StepFailed, OutOfMemory: it ended without a file.
    """
    try:
        while True:
            seen = _patient_look(errand, job)
            errand.progress(seen.fraction, seen.note)
            if seen.done and seen.outcome is not None:
                return _good(seen.outcome, errand)
            errand.wait(POLL_S)
    except Stopped:
        _give_up(errand, job)
        raise


def fetch_item(errand: Errand, item: Item) -> Any:
    """The file, by a link that is good for one question: a new one where that failed.

    Errors as ``_http.fetch``.
    """
    for attempt in range(_FETCHES):
        value = call(
            errand.http,
            "wangp_create_gallery_download",
            {"gallery_id": item.id},
            cancel=errand.cancel,
        )
        link = value.get("download_url") if isinstance(value, dict) else None
        ask = Ask(
            method="GET",
            path=local_path(link, errand.who),
            operation=Operation.SHORT,
            repeatable=False,
            cancel=errand.cancel,
        )
        try:
            return errand.fetch(ask, most=_MOST_BYTES)
        except ServiceLost:
            if attempt == _FETCHES - 1:
                raise
            log.debug("a download from %s broke off", errand.who)
        except ServiceRefused as error:
            if error.status != 404:
                raise
            # A link that was given a moment ago is known, unless it was started again since.
            if attempt == _FETCHES - 1:
                raise _forgotten(errand.who) from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def send_file(errand: Errand, path: Path) -> str:
    """The gallery id of a file that is sent to the server.  Errors as ``mcp.call``."""
    name = f"movie_director_{errand.ticket.id}{path.suffix.lower()}"
    place = call(
        errand.http, "wangp_create_gallery_upload", {"filename": name}, cancel=errand.cancel
    )
    link = place.get("upload_url") if isinstance(place, dict) else None
    answer = errand.http.ask(
        Ask(
            method="PUT",
            path=local_path(link, errand.who),
            body=path.read_bytes(),
            content_type="application/octet-stream",
            operation=Operation.SHORT,
            accept=(200, 201),
            repeatable=False,
            cancel=errand.cancel,
        )
    ).json()
    id = answer.get("gallery_id") if isinstance(answer, dict) else None
    if not isinstance(id, str) or not id:
        raise BadAnswer(
            f"{errand.who} took a file and did not say what it calls it.",
            remedy="Update Wan2GP: this version has another interface.",
        )
    return id


def local_path(link: Any, who: str) -> str:
    """A link of the server's to itself, as a path.

    Raises:
        BadAnswer: it leads elsewhere.
    """
    path = link if isinstance(link, str) else ""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > 2000:
        raise BadAnswer(
            f"{who} gave a link that does not lead to itself, which was not followed.",
            remedy="Do not use this service before you know why it answers so.",
        )
    return path


def _forgotten(who: str) -> ServiceLost:
    return ServiceLost(
        f"{who} was started again and forgot what it worked on.",
        remedy="Evaluate again: what it had not finished is made anew.",
    )


def _look(errand: Errand, job: str, *, watched: bool = True) -> Job:
    value = call(
        errand.http,
        "wangp_get_job",
        {"job_id": job, "event_limit": 50},
        operation=Operation.HEALTH,
        cancel=errand.cancel if watched else None,
    )
    return read_job(value, errand.who)


def _patient_look(errand: Errand, job: str) -> Job:
    """A look at a job; a server that is silent for a while may only be busy loading a model.

    Raises:
        ServiceLost: it stays silent, is gone, or was started again.
    """
    ends = time.monotonic() + SILENCE_S
    while True:
        try:
            return _look(errand, job)
        except ToolFailed as error:
            if _FORGOTTEN in error.log.lower():
                raise _forgotten(errand.who) from error
            raise _refused(error, errand) from error
        except ServiceLost as error:
            if not error.silent or time.monotonic() > ends:
                raise
            errand.wait(POLL_S)


def _give_up(errand: Errand, job: str) -> None:
    """Ask it to stop, and see that it did; the flag is set, so nothing here listens to it."""
    ends = time.monotonic() + GIVING_UP_S
    try:
        call(errand.http, "wangp_cancel_job", {"job_id": job}, operation=Operation.HEALTH)
        while not _look(errand, job, watched=False).done:
            if time.monotonic() > ends:
                log.warning("%s still works on what was given up", errand.who)
                return
            time.sleep(POLL_S / 5)
    except ServiceError as error:
        log.info("whether %s stopped is not known: %s", errand.who, error)


def _good(outcome: Outcome, errand: Errand) -> Outcome:
    if outcome.items and outcome.success:
        return outcome
    if outcome.out_of_memory:
        raise OutOfMemory(
            f"{errand.who} ran out of the card's memory.",
            remedy="Choose a smaller template or a lower quality, or close what else uses the card.",
        )
    if outcome.cancelled:
        raise StepFailed(
            f"{errand.who} was told by somebody else to stop.", remedy="Evaluate again."
        )
    what = f" It said: {outcome.error}" if outcome.error else ""
    raise StepFailed(
        f"{errand.who} ended without a file.{what}",
        remedy="Look at Wan2GP's own window: what it says there tells more.",
    )


def _refused(error: ToolFailed, errand: Errand) -> StepFailed:
    failed = StepFailed(error.what, remedy=error.remedy, where=errand.node)
    failed.log = error.log
    return failed
