"""The extension registered for every test here, in a file with nothing in it."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture(scope="session")
def _registered():
    from movie_director import md_nodes
    from movie_director.md_nodes import guard

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(guard.SWITCH, "on")
        md_nodes.register()
        yield md_nodes
        md_nodes.unregister()


@pytest.fixture
def blender(_registered):
    """``bpy`` with an empty file and our classes registered."""
    _registered.register()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    from movie_director.md_nodes import guard

    guard.caught.clear()
    yield bpy
    assert guard.caught == [], "Blender was touched off its own thread"
    for text in list(bpy.data.texts):
        bpy.data.texts.remove(text)
    for tree in list(bpy.data.node_groups):
        bpy.data.node_groups.remove(tree)
