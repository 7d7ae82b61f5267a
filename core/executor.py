# SPDX-License-Identifier: GPL-3.0-or-later
"""What an executor is to everybody else, and the events it sends.

An executor knows how to talk to one kind of service.  It runs on its worker's
thread, shares nothing, and speaks through ``emit``.  The last event of a step is
``Finished``, ``Failed``, ``Cancelled`` or ``Lost``, and exactly one of them comes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from .edit import Edit
from .errors import MovieDirectorError
from .patience import Patience
from .reference_images import ReferenceImage
from .secrets import NoSecrets, Secrets
from .step import (
    Artifact,
    Device,
    Kind,
    ModelId,
    Option,
    Placed,
    Service,
    ServiceId,
    Step,
    StepId,
)

__all__ = [
    "Accepted", "CancelFlag", "Cancelled", "Emit", "Event", "Executor", "Failed", "Finished",
    "Found", "Gone", "Health", "Lost", "Previewed", "Produced", "Progressed", "Running", "Setup",
    "Ticket", "Unknown",
    "Want", "Writer",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What the compiler asks executors to offer ways for: one step's wish.

    ``quality`` is draft, standard or final; ``backend`` is the Backend node's
    parameters (empty when none is linked).  ``own``: the user's own file is used as it is.
    ``tier`` is how a still keeps a character's looks, "" with nobody to keep; ``images`` are the
    pictures it is to look at.
    """

    kind: Kind
    quality: str
    width: int
    height: int
    fps: float
    seconds: float  #: estimated length of the result
    backend: Mapping[str, Any] = field(default_factory=dict)
    own: bool = False
    tier: str = ""
    images: tuple[ReferenceImage, ...] = ()


#: Writes one file of a finished film: its cut and the artifacts to draw on in, facts out.
Writer: TypeAlias = Callable[[Edit, Mapping[StepId, Artifact], Path], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What an executor is built with: ``EXECUTOR(setup)``.

    ``cores`` and ``memory_bytes`` are what it may use of this machine; ``writers``
    make the files that leave the house, by kind of step; ``secrets`` let it into services;
    ``patience`` is how long services are waited for.
    """

    cores: int
    memory_bytes: int
    writers: Mapping[Kind, Writer] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=NoSecrets)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a service is at the moment, as far as it says.

    ``waiting`` is work it has, anybody's; memory is its device's, in bytes (0: it does not say);
    ``loaded`` names models in memory; ``note`` is what a person should know.
    """

    waiting: int = 0
    free_bytes: int = 0
    total_bytes: int = 0
    loaded: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One attempt at one step.

    ``id`` is a lower-case UUID chosen by us and in the journal before the work is
    sent.  ``inputs`` are the artifacts the step refers to, by step.  Results are
    written into ``folder``, which exists, is empty and is the ticket's own.
    """

    id: str
    step: StepId
    attempt: int
    folder: Path
    inputs: Mapping[StepId, Artifact] = field(default_factory=dict)


CancelFlag: TypeAlias = threading.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The service took the work."""

    step: StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """``fraction`` done, 0–1, never falling; ``note`` says what is being done."""

    step: StepId
    fraction: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """A picture (a file in the ticket's folder) of work under way."""

    step: StepId
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A result lies at ``path``; ``content`` is the digest of its bytes."""

    step: StepId
    path: Path
    bytes: int
    content: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)  #: versions, models: provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All is done; ``seconds`` is what it took, ``peak_bytes`` the memory it needed (0: unknown)."""

    step: StepId
    seconds: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It cannot be done so.  ``transient`` says whether trying again makes sense."""

    step: StepId
    error: MovieDirectorError
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """It was given up because we asked."""

    step: StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The service went away; whether the work was done is not known."""

    step: StepId
    service: ServiceId
    error: MovieDirectorError


Event: TypeAlias = (
    Accepted | Progressed | Previewed | Produced | Finished | Failed | Cancelled | Lost
)
Emit: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The service still works on the ticket; ``reattach`` goes on emitting its events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The service knew the ticket and no longer has its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The service never heard of the ticket: it may be sent."""


Found: TypeAlias = Running | Finished | Gone | Unknown


@runtime_checkable
class Executor(Protocol):
    """How to talk to one kind of service.  ``name`` is the stem of its file."""

    name: str

    def devices(self) -> tuple[Device, ...]:
        """The devices this executor brings by itself (the built-in one: this machine)."""
        ...

    def services(self) -> tuple[Service, ...]:
        """The services that are there without looking for any; empty for remote kinds."""
        ...

    def addresses(self) -> tuple[str, ...]:
        """Where such services listen on this machine unless told otherwise; most likely first."""
        ...

    def identify(self, address: str) -> Service | None:
        """What answers at ``address``, if it is ours; None where it is not, or nothing answers.

        It is known by what it says, never by its port.  Blocks for at most 5 seconds; called on
        threads that do no steps, several at a time.

        Raises:
            Unauthorised: something answers that wants a token before it says what it is.
            Incompatible: it is ours, and cannot be used as it is.
        """
        ...

    def health(self, service: Service) -> Health:
        """How a service is that was identified.  One light question; blocks for at most 5 seconds.

        Called on a thread that does no steps.

        Raises:
            ServiceError: it does not answer (``ServiceLost``), or not as it should.
        """
        ...

    def offer(self, want: Want) -> tuple[Option, ...]:
        """The ways this kind of service could do ``want``, best first.  Pure and quick."""
        ...

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        """Why ``service`` cannot do this now, or None.  Pure and quick.

        Of a clip or a still it hangs on ``alike.judged_by`` alone: one answer serves all that agree.
        """
        ...

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        """Do the work, on the worker's thread; look at ``cancel`` at least once a second."""
        ...

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Found:
        """Take up an earlier ticket of which nobody knows what became.

        Where nobody can be asked it is ``Lost`` again, and ``Running`` comes back: work is sent anew
        only where its service said that it has none of it (``Gone``, ``Unknown``).
        """
        ...

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        """Give memory back: these models, or all of it.  Returns when it is done."""
        ...

    def close(self) -> None:
        """End helper processes and connections.  Safe to call twice."""
        ...
