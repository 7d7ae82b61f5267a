# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director build``: a script or a graph becomes a node tree in a .blend."""

from __future__ import annotations

import argparse
from pathlib import Path

from ... import api
from ..outcome import outcome
from ..source import add_film, add_json, open_source
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser, "what to build from")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="film.blend to make (or .json, for the graph alone)",
    )
    add_json(parser, "what was written")


def _run(call: Call) -> int:
    source = open_source(call.args.film)
    target = Path(call.args.output).absolute()
    graph = api.rebased(source.graph, source.base, target.parent)
    api.write(graph, target)
    call.desk.data(outcome(target.parent, files={"film": target}))
    call.desk.say(f"{target}: {sum(1 for _ in graph.walk())} nodes")
    return DONE


VERB = Verb(
    name="build",
    usage="FILM -o film.blend [--json]",
    summary="make a .blend with a readable node tree from a script or a graph (needs bpy)",
    about="Make a .blend whose node tree is laid out to be read: one group for each scene,\n"
    "columns by role. Nothing is evaluated. Needs Blender's module (bpy).",
    examples=(
        ("movie-director build last_train.fountain -o film.blend", "from a screenplay"),
        ("movie-director build film.json -o film.blend", "back from 'graph --json'"),
    ),
    arguments=_arguments,
    run=_run,
)
