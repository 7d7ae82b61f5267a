# SPDX-License-Identifier: GPL-3.0-or-later
"""One endpoint of a Gradio app called, in one of two ways.

From Gradio 4 on by gradio_client in the helper process.  Gradio 3, which that no longer speaks, by
its plain ``POST /api/``: it answers at the end, and says nothing before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import BadAnswer, ServiceLost, ServiceRefused, StepFailed, Unauthorised
from ...core.patience import Operation
from .._http import Http
from .._http.faults import cleared
from .._service import Errand
from .page import Endpoint, Page

__all__ = ["CALL", "SILENCE_S", "answered", "arguments", "failed", "posted"]

CALL = "gradio.call"
#: Seconds between two signs of life that are borne; an app gives one every 15.
SILENCE_S = 25.0


def arguments(
    http: Http, headers: Mapping[str, str], endpoint: Endpoint, values: Sequence[Any]
) -> dict[str, Any]:
    """What the helper process needs for the call."""
    return {
        "base": http.address.base,
        "function": endpoint.number,
        "inputs": list(values),
        "headers": dict(headers),
        "silence_s": SILENCE_S,
        "whole_s": http.patience.of(Operation.VIDEO),
        "connect_s": http.patience.connect,
    }


def answered(told: Mapping[str, Any], http: Http) -> list[Any]:
    """The outputs in what the helper process told.

    Raises:
        ServiceLost, ServiceRefused, StepFailed, BadAnswer: there are none, and why.
    """
    outcome = told["outcome"]
    if outcome == "answer":
        return list(told["data"])
    said = cleared(str(told.get("said", "")), http.secrets)
    if outcome == "failed":
        raise failed(http, said)
    if outcome == "full":
        refused = ServiceRefused(
            f"{http.who} has a full queue.", remedy="Wait until it has done what others asked for."
        )
        refused.transient = True
        raise refused
    if outcome == "unauthorised":
        raise Unauthorised(
            f"{http.who} did not let us in.",
            remedy="Start it without a password, listening on this machine alone.",
        )
    if outcome in ("lost", "silent"):
        silent = outcome == "silent"
        lost = ServiceLost(
            f"{http.who} gave no sign of life for {SILENCE_S:g} s."
            if silent
            else f"{http.who} went away in the middle of the work.",
            remedy="Start the service again, and evaluate again.",
        )
        lost.silent, lost.sent = silent, bool(told.get("sent", True))
        raise lost
    if outcome == "slow":
        raise StepFailed(
            f"{http.who} was not done after a very long time.",
            remedy="Look at the service's own window; ask for something shorter.",
        )
    bad = BadAnswer(
        f"{http.who} answered with what is no answer of a Gradio app.",
        remedy="Look at the service's own log, and which version of it runs there.",
    )
    bad.log = said
    raise bad


def failed(http: Http, said: str) -> StepFailed:
    """The error of work that an app says has failed."""
    shown = "".join(char if char.isprintable() else " " for char in said).strip(" .")[:200]
    error = StepFailed(
        f"{http.who} failed at it{f': {shown}' if shown else ''}.",
        remedy="Look at the service's own window: it tells why there.",
    )
    error.log = said
    return error


def posted(errand: Errand, page: Page, endpoint: Endpoint, values: Sequence[Any]) -> list[Any]:
    """The outputs, by Gradio 3's plain call.  Errors of ``Http``, and:

    Raises:
        StepFailed: the app says that it failed.
        BadAnswer: it answered in another form.
    """
    path = f"{page.prefix}/api/{endpoint.name}" if endpoint.name else f"{page.prefix}/run/predict"
    body: dict[str, Any] = {"data": list(values)}
    if not endpoint.name:
        body["fn_index"] = endpoint.number
    answer = errand.http.post(
        path, body, operation=Operation.VIDEO, repeatable=False, cancel=errand.cancel,
        accept=(200, 500),
    )  # fmt: skip
    value = answer.json()
    data = value.get("data") if isinstance(value, dict) else None
    if answer.status == 500 and isinstance(value, dict):
        raise failed(errand.http, cleared(str(value.get("error") or ""), errand.http.secrets))
    if not isinstance(data, list):
        raise BadAnswer(
            f"{errand.who} answered in a form of its own.",
            remedy="Check which version of Gradio runs there.",
        )
    return data
