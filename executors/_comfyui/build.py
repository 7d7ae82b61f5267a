# SPDX-License-Identifier: GPL-3.0-or-later
"""From a placed step to the task that is written down and sent: files uploaded, prompt filled."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.compile.lowering import FileRef
from ...core.conforming import CONFORMING, times_wanted
from ...core.cut import SecondsOf
from ...core.digest import file_digest, text_digest
from ...core.errors import StepFailed
from ...core.executor import CancelFlag, Ticket
from ...core.footprints import known_footprints
from ...core.step import CLIP, LORA_TRAINING, STILL, VIEW, ArtifactRef, Option, Placed
from ...core.workflow import Output, Workflow
from .._animatic.pool import LAST_FRAME, Pool, spelled
from .._http import Stopped
from .._wording import Picture, opening_of, picture_of, sound_of
from .inject import fill
from .learned import family_of, loaded
from .looking import picture_inputs, seen, unseen
from .parts import START, in_precision, overlap, spans
from .station import Station
from .task import Part, Task
from .templates import base_prompt
from .training import training_values
from .values import conform_values, picture_values, sound_values, view_values
from .ways import MEDIA, Ways

__all__ = ["built", "nothing_lacks"]

#: Inputs of a clip that take pictures of the user's.
_REFERENCES = ("reference_1", "reference_2", "reference_3")


def built(
    work: Placed, ticket: Ticket, station: Station, pool: Pool, ways: Ways, cancel: CancelFlag
) -> Task:
    """The task for a step, its pictures already on the server.

    Raises:
        InputError: what is wanted does not fit the workflow.
        ServiceError: the server does not take the pictures.
        Stopped: it was cancelled.
    """
    workflow = ways.library[work.option.workflow]
    picture = _picture(work, ticket, workflow, station, cancel)
    onward = _onward(work, workflow, picture, ways)
    lengths = spans(workflow, onward, picture.seconds) if picture else (0.0,)
    values = _values(work, ticket, workflow, picture, lengths[0], station, pool, cancel)
    nodes = fill(workflow, base_prompt(workflow), values, precision=work.option.precision)
    output = _output(work, workflow)
    return Task(
        step=work.step.id,
        node=work.step.node,
        service=work.service.id,
        address=work.service.address,
        prompt=ticket.id,
        nodes=nodes,
        output=output.node,
        media=output.media,
        kind=work.step.kind,
        inputs=spelled(work.step.inputs, ticket),
        suffix=work.step.place.suffix,
        seconds=work.option.seconds / len(lengths),
        weights=_weights(workflow, work.option),
        recipe=_recipe(work, workflow, station, nodes)
        | _looked(workflow, picture)
        | ({"parts": len(lengths)} if len(lengths) > 1 else {}),
        onward=tuple(
            _part(work, ticket, onward, picture, seconds, number)
            for number, seconds in enumerate(lengths[1:], 1)
            if onward is not None and picture is not None
        ),
    )


def _weights(workflow: Workflow, option: Option) -> Mapping[str, int]:
    """Bytes of the weights by phase, as ``peak.Weights``; none where one of them is not known.

    Where an option holds no weights they come piece by piece, and how much there is says nothing.
    """
    precision, known = workflow.precision(option.precision), known_footprints()
    models = frozenset(model.id for model in precision.models) if precision else frozenset()
    if not models or not option.models or not models | option.models <= known.models.keys():
        return {}
    by_phase = known.by_phase(models)
    return {
        "all": sum(by_phase.values()),
        "held": sum(map(known.bytes_of, option.models)),
        "encode": by_phase["encode"],
        "decode": by_phase["decode"],
    }


def _output(work: Placed, workflow: Workflow) -> Output:
    fitting = [each for each in workflow.outputs if each.media in MEDIA[work.step.kind]]
    if not fitting:
        raise StepFailed(
            f"The workflow '{workflow.id}' makes nothing that a {work.step.kind} could be.",
            remedy="Choose another workflow on the Backend node.",
            where=work.step.node,
        )
    return fitting[0]


def _picture(
    work: Placed, ticket: Ticket, workflow: Workflow, station: Station, cancel: CancelFlag
) -> Picture | None:
    if work.step.kind not in (CLIP, STILL):
        return None
    learned = loaded(work, ticket, workflow, station, cancel)
    if work.step.kind == STILL:
        return opening_of(work.step.inputs, learned)
    return picture_of(work.step.inputs, _seconds_of(ticket), learned)


def _seconds_of(ticket: Ticket) -> SecondsOf:
    def seconds(ref: ArtifactRef) -> float:
        return float(ticket.inputs[ref.step].facts["seconds"])

    return seconds


def _onward(
    work: Placed, workflow: Workflow, picture: Picture | None, ways: Ways
) -> Workflow | None:
    """What goes on where the shot is longer than a clip: only what there is memory planned for."""
    onward = ways.onward(workflow, picture.seconds) if picture else None
    return onward if onward is not None and ways.affords(onward, work.option) else None


def _part(
    work: Placed, ticket: Ticket, onward: Workflow, picture: Picture, seconds: float, number: int
) -> Part:
    """A part that goes on; the picture it begins with has its own name in place of the server's."""
    prompt = str(uuid.uuid5(uuid.UUID(ticket.id), f"part {number}"))
    begins = next(name for name in START if onward.input(name))
    start = f"{prompt}.png"
    values = picture_values(
        onward, picture, seconds + overlap(onward), {begins: start}, work.option.size
    )
    named = in_precision(onward, work.option.precision)
    output = _output(work, onward)
    return Part(
        prompt=prompt,
        nodes=fill(onward, base_prompt(onward), values, precision=named.name),
        output=output.node,
        media=output.media,
        start=start,
    )


def _values(
    work: Placed,
    ticket: Ticket,
    workflow: Workflow,
    picture: Picture | None,
    seconds: float,
    station: Station,
    pool: Pool,
    cancel: CancelFlag,
) -> dict[str, Any]:
    if work.step.kind == LORA_TRAINING:
        return training_values(work, workflow, station, cancel)
    if work.step.kind == VIEW:
        inputs = work.step.inputs
        return view_values(workflow, inputs, _sent(inputs["image"].path, station, cancel))
    if work.step.kind in CONFORMING:
        clip = _sent(ticket.inputs[work.step.inputs["clip"].step].path, station, cancel)
        return conform_values(workflow, clip, _lacking(work, ticket), work.step.inputs["seed"])
    if picture is None:
        sound = sound_of(work.step.kind, work.step.inputs, _seconds_of(ticket))
        return sound_values(workflow, sound)
    files: dict[str, str] = {}
    for name, path in _pictures(work, ticket, workflow, picture, pool, cancel):
        files[name] = _sent(path, station, cancel)
    picture = _captioned(picture, workflow)
    return picture_values(workflow, picture, seconds, files, work.option.size)


def _sent(path: Path, station: Station, cancel: CancelFlag) -> str:
    """A file's name on the server, where it is now: the same for the same bytes."""
    return station.server.upload(path, f"{file_digest(path)[:24]}{path.suffix.lower()}", cancel)


def _lacking(work: Placed, ticket: Ticket) -> float:
    """How many frames, or pixels across, a clip needs for each that it has."""
    step = work.step
    return times_wanted(step.kind, ticket.inputs[step.inputs["clip"].step].facts, step.inputs)


def nothing_lacks(work: Placed, ticket: Ticket) -> bool:
    """Whether it is a clip to conform that has all the frames, or pixels, it needs."""
    return work.step.kind in CONFORMING and _lacking(work, ticket) == 1.0


def _pictures(
    work: Placed,
    ticket: Ticket,
    workflow: Workflow,
    picture: Picture,
    pool: Pool,
    cancel: CancelFlag,
) -> list[tuple[str, Path]]:
    """Which of the shot's pictures goes into which input of the workflow."""
    found: list[tuple[str, Path]] = []
    starts = next((name for name in START if workflow.input(name)), "")
    if picture.start is not None and starts:
        clip = ticket.inputs[picture.start.step].path
        found.append((starts, _last_frame(work, ticket, clip, pool, cancel)))
    if work.step.kind == STILL:
        shown = seen(workflow, picture.images)
        return [
            (name, _path(image.file, ticket))
            for name, image in zip(picture_inputs(workflow), shown, strict=False)
        ]
    names = [name for name in _REFERENCES if workflow.input(name)]
    files: list[FileRef] = [*picture.references, *picture.places]
    found += [(name, file.path) for name, file in zip(names, files, strict=False)]
    if picture.styles and workflow.input("style_image"):
        found.append(("style_image", picture.styles[0].path))
    return found


def _path(file: FileRef | ArtifactRef, ticket: Ticket) -> Path:
    return file.path if isinstance(file, FileRef) else ticket.inputs[file.step].path


def _captioned(picture: Picture, workflow: Workflow) -> Picture:
    """The still's words, told first what each of the pictures that are looked at is for."""
    shown = seen(workflow, picture.images)
    said = [
        f"Take the style from picture {n}, and nothing that is in it."
        if each.style
        else f"Picture {n} shows {each.of}."
        for n, each in enumerate(shown, 1)
    ]
    prompt = " ".join([*said, picture.prompt])
    return replace(picture, prompt=prompt, motion=prompt) if said else picture


def _last_frame(work: Placed, ticket: Ticket, clip: Path, pool: Pool, cancel: CancelFlag) -> Path:
    inputs = {"clip": str(clip)}
    answer = pool.do(LAST_FRAME, inputs, ticket.folder, _Silent(), cancel)
    if answer is None:
        raise Stopped
    if "error" in answer:
        raise StepFailed(
            f"The last frame of the shot before could not be taken: {answer['error']['what']}",
            remedy="Make the shot before anew.",
            where=work.step.node,
        )
    return Path(answer["done"]["path"])


class _Silent:
    """Hears nothing: a frame is there at once."""

    def progress(self, fraction: float, note: str) -> None:
        """Nothing to tell."""

    def preview(self, path: Path) -> None:
        """Nothing to show."""


def _looked(workflow: Workflow, picture: Picture | None) -> dict[str, Any]:
    """Whose pictures a still was made from, and whose not."""
    if picture is None or not picture.images:
        return {}
    return {
        "pictures": [each.of for each in seen(workflow, picture.images)],
        "left_out": list(unseen(workflow, picture.images)),
    }


def _recipe(
    work: Placed, workflow: Workflow, station: Station, nodes: Mapping[str, Any]
) -> dict[str, Any]:
    """What made it, for provenance: everything whose change could change the result."""
    precision = workflow.precision(work.option.precision)
    return {
        "movie-director": __version__,
        "comfyui": station.known.version,
        "workflow": f"{workflow.id}@{workflow.version}",
        "precision": work.option.precision,
        **({"size": list(work.option.size)} if any(work.option.size) else {}),
        **({"family": family_of(workflow)} if work.step.kind == LORA_TRAINING else {}),
        "models": [model.file for model in precision.models] if precision else [],
        "prompt": text_digest(json.dumps(nodes, sort_keys=True)),
    }
