"""Tree to screenplay: nothing lost, nothing moved, every edit in its place."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from types import ModuleType

import pytest
from movie_director.core.graph import Graph, Node
from movie_director.screenplay import Kind, break_down, read, to_fountain, to_graph


@pytest.fixture
def graph(last_train: str) -> Graph:
    return to_graph(read(last_train))


def difference(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.split("\n"), after.split("\n"))
    return [line for line in lines if line[0] in "+-" and line.strip("+- ")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_an_untouched_tree_gives_the_script_back_byte_for_byte(
    scripts: ModuleType, newline: str
) -> None:
    for path in sorted([*scripts.EXAMPLES.glob("*.fountain"), *scripts.DATA.glob("*.fountain")]):
        text = path.read_bytes().decode().replace("\n", newline)
        assert to_fountain(to_graph(read(text))) == text


EDITS: list[tuple[Callable[[Graph], Graph], list[str]]] = [
    (
        lambda g: g.with_params("scene_02/line_02_020", line="You couldn't."),
        ["- You can't. I don't know myself.", "+ You couldn't."],
    ),
    (
        lambda g: g.with_params("scene_02/shot_02_030", action="INSERT - THE TICKET. One way. No name."),
        [
            "- INSERT - THE TICKET. One way. Where the station should be printed, nothing. "
            "[[Props: the blank must read at a glance.]]",
            "+ INSERT - THE TICKET. One way. No name. [[Props: the blank must read at a glance.]]",
        ],
    ),
    (
        lambda g: g.with_params("scene_02/sequence", title="INT. NIGHT MAIL - NIGHT"),
        ["- INT. LAST TRAIN - CARRIAGE - NIGHT #2#", "+ INT. NIGHT MAIL - NIGHT #2#"],
    ),
    (
        lambda g: g.with_params("scene_02/sequence", title="Somewhere dark"),
        ["- INT. LAST TRAIN - CARRIAGE - NIGHT #2#", "+ .Somewhere dark #2#"],
    ),
    (
        lambda g: g.without("scene_02/line_02_020"),
        ["- VERA", "- You can't. I don't know myself."],
    ),
    (
        lambda g: g.without("scene_02/shot_02_030"),
        [
            "- INSERT - THE TICKET. One way. Where the station should be printed, nothing. "
            "[[Props: the blank must read at a glance.]]",
            "+ [[Props: the blank must read at a glance.]]",
        ],
    ),
    (
        lambda g: g.with_params("vera", name="Nora"),
        ["- VERA (V.O.)", "+ NORA (V.O.)", "- VERA", "+ NORA", "- VERA", "+ NORA"],
    ),
    (
        lambda g: g.with_params("scene_02/line_02_040", emotion="cold"),
        ["- (whispering)", "+ (cold)"],
    ),
    (lambda g: g.with_params("scene_02/line_02_040", emotion=None), ["- (whispering)"]),
    (lambda g: g.with_params("scene_02/line_02_010", emotion="flat"), ["+ (flat)"]),
    (
        lambda g: g.with_params("scene_01/sound_01_020_2", prompt="A far whistle"),
        ["- [Distant train horn]", "+ [A far whistle]"],
    ),
    (lambda g: g.without("scene_01/sound_01_020_2"), ["- [Distant train horn]"]),
    (lambda g: g.with_params("project", title="NIGHT MAIL"), ["- Title: LAST TRAIN", "+ Title: NIGHT MAIL"]),
    (lambda g: g.with_params("scene_02/shot_02_040", duration=9.0, camera_move="pan"), []),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), EDITS)
def test_an_edit_in_the_tree_changes_its_own_words_only(
    graph: Graph, last_train: str, edit: Callable[[Graph], Graph], expected: list[str]
) -> None:
    assert difference(last_train, to_fountain(edit(graph))) == expected


def test_a_deleted_scene_takes_its_words_and_nobody_else_s(graph: Graph, last_train: str) -> None:
    text = to_fountain(graph.without("scene_02"))
    start, end = last_train.index("INT. LAST"), last_train.index("EXT. SMALL")
    note = "[[Props: the blank must read at a glance.]]\n\n"
    assert text == last_train[:start] + note + last_train[end:]


def test_new_lines_shots_and_scenes_go_where_the_film_has_them(
    graph: Graph, last_train: str
) -> None:
    line = Node(id="x", type="dialogue", params={"line": "Wait!", "emotion": "angry"})
    shot = Node(id="rat", type="shot", params={"action": "A rat crosses the aisle."})
    scene = Node(id="roof", type="sequence", params={"title": "EXT. ROOF - DAY"})
    sky = Node(id="sky", type="shot", params={"action": "Only sky."})
    edited = (
        graph.with_node(line, within="scene_02")
        .with_link(("x", "dialogue"), ("shot_02_020", "dialogue"), within="scene_02")
        .with_link(("input", "oskar"), ("x", "character"), within="scene_02")
        .with_node(shot, within="scene_02")
        .with_link(("rat", "shot"), ("sequence", "shots"), within="scene_02")
        .with_node(scene)
        .with_node(sky)
        .with_link(("sky", "shot"), ("roof", "shots"))
        .with_link(("roof", "sequence"), ("film", "shots"))
    )
    text = to_fountain(edited)
    assert difference(last_train, text) == [
        "+ OSKAR", "+ (angry)", "+ Wait!", "+ A rat crosses the aisle.",
        "+ EXT. ROOF - DAY", "+ Only sky.",
    ]  # fmt: skip
    assert "myself.\n\nOSKAR\n(angry)\nWait!\n\nINSERT" in text
    assert "closed.\n\nA rat crosses the aisle.\n\nDISSOLVE TO:" in text
    assert text.endswith("FADE OUT.\n\nEXT. ROOF - DAY\n\nOnly sky.\n")


def test_a_line_put_between_two_sentences_of_a_paragraph_parts_them() -> None:
    text = "INT. A - DAY\n\nA door. CLOSE ON THE LOCK. It turns. [[note]] Silence.\n"
    graph = to_graph(read(text))
    opening = graph.of_type("shot")[0][0].rpartition("/")[2]
    line = Node(id="x", type="dialogue", params={"line": "Who is it?"})
    edited = graph.with_node(line, within="scene_01").with_link(
        ("x", "dialogue"), (opening, "dialogue"), within="scene_01"
    )
    assert to_fountain(edited) == (
        "INT. A - DAY\n\nA door.\n\nNARRATOR\nWho is it?\n\n"
        "CLOSE ON THE LOCK. It turns. [[note]] Silence.\n"
    )


def test_a_copied_line_is_a_new_line(graph: Graph, last_train: str) -> None:
    original = graph.node("scene_02/line_02_020")
    copy = Node(id="copy", type="dialogue", params=original.params)
    edited = (
        graph.with_node(copy, within="scene_02")
        .with_link(("copy", "dialogue"), ("shot_02_020", "dialogue"), within="scene_02")
        .with_link(("input", "vera"), ("copy", "character"), within="scene_02")
    )
    assert difference(last_train, to_fountain(edited)) == [
        "+ VERA", "+ You can't. I don't know myself.",
    ]  # fmt: skip


def test_a_script_rewritten_in_the_text_editor_keeps_what_the_tree_does_not_know(
    graph: Graph, last_train: str
) -> None:
    longer = last_train.replace("FADE IN:", "FADE IN:\n\nEXT. SEA - NIGHT\n\nOnly waves.\n")
    edited = graph.with_params("script", text=longer).with_params(
        "scene_02/line_02_020", line="Mine."
    )
    expected = longer.replace("You can't. I don't know myself.", "Mine.")
    assert to_fountain(edited) == expected


def test_a_tree_without_a_script_is_written_down_and_read_back_as_itself(graph: Graph) -> None:
    text = to_fountain(graph.without("script"))
    script = read(text)
    assert text.startswith("Title: LAST TRAIN\n")
    spoken = [e.text for e in script.elements if e.kind is Kind.DIALOGUE]
    assert spoken == [str(n.params["line"]) for _, n in graph.of_type("dialogue")]
    assert [scene.title for scene in break_down(script).scenes] == [
        str(node.params["title"]) for path, node in graph.of_type("sequence") if path != "film"
    ]


def test_a_final_draft_script_comes_back_as_fountain() -> None:
    xml = (
        "<FinalDraft><Content><Paragraph Type='Scene Heading'><Text>INT. A - DAY</Text></Paragraph>"
        "<Paragraph Type='Action'><Text>Dark.</Text></Paragraph></Content></FinalDraft>"
    )
    assert to_fountain(to_graph(read(xml))) == "INT. A - DAY\n\nDark.\n"
