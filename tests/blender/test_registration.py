"""What is registered is taken back, and files live on without us."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from graphs import film  # noqa: E402
from movie_director.core.graph_json import graph_to_text  # noqa: E402


def state() -> dict:
    """Everything of Blender's that we add to."""
    handlers = {
        name: len(getattr(bpy.app.handlers, name))
        for name in ("load_pre", "load_post", "undo_post", "save_pre")
    }
    return {
        "handlers": handlers,
        "nodes": sum(c.is_registered for c in bpy.types.Node.__subclasses__()),
        "ours": [c.__name__ for c in bpy.types.NodeTree.__subclasses__() if c.is_registered],
        "menus": len(getattr(bpy.types.NODE_MT_add.draw, "_draw_funcs", ())),
        "headers": len(getattr(bpy.types.NODE_HT_header.draw, "_draw_funcs", ())),
        "ids": hasattr(bpy.types.Node, "movie_director_id"),
    }


def test_registering_twice_and_unregistering_twice_leaves_nothing_behind(blender):
    from movie_director import md_nodes
    from movie_director.md_nodes import pump, watch

    registered = state()
    md_nodes.register()
    assert state() == registered
    md_nodes.unregister()
    bare = state()
    assert not bare["ids"]
    assert not bpy.app.timers.is_registered(pump.beat)
    md_nodes.unregister()
    assert state() == bare
    md_nodes.register()
    assert state()["handlers"] == registered["handlers"]
    assert state()["menus"] == registered["menus"]
    md_nodes.unregister()
    assert state() == bare
    assert watch._handle is None
    md_nodes.register()


RESAVE = """
import sys
import bpy
path = sys.argv[-1]
bpy.ops.wm.open_mainfile(filepath=path)
assert [tree.bl_idname for tree in bpy.data.node_groups] == ["NodeTreeUndefined"] * 3
bpy.ops.wm.save_as_mainfile(filepath=path)
"""


def test_a_file_saved_without_the_extension_loses_nothing(blender, tmp_path):
    from movie_director.md_nodes import files

    path = tmp_path / "film.blend"
    files.build_blend(film(2), path)
    before = graph_to_text(files.graph_from_blend(path))
    done = subprocess.run(
        [sys.executable, "-c", RESAVE, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert graph_to_text(files.graph_from_blend(path)) == before


def test_saving_leaves_one_file_whole(blender, tmp_path):
    from movie_director.md_nodes import files

    path = tmp_path / "film.blend"
    files.build_blend(film(1), path)
    files.build_blend(film(2), path)
    assert [found.name for found in tmp_path.iterdir()] == ["film.blend"]
    assert len(files.graph_from_blend(path).of_type("group")) == 2


def test_a_file_that_is_no_film_is_refused_with_a_remedy(blender, tmp_path):
    from movie_director.core.errors import InputError
    from movie_director.md_nodes import files

    empty = tmp_path / "empty.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(empty), copy=True)
    (tmp_path / "broken.blend").write_bytes(b"no blend at all")
    for name in ("empty.blend", "broken.blend", "missing.blend"):
        with pytest.raises(InputError) as caught:
            files.graph_from_blend(tmp_path / name)
        assert caught.value.remedy
