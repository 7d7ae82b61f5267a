# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip as the film needs it: packets where it fits, frames where it does not.

The one idea: a film frame's picture is the last one its clip shows by the middle of that
frame.  A clip of the film's own rate gives its frames one to one, any other is converted
by time, and one that ends early holds its last picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from ....core.errors import MediaError
from .picture import Picture, fit
from .units import annexb, avcc_parameters

__all__ = ["Format", "Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What the film is made of.  ``parameters`` are the encoder's SPS and PPS."""

    width: int
    height: int
    rate: Fraction
    parameters: frozenset[bytes]


class Source:
    """One open clip.  Owned by the film being written; ``close`` it."""

    def __init__(self, path: Path, form: Format, *, name: str, where: str) -> None:
        self._path, self._form, self._name, self._where = path, form, name, where
        try:
            self._file: Any = av.open(str(path))
        except FileNotFoundError as error:
            raise self._broken("is missing") from error
        except (OSError, ValueError) as error:
            raise self._broken(f"could not be opened ({error})") from error
        if not self._file.streams.video:
            self._file.close()
            raise self._broken("holds no picture")
        self._stream: Any = self._file.streams.video[0]
        self._keys = self._fitting_keys()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @property
    def fits(self) -> bool:
        """Whether its packets can be copied."""
        return bool(self._keys)

    @property
    def held(self) -> int:
        """Frames that can be copied; 0 where it does not fit."""
        return len(self._keys)

    def entry(self, first: int) -> int:
        """The first frame from ``first`` on where copying can begin; ``held`` when there is none."""
        for index in range(first, self.held):
            if self._keys[index]:
                return index
        return self.held

    def packets(self, first: int, count: int) -> Iterator[tuple[bytes, bool]]:
        """``count`` coded frames (Annex B, whether it is an entry point) from an entry point on."""
        step = self._tick
        self._seek(first * step)
        left = count
        for packet in self._demuxed():
            if packet.dts is None or packet.dts < self._begin + first * step:
                continue
            try:
                data = annexb(bytes(packet))
            except ValueError as error:
                raise self._broken("breaks off") from error
            yield data, packet.is_keyframe
            left -= 1
            if not left:
                return
        raise self._broken("breaks off")

    def pictures(self, first: int, count: int) -> Iterator[Picture]:
        """The pictures of frames ``first`` to ``first + count - 1``, at the film's rate and size."""
        rate = self._form.rate
        ahead = self._decoded(Fraction(first) / rate)
        shown = next(ahead, None)
        if shown is None:
            raise self._broken("holds no picture that can be decoded")
        coming = next(ahead, None)
        made: Picture | None = None
        for index in range(first, first + count):
            due = (index + Fraction(1, 2)) / rate
            while coming is not None and coming[0] <= due:
                shown, coming, made = coming, next(ahead, None), None
            if made is None:
                made = fit(shown[1], self._form.width, self._form.height, self._pixel)
            yield made

    @property
    def _pixel(self) -> Fraction:
        return Fraction(self._stream.sample_aspect_ratio or 1)

    @property
    def _begin(self) -> int:
        return int(self._stream.start_time or 0)

    @property
    def _tick(self) -> int:
        """Time-base units of one film frame; exact where the clip fits."""
        return int(1 / (self._form.rate * self._stream.time_base))

    def _fitting_keys(self) -> tuple[bool, ...]:
        """For each frame whether it is an entry point; empty when the clip does not fit."""
        context, form = self._stream.codec_context, self._form
        if (context.name, context.width, context.height) != ("h264", form.width, form.height):
            return ()
        if not form.parameters or avcc_parameters(context.extradata) != form.parameters:
            return ()
        if (1 / (form.rate * self._stream.time_base)).denominator != 1:
            return ()
        entries = list(self._stream.index_entries)
        steady = all(
            entry.timestamp == entries[0].timestamp + index * self._tick
            for index, entry in enumerate(entries)
        )
        if not entries or not steady or not entries[0].is_keyframe:
            return ()
        return tuple(entry.is_keyframe for entry in entries)

    def _seek(self, offset: int) -> None:
        self._file.seek(self._begin + offset, stream=self._stream, backward=True)

    def _demuxed(self) -> Iterator[Any]:
        try:
            yield from self._file.demux(self._stream)
        except ValueError as error:
            raise self._broken(f"is damaged ({error})") from error

    def _decoded(self, since: Fraction) -> Iterator[tuple[Fraction, av.VideoFrame]]:
        """(seconds from the clip's start, frame) from the entry point before ``since`` on."""
        base = self._stream.time_base
        self._seek(int(since / base))
        last = Fraction(-1)
        try:
            for frame in self._file.decode(self._stream):
                known = frame.pts is not None
                last = (frame.pts - self._begin) * base if known else last + 1 / self._form.rate
                yield last, frame
        except ValueError as error:
            raise self._broken(f"is damaged ({error})") from error

    def _broken(self, what: str) -> MediaError:
        return MediaError(
            f"The clip of {self._name} ({self._path.name}) {what}.",
            remedy="Evaluate the shot again with Force, or choose another file on its node.",
            where=self._where,
        )
