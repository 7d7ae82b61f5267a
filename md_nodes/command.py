# SPDX-License-Identifier: GPL-3.0-or-later
"""``blender -c movie_director``: the command line inside Blender, with Blender's own Python."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

#: Blender takes no hyphen here.
NAME = "movie_director"

_handle: object | None = None


def _run(words: Sequence[str]) -> int:
    from ..cli import main

    return main(list(words), program=f'"{bpy.app.binary_path}" -c {NAME}')


def register() -> None:
    """Make the command known, where this Blender knows commands."""
    global _handle
    if hasattr(bpy.utils, "register_cli_command"):
        _handle = bpy.utils.register_cli_command(NAME, _run)


def unregister() -> None:
    """Take it back."""
    global _handle
    if _handle is not None:
        bpy.utils.unregister_cli_command(_handle)
        _handle = None
