# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run stands: each step, each device's stages, and what is loaded.

Plain records that ``schedule`` changes in place, since copying 10,000 steps for each event would
be quadratic.  Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .state import NodeState
from .step import DeviceId, ModelId, Placed, ServiceId, Stage, StepId

__all__ = ["Entry", "Line", "State"]


@dataclass(slots=True)
class Entry:
    """One step to do.  ``waits`` counts the parents still to be made."""

    placed: Placed
    stage: int
    place: int  #: in its stage
    waits: int
    state: NodeState = NodeState.WAITING
    attempt: int = 0
    again: bool = False
    running: bool = False
    starved: bool = False  #: it ran out of memory once
    due: float = 0.0  #: not to be sent before


@dataclass(slots=True)
class Line:
    """One device's stages, those still to do; the first is under way unless ``freeing``."""

    stages: list[int]
    freeing: int = 0  #: services that still have to give memory back
    opened: int = -1  #: the stage that memory was given back for
    running: int = 0
    ready: list[tuple[int, StepId]] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """Where a run stands.  Changed by ``schedule.advance`` alone; read freely.

    ``resident`` are the models each service was asked to load and not to give back since.
    """

    stages: tuple[Stage, ...]
    entries: dict[StepId, Entry]
    children: dict[StepId, list[StepId]]
    lines: dict[DeviceId, Line]
    left: list[int]  #: steps not settled, by stage
    unsettled: int
    seed: int
    slots: Mapping[ServiceId, int]
    pauses: list[tuple[float, StepId]] = field(default_factory=list)
    resident: dict[ServiceId, frozenset[ModelId]] = field(default_factory=dict)
    away: set[ServiceId] = field(default_factory=set)  #: nothing is sent there
    now: float = 0.0
    cancelled: bool = False
    halted: bool = False

    @property
    def done(self) -> bool:
        """Whether every step is settled."""
        return self.unsettled == 0

    def state_of(self, step: StepId) -> NodeState:
        """Where one step stands."""
        return self.entries[step].state

    @property
    def next_due(self) -> float | None:
        """When a pause ends, in the time events carry; None when nothing pauses."""
        return self.pauses[0][0] if self.pauses else None
