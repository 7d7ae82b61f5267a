# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director plan``: what evaluating a film would do, and why."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ... import api
from ...core.amounts import amount
from ...core.chart import chart_of_plan, chart_of_solution
from ...core.chart_svg import draw
from ...core.errors import InputError
from ...core.explain import duration_words, figure_lines
from ...core.planner import Effort
from ...core.planner.jobs_file import answer_json, solved_jobs
from ..quantities import limit, memory
from ..running import warn_of_room
from ..source import add_film, add_json, add_node, find_node, open_source
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser, needed=False)
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
    parser.add_argument(
        "--jobs",
        metavar="FILE",
        help="instead of a film, plan a neutral problem file (docs/jobs.schema.json)",
    )
    parser.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=limit,
        help="with --jobs: look no longer than this for a better plan",
    )
    parser.add_argument("--svg", metavar="FILE", help="draw the plan as well, into an SVG file")
    add_json(parser, "the plan, schema movie-director/plan@1,")


def _run(call: Call) -> int:
    args = call.args
    if bool(args.jobs) == bool(args.film):
        raise InputError(
            "There was nothing to plan." if not args.film else "There were two things to plan.",
            remedy="Name a film, or a problem file with --jobs.",
        )
    return _plan_jobs(call) if args.jobs else _plan_film(call)


def _plan_film(call: Call) -> int:
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
        if args.svg:
            facts = list(figure_lines(job.plan))[:2]
            title = f"Plan of {Path(args.film).name}"
            _save(args.svg, draw(chart_of_plan(job.plan, title, facts)))
        for note in job.program.notes:
            call.desk.note(str(note))
        warn_of_room(call.desk, job)
    return DONE


def _plan_jobs(call: Call) -> int:
    given = call.args.time_limit
    path = Path(call.args.jobs)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The file '{path}' cannot be read ({getattr(error, 'strerror', None) or error}).",
            remedy="Name a JSON file; docs/jobs.schema.json says how it is written.",
        ) from None
    solution = solved_jobs(text, Effort() if given is None else Effort.within(given))
    answer = answer_json(solution)
    call.desk.data(answer)
    if not call.args.json:
        call.desk.say(_told(answer))
    if call.args.svg:
        facts = [_told(answer).splitlines()[-1]]
        _save(call.args.svg, draw(chart_of_solution(solution, f"Plan of {path.name}", facts)))
    return DONE


def _save(name: str, drawing: str) -> None:
    """Write the drawing.

    Raises:
        InputError: it cannot be written there.
    """
    try:
        Path(name).write_text(drawing, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(
            f"The drawing could not be written to '{name}' ({error.strerror or error}).",
            remedy="Name a file in a folder that is there and may be written.",
        ) from None


def _told(answer: dict[str, Any]) -> str:
    """A neutral plan in words: a line for each stage, and how good it is."""
    lines = []
    for number, stage in enumerate(answer["stages"], 1):
        lines.append(
            f"Stage {number} of {len(answer['stages'])}: {stage['service']}, at {stage['start_s']:g} s, "
            f"{amount(stage['peak_bytes'])}: {', '.join(stage['steps'])}"
        )
        moves = (("unloads", stage["unload"]), ("loads", stage["load"]))
        lines += [f"  {verb} {', '.join(models)}" for verb, models in moves if models]
    known = "the best there is" if answer["optimal"] else "the best found"
    lines.append(
        f"{known[0].upper()}{known[1:]}: {duration_words(answer['makespan_seconds'])}, "
        f"{answer['loads']} loads, {amount(answer['loaded_bytes'])}; every plan loads at least "
        f"{amount(answer['lower_bound_bytes'])}."
    )
    return "\n".join(lines)


VERB = Verb(
    name="plan",
    usage="FILM|--jobs FILE [--vram 8GiB] [--node NAME] [--svg FILE] [--json]",
    summary="say what would be done, where and why, before anything runs",
    about="Print the plan: stages and steps, the service of each and the reason, models, memory,\n"
    "time, what is there already, and why everything else has to be made. Nothing runs.",
    examples=(
        ("movie-director plan film.blend", "what has changed since it was last evaluated"),
        ("movie-director plan last_train.fountain --vram 8GiB --json", "for a program"),
        ("movie-director plan film.blend --svg plan.svg", "devices, time and memory, drawn"),
        ("movie-director plan --jobs problem.json --time-limit 10", "a problem of your own"),
    ),
    arguments=_arguments,
    run=_run,
)
