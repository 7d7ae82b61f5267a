"""From what was drawn to what must be done: groups, mute, links that make no sense, sharing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.compile import (
    Files,
    Program,
    compile_graph,
    outputs_of,
    problems,
)
from movie_director.core.compile.flatten import flatten
from movie_director.core.compile.lowering import Lowering
from movie_director.core.errors import GraphError, LinkError, MediaError
from movie_director.core.executor import Want
from movie_director.core.graph import (
    FRAME,
    GROUP,
    GROUP_INPUT,
    GROUP_OUTPUT,
    REROUTE,
    Graph,
    Link,
    Node,
)
from movie_director.core.node_type import Catalogue
from movie_director.core.step import CLIP, Option, Place
from movie_director.node_types import catalogue

CATALOGUE = catalogue()


def node(id: str, type: str, **params: Any) -> Node:
    return Node(id=id, type=type, params=params)


def link(text: str) -> Link:
    """``"shot.shot > scene.shots"``."""
    source, target = (end.strip().split(".") for end in text.split(">"))
    return Link(source=(source[0], source[1]), target=(target[0], target[1]))


def graph(nodes: list[Node], *links: str) -> Graph:
    return Graph(nodes=tuple(nodes), links=tuple(map(link, links)))


FILM = graph(
    [
        node("anna", "character", name="ANNA"),
        node("line", "dialogue", line="Hello."),
        node("other", "dialogue", line="Goodbye."),
        node("one", "shot", action="She waits."),
        node("two", "shot", action="She leaves."),
        node("scene", "sequence", title="Station"),
        node("out", "output"),
    ],
    "anna.character > line.character",
    "anna.character > other.character",
    "line.dialogue > one.dialogue",
    "other.dialogue > two.dialogue",
    "one.shot > scene.shots",
    "two.shot > scene.shots",
    "scene.sequence > out.sequence",
)


def offer(want: Want) -> tuple[Option, ...]:
    return (Option(executor="any", seconds=want.seconds),)


def compiled(graph: Graph, base: Path = Path(), **given: Any) -> Program:
    return compile_graph(graph, CATALOGUE, offer=offer, files=Files(base), **given)


def intents(graph: Graph, base: Path = Path()) -> dict[str, str]:
    return {id: step.intent for id, step in compiled(graph, base).steps.items()}


def changed(before: Graph, after: Graph, base: Path = Path()) -> set[str]:
    """Steps whose intent differs."""
    old, new = intents(before, base), intents(after, base)
    return {id for id in new if new[id] != old.get(id)}


def test_a_film_becomes_steps_each_after_what_it_needs() -> None:
    program = compiled(FILM)
    seen: set[str] = set()
    for step in program.steps.values():
        assert step.after <= seen
        seen.add(step.id)
    assert list(program.steps) == [
        "line:speech", "one:clip", "other:speech", "two:clip", "out:cut", "out:mix", "out:film",
        "out:otio", "out:subtitles", "out:storyboard",
    ]  # fmt: skip
    assert program.output == "out"


def test_compiling_twice_gives_the_same() -> None:
    assert compiled(FILM) == compiled(FILM)


def test_a_changed_line_changes_exactly_what_depends_on_it() -> None:
    assert changed(FILM, FILM.with_params("line", line="Hi.")) == {
        "line:speech", "one:clip", "out:cut", "out:mix", "out:film", "out:otio", "out:subtitles",
        "out:storyboard",
    }  # fmt: skip


@pytest.mark.parametrize(
    "same",
    [
        FILM.with_changed("one", lambda n: replace(n, location=(5.0, 5.0), label="Opening")),
        FILM.with_node(Node(id="box", type=FRAME)),
        FILM.with_node(node("alone", "shot", action="Unused.")),
        Graph(nodes=tuple(reversed(FILM.nodes)), links=FILM.links),
        FILM.with_params("anna", name="ANNA"),
    ],
    ids=["moved", "framed", "unused", "reordered", "same value"],
)
def test_what_means_nothing_to_the_film_changes_no_intent(same: Graph) -> None:
    assert {id for id in changed(FILM, same) if not id.startswith("out:")} == set()


def test_the_order_of_shots_is_part_of_the_film() -> None:
    swapped = replace(FILM, links=(*FILM.links[:4], FILM.links[5], FILM.links[4], FILM.links[6]))
    assert changed(FILM, swapped) >= {"out:cut", "out:film"}
    assert not changed(FILM, swapped) & {"one:clip", "two:clip"}


def test_equal_wishes_are_one_step_and_know_who_wanted_them() -> None:
    twice = FILM.with_params("other", line="Hello.")
    program = compiled(twice)
    assert "other:speech" not in program.steps
    assert program.steps["line:speech"].also == ("other",)  # type: ignore[index]


def test_a_group_is_what_it_holds() -> None:
    inner = [
        node("in", GROUP_INPUT, sockets=({"name": "who", "kind": "character"},)),
        node("line", "dialogue", line="Hello."),
        node("one", "shot", action="She waits."),
        node("seq", "sequence", title="Station"),
        node("o", GROUP_OUTPUT, sockets=({"name": "scene", "kind": "sequence"},)),
    ]
    links = (
        "in.who > line.character", "line.dialogue > one.dialogue", "one.shot > seq.shots",
        "seq.sequence > o.scene",
    )  # fmt: skip
    group = Node(id="g", type=GROUP, nodes=tuple(inner), links=tuple(map(link, links)))
    film = graph(
        [node("anna", "character", name="ANNA"), group, node("out", "output")],
        "anna.character > g.who", "g.scene > out.sequence",
    )  # fmt: skip
    steps = compiled(film).steps
    assert {"g/line:speech", "g/one:clip", "out:film"} <= steps.keys()
    assert steps["g/one:clip"].place.scene == "g"  # type: ignore[index]
    flat = flatten(film, CATALOGUE)
    assert flat.feeds[("g/line", "character")] == (("anna", "character"),)
    muted = film.with_changed("g", lambda n: replace(n, muted=True))
    with pytest.raises(GraphError, match="no shots"):
        compiled(muted)


def test_reroutes_are_seen_through() -> None:
    through = graph(
        [*FILM.nodes, node("r1", REROUTE), node("r2", REROUTE)],
        *(text for text in _links_of(FILM) if not text.startswith("one.shot")),
        "one.shot > r1.input", "r1.output > r2.input", "r2.output > scene.shots",
    )  # fmt: skip
    flat = flatten(through, CATALOGUE)
    assert flat.feeds[("scene", "shots")] == (("two", "shot"), ("one", "shot"))
    assert not {"r1", "r2"} & flat.nodes.keys()


def _links_of(film: Graph) -> list[str]:
    return [f"{ln.source[0]}.{ln.source[1]} > {ln.target[0]}.{ln.target[1]}" for ln in film.links]


def test_reroutes_that_lead_nowhere_or_round_feed_nothing() -> None:
    loose = graph(
        [*FILM.nodes, node("r1", REROUTE), node("r2", REROUTE)],
        *_links_of(FILM), "r1.output > r2.input", "r2.output > r1.input", "r2.output > one.style",
    )  # fmt: skip
    assert ("one", "style") not in flatten(loose, CATALOGUE).feeds


def test_a_muted_shot_is_left_out_and_a_muted_link_too() -> None:
    muted = FILM.with_changed("one", lambda n: replace(n, muted=True))
    assert "one:clip" not in compiled(muted).steps
    cut = replace(FILM, links=tuple(
        replace(ln, muted=ln.source[0] == "two") for ln in FILM.links))  # fmt: skip
    assert "two:clip" not in compiled(cut).steps


def test_a_muted_node_hands_on_what_it_would_have_changed() -> None:
    styles = graph(
        [*FILM.nodes, node("base", "style", keywords="noir"), node("rain", "style")],
        *_links_of(FILM), "base.style > rain.parent", "rain.style > one.style",
    )  # fmt: skip
    muted = styles.with_changed("rain", lambda n: replace(n, muted=True))
    assert flatten(muted, CATALOGUE).feeds[("one", "style")] == (("base", "style"),)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("one.shot > out.project", "The input 'Project' takes project, not shot."),
        ("one.nothing > scene.shots", "'one' has no output 'nothing'."),
        ("one.shot > scene.nothing", "'scene' has no input 'nothing'."),
        ("scene.sequence > scene.shots", "The links go round in a circle."),
        ("anna.character > line.character", "The input 'Character' takes one link and has 2."),
    ],
)
def test_a_link_that_makes_no_sense_is_named_and_refused(wrong: str, reason: str) -> None:
    film = graph(list(FILM.nodes), *_links_of(FILM), wrong)
    (problem,) = problems(film, CATALOGUE)
    assert problem.reason == reason
    assert problem.remedy
    with pytest.raises(LinkError) as caught:
        compiled(film)
    assert caught.value.what == reason
    assert caught.value.where == problem.target[0]


def test_all_bad_links_are_named_at_once() -> None:
    film = graph(list(FILM.nodes), *_links_of(FILM), "one.x > scene.shots", "two.y > scene.shots")
    with pytest.raises(LinkError, match=r"'one' has no output 'x'.*Also: scene: 'two'"):
        compiled(film)


def test_a_good_film_has_no_problems() -> None:
    assert problems(FILM, CATALOGUE) == ()


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(GraphError, match="no node type 'upscale'") as caught:
        compiled(FILM.with_node(node("x", "upscale")))
    assert caught.value.where == "x"


def test_the_output_may_be_left_out_when_there_is_one() -> None:
    assert outputs_of(FILM, CATALOGUE) == ("out",)
    with pytest.raises(GraphError, match="no Output node"):
        compiled(FILM.without("out"))
    two = FILM.with_node(node("out2", "output")).with_link(
        ("scene", "sequence"), ("out2", "sequence")
    )
    with pytest.raises(GraphError, match="several") as caught:
        compiled(two)
    assert "out, out2" in caught.value.remedy
    assert compiled(two, output="out2").output == "out2"
    with pytest.raises(GraphError, match="no Output node 'shot'"):
        compiled(two, output="shot")


def test_one_node_is_evaluated_with_the_films_settings() -> None:
    film = FILM.with_node(node("project", "project", fps=25.0)).with_link(
        ("project", "project"), ("out", "project")
    )
    program = compiled(film, node="two")
    assert list(program.steps) == ["other:speech", "two:clip"]
    assert program.film.fps == 25.0
    assert program.steps["two:clip"].intent == compiled(film).steps["two:clip"].intent  # type: ignore[index]
    with pytest.raises(GraphError, match="no node 'nobody'"):
        compiled(film, node="nobody")


def test_one_node_needs_no_output() -> None:
    assert list(compiled(FILM.without("out"), node="one").steps) == ["line:speech", "one:clip"]


def test_a_users_file_counts_by_its_content_alone(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"one")
    (tmp_path / "b.wav").write_bytes(b"one")
    film = FILM.with_params("line", recording="//a.wav")
    assert changed(film, film.with_params("line", recording="b.wav"), tmp_path) == set()
    before = intents(film, tmp_path)
    (tmp_path / "a.wav").write_bytes(b"two!")
    after = intents(film, tmp_path)
    assert before["line:speech"] != after["line:speech"]


def test_a_missing_file_is_an_error_that_names_the_node(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"'gone\.wav' cannot be read") as caught:
        compiled(FILM.with_params("line", recording="gone.wav"), tmp_path)
    assert caught.value.where == "line"


def test_a_file_is_read_once_while_it_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.wav").write_bytes(b"one")
    files = Files(tmp_path)
    first = files("a.wav")
    monkeypatch.setattr("movie_director.core.compile.file_digest", None)
    assert files("a.wav") is first


def test_two_wishes_of_one_node_and_kind_get_ids_of_their_own() -> None:
    def lower(low: Lowering) -> dict[str, Any]:
        place = Place(stem="x", suffix=".bin")
        refs = [low.step(CLIP, {"n": n}, place=place, label="x", seconds=1.0) for n in (1, 2, 1)]
        return {"shot": {"clips": refs}}

    odd = Catalogue({**CATALOGUE, "shot": replace(CATALOGUE["shot"], lower=lower)})
    program = compile_graph(
        FILM, odd, offer=offer, files=Files(Path()), node="one"
    )  # fmt: skip
    assert [id for id in program.steps if id.startswith("one")] == ["one:clip", "one:clip_2"]


def test_inputs_that_are_no_json_are_our_bug() -> None:
    def lower(low: Lowering) -> dict[str, Any]:
        place = Place(stem="x", suffix=".bin")
        low.step(CLIP, {"n": object()}, place=place, label="x", seconds=1.0)
        return {}

    odd = Catalogue({**CATALOGUE, "shot": replace(CATALOGUE["shot"], lower=lower)})
    with pytest.raises(TypeError, match="object cannot be an input"):
        compile_graph(FILM, odd, offer=offer, files=Files(Path()), node="one")


PLAIN = {"by": "backend", "one": "shot", "film": "sequence", "out": "output"}


def test_a_backend_knows_the_nodes_it_speaks_for_through_groups_too() -> None:
    into = [{"name": "by", "kind": "backend"}]
    scene = Node(
        id="scene",
        type=GROUP,
        nodes=(
            Node(id="in", type=GROUP_INPUT, params={"sockets": into}),
            node("inner", "shot", action="A cup."),
        ),
        links=(link("in.by > inner.backend"),),
    )
    nodes = [scene, *(node(name, type) for name, type in PLAIN.items())]
    film = graph(nodes, "by.backend > scene.by", "by.backend > one.backend", "one.shot > film.shots",
        "film.sequence > out.sequence")  # fmt: skip
    assert compiled(film).backed == {"by": ("scene/inner", "one")}
