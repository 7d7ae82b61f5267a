# SPDX-License-Identifier: GPL-3.0-or-later
"""What NVIDIA's driver says about the cards: the only file that knows NVML.

A machine without the driver, the library or a card has no readings; that is no error.
The library is begun once, when first asked, and ended at ``close``.  A budget follows from a
reading in ``core.budget``.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

from ..core.budget import Reading

__all__ = ["Nvml"]

log = logging.getLogger(__name__)


class Nvml:
    """The driver's library.  Owned by one thread; close it.

    ``library`` stands in for the module ``pynvml``.  ``why`` says why there are no readings.
    """

    def __init__(self, library: Any = None) -> None:
        self._library = library
        self._begun = False
        self._closed = False
        self.why = ""

    def read(self) -> tuple[Reading, ...]:
        """One reading for each card that tells its memory; takes well under a millisecond each."""
        if not self._begin():
            return ()
        try:
            count = self._library.nvmlDeviceGetCount()
        except self._library.NVMLError as error:
            self._give_up(error)
            return ()
        cards = (self._card(index) for index in range(count))
        return tuple(card for card in cards if card is not None)

    def close(self) -> None:
        """End the library; afterwards there are no readings.  Safe to call twice."""
        if self._begun and not self._closed:
            try:
                self._library.nvmlShutdown()
            except self._library.NVMLError as error:
                log.debug("NVML did not end: %s", error)
        self._closed = True

    def _begin(self) -> bool:
        if self._closed or self.why:
            return False
        if self._begun:
            return True
        try:
            if self._library is None:
                self._library = importlib.import_module("pynvml")
            self._library.nvmlInit()
        except ImportError as error:
            self._give_up(error)
            return False
        except self._library.NVMLError as error:
            self._give_up(error)
            return False
        self._begun = True
        return True

    def _give_up(self, error: Exception) -> None:
        self.why = str(error) or type(error).__name__
        log.debug("The driver says nothing of its cards: %s", self.why)

    def _card(self, index: int) -> Reading | None:
        """None for a card without memory of its own, or that fell off the bus."""
        library = self._library
        try:
            handle = library.nvmlDeviceGetHandleByIndex(index)
            memory = library.nvmlDeviceGetMemoryInfo(handle)
            name = _text(library.nvmlDeviceGetName(handle))
            card = _text(library.nvmlDeviceGetUUID(handle))
        except library.NVMLError as error:
            log.debug("Card %d says nothing: %s", index, error)
            return None
        return Reading(
            card=card,
            name=name,
            total_bytes=int(memory.total),
            free_bytes=int(memory.free),
            told_by="driver",
            processes=self._processes(handle),
        )

    def _processes(self, handle: Any) -> dict[int, int]:
        """Empty where the driver does not tell: on Windows, and inside containers."""
        try:
            running = self._library.nvmlDeviceGetComputeRunningProcesses(handle)
        except self._library.NVMLError:
            return {}
        return {each.pid: each.usedGpuMemory for each in running if each.usedGpuMemory is not None}


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
