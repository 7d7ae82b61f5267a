# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C and a request to end, taken politely.

While nothing runs, an interruption ends the command at once (``KeyboardInterrupt``).
While a run is under way the first one only raises a flag, so that the run can
stop its work and leave nothing half done; a second one does not wait for that.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interrupts"]

_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last is Ctrl-Break on Windows


class Interrupts:
    """Owns the process's handlers inside ``with``; outside the main thread it owns nothing."""

    def __init__(self) -> None:
        self.asked = False
        self.polite = False  #: whether a run looks at ``asked``
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for name in _SIGNALS:
                if hasattr(signal, name):
                    number = signal.Signals[name]
                    self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            # None: the handler was not set from Python, so it cannot be set back from here.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        again, self.asked = self.asked, True
        if again or not self.polite:
            raise KeyboardInterrupt
