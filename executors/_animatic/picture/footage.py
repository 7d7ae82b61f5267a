# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own pictures and clips: opened with care, brought to the film's size and pace.

The one idea: size is checked before anything is decoded, and whatever a file does wrong
becomes one error that says what to do.  How it moves and is lettered is in ``film.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from ....core.errors import MediaError
from .planes import Planes
from .raster import Bytes
from .spec import ShotPicture

LONGEST = 16_384  # pixels a side
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
#: Files that name other files or addresses (playlists, lists to join) are not opened.
_OPENING = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,gif,apng,image2,"
    "png_pipe,jpeg_pipe,webp_pipe,tiff_pipe,bmp_pipe,mxf,asf,dv,h264,hevc,ivf,wav,mp3,aac,flac",
}
_REMEDY = "Use a PNG, JPEG, WebP or TIFF picture, or an MP4, MOV or WebM clip; or clear the field to have the shot drawn."


def is_clip(path: str) -> bool:
    """Whether a path is to be treated as a clip (anything that is no known picture)."""
    return Path(path).suffix.lower() not in PICTURES


@contextmanager
def _opened(path: str) -> Iterator[tuple[Any, Any]]:
    """The file and its first picture stream, its size already checked."""
    file = Path(path)
    if not file.is_file():
        raise MediaError(f"{file.name} is not there.", remedy=f"Check the path. {_REMEDY}")
    try:
        with av.open(str(file), metadata_errors="ignore", options=_OPENING) as container:
            if not container.streams.video:
                raise MediaError(f"{file.name} holds no picture.", remedy=_REMEDY)
            stream = container.streams.video[0]
            _check_size(file.name, stream.codec_context.width, stream.codec_context.height)
            yield container, stream
    except (av.error.FFmpegError, OSError, ValueError, EOFError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"{file.name} could not be read: {why}.", remedy=_REMEDY) from error


def _check_size(name: str, width: int, height: int) -> None:
    if not width or not height:
        raise MediaError(f"{name} could not be read: it is broken.", remedy=_REMEDY)
    if not 0 < width <= LONGEST or not 0 < height <= LONGEST:
        raise MediaError(
            f"{name} is {width} × {height} pixels.",
            remedy=f"Use a picture of at most {LONGEST} pixels a side.",
        )


def cutout(path: str) -> Bytes:
    """A picture as (height, width, 4) sRGB bytes with its own transparency, not premultiplied.

    Sides above 2048 pixels are brought down to that: no frame shows more of a person.
    """
    with _opened(path) as (container, stream):
        for frame in container.decode(stream):
            shrink = min(1.0, 2048 / max(frame.width, frame.height))
            width, height = (max(1, round(n * shrink)) for n in (frame.width, frame.height))
            sized = frame.reformat(width=width, height=height, format="rgba", interpolation="AREA")
            return _upright(np.asarray(sized.to_ndarray(), dtype=np.uint8), frame)
    raise MediaError(f"{Path(path).name} holds no picture.", remedy=_REMEDY)


def picture_of(path: str) -> Bytes:
    """A picture as (height, width, 3) sRGB bytes, transparency laid on mid grey."""
    with _opened(path) as (container, stream):
        for frame in container.decode(stream):
            rgba = _upright(frame.to_ndarray(format="rgba"), frame)
            break
        else:
            raise MediaError(f"{Path(path).name} holds no picture.", remedy=_REMEDY)
    alpha = rgba[:, :, 3:].astype(np.uint16)
    if int(alpha.min()) == 255:
        return np.ascontiguousarray(rgba[:, :, :3])
    laid: Bytes = ((rgba[:, :, :3] * alpha + np.uint16(96) * (255 - alpha)) // 255).astype(np.uint8)
    return laid


def filled(path: str, width: int, height: int) -> Bytes:
    """A picture scaled and cropped to fill a size, as (height, width, 3) bytes."""
    image = picture_of(path)
    tall, wide = image.shape[:2]
    scale = max(width / wide, height / tall)
    cut_w, cut_h = max(1, min(wide, round(width / scale))), max(1, min(tall, round(height / scale)))
    # Heads are nearer the top than the foot: keep a little more of the top.
    x, y = (wide - cut_w) // 2, (tall - cut_h) * 2 // 5
    part = np.ascontiguousarray(image[y : y + cut_h, x : x + cut_w])
    frame = av.VideoFrame.from_ndarray(part, format="rgb24")
    sized = frame.reformat(
        width=width, height=height, format="rgb24", interpolation="AREA" if scale < 1 else "BICUBIC"
    )
    return np.asarray(sized.to_ndarray(), dtype=np.uint8)


def conformed(picture: ShotPicture) -> Iterator[Planes]:
    """A clip at the film's size (letterboxed), pace and length (cut, or its last frame held)."""
    made: Planes | None = None
    index = 0
    for at, frame in _shown((picture.media, *picture.more_media), 1 / picture.fps):
        # Show the frame before until this one's time has come.
        while made is not None and index < picture.frames and index / picture.fps < at - 1e-6:
            yield made
            index += 1
        if index >= picture.frames:
            return
        made = _boxed(frame, picture.width, picture.height)
    if made is None:
        raise MediaError(f"{Path(picture.media).name} holds no picture.", remedy=_REMEDY)
    while index < picture.frames:
        yield made
        index += 1


def form_of(path: str) -> tuple[int, int, float]:
    """A clip's width and height in pixels, held upright, and its frames a second (0.0: untold).

    MediaError when it cannot be used.
    """
    with _opened(path) as (container, stream):
        rate = float(stream.average_rate or 0)
        for frame in container.decode(stream):
            across, down = frame.width, frame.height
            return (down, across, rate) if _turns(frame) % 2 else (across, down, rate)
    raise MediaError(f"{Path(path).name} holds no picture.", remedy=_REMEDY)


def _shown(paths: Sequence[str], pace: float) -> Iterator[tuple[float, Any]]:
    """The frames of clips that go on from each other, with their seconds from the beginning.

    Each begins with the picture the one before ended with, which is shown once.  Frames without
    a time of their own are ``pace`` seconds apart.
    """
    begun = at = 0.0
    for number, path in enumerate(paths):
        start: float | None = None
        with _opened(path) as (container, stream):
            for index, frame in enumerate(container.decode(stream)):
                _check_size(Path(path).name, frame.width, frame.height)
                own = float(frame.time) if frame.time is not None else index * pace
                start = own if start is None else start
                at = begun + own - start
                if index or not number:
                    yield at, frame
        begun = at


def _turns(frame: Any) -> int:
    """Quarter turns to the left that set a picture upright, as its camera has noted."""
    return round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4


def _upright(image: Bytes, frame: Any) -> Bytes:
    """A picture (height, width, channels) as it was held when it was taken."""
    return np.ascontiguousarray(np.rot90(image, _turns(frame)))


def _boxed(frame: Any, width: int, height: int) -> Planes:
    turns = _turns(frame)
    across, down = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    scale = min(width / across, height / down)
    wide, tall = max(2, int(across * scale) & ~1), max(2, int(down * scale) & ~1)
    w, h = (tall, wide) if turns % 2 else (wide, tall)
    sized = frame.reformat(
        width=w, height=h, format="yuv420p", interpolation="BICUBIC",
        dst_colorspace="ITU709", dst_color_range="MPEG",
    )  # fmt: skip
    target = Planes.blank(width, height)
    x, y = (width - wide) // 2 & ~1, (height - tall) // 2 & ~1
    for plane, source, small in zip(
        (target.y, target.u, target.v), sized.planes, (1, 2, 2), strict=True
    ):
        rows = np.frombuffer(source, np.uint8).reshape(-1, source.line_size)
        part = np.rot90(rows[: h // small, : w // small], turns)
        plane[y // small : (y + tall) // small, x // small : (x + wide) // small] = part
    return target


def last_frame(clip: Path) -> NDArray[np.uint8]:
    """The picture a clip ends with, as (height, width, 3) sRGB bytes."""
    with _opened(str(clip)) as (container, stream):
        last = None
        # Entry points are close together: a second before the end is enough to decode from.
        end = stream.duration or 0
        container.seek(max(0, end - round(1 / stream.time_base)), stream=stream)
        for last in container.decode(stream):  # noqa: B007 - only the last one counts
            pass
        if last is None:
            raise MediaError(f"{clip.name} holds no picture.", remedy=_REMEDY)
        rgb: NDArray[np.uint8] = last.to_ndarray(format="rgb24")
        return rgb
