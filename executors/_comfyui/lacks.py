# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server lacks for a workflow: a newer version, node classes, models, the film's own LoRAs.

Judged from what the server was found to have; nothing is asked.  Each thing comes with where it
can be had: a model with its folder, address and size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.amounts import amount
from ...core.footprints import known_footprints
from ...core.lack import Lack
from ...core.step import CLIP, STILL, Option, Service, Step
from ...core.workflow import Model, Workflow
from .fitting import lora_names
from .inject import classes_of
from .station import Known
from .stock import STOCK_VERSION, stock_nodes
from .templates import base_prompt

__all__ = ["lacks_of"]

#: How a server is brought up to date, and where node classes of other people come from.
_UPDATE = "Update ComfyUI: git pull in its folder, then pip install -r requirements.txt"
_MANAGER = "Install the extension that brings them: https://registry.comfy.org"


def lacks_of(
    ways: Sequence[tuple[Workflow, Option]], step: Step, service: Service, known: Known
) -> tuple[Lack, ...]:
    """What is missing for the way that needs least: the first of those that only lack models."""
    found = [tuple(_lacks(*way, step, service, known)) for way in ways]
    if not found or any(not each for each in found):
        return ()
    return min(found, key=_weight)


def _weight(lacks: Sequence[Lack]) -> tuple[int, int]:
    """Classes and versions are worse than files, and more bytes than fewer."""
    return sum(each.cause != "model" for each in lacks), sum(each.bytes for each in lacks)


def _lacks(
    workflow: Workflow, option: Option, step: Step, service: Service, known: Known
) -> Iterator[Lack]:
    at = f"{service.name or service.executor} at {service.address}"
    precision = workflow.precision(option.precision)
    if needs := workflow.too_new(precision, known.version):
        what = f"{at} is version {known.version}; '{workflow.id}' needs {needs}."
        yield Lack(cause="version", what=what, fixes=(_UPDATE,))
    yield from _classes(workflow, option, at, known)
    if known.files is not None and precision is not None:
        for model in precision.models:
            if model.file not in known.files:
                yield _model(model, workflow, at)
    if step.kind in (CLIP, STILL) and known.files is not None:
        for name in lora_names(step.inputs):
            if name not in known.files:
                fix = f"Copy {name} into models/loras of ComfyUI's folder, and restart it"
                what = f"{at} does not have the LoRA {name}."
                yield Lack(cause="model", what=what, fixes=(fix,))


def _classes(workflow: Workflow, option: Option, at: str, known: Known) -> Iterator[Lack]:
    if known.classes is None:
        return
    wanted = classes_of(workflow, base_prompt(workflow), option.precision)
    missing = sorted(wanted - known.classes)
    stock = [name for name in missing if name in stock_nodes()]
    others = [name for name in missing if name not in stock]
    if stock:
        what = f"{at} does not know {_named(stock)}, which ComfyUI {STOCK_VERSION} has."
        yield Lack(cause="nodes", what=what, fixes=(_UPDATE,))
    if others:
        what = f"{at} does not know {_named(others)}, which no stock ComfyUI has."
        yield Lack(cause="nodes", what=what, fixes=(_MANAGER,))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"the node{'s' if len(names) > 1 else ''} {', '.join(names[:4])}{more}"


def _model(model: Model, workflow: Workflow, at: str) -> Lack:
    found = known_footprints().by_file(model.file)
    size = found.bytes if found else 0
    url = model.url or (found.url if found else "")
    told = amount(size) if size else "size not known"
    where = f"models/{model.folder}/{model.file}"
    fix = f"Put it there from {url}" if url else f"Look for {model.file} where its maker keeps it"
    return Lack(
        cause="model",
        what=f"{at} does not have {where} ({told}), which '{workflow.id}' needs.",
        fixes=(fix,),
        bytes=size,
    )
