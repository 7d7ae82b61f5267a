"""A new draft against an edited tree: three-way, one change at a time."""

from __future__ import annotations

from types import ModuleType

import pytest
from movie_director.core.compile import problems
from movie_director.core.graph import Graph, Node
from movie_director.node_types import catalogue
from movie_director.screenplay import (
    Change,
    accept,
    break_down,
    compare,
    read,
    settings_of,
    to_fountain,
    to_graph,
)


@pytest.fixture
def graph(last_train: str) -> Graph:
    return to_graph(read(last_train))


def changes(graph: Graph, text: str) -> tuple[Change, ...]:
    return compare(graph, break_down(read(text), settings_of(graph)))


def told(found: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(c.kind, c.item, c.path) for c in found if c.item != "script"]


def test_the_same_draft_changes_nothing(graph: Graph, last_train: str, scripts: ModuleType) -> None:
    assert changes(graph, last_train) == ()
    text = scripts.feature(20)
    assert changes(to_graph(read(text)), text) == ()


def test_a_changed_line_is_offered_with_before_and_after(graph: Graph, last_train: str) -> None:
    new = last_train.replace("I don't know myself.", "Nobody does.")
    found = changes(graph, new)
    assert told(found) == [("changed", "line", "scene_02/line_02_020")]
    change = found[-1]
    assert change.before == "You can't. I don't know myself."
    assert change.after == "You can't. Nobody does."
    assert change.sentence.startswith("The line 'scene_02/line_02_020' changes from")
    done = accept(graph, found)
    assert to_fountain(done) == new
    assert changes(done, new) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "OSKAR\nSomebody noticed.\n",
            "OSKAR\nSomebody noticed.\n\nTHE MAN (50s) waves.\n\nTHE MAN\nVera!\n",
            [("added", "character", "the_man"), ("added", "shot", "scene_03/shot_03_020")],
        ),
        (
            "VERA\nYou can't. I don't know myself.\n\n",
            "",
            [("removed", "line", "scene_02/line_02_020")],
        ),
        (
            "INT. LAST TRAIN",
            "EXT. BRIDGE - NIGHT\n\nThe train crosses the black river.\n\nINT. LAST TRAIN",
            [("added", "environment", "bridge"), ("added", "scene", "scene_02/sequence")],
        ),
        ("[Distant train horn]\n\n", "", [("removed", "sound", "scene_01/sound_01_020_2")]),
        (
            "EXT. SMALL STATION - DAWN",
            "EXT. SMALL STATION - NIGHT",
            [
                ("changed", "environment", "small_station"),
                ("changed", "scene", "scene_03/sequence"),
                ("changed", "scene", "scene_03"),
            ],
        ),
    ],
)
def test_what_came_and_went_is_offered_and_accepting_it_gives_the_new_draft(
    graph: Graph, last_train: str, old: str, new: str, expected: list[tuple[str, str, str]]
) -> None:
    draft = last_train.replace(old, new)
    assert draft != last_train
    found = changes(graph, draft)
    seen = told(found)
    assert [item for item in expected if item not in seen] == []
    done = accept(graph, found)
    assert problems(done, catalogue()) == ()
    assert to_fountain(done) == draft
    assert changes(done, draft) == ()


def test_ids_stay_when_a_scene_is_put_before_them(graph: Graph, last_train: str) -> None:
    draft = last_train.replace("FADE IN:\n", "FADE IN:\n\nEXT. SEA - NIGHT\n\nBlack water.\n")
    done = accept(graph, changes(graph, draft))
    assert done.node("scene_02/line_02_020") == replace_source(
        graph.node("scene_02/line_02_020"), done.node("scene_02/line_02_020")
    )
    order = [link.source[0] for link in done.links if link.target == ("film", "shots")]
    assert order == ["scene_01_2", "scene_01", "scene_02", "scene_03"]


def replace_source(node: Node, other: Node) -> Node:
    """``node`` with the anchors of ``other``, which move with every line."""
    params = {**node.params, "source": other.params["source"]}
    return Node(id=node.id, type=node.type, params=params, location=node.location)


def test_what_the_owner_edited_stays_and_what_they_added_too(graph: Graph, last_train: str) -> None:
    mine = Node(id="mine", type="shot", params={"action": "A cat."})
    edited = (
        graph.with_params("scene_02/line_02_020", line="Mine!")
        .with_params("scene_01/shot_01_020", camera_move="tilt")
        .with_node(mine, within="scene_02")
        .with_link(("mine", "shot"), ("sequence", "shots"), within="scene_02")
    )
    draft = last_train.replace("I don't know myself.", "Nobody does.").replace(
        "The train stands breathing.", "The train waits."
    )
    found = changes(edited, draft)
    assert [(c.path, c.conflict) for c in found if c.item != "script"] == [
        ("small_station", False),
        ("scene_02/line_02_020", True),
        ("scene_03/shot_03_010", False),
    ]
    done = accept(edited, found)
    assert done.node("scene_02/line_02_020").params["line"] == "Mine!"
    assert done.node("scene_01/shot_01_020").params["camera_move"] == "tilt"
    assert done.node("scene_02/mine") == mine
    assert "The train waits." in str(done.node("scene_03/shot_03_010").params["action"])
    theirs = accept(edited, found, conflicts="script")
    assert theirs.node("scene_02/line_02_020").params["line"] == "You can't. Nobody does."


def test_an_edited_line_that_left_the_script_is_a_conflict(graph: Graph, last_train: str) -> None:
    edited = graph.with_params("scene_02/line_02_020", line="Mine!")
    draft = last_train.replace("VERA\nYou can't. I don't know myself.\n\n", "")
    found = [c for c in changes(edited, draft) if c.path == "scene_02/line_02_020"]
    assert [(c.kind, c.conflict) for c in found] == [("removed", True)]


def test_a_refused_change_stays_refused_in_the_script_too(graph: Graph, last_train: str) -> None:
    draft = last_train.replace("I don't know myself.", "Nobody does.")
    script, line = changes(graph, draft)
    assert (script.item, line.item) == ("script", "line")
    assert to_fountain(accept(graph, [script])) == last_train
    assert to_fountain(accept(graph, [])) == last_train


def test_a_renamed_character_keeps_the_new_name(graph: Graph, last_train: str) -> None:
    edited = graph.with_params("vera", name="Nora")
    draft = last_train.replace("I don't know myself.", "Nobody does.")
    found = changes(edited, draft)
    assert [c.kind for c in found if c.item == "character"] == []
    done = accept(edited, found)
    assert done.node("vera").params["name"] == "Nora"
