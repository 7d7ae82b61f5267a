# SPDX-License-Identifier: GPL-3.0-or-later
"""Music for a scene, from its mood, tempo, length and seed.

A small composition by rule (``form.py``) is played by synthesised instruments into a hall,
streamed in blocks.  It lasts exactly as long as was asked and has ended by then: the last
chord of a cadence rings out before the cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ....core.errors import MediaError
from .form import Form, Played, played
from .instruments import DRUMS, drum, note
from .moods import MOODS, Mood, mood_of
from .parts import DRUM_LAYERS
from .reverb import Reverb
from .sound import BLOCK, RATE_HZ, Array, Samples, frames_of
from .timbre import bent

__all__ = ["ScoreSource", "composition", "score"]

_HALL_SECONDS = 1.9
_CEILING = 0.8
_STEP = 480  # note lengths are rounded to 10 ms, so that equal notes are made once

_DRY_WORDS = ("minimal", "ambient", "no drums", "without drums", "drumless", "no percussion")
_SOLO_WORDS = ("no melody", "background", "underscore", "minimal")
_NOIR = frozenset(("sad", "melancholy", "calm", "mysterious", "romantic", "tense"))


def score(
    mood: str,
    tempo: float | None,
    seconds: float,
    seed: int = 0,
    keywords: Sequence[str] | str = (),
) -> Iterator[Samples]:
    """Blocks ``(n, 2)`` that are together exactly ``round(seconds * 48000)`` samples.

    ``tempo`` is in beats a minute (``None`` or 0: the mood's own) and gives by a few per cent
    so that whole bars fit.  ``keywords`` are the style's, a list or a text; "minimal" drops drums and tune.

    Raises:
        MediaError: ``seconds`` is no length.
    """
    form = composition(mood, tempo, seconds, seed, keywords)
    return _performed(form, frames_of(seconds))


def composition(
    mood: str,
    tempo: float | None,
    seconds: float,
    seed: int = 0,
    keywords: Sequence[str] | str = (),
) -> Form:
    """What will be played, before it is: key, bars, chords."""
    if not math.isfinite(seconds) or seconds <= 0:
        raise MediaError(
            f"Music cannot be {seconds:g} seconds long.",
            remedy="Give the Music node, or the scene it plays under, a length.",
        )
    said = (keywords if isinstance(keywords, str) else " ".join(keywords)).lower()
    name = mood_of(mood, said)
    style = mood_of(said)
    if style in ("noir", "jazz") and (name in _NOIR or name == style):
        name = "noir" if name in _NOIR else style
    return Form(mood=_asked(MOODS[name], tempo, said), seconds=seconds, seed=seed, name=name)


def _asked(mood: Mood, tempo: float | None, said: str) -> Mood:
    if tempo and math.isfinite(tempo) and tempo > 0:
        mood = replace(mood, tempo=min(220.0, max(30.0, float(tempo))))
    if any(word in said for word in _DRY_WORDS):
        mood = replace(mood, layers=tuple(one for one in mood.layers if one not in DRUM_LAYERS))
    if any(word in said for word in _SOLO_WORDS):
        mood = replace(mood, melody="")
    return mood


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSource:
    """A score as a source for the mix."""

    mood: str
    seconds: float
    tempo: float | None = None
    seed: int = 0
    keywords: tuple[str, ...] = ()

    def blocks(self) -> Iterator[Samples]:
        return score(self.mood, self.tempo, self.seconds, self.seed, self.keywords)

    def frames(self) -> int | None:
        return frames_of(self.seconds)


@dataclass(frozen=True, slots=True)
class _Sounding:
    start: int
    samples: Samples
    sides: Array


def _performed(form: Form, frames: int) -> Iterator[Samples]:
    bars = played(form)
    reverb = Reverb(_HALL_SECONDS)
    gain = 10 ** (form.mood.gain_db / 20)
    sounding: list[_Sounding] = []
    waiting: list[_Sounding] = []
    reached = -1.0
    for begin in range(0, frames, BLOCK):
        count = min(BLOCK, frames - begin)
        while reached < begin + count:
            bar = next(bars, None)
            if bar is None:
                reached = math.inf
                break
            waiting += (_sounded(one) for one in bar)
            reached = max((one.seconds for one in bar), default=0.0) * RATE_HZ
        sounding += (one for one in waiting if one.start < begin + count)
        waiting = [one for one in waiting if one.start >= begin + count]
        block = _summed(sounding, begin, count)
        sounding = [one for one in sounding if one.start + len(one.samples) > begin + count]
        wet = reverb.wet(block.mean(axis=1) * form.mood.wet)
        out = (block + wet) * np.float32(gain)
        yield bent(out * _ending(form, begin, count)[:, None], _CEILING)


def _summed(sounding: list[_Sounding], begin: int, count: int) -> Samples:
    block = np.zeros((count, 2), dtype=np.float32)
    for one in sounding:
        first = max(begin, one.start)
        last = min(begin + count, one.start + len(one.samples))
        if last > first:
            piece = one.samples[first - one.start : last - one.start]
            block[first - begin : last - begin] += piece * one.sides
    return block


def _sounded(one: Played) -> _Sounding:
    if one.sound in DRUMS:
        samples = drum(one.sound)
    else:
        count = max(1, round(one.length * RATE_HZ / _STEP)) * _STEP
        samples = note(one.sound, one.pitch, count)
    angle = (max(-1.0, min(1.0, one.pan)) + 1) * math.pi / 4
    sides = np.array([math.cos(angle), math.sin(angle)], dtype=np.float32)
    return _Sounding(
        start=round(one.seconds * RATE_HZ), samples=samples, sides=sides * np.float32(one.gain)
    )


def _ending(form: Form, begin: int, count: int) -> Samples:
    """The fade of the last chord: nothing is left at the end."""
    place = (begin + np.arange(count)) / RATE_HZ
    fade = 0.7 * form.ring
    share = np.clip((form.seconds - place) / fade, 0.0, 1.0)
    return np.asarray(np.sin(share * np.pi / 2) ** 2, dtype=np.float32)
