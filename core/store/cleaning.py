# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove what no film needs any more: never finals, never what is not ours."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from ..digest import Digest
from .files import remove, translated
from .index import Index, Row

__all__ = ["Cleaned", "clean_up"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What was removed, or would be: paths from the project's folder, and their bytes."""

    files: tuple[str, ...]
    bytes: int


def clean_up(root: Path, index: Index, keep: frozenset[Digest], *, dry_run: bool) -> Cleaned:
    """Remove what is neither final nor kept and lies there unchanged, with its sidecar.

    Raises:
        StoreError: a file cannot be removed.
    """
    chosen = [
        row
        for _, row in sorted(index.rows.items())
        if not row.final and row.intent not in keep and row.sound and _unchanged(root, row)
    ]
    if not dry_run:
        for row in chosen:
            _remove(root, row)
            index.drop(row.path)
    removed = Cleaned(
        files=tuple(row.path for row in chosen), bytes=sum(row.bytes for row in chosen)
    )
    log.info("cleaned %d files, %d bytes", len(removed.files), removed.bytes)
    return removed


def _unchanged(root: Path, row: Row) -> bool:
    try:
        look = os.stat(root / row.path)
    except OSError:
        return False
    return (look.st_size, look.st_mtime_ns) == (row.bytes, row.mtime_ns)


def _remove(root: Path, row: Row) -> None:
    path = root / row.path
    with translated(path):
        # The file first: a sidecar alone is harmless, a file alone would be an orphan.
        remove(path)
        remove(path.with_name(f"{path.name}.json"))
    folder = path.parent
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return  # not empty
        folder = folder.parent
