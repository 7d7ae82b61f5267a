# SPDX-License-Identifier: GPL-3.0-or-later
"""A LoRA learned from pictures by a ComfyUI server.

``SaveLoRA`` tells nobody what it saved, and the history of it is empty.  So the LoRA has a name of
ours that says what it was learned from, below ``output/loras``, where the server looks for LoRAs:
its list tells what became of it, also when a run, the server or its history has ended meanwhile.
What is in the list is never learned again.  Using it is ``learned``'s.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.amounts import amount
from ...core.compile.lowering import FileRef
from ...core.digest import file_digest, text_digest
from ...core.errors import BadAnswer, MediaError, ServiceRefused, StepFailed, Unauthorised
from ...core.executor import CancelFlag, Produced
from ...core.step import Placed, Step
from ...core.workflow import Workflow
from ...core.workflow_values import nearest
from .._safetensors import BadWeights, check_lora, write_note
from .._service import Errand
from .outputs import OutputFile
from .server import UPLOADS
from .station import Station
from .task import Task

__all__ = ["FOLDER", "Follow", "train", "training_values", "untrainable"]

log = logging.getLogger(__name__)

#: The folder of the server's output folder in which it looks for LoRAs too (its ``main.py``).
FOLDER = "loras"
#: Bytes of a LoRA that are taken, and beyond which it is larger than one of a character should be
#: (``requirements/domain.md``).
MOST_BYTES, USUAL_BYTES = 512 * 2**20, 100 * 10**6
#: What the server's reader of a folder takes for pictures (``nodes_dataset.py``).
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
#: Of LoRAs that were learned of the same pictures, so many are tried: one, if all is well.
_MOST_LOOKED_AT = 4
_PIXELS = 2**20  #: a megapixel of ComfyUI's
Follow = Callable[[Task, bool], None]


def untrainable(workflow: Workflow, step: Step) -> str | None:
    """Why a workflow cannot learn this; None when it can."""
    if workflow.input("pictures") is None or workflow.input("name") is None:
        return "its workflow takes no pictures, or no name for its LoRA"
    odd = [each.path.name for each in step.inputs["images"] if not _is_taken(each)]
    return f"ComfyUI learns from PNG, JPEG and WebP only, not from {odd[0]}" if odd else None


def _is_taken(image: FileRef) -> bool:
    return image.path.suffix.lower() in _SUFFIXES


def training_values(
    work: Placed, workflow: Workflow, station: Station, cancel: CancelFlag
) -> dict[str, Any]:
    """What goes into the workflow; the pictures are on the server then, in a folder of their own.

    Raises:
        MediaError: a picture changed since the film was looked at.
        ServiceError: the server does not take them.
        Stopped: it was cancelled.
    """
    inputs = work.step.inputs
    contents = [image.content for image in inputs["images"]]
    # The server reads whatever lies in the folder, and remembers a folder it has read.
    folder = f"{UPLOADS}/lora_{text_digest('/'.join(contents))[:24]}"
    for image in inputs["images"]:
        _check_unchanged(image, work)
        called = f"{image.content[:24]}{image.path.suffix.lower()}"
        station.server.upload(image.path, called, cancel, subfolder=folder)
    width, height = work.option.size
    wanted = {
        "pictures": folder,
        "prompt": f"a picture of {inputs['trigger']}",
        "name": f"{FOLDER}/{_stem(work, workflow)}",
        "seed": inputs["seed"],
        "steps": inputs["steps"],
        "rank": inputs["rank"],
        "megapixels": round(width * height / _PIXELS, 3) or None,
    }
    return dict(_fitting(workflow, wanted))


def _check_unchanged(image: FileRef, work: Placed) -> None:
    if file_digest(image.path) != image.content:
        raise MediaError(
            f"The picture '{image.path.name}' was changed while the film was being made.",
            remedy="Evaluate again.",
            where=work.step.node,
        )


def _fitting(workflow: Workflow, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those that the workflow takes, numbers brought to the nearest it does."""
    given = {name: workflow.input(name) for name in wanted}
    return {
        name: nearest(one, value) if one.type in ("int", "float") else value
        for name, value in wanted.items()
        if (one := given[name]) is not None and value is not None
    }


def _stem(work: Placed, workflow: Workflow) -> str:
    """A name for what is learned: the same for the same pictures, settings and workflow."""
    inputs = work.step.inputs
    settings = [
        [image.content for image in inputs["images"]], inputs["trigger"], inputs["steps"],
        inputs["rank"], inputs["seed"], f"{workflow.id}@{workflow.version}",
        work.option.precision, list(work.option.size),
    ]  # fmt: skip
    word = re.sub(r"[^a-z0-9_]+", "", inputs["trigger"].lower().removeprefix("md_"))[:24]
    return f"md_{word}_{text_digest(json.dumps(settings))[:16]}"


def train(task: Task, errand: Errand, station: Station, follow: Follow, *, send: bool) -> Produced:
    """Have it learned, unless it is there, and fetch it.  ``follow`` has a task done to
    its end.

    Raises:
        BadAnswer: what was learned cannot be used, and is gone again.
        StepFailed: nothing was learned.
    """
    if send:
        there = _named(station, _stem_of(task))
        made = _there_before(task, errand, station, there)
        if made is not None:
            return made
        task = _saved_anew(task) if there else task
    follow(task, send)
    there = _named(station, _stem_of(task))
    if not there:
        # All was cached there, and the file is gone: only saving is done again.
        task = _saved_anew(task)
        follow(task, True)
        there = _named(station, _stem_of(task))
    if not there:
        raise StepFailed(
            "The training ended, and its LoRA is not in ComfyUI's list.",
            remedy="Look into ComfyUI's output/loras folder; its window says what it did.",
            where=task.node,
        )
    return _produced(task, errand, station, there[-1])


def _stem_of(task: Task) -> str:
    """How the name of the LoRA begins, as it was sent."""
    told = task.nodes[task.output]["inputs"].values()
    names = [each for each in told if isinstance(each, str) and each.startswith(f"{FOLDER}/")]
    if not names:
        raise StepFailed(
            "The workflow gives its LoRA no name that was asked for.",
            remedy="Let its input 'name' go into the node that saves the LoRA.",
            where=task.node,
        )
    return names[0].removeprefix(f"{FOLDER}/")


def _named(station: Station, stem: str) -> list[str]:
    """The LoRAs of that name in the server's list, in their order."""
    return sorted(name for name in station.server.loras() if _begins(name, stem))


def _begins(name: str, stem: str) -> bool:
    rest = name.removeprefix(f"{stem}_")
    return rest != name and "/" not in rest and "\\" not in rest and name.endswith(".safetensors")


def _there_before(
    task: Task, errand: Errand, station: Station, names: Sequence[str]
) -> Produced | None:
    """What an earlier run had learned; None where there is nothing that can be used."""
    for name in names[-_MOST_LOOKED_AT:]:
        errand.accepted()
        try:
            return _produced(task, errand, station, name)
        except BadAnswer as error:
            log.warning("not used: %s", error)
    return None


def _saved_anew(task: Task) -> Task:
    """The same work under another id, saved under another name that begins alike."""
    prompt = str(uuid.uuid5(uuid.UUID(task.prompt), "again"))
    saver = task.nodes[task.output]
    before = f"{FOLDER}/{_stem_of(task)}"
    after = f"{before}_{prompt[:8]}"
    inputs = {name: after if each == before else each for name, each in saver["inputs"].items()}
    nodes = {**task.nodes, task.output: {**saver, "inputs": inputs}}
    return replace(task, prompt=prompt, nodes=nodes)


def _produced(task: Task, errand: Errand, station: Station, name: str) -> Produced:
    """The LoRA, here; a note in its place where the server does not hand it out."""
    errand.finishing(0.2, "fetching the LoRA")
    inputs, path = task.inputs, errand.ticket.folder / "lora.safetensors"
    facts: dict[str, Any] = {
        "trained": True, "lora": name, "server": task.address, "trigger": inputs["trigger"],
        "steps": inputs["steps"], "rank": inputs["rank"], "pictures": len(inputs["images"]),
        "family": task.recipe.get("family", ""),
    }  # fmt: skip
    found = OutputFile(
        node=task.output, name=name, subfolder=FOLDER, folder="output", suffix=".safetensors"
    )
    try:
        station.server.fetch(found, path, errand.cancel, most=MOST_BYTES)
    except Unauthorised:
        raise
    except ServiceRefused as error:
        log.warning("%s was learned and stays on its server: %s", name, error)
        facts["fetched"] = False
        write_note(path, {"lora": name, "server": task.address, "note": "it lies on the server"})
    else:
        facts |= {"fetched": True, "tensors": _checked(path, errand), "advice": _advice(path)}
    return Produced(
        step=task.step, path=path, bytes=path.stat().st_size, content="", facts=facts,
        recipe=dict(task.recipe),
    )  # fmt: skip


def _checked(path: Path, errand: Errand) -> int:
    """How many tensors it has; what cannot be used is deleted here."""
    try:
        return check_lora(path)
    except BadWeights as error:
        path.unlink(missing_ok=True)
        raise BadAnswer(
            f"{errand.who} left a LoRA that cannot be used: it {error}.",
            remedy="Look into ComfyUI's window for what went wrong; fewer steps may help.",
            where=errand.node,
        ) from error


def _advice(path: Path) -> str:
    size = path.stat().st_size
    return f"it has {amount(size)}, more than one character needs" if size > USUAL_BYTES else ""
