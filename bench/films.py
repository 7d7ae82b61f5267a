# SPDX-License-Identifier: GPL-3.0-or-later
"""Film graphs of any size for benchmarks: scenes as groups, shots with a line each."""

from __future__ import annotations

from movie_director.core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, Graph, Link, Node

__all__ = ["film"]

#: Shots in one scene; with its line each shot is two nodes, and a scene has five of its own.
SHOTS = 18
NODES_PER_SCENE = 2 * SHOTS + 5


def film(nodes: int) -> Graph:
    """A film of about ``nodes`` nodes, two characters in every scene."""
    scenes = max(1, round(nodes / NODES_PER_SCENE))
    top = [
        Node(id="project", type="project", params={"title": "Benchmark"}),
        Node(id="anna", type="character", params={"name": "ANNA", "description": "Tall. " * 30}),
        Node(id="film", type="sequence"),
        Node(id="out", type="output"),
    ]
    links = [_link("project.project", "out.project"), _link("film.sequence", "out.sequence")]
    for number in range(scenes):
        top.append(_scene(number))
        links.append(_link("anna.character", f"scene_{number}.anna"))
        links.append(_link(f"scene_{number}.scene", "film.shots"))
    return Graph(nodes=tuple(top), links=tuple(links))


def _scene(number: int) -> Node:
    inner = [
        Node(id="in", type=GROUP_INPUT, params={"sockets": ({"name": "anna", "kind": "character"},)}),
        Node(id="out", type=GROUP_OUTPUT, params={"sockets": ({"name": "scene", "kind": "sequence"},)}),
        Node(id="seq", type="sequence", params={"title": f"Scene {number}"}),
        Node(id="env", type="environment", params={"place": "street"}),
    ]  # fmt: skip
    links = [_link("seq.sequence", "out.scene")]
    for shot in range(SHOTS):
        one, line = f"shot_{shot}", f"line_{shot}"
        inner.append(Node(id=one, type="shot", params={"action": f"Anna waits, {number}.{shot}."}))
        inner.append(Node(id=line, type="dialogue", params={"line": f"Line {number}.{shot}."}))
        links += [
            _link("in.anna", f"{line}.character"),
            _link("in.anna", f"{one}.characters"),
            _link(f"{line}.dialogue", f"{one}.dialogue"),
            _link("env.environment", f"{one}.environment"),
            _link(f"{one}.shot", "seq.shots"),
        ]
    return Node(
        id=f"scene_{number}", type=GROUP, params={"name": f"Scene {number}"},
        nodes=tuple(inner), links=tuple(links),
    )  # fmt: skip


def _link(source: str, target: str) -> Link:
    (a, b), (c, d) = source.split("."), target.split(".")
    return Link(source=(a, b), target=(c, d))
