# SPDX-License-Identifier: GPL-3.0-or-later
"""How a finished film leaves the house: edit list, subtitles, storyboard.

Each writer takes the cut and the artifacts it draws on and writes one file; ``WRITERS``
names them by the kind of step they do.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.executor import Writer
from ..core.step import OTIO, STORYBOARD, SUBTITLES, Kind
from .otio import write_otio
from .storyboard import write_storyboard
from .subtitles import write_subtitles

__all__ = ["WRITERS", "write_otio", "write_storyboard", "write_subtitles"]

#: The writers by kind of step.
WRITERS: Mapping[Kind, Writer] = {
    OTIO: write_otio,
    SUBTITLES: write_subtitles,
    STORYBOARD: write_storyboard,
}
