# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director services test``: whether one ComfyUI server does all that a film needs of it."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from ...core.address import Address, parse_address
from ...core.errors import InputError, MovieDirectorError
from ...core.executor import CancelFlag
from ...executors._comfyui.proof import Checked, prove
from ...executors._comfyui.server import Server
from ...executors._keyring import secrets_here
from ...studio import Studio
from ..source import add_json
from ..verb import DONE, FAILED, Call, Verb

SCHEMA = "movie-director/service-test@1"
_MARKS = {True: "works", False: "FAILS", None: "unknown"}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="where it listens, such as 127.0.0.1:8188")
    parser.add_argument(
        "--elsewhere",
        action="store_true",
        help="yes, that is another machine, and small pictures may be sent there",
    )
    add_json(parser, f"what works, schema {SCHEMA},")


def _run(call: Call) -> int:
    address = parse_address(call.args.url)
    if not address.loopback and not call.args.elsewhere:
        raise InputError(
            f"{address} is not this machine: something would be sent there.",
            remedy="Say so with --elsewhere, if you trust that machine and the way to it.",
        )
    server = Server(address, secrets_here().headers(address))
    found: list[Checked] = []
    try:
        with tempfile.TemporaryDirectory(prefix="movie-director-") as folder:
            for checked in prove(server, Path(folder), CancelFlag()):
                if checked.works is False and not found:
                    checked = _somebody_else(address) or checked
                found.append(checked)
                if not call.args.json:
                    for line in _lines(checked):
                        call.desk.say(line)
    finally:
        server.close()
    works = all(each.works is not False for each in found)
    checks = [asdict(each) for each in found]
    call.desk.data({"schema": SCHEMA, "url": address.base, "works": works, "checks": checks})
    if not call.args.json:
        call.desk.say("a film can be made with it" if works else "not all of it works")
    return DONE if works else FAILED


def _somebody_else(address: Address) -> Checked | None:
    """What is said where no ComfyUI answers and another service does."""
    with Studio.open() as studio:
        try:
            other = studio.finder.look(address.base)
        except MovieDirectorError as error:
            return Checked(name="answers", works=False, note=error.what, remedy=error.remedy)
    if other is None:
        return None
    return Checked(
        name="answers",
        works=False,
        note=f"{other.name} {other.version}".strip() + " is there, no ComfyUI; only that is proved",
        remedy=f"To use it: movie-director services --add {address}; movie-director services "
        "shows how it is.",
    )


def _lines(checked: Checked) -> list[str]:
    note = f": {checked.note}" if checked.note else ""
    line = f"{checked.name:12} {_MARKS[checked.works]}{note} ({checked.seconds:.1f} s)"
    return [line, f"{'':12} {checked.remedy}"] if checked.remedy else [line]


VERB = Verb(
    name="test",
    usage="URL [--elsewhere] [--json]",
    summary="prove one ComfyUI server with work that needs no model",
    about="Sends a ComfyUI server small work of every kind that a film needs of it: a picture, a\n"
    "clip, a sound, an upload, a repetition; cancels some of it, waiting and running; fetches and\n"
    "judges what comes, and takes its traces out of the server's history. No models are loaded, and\n"
    "nobody else's work is touched. Takes seconds on a card, a minute without one.",
    examples=(("movie-director services test 127.0.0.1:8188", "a ComfyUI on this machine"),),
    arguments=_arguments,
    run=_run,
)
