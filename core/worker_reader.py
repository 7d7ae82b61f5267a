# SPDX-License-Identifier: GPL-3.0-or-later
"""A thread that reads one connection and never stops, whatever its owner is busy with.

A client that does not read holds up a server that writes to all its clients in turn.  What
comes is kept while the owner listens and dropped while it does not.  What a connection is, and
how it is closed, is not known here.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Reader"]

T = TypeVar("T")

#: Messages kept for an owner who does not come for them; then it is dropped, newest first.
MOST_WAITING = 10_000


class Reader(Generic[T]):
    """Owns one thread; ``next``, ``listen``, ``rest`` and ``join`` are the owner's.

    ``receive`` blocks for the next thing and raises when the connection has ended.  Thread and
    owner share a SimpleQueue and two Events, so there is no lock to order.
    """

    def __init__(self, receive: Callable[[], T], name: str) -> None:
        self._receive = receive
        self._came: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._listening = threading.Event()
        self._ended = threading.Event()
        self._why: BaseException | None = None
        self._thread = threading.Thread(target=self._read, name=name, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the connection has ended; what came before may still be waiting."""
        return self._ended.is_set()

    @property
    def why(self) -> str:
        """What ended it, "" while it lasts."""
        return str(self._why or "") if self.ended else ""

    def listen(self) -> None:
        """Keep what comes from now on."""
        self._drop()
        self._listening.set()

    def rest(self) -> None:
        """Read on, and keep nothing."""
        self._listening.clear()
        self._drop()

    def next(self, timeout: float) -> T | None:
        """What came first, or None when nothing did within ``timeout`` seconds."""
        try:
            return self._came.get(timeout=0 if self.ended else timeout)
        except queue.Empty:
            return None

    def join(self, timeout: float) -> bool:
        """Whether the thread has ended within ``timeout`` seconds; close the connection first."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _read(self) -> None:
        try:
            while True:
                what = self._receive()
                if self._listening.is_set() and self._came.qsize() < MOST_WAITING:
                    self._came.put(what)
        except Exception as error:  # however a connection ends, the owner is told, not the thread
            self._why = error
        finally:
            self._ended.set()

    def _drop(self) -> None:
        while not self._came.empty():
            self._came.get()
