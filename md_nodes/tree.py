# SPDX-License-Identifier: GPL-3.0-or-later
"""The node tree class, and the quiet in which trees are written.

The class has no ``update``: Blender would call it for every node and link made,
and once more for every tree after the class is gone.  ``watch`` looks at trees
when they are drawn instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from .names import TREE

_quiet = 0


@contextmanager
def quiet() -> Iterator[None]:
    """Make changes without anybody being told."""
    global _quiet
    _quiet += 1
    try:
        yield
    finally:
        _quiet -= 1


def is_quiet() -> bool:
    """Whether a tree is being written."""
    return _quiet > 0


class MovieDirectorTree(bpy.types.NodeTree):
    """A film as nodes: characters, shots and sounds, wired to an Output."""

    bl_idname = TREE
    bl_label = "Movie Director"
    bl_icon = "VIEW_CAMERA"
    #: Blender's own panel for group interfaces edits sockets we do not keep there.
    bl_use_group_interface = False
    # No methods: with one, Blender 4.5 as a module never ends after a tree was made.


MovieDirectorTree.__annotations__ = {
    "title": bpy.props.StringProperty(name="Title", options={"HIDDEN"}),
    "title_shown": bpy.props.StringProperty(options={"HIDDEN"}),
    "unseen": bpy.props.BoolProperty(options={"HIDDEN"}),
    "is_group": bpy.props.BoolProperty(options={"HIDDEN"}),
}


def group_title(tree: bpy.types.NodeTree) -> str:
    """What the group made of this tree is called.

    The name in the header counts once somebody has changed it there.
    """
    if _plain(tree.name) != _plain(tree.title_shown):
        return tree.name
    return tree.title


def set_group_title(tree: bpy.types.NodeTree, title: str) -> None:
    """Name the group; Blender's own name follows, as far as it is free."""
    tree.title = title
    if title:
        tree.name = title
    tree.title_shown = tree.name


def _plain(name: str) -> str:
    """A name without the number Blender puts behind names that are taken."""
    stem, dot, number = name.rpartition(".")
    return stem if dot and len(number) >= 3 and number.isdecimal() else name


CLASSES = (MovieDirectorTree,)
