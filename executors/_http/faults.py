# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between us and a service, as errors of ours: translated here, once.

Nothing said here holds a query, a header or an answer unseen: a server may repeat the token it was
sent, so what it said is cleared of it first.
"""

from __future__ import annotations

from collections.abc import Iterable

import requests
import urllib3.exceptions

from ...core.address import Address
from ...core.errors import BadAnswer, ServiceError, ServiceLost, ServiceRefused, Unauthorised
from ...core.secrets import token_remedy
from .sockets import TooMuch, Watch

__all__ = ["TRANSIENT", "cleared", "led_away", "refused", "translated"]

#: What a later attempt may not meet again: RFC 9110, and 429 of RFC 6585.
TRANSIENT = frozenset({429, 502, 503, 504})
_HIDDEN = "•••"
#: Shorter than this a header's value is no secret, and clearing it would eat the text.
_SECRET_LENGTH = 6
#: What http.client and urllib3 call an answer that is not one.
_BROKEN = ("BadStatusLine", "LineTooLong", "InvalidChunkLength", "chunk size line")
_CHECK = "Check that the address is the service's, and which version of it runs there."


def cleared(text: str, secrets: Iterable[str]) -> str:
    """``text`` without any of the ``secrets``."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SECRET_LENGTH:
            text = text.replace(secret, _HIDDEN)
    return text


def translated(caught: Exception, who: str, watch: Watch, seconds: float) -> ServiceError:
    """What ``requests`` or a socket raised; ``seconds`` is what was waited for at most."""
    if isinstance(caught, TooMuch):
        return BadAnswer(f"{who} answered with more than was agreed.", remedy=_CHECK)
    if isinstance(caught, requests.exceptions.SSLError):
        return BadAnswer(
            f"{who} could not show a certificate that is valid for its name.",
            remedy="Give it a valid certificate, or name the file of your own authority in"
            " REQUESTS_CA_BUNDLE.",
        )
    if isinstance(caught, requests.exceptions.Timeout) or _inside(caught, TimeoutError):
        waited = f"did not answer within {seconds:g} s"
        lost = _lost(who, waited if watch.sent else "did not take the connection", watch)
        lost.silent = True
        return lost
    if _no_http(caught):
        return BadAnswer(f"{who} does not speak HTTP.", remedy=_CHECK)
    if not watch.sent:
        return _lost(who, "does not answer", watch)
    return _lost(who, "broke off the connection", watch)


def _lost(who: str, what: str, watch: Watch) -> ServiceLost:
    lost = ServiceLost(
        f"{who} {what}.", remedy="Start the service, or correct its address in the preferences."
    )
    lost.sent = watch.sent
    return lost


def refused(
    answer: requests.Response, body: bytes, who: str, secrets: Iterable[str], address: Address
) -> ServiceRefused:
    """A status that was not expected; what the service said goes into ``log``."""
    secrets = tuple(secrets)
    status = answer.status_code
    if status in (401, 403):
        error: ServiceRefused = Unauthorised(
            f"{who} did not let us in (HTTP {status}).",
            remedy=token_remedy(address),
        )
    else:
        error = ServiceRefused(f"{who} answered HTTP {status}.", remedy=_advice(status))
    said = cleared(body.decode("utf-8", "replace"), secrets)
    error.status, error.answer, error.transient = status, said.encode(), status in TRANSIENT
    error.log = said
    return error


def led_away(who: str, status: int) -> BadAnswer:
    """A redirect that is not followed."""
    return BadAnswer(
        f"{who} wanted to lead us elsewhere (HTTP {status}), which was not followed.",
        remedy="Write the address that it really has into the preferences.",
    )


def _advice(status: int) -> str:
    if status in (404, 405):
        return _CHECK
    if status == 429:
        return "Wait a while: it is asked more often than it allows."
    if status >= 500:
        return "Look at the service's own log; start it again if it stays so."
    return (
        "Look at what it said, kept with the error; this version of it may expect another question."
    )


def _no_http(caught: BaseException) -> bool:
    """Whether what answered does not speak HTTP at all."""
    said = repr(caught)
    broken = any(sign in said for sign in _BROKEN)
    found = broken and _inside(caught, urllib3.exceptions.HTTPError)
    return found and not _inside(caught, ConnectionError)


def _inside(caught: BaseException, kind: type[BaseException]) -> bool:
    """Whether an error of ``kind`` is what ``caught`` wraps, at any depth."""
    waiting: list[object] = [caught]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, kind):
            return True
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            waiting += [*each.args, each.__cause__, each.__context__, getattr(each, "reason", None)]
    return False
