# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture a shot begins with, dissolving into the drawn shot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .camera import ease
from .footage import filled
from .planes import Planes, opaque

SECONDS = 0.6


class Arrival:
    """A start image at the frame's size.  MediaError when it cannot be used."""

    def __init__(self, path: str, width: int, height: int) -> None:
        image = filled(path, width, height)
        self.image = opaque(np.ascontiguousarray(image.transpose(2, 0, 1)))

    def draw(self, frame: Planes, scratch: NDArray[np.uint16], seconds: float) -> None:
        """Mix the image into the frame: all of it at first, none after ``SECONDS``."""
        share = round((1 - ease(seconds / SECONDS)) * 256)
        if share <= 0:
            return
        pairs = ((frame.y, self.image.y), (frame.u, self.image.u), (frame.v, self.image.v))
        for under, over in pairs:
            space = scratch[: under.shape[0], : under.shape[1]]
            np.multiply(under, np.uint16(256 - share), out=space, dtype=np.uint16)
            space += over.astype(np.uint16) * np.uint16(share)
            np.right_shift(space, 8, out=space)
            np.copyto(under, space, casting="unsafe")
