# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow show``: one workflow, what it takes and what it needs."""

from __future__ import annotations

import argparse
from typing import Any

from ...core.amounts import amount
from ...core.footprint import Footprints
from ...core.footprints import known_footprints
from ...core.workflow import WORK, Input, Template, Workflow
from ...core.workflow_library import WorkflowLibrary
from ..source import add_json
from ..verb import DONE, Call, Verb


def add_name(parser: argparse.ArgumentParser, **given: Any) -> None:
    """``NAME``: a workflow of the library."""
    parser.add_argument(
        "name", metavar="NAME", help="a workflow's name: movie-director workflow list", **given
    )


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_name(parser)
    add_json(parser, "the workflow")


def _run(call: Call) -> int:
    workflow = WorkflowLibrary.open()[call.args.name]
    footprints = known_footprints()
    for line in _lines(workflow, footprints):
        call.desk.say(line)
    call.desk.data(_plain(workflow, footprints))
    return DONE


def _lines(workflow: Workflow, footprints: Footprints) -> list[str]:
    base = workflow.base
    start = (
        f"template {base.name} {base.package}" if isinstance(base, Template) else "its own graph"
    )
    lines = [
        f"{workflow.id} {workflow.version}: {workflow.title}",
        *([f"  {workflow.about}"] if workflow.about else []),
        f"  {WORK[workflow.kind].about}; {workflow.quality}"
        + (f", tier {workflow.tier}" if workflow.tier else ""),
        f"  from {start}"
        + (f"; ComfyUI {workflow.needs} or newer" if workflow.needs else "")
        + (f"; licence: {workflow.licence}" if workflow.licence else ""),
        "inputs:",
        *(f"  {each.name:14} {_takes(each)}" for each in workflow.inputs),
    ]
    for precision in workflow.precisions:
        if precision.models:
            total = sum(footprints.sizes.get(each.id, 0) for each in precision.models)
            lines.append(f"models at {precision.name}, {amount(total)} in all:")
            lines += [f"  {each.folder}/{each.file}" for each in precision.models]
    return lines


def _takes(each: Input) -> str:
    words: list[str] = [each.type]
    if each.minimum is not None and each.maximum is not None:
        words.append(f"{each.minimum:g} to {each.maximum:g}")
    if each.step is not None:
        words.append(f"in steps of {each.step:g}")
    if each.choices:
        words.append("(" + ", ".join(each.choices) + ")")
    words.append(each.unit)
    if each.required:
        words.append("required")
    elif each.default is not None:
        words.append(f"= {each.default}")
    line = " ".join(word for word in words if word)
    return f"{line}: {each.doc}" if each.doc else line


def _plain(workflow: Workflow, footprints: Footprints) -> dict[str, Any]:
    base = workflow.base
    return {
        "id": workflow.id,
        "version": workflow.version,
        "title": workflow.title,
        "about": workflow.about,
        "kind": workflow.kind,
        "quality": workflow.quality,
        "tier": workflow.tier,
        "executor": workflow.executor,
        "needs": workflow.needs,
        "licence": workflow.licence,
        "made_by": workflow.made_by,
        "own": workflow.own,
        "template": {"name": base.name, "package": base.package}
        if isinstance(base, Template)
        else None,
        "inputs": [_plain_input(each) for each in workflow.inputs],
        "outputs": [
            {"name": each.name, "node": each.node, "media": each.media} for each in workflow.outputs
        ],
        "precisions": {
            precision.name: [
                {
                    "id": each.id,
                    "file": each.file,
                    "folder": each.folder,
                    "url": each.url,
                    "bytes": footprints.sizes.get(each.id, 0),
                }
                for each in precision.models
            ]
            for precision in workflow.precisions
        },
    }


def _plain_input(each: Input) -> dict[str, Any]:
    return {
        "name": each.name,
        "type": each.type,
        "required": each.required,
        "default": each.default,
        "minimum": each.minimum,
        "maximum": each.maximum,
        "step": each.step,
        "unit": each.unit,
        "choices": list(each.choices),
        "doc": each.doc,
        "at": [str(pin) for pin in each.pins],
    }


VERB = Verb(
    name="show",
    usage="NAME [--json]",
    summary="one workflow: what it takes, makes and needs",
    about="What a workflow takes, with ranges and defaults, and the models it needs.",
    examples=(("movie-director workflow show wan_t2v_final", "the final text to video"),),
    arguments=_arguments,
    run=_run,
)
