# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame as planar YUV 4:2:0 in one array, fitted and blended.

A picture is (height * 3 / 2, width) uint8, BT.709 limited range: luma, then both chroma
planes packed, as FFmpeg lays them out.  Integer arithmetic, the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from .stretches import FULL

__all__ = ["Picture", "black", "blend", "fit"]

Picture: TypeAlias = NDArray[np.uint8]

#: Rows above which unmarked footage is taken to be HD (BT.709), as players do.
_SD_ROWS = 576


def black(width: int, height: int) -> Picture:
    """A black picture."""
    picture: Picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = 16
    return picture


def blend(pictures: Sequence[Picture], weights: Sequence[int], under: Picture) -> Picture:
    """Pictures by weight (256ths); what is missing to one is ``under``."""
    total = under.astype(np.uint16)
    total *= np.uint16(max(0, FULL - sum(weights)))
    for picture, weight in zip(pictures, weights, strict=True):
        total += np.multiply(picture, np.uint16(weight), dtype=np.uint16)
    total += np.uint16(FULL // 2)
    total >>= 8
    return total.astype(np.uint8)


def fit(frame: av.VideoFrame, width: int, height: int, pixel: Fraction) -> Picture:
    """The frame as a picture of this size, as large as it fits, black around it.

    ``pixel`` is the width of one of the frame's pixels over its height.
    """
    same_size = (frame.width, frame.height) == (width, height)
    if same_size and frame.format.name == "yuv420p" and pixel == 1:
        return _pixels(frame)
    inner_width, inner_height = _inside(frame, width, height, pixel)
    sd = frame.colorspace == 2 and frame.height <= _SD_ROWS  # 2: unspecified
    scaled = frame.reformat(
        width=inner_width,
        height=inner_height,
        format="yuv420p",
        src_colorspace=Colorspace.ITU601 if sd or frame.colorspace in (5, 6) else Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC,
    )
    if (inner_width, inner_height) == (width, height):
        return _pixels(scaled)
    return _letterboxed(_pixels(scaled), inner_width, inner_height, width, height)


def _pixels(frame: av.VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(), dtype=np.uint8)


def _inside(frame: av.VideoFrame, width: int, height: int, pixel: Fraction) -> tuple[int, int]:
    """Even sides of the largest picture of the frame's shape inside this size."""
    aspect = Fraction(frame.width, frame.height) * pixel
    inner_height = min(height, round(width / aspect))
    inner_width = min(width, round(height * aspect))
    return max(2, inner_width // 2 * 2), max(2, inner_height // 2 * 2)


def _letterboxed(
    inner: Picture, inner_width: int, inner_height: int, width: int, height: int
) -> Picture:
    whole = black(width, height)
    left, top = (width - inner_width) // 4 * 2, (height - inner_height) // 4 * 2
    whole[top : top + inner_height, left : left + inner_width] = inner[:inner_height]
    for half in (0, 1):
        target = whole[height:].reshape(2, height // 2, width // 2)[half]
        source = inner[inner_height:].reshape(2, inner_height // 2, inner_width // 2)[half]
        rows, columns = source.shape
        target[top // 2 : top // 2 + rows, left // 2 : left // 2 + columns] = source
    return whole
