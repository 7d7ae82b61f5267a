# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director write``: at a screenplay, with a language model on a server of one's own."""

from __future__ import annotations

import argparse
from typing import Any

from ... import api
from ...core.errors import InputError
from ...core.run import Change
from ..source import add_json
from ..verb import DONE, INTERRUPTED, Call, Verb

SCHEMA = "movie-director/proposal@1"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", metavar="SCRIPT", help="a .fountain; it need not be there yet")
    parser.add_argument(
        "wish", metavar="WISH", nargs="?", default="", help="what to write or change"
    )
    parser.add_argument(
        "--accept", action="store_true", help="write what was proposed (last, or now) into SCRIPT"
    )
    parser.add_argument(
        "--model", metavar="NAME", default="", help="this one of the server's models"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another answer (default 1)"
    )
    parser.add_argument("--new", action="store_true", help="forget what was said about it before")
    add_json(parser, f"what is proposed, schema {SCHEMA},")


def _run(call: Call) -> int:
    args = call.args
    if not args.wish and not args.accept:
        raise InputError(
            "There is no wish.", remedy='Say what to write: movie-director write SCRIPT "..."'
        )
    if args.wish:
        call.interrupts.polite = True
        try:
            proposal = api.propose(
                args.script, args.wish, model=args.model, seed=args.seed, anew=args.new,
                on_change=_teller(call), cancelled=lambda: call.interrupts.asked,
            )  # fmt: skip
        except api.Cancelled:
            return INTERRUPTED
        finally:
            call.interrupts.polite = False
        call.desk.note(f"{proposal.model}: {proposal.why}")
        if proposal.left_out:
            call.desk.note(f"{proposal.left_out} older turns had no room in the model's window")
    written = bool(args.accept and (not args.wish or proposal.diff))
    if written:
        accepted = api.accept(args.script)
        proposal = accepted if not args.wish else proposal
    _tell(call, proposal, written)
    return DONE


def _teller(call: Call) -> Any:
    said: list[str] = []

    def tell(change: Change) -> None:
        note = change.note
        if note and note.endswith("is reading") and note not in said:
            said.append(note)
            call.desk.note(note)

    return tell


def _tell(call: Call, proposal: api.Proposal, written: bool) -> None:
    call.desk.data(
        {
            "schema": SCHEMA,
            "script": str(proposal.script),
            "comment": proposal.comment,
            "diff": proposal.diff,
            "model": proposal.model,
            "written": written,
        }
    )
    if call.args.json:
        return
    if proposal.comment:
        call.desk.say(proposal.comment)
    if proposal.diff:
        call.desk.say()
        call.desk.text(f"{proposal.diff}\n")
    if written:
        call.desk.note(f"written to {proposal.script}")
    elif proposal.diff:
        call.desk.note(f"to write it: movie-director write {proposal.script.name} --accept")


VERB = Verb(
    name="write",
    usage='SCRIPT ["WISH"] [--accept] [--model NAME] [--seed N] [--new] [--json]',
    summary="write or change a screenplay with a language model of your own",
    about="Ask a language model on this machine (Ollama, llama.cpp, LM Studio, a LiteLLM proxy) for\n"
    "a screenplay, or for a change of one. What it proposes is shown line by line and written\n"
    "only with --accept. The conversation goes on with each wish; it lies beside the script, in\n"
    "NAME_writing, with every answer and which model gave it. Nothing is sent elsewhere.",
    examples=(
        ('movie-director write tea.fountain "Two sisters share a last cup of tea."', "a script"),
        ('movie-director write tea.fountain "Let it rain in the first scene."', "a change, shown"),
        ("movie-director write tea.fountain --accept", "write it into the script"),
    ),
    arguments=_arguments,
    run=_run,
)
