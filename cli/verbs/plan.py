# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director plan``: what evaluating a film would do, and why."""

from __future__ import annotations

import argparse

from ... import api
from ..quantities import memory
from ..running import warn_of_room
from ..source import add_film, add_json, add_node, find_node, open_source
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    parser.add_argument(
        "--vram",
        metavar="SIZE",
        type=memory,
        help="plan as if no device had more memory than this, such as 8GiB",
    )
    add_node(parser, "only what this node needs")
    parser.add_argument("-o", "--output", metavar="DIR", help="where the results lie")
    parser.add_argument(
        "--force", action="store_true", help="as if everything had to be made again"
    )
    add_json(parser, "the plan, schema movie-director/plan@1,")


def _run(call: Call) -> int:
    args = call.args
    source = open_source(args.film, args.output)
    with api.prepare(
        source.graph,
        source.folder,
        base=source.base,
        node=find_node(source.graph, args.node),
        force=args.force,
        vram_bytes=args.vram,
    ) as job:
        call.desk.data(job.plan.to_json())
        if not args.json:
            call.desk.say(job.plan.explain())
        warn_of_room(call.desk, job)
    return DONE


VERB = Verb(
    name="plan",
    usage="FILM [--vram 8GiB] [--node NAME] [--json]",
    summary="say what would be done, where and why, before anything runs",
    about="Print the plan: stages and steps, the service of each and the reason, models, memory,\n"
    "time, what is there already, and why everything else has to be made. Nothing runs.",
    examples=(
        ("movie-director plan film.blend", "what has changed since it was last evaluated"),
        ("movie-director plan last_train.fountain --vram 8GiB --json", "for a program"),
    ),
    arguments=_arguments,
    run=_run,
)
