# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a score: how many bars, how long each, which chords, who plays when.

The music is as long as the scene: the tempo gives a little so that whole bars fit, the
last two bars slow down, and the final chord of a cadence begins early enough to ring out
before the cut.  Bars come one at a time, so an hour of music needs no more room than a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .canvas import seeded
from .harmony import Chord, chord, voiced
from .moods import Mood
from .parts import DRUM_LAYERS, LAYERS, Bar, Hit, closing
from .tune import Tune

__all__ = ["Form", "Played", "played"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A note or drum (``pitch`` 0) at ``seconds``, held for ``length`` seconds."""

    seconds: float
    length: float
    sound: str
    pitch: int
    gain: float
    pan: float


@dataclass(frozen=True)
class Form:
    """A composition: everything that is decided before a note is played."""

    mood: Mood
    seconds: float
    seed: int
    name: str

    @cached_property
    def key(self) -> int:
        """The key note, a pitch class."""
        keys = self.mood.keys
        return keys[int(seeded(f"key {self.name}", self.seed).integers(len(keys)))]

    @cached_property
    def ring(self) -> float:
        """Seconds the last chord has before the end."""
        return min(0.4 * self.seconds, max(2.2, min(6.0, 0.1 * self.seconds)))

    @cached_property
    def bars(self) -> int:
        """Whole bars before the last chord; at least one."""
        natural = self.mood.beats * 60 / self.mood.tempo
        return max(1, round((self.seconds - self.ring) / natural))

    def starts(self) -> Iterator[tuple[float, float]]:
        """Start and length of each bar in seconds; the last two are 6 and 18 % slower."""
        slow = (
            (1.06, 1.18)
            if self.bars >= 4
            else ((1.0, 1.06)[-self.bars :] if self.bars < 3 else (1.0, 1.06))
        )
        base = (self.seconds - self.ring) / (self.bars - len(slow) + sum(slow))
        at = 0.0
        for index in range(self.bars):
            late = index - (self.bars - len(slow))
            length = base * (slow[late] if late >= 0 else 1.0)
            yield at, length
            at += length

    def chords(self) -> Iterator[Chord]:
        """A chord a bar, the cadence at the end, the final chord last."""
        random = seeded(f"chords {self.name}", self.seed)
        cadence = [chord(text, self.key) for text in self.mood.cadence.split()]
        progression: list[Chord] = []
        for index in range(self.bars):
            if index % 4 == 0:
                which = int(random.integers(len(self.mood.progressions))) if index % 16 else 0
                texts = self.mood.progressions[which].split()
                progression = [chord(text, self.key) for text in texts]
            left = self.bars - index
            yield cadence[2 - left] if left <= min(2, self.bars - 1) else progression[index % 4]
        yield cadence[2]


def played(form: Form) -> Iterator[list[Played]]:
    """The notes of each bar, bar after bar, the final chord as the last; times in seconds."""
    mood = form.mood
    random = seeded(f"notes {form.name}", form.seed)
    tune = Tune(mood.melody, mood.mode, form.key, mood.beats, random) if mood.melody else None
    voices: tuple[int, ...] = ()
    chords = form.chords()
    now = next(chords)
    for index, (start, length) in enumerate(form.starts()):
        coming = next(chords)
        voices = voiced(now, voices)
        bar = _bar(form, index, start, length / mood.beats, now, coming, voices, random)
        hits = [hit for layer in _playing(form, index) for hit in LAYERS[layer](bar)]
        if tune is not None and _sings(form, index):
            hits += tune.bar(bar)
        yield [_timed(bar, hit) for hit in hits]
        now = coming
    voices = voiced(now, voices)
    last = form.seconds - form.ring
    bar = _bar(form, form.bars, last, form.ring / mood.beats, now, now, voices, random)
    hits = [hit for layer in mood.layers for hit in closing(layer, bar)]
    yield [_timed(bar, hit) for hit in (*hits, *(tune.last(bar) if tune is not None else ()))]


def _bar(
    form: Form, index: int, start: float, beat: float, now: Chord, coming: Chord,
    voices: tuple[int, ...], random: np.random.Generator,
) -> Bar:  # fmt: skip
    return Bar(
        index=index, start=start, beat=beat, beats=form.mood.beats, swing=form.mood.swing,
        chord=now, coming=coming, voices=voices, random=random,
    )  # fmt: skip


def _playing(form: Form, index: int) -> tuple[str, ...]:
    """Who plays: two layers begin, all join at the second phrase, every fifth is thinner."""
    layers = form.mood.layers
    if form.bars < 8:
        return layers if index else tuple(name for name in layers if name not in DRUM_LAYERS)
    phrase = index // 4
    if phrase == 0:
        return layers[:2] if index < 2 else layers[:3]
    if phrase % 5 == 4:
        return tuple(name for name in layers if name not in DRUM_LAYERS)
    return layers


def _sings(form: Form, index: int) -> bool:
    if form.bars < 8:
        return True
    return index >= 4 and (index // 4) % 4 != 0


def _timed(bar: Bar, hit: Hit) -> Played:
    return Played(
        seconds=bar.start + hit.at * bar.beat,
        length=hit.length * bar.beat,
        sound=hit.sound,
        pitch=hit.pitch,
        gain=hit.gain,
        pan=hit.pan,
    )
