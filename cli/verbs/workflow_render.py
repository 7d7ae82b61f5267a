# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow render``: exactly what would be sent."""

from __future__ import annotations

import argparse
from typing import Any

from ...core.errors import InputError
from ...core.jsonable import readable
from ...core.workflow import Workflow
from ...core.workflow_library import WorkflowLibrary
from ...core.workflow_values import of_text
from ...executors._comfyui.inject import fill
from ...executors._comfyui.templates import base_prompt
from ..source import add_json
from ..verb import DONE, Call, Verb
from .workflow_show import add_name


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="put a value in; again for each",
    )
    parser.add_argument(
        "--precision", metavar="P", default="", help="of its models; the best if not given"
    )
    add_json(parser, "the same")


def _run(call: Call) -> int:
    args = call.args
    workflow = WorkflowLibrary.open()[args.name]
    prompt = fill(
        workflow, base_prompt(workflow), _values(workflow, args.set), precision=args.precision
    )
    call.desk.text(readable(prompt))
    return DONE


def _values(workflow: Workflow, given: list[str]) -> dict[str, Any]:
    """The values of ``--set``, each in its input's type."""
    values = {}
    for each in given:
        name, equals, text = each.partition("=")
        input = workflow.input(name)
        if not equals or input is None:
            names = ", ".join(each.name for each in workflow.inputs)
            raise InputError(
                f"'{each[:60]}' sets no input of '{workflow.id}'.",
                remedy=f"Write KEY=VALUE with one of: {names}.",
            )
        values[name] = of_text(input, text)
    return values


VERB = Verb(
    name="render",
    usage="NAME [--set KEY=VALUE ...] [--precision P] [--json]",
    summary="print exactly what would be sent to ComfyUI",
    about="Put values into a workflow and print the prompt that would be sent, complete.\n"
    "Needs no server, and sends nothing. LoRAs: --set loras=FILE:STRENGTH,FILE:STRENGTH",
    examples=(
        (
            "movie-director workflow render wan_t2v_draft --set prompt=rain --set seed=7",
            "a clip in draft quality",
        ),
    ),
    arguments=_arguments,
    run=_run,
)
