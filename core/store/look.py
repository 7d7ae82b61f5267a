# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an artifact still is what was made: by size and time first, by its bytes last."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..digest import file_digest
from ..plan import Absent
from ..provenance import sealed
from .index import Index, Row

__all__ = ["trouble"]

#: Larger files are not read again when only their time changed: it would take seconds.
_REREAD_LIMIT = 64 * 2**20


def trouble(root: Path, row: Row, index: Index) -> Absent | None:
    """Why a row's artifact cannot be used, or None."""
    path = f"{root}{os.sep}{row.path}"
    try:
        look = os.stat(path)
    except OSError:
        return Absent(reason="missing", text=f"{row.path} is gone")
    if look.st_mtime_ns != row.mtime_ns or look.st_size != row.bytes:
        if not _same_bytes(path, row, look):
            return Absent(reason="edited", text=f"{row.path} was changed by somebody else")
        row.mtime_ns = look.st_mtime_ns
        index.seen(row)
    if not _sidecar_sound(f"{path}.json", row, index):
        text = f"{row.path}.json was edited; it no longer says how {row.path} was made"
        return Absent(reason="edited", text=text)
    return None


def _same_bytes(path: str, row: Row, look: os.stat_result) -> bool:
    if look.st_size != row.bytes:
        return False
    if row.bytes > _REREAD_LIMIT:
        return True
    try:
        return file_digest(Path(path)) == row.content
    except OSError:
        return False


def _sidecar_sound(path: str, row: Row, index: Index) -> bool:
    try:
        look = os.stat(path)
    except OSError:
        return row.sound  # gone: it is written again when the project is held
    if (look.st_mtime_ns, look.st_size) == (row.side_mtime_ns, row.side_bytes):
        return row.sound
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(record, dict) or record.get("intent") != row.intent or not sealed(record):
        return False
    row.side_mtime_ns, row.side_bytes, row.sound = look.st_mtime_ns, look.st_size, True
    index.seen(row)
    return True
