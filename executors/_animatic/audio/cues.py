# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be heard when: cues, their sources, and a player for each.

A source is a WAV file or anything with ``blocks()``; a player hands out any stretch of a
cue, in order, holding no more than a block of it.  How cues are summed is in ``mix.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np

from .sound import Samples, frames_of
from .wav import read_blocks, wav_frames

__all__ = ["TRACKS", "Cue", "FileSource", "Player", "Source", "Track"]

Track: TypeAlias = Literal["dialogue", "effects", "ambience", "music"]
TRACKS: tuple[Track, ...] = ("dialogue", "effects", "ambience", "music")

#: Fade where a sound is cut off, so that it does not click.
_DECLICK = frames_of(0.008)

#: Crossfade where a loop begins again.
_SEAM = frames_of(0.05)


class Source(Protocol):
    """Sound in blocks, from its beginning, as often as asked; always the same."""

    def blocks(self) -> Iterator[Samples]:
        """Blocks of any length, ``(n,)`` or ``(n, 2)``."""

    def frames(self) -> int | None:
        """How many samples there will be; ``None`` when it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A 48 kHz, 16-bit WAV file."""

    path: Path

    def blocks(self) -> Iterator[Samples]:
        return read_blocks(self.path)

    def frames(self) -> int | None:
        return wav_frames(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A sound placed in a film; times in seconds from the film's start.

    ``length_s`` cuts it (``None``: to its own end, or the film's for what goes on);
    ``skip_s`` of the source are left out; ``pan`` runs from -1 left to 1 right; ``duck`` lowers
    it under dialogue (``None``: ambience and music are, the others not).
    """

    source: Source | Path | str
    start_s: float
    track: Track
    gain_db: float = 0.0
    length_s: float | None = None
    skip_s: float = 0.0
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    loop: bool = False
    pan: float = 0.0
    duck: bool | None = None

    def ducks(self) -> bool:
        """Whether it gives way to dialogue."""
        return self.duck if self.duck is not None else self.track in ("ambience", "music")


class Player:
    """Plays one cue onto blocks of a film, in order; owned by one mix."""

    def __init__(self, cue: Cue, source: Source, film_frames: int) -> None:
        self.cue = cue
        self.start = round(cue.start_s * 48_000)
        self._source = source
        self._own = source.frames()
        self.stop = min(film_frames, self.start + self._length(film_frames))
        self._cut = self._own is None or cue.loop or self._given() < self._natural()
        self._pieces: Iterator[Samples] | None = None
        self._held = np.zeros((0, 2), dtype=np.float32)

    def _natural(self) -> int:
        return max(0, (self._own or 0) - frames_of(self.cue.skip_s))

    def _given(self) -> int:
        return 1 << 62 if self.cue.length_s is None else frames_of(self.cue.length_s)

    def _length(self, film_frames: int) -> int:
        if self.cue.loop or self._own is None:
            return min(self._given(), max(0, film_frames - self.start))
        return min(self._given(), self._natural())

    def plays_in(self, begin: int, end: int) -> bool:
        """Whether anything of it lies in samples ``begin``–``end`` of the film."""
        return self.start < end and self.stop > begin and self.stop > 0

    def add_to(self, block: Samples, begin: int) -> None:
        """Add what is heard from sample ``begin`` of the film on to ``block`` ``(n, 2)``."""
        first = max(begin, self.start, 0)
        last = min(begin + len(block), self.stop)
        if last <= first:
            return
        piece = self._take(last - first)
        piece = piece * self._gains(first, last)[:, None] * _sides(self.cue)
        block[first - begin : first - begin + len(piece)] += piece
        if last == self.stop:  # over: let go of the file and of what was read ahead
            self._pieces, self._held = iter(()), self._held[:0].copy()

    def _take(self, count: int) -> Samples:
        if self._pieces is None:
            self._pieces = self._opened()
        parts, have = [self._held], len(self._held)
        while have < count:
            piece = next(self._pieces, None)
            if piece is None:
                parts.append(np.zeros((count - have, 2), dtype=np.float32))
                break
            parts.append(piece)
            have += len(piece)
        joined = np.concatenate(parts)
        self._held = joined[count:].copy()
        return joined[:count]

    def _opened(self) -> Iterator[Samples]:
        left = frames_of(self.cue.skip_s) + max(0, -self.start)
        pieces = _looped(self._source) if self.cue.loop else self._source.blocks()
        for piece in pieces:
            if left >= len(piece):
                left -= len(piece)
                continue
            yield _stereo(piece[left:])
            left = 0

    def _gains(self, first: int, last: int) -> Samples:
        fade_in = max(frames_of(self.cue.fade_in_s), _DECLICK if self.cue.skip_s > 0 else 0)
        fade_out = max(frames_of(self.cue.fade_out_s), _DECLICK if self._cut else 0)
        gains = np.full(last - first, 10 ** (self.cue.gain_db / 20))
        if first - self.start < fade_in:
            gains *= _raised((np.arange(first, last) - self.start + 0.5) / fade_in)
        if self.stop - last < fade_out:
            gains *= _raised((self.stop - np.arange(first, last) - 0.5) / fade_out)
        return gains.astype(np.float32)


def _raised(share: Samples) -> Samples:
    swell: Samples = np.sin(np.clip(share, 0, 1) * (np.pi / 2)) ** 2
    return swell


def _sides(cue: Cue) -> Samples:
    """Left and right gain: constant power, 1 and 1 in the middle."""
    angle = (max(-1.0, min(1.0, cue.pan)) + 1) * math.pi / 4
    return np.array([math.cos(angle), math.sin(angle)], dtype=np.float32) * np.float32(2**0.5)


def _stereo(piece: Samples) -> Samples:
    return (
        piece if piece.ndim == 2 and piece.shape[1] == 2 else np.repeat(piece.reshape(-1, 1), 2, 1)
    )


def _looped(source: Source) -> Iterator[Samples]:
    """The source again and again, each end blended into the next beginning."""
    seam: Samples | None = None
    while True:
        held = np.zeros((0, 2), dtype=np.float32)
        count = 0
        for piece in source.blocks():
            held = np.concatenate([held, _stereo(piece)])
            if seam is not None and len(held) >= len(seam):
                held, seam = _blended(held, seam), None
            ready = len(held) - _SEAM
            if seam is None and ready > 0:
                yield held[:ready]
                count += ready
                held = held[ready:].copy()
        if count == 0:  # shorter than the seam: nothing worth blending
            if not len(held):
                return
            yield held
            held = held[:0]
        seam = held if len(held) else None


def _blended(beginning: Samples, ending: Samples) -> Samples:
    share = _raised(np.linspace(0, 1, len(ending), dtype=np.float32))[:, None]
    out = beginning.copy()
    out[: len(ending)] = beginning[: len(ending)] * share + ending * (1 - share)
    return out
