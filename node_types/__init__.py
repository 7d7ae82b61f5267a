# SPDX-License-Identifier: GPL-3.0-or-later
"""What kinds of node exist?  One declaration file per kind.

``node_types`` says what a Shot is; ``md_nodes`` says how Blender draws any node.
A public file here defines ``NODE_TYPE``; its stem is the type's id, which is
written into users' files and never changes (``NodeType.was`` holds old ids).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

from ..core.discovery import collect
from ..core.node_type import Catalogue, NodeType

__all__ = ["catalogue"]


@cache
def catalogue() -> Catalogue:
    """Every node type declared in this folder, by id.

    Raises:
        TypeError: a file declares none.
    """
    declared = collect(sys.modules[__name__], "NODE_TYPE", NodeType)
    return Catalogue({id: replace(declared[id], id=id) for id in declared})
