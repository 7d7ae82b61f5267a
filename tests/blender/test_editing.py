"""Operators in an editor: lists, tidying, and trees linked from another file, which are for looking."""

from __future__ import annotations

import contextlib

import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")

from movie_director.core.graph import Graph, Link, Node  # noqa: E402

FILM = Graph(
    nodes=(
        Node(id="vera", type="character", params={"name": "Vera"}, location=(0.0, 0.0)),
        Node(id="shot", type="shot", params={"action": "She waits."}, location=(0.0, 0.0)),
        Node(id="style", type="style", params={"palette": ("#102030",)}, location=(0.0, 0.0)),
    ),
    links=(Link(source=("vera", "character"), target=("shot", "characters")),),
)


@contextlib.contextmanager
def editor(tree):
    """A context in which operators act on ``tree`` as if called from its editor."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda each: each.width * each.height)
    area.type = "NODE_EDITOR"
    area.ui_type = "MovieDirectorTree"
    area.spaces.active.node_tree = tree
    region = next(each for each in area.regions if each.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        yield area.spaces.active


def linked(folder, graph: Graph):
    """``graph`` as a tree that lies in another file."""
    from movie_director.md_nodes import write_tree

    path = str(folder / "library.blend")
    bpy.data.libraries.write(path, {write_tree(graph, "Film")}, fake_user=True)
    bpy.data.node_groups.remove(bpy.data.node_groups["Film"])
    with bpy.data.libraries.load(path, link=True) as (found, wanted):
        wanted.node_groups = found.node_groups
    return bpy.data.node_groups["Film"]


def test_entries_of_a_list_are_added_and_removed(blender):
    from movie_director.md_nodes import read_tree, write_tree

    tree = write_tree(FILM, "Film")
    with editor(tree):
        bpy.ops.movie_director.list_add(node_name="style", param="palette")
        assert [c.value for c in tree.nodes["style"].p_palette][1:] == ["#808080"]
        bpy.ops.movie_director.list_remove(node_name="style", param="palette", index=0)
    style = next(node for node in read_tree(tree).nodes if node.id == "style")
    assert style.params["palette"] == ("#808080",)


def test_arranging_takes_nodes_off_each_other(blender):
    from movie_director.md_nodes import write_tree

    tree = write_tree(FILM, "Film")
    with editor(tree):
        assert bpy.ops.movie_director.arrange() == {"FINISHED"}
    places = {tuple(node.location_absolute) for node in tree.nodes}
    assert len(places) == len(tree.nodes)
    assert tree.nodes["vera"].location.x < tree.nodes["shot"].location.x


def test_a_linked_tree_is_read_and_left_alone(blender, tmp_path):
    from movie_director.md_nodes import read_tree

    tree = linked(tmp_path, FILM)
    assert tree.library is not None
    assert {node.id for node in read_tree(tree).nodes} == {"vera", "shot", "style"}
    with editor(tree):
        for name in ("arrange", "break_down", "list_add", "group_make"):
            assert not getattr(bpy.ops.movie_director, name).poll(), name


def test_a_library_override_is_the_same_film(blender, tmp_path):
    from movie_director.md_nodes import read_tree

    tree = linked(tmp_path, FILM)
    own = tree.override_create(remap_local_usages=True)
    assert own.library is None
    assert read_tree(own).links == read_tree(tree).links
    assert [node.params for node in read_tree(own).nodes] == [
        node.params for node in read_tree(tree).nodes
    ]


def test_a_voice_is_called_after_who_speaks_with_it(blender):
    from movie_director.md_nodes import looks, write_tree

    voices = tuple(Node(id=id, type="voice") for id in ("hers", "nobodys"))
    link = Link(source=("hers", "voice"), target=("vera", "voice"))
    tree = write_tree(Graph(nodes=(*FILM.nodes, *voices), links=(*FILM.links, link)), "Film")
    assert [looks.title(tree.nodes[id]) for id in ("hers", "nobodys")] == ["Voice of Vera", "Voice"]


def test_a_screenplay_becomes_a_film_of_its_own(blender, tmp_path):
    script = tmp_path / "door.fountain"
    script.write_text("INT. KITCHEN - NIGHT\n\nANNA\nWho is there?\n", encoding="utf-8")
    with editor(None) as space:
        assert bpy.ops.movie_director.open_screenplay(filepath=str(script)) == {"FINISHED"}
        film = space.node_tree
    assert film.name == "door"
    assert any(node.bl_label == "Output" for node in film.nodes)
    with editor(None), pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.movie_director.open_screenplay(filepath=str(tmp_path / "none.fountain"))


def test_the_preferences_say_how_many_cores_are_used(blender):
    from movie_director.md_nodes import preferences

    assert preferences.cores() == 0, "all of them, where nothing is set"
    assert preferences.place_strips()
    names = set(preferences.MovieDirectorPreferences.bl_rna.properties.keys())
    assert {"cores", "place_strips"} <= names
