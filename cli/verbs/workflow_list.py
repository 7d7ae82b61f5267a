# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow list``: which workflows there are."""

from __future__ import annotations

import argparse

from ...core.workflow import WORK
from ...core.workflow_library import WorkflowLibrary
from ..source import add_json
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind", choices=sorted(WORK), metavar="KIND", help="only those of this kind of work"
    )
    add_json(parser, "id, kind, quality and more of each")


def _run(call: Call) -> int:
    library = WorkflowLibrary.open()
    kinds = [call.args.kind] if call.args.kind else list(WORK)
    found = [each for kind in kinds for each in library.of_kind(kind)]
    for kind in kinds:
        mine = [each for each in found if each.kind == kind]
        if mine:
            call.desk.say(f"{kind}: {WORK[kind].about}")
        for each in mine:
            marks = [each.quality, each.tier, "your own" if each.own else ""]
            marks = [mark for mark in marks if mark]
            call.desk.say(f"  {each.id:32} {', '.join(marks):20} {each.title}")
    for problem in library.problems:
        call.desk.note(f"{problem.what}\n  {problem.remedy}")
    call.desk.data(
        [
            {
                "id": each.id,
                "title": each.title,
                "kind": each.kind,
                "quality": each.quality,
                "tier": each.tier,
                "version": each.version,
                "precisions": [precision.name for precision in each.precisions],
                "licence": each.licence,
                "own": each.own,
            }
            for each in found
        ]
    )
    return DONE


VERB = Verb(
    name="list",
    usage="[--kind KIND] [--json]",
    summary="which workflows there are, by what they do",
    about="The workflows that came with Movie Director and your own, by kind of work.",
    examples=(("movie-director workflow list --kind music", "those that make music"),),
    arguments=_arguments,
    run=_run,
)
