# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director evaluate``: make a film, as far as it is not made already."""

from __future__ import annotations

import argparse
from pathlib import Path

from ... import api
from ...core.learning import Learned
from ...core.measured import Measured
from ...studio import belongs
from ..opening import closing_words
from ..outcome import run_outcome
from ..progress import near_path
from ..running import exit_code, follow, tell_failures, warn_of_room
from ..source import Source, add_film, add_json, add_node, find_node, open_source
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    add_node(parser, "make only this, and what it needs")
    parser.add_argument("--dry-run", action="store_true", help="print the plan and run nothing")
    parser.add_argument(
        "--force",
        action="store_true",
        help="make again what is there already (with --node: that node's results)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="where results go (default: as the Project says, else FILM_film beside it)",
    )
    add_json(parser, "what was made (with --dry-run: the plan)")


def _run(call: Call) -> int:
    args = call.args
    source = open_source(args.film, args.output)
    node = find_node(source.graph, args.node)
    with api.prepare(
        source.graph, source.folder, base=source.base, node=node, force=args.force
    ) as job:
        if args.dry_run:
            call.desk.data(job.plan.to_json())
            if not args.json:
                call.desk.say(job.plan.explain())
            warn_of_room(call.desk, job)
            return DONE
        result = follow(call, job)
        if source.is_blend and result.ok and not node:
            _bring_up_to_date(source, job, result)
        mine = _files_of(node, job, result)
        learned = job.studio.lessons.learned if result.made else Learned()
        planned = job.plan.figures
    waste = _waste(planned.held_share, result.measured) if planned.loads else ""
    errors = (learned.seconds_error().words("time"), learned.bytes_error().words("memory"))
    said = " ".join(filter(None, (*errors, waste)))
    if said:
        call.desk.note(said)
    return _tell(call, source, result, mine)


def _waste(planned: float, measured: Measured) -> str:
    """How much memory models held that nobody needed any more, beside what was planned."""
    return (
        f"Models that no step needed any more held {measured.held_share:.1%} of the memory over the "
        f"run; the plan said {planned:.1%}."
    )


def _files_of(node: str, job: api.Job, result: api.Result) -> dict[str, Path]:
    """What there is of one node, or of what lies in a group, by step; nothing of a whole film."""
    owned = (id for id, step in job.plan.steps.items() if node and belongs(step, node))
    return {id: result.artifacts[id].path for id in owned if id in result.artifacts}


def _bring_up_to_date(source: Source, job: api.Job, result: api.Result) -> None:
    """Put the results into the .blend's sequencer, those made earlier too."""
    edit = job.edit(result.artifacts)
    if edit is not None:
        api.blender_room().place_in_blend(source.path, edit, result.artifacts)


def _tell(call: Call, source: Source, result: api.Result, mine: dict[str, Path]) -> int:
    files = dict(result.files)
    call.desk.data(run_outcome(result, {**mine, **files}))
    tell_failures(call, result)
    if result.ok:
        made = f"{result.made} made" if result.made else "nothing to make"
        call.desk.say(f"{made}, {result.cached} there already")
        if mine:
            call.desk.say("\n".join(["", *(near_path(path) for path in mine.values())]))
        elif files:
            if source.is_blend:
                files["film.blend"] = source.path
            words = closing_words(files, result.folder, call.desk.program)
            call.desk.say("\n".join(words))
    return exit_code(result)


VERB = Verb(
    name="evaluate",
    usage="FILM [--node NAME] [--dry-run] [--force] [-o DIR] [--json]",
    summary="make the film, or a part of it; unchanged work is not done again",
    about="Run the plan: make what is not there or has changed since, and resume what an earlier\n"
    "run left. Of a .blend, the sequencer is brought up to date too, and the file saved.",
    examples=(
        ("movie-director evaluate film.blend", "after changing a line of dialogue in Blender"),
        ("movie-director evaluate film.blend --node scene_02/shot_02_030", "one shot"),
        ("movie-director evaluate film.blend --dry-run", "what would be done, and why"),
    ),
    arguments=_arguments,
    run=_run,
)
