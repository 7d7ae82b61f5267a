# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own recordings: any format FFmpeg reads, made into ours.

A recorded line comes back as a ``Spoken`` like a synthesised one, with mouth times taken
from its energy, so lips move on it too.  Files are the user's and may be anything: whatever
is wrong with one is a ``MediaError`` that names it.  Nothing here writes to the user's file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ....core.errors import MediaError
from .sound import RATE_HZ, Samples
from .speech import LEVEL_DB, Mark, Spoken
from .timbre import at_level, envelope
from .wav import write_wav

__all__ = ["conformed", "mouth_marks", "recorded_line"]

#: Longest recording taken, in seconds: four hours of music or ambience.
MOST_SECONDS = 4 * 3600.0

#: Longest recorded line, in seconds: it is held in memory whole.
MOST_LINE_SECONDS = 20 * 60.0

#: Most a quiet recording of a line is raised, dB: beyond that its noise would be heard.
_MOST_RAISE_DB = 15.0

_OPENING = {
    "protocol_whitelist": "file,crypto,data",
    "format_whitelist": "wav,w64,aiff,flac,mp3,ogg,aac,mov,matroska,webm,avi,mpegts,caf,amr,wv,asf,opus,ac3",
}
_REMEDY = "Choose another file on the node (wav, flac, mp3, m4a and ogg are read)."
_MARK_SECONDS = 0.04  # one picture at 25 fps: lips need no finer


def conformed(path: str | os.PathLike[str], out: Path) -> Path:
    """Write the recording to ``out`` as a 48 kHz, 16-bit stereo WAV, block by block.

    Raises:
        MediaError: The file is missing, holds no sound, is broken or is over four hours long.
        StoreError: ``out`` cannot be written.
    """
    write_wav(out, _decoded(Path(path), MOST_SECONDS))
    return out


def recorded_line(path: str | os.PathLike[str]) -> Spoken:
    """The recording as a line: mono, at the level of synthesised speech, with mouth times.

    Phonemes are "a" (wide open), "@" (a little) and "_" (closed), by loudness alone.

    Raises:
        MediaError: As ``conformed``, or the line is silent or longer than twenty minutes.
    """
    name = Path(path)
    pieces = [block.mean(axis=1) for block in _decoded(name, MOST_LINE_SECONDS)]
    samples = np.concatenate(pieces).astype(np.float32)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < 1e-4:
        raise MediaError(f"The recording {name.name} is silent.", remedy=_REMEDY)
    loudest = envelope(samples, frame=960, smooth=1).max()
    wanted = min(LEVEL_DB, 20 * float(np.log10(loudest)) - 4.0 + _MOST_RAISE_DB)
    samples = at_level(samples, wanted)
    return Spoken(
        samples=samples,
        marks=mouth_marks(samples),
        words=(),
        seconds=len(samples) / RATE_HZ,
    )


def mouth_marks(samples: Samples) -> tuple[Mark, ...]:
    """When a mouth opens and closes for ``samples`` (mono), from how loud they are."""
    levels = envelope(samples, frame=round(_MARK_SECONDS * RATE_HZ), smooth=1)
    speaking = np.sort(levels)[int(len(levels) * 0.9) :]
    usual = float(speaking.mean()) if len(speaking) else 0.0
    names = np.select([levels > 0.45 * usual, levels > 0.12 * usual], ["a", "@"], "_")
    marks = [Mark(seconds=0.0, phoneme="_")]
    for index, name in enumerate(names if usual > 0 else ()):
        if str(name) != marks[-1].phoneme:
            marks.append(Mark(seconds=index * _MARK_SECONDS, phoneme=str(name)))
    if marks[-1].phoneme != "_":
        marks.append(Mark(seconds=len(samples) / RATE_HZ, phoneme="_"))
    return tuple(marks)


def _decoded(path: Path, most_seconds: float) -> Iterator[Samples]:
    """Blocks ``(n, 2)`` at 48 kHz; raises before yielding anything it cannot read."""
    if not path.is_file():
        raise MediaError(
            f"The recording {path.name} is not there.",
            remedy="Choose the file on the node again; it may have been moved or renamed.",
        )
    import av  # FFmpeg takes as long to load as all else here: only when it is needed

    count = 0
    try:
        # Only local files: a playlist may not make us open anything else.
        with av.open(str(path.resolve()), options=_OPENING) as container:
            resampler = av.AudioResampler(format="flt", layout="stereo", rate=RATE_HZ)
            for block in _resampled(container, resampler, path):
                count += len(block)
                if count > most_seconds * RATE_HZ:
                    raise MediaError(
                        f"The recording {path.name} is longer than {most_seconds / 60:.0f} minutes.",
                        remedy="Cut it to the part you need.",
                    )
                yield block
    except (av.FFmpegError, ValueError, OverflowError, MemoryError, OSError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise MediaError(
            f"The recording {path.name} could not be read ({why}).", remedy=_REMEDY
        ) from error
    if count == 0:
        raise MediaError(f"The recording {path.name} holds no sound.", remedy=_REMEDY)


def _resampled(container: Any, resampler: Any, path: Path) -> Iterator[Samples]:
    if not container.streams.audio:
        raise MediaError(f"{path.name} has no sound in it.", remedy=_REMEDY)
    for frame in container.decode(container.streams.audio[0]):
        for piece in resampler.resample(frame):
            yield _array(piece)
    for piece in resampler.resample(None):
        yield _array(piece)


def _array(frame: Any) -> Samples:
    values = np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1, 2)
    return np.nan_to_num(np.clip(values, -1.0, 1.0), nan=0.0)
