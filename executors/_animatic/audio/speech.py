# SPDX-License-Identifier: GPL-3.0-or-later
"""A written line becomes sound, with the time of every word and every mouth movement.

eSpeak is asked to speak slower and lower by the voice's head size and the result is then
played faster by as much: pitch and speed land where they were wanted and only the
formants, which say how big a speaker is, have moved.  Nothing is smeared, as a vocoder would.

Who has which voice is in ``voices.py``; which mouth a phoneme makes, with the picture.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeVar

import numpy as np

from ....core.errors import MediaError
from . import espeak
from .delivery import Delivery, delivery_of
from .language import Part, language_of, spoken_parts
from .sound import RATE_HZ, Samples
from .spectral import resampled
from .timbre import at_level, breathed, colour, compressed, ringing
from .voices import DEFAULT_VOICE, VoiceSettings

__all__ = ["Mark", "Spoken", "Word", "speak"]

#: RMS level of speech in a line file, dBFS; the mix sets the film's loudness.
LEVEL_DB = -20.0

_LEAD_SECONDS = 0.04
_TAIL_SECONDS = 0.14
_STEPS_PER_SEMITONE = 4.125  # eSpeak's pitch scale: 99 steps are two octaves around 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A phoneme begins ``seconds`` into the line; named as eSpeak names it, ``_`` is silence."""

    seconds: float
    phoneme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of the line begins at ``seconds``."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A line as sound: float32 mono at 48 kHz, marks and words in order of time and inside it."""

    samples: Samples
    marks: tuple[Mark, ...]
    words: tuple[Word, ...]
    seconds: float
    language: str = ""


def speak(line: str, voice: VoiceSettings = DEFAULT_VOICE, *, emotion: str = "") -> Spoken:
    """``line`` in ``voice``, delivered as ``emotion`` says.

    The same arguments give the same bytes in any process.  Direction in parentheses is
    not spoken; ``(beat)`` is a pause, and a line of nothing else a silence.  Levels are evened to ``LEVEL_DB`` before the
    voice's and the emotion's own gain.

    Raises:
        MediaError: The line is empty, or the language is unknown.
        MissingLibrary: ``espeakng-loader`` is not installed.
    """
    parts = spoken_parts(line)
    if not any(part.text for part in parts):
        return _silence(sum(part.pause for part in parts))
    language = language_of(" ".join(part.text for part in parts), voice.language)
    delivery = _delivery(line, emotion)
    spoken = [_utterance(part, voice, delivery, language) for part in parts]
    finished = _finished(spoken, voice, delivery, line)
    seconds = len(finished) / RATE_HZ
    marks: list[Mark] = []
    words: list[Word] = []
    for piece, start in zip(spoken, _starts(spoken), strict=True):
        marks += (_later(mark, start, seconds) for mark in piece.marks)
        words += (_later(word, start, seconds) for word in piece.words)
    return Spoken(
        samples=finished,
        marks=tuple(marks),
        words=tuple(words),
        seconds=seconds,
        language=language,
    )


def _silence(seconds: float) -> Spoken:
    """Somebody who answers with nothing: lips closed."""
    samples = np.zeros(round(seconds * RATE_HZ), dtype=np.float32)
    return Spoken(
        samples=samples, marks=(Mark(seconds=0.0, phoneme="_"),), words=(), seconds=seconds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Utterance:
    """One part as eSpeak said it, at ``rate`` Hz once its formants are moved."""

    samples: Samples
    rate: float
    marks: tuple[Mark, ...]
    words: tuple[Word, ...]


_Timed = TypeVar("_Timed", Mark, Word)


def _later(one: _Timed, start: float, end: float) -> _Timed:
    return replace(one, seconds=min(end, one.seconds + start))


def _starts(pieces: list[_Utterance]) -> list[float]:
    lengths = [len(piece.samples) / piece.rate for piece in pieces]
    return list(accumulate(lengths, initial=0.0))[:-1]


def _delivery(line: str, emotion: str) -> Delivery:
    delivery = delivery_of(emotion)
    letters = [character for character in line if character.isalpha()]
    if len(letters) > 7 and all(map(str.isupper, letters)) and not delivery.whispered:
        return replace(
            delivery,
            gain_db=max(delivery.gain_db, 3.5),
            semitones=max(delivery.semitones, 2.0),
            tilt_db=max(delivery.tilt_db, 2.5),
        )
    return delivery


def _utterance(part: Part, voice: VoiceSettings, delivery: Delivery, language: str) -> _Utterance:
    speech = espeak.speak_raw(_request(part.text, voice, delivery, language))
    if not np.any(speech.samples):
        raise MediaError(
            f"The speech synthesiser said nothing for {part.text[:40]!r} in '{language}'.",
            remedy="Spell the line out in words, set the language of the Voice node, "
            "or put a recording on the Dialogue node.",
        )
    rate = espeak.RATE_HZ * voice.formant
    start, stop = _bounds(speech.samples)
    lead, tail = round(_LEAD_SECONDS * rate), round((_TAIL_SECONDS + part.pause) * rate)
    timing = _Timing(rate=rate, shift=lead - start, first=lead, last=lead + stop - start)
    return _Utterance(
        samples=np.pad(speech.samples[start:stop], (lead, tail)),
        rate=rate,
        marks=_marks(speech, timing),
        words=_words(speech, part.text, timing),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timing:
    """eSpeak's sample numbers → seconds of the padded utterance, kept inside what is heard."""

    rate: float
    shift: int
    first: int
    last: int

    def seconds(self, sample: int, floor: float) -> float:
        place = min(self.last, max(self.first, sample + self.shift))
        return max(floor, place / self.rate)


def _request(text: str, voice: VoiceSettings, delivery: Delivery, language: str) -> espeak.Request:
    semitones = voice.semitones + delivery.semitones - 12 * math.log2(voice.formant)
    variant = voice.variant
    if delivery.whispered:
        variant = "whisperf" if voice.formant > 1.04 else "whisper"
    return espeak.Request(
        text=text,
        voice=f"{language}+{variant}" if variant else language,
        rate=_within(voice.rate * delivery.speed / voice.formant, 80, 440),
        pitch=_within(50 + _STEPS_PER_SEMITONE * semitones, 0, 99),
        range=_within(voice.range * delivery.range, 0, 99),
    )


def _within(value: float, low: int, high: int) -> int:
    return min(high, max(low, round(value)))


def _bounds(samples: Samples) -> tuple[int, int]:
    """First and one past the last sample that is heard (-52 dB under the peak)."""
    heard = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 0.0025)
    return int(heard[0]), int(heard[-1]) + 1


def _marks(speech: espeak.Speech, timing: _Timing) -> tuple[Mark, ...]:
    marks = [Mark(seconds=0.0, phoneme="_")]
    for event in speech.events:
        if event.kind == "phoneme" and event.phoneme:
            at = timing.seconds(event.sample, marks[-1].seconds)
            marks.append(Mark(seconds=at, phoneme=event.phoneme))
    if not marks[-1].phoneme.startswith("_"):
        marks.append(Mark(seconds=timing.last / timing.rate, phoneme="_"))
    return tuple(marks)


def _words(speech: espeak.Speech, text: str, timing: _Timing) -> tuple[Word, ...]:
    words: list[Word] = []
    reached = -1
    for event in speech.events:
        word = text[event.start : event.start + event.length].strip()
        if event.kind == "word" and word and event.start > reached:
            at = timing.seconds(event.sample, words[-1].seconds if words else 0.0)
            words.append(Word(seconds=at, text=word))
            reached = event.start
    return tuple(words)


def _finished(
    spoken: list[_Utterance], voice: VoiceSettings, delivery: Delivery, line: str
) -> Samples:
    rate = spoken[0].rate
    digest = hashlib.blake2b(line.encode("utf-8", "replace"), digest_size=8).digest()
    samples = compressed(np.concatenate([piece.samples for piece in spoken]))
    if voice.texture == "robot":
        samples = ringing(samples, rate)
    breath = voice.breath + delivery.breath
    samples = breathed(samples, breath, int.from_bytes(digest, "little"))
    curve = colour(warmth_db=voice.warmth_db, tilt_db=delivery.tilt_db, texture=voice.texture)
    samples = resampled(samples, rate, curve=curve, tail=0.2)
    return at_level(samples, LEVEL_DB + voice.gain_db + delivery.gain_db)
