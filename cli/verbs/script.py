# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director script``: a film back as a screenplay."""

from __future__ import annotations

import argparse
from pathlib import Path

from ... import api
from ...core.errors import InputError
from ..outcome import outcome
from ..source import add_film, add_json, open_source
from ..verb import DONE, Call, Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_film(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the .fountain to write (default: print it)"
    )
    add_json(parser, "what was written")


def _run(call: Call) -> int:
    source = open_source(call.args.film)
    text = api.screenplay_of(source.graph)
    if call.args.output is None:
        if call.args.json:
            raise InputError("There is no file to tell about.", remedy="Give one with -o.")
        call.desk.text(text)
        return DONE
    target = Path(call.args.output).absolute()
    if target.suffix.lower() not in api.FOUNTAINS:
        raise InputError(
            f"A screenplay is not written as '{target.name}'.",
            remedy="Give a name that ends in .fountain.",
        )
    api.save_text(text, target)
    call.desk.data(outcome(target.parent, files={"script": target}))
    call.desk.say(str(target))
    return DONE


VERB = Verb(
    name="script",
    usage="FILM [-o out.fountain] [--json]",
    summary="write a film back as a screenplay",
    about="Write the screenplay of a film in Fountain. Nothing of the original is lost: title page,\n"
    "notes, sections, boneyard, order and wording; what was changed in the tree is changed in it.",
    examples=(
        ("movie-director script film.blend -o last_train.fountain", "after editing in Blender"),
        ("movie-director script final_draft.fdx", "Final Draft as Fountain, printed"),
    ),
    arguments=_arguments,
    run=_run,
)
