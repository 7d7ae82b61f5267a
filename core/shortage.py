# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a card has less memory than was planned with, judged only where that can be told.

A service's own cache looks like another program's memory, so a reading means something only when
every service of ours that has worked on the card has given all it held back.  Then what is in use
beyond what their processes keep anyway is somebody else's.  If what comes next does not fit in
the rest, or a card that was short has room again, the rest of the film is to be planned anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .budget import Budget, Reading
from .cards import card_of
from .plan import Plan
from .standing import State
from .step import DeviceId, ModelId, ServiceId

__all__ = ["KEPT_BYTES", "Shortage"]

#: What a process that worked on a card keeps there whatever it unloads: CUDA's context and small
#: change; as ``executors._comfyui.station`` waits for.
KEPT_BYTES = 768 * 2**20
#: How much more there has to be until a plan that was cut down is made larger again.
_WORTH = 1.1


class Shortage:
    """Owned by the run."""

    def __init__(self) -> None:
        #: Services that worked, and whether each has given back all it held since.
        self._clean: dict[ServiceId, bool] = {}
        self._freeing: dict[DeviceId, list[ServiceId]] = {}
        self._planned: dict[DeviceId, int] = {}

    def sent(self, service: ServiceId) -> None:
        """It works: what it holds is not known."""
        self._clean[service] = False

    def freeing(self, plan: Plan, service: ServiceId, models: frozenset[ModelId] | None) -> None:
        """It was asked to give memory back; some services can give back nothing but all."""
        found = plan.services[service]
        if models is None or found.unload == "all":
            self._freeing.setdefault(found.device, []).append(service)

    def kept(self, device: DeviceId) -> None:
        """A service on the device could not."""
        self._freeing.pop(device, None)

    def look(
        self, plan: Plan, state: State, device: DeviceId, read: Callable[[], Sequence[Reading]]
    ) -> Budget | None:
        """The budget to plan the rest with, all that was asked for being given back; None: as planned."""
        for service in self._freeing.pop(device, ()):
            if service in self._clean:
                self._clean[service] = True
        budget = plan.budgets.get(device)
        here = {service.id for service in plan.services.values() if service.device == device}
        worked = [clean for service, clean in self._clean.items() if service in here]
        if budget is None or not worked or not all(worked):
            return None
        reading = card_of(plan.devices[device], read())
        if reading is None:
            return None
        used = max(0, reading.total_bytes - reading.free_bytes - KEPT_BYTES * len(worked))
        now = replace(budget, free_bytes=reading.free_bytes, others_bytes=used)
        planned = plan.devices[device].budget_bytes
        if now.bytes < min(planned, _needed(state, device)):
            self._planned.setdefault(device, planned)
            return now
        most = self._planned.get(device, 0)
        if min(most, now.bytes) > planned * _WORTH:
            return now
        return None


def _needed(state: State, device: DeviceId) -> int:
    """The most that one of the device's stages to come takes."""
    stages = state.lines[device].stages
    return max((state.stages[number].peak_bytes for number in stages), default=0)
