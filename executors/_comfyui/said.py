# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step tells while a server works on it: progress that never falls, pictures now and then."""

from __future__ import annotations

import logging
import time
from collections import deque
from pathlib import Path

from .._service import Errand
from .wire import Preview

__all__ = ["Said"]

log = logging.getLogger(__name__)

#: Seconds between two progress events, and between two previews.
_PROGRESS_S, _PREVIEW_S = 0.1, 0.4
#: Previews that are kept: whoever shows one may still be reading the one before.
_KEPT = 3
_MOST_BYTES = 16 * 2**20


class Said:
    """Tells of one prompt, from its worker's thread."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._note = ""
        self._told = self._shown = float("-inf")
        self._count = 0
        self._files: deque[Path] = deque()

    def moved(self, fraction: float, note: str) -> None:
        """How far the server is, 0-1; not every step of it."""
        now = time.monotonic()
        if now - self._told < _PROGRESS_S and note == self._note:
            return
        self._told, self._note = now, note
        self._errand.progress(fraction, note)

    def seen(self, preview: Preview) -> None:
        """A picture of work under way, as a file; not every one of them."""
        now = time.monotonic()
        if now - self._shown < _PREVIEW_S or len(preview.data) > _MOST_BYTES:
            return
        self._shown = now
        self._count += 1
        path = self._errand.ticket.folder / f"preview_{self._count:04d}{preview.suffix}"
        try:
            path.write_bytes(preview.data)
        except OSError as error:
            log.info("a preview could not be written: %s", error)
            return
        self._files.append(path)
        if len(self._files) > _KEPT:
            self._files.popleft().unlink(missing_ok=True)
        self._errand.preview(path)
