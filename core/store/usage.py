# SPDX-License-Identifier: GPL-3.0-or-later
"""How full it is, and when to say so."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from ..amounts import amount

__all__ = ["Usage", "usage_of"]

#: Share of the project's limit at which people are warned.
_NEAR = 0.9
#: Free bytes on the disk below which they are: a few minutes of film.
_LOW_BYTES = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Bytes.  ``limit_bytes`` 0: none is set.  ``warning`` is "" while there is room."""

    project_bytes: int
    limit_bytes: int
    free_bytes: int
    warning: str = ""


def usage_of(root: Path, project_bytes: int, limit_bytes: int) -> Usage:
    """The project's use of its disk."""
    there = root
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    return Usage(
        project_bytes=project_bytes,
        limit_bytes=limit_bytes,
        free_bytes=free,
        warning=_warning(project_bytes, limit_bytes, free),
    )


def _warning(used: int, limit: int, free: int) -> str:
    if limit and used >= limit * _NEAR:
        return (
            f"The project takes {amount(used)} of its {amount(limit)}. "
            "Clean it, or raise the storage limit on the Project node."
        )
    if free < _LOW_BYTES:
        return f"Only {amount(free)} are free on the disk. Free some space, or clean the project."
    return ""
