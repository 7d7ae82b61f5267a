"""Graphs as values: reading, changing, and what a change leaves alone."""

from __future__ import annotations

import pytest
from movie_director.core.errors import GraphError
from movie_director.core.graph import GROUP, Graph, GroupSocket, Link, Node, group_sockets

INNER = Node(id="shot", type="shot", params={"action": "She runs."})
SCENE = Node(
    id="scene",
    type=GROUP,
    nodes=(INNER, Node(id="seq", type="sequence")),
    links=(Link(source=("shot", "shot"), target=("seq", "shots")),),
)
GRAPH = Graph(
    nodes=(Node(id="out", type="output"), SCENE),
    links=(Link(source=("scene", "film"), target=("out", "sequence")),),
)


def test_a_walk_meets_groups_before_what_they_hold() -> None:
    assert [path for path, _ in GRAPH.walk()] == ["out", "scene", "scene/shot", "scene/seq"]
    assert GRAPH.of_type("shot") == (("scene/shot", INNER),)


def test_a_node_is_found_by_its_path() -> None:
    assert GRAPH.node("scene/shot") is INNER
    for missing in ("nobody", "scene/nobody", "out/x", ""):
        with pytest.raises(GraphError) as caught:
            GRAPH.node(missing)
        assert caught.value.where == missing


def test_parameters_are_set_and_taken_back_on_a_new_graph() -> None:
    changed = GRAPH.with_params("scene/shot", seed=7, action=None)
    assert changed.node("scene/shot").params == {"seed": 7}
    assert GRAPH.node("scene/shot") == INNER


def test_a_removed_node_takes_its_links_along_and_no_others() -> None:
    assert GRAPH.without("scene").links == ()
    assert GRAPH.without("scene/shot").node("scene").links == ()
    assert GRAPH.without("scene/shot").links == GRAPH.links


def test_nodes_and_links_are_added_where_they_are_told() -> None:
    grown = GRAPH.with_node(Node(id="style", type="style"))
    grown = grown.with_node(Node(id="line", type="dialogue"), within="scene")
    grown = grown.with_link(("line", "dialogue"), ("shot", "dialogue"), within="scene")
    grown = grown.with_link(("style", "style"), ("scene", "style"))
    assert [node.id for node in grown.nodes] == ["out", "scene", "style"]
    assert [node.id for node in grown.node("scene").nodes] == ["shot", "seq", "line"]
    assert grown.node("scene").links[-1] == Link(
        source=("line", "dialogue"), target=("shot", "dialogue")
    )
    assert len(grown.links) == 2


@pytest.mark.parametrize(("id", "within"), [("out", ""), ("shot", "scene")])
def test_two_siblings_never_share_an_id(id: str, within: str) -> None:
    with pytest.raises(GraphError, match="already a node") as caught:
        GRAPH.with_node(Node(id=id, type="shot"), within=within)
    assert caught.value.where == f"{within}/{id}".strip("/")


def test_a_groups_interface_is_read_from_its_parameters() -> None:
    node = Node(id="in", type="group_input", params={"sockets": ({"name": "a", "kind": "shot"},)})
    assert group_sockets(node) == (GroupSocket(name="a", kind="shot"),)
    assert group_sockets(INNER) == ()
