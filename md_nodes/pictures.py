# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of results on nodes: Blender's own previews, kept as long as we are loaded.

A file that is made anew has another name or time, and so another preview.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import bpy.utils.previews

#: Node units to Blender's preview scale.
_UNIT = 20.0
_CLIPS = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi"})
_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".exr"})
#: Most previews kept: each takes 256 × 256 pixels.
_MOST = 300

_kept: bpy.utils.previews.ImagePreviewCollection | None = None
#: Files that could not be shown.
_bad: set[str] = set()


def can_show(path: Path) -> bool:
    """Whether a file is a picture or a clip."""
    return path.suffix.lower() in _CLIPS | _IMAGES


def draw(layout, path: Path, width: float) -> None:
    """Draw a file's picture as wide as a node of ``width`` units; nothing when it cannot be."""
    icon = icon_of(path)
    if icon:
        layout.template_icon(icon_value=icon, scale=max(3.0, min(8.0, (width - 30) / _UNIT * 0.85)))


def icon_of(path: Path) -> int:
    """Blender's icon number for a file's picture; 0 when there is none."""
    if _kept is None or not can_show(path):
        return 0
    try:
        key = f"{path}|{path.stat().st_mtime_ns}"
    except OSError:
        return 0
    if key in _bad:
        return 0
    if key not in _kept:
        if len(_kept) >= _MOST:
            _kept.clear()
        kind = "MOVIE" if path.suffix.lower() in _CLIPS else "IMAGE"
        try:
            _kept.load(key, str(path), kind)
        except (KeyError, RuntimeError):
            _bad.add(key)
            return 0
    return _kept[key].icon_id


def register() -> None:
    """Begin keeping previews."""
    global _kept
    _kept = bpy.utils.previews.new()


def unregister() -> None:
    """Give the previews back to Blender."""
    global _kept
    if _kept is not None:
        bpy.utils.previews.remove(_kept)
        _kept = None
    _bad.clear()
