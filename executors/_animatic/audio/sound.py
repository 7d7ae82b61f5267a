# SPDX-License-Identifier: GPL-3.0-or-later
"""The words every sound of the animatic is said in: sample rate and array types.

All sound inside is float32 at ``RATE_HZ``, nominally within ±1: ``(n,)`` for a voice,
``(n, 2)`` left and right for everything else.  Nothing is computed here.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK", "RATE_HZ", "Array", "Samples", "frames_of"]

#: Samples a second of everything that is heard or written (the rate of film sound).
RATE_HZ = 48_000

#: Samples in one streamed block: about a second, so that memory stays small and flat.
BLOCK = 48_000

Samples: TypeAlias = npt.NDArray[np.float32]
Array: TypeAlias = npt.NDArray[Any]


def frames_of(seconds: float) -> int:
    """Whole samples in ``seconds``, rounded to the nearest."""
    return max(0, round(seconds * RATE_HZ))
