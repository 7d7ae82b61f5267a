# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director clean``: remove results that the film no longer uses."""

from __future__ import annotations

import argparse

from ... import api
from ..outcome import outcome
from ..quantities import size
from ..source import add_film, add_json, open_source
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    parser.add_argument("-o", "--output", metavar="DIR", help="where the results lie")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")
    add_json(parser, "what was removed")


def _run(call: Call) -> int:
    source = open_source(call.args.film, call.args.output)
    cleaned = api.clean(source.graph, source.folder, base=source.base, dry_run=call.args.dry_run)
    files = {name: source.folder / name for name in cleaned.files}
    call.desk.data(outcome(source.folder, files=files, bytes=cleaned.bytes))
    for name in cleaned.files:
        call.desk.say(name)
    would = "would be removed" if call.args.dry_run else "removed"
    count = len(cleaned.files)
    call.desk.say(f"{count} {'file' if count == 1 else 'files'} {would}, {size(cleaned.bytes)}")
    return DONE


VERB = Verb(
    name="clean",
    usage="FILM [--dry-run] [-o DIR] [--json]",
    summary="remove results that the film no longer uses",
    about="Remove takes and recordings that the film as it is now has no use for. Finished films,\n"
    "files you changed and files of your own always stay; everything else can be made again.",
    examples=(
        ("movie-director clean film.blend --dry-run", "see what would go"),
        ("movie-director clean film.blend", "free the room"),
    ),
    arguments=_arguments,
    run=_run,
)
