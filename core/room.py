# SPDX-License-Identifier: GPL-3.0-or-later
"""What gets scarce while a film is made: the disk's room and the cards' memory.

Looked at every few seconds when the owner asks, said once each time it gets scarcer.
How much is too little is the store's and the budget's to say.
"""

from __future__ import annotations

import logging
import math

from .budget import Level, Reading, Sampler
from .store import Store

__all__ = ["Room"]

log = logging.getLogger(__name__)

#: Seconds between two looks.
_EVERY_S = 5.0


class Room:
    """Owned by the run.  ``warning`` is what is scarce now, in words, or ""."""

    def __init__(self, store: Store, cards: Sampler | None = None) -> None:
        self.warning = ""
        self._store = store
        self._cards = cards
        self._due = -math.inf
        self._disk = ""
        self._short: dict[str, str] = {}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What the cards' driver said last."""
        return self._cards.latest if self._cards is not None else ()

    def fresh(self) -> tuple[Reading, ...]:
        """What the cards' driver says now."""
        return self._cards.fresh() if self._cards is not None else ()

    def look(self, now: float) -> None:
        """Look when it is time.  ``now`` in seconds, never falling."""
        if now < self._due:
            return
        self._due = now + _EVERY_S
        disk = self._store.usage().warning
        if disk and disk != self._disk:
            log.warning("%s", disk)
        self._disk = disk
        self._look_at_cards(now)
        self.warning = " ".join(filter(None, (disk, *self._short.values())))

    def _look_at_cards(self, now: float) -> None:
        for alert in self._cards.tick(now) if self._cards is not None else ():
            if alert.level is Level.FINE:
                self._short.pop(alert.card, None)
                log.info("%s", alert.words)
            else:
                self._short[alert.card] = alert.words
                log.warning("%s", alert.words)
