"""Any edits of a tree, any new draft of a script: what comes out says what it should."""

from __future__ import annotations

from types import ModuleType

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from movie_director.core.compile import problems
from movie_director.core.graph import Graph
from movie_director.node_types import catalogue
from movie_director.screenplay import (
    Kind,
    accept,
    break_down,
    compare,
    read,
    settings_of,
    to_fountain,
    to_graph,
)

_SHARED = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole films takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_WORDS = st.sampled_from(["Wait.", "No, you first!", "A second line\nunder it.", "Why?"])


@_SHARED
@given(st.data())
def test_the_lines_of_an_edited_tree_are_the_lines_of_its_screenplay(
    last_train: str, data: st.DataObject
) -> None:
    graph = to_graph(read(last_train))
    paths = [path for path, node in graph.walk() if node.type in ("dialogue", "shot")]
    for path in data.draw(st.lists(st.sampled_from(paths), unique=True, max_size=6)):
        kind = graph.node(path).type
        if data.draw(st.booleans()):
            graph = graph.without(path)
        elif kind == "dialogue":
            graph = graph.with_params(path, line=data.draw(_WORDS))
        else:
            graph = graph.with_params(path, action=data.draw(_WORDS))
    spoken = [e.text for e in read(to_fountain(graph)).elements if e.kind is Kind.DIALOGUE]
    assert spoken == [str(node.params["line"]) for _, node in graph.of_type("dialogue")]


def _drafts(text: str, data: st.DataObject) -> str:
    """``text`` with some paragraphs dropped, doubled, moved or reworded."""
    parts = text.split("\n\n")
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(parts) - 1))
        how = data.draw(st.sampled_from(["drop", "double", "move", "reword", "new"]))
        if how == "drop":
            del parts[at]
        elif how == "double":
            parts.insert(at, parts[at])
        elif how == "move":
            parts.insert(data.draw(st.integers(0, len(parts) - 1)), parts.pop(at))
        elif how == "reword":
            parts[at] = parts[at].replace("the", "no").replace("You", "We")
        else:
            new = st.sampled_from(["INT. BAR - DAY", "A cat.", "VERA\nHello.", "THE CAT\nMiaow."])
            parts.insert(at, data.draw(new))
        if not parts:
            return "INT. A - DAY\n"
    return "\n\n".join(parts)


@_SHARED
@given(st.data())
def test_accepting_every_change_of_any_draft_gives_that_draft(
    last_train: str, data: st.DataObject
) -> None:
    graph = to_graph(read(last_train))
    _accepts(graph, _drafts(last_train, data))


@settings(_SHARED, max_examples=20)
@given(st.data())
def test_so_does_a_longer_film_that_repeats_itself(
    scripts: ModuleType, data: st.DataObject
) -> None:
    text = scripts.feature(4)
    _accepts(to_graph(read(text)), _drafts(text, data))


def _accepts(graph: Graph, draft: str) -> None:
    new = break_down(read(draft), settings_of(graph))
    found = compare(graph, new)
    assert not any(change.conflict for change in found)
    done = accept(graph, found)
    assert problems(done, catalogue()) == ()
    assert to_fountain(done) == draft
    assert compare(done, new) == ()
