# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that cannot be used, borne for a while: work that goes on is not given up for one of them.

A service that hiccups while it works (500, a proxy's page, half a sentence) has lost an answer and
not the work.  What is asked so is safe to ask again; that is the asker's to know.
"""

from __future__ import annotations

from ...core.errors import BadAnswer, ServiceRefused, Unauthorised
from .errand import Errand

__all__ = ["AGAIN_S", "MOST", "Bearing"]

#: How many answers in a row are too many, and seconds before the question is put again.
MOST, AGAIN_S = 5, 0.5


class Bearing:
    """Counts them; owned by the thread that asks."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._count = 0

    def well(self) -> None:
        """An answer could be used."""
        self._count = 0

    def bear(self, error: ServiceRefused | BadAnswer) -> None:
        """Wait before the question is put again.

        Raises:
            ServiceRefused, BadAnswer: ``error``; it was one too many, or asking will not help.
            Stopped: it was cancelled.
        """
        self._count += 1
        if self._count >= MOST or isinstance(error, Unauthorised):
            raise error
        self._errand.wait(AGAIN_S)
