# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs, the ways to do them, and the memory they need: numbers and bit sets.

An *item* is one model in one service's memory, since two services that use the same model
hold it twice.  Sets of items are integers, bit ``i`` for item ``i``: Python's integers make
unions and differences of them fast, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..step import Device, ModelId, Priority, Service, ServiceId

__all__ = ["Items", "Job", "JobWish", "Problem", "Way", "Wish", "bits", "pose"]

#: A set of items.
Items = int
#: Sets whose weight is remembered: memory for them is bounded, about 20 MB.
MOST_KNOWN = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One option of a job as it is asked: on any of ``services`` (by id)."""

    services: Sequence[ServiceId]
    models: frozenset[ModelId]
    work_bytes: int = 0
    seconds: float = 0.0
    fidelity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWish:
    """One job as it is asked: the jobs it waits for by id, its options best first."""

    id: str
    after: Iterable[str] = ()
    wishes: Sequence[Wish]
    priority: int = Priority.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One option on one service.  ``wish`` and ``service`` are indexes, ``work`` bytes."""

    wish: int
    service: int
    device: int
    items: Items
    work: int
    seconds: float
    fidelity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job.  ``after`` holds indexes; a lower index goes first where nothing else decides."""

    index: int
    id: str
    after: tuple[int, ...]
    ways: tuple[Way, ...]
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything the planner needs to know, by index.

    ``room`` is what each device has for items and work: its budget less what its services
    hold when idle.  ``sizes`` are bytes, ``ranks`` the highest priority (lowest number) of
    the jobs that may use an item.  ``loaded`` is what is in memory already.
    """

    devices: tuple[Device, ...]
    services: tuple[Service, ...]
    homes: tuple[int, ...]  #: device of each service
    room: tuple[int, ...]
    sizes: tuple[int, ...]
    models: tuple[ModelId, ...]
    owners: tuple[int, ...]  #: service of each item
    ranks: tuple[int, ...]
    belongings: tuple[Items, ...]  #: items of each service
    jobs: tuple[Job, ...]
    loaded: Items = 0
    _weights: dict[Items, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def one_device(self) -> bool:
        """Whether all services share a device."""
        return len(set(self.homes)) == 1

    def weight(self, items: Items) -> int:
        """Bytes of a set of items together."""
        known = self._weights.get(items)
        if known is None:
            if len(self._weights) >= MOST_KNOWN:
                self._weights.clear()
            sizes = self.sizes
            known = self._weights[items] = sum(sizes[item] for item in bits(items))
        return known

    def names(self, items: Items) -> frozenset[ModelId]:
        """The models of a set of items."""
        return frozenset(self.models[item] for item in bits(items))

    def load_seconds(self, device: int, items: Items) -> float:
        """How long loading a set of items takes."""
        return self.weight(items) / self.devices[device].load_bytes_per_s


def bits(items: Items) -> Iterator[int]:
    """The items of a set, lowest first."""
    while items:
        low = items & -items
        yield low.bit_length() - 1
        items ^= low


def pose(
    jobs: Sequence[JobWish],
    *,
    devices: Sequence[Device],
    services: Sequence[Service],
    sizes: Mapping[ModelId, int],
    loaded: Mapping[ServiceId, frozenset[ModelId]] | None = None,
) -> Problem:
    """The problem of doing ``jobs`` with what there is.

    Models without a size count nothing; jobs waited for that are not there count as done.

    Raises:
        KeyError: a service names a device, or an option a service, that is not there.
    """
    places = {device.id: index for index, device in enumerate(devices)}
    homes = tuple(places[service.device] for service in services)
    shelf = _Shelf(services, sizes)
    known = {job.id: index for index, job in enumerate(jobs)}
    posed = tuple(
        Job(
            index=index,
            id=job.id,
            after=tuple(sorted(known[id] for id in set(job.after) if id in known)),
            ways=tuple(shelf.ways(job, homes)),
            priority=job.priority,
        )
        for index, job in enumerate(jobs)
    )
    there = 0
    for id, models in (loaded or {}).items():
        there |= shelf.items(shelf.numbers[id], models, int(Priority.OTHER))
    return Problem(
        devices=tuple(devices),
        services=tuple(services),
        homes=homes,
        room=tuple(_room(device, services) for device in devices),
        sizes=tuple(shelf.sizes),
        models=tuple(shelf.models),
        owners=tuple(shelf.owners),
        ranks=tuple(shelf.ranks),
        belongings=tuple(shelf.belongings),
        jobs=posed,
        loaded=there,
    )


def _room(device: Device, services: Sequence[Service]) -> int:
    idle = (service.idle_bytes for service in services if service.device == device.id)
    return device.budget_bytes - sum(idle)


class _Shelf:
    """Gives every (service, model) its bit as it is met; used once."""

    def __init__(self, services: Sequence[Service], sizes: Mapping[ModelId, int]) -> None:
        self.numbers = {service.id: index for index, service in enumerate(services)}
        self.sizes: list[int] = []
        self.models: list[ModelId] = []
        self.owners: list[int] = []
        self.ranks: list[int] = []
        self.belongings = [0] * len(services)
        self._known: dict[tuple[int, ModelId], int] = {}
        self._bytes = sizes
        self._sets: dict[tuple[int, frozenset[ModelId], int], Items] = {}

    def ways(self, job: JobWish, homes: Sequence[int]) -> Iterator[Way]:
        for number, wish in enumerate(job.wishes):
            for id in wish.services:
                service = self.numbers[id]
                yield Way(
                    wish=number,
                    service=service,
                    device=homes[service],
                    items=self.items(service, wish.models, job.priority),
                    work=wish.work_bytes,
                    seconds=wish.seconds,
                    fidelity=wish.fidelity,
                )

    def items(self, service: int, models: frozenset[ModelId], rank: int) -> Items:
        key = (service, models, rank)
        known = self._sets.get(key)
        if known is None:
            known = 0
            for model in sorted(models):
                known |= 1 << self._item(service, model, rank)
            self._sets[key] = known
        return known

    def _item(self, service: int, model: ModelId, rank: int) -> int:
        item = self._known.get((service, model))
        if item is None:
            item = self._known[(service, model)] = len(self.sizes)
            self.sizes.append(self._bytes.get(model, 0))
            self.models.append(model)
            self.owners.append(service)
            self.ranks.append(rank)
            self.belongings[service] |= 1 << item
        self.ranks[item] = min(self.ranks[item], rank)
        return item
