# SPDX-License-Identifier: GPL-3.0-or-later
"""Movie Director: wire a film as nodes, press Evaluate, watch it.

The repository root is at once the Blender extension and the Python package
``movie_director``.  Importing it needs nothing beyond the standard library;
``register`` is where Blender comes in.
"""

from __future__ import annotations

__version__ = "0.1.0"


def register() -> None:
    """Show the node types, panels and operators in Blender (main thread)."""
    from . import md_nodes

    md_nodes.register()


def unregister() -> None:
    """Take back everything ``register`` added; running work is cancelled first."""
    from . import md_nodes

    md_nodes.unregister()
