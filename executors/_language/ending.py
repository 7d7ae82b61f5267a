# SPDX-License-Identifier: GPL-3.0-or-later
"""How an asking ended, as errors of ours: what the helper process told, translated here once.

What a server said goes into an error's ``log``, cleared of secrets; never into its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import (
    BadAnswer,
    ServiceLost,
    ServiceRefused,
    StepFailed,
    Unauthorised,
)
from ...core.secrets import token_remedy
from .._http import Http, Stopped
from .._http.faults import TRANSIENT, cleared

__all__ = ["TooLong", "answered"]

#: Besides those of ``_http``: a proxy's word for a model that failed behind it, or is loading.
_PASSING = TRANSIENT | {500, 529}
_SHORTEN = "Ask about less at once (a scene), or use a model with a larger window."


class TooLong(Exception):
    """The server finds the conversation too long; ``told`` is what to say if nothing can go."""

    def __init__(self, told: StepFailed) -> None:
        super().__init__(str(told))
        self.told = told


def answered(
    told: Mapping[str, Any] | None, http: Http, model: str, silence_s: float
) -> Mapping[str, Any]:
    """The answer.

    Raises:
        Stopped: it was cancelled.
        ServiceLost, ServiceRefused, BadAnswer, StepFailed: there is none, and why.
        TooLong: the conversation has to be shorter.
    """
    if told is None:
        raise Stopped
    outcome = told["outcome"]
    if outcome == "answer":
        return told
    who = f"'{model}' on {http.who[0].lower()}{http.who[1:]}"
    if outcome == "refused":
        raise _refused(told, http, who)
    if outcome in ("lost", "silent"):
        raise _lost(told, who, silence_s)
    if outcome == "too_long":
        raise TooLong(StepFailed(f"The conversation is too long for {who}.", remedy=_SHORTEN))
    if outcome == "malformed":
        failed = StepFailed(
            f"{who} answered twice in a form that cannot be used. {_ended(told['why'])}",
            remedy="Name another model, a larger one that follows instructions, or ask for less.",
        )
        failed.log = cleared(str(told["text"]), http.secrets)
        raise failed
    raise BadAnswer(f"{who} {_BAD.get(outcome, _BAD['bad'])}.", remedy=_BAD_REMEDY)


_BAD = {
    "endless": "went on writing far beyond what was agreed",
    "slow": "was not done after a very long time",
    "bad": "answered with what is no answer of a language server",
}
_BAD_REMEDY = "Look at the server's own log; another model may end properly."


def _refused(told: Mapping[str, Any], http: Http, who: str) -> ServiceRefused:
    status, said = int(told["status"]), cleared(str(told["said"]), http.secrets)
    if status in (401, 403):
        error: ServiceRefused = Unauthorised(
            f"{who} did not let us in (HTTP {status}).",
            remedy=token_remedy(http.address),
        )
    elif status == 404:
        error = ServiceRefused(
            f"{who} is not there any more (HTTP 404).",
            remedy="Load the model again on the server, or name another one.",
        )
    else:
        error = ServiceRefused(
            f"{who} refused to answer (HTTP {status}).",
            remedy="Look at the server's own log, and whether the model is loaded there.",
        )
    error.status, error.answer, error.log = status, said.encode(), said
    error.transient = status in _PASSING
    wait = str(told.get("wait", "")).strip()
    error.wait = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else 0.0
    return error


def _lost(told: Mapping[str, Any], who: str, silence_s: float) -> ServiceLost:
    silent = told["outcome"] == "silent"
    what = f"said nothing for {silence_s:g} s" if silent else str(told["said"])
    what = what.replace("the answer broke off", "broke off its answer")
    what = what.replace("it does not answer", "does not answer")
    lost = ServiceLost(
        f"{who} {what}.",
        remedy="Wait if it works on something else; otherwise start the server again.",
    )
    lost.silent, lost.sent = silent, bool(told.get("sent", True))
    return lost


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
