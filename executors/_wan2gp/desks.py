# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that have something made by Wan2GP, and the desk of each server that they share.

Steps come one at a time, each on its worker's thread, and lay their order on their server's desk.
A desk waits in a queue; the thread that takes it owns it until it is put back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from .._http import Stopped
from .._service import Errand
from .._service.letter import Letter
from . import following
from .desk import Desk, Order
from .job import Item

__all__ = ["Desks", "plain"]

log = logging.getLogger(__name__)

#: Seconds a thread waits for the desk before it looks at its cancel flag.
_SLICE_S = 0.1
#: What a letter says beside the recipe.
_NOTES = ("part", "task", "tasks")


def plain(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe in a letter, without what only says where its task is."""
    return {name: value for name, value in recipe.items() if name not in _NOTES}


class Desks:
    """One for each server.  Any thread may ask."""

    def __init__(self) -> None:
        # Set whole and never taken back.
        self._desks: dict[str, SimpleQueue[Desk]] = {}

    def made(
        self, errand: Errand, settings: Mapping[str, Any], recipe: Mapping[str, Any], part: int = 0
    ) -> tuple[Item, ...]:
        """The files of what is asked for, once they are there; ``part`` is which of its step's.

        The errand's letter says which job it is in, and which part.

        Raises:
            Stopped: it was given up.
            ServiceLost: the server went away, or forgot the job.
            StepFailed, OutOfMemory: it ended without a file.
        """
        id = f"md-{errand.ticket.id}-{part}"
        now = time.monotonic()
        order = Order(
            id=id, errand=errand, since=now, recipe={**recipe, "part": part}, settings=settings
        )
        place = self._place(errand)
        with _taken(place, errand) as desk:
            desk.waiting.append(order)
        return _followed(place, order)

    def followed(self, errand: Errand, letter: Letter) -> tuple[Item, ...]:
        """The files of what an earlier run handed in.  Errors as ``made``.

        Raises:
            NeverBegun: the job ended before its turn came.
        """
        id = str(letter.recipe.get("task", ""))
        tasks = letter.recipe.get("tasks")
        ids = tuple(map(str, tasks)) if isinstance(tasks, list) and id in tasks else (id,)
        order = Order(id=id, errand=errand, since=time.monotonic(), recipe=letter.recipe)
        place = self._place(errand)
        with _taken(place, errand) as desk:
            order.batch = desk.joined(letter.job, ids, id)
        return _followed(place, order)

    def _place(self, errand: Errand) -> SimpleQueue[Desk]:
        base = errand.http.address.base
        if base not in self._desks:
            place: SimpleQueue[Desk] = SimpleQueue()
            place.put(Desk())
            self._desks.setdefault(base, place)
        return self._desks[base]


@contextmanager
def _taken(place: SimpleQueue[Desk], errand: Errand | None = None) -> Iterator[Desk]:
    """The desk, for as long as the block runs.

    Raises:
        Stopped: the errand was cancelled before it was there.
    """
    desk: Desk | None = None
    while desk is None:
        if errand is not None:
            errand.check()
        with suppress(Empty):
            desk = place.get(timeout=_SLICE_S)
    try:
        yield desk
    finally:
        place.put(desk)


def _followed(place: SimpleQueue[Desk], order: Order) -> tuple[Item, ...]:
    errand, began = order.errand, time.monotonic()
    try:
        while True:
            with _taken(place, errand) as desk:
                items = desk.turn(order)
                if items is not None:
                    assert order.batch is not None, "what has ended was in a job"
                    now = time.monotonic()
                    errand.idle(now - began - order.batch.worked(order.id, now))
                    return items
            errand.wait(min(following.POLL_S, _SLICE_S))
    except Stopped:
        _give_up(place, order)
        raise


def _give_up(place: SimpleQueue[Desk], order: Order) -> None:
    """Want it no more; where that stops the server, see that it did.

    The flag is set, so nothing here listens to it.
    """
    with _taken(place) as desk:
        if not desk.dropped(order):
            return
    ends = time.monotonic() + following.GIVING_UP_S
    while time.monotonic() < ends:
        with _taken(place) as desk:
            if not desk.stopping(order):
                return
        time.sleep(following.POLL_S / 5)
    log.warning("%s still works on what was given up", order.errand.who)
