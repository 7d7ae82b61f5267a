# SPDX-License-Identifier: GPL-3.0-or-later
"""What the schedule hears and what it answers, besides the executors' own events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .errors import MovieDirectorError
from .executor import Accepted, Cancelled, Failed, Finished, Lost, Progressed
from .state import NodeState
from .step import DeviceId, ModelId, Placed, ServiceId, Stage, StepId

__all__ = [
    "Anew", "Away", "Back", "CancelAll", "Command", "Free", "Freed", "Halt", "Happening", "Moved", "Send", "Stop", "Tick",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAll:
    """Somebody pressed Cancel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Going on makes no sense: the disk is full.  What runs may end."""

    step: StepId
    error: MovieDirectorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """A service gave back its memory: the device's next stage may begin."""

    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """What is not settled is done in other stages.

    ``stages`` hold every step but those ``given_up``, what is settled or under way too.  Of the
    steps in ``ended`` the attempt under way is over.  Services in ``gone`` hold nothing any more.
    """

    stages: tuple[Stage, ...]
    given_up: Mapping[StepId, MovieDirectorError] = field(default_factory=dict)
    ended: frozenset[StepId] = frozenset()
    gone: frozenset[ServiceId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A service went away and is waited for: nothing is sent there until ``Back``."""

    service: ServiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A service is waited for no longer."""

    service: ServiceId


Happening: TypeAlias = (
    Tick
    | Away
    | Back
    | CancelAll
    | Halt
    | Freed
    | Anew
    | Accepted
    | Progressed
    | Finished
    | Failed
    | Cancelled
    | Lost
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send the step to its service; ``again``: its last ticket may still be known there."""

    placed: Placed
    attempt: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Ask the service to give up a step."""

    step: StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Ask a service to give memory back, and answer with ``Freed``; None: all of it."""

    service: ServiceId
    device: DeviceId
    models: frozenset[ModelId] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A step has another state; ``error`` is why it failed, its own or that of ``because``."""

    step: StepId
    state: NodeState
    error: MovieDirectorError | None = None
    because: StepId | None = None


Command: TypeAlias = Send | Stop | Free | Moved
