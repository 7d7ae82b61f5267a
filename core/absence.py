# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that went away in the middle of a run, and are waited for.

A server that crashed is started again within a minute, by a person or by itself.  What it was to do
waits for it where only a stand-in, or nobody, could do it instead; what another service does as
well goes there after a few quick attempts.  Who is back is for others to find out (``answers``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from .happenings import Away, Back
from .standing import State
from .state import NodeState
from .step import Service, ServiceId, StepId

__all__ = ["HOLD_S", "Absence", "Answers", "Look"]

#: Seconds a service is waited for.  A ComfyUI is up again after 20 to 60 s, and somebody has to see
#: that it is gone; longer would keep a film waiting that nobody watches.
HOLD_S = 90.0
#: Seconds between two looks whether it is back.
_LOOK_S = 0.25

#: Whether a service has answered since a time (of ``time.monotonic``); None: nobody watches it.
Answers: TypeAlias = Callable[[ServiceId, float], bool | None]


@dataclass(slots=True)
class _Missed:
    service: Service
    since_s: float
    said: int = -1  #: the seconds left that were last told


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look showed: where it is ``over``, nobody waits any longer, and it is ``back`` or not.

    ``note`` is said of ``steps``, which were lost there ("": nothing any more).
    """

    over: Back | None = None
    back: bool = False
    steps: tuple[StepId, ...] = ()
    note: str = ""


class Absence:
    """Owned by the run.  All times are those of its clock, in seconds."""

    def __init__(self, answers: Answers | None = None) -> None:
        self._answers = answers
        self._missed: dict[ServiceId, _Missed] = {}
        self._in_vain: set[ServiceId] = set()
        self._looked_s = -math.inf

    @property
    def warning(self) -> str:
        """Who is waited for, in words; "" where nobody is."""
        return " ".join(
            f"{_name(each.service)} went away: it is waited for {HOLD_S:g} s, then the rest is made"
            " in another way."
            for each in self._missed.values()
        )

    def lost(self, service: Service, now: float) -> Away | None:
        """That it is waited for from now on; None where it is already, was in vain, or cannot be."""
        id = service.id
        if id in self._missed or id in self._in_vain or self._answers is None:
            return None
        if self._answers(id, now) is None:
            return None
        self._missed[id] = _Missed(service, now)
        return Away(service=id)

    def succeeded(self, service: ServiceId) -> None:
        """It made something: it is waited for again when it goes away again."""
        self._in_vain.discard(service)

    def look(self, state: State, now: float) -> Iterator[Look]:
        """Who is waited for no longer, and what is said of the steps that were lost, each second."""
        if not self._missed or now - self._looked_s < _LOOK_S or self._answers is None:
            return
        self._looked_s = now
        for id, each in tuple(self._missed.items()):
            left = math.ceil(each.since_s + HOLD_S - now)
            back = bool(self._answers(id, each.since_s))
            if back or left <= 0:
                del self._missed[id]
                self._in_vain |= set() if back else {id}
                yield Look(over=Back(service=id), back=back, steps=_lost(state, id))
            elif left != each.said:
                each.said = left
                note = f"waiting for {_name(each.service)} to come back, {left} s more"
                yield Look(steps=_lost(state, id), note=note)


def _lost(state: State, service: ServiceId) -> tuple[StepId, ...]:
    """The steps that were sent there and did not come back."""
    return tuple(
        step
        for step, entry in state.entries.items()
        if entry.attempt
        and entry.state is NodeState.SCHEDULED
        and not entry.running
        and entry.placed.service.id == service
    )


def _name(service: Service) -> str:
    return service.name or str(service.id)
