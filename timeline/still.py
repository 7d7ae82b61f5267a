# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture out of a clip, as a JPEG small enough to send.

The picture is the entry point nearest before the clip's middle: there the shot has found
its framing, and no other frame has to be decoded for it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from ..core.errors import MediaError

__all__ = ["still"]

#: JPEG quantiser, 1 (best) to 31.
_QUANTISER = 4


def still(clip: Path, width: int) -> tuple[bytes, int, int]:
    """A JPEG of at most ``width`` pixels across, and its size in pixels.

    Raises:
        MediaError: the clip cannot be read.
    """
    try:
        with av.open(str(clip)) as file:
            stream: Any = file.streams.video[0]
            if stream.duration:
                begin = stream.start_time or 0
                file.seek(begin + stream.duration // 2, stream=stream, backward=True)
            frame = next(file.decode(stream))
    except (OSError, ValueError, IndexError, StopIteration) as error:
        raise MediaError(
            f"No picture could be taken from {clip.name} ({error}).",
            remedy="Evaluate its shot again with Force.",
        ) from error
    return _jpeg(frame, width)


def _jpeg(frame: av.VideoFrame, width: int) -> tuple[bytes, int, int]:
    across = min(width, frame.width) // 2 * 2
    down = max(2, round(frame.height * across / frame.width / 2) * 2)
    scaled = frame.reformat(
        width=across,
        height=down,
        format="yuvj420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU601,  # what JPEG readers expect
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
    )
    context: Any = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt = across, down, "yuvj420p"
    context.time_base = Fraction(1, 25)
    context.options = {"flags": "+bitexact+qscale", "global_quality": str(118 * _QUANTISER)}
    scaled.pts = 0
    data = b"".join(bytes(packet) for packet in [*context.encode(scaled), *context.encode(None)])
    return data, across, down
