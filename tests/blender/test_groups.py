"""Groups as in Blender's own editors: made, taken apart, shared, never inside themselves."""

from __future__ import annotations

import pathlib
import sys

import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from graphs import film, same  # noqa: E402
from movie_director.core.compile.flatten import flatten  # noqa: E402
from movie_director.core.graph import Graph, Link, Node  # noqa: E402
from movie_director.node_types import catalogue  # noqa: E402


def small() -> Graph:
    """Two characters, three shots in order, a sequence and an output."""
    nodes = [Node(id=id, type="character", params={"name": id.upper()}) for id in ("anna", "bela")]
    nodes += [Node(id=f"shot_{n}", type="shot") for n in (1, 2, 3)]
    nodes += [Node(id="seq", type="sequence"), Node(id="out", type="output")]
    links = [
        Link(source=(who, "character"), target=(f"shot_{n}", "characters"))
        for n in (1, 2, 3)
        for who in ("anna", "bela")
    ]
    links += [Link(source=(f"shot_{n}", "shot"), target=("seq", "shots")) for n in (3, 1, 2)]
    links.append(Link(source=("seq", "sequence"), target=("out", "sequence")))
    placed = tuple(
        Node(id=n.id, type=n.type, params=n.params, location=(i * 300, -i * 10))
        for i, n in enumerate(nodes)
    )
    return Graph(nodes=placed, links=tuple(links))


def feeds(graph: Graph) -> dict:
    """What feeds what, by the nodes' own ids, groups forgotten."""
    last = lambda end: (end[0].rpartition("/")[2], end[1])  # noqa: E731
    flat = flatten(graph, catalogue())
    return {last(target): [last(end) for end in ends] for target, ends in flat.feeds.items()}


@pytest.mark.parametrize(
    "chosen",
    [("shot_1",), ("shot_1", "shot_2"), ("anna", "shot_3"), ("shot_1", "shot_2", "shot_3", "seq")],
)
def test_a_group_changes_nothing_in_the_film_and_ungroup_brings_the_tree_back(blender, chosen):
    from movie_director.md_nodes import read_tree, write_tree
    from movie_director.md_nodes.grouping import make_group, ungroup

    graph = small()
    tree = write_tree(graph)
    before = feeds(read_tree(tree))
    group = make_group(tree, chosen, "Scene")
    inside = read_tree(tree)
    assert feeds(inside) == before
    assert {node.id for node in inside.nodes} >= {n.id for n in graph.nodes} - set(chosen)
    ungroup(tree, group.name)
    assert same(read_tree(tree), graph)
    assert len(bpy.data.node_groups) == 1


def test_a_group_node_may_not_show_what_it_lies_in(blender):
    from movie_director.md_nodes import read_tree, write_tree

    tree = write_tree(film(1))
    inner = next(node for node in tree.nodes if node.movie_director_id == "scene_1").tree
    for target in (tree, inner):
        node = inner.nodes.new("MovieDirectorNode_group")
        node.tree = target
        assert node.tree is None
    assert len(read_tree(tree).node("scene_1").nodes) == 12


def test_links_stay_when_interface_sockets_are_renamed_and_moved(blender):
    from movie_director.md_nodes import interface, read_tree, write_tree

    tree = write_tree(film(1))
    inner = next(node for node in tree.nodes if node.movie_director_id == "scene_1").tree
    before = feeds(read_tree(tree))
    interface.add(inner, "group_input", interface.GroupSocket(name="style", kind="style"))
    interface.move(inner, "group_input", "style", -1)
    interface.rename(inner, "group_input", "anna", "Anna, a courier")
    group = next(node for node in tree.nodes if node.movie_director_id == "scene_1")
    assert [socket.name for socket in group.inputs] == ["Style", "Anna, a courier"]
    assert feeds(read_tree(tree)) == before
    interface.remove(inner, "group_input", "anna")
    assert ("shot_1", "characters") not in feeds(read_tree(tree))


def test_a_copy_is_somebody_else(blender):
    from movie_director.md_nodes import write_tree
    from movie_director.md_nodes.marks import ids_of

    tree = write_tree(small())
    other = tree.copy()
    added = tree.nodes.new("MovieDirectorNode_shot")
    assert added.movie_director_id == "shot_4"
    assert len(set(ids_of(other).values())) == len(other.nodes)


def test_reroutes_that_were_copied_get_ids_of_their_own(blender):
    from movie_director.md_nodes.marks import ids_of, settle

    tree = bpy.data.node_groups.new("Film", "MovieDirectorTree")
    for _ in range(3):
        tree.nodes.new("NodeReroute").movie_director_id = "way"
    ids = ids_of(tree)
    assert sorted(ids.values()) == ["reroute_1", "reroute_2", "way"]
    settle(tree)
    assert {node.name: node.movie_director_id for node in tree.nodes} == ids


def test_what_is_wrong_with_a_link_is_told_and_shown(blender):
    from movie_director.md_nodes import watch, write_tree

    graph = small()
    wrong = Link(source=("anna", "character"), target=("out", "project"))
    tree = write_tree(Graph(nodes=graph.nodes, links=(*graph.links, wrong)))
    watch.check(tree)
    (problem,) = watch.problems_of(tree.session_uid, "out")
    assert "project" in problem.reason
    assert problem.remedy
    watch.mark(tree)
    bad = [link for link in tree.links if not link.is_valid]
    assert [(link.from_node.name, link.to_socket.identifier) for link in bad] == [
        ("anna", "project")
    ]


def test_muted_nodes_and_links_are_read_as_such(blender):
    from movie_director.md_nodes import read_tree, write_tree

    tree = write_tree(small())
    tree.nodes["shot_2"].mute = True
    next(link for link in tree.links if link.from_node.name == "bela").is_muted = True
    graph = read_tree(tree)
    assert graph.node("shot_2").muted
    assert sum(link.muted for link in graph.links) == 1
