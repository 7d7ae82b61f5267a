# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of recordings as one thing: which files count, and what they hold together.

Names count only in so far as they say what is a sound; what is hidden, or lies in folders inside,
does not count.
"""

from __future__ import annotations

import errno
from pathlib import Path

__all__ = ["MOST_FILES", "recordings_in"]

#: Files that are taken for sounds by their names.
_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff"})
#: Beyond, it is a library of sounds and not somebody's voice.
MOST_FILES = 2000


def recordings_in(folder: Path) -> tuple[Path, ...]:
    """The sounds in a folder, by name.

    Raises:
        OSError: it is no folder, cannot be read, or holds none, or more than ``MOST_FILES``.
    """
    found = sorted(
        each
        for each in folder.iterdir()
        if each.suffix.lower() in _SUFFIXES and not each.name.startswith(".") and each.is_file()
    )
    if not found:
        raise OSError(errno.ENOENT, "it holds no recordings")
    if len(found) > MOST_FILES:
        raise OSError(errno.EFBIG, f"it holds more than {MOST_FILES} recordings")
    return tuple(found)
