# SPDX-License-Identifier: GPL-3.0-or-later
"""Loudness and true peak as broadcasting measures them, in plain NumPy, in blocks.

ITU-R BS.1770-4: K-weighting (two second-order filters), mean square over 400 ms every
100 ms, an absolute gate at -70 LUFS and a relative one 10 LU under what passes it; true
peak by four-fold oversampling.  Recursive filters are slow in NumPy, so the weighting is
applied as its impulse response, which has died away by 130 dB after 85 ms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import numpy as np

from .sound import RATE_HZ, Array, Samples
from .spectral import smooth_size

__all__ = ["CHUNK", "Meter", "gated", "integrated", "true_peak"]

#: Samples over which the meter keeps one figure: 5 ms.
CHUNK = 240

_PER_STEP = RATE_HZ // 10 // CHUNK  # chunks in 100 ms
_TAPS = 4096
_ABSOLUTE = -70.0
_RELATIVE = -10.0
_OFFSET = -0.691  # BS.1770-4, equation (2)

# BS.1770-4, tables 1 and 2: the filters at 48 kHz.
_HEAD = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (-1.69065929318241, 0.73248077421585),
)
_HIGH = ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))


def integrated(blocks: Iterable[Samples]) -> float:
    """Integrated loudness in LUFS; ``-inf`` for silence.  Blocks are ``(n,)`` or ``(n, 2)``."""
    meter = Meter(peaks=False)
    for block in blocks:
        meter.feed(block)
    energies, _ = meter.finish()
    return gated(energies)


def true_peak(blocks: Iterable[Samples]) -> float:
    """The highest peak between samples too, in dBTP; ``-inf`` for silence."""
    meter = Meter(energies=False)
    for block in blocks:
        meter.feed(block)
    _, peaks = meter.finish()
    highest = float(peaks.max(initial=0.0))
    return 20 * math.log10(highest) if highest > 0 else -math.inf


def gated(energies: Array) -> float:
    """LUFS from K-weighted energy per chunk of ``CHUNK`` samples (sums over channels)."""
    steps = len(energies) // _PER_STEP
    sums = energies[: steps * _PER_STEP].reshape(steps, _PER_STEP).sum(axis=1)
    if steps < 4:
        sums = np.pad(sums, (0, 4 - steps)) if energies.any() else sums
    if len(sums) < 4:
        return -math.inf
    windows = (sums[:-3] + sums[1:-2] + sums[2:-1] + sums[3:]) / (0.4 * RATE_HZ)
    kept = windows[windows > _power(_ABSOLUTE)]
    if not len(kept):
        return -math.inf
    kept = kept[kept > kept.mean() * 10 ** (_RELATIVE / 10)]
    return _OFFSET + 10 * math.log10(float(kept.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


class Meter:
    """Fed with blocks, keeps energy and peak per chunk; one film, one meter, one thread."""

    def __init__(self, *, energies: bool = True, peaks: bool = True) -> None:
        self._energies: list[Array] | None = [] if energies else None
        self._peaks: list[Array] | None = [] if peaks else None
        self._rest = np.zeros((0, 2), dtype=np.float32)
        self._tail = np.zeros((_TAPS - 1, 2))
        self._before = np.zeros((2 * _REACH, 2), dtype=np.float32)

    def feed(self, block: Samples) -> None:
        """Take the next samples, in any number."""
        stereo = block if block.ndim == 2 else np.stack([block, np.zeros_like(block)], axis=1)
        joined = np.concatenate([self._rest, stereo]) if len(self._rest) else stereo
        whole = len(joined) // CHUNK * CHUNK
        self._rest = joined[whole:]
        for start in range(0, whole, RATE_HZ):
            self._measure(joined[start : min(whole, start + RATE_HZ)])

    def finish(self) -> tuple[Array, Array]:
        """Energies and peaks of everything fed, one figure a chunk (the last one padded)."""
        short = -len(self._rest) % CHUNK
        if len(self._rest):
            self.feed(np.zeros((short, 2), dtype=np.float32))
        energies = np.concatenate(self._energies) if self._energies else np.zeros(0)
        return energies, self._all_peaks(len(energies))

    def _all_peaks(self, count: int) -> Array:
        if not self._peaks:
            return np.zeros(count)
        flush = _chunk_peaks(np.concatenate([self._before, np.zeros((CHUNK, 2), np.float32)]))
        peaks = np.concatenate([*self._peaks, flush])
        peaks[-2] = max(peaks[-2], peaks[-1])
        kept: Array = peaks[:-1]
        return kept

    def _measure(self, block: Samples) -> None:
        if self._energies is not None:
            weighted = self._weight(block)
            squares = np.einsum("nc,nc->n", weighted, weighted)
            self._energies.append(squares.reshape(-1, CHUNK).sum(axis=1))
        if self._peaks is not None:
            joined = np.concatenate([self._before, block])
            self._before = joined[-2 * _REACH :]
            self._peaks.append(_chunk_peaks(joined))

    def _weight(self, block: Samples) -> Array:
        size = smooth_size(len(block) + _TAPS - 1)
        spectrum = np.fft.rfft(block, size, axis=0) * _response(size)[:, None]
        out = np.fft.irfft(spectrum, size, axis=0)[: len(block) + _TAPS - 1]
        out[: _TAPS - 1] += self._tail
        self._tail = out[len(block) :].copy()
        return out[: len(block)]


@cache
def _response(size: int) -> Array:
    hertz = np.exp(-2j * np.pi * np.arange(size) / size)
    full: Array = np.ones(size, dtype=complex)
    for top, bottom in (_HEAD, _HIGH):
        full *= (top[0] + top[1] * hertz + top[2] * hertz**2) / (
            1 + bottom[0] * hertz + bottom[1] * hertz**2
        )
    impulse = np.fft.ifft(full).real[:_TAPS]
    return np.fft.rfft(impulse, size)


_REACH = 12  # samples either side that shape a point between two


@cache
def _between() -> tuple[Samples, ...]:
    """Windowed-sinc taps for the points a quarter, a half and three quarters on."""
    taps = []
    for quarter in (0.25, 0.5, 0.75):
        place = np.arange(-_REACH + 1, _REACH + 1) - quarter
        window = np.i0(7.0 * np.sqrt(np.maximum(0, 1 - (place / _REACH) ** 2))) / np.i0(7.0)
        kernel = np.sinc(place) * window
        taps.append((kernel / kernel.sum()).astype(np.float32)[::-1])
    return tuple(taps)


def _chunk_peaks(joined: Samples) -> Array:
    """Highest oversampled magnitude a chunk; the first ``2 * _REACH`` samples are history.

    Figures lie ``_REACH`` samples late, which the limiter's look-ahead covers.
    """
    count = len(joined) - 2 * _REACH
    highest = np.abs(joined[_REACH : _REACH + count]).max(axis=1)
    for taps in _between():
        for channel in (0, 1):
            points = np.convolve(joined[:, channel], taps, "valid")[:count]
            np.maximum(highest, np.abs(points), out=highest)
    chunked: Array = highest.reshape(-1, CHUNK).max(axis=1)
    return chunked
