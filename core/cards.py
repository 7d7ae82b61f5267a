# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices with what may be used of them: each GPU meets what the driver says of its card.

A service says which GPU it works on and what that has; the driver says what other programs hold
of it.  Which card a device is, is known by its id, else by its name, and its number where several
cards have that name.  Without a reading that fits, what the service says counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from .budget import Budget, Limits, Reading, best_reading, budget_of, with_budget
from .step import Device, DeviceId, Service

__all__ = ["budgeted", "card_of", "reading_of"]

#: The first number after "cuda" in what a service calls a GPU.
_NUMBER = re.compile(r"cuda:(\d+)", re.IGNORECASE)


def budgeted(
    devices: Iterable[Device],
    readings: Sequence[Reading],
    limits: Limits,
    *,
    services: Collection[Service] = (),
    ours: Mapping[DeviceId, int] | None = None,
) -> tuple[tuple[Device, ...], dict[DeviceId, Budget]]:
    """The devices as a plan may use them, and how the GPUs' budgets came about.

    ``services`` hold idle memory and ``ours`` is what else of ours is there, bytes of each device:
    a plan may use both again.  Devices that are no GPU stay as they are.
    """
    found, budgets = [], {}
    for device in devices:
        reading = reading_of(device, readings, limits) if device.gpu else None
        if reading is not None:
            held = sum(each.idle_bytes for each in services if each.device == device.id)
            held += (ours or {}).get(device.id, 0)
            budget = budgets[device.id] = budget_of(reading, limits, ours_bytes=held)
            device = with_budget(device, budget)
        found.append(device)
    return tuple(found), budgets


def reading_of(device: Device, readings: Sequence[Reading], limits: Limits) -> Reading | None:
    """What is known of a GPU's memory: from the driver, else its service, else the user."""
    known = []
    card = card_of(device, readings)
    known += [card] if card is not None else []
    if device.budget_bytes > 0:
        free = device.free_bytes if device.free_bytes >= 0 else device.budget_bytes
        known.append(
            Reading(
                card=str(device.id),
                name=device.gpu,
                total_bytes=device.budget_bytes,
                free_bytes=free,
                told_by="service",
            )
        )
    said = replace(limits, card_bytes=limits.card_bytes or limits.limit_bytes)
    return best_reading(known, said)


def card_of(device: Device, readings: Sequence[Reading]) -> Reading | None:
    """What the driver here says of the device's card; None when it is not certain which it is."""
    return _card(device.gpu, readings) if device.gpu and device.host == "localhost" else None


def _card(gpu: str, readings: Sequence[Reading]) -> Reading | None:
    """The card that goes by this id or name."""
    if _NUMBER.fullmatch(gpu) and len(readings) == 1:
        return readings[0]  # a bare number: certain where there is one card alone
    by_id = [reading for reading in readings if reading.card and reading.card == gpu]
    if by_id:
        return by_id[0]
    named = [reading for reading in readings if reading.name and reading.name in gpu]
    longest = max((len(reading.name) for reading in named), default=0)
    named = [reading for reading in named if len(reading.name) == longest]
    number = _NUMBER.search(gpu)
    if len(named) == 1:
        return named[0]
    if number is None or int(number[1]) >= len(named):
        return None
    return named[int(number[1])]
