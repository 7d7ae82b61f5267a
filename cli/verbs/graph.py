# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director graph``: a film's nodes, as an outline or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ... import api
from ...core.graph import GROUP, STRUCTURAL, Graph, Node
from ...core.graph_json import graph_to_text
from ..source import add_film, open_source
from ..verb import DONE, Call, Verb

#: The parameter that says most about a node in one line, by what is there.
_TELLING = ("title", "name", "line", "action", "prompt", "description")


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="the whole graph, schema movie-director/graph@1 (docs/graph.schema.json)",
    )


def _run(call: Call) -> int:
    source = open_source(call.args.film)
    if call.args.json:
        call.desk.text(graph_to_text(source.graph))
    else:
        call.desk.say("\n".join(outline(source.graph)))
    return DONE


def outline(graph: Graph) -> Iterator[str]:
    """One line a node, groups indented, and at the end what makes no sense."""
    yield from _lines(graph.nodes, "")
    count = sum(1 for _, node in graph.walk() if node.type not in STRUCTURAL)
    yield f"{count} nodes"
    for problem in api.check(graph):
        yield f"{problem.target[0]}: {problem.reason} {problem.remedy}"


def _lines(nodes: tuple[Node, ...], indent: str) -> Iterator[str]:
    for node in nodes:
        if node.type in STRUCTURAL and node.type != GROUP:
            continue
        told = next((str(node.params[name]) for name in _TELLING if node.params.get(name)), "")
        kind = node.type.replace("_", " ")
        first = told.partition("\n")[0]
        told = first if len(first) <= 60 else f"{first[:59]}…"
        muted = " (muted)" if node.muted else ""
        yield f"{indent}{node.id:<{max(4, 24 - len(indent))}} {kind:<13}{told}{muted}".rstrip()
        yield from _lines(node.nodes, f"{indent}  ")


VERB = Verb(
    name="graph",
    usage="FILM [--json]",
    summary="show a film's nodes, or print its graph as JSON",
    about="Show what a film is made of. With --json: the whole graph in canonical order, so that\n"
    "two versions of a film diff readably; 'build' makes the same film from it again.",
    examples=(
        ("movie-director graph last_train.fountain", "an outline: scenes, shots, lines"),
        ("movie-director graph film.blend --json > film.json", "for version control"),
    ),
    arguments=_arguments,
    run=_run,
)
