# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server can do a workflow, and what it would take: nodes, and models by file.

A workflow is filled with examples, once for each precision, and judged like any prompt.  What
is only a file that lies elsewhere is told apart: a model has a name, a folder, a source and a
size, and can be fetched; a class that is not there makes the workflow impossible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import InputError
from ...core.footprint import Footprints
from ...core.workflow import Input, Model, Precision, Workflow
from ...core.workflow_values import LoRA
from .check import check_prompt
from .inject import fill
from .object_info import ObjectInfo
from .templates import base_prompt

__all__ = ["MissingModel", "Standing", "example", "workflow_standing"]

#: Classes whose choices are the author's own: the server takes any.
_OWN_CHOICES = frozenset({"CustomCombo"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingModel:
    """A file of weights that a server lacks; ``url`` "" and ``bytes`` 0 are not known."""

    file: str
    folder: str
    url: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a workflow stands with a server.

    ``problems`` make it impossible there.  ``missing`` are the models lacking for each
    precision that the server's version can load: one without any can run at once.
    """

    problems: tuple[str, ...] = ()
    missing: Mapping[str, tuple[MissingModel, ...]]

    @property
    def ready(self) -> bool:
        """Whether it can run now, at one precision at least."""
        return not self.problems and any(not models for models in self.missing.values())


def workflow_standing(workflow: Workflow, info: ObjectInfo, footprints: Footprints) -> Standing:
    """How a workflow stands with a server of that version that has these classes.

    Where the version is too old, no more is said: what it lacks comes with a newer one.
    """
    loadable = [each for each in workflow.precisions if not workflow.too_new(each, info.version)]
    if not loadable:
        first = workflow.precisions[0]
        needs = workflow.too_new(None, info.version) or workflow.too_new(first, info.version)
        text = f"it needs ComfyUI {needs} or newer; there is {info.version}"
        return Standing(problems=(text,), missing={})
    problems: list[str] = []
    missing: dict[str, tuple[MissingModel, ...]] = {}
    for precision in loadable:
        try:
            found, lacking = _judged(workflow, precision, info)
        except InputError as error:
            found, lacking = [error.what], []
        problems += [each for each in found if each not in problems]
        missing[precision.name] = tuple(_described(each, footprints) for each in lacking)
    return Standing(problems=tuple(problems), missing=missing)


def _judged(
    workflow: Workflow, precision: Precision, info: ObjectInfo
) -> tuple[list[str], list[Model]]:
    """What stands in the way, and the models that are not there."""
    values = {each.name: example(each) for each in workflow.inputs if each.required}
    prompt = fill(workflow, base_prompt(workflow), values, precision=precision.name)
    models = {(pin.node, pin.input): each for each in precision.models for pin in each.pins}
    given = {(pin.node, pin.input) for each in workflow.inputs for pin in each.pins}
    problems, lacking = [], []
    for finding in check_prompt(prompt, info):
        place = (finding.node, finding.input)
        if finding.kind in ("missing_file", "choice") and place in models:
            if models[place] not in lacking:
                lacking.append(models[place])
        elif finding.kind in ("missing_file", "choice") and (
            place in given or finding.node.startswith("lora:")
        ):
            continue  # an example of ours: the film's own file is uploaded first
        elif finding.node and prompt[finding.node]["class_type"] in _OWN_CHOICES:
            continue
        else:
            problems.append(str(finding))
    return problems, lacking


def example(input: Input) -> Any:
    """A value that the input takes, for judging a workflow before there is a film."""
    if input.type in ("int", "float"):
        value = input.minimum if input.minimum is not None else 1
        return int(value) if input.type == "int" else float(value)
    examples: dict[str, Any] = {
        "text": "a film", "bool": True, "seed": 0, "loras": (LoRA(file="example.safetensors"),),
        "image": "example.png", "audio": "example.wav", "video": "example.mp4",
        "folder": "example", "model": "example.safetensors",
    }  # fmt: skip
    return input.choices[0] if input.type == "choice" else examples[input.type]


def _described(model: Model, footprints: Footprints) -> MissingModel:
    known = footprints.by_file(model.file)
    return MissingModel(
        file=model.file,
        folder=model.folder,
        url=model.url or (known.url if known else ""),
        bytes=known.bytes if known else 0,
    )
