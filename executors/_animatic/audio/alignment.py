# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips for speech that came without times: estimated from its text and its length.

The built-in voice says the same text, so the order and the share of every sound are known; its
time is laid onto the time in which the recording is heard, pause by pause.  An estimate: good for
lips in a drawing, not for cutting words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....core.errors import MediaError
from .recording import mouth_marks
from .sound import RATE_HZ, Samples
from .speech import Mark, Spoken, Word, speak
from .voices import VoiceSettings

__all__ = ["BY_LOUDNESS", "BY_TEXT", "aligned", "moved"]

#: How the times of a line came about, as its facts say.
BY_TEXT, BY_LOUDNESS = "estimated from the text", "estimated from the loudness"
#: A pause shorter than this is part of the speech: a stop consonant closes the lips for a tenth.
_SHORTEST_PAUSE_S = 0.15
_SILENT = "_"


@dataclass(frozen=True, slots=True)
class _Heard:
    """When somebody is heard: pairs of seconds, in order."""

    spans: tuple[tuple[float, float], ...]

    def __bool__(self) -> bool:
        return bool(self.spans)

    def shares(self) -> tuple[Sequence[float], Sequence[float]]:
        """Times at the ends of spans, and how much of all speech has been said by then (0-1)."""
        total = sum(end - start for start, end in self.spans)
        times: list[float] = []
        shares: list[float] = []
        said = 0.0
        for start, end in self.spans:
            times += [start, end]
            shares += [said / total, (said + end - start) / total]
            said += end - start
        return times, shares


def aligned(samples: Samples, text: str, language: str = "") -> tuple[Spoken, str]:
    """``samples`` (mono) as a line with lips and words, and how those times came about."""
    seconds = len(samples) / RATE_HZ
    loud = mouth_marks(samples)
    there = _heard(loud, seconds)
    try:
        model = speak(text, VoiceSettings(language=language))
    except MediaError:  # a language the built-in voice lacks; whoever spoke it had not
        model = Spoken(samples=samples[:0], marks=(), words=(), seconds=0.0)
    here = _heard(model.marks, model.seconds)
    if not there or not here:
        return Spoken(samples=samples, marks=loud, words=(), seconds=seconds), BY_LOUDNESS
    words = tuple(
        Word(seconds=_carried(word.seconds, here, there), text=word.text) for word in model.words
    )
    line = Spoken(
        samples=samples,
        marks=_lips(model.marks, here, there, seconds),
        words=words,
        seconds=seconds,
        language=model.language,
    )
    return line, BY_TEXT


def moved(marks: Sequence[Mark], words: Sequence[Word], was: float, seconds: float) -> Spoken:
    """Times of a line that lasted ``was`` seconds, for the same line at another length; no samples."""
    factor = seconds / was if was > 0 else 1.0
    return Spoken(
        samples=np.zeros(0, dtype=np.float32),
        marks=tuple(
            Mark(seconds=min(seconds, m.seconds * factor), phoneme=m.phoneme) for m in marks
        ),
        words=tuple(Word(seconds=min(seconds, w.seconds * factor), text=w.text) for w in words),
        seconds=seconds,
    )


def _heard(marks: Sequence[Mark], seconds: float) -> _Heard:
    """From marks to spans: what follows a silent mark is silence until the next that is not."""
    spans: list[tuple[float, float]] = []
    ends = [*(mark.seconds for mark in marks[1:]), seconds]
    for mark, end in zip(marks, ends, strict=False):
        if mark.phoneme.startswith(_SILENT) or end <= mark.seconds:
            continue
        if spans and mark.seconds - spans[-1][1] < _SHORTEST_PAUSE_S:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((mark.seconds, end))
    return _Heard(tuple(spans))


def _carried(at: float, here: _Heard, there: _Heard) -> float:
    """The moment ``there`` at which as much has been said as ``here`` at ``at``."""
    times, shares = here.shares()
    share = float(np.interp(at, times, shares))
    other_times, other_shares = there.shares()
    # Where a pause begins and ends the same share is said twice; what begins there, begins after it.
    index = int(np.searchsorted(other_shares, share, side="right"))
    if index >= len(other_shares):
        return other_times[-1]
    before, after = other_shares[index - 1], other_shares[index]
    part = (share - before) / (after - before) if after > before else 0.0
    return other_times[index - 1] + part * (other_times[index] - other_times[index - 1])


def _lips(marks: Sequence[Mark], here: _Heard, there: _Heard, seconds: float) -> tuple[Mark, ...]:
    """The marks at their new times, the mouth closed while nothing is heard."""
    said = [
        Mark(seconds=_carried(mark.seconds, here, there), phoneme=mark.phoneme)
        for mark in marks
        if not mark.phoneme.startswith(_SILENT)
    ]
    closed = [Mark(seconds=0.0, phoneme=_SILENT)]
    closed += [Mark(seconds=min(end, seconds), phoneme=_SILENT) for _, end in there.spans]
    # Of a mark and a pause at one moment the pause comes first, and does not hide the mark.
    both = sorted([*closed, *said], key=lambda mark: (mark.seconds, mark.phoneme != _SILENT))
    kept: list[Mark] = []
    for mark in both:
        if not kept or mark.phoneme != kept[-1].phoneme:
            kept.append(mark)
    return tuple(kept)
