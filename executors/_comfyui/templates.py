# SPDX-License-Identifier: GPL-3.0-or-later
"""The official templates: the graphs that ComfyUI itself ships, as prompts.

They come from the package ``comfyui_workflow_templates_json`` (MIT), read where it is installed.
A template is always turned into a prompt with the recorded nodes it was saved for (``stock``), so
the same workflow gives the same prompt on every machine; a server's own nodes judge the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, resources
from typing import Any

from ...core.errors import InputError, MissingLibrary
from ...core.workflow import Graph, Prompt, Workflow
from .bounded import parse_json
from .convert import convert_file
from .stock import stock_nodes

__all__ = ["NamedModel", "base_prompt", "named_models", "read_template", "template_models"]

PACKAGE = "comfyui_workflow_templates_json"
DISTRIBUTION = "comfyui-workflow-templates-json"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedModel:
    """A model as a workflow's author names it: file, folder on the server, where to have it."""

    file: str
    folder: str
    url: str


def base_prompt(workflow: Workflow) -> Prompt:
    """The graph a workflow starts from, before anything is changed or put in.

    Raises:
        InputError: there is no such template, or another release is installed.
        MissingLibrary: the package of templates is not installed.
    """
    if isinstance(workflow.base, Graph):
        return workflow.base.prompt
    return _template_prompt(workflow.base.name, workflow.base.package)


@lru_cache(maxsize=64)
def _template_prompt(name: str, package: str) -> Prompt:
    return convert_file(json.loads(_text(name, package)), stock_nodes())


def read_template(name: str, package: str) -> Any:
    """A template as the editor saved it.

    Raises:
        InputError: there is no such template, or another release is installed.
        MissingLibrary: the package of templates is not installed.
    """
    return parse_json(_text(name, package), f"The template '{name}'")


def _text(name: str, package: str) -> str:
    try:
        there = metadata.version(DISTRIBUTION)
        folder = resources.files(PACKAGE) / "templates"
    except (metadata.PackageNotFoundError, ModuleNotFoundError) as error:
        raise MissingLibrary(
            "ComfyUI's workflow templates are not installed.",
            remedy=f"Install them: pip install {DISTRIBUTION}=={package}",
        ) from error
    if there != package:
        raise InputError(
            f"The template '{name}' was meant from release {package}; {there} is installed.",
            remedy=f"Install that release: pip install {DISTRIBUTION}=={package}",
        )
    file = folder / f"{name}.json"
    if "/" in name or "\\" in name or not file.is_file():
        raise InputError(
            f"ComfyUI's workflow templates {package} have no '{name}'.",
            remedy="Name one of them in the workflow file.",
        )
    return file.read_text(encoding="utf-8")


def template_models(workflow: Workflow) -> Mapping[str, NamedModel]:
    """The models that a workflow's template names, by file; empty for a graph of our own."""
    if isinstance(workflow.base, Graph):
        return {}
    value = json.loads(_text(workflow.base.name, workflow.base.package))
    return {each.file: each for each in named_models(value)}


def named_models(value: Any) -> Iterator[NamedModel]:
    """What the nodes of a graph in the editor's format name under ``properties.models``."""
    if isinstance(value, Mapping):
        inside = value.get("properties")
        models = inside.get("models") if isinstance(inside, Mapping) else None
        for model in models if isinstance(models, list) else ():
            if isinstance(model, Mapping):
                texts = [model.get(key, "") for key in ("name", "directory", "url")]
                if all(isinstance(text, str) for text in texts) and texts[0]:
                    yield NamedModel(file=texts[0], folder=texts[1], url=_plain(texts[2]))
        for each in value.values():
            yield from named_models(each)
    elif isinstance(value, list):
        for each in value:
            yield from named_models(each)


def _plain(url: str) -> str:
    return url.removesuffix("?download=true") if url.startswith("https://") else ""
