"""Graph files: canonical, round and checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import GraphError
from movie_director.core.graph import FRAME, GROUP, GROUP_INPUT, REROUTE, Graph, Link, Node
from movie_director.core.graph_json import (
    MAX_DEPTH,
    SCHEMA,
    from_json,
    graph_from_text,
    graph_to_text,
    to_json,
)
from movie_director.core.node_type import Catalogue, NodeType, Param, Socket

CATALOGUE = Catalogue(
    {
        "shot": NodeType(
            id="shot", label="Shot", doc="A shot.", category="Film", icon="NONE", was=("take",),
            inputs=(Socket(name="style", kind="style"),),
            outputs=(Socket(name="shot", kind="shot"),),
            params=(
                Param(name="action", kind="lines", default="", doc="What happens."),
                Param(name="seconds", kind="float", default=3.0, minimum=0, doc="How long."),
                Param(name="names", kind="names", default=(), doc="Who."),
            ),
        ),
    }
)  # fmt: skip


def graph(**node: Any) -> dict[str, Any]:
    return {"schema": SCHEMA, "nodes": [{"id": "a", "type": "shot", **node}], "links": []}


ids = st.text("abz019_. é日", min_size=1, max_size=6).filter(lambda id: "/" not in id)
places = st.none() | st.tuples(st.integers(-900, 900), st.integers(-900, 900)).map(
    lambda xy: (float(xy[0]), float(xy[1]))
)


@st.composite
def scopes(draw: st.DrawFn, depth: int = 2) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    names = draw(st.lists(ids, unique=True, max_size=4))
    nodes: list[Node] = []
    for name in names:
        kind = draw(st.sampled_from(["shot", GROUP, FRAME, REROUTE, GROUP_INPUT][: 3 + depth]))
        inner: tuple[Any, Any] = ((), ())
        params: dict[str, Any] = {}
        if kind == GROUP and depth:
            inner = draw(scopes(depth - 1))
            params = draw(st.sampled_from([{}, {"name": "Scene 1"}]))
        elif kind == "shot":
            params = draw(
                st.fixed_dictionaries(
                    {}, optional={
                        "action": st.text(st.characters(exclude_characters="\0",
                                          exclude_categories=["Cs"]), max_size=8),
                        "seconds": st.integers(0, 99).map(float),
                        "names": st.lists(st.text("ab ", max_size=3), max_size=2).map(tuple),
                    },
                )
            )  # fmt: skip
        elif kind == GROUP_INPUT:
            params = {"sockets": ({"name": "s", "kind": "shot", "multi": True},)}
        nodes.append(
            Node(
                id=name, type=kind, params=params, location=draw(places), nodes=inner[0],
                links=inner[1], label=draw(st.sampled_from(["", "Label"])),
                muted=draw(st.booleans()), frame=draw(st.sampled_from(["", *names])),
            )
        )  # fmt: skip
    if not names:
        return (), ()
    ends = st.tuples(st.sampled_from(names), st.sampled_from(["shot", "style"]))
    links = draw(st.lists(st.builds(Link, source=ends, target=ends), max_size=4))
    return tuple(nodes), tuple(links)


@settings(max_examples=150, deadline=None)
@given(scopes())
def test_what_is_written_is_read_back_and_written_the_same(
    scope: tuple[tuple[Node, ...], tuple[Link, ...]],
) -> None:
    text = graph_to_text(Graph(nodes=scope[0], links=scope[1]))
    again = graph_from_text(text, CATALOGUE)
    assert graph_to_text(again) == text
    assert json.loads(json.dumps(to_json(again))) == json.loads(text)
    assert sorted(path for path, _ in again.walk()) == sorted(
        path for path, _ in Graph(nodes=scope[0]).walk()
    )


def test_the_order_of_drawing_makes_no_difference_but_that_of_shots_does() -> None:
    nodes = tuple(Node(id=f"shot_{n}", type="shot") for n in (10, 2, 1))
    first = Link(source=("shot_10", "shot"), target=("shot_1", "style"))
    second = Link(source=("shot_2", "shot"), target=("shot_1", "style"))
    written = to_json(Graph(nodes=nodes, links=(first, second)))
    assert [node["id"] for node in written["nodes"]] == ["shot_1", "shot_2", "shot_10"]
    assert [link["from"][0] for link in written["links"]] == ["shot_10", "shot_2"]


def test_an_old_type_id_finds_its_successor() -> None:
    assert from_json(graph(type="take"), CATALOGUE).nodes[0].type == "shot"


@pytest.mark.parametrize(
    ("value", "said", "where"),
    [
        ([], "should be", ""),
        ({"schema": "other@1"}, "The schema is 'other@1'", ""),
        ({"schema": SCHEMA, "extra": 1}, "no key 'extra'", ""),
        ({"schema": SCHEMA, "nodes": 5}, "'nodes' is not a list", ""),
        ({"schema": SCHEMA, "nodes": [5]}, "a node should be", ""),
        (graph(id=""), "has the id ''", ""),
        (graph(id="a/b"), "has the id", ""),
        (graph(id=5), "has the id 5", ""),
        (graph(type=None), "no type", "a"),
        (graph(type="nothing"), "no node type 'nothing'", "a"),
        (graph(params={"colour": 1}), "no parameter 'colour'", "a"),
        (graph(params={"seconds": -1}), "below 0", "a"),
        (graph(params=[]), "params should be", "a"),
        (graph(type=REROUTE, params={"x": 1}), "no parameter 'x'", "a"),
        (graph(type=GROUP, params={"name": 5}), "'name' is not text", "a"),
        (graph(type=GROUP_INPUT, params={"sockets": [{"name": "x"}]}), "needs a name", "a"),
        (graph(nodes=[{"id": "b", "type": "shot"}]), "Only a group", "a"),
        (graph(params={"seconds": 10**4000}), "out of all bounds", "a"),
        (graph(params={"seconds": -(10**9000)}), "out of all bounds", "a"),
        (graph(params={"action": "half \udfff"}), "half a character", "a"),
        (graph(params={"names": ["\ud800"]}), "half a character", "a"),
        (graph(id="\ud800"), "has the id", ""),
        (graph(label="\udfff"), "'label' is not text", "a"),
        (graph(type=GROUP_INPUT, params={"sockets": [{"name": "x", "kind": []}]}), "known kind", "a"),
        (graph(location=[1]), "not two numbers", "a"),
        (graph(location=[1, "x"]), "not two numbers", "a"),
        (graph(location=[1, float("inf")]), "not two numbers", "a"),
        (graph(label=5), "'label' is not text", "a"),
        (graph(frame="nobody"), "does not exist", "a"),
        ({**graph(), "links": [5]}, "a link should be", ""),
        ({**graph(), "links": [{"from": ["a"], "to": ["a", "style"]}]}, "not [node id", ""),
        ({**graph(), "links": [{"from": ["a", "shot"], "to": ["b", "style"]}]}, "'b'", ""),
        (
            {"schema": SCHEMA, "nodes": [{"id": "a", "type": "shot"}, {"id": "a", "type": "shot"}]},
            "Two nodes have the id 'a'", "",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_node(value: Any, said: str, where: str) -> None:
    with pytest.raises(GraphError) as caught:
        from_json(value, CATALOGUE)
    assert said in caught.value.what
    assert caught.value.remedy
    assert caught.value.where == where


def test_bad_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(GraphError, match="Line 2, column 3"):
        graph_from_text("{\n  oops", CATALOGUE)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000])
def test_endless_nesting_is_refused(text: str) -> None:
    with pytest.raises(GraphError):
        graph_from_text(text, CATALOGUE)


def test_a_number_longer_than_python_reads_is_refused() -> None:
    text = json.dumps(graph(params={"seconds": 0})).replace(": 0}", f": {'9' * 5000}}}")
    with pytest.raises(GraphError, match="too long"):
        graph_from_text(text, CATALOGUE)


def test_an_id_of_many_digits_is_written_and_read() -> None:
    nodes = [{"id": id, "type": "shot"} for id in ("s2", "s" + "1" * 5000, "s10")]
    whole = from_json({"schema": SCHEMA, "nodes": nodes}, CATALOGUE)
    again = graph_from_text(graph_to_text(whole), CATALOGUE)
    assert [node.id for node in again.nodes] == ["s2", "s10", "s" + "1" * 5000]


def test_groups_nest_to_a_depth() -> None:
    value: dict[str, Any] = {"id": "x", "type": "shot"}
    for _ in range(MAX_DEPTH + 1):
        value = {"id": "g", "type": GROUP, "nodes": [value]}
    with pytest.raises(GraphError, match=f"deeper than {MAX_DEPTH}"):
        from_json({"schema": SCHEMA, "nodes": [value]}, CATALOGUE)
    deepest = from_json({"schema": SCHEMA, "nodes": value["nodes"]}, CATALOGUE)
    assert sum(1 for _ in deepest.walk()) == MAX_DEPTH + 1


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
        | st.sampled_from([SCHEMA, "shot", GROUP, "schema", "nodes"]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["schema", "nodes", "links", "id", "type", "params", "from", "to",
                             "location"]), inner, max_size=4),
        max_leaves=12,
    )
)  # fmt: skip
def test_any_json_is_a_graph_or_an_error_of_ours(value: Any) -> None:
    if isinstance(value, dict):
        value = {**value, "schema": SCHEMA}
    try:
        read = from_json(value, CATALOGUE)
    except GraphError:
        return
    assert from_json(to_json(read), CATALOGUE) == read
