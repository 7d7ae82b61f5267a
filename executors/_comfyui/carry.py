# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry a task out: send it or take it up, follow it, fetch its file, bring that into shape.

A server may say that all is done and name a file that is gone, when it found the work cached:
then the one node that saves is asked to save again, under another id, and the rest stays cached.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.errors import ServiceRefused, StepFailed
from ...core.executor import Produced
from ...core.step import LORA_TRAINING
from .._animatic.pool import Pool
from .._http import Stopped
from .._service import Errand, Made
from .._service.finish import Done, finish, still
from .follow import Follow, Pace
from .jobs import Ended, failure
from .outputs import OutputFile, best_of, files_of
from .peak import NOTHING, Peak, Weights
from .said import Said
from .station import Station
from .task import Task, write_task
from .training import train

__all__ = ["carry", "part_file", "produced"]

#: A file of the server's, at most, in bytes: minutes of film, losslessly.
MOST_BYTES = 8 * 2**30


def carry(
    task: Task, errand: Errand, station: Station, pool: Pool, pace: Pace, *, send: bool
) -> Produced:
    """Do it and give the result; ``send`` says that it was not sent yet.

    Raises:
        Stopped: it was cancelled, and has ended on the server.
        MovieDirectorError: it cannot be done (``Vanished``: it may be sent anew).
    """
    if task.kind == LORA_TRAINING:

        def follow(task: Task, send: bool) -> None:
            _ended(task, errand, station, pace, send)

        return train(task, errand, station, follow, send=send)
    parts = [part_file(errand.ticket.folder, number) for number in range(task.number)]
    while True:
        errand.part(task.number, task.parts)
        file = _whole(task, errand, station, pace, send)
        if task.parts > 1:
            file = file.replace(part_file(errand.ticket.folder, task.number))
        parts.append(file)
        if not task.onward:
            break
        task, send = _gone_on(task, file, errand, station, pool), True
    done = finish(pool, errand, Made(path=parts[0], more=tuple(parts[1:])))
    return produced(done, errand, task.recipe)


def produced(done: Done, errand: Errand, recipe: Mapping[str, Any]) -> Produced:
    """What a helper made of a server's file, or of a step's own; ``recipe`` is the server's part."""
    path = errand.ticket.folder / Path(done["path"]).name
    return Produced(
        step=errand.ticket.step,
        path=path,
        bytes=path.stat().st_size,
        content="",
        facts=done["facts"],
        recipe={**done["recipe"], **recipe},
    )


def part_file(folder: Path, number: int) -> Path:
    """Where a part of a shot lies until all are there."""
    return folder / f"part_{number}"


def _gone_on(task: Task, file: Path, errand: Errand, station: Station, pool: Pool) -> Task:
    """The next part, written down, the picture it begins with on the server."""
    then = task.onward[0]
    called = station.server.upload(still(pool, errand, file), then.start, errand.cancel)
    nodes = {
        id: {
            **node,
            "inputs": {
                name: called if value == then.start else value
                for name, value in node["inputs"].items()
            },
        }
        for id, node in then.nodes.items()
    }
    task = task.followed(nodes)
    write_task(task, errand.ticket.folder)
    return task


def _whole(task: Task, errand: Errand, station: Station, pace: Pace, send: bool) -> Path:
    """The file of one part."""
    file = _fetched(_made(task, errand, station, pace, send), errand, station)
    if file is None:
        task = _saved_anew(task)
        write_task(task, errand.ticket.folder)
        file = _fetched(_made(task, errand, station, pace, True), errand, station)
    if file is None:
        raise StepFailed(
            "ComfyUI named a file that it does not have, twice.",
            remedy="Check that nothing empties ComfyUI's output folder.",
            where=task.node,
        )
    return file


def _made(task: Task, errand: Errand, station: Station, pace: Pace, send: bool) -> OutputFile:
    """The file that the server's work ended in."""
    return _result(task, _ended(task, errand, station, pace, send))


def _ended(task: Task, errand: Errand, station: Station, pace: Pace, send: bool) -> Ended:
    """How the server's work ended: it did not fail.  It is written down before it is sent."""
    said = Said(errand)
    # Of a shot in parts none is the work that was planned.
    weights = NOTHING if task.parts > 1 else Weights(**task.weights)
    peak = Peak(station.server, task.prompt, task.nodes, weights, errand.cancel)
    with station.line("" if send else task.client) as line:
        follow = Follow(
            station.server, line, task.prompt, task.nodes, cancel=errand.cancel,
            where=task.node, output=task.output, moved=said.moved, seen=said.seen,
            quiet=peak.quiet, pace=pace, seconds=task.seconds,
        )  # fmt: skip
        if send:
            errand.check()
            write_task(replace(task, client=line.client), errand.ticket.folder)
            follow.send()
        errand.accepted()
        ended = follow.to_end()
    if ended is None:
        raise Stopped
    if ended.interrupted and ended.error is None:
        raise StepFailed(
            "The work was interrupted on the ComfyUI server.",
            remedy="Evaluate again; whoever uses that server may have stopped it.",
            where=task.node,
        )
    if not ended.success:
        raise failure(ended.error, task.node)[0]
    errand.peak_bytes = max(errand.peak_bytes, peak.needed())
    return ended


def _result(task: Task, ended: Ended) -> OutputFile:
    files = files_of(ended.outputs)
    found = best_of(files, task.media, task.output) or best_of(files, task.media)
    if found is None:
        raise StepFailed(
            f"The workflow ended and left no {task.media}.",
            remedy="Check the workflow's outputs; ComfyUI's window says what it did.",
            where=task.node,
        )
    return found


def _fetched(found: OutputFile, errand: Errand, station: Station) -> Path | None:
    """The file, here; None when the server has it no more."""
    path = errand.ticket.folder / f"made{found.suffix}"
    try:
        return station.server.fetch(found, path, errand.cancel, most=MOST_BYTES).path
    except ServiceRefused as error:
        if error.status != 404:
            raise
        return None


def _saved_anew(task: Task) -> Task:
    """The same work under another id, saved under another name: the server must save again."""
    prompt = str(uuid.uuid5(uuid.UUID(task.prompt), "again"))
    nodes = {id: dict(node) for id, node in task.nodes.items()}
    saver: Mapping[str, Any] = nodes[task.output]
    prefix = saver["inputs"].get("filename_prefix")
    if isinstance(prefix, str):
        name = f"{prefix}_{prompt[:8]}"
        nodes[task.output] = {**saver, "inputs": {**saver["inputs"], "filename_prefix": name}}
    return replace(task, prompt=prompt, nodes=nodes)
