# SPDX-License-Identifier: GPL-3.0-or-later
"""The instruments of the score: a pitch and a length become a note.

Each is one cycle of a wave, kept as a table per octave so that nothing lies above what
the ear can bear, read at the note's pitch, and shaped: what is struck fades, its overtones
first; what is bowed or blown swells and trembles.  Drums are made once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .canvas import Canvas, decay, glide, seeded, shape
from .sound import RATE_HZ, Array, Samples

__all__ = ["DRUMS", "INSTRUMENTS", "drum", "forget", "note"]

_TABLE_BITS = 13
_FADE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class _Instrument:
    """``partials`` up to ``bright`` Hz; ``half`` s to half loudness (0: sustained)."""

    partials: tuple[float, ...]
    attack: float = 0.004
    release: float = 0.25
    half: float = 0.0
    edge: tuple[float, ...] = ()  #: overtones that fade three times as fast
    bright: float = 5000.0
    tremble: float = 0.0  #: vibrato, cents
    spread: float = 0.0  #: detuning between left and right, cents
    level: float = 1.0


def _falling(count: int, power: float) -> tuple[float, ...]:
    return tuple(1 / k**power for k in range(1, count + 1))


INSTRUMENTS: dict[str, _Instrument] = {
    "piano": _Instrument(
        partials=(1, 0.35, 0.2, 0.08, 0.04), edge=(0.1, 0.35, 0.4, 0.35, 0.25, 0.2, 0.12, 0.1),
        half=0.75, release=0.3, bright=6500, spread=3, level=0.5,
    ),
    "felt": _Instrument(
        partials=(1, 0.25, 0.1, 0.03), edge=(0.1, 0.2, 0.15, 0.1), attack=0.008, half=0.8,
        release=0.4, bright=3000, spread=3, level=0.48,
    ),
    "pad": _Instrument(
        partials=_falling(9, 1.7), attack=0.9, release=1.1, bright=2600, spread=9, level=0.16,
    ),
    "dark": _Instrument(
        partials=_falling(6, 1.9), attack=1.1, release=1.3, bright=1100, spread=13, level=0.22,
    ),
    "strings": _Instrument(
        partials=_falling(14, 1.25), attack=0.35, release=0.7, bright=4200, tremble=7, spread=8,
        level=0.13,
    ),
    "spiccato": _Instrument(
        partials=_falling(12, 1.15), attack=0.012, half=0.11, release=0.1, bright=4500, spread=7,
        level=0.42,
    ),
    "violin": _Instrument(
        partials=(1, 0.7, 0.55, 0.4, 0.25, 0.2, 0.12, 0.08, 0.05), attack=0.14, release=0.35,
        bright=5500, tremble=13, spread=3, level=0.23,
    ),
    "cello": _Instrument(
        partials=(1, 0.8, 0.5, 0.35, 0.2, 0.12, 0.08, 0.05), attack=0.16, release=0.4,
        bright=3200, tremble=10, spread=3, level=0.26,
    ),
    "flute": _Instrument(
        partials=(1, 0.28, 0.08, 0.03), attack=0.09, release=0.2, bright=4000, tremble=8, level=0.32,
    ),
    "clarinet": _Instrument(
        partials=(1, 0.05, 0.5, 0.04, 0.25, 0.03, 0.1), attack=0.04, release=0.12, bright=3600,
        tremble=3, level=0.3,
    ),
    "bassoon": _Instrument(
        partials=(0.6, 1, 0.8, 0.5, 0.3, 0.15, 0.08), attack=0.03, release=0.1, bright=2200, level=0.26,
    ),
    "horn": _Instrument(
        partials=(1, 0.75, 0.45, 0.25, 0.12, 0.06), attack=0.13, release=0.4, bright=2200,
        tremble=4, spread=4, level=0.24,
    ),
    "brass": _Instrument(
        partials=_falling(12, 1.05), attack=0.1, release=0.5, bright=1500, spread=6, level=0.24,
    ),
    "mute_trumpet": _Instrument(
        partials=(0.5, 0.55, 0.7, 0.8, 0.6, 0.4, 0.25, 0.15, 0.1), attack=0.06, release=0.22,
        bright=2600, tremble=11, level=0.2,
    ),
    "vibes": _Instrument(
        partials=(1, 0, 0, 0.25), edge=(0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0.15), half=0.9, release=0.6,
        bright=7000, spread=3, level=0.55,
    ),
    "celesta": _Instrument(
        partials=(1, 0, 0.06), edge=(0, 0.15, 0, 0.3, 0, 0.12), half=0.45, release=0.5, bright=8000,
        level=0.5,
    ),
    "pluck": _Instrument(
        partials=(1, 0.4, 0.2, 0.1), edge=(0, 0.4, 0.45, 0.35, 0.25, 0.2, 0.15), half=0.22, release=0.15,
        bright=5500, spread=4, level=0.7,
    ),
    "bass": _Instrument(
        partials=(1, 0.5, 0.22, 0.1), edge=(0, 0.2, 0.3, 0.25, 0.2, 0.1), attack=0.008, half=0.55,
        release=0.12, bright=1600, level=0.36,
    ),
    "long_bass": _Instrument(
        partials=(1, 0.35, 0.12, 0.05), attack=0.15, release=0.6, bright=700, level=0.24,
    ),
    "glass": _Instrument(
        partials=(1, 0, 0.1, 0, 0.04), attack=1.6, release=2.0, bright=6000, tremble=18, spread=22,
        level=0.09,
    ),
}  # fmt: skip


@lru_cache(maxsize=256)
def _table(partials: tuple[float, ...], hertz: float, bright: float) -> Samples:
    """One cycle, overtones rolled off above ``bright`` Hz at this pitch."""
    size = 1 << _TABLE_BITS
    spectrum = np.zeros(size // 2 + 1, dtype=complex)
    for index, level in enumerate(partials, start=1):
        overtone = hertz * index
        if overtone < 16_000:
            # Phases after Schroeder keep the peak low.
            phase = np.exp(1j * np.pi * index * (index - 1) / max(1, len(partials)))
            spectrum[index] = level * phase / (1 + (overtone / bright) ** 2)
    cycle = np.fft.irfft(spectrum, size) * size / 2
    return np.asarray(cycle, dtype=np.float32)


def forget() -> None:
    """Let go of the notes that were played: the next piece plays others."""
    note.cache_clear()
    _table.cache_clear()


@lru_cache(maxsize=8)
def _tremor(count: int) -> Samples:
    time = np.arange(count) / RATE_HZ
    onset = np.clip((time - 0.25) / 0.6, 0, 1)
    return np.asarray(np.sin(2 * np.pi * 5.1 * time) * onset, dtype=np.float32)


@lru_cache(maxsize=384)
def note(instrument: str, pitch: int, count: int) -> Samples:
    """``(n, 2)`` of ``pitch`` held for ``count`` samples, its release added; peak about ``level``.

    Cached, and not to be written to: repeated chords cost nothing.
    """
    played = INSTRUMENTS[instrument]
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    whole = count + round(played.release * RATE_HZ)
    sides = [_wave(played, hertz * 2 ** (cents / 2400), whole) for cents in _cents(played)]
    envelope = _envelope(played, count, whole) * np.float32(played.level)
    out = np.stack([sides[0], sides[-1]], axis=1) * envelope[:, None]
    out.setflags(write=False)
    return out


def _cents(played: _Instrument) -> tuple[float, ...]:
    return (-played.spread, played.spread) if played.spread else (0.0,)


def _wave(played: _Instrument, hertz: float, count: int) -> Samples:
    step = np.uint32(round(hertz / RATE_HZ * 2**32))
    phase = np.arange(count, dtype=np.uint32) * step
    if played.tremble:
        # Vibrato as a phase: depth in cycles is the swing in Hz over the rate in radians.
        swing = hertz * (2 ** (played.tremble / 1200) - 1) / (2 * np.pi * 5.1)
        bend = _tremor(count) * np.float64(swing * 2**32)
        phase = phase + bend.astype(np.int64).astype(np.uint32)
    place = phase >> np.uint32(32 - _TABLE_BITS)
    octave = 110.0 * 2 ** round(np.log2(hertz / 110.0))
    wave: Samples = _table(played.partials, octave, played.bright)[place]
    if played.edge:
        sharp = _table(played.edge, octave, played.bright)[place]
        wave = wave + sharp * _fading(count, played.half / 3)
    return wave


def _fading(count: int, half: float) -> Samples:
    slope = np.float32(-1 / (half * RATE_HZ))
    return np.asarray(np.exp2(np.arange(count, dtype=np.float32) * slope), dtype=np.float32)


def _envelope(played: _Instrument, count: int, whole: int) -> Samples:
    out = _fading(whole, played.half) if played.half else np.ones(whole, dtype=np.float32)
    rise = min(count, max(24, round(played.attack * RATE_HZ)))
    out[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise, dtype=np.float32)) ** 2
    tail = whole - count
    if tail > 0:
        out[count:] *= np.cos(np.linspace(0, np.pi / 2, tail, dtype=np.float32)) ** 2
    return out


#: Drums by name.
DRUMS = (
    "kick",
    "taiko",
    "tom",
    "brush",
    "brush_tap",
    "hat",
    "ride",
    "shaker",
    "snare",
    "tick",
    "heart",
)


@lru_cache(maxsize=32)
def drum(name: str) -> Samples:
    """``(n, 2)`` of the drum, not to be written to.

    Raises:
        KeyError: There is no such drum.
    """
    canvas = Canvas(_LENGTHS[name], seeded(f"drum {name}", 0))
    canvas.add(_struck(name, canvas))
    out = canvas.finished()
    out.setflags(write=False)
    return out


_LENGTHS = {
    "kick": 0.4, "taiko": 1.4, "tom": 0.7, "brush": 0.5, "brush_tap": 0.16, "hat": 0.1,
    "ride": 0.7, "shaker": 0.12, "snare": 0.3, "tick": 0.05, "heart": 0.5,
}  # fmt: skip


def _struck(name: str, canvas: Canvas) -> Array:
    seconds = _LENGTHS[name]
    if name in ("kick", "taiko", "tom", "heart"):
        high, low, half = {
            "kick": (120, 48, 0.06), "taiko": (110, 52, 0.22), "tom": (150, 88, 0.12), "heart": (70, 42, 0.07),
        }[name]  # fmt: skip
        body = glide(shape(seconds, (0, high), (0.12, low), (1, low))) * decay(
            seconds, half, attack=0.004
        )
        skin = canvas.noise(seconds, 100, 900) * decay(seconds, half / 4) * 0.12
        struck: Array = body * 0.9 + skin
        return struck
    if name == "brush":
        swirl: Array = shape(seconds, (0, 0), (0.45, 1), (1, 0)) ** 1.5 * 0.22
        return canvas.noise(seconds, 1500, 7000) * swirl
    bands = {
        "brush_tap": (900, 6000, 0.025, 0.42), "hat": (6000, 14_000, 0.018, 0.2),
        "ride": (4500, 12_000, 0.14, 0.17), "shaker": (4000, 11_000, 0.025, 0.25),
        "snare": (300, 7000, 0.045, 0.3), "tick": (2500, 8000, 0.005, 0.4),
    }  # fmt: skip
    low, high, half, level = bands[name]
    return canvas.noise(seconds, low, high) * decay(seconds, half, attack=0.0015) * level
