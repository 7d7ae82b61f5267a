# SPDX-License-Identifier: GPL-3.0-or-later
"""Films that an older Blender can open: a copy of each film's graph lies in its tree.

From 5.0 on Blender keeps the properties of add-ons where 4.5 does not look: a film
saved there would lose every word in 4.5.  So those versions put the graph, as JSON,
into a custom property at every save, and 4.5 fills an emptied tree from it.
"""

from __future__ import annotations

import logging

import bpy

from ..core.errors import MovieDirectorError
from ..core.graph_json import graph_from_text, graph_to_text
from ..node_types import catalogue
from .marks import our_trees
from .names import NODE_ID
from .read import read_tree
from .where import is_editable
from .write import write_tree

log = logging.getLogger(__name__)

#: The custom property of a film's tree.
KEY = "movie_director_graph"


def needed(tree: bpy.types.NodeTree) -> bool:
    """Whether this Blender keeps properties where an older one does not look."""
    return hasattr(tree, "bl_system_properties_get")


def store() -> None:
    """Put a copy of its graph into every film; a film that cannot be read keeps none."""
    for tree in our_trees():
        if tree.is_group or not is_editable(tree) or not needed(tree):
            continue
        try:
            tree[KEY] = graph_to_text(read_tree(tree))
        except MovieDirectorError as error:
            log.info("%s: %s", tree.name, error)
            if KEY in tree:
                del tree[KEY]


def restore() -> None:
    """Fill trees whose nodes have lost everything from their copies."""
    for tree in our_trees():
        text = tree.get(KEY)
        if not text or not is_editable(tree) or not _emptied(tree):
            continue
        try:
            write_tree(graph_from_text(text, catalogue()), into=tree)
        except MovieDirectorError as error:
            log.warning("%s could not be filled from its copy: %s", tree.name, error)


def _emptied(tree: bpy.types.NodeTree) -> bool:
    """Whether there are nodes and none has an id: only a Blender that cannot see them finds that."""
    return len(tree.nodes) > 0 and not any(getattr(node, NODE_ID) for node in tree.nodes)
