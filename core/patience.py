# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a service is waited for, and how it is asked again.

Each kind of question has its own time; what failed for a passing reason is asked again after
pauses that grow, vary and stay bounded.  Values and arithmetic: nothing here waits.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

__all__ = ["Operation", "Patience", "pauses"]


class Operation(Enum):
    """What is asked of a service, by how long it may take."""

    HEALTH = "health"  #: is it there, what is it
    SUBMIT = "submit"  #: take this work, give me this file
    SHORT = "short"  #: make a picture, a line of speech, a sound
    VIDEO = "video"  #: make a clip
    LANGUAGE = "language"  #: the next word of a language model
    TRAINING = "training"  #: learn a voice or a face


#: Seconds for the whole answer.  A picture or a sound: 300 s, as ComfyUI's own clients wait.
#: A language model's answer is streamed: 60 s of silence, and 20 times that for all of it.
_SECONDS: Mapping[Operation, float] = MappingProxyType(
    {
        Operation.HEALTH: 5.0,
        Operation.SUBMIT: 60.0,
        Operation.SHORT: 300.0,
        Operation.VIDEO: 3600.0,
        Operation.LANGUAGE: 60.0,
        Operation.TRAINING: 24 * 3600.0,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds.

    ``seconds`` is for a whole answer, ``connect`` for the connection before it.  A question may be
    asked ``attempts`` times, with pauses that begin around ``first_pause`` and double up to
    ``longest_pause``; whether it is there (``HEALTH``) is asked once.
    """

    seconds: Mapping[Operation, float] = field(default_factory=lambda: _SECONDS)
    connect: float = 10.0
    attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 30.0

    def tries(self, operation: Operation) -> int:
        """How often a question of this kind is asked in all."""
        return 1 if operation is Operation.HEALTH else self.attempts

    def of(self, operation: Operation) -> float:
        """Seconds for a whole answer to a question of this kind."""
        return self.seconds.get(operation, _SECONDS[operation])


def pauses(patience: Patience, operation: Operation, draw: random.Random) -> Iterator[float]:
    """Seconds between one attempt and the next: one fewer than there are attempts.

    Each is between half and all of a doubling time, so that many clients of a server that comes
    back do not ask it all at once.
    """
    for number in range(patience.tries(operation) - 1):
        full = min(patience.longest_pause, patience.first_pause * 2**number)
        yield full * draw.uniform(0.5, 1.0)
