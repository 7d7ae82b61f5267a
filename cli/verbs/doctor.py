# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director doctor``: what a film lacks to be made as asked, and what mends it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from ... import api
from ...core.lack import SCHEMA, Diagnosis, Lack
from ..source import add_film, add_json, open_source
from ..verb import DONE, FAILED, Call, Verb

#: Nodes that are named of those a cause holds up.
_NAMED = 4


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    parser.add_argument("-o", "--output", metavar="DIR", help="where the results lie")
    add_json(parser, f"what is missing, schema {SCHEMA},")


def _run(call: Call) -> int:
    source = open_source(call.args.film, call.args.output)
    found = api.doctor(source.graph, source.folder, base=source.base)
    call.desk.data(found.to_json())
    if not call.args.json:
        for line in _lines(found):
            call.desk.say(line)
    return DONE if found.ok else FAILED


def _lines(found: Diagnosis) -> Iterator[str]:
    if found.ok:
        yield "Nothing is missing: every node can be made as asked."
    yield from _told(found.missing)
    if found.better:
        yield (
            "Sketches are enough for the rest at this quality. At a higher one, or with a Backend that "
            "names a service:"
        )
    yield from _told(found.better)


def _told(lacks: Sequence[Lack]) -> Iterator[str]:
    for lack in lacks:
        yield f"{lack.what}{_nodes(lack)}"
        yield from (f"  {fix}" for fix in lack.fixes)


def _nodes(lack: Lack) -> str:
    if not lack.nodes:
        return ""
    named = ", ".join(lack.nodes[:_NAMED])
    more = f" and {len(lack.nodes) - _NAMED} more" if len(lack.nodes) > _NAMED else ""
    return f" [{named}{more}]"


VERB = Verb(
    name="doctor",
    usage="FILM [-o DIR] [--json]",
    summary="list what is missing for making the film as asked, and what mends it",
    about="Look at every node of a film: services that are not there or not ready, models and node\n"
    "classes a server lacks, files of the film's own, memory, room on the disk. Each cause comes\n"
    "once, with the nodes it holds up and the command or link that mends it. Nothing is made.\n"
    "The exit code is 1 where something is missing.",
    examples=(
        ("movie-director doctor film.blend", "what stands in the way"),
        ("movie-director doctor last_train.fountain --json", "for a program"),
    ),
    arguments=_arguments,
    run=_run,
)
