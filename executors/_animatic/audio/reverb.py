# SPDX-License-Identifier: GPL-3.0-or-later
"""A hall for streamed music: a few sparse echoes into damped loops, block by block.

Each loop is a delay longer than a thirtieth of a second, so a whole delay's worth of
samples is computed at once and nothing is looped over in Python sample by sample.
Rooms for single sounds are in ``canvas.py``.
"""

from __future__ import annotations

import numpy as np

from .sound import RATE_HZ, Array, Samples

__all__ = ["Reverb"]

#: Delays in samples, mutually prime, different on each side (38 to 61 ms).
_LOOPS = ((1831, 2063, 2309, 2633), (1867, 2111, 2371, 2731))

#: Sparse echoes that thicken what goes into the loops: delay in samples and gain.
_ECHOES = ((0, 0.6), (337, -0.45), (691, 0.4), (1103, -0.32), (1523, 0.28))


class Reverb:
    """Holds the sound that is still in the air; one stream, one owner."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` until the tail has fallen by 60 dB."""
        self._before: Array = np.zeros(_ECHOES[-1][0])
        self._loops = [
            [(delay, 10 ** (-3 * delay / RATE_HZ / seconds), np.zeros(delay + 1)) for delay in side]
            for side in _LOOPS
        ]

    def wet(self, mono: Array) -> Samples:
        """The room's answer ``(n, 2)`` to the next ``mono`` samples."""
        joined = np.concatenate([self._before, mono])
        longest = len(self._before)
        self._before = joined[len(joined) - longest :]
        thick: Array = np.zeros(len(mono))
        for delay, gain in _ECHOES:
            thick += gain * joined[longest - delay : longest - delay + len(mono)]
        out = np.empty((len(mono), 2), dtype=np.float32)
        for channel, loops in enumerate(self._loops):
            total: Array = np.zeros(len(mono))
            for index, (delay, gain, past) in enumerate(loops):
                ring, loops[index] = _rung(thick, delay, gain, past)
                total += ring if index % 2 == 0 else -ring
            out[:, channel] = total * 0.5
        return out


def _rung(
    source: Array, delay: int, gain: float, past: Array
) -> tuple[Array, tuple[int, float, Array]]:
    """One loop: each round trip loses ``gain`` and, by averaging neighbours, brightness."""
    line = np.concatenate([past, source])
    first = len(past)
    for start in range(first, len(line), delay):
        stop = min(start + delay, len(line))
        old = line[start - delay - 1 : stop - delay]
        line[start:stop] += gain * (0.72 * old[1:] + 0.28 * old[:-1])
    return line[first:], (delay, gain, line[len(line) - delay - 1 :].copy())
