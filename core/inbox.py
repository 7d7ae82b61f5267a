# SPDX-License-Identifier: GPL-3.0-or-later
"""What the workers of a run said, one message after another.

Taking never waits; whoever has nothing else to do may wait until there is something to take.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue

from .worker import Freed, Report

__all__ = ["Inbox"]


class Inbox:
    """Owned by the run; workers put into ``queue`` and know nothing else of it."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Report | Freed] = SimpleQueue()
        self._ahead: list[Report | Freed] = []

    def take(self) -> Report | Freed | None:
        """The next message, None where there is none."""
        if self._ahead:
            return self._ahead.pop()
        try:
            return self.queue.get_nowait()
        except Empty:
            return None

    def wait(self, timeout: float) -> None:
        """Return as soon as there is something to take, after ``timeout`` seconds at most."""
        if self._ahead:
            return
        try:
            self._ahead.append(self.queue.get(timeout=max(timeout, 0.001)))
        except Empty:
            return
