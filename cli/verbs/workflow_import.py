# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow import``: anyone's workflow becomes one of the library."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ... import api
from ...core.errors import InputError
from ...core.footprints import known_footprints
from ...core.jsonable import readable
from ...core.workflow import QUALITIES, WORK
from ...core.workflow_file import read_workflow
from ...core.workflow_library import own_workflows_folder, shipped_workflows
from ...executors._comfyui.adopt import Adopted, adopt
from ...executors._comfyui.carried import read_carried
from ...executors._comfyui.convert import MissingNodes, convert_file
from ...executors._comfyui.object_info import ObjectInfo
from ...executors._comfyui.templates import named_models
from ...executors._comfyui.workflow_check import workflow_standing
from ..source import add_json
from ..verb import DONE, FAILED, Call, Verb
from .workflow_check import nodes_of, plain_standing, tell_standing
from .workflow_convert import add_server


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a workflow saved or exported by ComfyUI, or a picture or clip made with it",
    )
    parser.add_argument(
        "--name", metavar="NAME", default="", help="what it is called; the file's name if not given"
    )
    parser.add_argument(
        "--kind",
        choices=sorted(WORK),
        metavar="KIND",
        default="",
        help="its kind of work; guessed if not given",
    )
    parser.add_argument(
        "--quality", choices=QUALITIES, default="standard", help="standard if not given"
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="write it here, not among your own workflows"
    )
    parser.add_argument("--force", action="store_true", help="write over one that is there")
    add_server(parser)
    add_json(parser, "what was written and what is lacking")


def _run(call: Call) -> int:
    args = call.args
    source = Path(args.file)
    name = (
        args.name or re.sub(r"[^a-z0-9]+", "_", source.stem.lower()).strip("_")[:64] or "workflow"
    )
    folder = Path(args.output) if args.output else own_workflows_folder()
    _check_free(name, folder, force=args.force)
    info, named = nodes_of(args)
    carried = read_carried(source)
    prompt = carried.prompt if carried.workflow is None else _converted(carried.workflow, info)
    adopted = adopt(
        name,
        prompt,
        info,
        known_footprints(),
        kind=args.kind,
        quality=args.quality,
        title=source.stem,
        named={each.file: each for each in named_models(carried.workflow)},
    )
    path = _write(adopted, folder, name)
    workflow = read_workflow(path, own=True)
    standing = workflow_standing(workflow, info, known_footprints())
    call.desk.say(f"Wrote {path}: {adopted.kind}, {', '.join(adopted.bound) or 'nothing'} bound.")
    for remark in adopted.remarks:
        call.desk.note(remark)
    call.desk.say(f"Checked against {named}:")
    tell_standing(call, name, standing)
    call.desk.data(
        {
            "name": name,
            "path": str(path),
            "kind": adopted.kind,
            "bound": list(adopted.bound),
            "remarks": list(adopted.remarks),
            **plain_standing(standing),
        }
    )
    return FAILED if standing.problems else DONE


def _check_free(name: str, folder: Path, *, force: bool) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,63}", name):
        raise InputError(
            f"'{name[:60]}' cannot be a workflow's name.",
            remedy="Use small letters, digits and underscores, such as my_look.",
        )
    if name in shipped_workflows():
        raise InputError(
            f"A workflow '{name}' came with Movie Director.",
            remedy="Give another name with --name.",
        )
    if (folder / f"{name}.yaml").exists() and not force:
        raise InputError(
            f"There is a workflow '{name}' already.",
            remedy="Give another name with --name, or write over it with --force.",
        )


def _converted(workflow: Any, info: ObjectInfo) -> Any:
    """The prompt; classes the server lacks are told with where their nodes come from."""
    try:
        return convert_file(workflow, info)
    except MissingNodes as error:
        packs = _packs(workflow)
        sources = [
            f"{name}: {packs[name]}"
            for name in sorted(set(error.missing.values()))
            if name in packs
        ]
        if not sources:
            raise
        raise InputError(
            error.what, remedy=f"Install what they belong to ({'; '.join(sources)}) and try again."
        ) from error


def _packs(value: Any) -> dict[str, str]:
    """Where the author had each class from: the names that ComfyUI's manager wrote."""
    found: dict[str, str] = {}
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            properties = each.get("properties")
            if isinstance(each.get("type"), str) and isinstance(properties, Mapping):
                pack = properties.get("aux_id") or properties.get("cnr_id")
                if isinstance(pack, str):
                    found[each["type"]] = pack[:100]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found


def _write(adopted: Adopted, folder: Path, name: str) -> Path:
    """The graph first: a workflow file never names one that is not there."""
    api.save_text(readable(adopted.graph), folder / f"{name}.json")
    return api.save_text(adopted.text, folder / f"{name}.yaml")


VERB = Verb(
    name="import",
    usage="FILE [--name NAME] [--url URL | --object-info FILE] [--json]",
    summary="make anyone's ComfyUI workflow one of yours",
    about="Find where a workflow takes prompt, seed, size, pictures and length, and write it among your\n"
    "own workflows as plain YAML, for you to correct. Missing nodes and models are told, with\n"
    "where they can be had. Nothing runs.",
    examples=(
        (
            "movie-director workflow import my_shot.json --url http://127.0.0.1:8188",
            "a workflow saved in the editor, checked on the server that runs here",
        ),
        (
            "movie-director workflow import picture.png --name my_look",
            "what a picture was made with",
        ),
    ),
    arguments=_arguments,
    run=_run,
)
