# SPDX-License-Identifier: GPL-3.0-or-later
"""Tickets of which nobody knows what became, so that their services are asked before anything
is sent again.

A run died, a service was lost, or what it had made could not be fetched: the work may wait, run
or be done.  Such a ticket and its folder are kept, from run to run, until its step is made or is
known to have failed, or a week went by.  What is asked, and how, is the executor's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from .journal import LeftTicket
from .plan import Plan
from .schedule import MOST_ATTEMPTS
from .step import Fidelity, Placed, ServiceId
from .store import Store

__all__ = ["Unsettled"]

#: What is wanted no more may be wanted again after an undo; servers forget sooner than this.
KEPT = timedelta(days=7)


class Unsettled:
    """By the intent of their step, oldest first.  Owned by the run's tickets."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_intent: dict[str, list[LeftTicket]] = {}

    @property
    def ids(self) -> set[str]:
        """Of all of them."""
        return {ticket.id for tickets in self._by_intent.values() for ticket in tickets}

    def take_stock(self, plan: Plan) -> None:
        """Take over what earlier runs left; what is made meanwhile, or old, is given up."""
        made = {step.intent for step in plan.steps.values() if step.id not in plan.dirty}
        oldest = (datetime.now(UTC) - KEPT).isoformat()
        over: list[str] = []
        for ticket in self._store.journal.left():
            if ticket.intent in made or ticket.sent < oldest:
                over.append(ticket.id)
            else:
                self._by_intent.setdefault(ticket.intent, []).append(ticket)
        self._store.journal.abandon(over)
        self._store.journal.lost(self.ids)
        self._store.drop_tickets(keep=self.ids)

    def about(
        self, placed: Placed, attempt: int, services: Collection[ServiceId]
    ) -> tuple[LeftTicket, ...]:
        """What to ask about before ``placed`` is sent, newest first.

        Another service of the same kind is asked too where it is one of ``services``, but not at
        the last attempt: if it cannot be reached till then, the work is done where it is planned.
        """

        def asked(ticket: LeftTicket) -> bool:
            if ticket.executor != placed.option.executor:
                return False
            here = ticket.service == placed.service.id
            return here or (ticket.service in services and attempt < MOST_ATTEMPTS)

        left = self._by_intent.get(placed.step.intent, ())
        return tuple(ticket for ticket in reversed(left) if asked(ticket))

    def add(self, ticket: LeftTicket) -> None:
        """One more that nobody knows of what became."""
        self._by_intent.setdefault(ticket.intent, []).append(ticket)

    def settle(self, placed: Placed, fidelity: Fidelity | None) -> list[str]:
        """The step came out as well as ``fidelity``, or failed (None): ids of what is over by that.

        A stand-in that was made elsewhere settles nothing: the better result may be there.
        """
        left = self._by_intent.pop(placed.step.intent, [])
        if fidelity is None or fidelity.enough:
            kept: Iterable[LeftTicket] = ()
        else:
            kept = [each for each in left if each.executor != placed.option.executor]
        for ticket in kept:
            self.add(ticket)
        return [ticket.id for ticket in left if ticket not in kept]
