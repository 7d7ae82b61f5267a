# SPDX-License-Identifier: GPL-3.0-or-later
"""The tune of the score: a motif of two bars, said again over each new chord.

Rhythm and direction are drawn once and kept, so the ear finds it again; strong beats
take chord tones, weak ones steps of the scale; a phrase of four bars ends on a long note and
the whole on the key note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .harmony import nearest, scale_over
from .parts import Bar, Hit

__all__ = ["Tune"]

#: Rhythms of a bar: (beat, length), by beats in the bar.
_CELLS = {
    4: (
        ((0.0, 1.5), (1.5, 0.5), (2.0, 2.0)),
        ((0.0, 1.0), (1.0, 1.0), (2.0, 2.0)),
        ((0.0, 2.0), (2.0, 1.0), (3.0, 1.0)),
        ((1.0, 1.0), (2.0, 1.5), (3.5, 0.5)),
        ((0.0, 3.0), (3.0, 0.5), (3.5, 0.5)),
    ),
    3: (
        ((0.0, 2.0), (2.0, 1.0)),
        ((0.0, 1.0), (1.0, 2.0)),
        ((0.0, 1.5), (1.5, 0.5), (2.0, 1.0)),
        ((1.0, 1.0), (2.0, 1.0)),
    ),
}

_CENTRES = {
    "violin": 76, "flute": 77, "cello": 57, "horn": 62, "clarinet": 74, "bassoon": 52,
    "mute_trumpet": 70, "vibes": 74,
}  # fmt: skip
_GAINS = {"vibes": 0.75, "horn": 0.9}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Motif:
    cells: tuple[tuple[tuple[float, float], ...], ...]
    moves: tuple[int, ...]


class Tune:
    """Plays bar after bar and remembers where it is; one score, one tune."""

    def __init__(
        self, instrument: str, mode: str, key: int, beats: int, random: np.random.Generator
    ) -> None:
        self._instrument = instrument
        self._mode = mode
        self._key = key
        self._centre = _CENTRES[instrument]
        self._pitch = float(self._centre)
        cells = _CELLS[beats]
        self._motif = _Motif(
            cells=tuple(cells[int(random.integers(len(cells)))] for _ in range(2)),
            moves=tuple(int(move) for move in random.choice([-3, -2, -1, 1, 2, 2, 3, 4], size=6)),
        )

    def bar(self, bar: Bar) -> Iterator[Hit]:
        """The tune in ``bar``: the motif in its phrase's first three bars, then a long note."""
        place = bar.index % 4
        if place == 3:
            yield self._hit(bar, 0.0, bar.beats * 0.75, 0)
            return
        cell = self._motif.cells[place % 2]
        for count, (at, length) in enumerate(cell):
            move = self._motif.moves[(count + 3 * (place % 2)) % 6]
            yield self._hit(bar, at, length, move if place < 2 else -move)

    def last(self, bar: Bar) -> Iterator[Hit]:
        """The key note, or the chord's third where that is nearer."""
        tones = (self._key, bar.chord.tones[1] if len(bar.chord.tones) > 2 else self._key)
        pitch = nearest(self._pitch, tones)
        yield self._note(0.0, bar.beats * 0.55, pitch, 0.7)

    def _hit(self, bar: Bar, at: float, length: float, move: int) -> Hit:
        drift = (self._centre - self._pitch) * 0.25
        strong = at % 2 == 0 or length >= 1.5
        classes = bar.chord.tones if strong else scale_over(self._mode, self._key, bar.chord)
        pitch = nearest(self._pitch + move + drift, classes)
        self._pitch = float(pitch)
        late = bar.swing if at % 1 == 0.5 else 0.0
        gain = (0.8 if strong else 0.68) + 0.1 * float(bar.random.random())
        return self._note(at + late, length * 0.96, pitch, gain)

    def _note(self, at: float, length: float, pitch: int, gain: float) -> Hit:
        level = gain * _GAINS.get(self._instrument, 1.0)
        return Hit(at=at, length=length, sound=self._instrument, pitch=pitch, gain=level, pan=0.12)
