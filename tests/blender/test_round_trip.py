"""Graph → tree → file → tree → graph, and nothing is lost."""

from __future__ import annotations

import pathlib
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from graphs import GRAPHS, film, same  # noqa: E402
from movie_director.core.graph import Graph, Link, Node  # noqa: E402
from movie_director.core.graph_json import graph_to_text  # noqa: E402

SLOW = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def trip(graph: Graph) -> Graph:
    from movie_director.md_nodes import read_tree, write_tree

    return read_tree(write_tree(graph))


@SLOW
@given(graph=GRAPHS)
def test_any_graph_comes_back_from_a_tree(blender, graph):
    assert graph_to_text(trip(graph)) == graph_to_text(graph)


@settings(SLOW, max_examples=15)
@given(graph=GRAPHS)
def test_any_graph_comes_back_from_a_file(blender, tmp_path_factory, graph):
    from movie_director.md_nodes import read_tree, write_tree

    path = str(tmp_path_factory.mktemp("film") / "film.blend")
    name = write_tree(graph, "Film").name
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert graph_to_text(read_tree(bpy.data.node_groups[name])) == graph_to_text(graph)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def test_the_order_of_shots_is_kept_through_changes(blender):
    from movie_director.md_nodes import read_tree, write_tree

    shots = [f"shot_{n}" for n in (3, 1, 2, 5, 4)]
    nodes = [Node(id=id, type="shot", location=(0, 0)) for id in shots]
    nodes.append(Node(id="seq", type="sequence", location=(0, 0)))
    links = tuple(Link(source=(id, "shot"), target=("seq", "shots")) for id in shots)
    graph = Graph(nodes=tuple(nodes), links=links)
    tree = write_tree(graph)
    assert [link.source[0] for link in read_tree(tree).links] == shots
    tree.links.remove(next(k for k in tree.links if k.from_node.name == "shot_2"))
    assert [link.source[0] for link in read_tree(tree).links] == [
        "shot_3", "shot_1", "shot_5", "shot_4",
    ]  # fmt: skip


def test_groups_of_equal_content_share_a_tree(blender):
    from movie_director.md_nodes import read_tree, write_tree

    inner = (Node(id="a", type="style", location=(0, 0)),)
    groups = tuple(
        Node(id=f"g{n}", type="group", params={"name": "Same"}, nodes=inner, location=(n, 0))
        for n in range(3)
    )
    graph = Graph(nodes=groups)
    tree = write_tree(graph)
    assert len({node.tree.session_uid for node in tree.nodes}) == 1
    assert same(read_tree(tree), graph)


def test_writing_into_a_tree_keeps_the_tree(blender):
    from movie_director.md_nodes import read_tree, write_tree

    tree = write_tree(film(2))
    again = write_tree(film(1), into=tree)
    assert again == tree
    assert len(read_tree(tree).nodes) == 5


def test_writing_grows_linearly_with_the_number_of_scenes(blender):
    def seconds(scenes: int) -> float:
        start = time.process_time()  # what else the machine does is not counted
        trip(film(scenes, 10))
        return time.process_time() - start

    seconds(2)
    small, large = seconds(15), seconds(60)
    assert large < 10
    assert large < small * 4 * 2.5


def test_what_scripts_write_and_no_field_would_take_is_read_as_the_nearest(blender):
    from movie_director.md_nodes import read_tree, write_tree

    nodes = [Node(id="a", type="shot"), Node(id="p", type="project")]
    tree = write_tree(Graph(nodes=tuple(nodes), links=()))
    shot, project = (
        next(node for node in tree.nodes if name in node.bl_idname.lower())
        for name in ("shot", "project")
    )
    shot.p_duration = float("nan")
    shot.p_name = "two\nlines"
    project.p_fps = float("-inf")
    project.p_storage_limit = float("nan")
    project.p_vram_limit = float("inf")
    read = {node.id: node.params for node in read_tree(tree).nodes}
    assert read["a"] == {"duration": 0.0, "name": "two lines"}
    assert read["p"] == {"fps": 1.0, "storage_limit": 50.0, "vram_limit": 1024.0}
    text = graph_to_text(read_tree(tree))
    assert graph_to_text(trip(read_tree(tree))) == text


def test_a_file_that_cannot_be_written_is_an_error_with_a_remedy(blender, tmp_path, monkeypatch):
    from movie_director.core.errors import StoreError
    from movie_director.md_nodes import files

    def read_only(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(files.os, "replace", read_only)
    monkeypatch.setattr(pathlib.Path, "unlink", lambda *_, **__: read_only())
    with pytest.raises(StoreError, match="Read-only") as caught:
        files.build_blend(film(1, 1), tmp_path / "film.blend")
    assert "may be written" in caught.value.remedy


def test_a_tree_written_again_leaves_no_old_groups_or_texts_behind(blender):
    from movie_director.md_nodes import write_tree

    def graph(line: str) -> Graph:
        said = Node(id="line", type="dialogue", params={"line": line})
        scene = Node(id="scene", type="group", params={"name": "Kitchen"}, nodes=(said,))
        return Graph(nodes=(scene, Node(id="script", type="script", params={"text": line})))

    tree = write_tree(graph("Who is there?"), "Film")
    write_tree(graph("It is you."), into=tree)
    assert [each.name for each in bpy.data.node_groups] == ["Film", "Kitchen"]
    assert [each.as_string() for each in bpy.data.texts] == ["It is you."]
