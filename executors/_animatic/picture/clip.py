# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames into an H.264 file whose bytes depend on the frames alone.

The one idea: one encoder setting per quality and size, no B-frames, closed groups of
pictures and no clock anywhere, so that clips can be joined by copying streams and the same
shot is the same file.  What the frames show is decided in ``film.py``.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from ....core.edit import frame_rate
from ....core.errors import InputError, MediaError, StorageFull, StoreError
from .planes import Planes

# preset, constant rate factor (lower is better), chosen by eye and clock at 720p
QUALITIES = {
    "draft": ("ultrafast", "26"),
    "standard": ("ultrafast", "20"),
    "final": ("veryfast", "16"),
}
SOUND_RATE = 48_000  # samples a second
TIMESCALE = 12_288  # ticks a second in the mp4: whole for 24, 48 and 32 fps
KEYFRAME_EVERY = 12  # frames: a film is cut by copying, and re-encodes at most this much per cut


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """What was written."""

    frames: int
    fps: float
    width: int
    height: int
    seconds: float
    codec: str
    warnings: tuple[str, ...] = ()


def encoder_options(quality: str) -> dict[str, str]:
    """What libx264 is given for ``quality``: the one setting every clip and film is made with.

    Raises:
        InputError: there is no such quality.
    """
    try:
        preset, rate = QUALITIES[quality]
    except KeyError:
        raise InputError(
            f"There is no quality {quality!r}.", remedy=f"Use one of {', '.join(QUALITIES)}."
        ) from None
    return {
        "preset": preset,
        "crf": rate,
        "x264-params": (
            f"threads=1:lookahead-threads=1:sliced-threads=0:bframes=0:scenecut=0:open-gop=0:"
            f"keyint={KEYFRAME_EVERY}:min-keyint=1:force-cfr=1:rc-lookahead=0:sync-lookahead=0:mbtree=0:"
            "colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=off"
        ),
        "forced-idr": "1",
        "flags": "+bitexact+cgop",
    }


def _timescale(rate: Fraction) -> int:
    """Ticks a second in which every frame of this rate lasts a whole number."""
    if rate.denominator != 1:
        return rate.numerator
    return TIMESCALE if TIMESCALE % rate.numerator == 0 else TIMESCALE * rate.numerator


class ClipWriter:
    """One file being written; leaves nothing behind unless ``finish`` is reached."""

    def __init__(
        self, path: Path, width: int, height: int, fps: float, quality: str, audio: Path | None
    ) -> None:
        rate = frame_rate(fps)
        self.path = path
        self.part = path.with_name(f".{path.name}.part")
        self.size = (width, height)
        self.count = 0
        options = encoder_options(quality)
        if not path.parent.is_dir():
            raise StoreError(
                f"There is no folder {path.parent.name} to put {path.name} in.",
                remedy="Create the output folder, or choose another.",
            )
        try:
            self.file: Any = av.open(
                str(self.part),
                "w",
                format="mp4",
                options={
                    "movflags": "+faststart",
                    "fflags": "+bitexact",
                    "video_track_timescale": str(_timescale(rate)),
                },
            )
        except OSError as error:
            raise _unwritten(path, error) from error
        self.stream = self.file.add_stream("libx264", rate=rate, options=options)
        self.stream.width, self.stream.height, self.stream.pix_fmt = width, height, "yuv420p"
        context = self.stream.codec_context
        context.thread_count = 1
        context.gop_size = KEYFRAME_EVERY
        context.time_base = 1 / rate
        context.color_range, context.colorspace = 1, 1
        context.color_primaries, context.color_trc = 1, 1
        self.sound = _Sound(self.file, audio) if audio is not None else None

    def add(self, planes: Planes, key: bool) -> None:
        """Encode one frame."""
        frame = av.VideoFrame(*self.size, "yuv420p")
        for plane, source in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
            rows[: source.shape[0], : source.shape[1]] = source
        frame.pts = self.count
        frame.pict_type = PictureType.I if key else PictureType.NONE
        self.count += 1
        for packet in self.stream.encode(frame):
            self.file.mux(packet)
        if self.sound is not None:
            self.sound.upto(float(self.count * self.stream.codec_context.time_base))

    def finish(self, seconds: float) -> None:
        """Write what is left and put the file in its place."""
        for packet in self.stream.encode(None):
            self.file.mux(packet)
        if self.sound is not None:
            self.sound.finish(seconds)
        self.file.close()
        self.part.replace(self.path)

    def drop(self) -> None:
        """Close and remove what was written so far."""
        with contextlib.suppress(Exception):
            self.file.close()
        self.part.unlink(missing_ok=True)


class _Sound:
    """A shot's scratch dialogue as AAC beside the picture."""

    def __init__(self, file: Any, source: Path) -> None:
        self.file = file
        self.source = source
        self.heard = 0  # samples
        self.frames = self._decoded()
        self.stream = file.add_stream("aac", rate=SOUND_RATE)
        self.stream.codec_context.layout = "stereo"
        self.stream.codec_context.bit_rate = 160_000
        self.stream.codec_context.options = {"flags": "+bitexact"}

    def upto(self, seconds: float) -> None:
        """Copy the recording up to ``seconds`` (whole AAC frames, so that streams interleave)."""
        while self.heard < round(seconds * SOUND_RATE):
            frame = next(self.frames, None)
            if frame is None:
                return
            self.heard += frame.samples
            self._encode(frame)

    def finish(self, seconds: float) -> None:
        """Copy the rest, at most to ``seconds``."""
        self.upto(seconds)
        self._encode(None)

    def _decoded(self) -> Iterator[Any]:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
        try:
            with av.open(str(self.source)) as wave:
                for heard in wave.decode(audio=0):
                    yield from resampler.resample(heard)
        except (OSError, IndexError) as error:
            raise MediaError(
                f"The recording {self.source.name} could not be read: {error}.",
                remedy="Give a WAV file, or remove the sound from this shot.",
            ) from error

    def _encode(self, frame: Any) -> None:
        for packet in self.stream.encode(frame):
            self.file.mux(packet)


def _unwritten(path: Path, error: OSError) -> StoreError:
    if error.errno == errno.ENOSPC:
        return StorageFull(
            f"There is no room left for {path.name}.", remedy="Free some space and run it again."
        )
    return StoreError(
        f"{path.name} could not be written: {error.strerror or error}.",
        remedy="Check that the output folder exists, is writable and has room.",
    )


def write_clip(
    writer: ClipWriter,
    pictures: Iterable[Planes],
    total: int,
    fps: float,
    keyframes: frozenset[int],
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> bool:
    """Encode every picture; False when cancelled (no file is left).  Progress is 0–1."""
    done = False
    try:
        for index, planes in enumerate(pictures):
            if cancelled():
                return False
            writer.add(planes, index == 0 or index in keyframes)
            progress((index + 1) / total)
        writer.finish(float(total / frame_rate(fps)))
        done = True
    except OSError as error:
        raise _unwritten(writer.path, error) from error
    finally:
        if not done:
            writer.drop()
    return True
