# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow convert``: from the editor's format to what a server runs."""

from __future__ import annotations

import argparse
import datetime
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ... import api
from ...core.errors import InputError
from ...core.jsonable import readable
from ...executors._comfyui.bounded import Bounds, read_file
from ...executors._comfyui.carried import CARRIERS, read_carried
from ...executors._comfyui.check import check_prompt
from ...executors._comfyui.convert import Prompt, convert_file
from ...executors._comfyui.object_info import ObjectInfo, parse_object_info
from ...executors._comfyui.object_info_at import fetch_object_info
from ..source import add_json
from ..verb import DONE, FAILED, Call, Verb

#: Where ComfyUI listens unless told otherwise.
USUAL = "http://127.0.0.1:8188"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a workflow saved in ComfyUI (.json), a picture, clip or recording made with it, or a"
        " folder of such",
    )
    add_server(parser)
    parser.add_argument("-o", "--output", metavar="DIR", help="write each prompt into a file here")
    add_json(parser, "{name: prompt} of all")


def add_server(parser: argparse.ArgumentParser) -> None:
    """``--object-info`` or ``--url``: the server whose nodes are meant."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--object-info",
        metavar="FILE",
        help="what a server answers to /object_info, saved in a file (.json, .json.gz)",
    )
    which.add_argument(
        "--url",
        metavar="URL",
        help=f"a running server, asked for its nodes only (default: {USUAL})",
    )


def server_nodes(args: argparse.Namespace) -> ObjectInfo:
    """The node classes of the server that the arguments name.

    Raises:
        InputError: the file or address cannot be used.
        ServiceError: the server does not answer, or with something else.
    """
    if args.object_info is None:
        return fetch_object_info(args.url or USUAL)
    path = Path(args.object_info)
    data = read_file(path, path.name)
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, path.name)
    return parse_object_info(data, path.name)


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        text = unpacking.decompress(data, Bounds.SIZE + 1)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{name} could not be unpacked: {error}.", remedy="Save it again, or without packing."
        ) from error
    return text


def _run(call: Call) -> int:
    args = call.args
    paths = list(_paths(args.files))
    info = server_nodes(args)
    done: dict[str, Prompt] = {}
    failed = 0
    for name, path, asked in paths:
        try:
            prompt = _prompt(path, info)
        except InputError as error:
            if len(paths) == 1:
                raise
            if asked or not _is_something_else(error):
                failed += 1
                call.desk.note(f"{name}: {error.what}\n  {error.remedy}")
            continue
        done[name] = prompt
        _tell(call, name, prompt, info)
    if not done:
        raise InputError(
            "None of these files could be converted.",
            remedy="Give workflows saved in ComfyUI, and a server that has their nodes.",
        )
    _write(args.output, done)
    call.desk.data(done)
    return FAILED if failed else DONE


def _paths(given: list[str]) -> Iterator[tuple[str, Path, bool]]:
    """Name, file and whether it was asked for by name; names are stems, longer if two share one."""
    found: list[tuple[Path, bool]] = []
    for text in given:
        path = Path(text)
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in CARRIERS)
            found += [(each, False) for each in inside if each.is_file()]
        elif path.exists():
            found.append((path, True))
        else:
            raise InputError(f"There is no file {text}.", remedy="Check the name.")
    if not found:
        raise InputError(
            "There is no workflow in these folders.",
            remedy=f"Workflows are files that end in {', '.join(CARRIERS[:5])}.",
        )
    stems = [path.stem for path, _ in found]
    for path, asked in found:
        yield (path.stem if stems.count(path.stem) == 1 else str(path)), path, asked


def _prompt(path: Path, info: ObjectInfo) -> Prompt:
    carried = read_carried(path)
    if carried.workflow is None:
        prompt: Prompt = carried.prompt
        return prompt
    return convert_file(carried.workflow, info, datetime.datetime.now())


def _is_something_else(error: InputError) -> bool:
    """Whether a file in a folder is just no workflow: nobody asked for it."""
    return "holds no workflow" in error.what


def _tell(call: Call, name: str, prompt: Prompt, info: ObjectInfo) -> None:
    findings = check_prompt(prompt, info)
    files = [each for each in findings if each.kind == "missing_file"]
    others = [each for each in findings if each.kind != "missing_file"]
    missing = f", {len(files)} files are not on the server" if files else ""
    if not call.desk.json:
        call.desk.say(f"{name}: {len(prompt)} nodes{missing}")
    for each in others:
        call.desk.note(f"{name}: {each}")


def _write(folder: str | None, done: dict[str, Any]) -> None:
    if folder is None:
        return
    for name, prompt in done.items():
        file = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)
        api.save_text(readable(prompt), Path(folder) / f"{file}.json")


VERB = Verb(
    name="convert",
    usage="FILE ... [--object-info FILE | --url URL] [-o DIR] [--json]",
    summary="turn workflows saved in ComfyUI's editor into what a server runs",
    about="Give the prompt that ComfyUI's own editor would send for a workflow: the API format.\n"
    "What cannot run on the server (missing nodes, wrong values) is said. Nothing is sent to it.",
    examples=(
        (
            "movie-director workflow convert shot.json --url http://127.0.0.1:8188 --json",
            "with the nodes of the server that runs here",
        ),
        (
            "movie-director workflow convert clip.mp4 --object-info object_info.json -o prompts",
            "the workflow that a clip was made with, without a server",
        ),
    ),
    arguments=_arguments,
    run=_run,
)
