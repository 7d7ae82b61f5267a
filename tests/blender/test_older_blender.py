"""A film saved by Blender 5 opened in 4.5, which cannot see the properties of add-ons in it."""

from __future__ import annotations

import pathlib
import sys

import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from graphs import film  # noqa: E402
from movie_director.core.graph_json import graph_to_text  # noqa: E402


def test_a_film_that_lost_its_properties_is_filled_from_its_copy(blender):
    from movie_director.md_nodes import keepsake, read_tree, write_tree

    tree = write_tree(film(2))
    before = graph_to_text(read_tree(tree))
    tree[keepsake.KEY] = before
    tree.nodes.clear()
    for _ in range(3):
        tree.nodes.new("MovieDirectorNode_shot").movie_director_id = ""
    keepsake.restore()
    assert graph_to_text(read_tree(tree)) == before


def test_a_film_that_lost_nothing_is_left_alone(blender):
    from movie_director.md_nodes import keepsake, read_tree, write_tree

    tree = write_tree(film(1))
    tree[keepsake.KEY] = graph_to_text(read_tree(write_tree(film(2))))
    keepsake.restore()
    assert len(read_tree(tree).of_type("group")) == 1


def test_every_save_carries_a_copy_where_it_is_needed(blender, tmp_path):
    from movie_director.md_nodes import files, keepsake

    files.build_blend(film(1), tmp_path / "film.blend")
    graph = files.graph_from_blend(tmp_path / "film.blend")
    (tree,) = [tree for tree in bpy.data.node_groups if not tree.is_group]
    wanted = graph_to_text(graph) if bpy.app.version >= (5, 0, 0) else None
    assert tree.get(keepsake.KEY) == wanted
