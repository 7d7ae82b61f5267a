# SPDX-License-Identifier: GPL-3.0-or-later
"""Finals under the name people expect: ``film.mp4`` is always the newest take.

The take stays in its folder; the published file is another link to it, or a copy
where links cannot be had.  A file of that name that is not ours is set aside.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..digest import file_digest
from ..step import Artifact, Place
from .files import move_in, put, translated
from .index import Index
from .names import safe_name, safe_suffix

__all__ = ["publish", "published_path"]

log = logging.getLogger(__name__)


def published_path(root: Path, place: Place) -> Path:
    """Where a final of this place is shown."""
    return root / (safe_name(place.stem) + safe_suffix(place.suffix))


def publish(root: Path, own: Path, place: Place, artifact: Artifact, index: Index) -> Path:
    """Show ``artifact``; does nothing when it is shown already.

    Raises:
        StoreError: it cannot be written.
    """
    target = published_path(root, place)
    with translated(target):
        if os.path.lexists(target):
            if _shows(target, artifact, index):
                return target
            if not _ours(target, index, root):
                _set_aside(target)
        put(artifact.path, target, own)
        look = target.stat()
    index.note_published(target.name, look.st_size, look.st_mtime_ns)
    return target


def _shows(target: Path, artifact: Artifact, index: Index) -> bool:
    """Whether the published file is this very artifact, by link or by what was noted."""
    look = target.stat()
    if target.samefile(artifact.path):
        return True
    same = (look.st_size, look.st_mtime_ns)
    return same == index.published.get(target.name) and same == (
        artifact.bytes,
        artifact.path.stat().st_mtime_ns,
    )


def _ours(target: Path, index: Index, root: Path) -> bool:
    """Whether the file is one we put there, unchanged, and may be replaced."""
    look = target.stat()
    if index.published.get(target.name) == (look.st_size, look.st_mtime_ns):
        return True
    finals = [row for row in index.rows.values() if row.final and row.bytes == look.st_size]
    if any(_same_file(target, root / row.path) for row in finals):
        return True
    return bool(finals) and file_digest(target) in {row.content for row in finals}


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _set_aside(target: Path) -> None:
    """Give a user's own file a name beside: ``film_kept_001.mp4``."""
    number = 1
    while not move_in(target, kept := target.with_name(_kept_name(target, number))):
        number += 1
    log.warning("%s was not made here: kept as %s", target, kept.name)


def _kept_name(target: Path, number: int) -> str:
    return f"{target.stem}_kept_{number:03}{target.suffix}"
