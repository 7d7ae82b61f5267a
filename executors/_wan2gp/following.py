# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Wan2GP server is asked about jobs: taking one, how it is, its files, stopping it.

It does one job at a time and refuses a second: that is no failure.  Its ids live as long as it
does; a server that forgot one was started again.  Who waits for what is in ``desk``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.errors import (
    BadAnswer,
    OutOfMemory,
    ServiceLost,
    ServiceRefused,
    StepFailed,
)
from ...core.executor import CancelFlag
from ...core.patience import Operation
from .._http import Ask, Http
from .._service import Bearing, Errand
from .job import Fault, Item, Job, read_items, read_job
from .mcp import ToolFailed, call

__all__ = ["Busy", "failure", "fetch_item", "listed", "local_path", "look", "send_file", "still_known",
           "stop", "submit"]  # fmt: skip

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


class Busy(Exception):
    """It works on a job; nothing was taken."""


def submit(http: Http, tasks: Mapping[str, Mapping[str, Any]]) -> Job:
    """Give tasks to the server as one job: settings by the id of each.

    Raises:
        Busy: it works on another.
        ToolFailed: it wants none of it.
        ServiceLost, BadAnswer: whether it took them is not known.
    """
    params = [{"id": id, "params": {**each, "client_id": id}} for id, each in tasks.items()]
    source: Any = params if len(params) > 1 else params[0]["params"]
    try:
        value = call(
            http,
            "wangp_generate",
            {"source": source, "wait": False, "event_limit": 1},
            repeatable=False,
        )
    except ToolFailed as error:
        if _BUSY in error.log.lower():
            raise Busy from error
        raise
    return read_job(value, http.who)


def still_known(errand: Errand, job: str) -> bool:
    """Whether the server knows a job, running or done.  Errors of ``Http`` may be raised."""
    try:
        _snapshot(errand.http, job, errand.cancel)
    except ToolFailed as error:
        if _FORGOTTEN in error.log.lower():
            return False
        raise
    return True


def look(http: Http, job: str, cancel: CancelFlag | None) -> Job:
    """How a job is.

    Raises:
        ServiceLost: it is silent, gone, or forgot the job.
        ToolFailed, BadAnswer: it does not say.
    """
    try:
        return _snapshot(http, job, cancel)
    except ToolFailed as error:
        if _FORGOTTEN in error.log.lower():
            raise _forgotten(http.who) from error
        raise


def _snapshot(http: Http, job: str, cancel: CancelFlag | None) -> Job:
    arguments = {"job_id": job, "event_limit": 50}
    value = call(http, "wangp_get_job", arguments, operation=Operation.HEALTH, cancel=cancel)
    return read_job(value, http.who)


def listed(http: Http, most: int, cancel: CancelFlag | None) -> Sequence[Item]:
    """The newest files it has made, the newest last.  Errors as ``mcp.call``."""
    value = call(
        http,
        "wangp_list_gallery",
        {"media_type": "all", "limit": most},
        operation=Operation.HEALTH,
        cancel=cancel,
    )
    return read_items(value)


def stop(http: Http, job: str) -> None:
    """Ask it to stop a job, all of it; it does so after the step it is at.  Errors as ``mcp.call``."""
    call(http, "wangp_cancel_job", {"job_id": job}, operation=Operation.HEALTH)


def failure(fault: Fault, who: str) -> StepFailed:
    """What went wrong with a task, as the error of its step."""
    if fault.out_of_memory:
        return OutOfMemory(
            f"{who} ran out of the card's memory.",
            remedy="Choose a smaller template or a lower quality, or close what else uses the card.",
        )
    if fault.cancelled:
        return StepFailed(f"{who} was told by somebody else to stop.", remedy="Evaluate again.")
    what = f" It said: {fault.message}" if fault.message else ""
    return StepFailed(
        f"{who} ended without a file.{what}",
        remedy="Look at Wan2GP's own window: what it says there tells more.",
    )


def fetch_item(errand: Errand, item: Item) -> Any:
    """The file, by a link that is good for one question: a new one where that failed.

    Errors as ``_http.fetch``.
    """
    for attempt in range(_FETCHES):
        value = _link_to(errand, item)
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


def _link_to(errand: Errand, item: Item) -> Any:
    """What the server says when it is asked for a link; it has made the file, and keeps it."""
    bearing = Bearing(errand)
    while True:
        try:
            return call(
                errand.http,
                "wangp_create_gallery_download",
                {"gallery_id": item.id},
                cancel=errand.cancel,
            )
        except ToolFailed:
            raise
        except (ServiceRefused, BadAnswer) as error:
            bearing.bear(error)


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
