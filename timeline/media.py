# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an edit list's media lies: relative to the folder the results are in.

A writer is given the place it writes to and the artifacts, which share the results'
folder; the finished file is published into that folder, so links are meant from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

__all__ = ["media_url", "results_root"]


def results_root(written: Path, media: Iterable[Path]) -> Path:
    """The innermost folder that holds the file being written and all it points at.

    Where there is none (another drive), the written file's own folder.
    """
    folders = [str(path.absolute().parent) for path in (written, *media)]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        return written.absolute().parent


def media_url(path: Path, root: Path) -> str:
    """A relative URL where ``path`` lies under ``root``, else an absolute one."""
    path = path.absolute()
    if path.is_relative_to(root):
        return quote(path.relative_to(root).as_posix())
    return path.as_uri()
