"""Graphs for the tests here: any graph Hypothesis can think of, and small films by hand."""

from __future__ import annotations

from hypothesis import strategies as st
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.graph_json import to_json
from movie_director.core.kinds import KINDS
from movie_director.core.node_type import Param, six_digits
from movie_director.node_types import catalogue

_SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\n")
LINE = st.text(_SIGNS, max_size=80)
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
ID = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=70
)


def value(param: Param) -> st.SearchStrategy:
    """Any value the parameter takes, in canonical form."""
    if param.kind == "choice":
        return st.sampled_from([id for id, _ in param.choices])
    if param.kind == "bool":
        return st.booleans()
    if param.kind == "int":
        low = -(2**31) + 1 if param.minimum is None else int(param.minimum)
        return st.integers(low, 2**31 - 1 if param.maximum is None else int(param.maximum))
    if param.kind == "float":
        return st.floats(param.minimum, param.maximum, width=32).map(six_digits)
    if param.kind == "palette":
        colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
        return st.lists(st.one_of(colour, colour.map(str.upper)), max_size=4).map(tuple)
    if param.kind in ("paths", "names"):
        return st.lists(LINE, max_size=4).map(tuple)
    return LINES if param.kind in ("lines", "textblock") else LINE


def params(type: str) -> st.SearchStrategy:
    declared = {param.name: value(param) for param in catalogue()[type].params}
    return st.fixed_dictionaries({}, optional=declared)


def _ordered(socket: dict) -> dict:
    """Keys in the order in which the JSON reader puts them."""
    return {key: socket[key] for key in ("name", "kind", "label", "multi") if key in socket}


COORDINATE = st.floats(-1e5, 1e5, width=32).map(lambda x: round(x, 1)).map(six_digits)
SOCKETS = st.lists(
    st.fixed_dictionaries(
        {"name": LINE.filter(bool), "kind": st.sampled_from(sorted(KINDS))},
        optional={"label": LINE.filter(bool), "multi": st.just(True)},
    ),
    max_size=4,
    unique_by=lambda socket: socket["name"],
).map(lambda found: tuple(_ordered(socket) for socket in found))


@st.composite
def scopes(draw, depth: int = 2):
    """Nodes and links of one level, ids unique, frames before what they frame."""
    ids = draw(st.lists(ID, max_size=6, unique=True))
    frames = [id for id in ids if draw(st.integers(0, 9)) == 0]
    nodes = tuple(draw(node(id, id in frames, frames, depth)) for id in ids)
    ends = [n for n in nodes if n.type not in ("frame", "reroute")]
    links = (
        draw(st.lists(_link(ends), max_size=8, unique_by=lambda k: (k.source, k.target)))
        if ends
        else []
    )
    return nodes, tuple(links)


@st.composite
def node(draw, id: str, framed: bool, frames: list[str], depth: int):
    plain = draw(st.sampled_from(sorted(catalogue())))
    kinds = ["reroute", "group_input", "group_output", *["group"] * (depth > 0), *[plain] * 6]
    type = "frame" if framed else draw(st.sampled_from(kinds))
    own, links = draw(scopes(depth - 1)) if type == "group" else ((), ())
    given = {
        "group": st.fixed_dictionaries({}, optional={"name": LINE}),
        "reroute": st.fixed_dictionaries({}, optional={"kind": st.sampled_from(sorted(KINDS))}),
        "frame": st.just({}),
        "group_input": st.fixed_dictionaries({}, optional={"sockets": SOCKETS}),
        "group_output": st.fixed_dictionaries({}, optional={"sockets": SOCKETS}),
    }.get(type)
    return Node(
        id=id,
        type=type,
        params=draw(given if given is not None else params(type)),
        location=(draw(COORDINATE), draw(COORDINATE)),
        nodes=own,
        links=links,
        label=draw(LINE),
        muted=draw(st.booleans()) if type not in ("frame", "reroute") else False,
        frame=draw(st.sampled_from(["", *frames])) if not framed else "",
    )


@st.composite
def _link(draw, nodes):
    source, target = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
    out = [*_names(source, "output"), "gone"]
    into = [*_names(target, "input"), "gone too"]
    return Link(
        source=(source.id, draw(st.sampled_from(out))),
        target=(target.id, draw(st.sampled_from(into))),
        muted=draw(st.booleans()),
    )


def _names(node: Node, side: str) -> list[str]:
    declared = catalogue().get(node.type)
    if declared is not None:
        return list(declared.output_by_name if side == "output" else declared.input_by_name)
    inner = "group_output" if side == "output" else "group_input"
    if node.type == "group":
        return [
            s["name"] for n in node.nodes if n.type == inner for s in n.params.get("sockets", ())
        ]
    own = "group_input" if side == "output" else "group_output"
    return [s["name"] for s in node.params.get("sockets", ())] if node.type == own else []


GRAPHS = scopes().map(lambda scope: Graph(nodes=scope[0], links=scope[1]))


def same(one: Graph, other: Graph) -> bool:
    """Whether two graphs are equal but for the order of nodes, which means nothing."""
    return to_json(one) == to_json(other)


def film(scenes: int, shots: int = 3) -> Graph:
    """A small film: a group for each scene, one character, lines and shots."""
    nodes = [
        Node(id="project", type="project", params={"title": "Test"}),
        Node(id="anna", type="character", params={"name": "ANNA"}),
        Node(id="film", type="sequence"),
        Node(id="out", type="output"),
    ]
    links = [
        Link(source=("project", "project"), target=("out", "project")),
        Link(source=("film", "sequence"), target=("out", "sequence")),
    ]
    for number in range(1, scenes + 1):
        nodes.append(scene(number, shots))
        links.append(Link(source=("anna", "character"), target=(f"scene_{number}", "anna")))
        links.append(Link(source=(f"scene_{number}", "scene"), target=("film", "shots")))
    return Graph(nodes=tuple(nodes), links=tuple(links))


def scene(number: int, shots: int) -> Node:
    """One scene's group, with a line of dialogue in every shot."""
    into = ({"name": "anna", "kind": "character"},)
    out = ({"name": "scene", "kind": "sequence"},)
    nodes = [
        Node(id="in", type="group_input", params={"sockets": into}),
        Node(id="o", type="group_output", params={"sockets": out}),
        Node(id="seq", type="sequence", params={"title": f"Scene {number}"}),
        Node(id="env", type="environment", params={"place": "street"}),
    ]
    links = [Link(source=("seq", "sequence"), target=("o", "scene"))]
    for k in range(1, shots + 1):
        shot, line = f"shot_{k}", f"line_{k}"
        nodes.append(Node(id=shot, type="shot", params={"action": f"Action {number}.{k}"}))
        nodes.append(Node(id=line, type="dialogue", params={"line": f"Hello {number} {k}"}))
        links += [
            Link(source=("in", "anna"), target=(line, "character")),
            Link(source=("in", "anna"), target=(shot, "characters")),
            Link(source=(line, "dialogue"), target=(shot, "dialogue")),
            Link(source=("env", "environment"), target=(shot, "environment")),
            Link(source=(shot, "shot"), target=("seq", "shots")),
        ]
    title = {"name": f"Scene {number}"}
    return Node(
        id=f"scene_{number}", type="group", params=title, nodes=tuple(nodes), links=tuple(links)
    )
