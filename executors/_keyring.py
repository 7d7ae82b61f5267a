# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of services in the system's keyring: read when a service is asked, kept on a person's word.

The library that speaks to keyrings is loaded in a helper process of its own for each question, so a
keyring that is locked, hangs or breaks costs a wait of seconds on the thread that asked.  Only
addresses that a person gave a token for are asked after (``core.service_file`` notes which): a
keyring may answer a question with a window that wants its password.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from queue import Empty, SimpleQueue
from typing import Any

from ..core import service_file
from ..core.address import Address
from ..core.errors import (
    InputError,
    MissingLibrary,
    ServiceError,
    ServiceLost,
    StepFailed,
    Unauthorised,
)
from ..core.secrets import EnvironmentSecrets, FirstOf, Secrets, headers_of, variable_of
from ._helper import Helper, Task

__all__ = ["Keeping", "Keyring", "secrets_here"]

log = logging.getLogger(__name__)

#: Whose tokens these are, as keyrings show it.
SERVICE = "movie-director"
#: Seconds a question is waited for by whoever wants to speak to a service.  Answered later, by a
#: person at the keyring's own window, it is there for the next who asks.
_ANSWER_S = 4.0
#: Seconds until a keyring that could not be read is asked again: less than the 30 s after which
#: a service that wants a token is (``core.service_state``).
_AGAIN_S = 20.0
#: Seconds that keeping a token may take, a person's unlocking included.
_KEEP_S = 30.0
#: Letters of a token: what Windows keeps of one is the least, 1280 of 2 bytes.
_LONGEST = 1200


class Keyring:
    """Any thread may ask; keeping is its owner's.

    What was read, or went wrong, is written whole; a question that is out lies in a SimpleQueue
    of its address, and whoever takes it out is its owner.  Two who ask at once may both ask.
    """

    def __init__(self, noted: Callable[[], Collection[str]] | None = None) -> None:
        """``noted`` gives the addresses that have a token there; by default what the user's file says."""
        self._noted = noted or (lambda: service_file.load().tokens)
        self._tokens: frozenset[str] | None = None
        self._read: dict[str, str] = {}
        self._refused: dict[str, tuple[float, Unauthorised]] = {}
        self._out: dict[str, SimpleQueue[Task]] = {}

    def headers(self, address: Address) -> Mapping[str, str]:
        """What lets us in there; the keyring is asked once, and within seconds.

        Raises:
            Unauthorised: a token is kept there, and cannot be read.
            InputError: what is kept is neither a token nor headers.
        """
        base = address.base
        if base not in self._kept():
            return {}
        token = self._read.get(base)
        if token is None:
            when, refusal = self._refused.get(base, (float("-inf"), None))
            if refusal is not None and time.monotonic() - when < _AGAIN_S:
                raise refusal
            token = self._read[base] = self._asked(address)
        return headers_of(token, f"What the keyring has for {address}")

    def keep(self, address: Address, token: str) -> Keeping:
        """Begin to keep a token, or with "" to forget it; returns at once.

        Raises:
            InputError: it can be none.
            MissingLibrary, ServiceLost: nobody is there who could.
        """
        token = token.strip()
        if len(token) > _LONGEST:
            raise InputError(
                f"A token of more than {_LONGEST} letters cannot be kept.",
                remedy=f"Give it in the environment: {variable_of(address)}.",
            )
        headers_of(token, "What was given")
        arguments = {"service": SERVICE, "user": address.base, "token": token}
        return Keeping(_begun("put" if token else "drop", arguments), address, kept=bool(token))

    @property
    def wait_s(self) -> float:
        """Seconds that asking it may take; 0 where nobody's token is kept there."""
        return _ANSWER_S if self._kept() else 0.0

    def renew(self) -> None:
        """Read everything anew when it is next needed."""
        self._tokens = None
        self._read, self._refused = {}, {}

    def close(self) -> None:
        """Wait for nobody's answer any more.  Safe to call twice."""
        for waiting in tuple(self._out.values()):
            while not waiting.empty():
                waiting.get().end()

    def _kept(self) -> frozenset[str]:
        tokens = self._tokens
        if tokens is None:
            tokens = self._tokens = frozenset(self._noted())
        return tokens

    def _asked(self, address: Address) -> str:
        """The token that is kept; "" where it is not there any more."""
        waiting = self._out.setdefault(address.base, SimpleQueue())
        try:
            task = _taken(waiting) or _begun("get", {"service": SERVICE, "user": address.base})
            told = task.within(_ANSWER_S)
            if told is None:
                waiting.put(task)
            return _token(told or _waited(_ANSWER_S), address)
        except (MissingLibrary, ServiceError) as error:
            refusal = Unauthorised(
                f"The token for {address} could not be read. {_why(error)}",
                remedy=error.remedy,
            )
            self._refused[address.base] = (time.monotonic(), refusal)
            raise refusal from None  # what a keyring's process said last may be a token


class Keeping:
    """A token on its way into the keyring, or out of it.  Owned by one thread."""

    def __init__(self, task: Task, address: Address, *, kept: bool) -> None:
        self.address = address
        self.kept = kept  #: whether there is one afterwards
        self._task = task
        self._ends = time.monotonic() + _KEEP_S

    def done(self, wait_s: float = 0.0) -> bool:
        """Whether it is done, after at most ``wait_s`` seconds; then it is noted whose token is there.

        Not to be asked again after it was, or after an error.

        Raises:
            ServiceError: it cannot be kept there, and what to do instead.
            StoreError: it was kept, and that cannot be noted.
        """
        try:
            told = self._task.within(wait_s)
        except (ServiceLost, StepFailed) as error:
            raise _unkept(self.address, _why(error), error.remedy) from None
        if told is None and time.monotonic() < self._ends:
            return False
        if told is None:
            self._task.end()
        try:
            _token(told or _waited(_KEEP_S), self.address)
        except ServiceError as error:
            raise _unkept(self.address, error.what, error.remedy) from None
        service_file.change(lambda all: all.with_token(self.address.base, kept=self.kept))
        return True

    def end(self) -> None:
        """Wait no longer; whether it was kept is not known."""
        self._task.end()


def secrets_here(keyring: Keyring | None = None) -> Secrets:
    """Where this machine's secrets are kept: the environment, then the keyring."""
    return FirstOf(EnvironmentSecrets(), keyring or Keyring())


def _begun(job: str, arguments: Mapping[str, Any]) -> Task:
    """One question, in a process that ends with it."""
    helper = Helper()
    task = helper.begin(f"keyring.{job}", arguments)
    helper.close()
    return task


def _waited(seconds: float) -> Mapping[str, Any]:
    return {"outcome": "waiting", "seconds": f"{seconds:g}"}


def _taken(waiting: SimpleQueue[Task]) -> Task | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None


def _token(told: Mapping[str, Any], address: Address) -> str:
    """What the keyring answered.

    Raises:
        ServiceError: it has not, and why.
    """
    outcome = told.get("outcome")
    if outcome == "answer":
        return str(told.get("token", ""))
    instead = f"or give the token in the environment: {variable_of(address)}."
    if outcome in ("waiting", "locked"):
        what = (
            "is locked" if outcome == "locked" else f"has not answered for {told.get('seconds')} s"
        )
        raise ServiceError(
            f"The system's keyring {what}.",
            remedy=f"Unlock it (a window of its own may be asking for its password), {instead}",
        )
    if outcome == "none":
        raise ServiceError(
            "This system has no keyring that could keep it.",
            remedy=f"Install one (GNOME Keyring, KWallet), {instead}",
        )
    broken = "kept something else" if outcome == "forgot" else f"failed ({told.get('kind')})"
    raise ServiceError(
        f"The system's keyring {broken}.",
        remedy=f"Look whether other programs can use it, {instead}",
    )


def _why(error: MissingLibrary | ServiceError) -> str:
    """What went wrong, without the last words of a process that died."""
    if isinstance(error, ServiceLost):
        return "The process that asks the system's keyring ended."
    return error.what


def _unkept(address: Address, why: str, remedy: str) -> ServiceError:
    return ServiceError(f"The token for {address} could not be kept. {why}", remedy=remedy)
