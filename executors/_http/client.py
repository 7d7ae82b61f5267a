# SPDX-License-Identifier: GPL-3.0-or-later
"""One service spoken to over HTTP, by anybody here who does.

Connections are kept and used again; every wait ends at the cancel flag or its time; what fails for
a passing reason is asked again, but never a question that may have been acted upon.  Nothing leads
off the host: redirects to elsewhere are refused, proxies are for remote hosts alone.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import requests.utils
import urllib3.exceptions

from ...core.address import Address
from ...core.errors import BadAnswer, InputError, ServiceLost, ServiceRefused
from ...core.executor import CancelFlag
from ...core.patience import Operation, Patience, pauses
from .body import Limits, parse_json, pieces
from .faults import led_away, refused, translated
from .sockets import Adapter, Stopped, TooMuch, Watch, watched

__all__ = ["Answer", "Ask", "Http"]

T = TypeVar("T")

log = logging.getLogger(__name__)

#: Methods that may be repeated: they change nothing (RFC 9110, 9.2.2).
_REPEATABLE = frozenset({"GET", "HEAD"})
_MOST_REDIRECTS = 5
#: Bytes that come beside a body: status line, headers, chunk lengths.
_FRAMING = 2**20
#: What is kept of an answer nobody expected, in bytes.
_REFUSAL = 64 * 2**10
_AGENT = "movie-director"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question.  ``path`` follows the address; ``accept`` are the statuses that are an answer.

    ``path`` is "" or begins with a slash: anything else would change the host it is sent to.
    ``repeatable`` says that asking twice does no harm; by itself that holds for GET alone.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None  #: bytes, or what gives pieces and knows its length
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: Operation = Operation.SUBMIT
    accept: Collection[int] = (200,)
    repeatable: bool | None = None
    limits: Limits = field(default_factory=Limits)
    cancel: CancelFlag | None = None

    def __post_init__(self) -> None:
        if self.path and (not self.path.startswith("/") or not self.path.isprintable()):
            shown = "".join(char if char.isprintable() else "?" for char in self.path)[:80]
            raise BadAnswer(
                f"'{shown}' is no path on a service.",
                remedy="If a service gave it, do not use that service before you know why.",
            )

    @property
    def may_repeat(self) -> bool:
        """Whether it may be asked again when nobody knows what became of it."""
        return self.method in _REPEATABLE if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: ``headers`` by lower-case name; ``json`` is judged when it is asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    who: str
    limits: Limits

    def json(self) -> Any:
        """The body's JSON value.

        Raises:
            BadAnswer: it is none, or too deep.
        """
        return parse_json(self.body, self.limits, self.who)


class _Session(requests.Session):
    """Leaves redirects to us.

    Even told not to follow one, ``requests`` takes its body in whole, unpacks it, and breaks on
    a place that is no URL.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: there is nothing for it to do."""
        del resp
        return None


class Http:
    """Speaks to the service at ``address``.  Any thread may; nothing here changes after ``__init__``.

    ``name`` is how errors call it.  ``headers`` go with every question and are in no error.

    Every question raises ``Stopped`` when its cancel flag was set, ``ServiceLost`` when nothing
    answers in time, ``Unauthorised`` and ``ServiceRefused`` when the answer is no, and
    ``BadAnswer`` when it cannot be trusted.
    """

    def __init__(
        self,
        address: Address,
        *,
        name: str = "The service",
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        connections: int = 8,
    ) -> None:
        self.address = address
        self.who = f"{name} at {address}"
        self.patience = patience or Patience()
        headers = self.headers = _checked(headers or {}, self.who)
        self.secrets: tuple[str, ...] = tuple(
            part for value in headers.values() for part in (value, *value.split()[1:])
        )
        self._session = _Session()
        self._session.trust_env = False  # no .netrc, and proxies only as said below
        self._session.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": _AGENT, "Accept-Encoding": "identity", **headers}
        )
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, Adapter(connections))
        # What leads to this machine never goes through a proxy.
        self._proxies = {} if address.loopback else requests.utils.get_environ_proxies(address.base)

    def ask(self, ask: Ask) -> Answer:
        """The answer, its body taken in whole.  Errors as the class says."""
        return self.patiently(ask, lambda: self._answer(ask))

    def get_json(self, path: str, **named: Any) -> Any:
        """The JSON value at ``path``.  ``named`` as in ``Ask``, errors as the class says."""
        return self.ask(Ask(method="GET", path=path, **named)).json()

    def post_json(self, path: str, value: Any, **named: Any) -> Any:
        """The JSON value that ``value`` is answered with.  ``named`` as in ``Ask``."""
        return self.post(path, value, **named).json()

    def post(self, path: str, value: Any, **named: Any) -> Answer:
        """What ``value``, sent as JSON, is answered with.  ``named`` as in ``Ask``."""
        body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        named = {"content_type": "application/json", **named}
        return self.ask(Ask(method="POST", path=path, body=body, **named))

    def close(self) -> None:
        """End the connections that are not in use.  Safe to call twice."""
        self._session.close()

    def patiently(self, ask: Ask, once: Callable[[], T]) -> T:
        """What ``once`` gives, tried again with pauses where that may help and does no harm."""
        waits = pauses(self.patience, ask.operation, random.Random())
        while True:
            try:
                return once()
            except (ServiceLost, ServiceRefused) as error:
                pause = next(waits, None)
                if pause is None or not _may_pass(error, ask):
                    raise
                asked = min(getattr(error, "wait", 0.0), self.patience.longest_pause)
            if (ask.cancel or threading.Event()).wait(max(pause, asked)):
                raise Stopped

    @contextmanager
    def opened(self, ask: Ask) -> Iterator[requests.Response]:
        """One attempt at a question; the answer's body is still to come.  Errors as the class says."""
        seconds = self.patience.of(ask.operation)
        watch = Watch(
            ends=time.monotonic() + seconds,
            connect_s=self.patience.connect,
            room=2 * ask.limits.bytes + _FRAMING,
            cancel=ask.cancel,
        )
        with watched(watch):
            try:
                watch.look()
                with self._sent(ask) as answer:
                    if answer.status_code not in ask.accept:
                        raise self._refusal(answer)
                    yield answer
            except (requests.RequestException, urllib3.exceptions.HTTPError, TooMuch) as error:
                raise translated(error, self.who, watch, seconds) from error

    def _answer(self, ask: Ask) -> Answer:
        with self.opened(ask) as answer:
            body = b"".join(pieces(answer, ask.limits.bytes, self.who))
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(
                status=answer.status_code, headers=headers, body=body, who=self.who,
                limits=ask.limits,
            )  # fmt: skip

    def _sent(self, ask: Ask) -> requests.Response:
        """The answer to ``ask``, after redirects within the same place."""
        url, method, body = self.address.base + ask.path, ask.method, ask.body
        params: Mapping[str, Any] | None = ask.params
        headers = dict(ask.headers)
        if ask.content_type:
            headers["Content-Type"] = ask.content_type
        for _ in range(_MOST_REDIRECTS):
            answer = self._session.request(
                method, url, params=params, data=body, headers=headers, stream=True,
                allow_redirects=False, proxies=dict(self._proxies), timeout=None,
            )  # fmt: skip
            if not answer.is_redirect or answer.status_code in ask.accept:
                return answer
            answer.close()
            there = _led(url, answer.headers["Location"])
            kept = method in _REPEATABLE or answer.status_code in (307, 308)
            if not kept or not _same_place(url, there):
                raise led_away(self.who, answer.status_code)
            url, params = there, None
        answer.close()
        raise led_away(self.who, answer.status_code)

    def _refusal(self, answer: requests.Response) -> ServiceRefused:
        """The error for a status nobody expected, with as much of the answer as is sensible."""
        body = bytearray()
        try:
            for piece in pieces(answer, _REFUSAL, self.who):
                body += piece
        except (BadAnswer, urllib3.exceptions.HTTPError, TooMuch):
            # It said no, whatever became of its reasons.
            log.debug("%s refused with an answer that is not kept whole", self.who)
        error = refused(answer, bytes(body), self.who, self.secrets, self.address)
        error.wait = _asked_pause(answer)
        return error


def _may_pass(error: ServiceLost | ServiceRefused, ask: Ask) -> bool:
    """Whether asking again may help and does no harm."""
    if isinstance(error, ServiceLost):
        return ask.may_repeat or not error.sent
    return ask.may_repeat and error.transient


def _asked_pause(answer: requests.Response) -> float:
    """Seconds that the service asked to be left alone (Retry-After); 0 where it did not."""
    said = answer.headers.get("Retry-After", "").strip()
    return float(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0.0


def _led(url: str, location: str) -> str:
    """Where a redirect leads; "" where that is no URL."""
    try:
        there = urljoin(url, location)
        urlsplit(there)
    except ValueError:
        return ""
    return there


def _same_place(one: str, other: str) -> bool:
    """Whether two URLs lead to one server in one way."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc) == (second.scheme, second.netloc)


def _checked(headers: Mapping[str, str], who: str) -> Mapping[str, str]:
    """Headers that can be sent; what is wrong with one is said without it.

    Raises:
        InputError: one holds what no header can hold.
    """
    for name, value in headers.items():
        sound = name.isascii() and value.isascii() and (name + value).isprintable()
        if not sound or value != value.strip() or not name or set(name) & set(": "):
            raise InputError(
                f"A header or token for {who} holds what cannot be sent.",
                remedy="Give it again, without spaces or line breaks around it.",
            )
    return headers
