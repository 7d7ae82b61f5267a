# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director film``: from a screenplay to a film, all in one go."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

from ... import api
from ...core.errors import MovieDirectorError
from ...core.jsonable import readable
from ...core.store.files import translated
from ..blend_file import keep_or_build
from ..dressing import with_backend, with_project
from ..opening import closing_words
from ..outcome import run_outcome
from ..quantities import duration, frames_per_second, resolution
from ..running import exit_code, follow, tell_failures
from ..source import Source, add_json, open_source
from ..verb import Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "film", metavar="SCRIPT", help="a screenplay (.fountain, .spmd, .fdx, .txt), or any FILM"
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, help="the folder for everything made"
    )
    parser.add_argument(
        "--quality",
        choices=("draft", "standard", "final"),
        help="how good, against how long it takes (default: as the film says, else draft)",
    )
    parser.add_argument(
        "--fps", type=frames_per_second, metavar="RATE", help="frames per second (default: 24)"
    )
    parser.add_argument(
        "--resolution",
        type=resolution,
        metavar="SIZE",
        help="such as 1280x720 (the default), 1080p",
    )
    services = next(
        param.choices for param in api.catalogue()["backend"].params if param.name == "service"
    )
    parser.add_argument(
        "--backend",
        choices=[id for id, _ in services],
        help="who makes the pictures (default: auto, the best there is)",
    )
    add_json(parser, "what was made")


def _run(call: Call) -> int:
    source = open_source(call.args.film, call.args.output)
    source = _dressed(source, call.args)
    with api.prepare(source.graph, source.folder, base=source.base) as job:
        call.desk.note(_headline(job))
        result = follow(call, job, started=lambda: _write_plan(source, job.plan))
        files = dict(result.files)
        if not result.cancelled:
            try:
                files |= _blend(call, source, job, result)
            except MovieDirectorError as error:
                result = replace(result, ok=False, errors=(*result.errors, error))
    _tell(call, result, files)
    return exit_code(result)


def _dressed(source: Source, args: argparse.Namespace) -> Source:
    """The film as asked for, its results in the folder where the .blend will lie."""
    graph = with_project(
        source.graph, quality=args.quality, fps=args.fps, size=args.resolution, folder="//"
    )
    if args.backend not in (None, "auto"):
        graph = with_backend(graph, args.backend)
    return replace(source, graph=graph)


def _headline(job: api.Job) -> str:
    to_do = len(job.plan.to_do)
    if not to_do:
        return f"{job.program.film.title}: everything is there already"
    return (
        f"{job.program.film.title}: {to_do} of {len(job.plan.steps)} steps to do, "
        f"about {duration(job.plan.seconds)}"
    )


def _write_plan(source: Source, plan: api.Plan) -> None:
    """Put the plan that is followed, and the script, beside the results."""
    text = source.folder / "plan.txt"
    if plan.to_do or not text.exists():
        api.save_text(plan.explain() + "\n", text)
        api.save_text(readable(plan.to_json()), source.folder / "plan.json")
    copy = source.folder / source.path.name
    if copy.resolve() != source.path.resolve() and not source.is_blend:
        with translated(copy):
            shutil.copyfile(source.path, copy)


def has_blender() -> bool:
    """Whether Blender's module is installed; looks without loading it."""
    return importlib.util.find_spec("bpy") is not None


def _blend(call: Call, source: Source, job: api.Job, result: api.Result) -> dict[str, Path]:
    """Make film.blend with the results in its sequencer, if Blender's module is there."""
    if not has_blender():
        call.desk.note(
            "film.blend is left out: it needs Blender's module.\n"
            '  Install it with: pip install "movie-director[blender]" (Python 3.11 or 3.13)'
        )
        return {}
    edit = job.edit(result.artifacts)
    path = source.folder / "film.blend"
    if edit is not None and source.path.resolve() == path.resolve():
        api.blender_room().place_in_blend(path, edit, result.artifacts)
        return {path.name: path}
    graph = api.rebased(source.graph, source.base, source.folder)
    source = replace(source, graph=graph)
    path = keep_or_build(call.desk, source, path, edit, result.artifacts)
    return {path.name: path}


def _tell(call: Call, result: api.Result, files: dict[str, Path]) -> None:
    call.desk.data(run_outcome(result, files))
    tell_failures(call, result)
    if files:
        call.desk.say("\n".join(closing_words(files, result.folder, call.desk.program)))


VERB = Verb(
    name="film",
    usage="SCRIPT -o DIR [--quality draft|standard|final] [--fps 24] [--resolution 1280x720]\n"
    "                           [--backend SERVICE] [--json]",
    summary="turn a screenplay into a film, all in one go",
    about="Break a screenplay down, plan, draw, speak, score, cut and mix it. DIR gets film.mp4,\n"
    "film.blend (needs bpy; all else does without), film.otio, film.srt, storyboard.pdf, one\n"
    "clip for each shot, one recording for each line, and the plan that was followed. The first\n"
    "shot can be watched within seconds; the rest follows.",
    examples=(
        ("movie-director film last_train.fountain -o build/last_train", "the whole film"),
        ("movie-director film pilot.fdx -o pilot --resolution 1080p --fps 25", "in another format"),
    ),
    arguments=_arguments,
    run=_run,
)
