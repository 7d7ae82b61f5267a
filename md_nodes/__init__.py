# SPDX-License-Identifier: GPL-3.0-or-later
"""How does Blender show and edit a film?  The only room that knows ``bpy``.

``register`` and ``unregister`` are called by the extension; ``files`` works
without a window, for the command line.
"""

from __future__ import annotations

from .read import read_tree
from .registration import is_registered, register, unregister
from .write import write_tree

__all__ = ["is_registered", "read_tree", "register", "unregister", "write_tree"]
