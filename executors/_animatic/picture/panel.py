# SPDX-License-Identifier: GPL-3.0-or-later
"""Single pictures as PNG or JPEG files."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from ....core.errors import InputError, StoreError

_CODECS = {".png": ("png", "rgb24"), ".jpg": ("mjpeg", "yuvj444p"), ".jpeg": ("mjpeg", "yuvj444p")}


def write_still(array: NDArray[np.uint8], path: Path) -> None:
    """Write (height, width, 3) sRGB bytes as PNG or JPEG, as the suffix says.

    InputError for another suffix or shape, StoreError when the folder cannot be written.
    """
    if path.suffix.lower() not in _CODECS:
        raise InputError(
            f"{path.name} is neither PNG nor JPEG.", remedy="End the name with .png or .jpg."
        )
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8:
        raise InputError(
            f"The picture has shape {array.shape} and type {array.dtype}.",
            remedy="Give bytes of shape (height, width, 3).",
        )
    codec, pixels = _CODECS[path.suffix.lower()]
    height, width = array.shape[:2]
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = width, height, pixels  # type: ignore[attr-defined]
    context.time_base = Fraction(1)
    context.thread_count = 1
    if codec == "mjpeg":
        context.options = {"qmin": "2", "qmax": "2", "flags": "+bitexact"}
        context.color_range = 2  # type: ignore[attr-defined]
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array), format="rgb24")
    packets = [*context.encode(frame.reformat(format=pixels)), *context.encode(None)]  # type: ignore[attr-defined]
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(b"".join(bytes(packet) for packet in packets))
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreError(
            f"{path.name} could not be written: {error.strerror or error}.",
            remedy="Check that the folder exists, is writable and has room.",
        ) from error
