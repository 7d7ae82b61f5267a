"""Every declared node type keeps the same promises, those added later too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.compile import Files, Program, compile_graph
from movie_director.core.errors import GraphError, MovieDirectorError
from movie_director.core.graph import STRUCTURAL, Graph, Link, Node
from movie_director.core.graph_json import graph_from_text, graph_to_text
from movie_director.core.kinds import KINDS
from movie_director.core.node_type import NodeType, Param
from movie_director.core.step import Option
from movie_director.node_types import catalogue

CATALOGUE = catalogue()
IDS = Path(__file__).resolve().parent.parent / "data" / "node_ids.txt"
TYPES = [pytest.param(declared, id=id) for id, declared in CATALOGUE.items()]
PARAMS = [
    pytest.param(declared, param, id=f"{id}.{param.name}")
    for id, declared in CATALOGUE.items()
    for param in declared.params
]
#: Names in files: never renamed, readable, usable as Python and Blender names.
IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def known_ids() -> list[str]:
    """What users' files may hold: one per line, "type" or "type.parameter" or "type>socket"."""
    return IDS.read_text(encoding="utf-8").split()


def declared_ids() -> set[str]:
    found: set[str] = set()
    for id, declared in CATALOGUE.items():
        for name in (id, *declared.was):
            found.add(name)
        found.update(f"{id}.{param.name}" for param in declared.params)
        found.update(f"{id}<{socket.name}" for socket in declared.inputs)
        found.update(f"{id}>{socket.name}" for socket in declared.outputs)
    return found


def test_no_id_that_files_may_hold_has_gone() -> None:
    gone = set(known_ids()) - declared_ids()
    assert not gone, "users' files hold these: bring them back, or name the old id in 'was'"


def test_every_id_is_noted_so_that_it_cannot_go_unseen() -> None:
    new = sorted(declared_ids() - set(known_ids()))
    assert not new, f"add these lines to {IDS.name}: {new}"


def test_the_notes_are_in_order() -> None:
    assert known_ids() == sorted(set(known_ids()))


@pytest.mark.parametrize("declared", TYPES)
def test_a_type_is_named_and_explained(declared: NodeType) -> None:
    assert IDENTIFIER.fullmatch(declared.id)
    assert declared.id not in STRUCTURAL
    assert declared.label
    assert declared.category
    assert re.fullmatch(r"[A-Z0-9_]+", declared.icon)
    assert declared.doc.endswith(".")
    assert declared.version >= 1
    assert all(0 <= value <= 1 for value in declared.colour)


@pytest.mark.parametrize("declared", TYPES)
def test_sockets_have_names_of_their_own_and_known_kinds(declared: NodeType) -> None:
    for sockets in (declared.inputs, declared.outputs):
        names = [socket.name for socket in sockets]
        assert len(set(names)) == len(names)
        for socket in sockets:
            assert IDENTIFIER.fullmatch(socket.name)
            assert socket.kind in KINDS
            assert set(socket.accepts) <= set(KINDS)
            # A Style's output "style" needs no words of its own: the type has them.
            explained = socket.doc.endswith(".") or socket.name == declared.id
            assert explained, f"{socket.name} is not explained"
    assert not any(socket.multi for socket in declared.outputs)


@pytest.mark.parametrize(("declared", "param"), PARAMS)
def test_a_parameter_is_explained_and_its_default_is_valid(
    declared: NodeType, param: Param
) -> None:
    assert IDENTIFIER.fullmatch(param.name)
    assert param.doc.endswith("."), f"'{param.doc}' is no sentence"
    assert param.title
    checked = param.check(param.default, where=declared.id)
    assert checked == param.default
    assert type(checked) is type(param.default)
    assert json.loads(json.dumps(checked)) == (
        list(checked) if isinstance(checked, tuple) else checked
    )


@pytest.mark.parametrize(("declared", "param"), PARAMS)
def test_choices_and_limits_belong_to_their_kind(declared: NodeType, param: Param) -> None:
    assert bool(param.choices) == (param.kind == "choice")
    ids = [id for id, _ in param.choices]
    assert len(set(ids)) == len(ids)
    for id, label in param.choices:
        assert id
        assert label
        assert param.check(id, where=declared.id) == id
    if param.minimum is not None or param.maximum is not None:
        assert param.kind in ("int", "float")
        assert param.minimum is None or param.maximum is None or param.minimum < param.maximum


@pytest.mark.parametrize(("declared", "param"), PARAMS)
@pytest.mark.parametrize("wrong", [object(), float("nan"), {"a": 1}, "\0", b"x", [1]])
def test_nonsense_is_refused_with_what_would_do(
    declared: NodeType, param: Param, wrong: Any
) -> None:
    with pytest.raises(GraphError) as caught:
        param.check(wrong, where="node")
    assert param.name in caught.value.what
    assert caught.value.remedy.startswith("Give ")
    assert caught.value.where == "node"
    assert declared.by_name[param.name] is param


def lowered(graph: Graph, node: str, tmp_path: Path) -> Program:
    return compile_graph(
        graph, CATALOGUE, offer=lambda want: (Option(executor="any", workflow=want.kind),),
        files=Files(tmp_path), node=node,
    )  # fmt: skip


@pytest.mark.parametrize("declared", TYPES)
def test_a_node_with_defaults_is_lowered_or_says_what_it_lacks(
    declared: NodeType, tmp_path: Path
) -> None:
    graph = Graph(nodes=(Node(id="it", type=declared.id),))
    lacking: list[MovieDirectorError] = []
    try:
        assert all(step.node == "it" for step in lowered(graph, "it", tmp_path).steps.values())
    except MovieDirectorError as error:
        lacking.append(error)
    assert [error.where for error in lacking] == (["it"] if declared.id == "output" else [])


def feeder(kind: str) -> tuple[str, str]:
    """A type with an output of the kind, and the output's name."""
    return next(
        (declared.id, socket.name)
        for declared in CATALOGUE.values()
        for socket in declared.outputs
        if socket.kind == kind
    )


def fed(declared: NodeType) -> Graph:
    """The node with every input linked, and what feeds it fed in turn by shots and lines."""
    nodes = [Node(id="it", type=declared.id)]
    links = []
    for socket in declared.inputs:
        for number, kind in enumerate(socket.accepts or (socket.kind,)):
            type, output = feeder(kind)
            id = f"{socket.name}_{number}"
            nodes.append(Node(id=id, type=type))
            links.append(Link(source=(id, output), target=("it", socket.name)))
            if type == "sequence":
                nodes.append(Node(id=f"{id}_shot", type="shot"))
                links.append(Link(source=(f"{id}_shot", "shot"), target=(id, "shots")))
            if not socket.multi:
                break
    return Graph(nodes=tuple(nodes), links=tuple(links))


@pytest.mark.parametrize("declared", TYPES)
def test_a_node_with_everything_linked_is_lowered_the_same_every_time(
    declared: NodeType, tmp_path: Path
) -> None:
    graph = fed(declared)
    first, again = (lowered(graph, "it", tmp_path) for _ in range(2))
    assert first.steps == again.steps
    for step in first.steps.values():
        assert step.label
        assert step.place.stem
        assert step.after <= first.steps.keys()
        assert all(first.steps[parent].order < step.order for parent in step.after)


@pytest.mark.parametrize("declared", TYPES)
def test_a_node_survives_the_trip_through_a_file(declared: NodeType) -> None:
    params = {param.name: param.default for param in declared.params}
    graph = Graph(nodes=(Node(id="it", type=declared.id, params=params, location=(1.5, -2.0)),))
    text = graph_to_text(graph)
    assert graph_from_text(text, CATALOGUE) == graph
    assert graph_to_text(graph_from_text(text, CATALOGUE)) == text


@pytest.mark.parametrize(("declared", "param"), PARAMS)
def test_what_changes_no_result_makes_nothing_dirty(
    declared: NodeType, param: Param, tmp_path: Path
) -> None:
    if param.affects:
        return
    graph = fed(declared)
    other = _another(param)
    changed = graph.with_params("it", **{param.name: other})
    before = {id: step.intent for id, step in lowered(graph, "it", tmp_path).steps.items()}
    after = {id: step.intent for id, step in lowered(changed, "it", tmp_path).steps.items()}
    assert before == after


def _another(param: Param) -> Any:
    """A valid value that is not the default."""
    if param.kind == "choice":
        return next(id for id, _ in param.choices if id != param.default)
    if param.kind == "bool":
        return not param.default
    if param.kind in ("int", "float"):
        return param.default + 1 if param.maximum != param.default else param.default - 1
    if param.kind == "palette":
        return ("#123456",)
    if param.kind in ("paths", "names"):
        return ("another",)
    return f"{param.default}another"
