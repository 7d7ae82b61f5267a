# SPDX-License-Identifier: GPL-3.0-or-later
"""The film file being written: coded frames and sound into one MP4, side by side.

The one idea: every frame gets its time from its place in the film, so copied and encoded
frames follow each other without a seam.  No clock and no random number gets in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from ....core.errors import MediaError, MissingLibrary
from ..picture.clip import encoder_options
from .picture import Picture
from .units import annexb_parameters

__all__ = ["SOUND_RATE", "FilmFile", "encoder"]

SOUND_RATE = 48_000  # samples a second
_AAC_FRAME = 1024  # samples
_AAC_BITS = 192_000  # a second
#: The clock of the picture track ticks at least this often a second, as MP4 players expect.
_TICKS = 10_000


def encoder(width: int, height: int, rate: Fraction, quality: str) -> Any:
    """A fresh H.264 encoder with the setting of every clip; opened.

    Raises:
        MissingLibrary: FFmpeg was built without x264.
        MediaError: it refuses this size.
    """
    try:
        context: Any = av.CodecContext.create("libx264", "w")
    except ValueError as error:
        raise MissingLibrary(
            "The H.264 encoder is missing from the installed PyAV.",
            remedy="Install PyAV from its own wheel: pip install --force-reinstall av.",
        ) from error
    configure(context, width, height, rate, quality)
    try:
        context.open()
    except (OSError, ValueError) as error:
        raise MediaError(
            f"A film of {width} by {height} pixels cannot be encoded ({error}).",
            remedy="Choose another resolution on the Project node.",
        ) from error
    return context


def configure(context: Any, width: int, height: int, rate: Fraction, quality: str) -> None:
    """Set an encoder up as the clips' encoder is, with its header apart from the frames."""
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate, context.time_base = rate, 1 / rate
    context.thread_count = 1
    context.color_range, context.colorspace = 1, 1
    context.color_primaries, context.color_trc = 1, 1
    options = encoder_options(quality)
    context.options = {**options, "flags": options["flags"] + "+global_header"}


class FilmFile:
    """One film being written at ``path``; what is there is removed unless ``finish`` is reached."""

    def __init__(
        self, path: Path, width: int, height: int, rate: Fraction, quality: str, mix: Path | None
    ) -> None:
        self.path, self.rate, self.count = path, rate, 0
        self._how = (width, height, rate, quality)
        self._running: Any = None
        self._key = False
        ticks = rate.numerator * max(1, -(-_TICKS // rate.numerator))
        self._file: Any = av.open(
            str(path),
            "w",
            format="mp4",
            options={
                "movflags": "+faststart",
                "fflags": "+bitexact",
                "video_track_timescale": str(ticks),
            },
        )
        self._stream = self._file.add_stream("libx264", rate=rate)
        configure(self._stream.codec_context, *self._how)
        self._sound = _Sound(self._file, mix) if mix is not None else None

    @property
    def parameters(self) -> frozenset[bytes]:
        """SPS and PPS of every frame in the file."""
        probe = encoder(*self._how)
        return annexb_parameters(probe.extradata)

    def copy(self, packets: Iterable[tuple[bytes, bool]]) -> Iterator[int]:
        """Put coded frames in as they are, the first an entry point; counts them."""
        self._rest()
        for data, key in packets:
            self._put(data, key)
            yield self.count

    def encode(self, pictures: Iterable[Picture]) -> Iterator[int]:
        """Encode pictures in; counts frames put in.  Copying may follow at any time."""
        width, height = self._how[:2]
        for picture in pictures:
            first = self._running is None
            if first:
                self._running = encoder(*self._how)
                self._fed = 0
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            assert (frame.width, frame.height) == (width, height)
            frame.pts, frame.time_base = self._fed, 1 / self.rate
            frame.pict_type = PictureType.I if first else PictureType.NONE
            self._fed += 1
            self._drain(frame)
            yield self.count

    def finish(self, frames: int) -> None:
        """Write what is left and check that the file holds ``frames`` frames.

        Raises:
            MediaError: it does not.
        """
        self._rest()
        if self._sound is not None:
            self._sound.upto(Fraction(frames) / self.rate, last=True)
        self._file.close()
        with av.open(str(self.path)) as written:
            held = written.streams.video[0].frames
        if held != frames:
            raise MediaError(
                f"The film came out {held} frames long instead of {frames}.",
                remedy="Evaluate its shots again with Force.",
            )

    def drop(self) -> None:
        """Close and remove what was written so far."""
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _rest(self) -> None:
        """End the running encoder: what follows begins with an entry point."""
        if self._running is not None:
            self._drain(None)
            self._running = None

    def _drain(self, frame: av.VideoFrame | None) -> None:
        for packet in self._running.encode(frame):
            self._put(bytes(packet), packet.is_keyframe)

    def _put(self, data: bytes, key: bool) -> None:
        packet = av.Packet(data)
        packet.stream = self._stream
        packet.pts = packet.dts = self.count
        packet.duration = 1
        packet.time_base = 1 / self.rate
        packet.is_keyframe = key
        self._file.mux(packet)
        self.count += 1
        if self._sound is not None:
            self._sound.upto(Fraction(self.count) / self.rate)


class _Sound:
    """The mix as AAC beside the picture: cut or filled with silence to the film's length."""

    def __init__(self, file: Any, mix: Path) -> None:
        self._file = file
        self._mix = mix
        self._put = 0  # samples
        self._frames = self._heard()
        self._stream = file.add_stream("aac", rate=SOUND_RATE)
        self._stream.codec_context.layout = "stereo"
        self._stream.codec_context.bit_rate = _AAC_BITS
        # The fast search hears the same at this rate (SNR within 0.2 dB) and takes half the time.
        self._stream.codec_context.options = {"flags": "+bitexact", "aac_coder": "fast"}

    def upto(self, end: Fraction, *, last: bool = False) -> None:
        """Put sound in up to ``end`` seconds; whole AAC frames until the last call."""
        target = round(end * SOUND_RATE)
        while target - self._put >= _AAC_FRAME or (last and target > self._put):
            samples = next(self._frames)[:, : target - self._put]
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            frame.sample_rate = SOUND_RATE
            frame.pts, frame.time_base = self._put, Fraction(1, SOUND_RATE)
            self._put += samples.shape[1]
            self._file.mux(self._stream.encode(frame))
        if last:
            self._file.mux(self._stream.encode(None))

    def _heard(self) -> Iterator[Any]:
        """Blocks of one AAC frame, (2, 1024) float32; silence without end after the mix."""
        resampler = av.AudioResampler(
            format="fltp", layout="stereo", rate=SOUND_RATE, frame_size=_AAC_FRAME
        )
        try:
            with av.open(str(self._mix)) as file:
                for decoded in file.decode(audio=0):
                    for frame in resampler.resample(decoded):
                        yield frame.to_ndarray()
            for frame in resampler.resample(None):
                whole = np.zeros((2, _AAC_FRAME), np.float32)
                whole[:, : frame.samples] = frame.to_ndarray()
                yield whole
        except (OSError, ValueError, IndexError) as error:
            raise MediaError(
                f"The sound mix {self._mix.name} could not be read ({error}).",
                remedy="Evaluate again with Force.",
            ) from error
        while True:
            yield np.zeros((2, _AAC_FRAME), np.float32)
