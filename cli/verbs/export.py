# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director export``: the cut, the subtitles or the storyboard of a film as a file."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from ... import api
from ...core.errors import InputError
from ...core.step import OTIO, STORYBOARD, SUBTITLES
from ...core.store.files import translated
from ..outcome import outcome
from ..parser import WrongUse
from ..relinking import relinked
from ..running import exit_code, follow, tell_failures
from ..source import Source, add_film, add_json, open_source
from ..verb import DONE, Call, Verb

#: By option: the kind of step, the Output's parameter that asks for it, what it is.
_FORMS = {
    "otio": (OTIO, "otio", "the cut as OpenTimelineIO"),
    "srt": (SUBTITLES, "subtitles", "the dialogue as SubRip subtitles"),
    "storyboard": (STORYBOARD, "storyboard", "a storyboard as PDF: framing, action, dialogue"),
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    for option, (_, _, what) in _FORMS.items():
        parser.add_argument(f"--{option}", metavar="FILE", help=what)
    parser.add_argument("--results", metavar="DIR", help="where the film's results lie")
    add_json(parser, "what was written")


def _run(call: Call) -> int:
    wanted = {form: getattr(call.args, form) for form in _FORMS if getattr(call.args, form)}
    if not wanted:
        raise WrongUse(
            "Nothing is asked for.",
            "Give at least one of --otio FILE, --srt FILE, --storyboard FILE.",
        )
    source = open_source(call.args.film, call.args.results)
    written = {}
    for form, target in wanted.items():
        code = _export(call, source, form, Path(target).absolute())
        if code != DONE:
            return code
        written[form] = Path(target).absolute()
    call.desk.data(outcome(source.folder, files=written))
    for path in written.values():
        call.desk.say(str(path))
    return DONE


def _export(call: Call, source: Source, form: str, target: Path) -> int:
    """Make one form, with what it needs and no more, and copy it to ``target``."""
    kind, param, what = _FORMS[form]
    with translated(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    graph = source.graph
    for path, _ in graph.of_type("output"):
        graph = graph.with_params(path, **{param: True})
    with api.prepare(graph, source.folder, base=source.base, step=kind) as job:
        if not job.plan.steps:
            raise InputError(
                f"There is nothing for {what} in '{source.path.name}'.",
                remedy="Give a film in which somebody speaks.",
            )
        result = follow(call, job)
        if not result.ok:
            tell_failures(call, result)
            return exit_code(result)
        made = next(a for id, a in result.artifacts.items() if job.plan.steps[id].kind == kind)
        if kind == OTIO:
            text = made.path.read_text(encoding="utf-8")
            api.save_text(relinked(text, source.folder, target.parent), target)
        else:
            with translated(target):
                shutil.copyfile(made.path, target)
    return DONE


VERB = Verb(
    name="export",
    usage="FILM [--otio FILE] [--srt FILE] [--storyboard FILE] [--json]",
    summary="write the cut, the subtitles or the storyboard to a file",
    about="Write a film for other programs and people. What the export needs and is not there yet\n"
    "is made first, and no more: subtitles need the voices, a storyboard the pictures.",
    examples=(
        ("movie-director export film.blend --otio cut.otio", "for an editing program"),
        ("movie-director export last_train.fountain --storyboard boards.pdf", "for a client"),
    ),
    arguments=_arguments,
    run=_run,
)
