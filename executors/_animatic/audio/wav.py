# SPDX-License-Identifier: GPL-3.0-or-later
"""48 kHz, 16-bit WAV files: written and read in blocks, the same bytes for the same sound.

Rounding is plain (to nearest, ties to even): noise added to hide it would have to be
seeded per file and is 96 dB down either way.  Other formats are in ``recording.py``.
"""

from __future__ import annotations

import errno
import os
import wave
from collections.abc import Iterable, Iterator

import numpy as np

from ....core.errors import MediaError, StorageFull, StoreError
from .sound import BLOCK, RATE_HZ, Samples

__all__ = ["is_native", "read_blocks", "read_mono", "wav_frames", "write_wav"]

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def write_wav(path: str | os.PathLike[str], blocks: Iterable[Samples] | Samples) -> int:
    """Write ``blocks`` (``(n,)`` or ``(n, 2)`` each) and return the samples a channel written.

    Samples beyond ±1 are clipped.  On any failure no file is left.

    Raises:
        StorageFull: There is no room.
        StoreError: The file cannot be written.
    """
    name = os.fspath(path)
    pieces = iter([blocks] if isinstance(blocks, np.ndarray) else blocks)
    try:
        return _write(name, pieces)
    except OSError as error:
        _remove(name)
        raise unwritable(name, error) from error
    except BaseException:
        _remove(name)
        raise


def unwritable(name: str, error: OSError) -> StoreError:
    """The error that says why ``name`` could not be written."""
    if error.errno in _FULL:
        return StorageFull(
            f"There was no room to write {os.path.basename(name)}.",
            remedy="Free some space on that disk, or choose another output folder on the Project node.",
        )
    return StoreError(
        f"{os.path.basename(name)} could not be written ({error.strerror or error}).",
        remedy="Choose an output folder you may write to on the Project node.",
    )


def _write(name: str, pieces: Iterator[Samples]) -> int:
    first = next(pieces, np.zeros((0, 2), dtype=np.float32))
    written = 0
    with open(name, "wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(1 if first.ndim == 1 else first.shape[1])
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        piece: Samples | None = first
        while piece is not None:
            out.writeframesraw(_pcm(piece))
            written += len(piece)
            piece = next(pieces, None)
    return written


def _pcm(samples: Samples) -> bytes:
    scaled = np.rint(np.clip(samples, -1.0, 1.0) * np.float32(32767))
    return bytes(scaled.astype("<i2").data)


def _remove(name: str) -> None:
    if os.path.isfile(name):
        os.remove(name)


def is_native(path: str | os.PathLike[str]) -> bool:
    """Whether ``read_blocks`` can read it as it is: a 48 kHz, 16-bit WAV of one or two channels."""
    try:
        with wave.open(os.fspath(path), "rb") as file:
            return (
                file.getframerate() == RATE_HZ
                and file.getsampwidth() == 2
                and file.getnchannels() in (1, 2)
            )
    except (wave.Error, EOFError, OSError):
        return False


def wav_frames(path: str | os.PathLike[str]) -> int:
    """Samples a channel that the file says it has."""
    with wave.open(os.fspath(path), "rb") as file:
        return file.getnframes()


def read_blocks(path: str | os.PathLike[str], *, block: int = BLOCK) -> Iterator[Samples]:
    """The file's sound in blocks of ``(n,)`` or ``(n, 2)``.

    Raises:
        MediaError: The file is not what ``is_native`` asks for, or breaks off.
    """
    try:
        with wave.open(os.fspath(path), "rb") as file:
            channels = file.getnchannels()
            if file.getframerate() != RATE_HZ or file.getsampwidth() != 2 or channels > 2:
                raise MediaError(
                    f"{os.path.basename(path)} is not a 48 kHz, 16-bit sound.",
                    remedy="Convert it first, or choose the file on the node again.",
                )
            while data := file.readframes(block):
                whole = len(data) // (2 * channels) * channels
                samples = np.frombuffer(data, dtype="<i2", count=whole).astype(np.float32)
                samples *= np.float32(1 / 32767)
                yield samples if channels == 1 else samples.reshape(-1, channels)
    except (wave.Error, EOFError, OSError) as error:
        raise MediaError(
            f"The sound {os.path.basename(path)} could not be read ({error}).",
            remedy="Evaluate the node that makes it again, or choose another file.",
        ) from error


def read_mono(path: str | os.PathLike[str]) -> Samples:
    """The whole file as ``(n,)``, two channels averaged; for lines, which are short.

    Raises:
        MediaError: As ``read_blocks``.
    """
    blocks = [block if block.ndim == 1 else block.mean(axis=1) for block in read_blocks(path)]
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
