# SPDX-License-Identifier: GPL-3.0-or-later
"""One ticket being carried out at a service: what is wanted, whom to ask, whom to tell.

Progress never falls, whatever a service says; the last part of it belongs to bringing the file
into the film's form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.cut import SecondsOf
from ...core.errors import ServiceRefused
from ...core.executor import Accepted, CancelFlag, Emit, Previewed, Progressed, Ticket
from ...core.step import ArtifactRef, Kind, NodeId, Placed
from .._http import Ask, Fetched, Http, Stopped, fetch
from .letter import Letter, write_letter

__all__ = ["Errand", "Made"]

#: Seconds before a file is asked for again, each time that the server broke over it.
_PAUSES = (0.25, 1.0)
#: The share of the work that is the service's.
_THEIRS = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file that a service made; ``facts`` go beside those that are measured on it.

    ``more`` are clips that go on from ``path``, each beginning with the last picture before it.
    """

    path: Path
    more: tuple[Path, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Errand:
    """Owned by the worker's thread that carries it out."""

    def __init__(
        self,
        http: Http,
        ticket: Ticket,
        kind: Kind,
        node: NodeId,
        inputs: Mapping[str, Any],
        emit: Emit,
        cancel: CancelFlag,
    ) -> None:
        self.http = http
        self.ticket = ticket
        self.kind = kind
        self.node = node
        self.inputs = inputs
        self.cancel = cancel
        self.emit = emit
        self._reached = 0.0
        self._span = (0.0, 1.0)
        self._accepted = False
        self.idle_s = 0.0
        self.peak_bytes = 0  #: of its card's memory that it needed; 0: unknown

    @classmethod
    def at(cls, http: Http, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Errand:
        """The errand of placed work."""
        step = work.step
        return cls(http, ticket, step.kind, step.node, step.inputs, emit, cancel)

    @classmethod
    def again(
        cls, http: Http, letter: Letter, ticket: Ticket, emit: Emit, cancel: CancelFlag
    ) -> Errand:
        """An errand that an earlier run left."""
        return cls(http, ticket, letter.kind, letter.node, letter.inputs, emit, cancel)

    @property
    def who(self) -> str:
        """How errors call the service."""
        return self.http.who

    def accepted(self) -> None:
        """The service took the work; said once."""
        if not self._accepted:
            self._accepted = True
            self.emit(Accepted(step=self.ticket.step))

    def sent(self, job: str, recipe: Mapping[str, Any]) -> None:
        """Keep the service's own id, so that the work can be taken up after a crash."""
        letter = Letter(
            address=self.http.address.base,
            job=job,
            kind=self.kind,
            node=self.node,
            inputs=self.inputs,
            recipe=recipe,
        )
        write_letter(self.ticket.folder, letter)

    def idle(self, seconds: float) -> None:
        """So long it waited for others' work; that is none of its own time."""
        self.idle_s += max(0.0, seconds)

    def part(self, number: int, of: int) -> None:
        """From now on ``progress`` is that of one part, the first being 0."""
        self._span = (number / of, 1 / of)

    def progress(self, fraction: float, note: str) -> None:
        """How far the service is, 0-1; told only when it grew or the note is another one."""
        begin, width = self._span
        self._tell((begin + min(max(fraction, 0.0), 1.0) * width) * _THEIRS, note)

    def finishing(self, fraction: float, note: str) -> None:
        """How far bringing it into the film's form is, 0-1."""
        self._tell(_THEIRS + min(max(fraction, 0.0), 1.0) * (1 - _THEIRS), note)

    def preview(self, path: Path) -> None:
        """A picture of work under way."""
        self.emit(Previewed(step=self.ticket.step, path=path))

    def wait(self, seconds: float) -> None:
        """Pause.

        Raises:
            Stopped: it was cancelled.
        """
        if self.cancel.wait(seconds):
            raise Stopped

    def check(self) -> None:
        """Go on, unless it was cancelled.

        Raises:
            Stopped: it was.
        """
        if self.cancel.is_set():
            raise Stopped

    def fetch(self, ask: Ask, *, most: int) -> Fetched:
        """A file of the service's in the ticket's folder; errors as ``_http.fetch``.

        A server that breaks over it is asked again: what it made is not given up for that.
        """
        for pause in _PAUSES:
            try:
                return fetch(self.http, ask, self.ticket.folder / "made", most=most)
            except ServiceRefused as error:
                if ask.method != "GET" or error.status < 500:
                    raise
                self.wait(pause)
        return fetch(self.http, ask, self.ticket.folder / "made", most=most)

    def path_of(self, ref: ArtifactRef) -> Path:
        """Where an input lies."""
        return self.ticket.inputs[ref.step].path

    @property
    def seconds_of(self) -> SecondsOf:
        """How long each input turned out to be."""

        def seconds(ref: ArtifactRef) -> float:
            return float(self.ticket.inputs[ref.step].facts["seconds"])

        return seconds

    def _tell(self, fraction: float, note: str) -> None:
        self._reached = max(self._reached, fraction)
        self.emit(Progressed(step=self.ticket.step, fraction=self._reached, note=note))


Work = Callable[[], Made]
