# SPDX-License-Identifier: GPL-3.0-or-later
"""All cues of a film become one stereo file of exactly the film's length.

Three passes over blocks of a second, so memory does not grow with the film: where is
speech; sum everything, music and ambience lowered under speech, into a scratch file while
measuring it; write it out at the right loudness.  Which sounds a film has is not here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from ....core.errors import MediaError
from .cues import Cue, FileSource, Player, Source
from .levelling import Levelling, levelled
from .loudness import CHUNK, Meter
from .recording import conformed
from .sound import BLOCK, RATE_HZ, Array, Samples
from .wav import is_native, unwritable, write_wav

__all__ = ["MixFacts", "MixSpec", "mix"]

#: dB by which music and ambience give way to speech.
DUCK_DB = -10.0

_TICK = RATE_HZ // 100  # speech is looked for every 10 ms
_SPEECH_RMS = 0.004  # -48 dBFS: quieter than any line, louder than its room
_LEAD_TICKS, _HOLD_TICKS = 18, 38  # duck 0.18 s before speech, keep on 0.38 s after
_GLIDE_TICKS = 17  # half of a 0.35 s glide


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSpec:
    """What is heard in ``seconds``; ``lufs`` integrated, ``peak_db`` dBTP."""

    seconds: float
    cues: tuple[Cue, ...] = ()
    lufs: float = -16.0
    peak_db: float = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MixFacts:
    """What was written.  ``lufs`` is ``-inf`` for a silent film; ``ducked_s`` seconds gave way."""

    seconds: float
    frames: int
    lufs: float
    gain_db: float
    limited_db: float
    ducked_s: float


def mix(
    spec: MixSpec,
    path: str | os.PathLike[str],
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> MixFacts | None:
    """Write the mix to ``path`` (48 kHz, 16-bit, stereo); ``None``, and no file, when cancelled.

    Progress is 0–1, never falling.  ``cancelled`` is asked at least once per second of film.

    Raises:
        MediaError: A cue's sound cannot be read.
        StoreError, StorageFull: The file, or the scratch file beside it, cannot be written.
    """
    tell = progress or (lambda _: None)
    stop = cancelled or (lambda: False)
    target = Path(path)
    try:
        with tempfile.TemporaryDirectory(prefix=".mix-", dir=target.parent) as folder:
            film = _Film(spec, Path(folder))
            return film.written(target, tell, stop)
    except OSError as error:
        raise unwritable(str(target), error) from error
    except _Stopped:
        return None


class _Stopped(Exception):
    """Leaves the passes when asked to; never seen outside this module."""


class _Film:
    """One mix under way: its players, its scratch file, its passes."""

    def __init__(self, spec: MixSpec, scratch: Path) -> None:
        self.frames = round(spec.seconds * RATE_HZ)
        self._spec = spec
        self._scratch = scratch
        self._sources = [_source(cue, index, scratch) for index, cue in enumerate(spec.cues)]
        self._duck: Array = np.ones(self.frames // _TICK + 2)

    def written(
        self, target: Path, tell: Callable[[float], None], stop: Callable[[], bool]
    ) -> MixFacts:
        speech = self._speech(stop)
        self._duck = _duck_curve(speech)
        tell(0.1)
        with open(self._scratch / "sum.f32", "w+b") as scratch:
            meter = Meter()
            for share, block in self._progressing(self._summed(), stop):
                meter.feed(block)
                scratch.write(block.tobytes())
                tell(0.1 + 0.7 * share)
            energies, peaks = meter.finish()
            level = levelled(energies, peaks, lufs=self._spec.lufs, peak_db=self._spec.peak_db)
            scratch.seek(0)
            write_wav(target, self._levelled(scratch, level, tell, stop))
        return self._facts(level, speech)

    def _progressing(
        self, blocks: Iterator[Samples], stop: Callable[[], bool]
    ) -> Iterator[tuple[float, Samples]]:
        done = 0
        for block in blocks:
            if stop():
                raise _Stopped
            done += len(block)
            yield done / max(1, self.frames), block

    def _players(self, wanted: Callable[[Cue], bool]) -> list[Player]:
        return [
            Player(cue, source, self.frames)
            for cue, source in zip(self._spec.cues, self._sources, strict=True)
            if wanted(cue)
        ]

    def _blocks(self, players: list[Player]) -> Iterator[tuple[int, Samples]]:
        for begin in range(0, self.frames, BLOCK):
            block = np.zeros((min(BLOCK, self.frames - begin), 2), dtype=np.float32)
            for player in players:
                if player.plays_in(begin, begin + len(block)):
                    player.add_to(block, begin)
            yield begin, block

    def _speech(self, stop: Callable[[], bool]) -> Array:
        """Whether somebody speaks, for every 10 ms of the film."""
        heard: Array = np.zeros(self.frames // _TICK + 1, dtype=bool)
        players = self._players(lambda cue: cue.track == "dialogue")
        if not players or not any(cue.ducks() for cue in self._spec.cues):
            return heard
        for begin, block in self._blocks(players):
            if stop():
                raise _Stopped
            short = -len(block) % _TICK
            power = (
                np.square(np.pad(block, ((0, short), (0, 0)))).reshape(-1, _TICK * 2).mean(axis=1)
            )
            ticks = begin // _TICK
            heard[ticks : ticks + len(power)] |= power > _SPEECH_RMS**2
        return heard

    def _summed(self) -> Iterator[Samples]:
        plain = self._blocks(self._players(lambda cue: not cue.ducks()))
        ducked = self._blocks(self._players(Cue.ducks))
        for (begin, block), (_, under) in zip(plain, ducked, strict=True):
            if under.any():
                block += under * self._duck_gain(begin, len(block))[:, None]
            yield block

    def _duck_gain(self, begin: int, count: int) -> Samples:
        place = (begin + np.arange(count)) / _TICK
        return np.interp(place, np.arange(len(self._duck)), self._duck).astype(np.float32)

    def _levelled(
        self,
        scratch: IO[bytes],
        level: Levelling,
        tell: Callable[[float], None],
        stop: Callable[[], bool],
    ) -> Iterator[Samples]:
        centres = np.arange(len(level.curve)) * CHUNK + CHUNK / 2
        for begin in range(0, self.frames, BLOCK):
            if stop():
                raise _Stopped
            count = min(BLOCK, self.frames - begin)
            block = np.frombuffer(scratch.read(count * 8), dtype=np.float32).reshape(-1, 2)
            low, high = max(0, begin // CHUNK - 2), (begin + count) // CHUNK + 3
            place = np.arange(begin, begin + count)
            curve = np.interp(place, centres[low:high], level.curve[low:high])
            yield block * (curve * level.gain).astype(np.float32)[:, None]
            tell(0.8 + 0.2 * (begin + count) / self.frames)
        if self.frames == 0:
            yield np.zeros((0, 2), dtype=np.float32)

    def _facts(self, level: Levelling, speech: Array) -> MixFacts:
        lowest = float(level.curve.min(initial=1.0))
        return MixFacts(
            seconds=self.frames / RATE_HZ,
            frames=self.frames,
            lufs=level.lufs,
            gain_db=20 * float(np.log10(level.gain)),
            limited_db=-20 * float(np.log10(lowest)),
            ducked_s=float(speech.sum()) / 100,
        )


def _source(cue: Cue, index: int, scratch: Path) -> Source:
    if not isinstance(cue.source, str | os.PathLike):
        return cue.source
    path = Path(cue.source)
    if not path.is_file():
        raise MediaError(
            f"The sound {path.name} is not there.",
            remedy="Evaluate the node that makes it again, or choose another file.",
        )
    if is_native(path):
        return FileSource(path=path)
    return FileSource(path=conformed(path, scratch / f"cue{index}.wav"))


def _duck_curve(speech: Array) -> Array:
    """Linear gain per 10 ms: down before speech begins, up some time after it ends."""
    if not speech.any():
        return np.ones(len(speech) + 1)
    lead, hold = _LEAD_TICKS + _GLIDE_TICKS, _HOLD_TICKS + _GLIDE_TICKS
    padded = np.pad(speech.astype(float), (hold, lead))
    counts = np.concatenate([[0.0], np.cumsum(padded)])
    near = (counts[lead + hold + 1 :] - counts[: -(lead + hold + 1)]) > 0
    kernel = np.hanning(2 * _GLIDE_TICKS + 3)[1:-1]
    smooth = np.convolve(np.pad(near, _GLIDE_TICKS, mode="edge"), kernel / kernel.sum(), "valid")
    curve: Array = 10 ** (DUCK_DB * np.append(smooth, smooth[-1]) / 20)
    return curve
