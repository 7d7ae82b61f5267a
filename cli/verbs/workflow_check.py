# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow check``: what a server lacks for the workflows."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...core.amounts import amount
from ...core.footprints import known_footprints
from ...core.workflow import Workflow
from ...core.workflow_file import read_workflow
from ...core.workflow_library import WorkflowLibrary
from ...executors._comfyui.object_info import ObjectInfo
from ...executors._comfyui.object_info_at import fetch_version
from ...executors._comfyui.stock import STOCK_VERSION, stock_nodes
from ...executors._comfyui.workflow_check import MissingModel, Standing, workflow_standing
from ..source import add_json
from ..verb import DONE, FAILED, Call, Verb
from .workflow_convert import add_server, server_nodes


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="a workflow's name or file; all if none"
    )
    add_server(parser)
    add_json(parser, "{name: what stands in the way, which models are missing}")


def nodes_of(args: argparse.Namespace) -> tuple[ObjectInfo, str]:
    """The classes of the server that is named, else of a stock one, and what it is called."""
    if args.object_info is None and args.url is None:
        return stock_nodes(), f"a stock ComfyUI {STOCK_VERSION} without models"
    info = server_nodes(args)
    if args.url is None:
        return info, Path(args.object_info).name
    return replace(info, version=fetch_version(args.url)), args.url


def _run(call: Call) -> int:
    workflows, problems = _asked(call.args.name)
    info, named = nodes_of(call.args)
    footprints = known_footprints()
    standings = {each.id: workflow_standing(each, info, footprints) for each in workflows}
    call.desk.say(f"Checked against {named}:")
    for id, standing in standings.items():
        tell_standing(call, id, standing)
    for problem in problems:
        call.desk.say(problem)
    call.desk.data({id: plain_standing(each) for id, each in standings.items()})
    impossible = any(each.problems for each in standings.values())
    return FAILED if impossible or problems else DONE


def _asked(name: str) -> tuple[list[Workflow], list[str]]:
    """The workflows that are meant, and what is wrong with the user's files."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return [read_workflow(Path(name), own=True)], []
    library = WorkflowLibrary.open()
    if name:
        return [library[name]], []
    return list(library.workflows.values()), [each.what for each in library.problems]


def tell_standing(call: Call, id: str, standing: Standing) -> None:
    """A line for the workflow, then one for each thing that is lacking."""
    if standing.problems:
        call.desk.say(f"{id}: cannot run there")
        for problem in standing.problems:
            call.desk.say(f"  {problem}")
        return
    if standing.ready:
        call.desk.say(f"{id}: ready")
        return
    name, models = min(
        standing.missing.items(), key=lambda item: sum(each.bytes for each in item[1])
    )
    at = f" at {name}" if name else ""
    total = sum(each.bytes for each in models)
    lacking = "1 model is" if len(models) == 1 else f"{len(models)} models are"
    size = f", {amount(total)}" if total else ""
    call.desk.say(f"{id}: {lacking} missing{at}{size}")
    for model in models:
        call.desk.say(f"  {_told(model)}")


def _told(model: MissingModel) -> str:
    size = amount(model.bytes) if model.bytes else "size not known"
    return f"{model.folder}/{model.file} ({size})" + (f" {model.url}" if model.url else "")


def plain_standing(standing: Standing) -> dict[str, Any]:
    """The same for programs."""
    return {
        "ready": standing.ready,
        "problems": list(standing.problems),
        "missing": {
            name: [asdict(each) for each in models] for name, models in standing.missing.items()
        },
    }


VERB = Verb(
    name="check",
    usage="[NAME] [--url URL | --object-info FILE] [--json]",
    summary="what a server lacks for the workflows",
    about="Judge workflows by the nodes and models of a server: what cannot run there, which models\n"
    "are missing, in which folder they belong, where they can be had and how large they are.\n"
    "Without --url and --object-info, by the nodes of a stock ComfyUI. Nothing runs.",
    examples=(
        (
            "movie-director workflow check --url http://127.0.0.1:8188",
            "all, on the server that runs here",
        ),
        ("movie-director workflow check wan_t2v_final", "whether stock nodes can do it"),
    ),
    arguments=_arguments,
    run=_run,
)
