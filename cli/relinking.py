# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit list written somewhere else still finds its media."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ..core.jsonable import readable

__all__ = ["relinked"]

_KEY = "target_url"


def relinked(text: str, old: Path, new: Path) -> str:
    """OpenTimelineIO ``text`` whose relative links, meant from ``old``, are meant from ``new``.

    Where there is no relative way (another drive), links become absolute.
    """
    return readable(_moved(json.loads(text), old, new))


def _moved(value: Any, old: Path, new: Path) -> Any:
    if isinstance(value, list):
        return [_moved(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _link(item, old, new)
        if key == _KEY and isinstance(item, str)
        else _moved(item, old, new)
        for key, item in value.items()
    }


def _link(url: str, old: Path, new: Path) -> str:
    if urlsplit(url).scheme:
        return url
    there = Path(os.path.normpath(old / unquote(url)))
    try:
        return quote(Path(os.path.relpath(there, new)).as_posix())
    except ValueError:  # another drive on Windows
        return there.as_uri()
