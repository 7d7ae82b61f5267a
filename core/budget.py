# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a card a plan may use, and when memory runs short.

What the card has, less what other programs hold, less a margin that stays free, within the
user's limit.  What the driver says goes before what a service says, and that before what
the user says.  Pure: who reads a card is ``executors._nvml``; who owns a ``Sampler`` ticks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Literal, TypeAlias

from .amounts import amount
from .step import Device

__all__ = [
    "CRITICAL_BYTES", "EVERY_SECONDS", "LOW_BYTES", "MARGIN_LEAST_BYTES", "MARGIN_SHARE", "Alert",
    "Budget", "Level", "Limits", "Reading", "Sampler", "best_reading", "budget_of", "held_by",
    "next_level", "simulated_card", "with_budget",
]  # fmt: skip

MIB, GIB = 2**20, 2**30

#: What stays free.  The estimates are good to a few per cent, an allocator loses some memory to
#: fragments, and a desktop takes some when a window opens: ComfyUI keeps 400 MiB for the same
#: reasons (600 on Windows; its model_management.py, read 2026-11-24).
MARGIN_SHARE = 0.05
MARGIN_LEAST_BYTES = 512 * MIB
#: Warn below the first, and call it critical below the second.
LOW_BYTES = 2048 * MIB
CRITICAL_BYTES = 1024 * MIB
#: Seconds between two samples.
EVERY_SECONDS = 5.0
#: A level is left upwards only this much above where it was entered: no flicker at the edge.
_CALM = 1.125

Told: TypeAlias = Literal["driver", "service", "user"]
_TRUST: Sequence[Told] = ("driver", "service", "user")


class Level(IntEnum):
    """How free a card is."""

    CRITICAL = 0
    LOW = 1
    FINE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a card has, and who says so.  ``card`` is stable while the machine runs.

    ``free_bytes`` of what a user said is all of it.  ``processes`` are the bytes each process holds,
    by its id, as far as the driver tells.
    """

    card: str
    name: str = ""
    total_bytes: int
    free_bytes: int
    told_by: Told
    processes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user settled: the margin, the most that may be used, and a card's size.

    ``limit_bytes`` and ``card_bytes`` are 0 when nothing was said.
    """

    margin_share: float = MARGIN_SHARE
    margin_least_bytes: int = MARGIN_LEAST_BYTES
    limit_bytes: int = 0
    card_bytes: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.margin_share < 1:
            raise ValueError("a margin is a share from 0 to below 1")
        if min(self.margin_least_bytes, self.limit_bytes, self.card_bytes) < 0:
            raise ValueError("an amount of memory is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a plan may use of one card, and how that came about."""

    card: str
    name: str
    told_by: Told
    total_bytes: int
    free_bytes: int
    others_bytes: int
    margin_bytes: int
    margin_share: float
    limit_bytes: int

    @property
    def bytes(self) -> int:
        """Bytes to plan with; never negative, never more than the card or the limit."""
        left = max(0, self.total_bytes - self.others_bytes - self.margin_bytes)
        return min(left, self.limit_bytes) if self.limit_bytes else left

    def ways_to(self, needs_bytes: int) -> list[str]:
        """What would make this card take ``needs_bytes``, easiest first; imperatives without a stop."""
        ways = []
        free = replace(self, limit_bytes=0)
        if self.limit_bytes and free.bytes >= needs_bytes:
            was, to = _gib(self.limit_bytes), _gib(needs_bytes)
            return [f"raise the Project's VRAM limit from {was} to {to}"]
        alone = replace(free, others_bytes=0)
        if self.others_bytes and alone.bytes >= needs_bytes:
            held = _gib(self.others_bytes)
            ways.append(f"close the other programs that hold {held} of the card")
        elif replace(alone, margin_bytes=0).bytes >= needs_bytes:
            ways.append(f"keep less than {_gib(self.margin_bytes)} of the card free")
        else:
            ways.append(f"use a card with {_gib(needs_bytes + self.margin_bytes)}")
        return ways

    def explain(self) -> str:
        """The sum in words, such as "24 GiB card, 5 % kept free: 22.8 GiB to plan with"."""
        told = {"driver": "", "service": ", as its service says", "user": ", as you said"}
        parts = [f"{_gib(self.total_bytes)} card{told[self.told_by]}"]
        if self.others_bytes:
            parts.append(f"{_gib(self.others_bytes)} held by other programs")
        if self.margin_bytes:
            share = round(self.total_bytes * self.margin_share) == self.margin_bytes
            kept = f"{self.margin_share * 100:g} %" if share else _gib(self.margin_bytes)
            parts.append(f"{kept} kept free")
        if self.limit_bytes:
            parts.append(f"your limit {_gib(self.limit_bytes)}")
        return f"{', '.join(parts)}: {_gib(self.bytes)} to plan with"


def best_reading(readings: Iterable[Reading], limits: Limits) -> Reading | None:
    """The reading to believe; with none, what the user said; None when nobody knows."""
    found = min(readings, key=lambda reading: _TRUST.index(reading.told_by), default=None)
    if found is None and limits.card_bytes:
        size = limits.card_bytes
        return Reading(card="user", total_bytes=size, free_bytes=size, told_by="user")
    return found


def budget_of(reading: Reading, limits: Limits, *, ours_bytes: int = 0) -> Budget:
    """The budget of a card.

    ``ours_bytes`` is what our own services hold of it: a plan may use that again.  A card that says
    it has more free than it has is believed to be empty.
    """
    used = max(0, reading.total_bytes - max(0, reading.free_bytes))
    margin = max(round(reading.total_bytes * limits.margin_share), limits.margin_least_bytes)
    return Budget(
        card=reading.card,
        name=reading.name,
        told_by=reading.told_by,
        total_bytes=reading.total_bytes,
        free_bytes=max(0, min(reading.free_bytes, reading.total_bytes)),
        others_bytes=max(0, used - max(0, ours_bytes)),
        margin_bytes=margin,
        margin_share=limits.margin_share,
        limit_bytes=limits.limit_bytes,
    )


def held_by(reading: Reading, processes: Collection[int]) -> int:
    """Bytes these processes hold of the card, as far as the driver tells."""
    return sum(size for process, size in reading.processes.items() if process in processes)


def with_budget(device: Device, budget: Budget) -> Device:
    """The device with what may be used of it."""
    return replace(device, budget_bytes=budget.bytes)


def next_level(before: Level, free_bytes: int) -> Level:
    """The level at ``free_bytes``; leaving a level upwards takes an eighth more than entering it."""
    for level, edge in ((Level.CRITICAL, CRITICAL_BYTES), (Level.LOW, LOW_BYTES)):
        if free_bytes < (edge * _CALM if before <= level else edge):
            return level
    return Level.FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A card's level changed; ``words`` say it to people."""

    card: str
    level: Level
    free_bytes: int
    words: str


class Sampler:
    """Reads the cards every few seconds when ticked; has no thread.

    ``latest`` is what was read last.  A reading a user gave is never alarming: nobody measured it.
    """

    def __init__(
        self, read: Callable[[], Sequence[Reading]], *, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._read = read
        self._every = every_seconds
        self._due = -math.inf
        self._levels: dict[str, Level] = {}
        self.latest: tuple[Reading, ...] = ()

    def tick(self, now: float) -> tuple[Alert, ...]:
        """Read when it is time; what changed since.  ``now`` in seconds, never falling."""
        if now < self._due:
            return ()
        self._due = now + self._every
        self.fresh()
        seen = (self._look(reading) for reading in self.latest if reading.told_by != "user")
        return tuple(alert for alert in seen if alert is not None)

    def fresh(self) -> tuple[Reading, ...]:
        """Read now, whatever the time."""
        self.latest = tuple(self._read())
        return self.latest

    def _look(self, reading: Reading) -> Alert | None:
        before = self._levels.get(reading.card, Level.FINE)
        level = next_level(before, reading.free_bytes)
        self._levels[reading.card] = level
        if level == before:
            return None
        return Alert(
            card=reading.card,
            level=level,
            free_bytes=reading.free_bytes,
            words=_words(reading, level),
        )


def _words(reading: Reading, level: Level) -> str:
    name, free = reading.name or reading.card, amount(reading.free_bytes)
    if level == Level.FINE:
        return f"{name} has {free} free again."
    if level == Level.LOW:
        return f"{name} has only {free} free. Close programs that use it, or lower the limit."
    return f"{name} has almost no memory left, {free}. Close programs that use it."


def simulated_card(gigabytes: int, *, held_bytes: int = 0) -> Reading:
    """A card of that size, as a driver would tell of it; for plans about machines that are not here."""
    total = gigabytes * GIB
    return Reading(
        card=f"simulated-{gigabytes}",
        name=f"{gigabytes} GB card",
        total_bytes=total,
        free_bytes=max(0, total - held_bytes),
        told_by="driver",
    )


def _gib(size: int) -> str:
    return amount(size).replace(".0 GiB", " GiB")
