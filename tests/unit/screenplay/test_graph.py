"""A breakdown as a tree: sound, readable, quick."""

from __future__ import annotations

import time
from types import ModuleType

import pytest
from movie_director.core.compile import problems
from movie_director.core.graph import Graph, Node
from movie_director.core.graph_json import graph_from_text, graph_to_text
from movie_director.node_types import catalogue
from movie_director.screenplay import break_down, read, to_fountain, to_graph
from movie_director.screenplay.layout import height_of


@pytest.fixture(params=["last_train", "coverage_lesson", "mini_ru", "mini_fr"])
def graph(request: pytest.FixtureRequest, scripts: ModuleType) -> Graph:
    folder = scripts.DATA if request.param.startswith("mini") else scripts.EXAMPLES
    return to_graph(read((folder / f"{request.param}.fountain").read_bytes()))


def test_every_parameter_and_link_is_one_the_node_types_have(graph: Graph) -> None:
    text = graph_to_text(graph)
    assert graph_to_text(graph_from_text(text, catalogue())) == text
    assert problems(graph, catalogue()) == ()


def test_the_film_has_its_people_places_scenes_and_output(last_train: str) -> None:
    graph = to_graph(read(last_train))
    assert [(node.id, node.type) for node in graph.nodes] == [
        ("project", "project"), ("script", "script"), ("style", "style"), ("style_night", "style"),
        ("vera_voice", "voice"), ("oskar_voice", "voice"), ("vera", "character"), ("oskar", "character"),
        ("harbour_station_platform", "environment"), ("last_train_carriage", "environment"),
        ("small_station", "environment"), ("scene_01", "group"), ("scene_02", "group"),
        ("scene_03", "group"), ("film", "sequence"), ("output", "output"),
    ]  # fmt: skip
    assert graph.node("script").params["text"] == last_train
    assert len(graph.of_type("shot")) == 10
    assert len(graph.of_type("music")) == 3


def _overlaps(nodes: tuple[Node, ...]) -> list[tuple[str, str]]:
    boxes = [(n.id, *n.location, height_of(n)) for n in nodes if n.location]
    return [
        (a[0], b[0])
        for at, a in enumerate(boxes)
        for b in boxes[at + 1 :]
        if abs(a[1] - b[1]) < 250 and a[2] - a[3] < b[2] and b[2] - b[3] < a[2]
    ]


def test_no_two_nodes_overlap_and_links_run_from_left_to_right(graph: Graph) -> None:
    scopes = [graph, *(node for _, node in graph.of_type("group"))]
    for scope in scopes:
        assert all(node.location for node in scope.nodes)
        assert _overlaps(scope.nodes) == []
        column = {node.id: node.location[0] for node in scope.nodes if node.location}
        for link in scope.links:
            assert column[link.source[0]] <= column[link.target[0]]


def test_a_script_s_names_never_collide_with_the_tree_s_own() -> None:
    text = "INT. FILM - DAY\n\n" + "".join(
        f"{name}\nHi.\n\n" for name in ("SCRIPT", "OUTPUT", "SCENE_01", "STYLE", "FILM", "ENVIRONMENT", "INPUT", "FILM VOICE")
    )  # fmt: skip
    graph = to_graph(read(text))
    ids = [node.id for node in graph.nodes]
    assert len(ids) == len(set(ids))
    assert problems(graph, catalogue()) == ()


def test_120_pages_become_a_graph_in_two_seconds_and_time_grows_in_proportion(
    scripts: ModuleType,
) -> None:
    seconds: dict[int, float] = {}
    for pages in (30, 60, 120):
        text = scripts.feature(pages)
        best = 1e9
        for _ in range(2):
            begun = time.process_time()
            to_graph(break_down(read(text)))
            best = min(best, time.process_time() - begun)
        seconds[pages] = best
    assert seconds[120] < 2.0
    assert seconds[120] / seconds[30] < 4 * 2


def test_a_feature_goes_to_a_graph_and_back_unchanged(scripts: ModuleType) -> None:
    text = scripts.feature(60)
    assert to_fountain(to_graph(read(text))) == text
