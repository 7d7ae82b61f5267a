# SPDX-License-Identifier: GPL-3.0-or-later
"""Read one workflow file, strictly: ``movie-director/workflow@1``.

Everything that can be wrong with a file by itself is told here with file, key and line:
unknown keys, wrong types, bounds that make no sense, pins nobody can find, links that lead
nowhere or in a circle.  What needs the template or a server's nodes is checked by the executor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import InputError
from .prompt_graph import graph_fault, read_prompt
from .step import ModelId
from .workflow import (
    MEDIA,
    PRECISIONS,
    QUALITIES,
    TIERS,
    WORK,
    Base,
    Change,
    Graph,
    Model,
    Output,
    Pin,
    Precision,
    Template,
    Workflow,
)
from .workflow_input import read_inputs, read_pins
from .yaml_section import Section, check_bounds

__all__ = ["SCHEMA", "read_workflow"]

SCHEMA = "movie-director/workflow@1"
#: A graph beside its workflow: more than the largest official template has as a prompt.
MOST_GRAPH_BYTES = 4 * 2**20

_ID = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_MODEL_ID = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9._-]+")
_FILE = re.compile(r"(?!.*(?:^|[/\\])\.\.?(?:[/\\]|$))[^/\\\0:][^\0:]*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def read_workflow(file: Path, *, own: bool = False, value: Any = None) -> Workflow:
    """The workflow that a file holds; ``own`` marks the user's, ``value`` is the file already read.

    Raises:
        InputError: it is not one; names file, key and line.
        OSError: it cannot be read.
    """
    if not _ID.fullmatch(file.stem):
        raise InputError(
            f"The workflow file '{file.name}' has a name that cannot be a workflow's.",
            remedy="Use small letters, digits and underscores, such as wan_2_2_final.yaml.",
        )
    top = Section.of_file(file, value)
    top.take_choice("schema", (SCHEMA,))
    base = _base(top.take_section("base"))
    precisions = _precisions(top)
    workflow = Workflow(
        id=file.stem,
        title=top.take_text("title"),
        version=top.take_whole("version", minimum=1),
        kind=top.take_choice("kind", tuple(WORK)),
        quality=top.take_choice("quality", QUALITIES),
        tier=top.take_choice("tier", TIERS, ""),
        executor=top.take_text("executor", "comfyui"),
        about=top.take_text("about", ""),
        preference=top.take_whole("preference", 100),
        needs=_version(top, "needs"),
        licence=top.take_text("licence", ""),
        made_by=top.take_text("made_by", ""),
        onward=top.take_text("onward", ""),
        base=base,
        change=_change(top.take_section("change")),
        inputs=read_inputs(top.take_section("inputs"), _change),
        outputs=_outputs(top.take_section("outputs")),
        precisions=precisions,
        replaces=top.take_flag("replaces", False),
        own=own,
    )
    top.end()
    _check(top, workflow)
    return workflow


def _base(section: Section) -> Base:
    kinds = [name for name in ("template", "graph", "nodes") if name in section]
    if len(kinds) != 1:
        raise section.error((), "give exactly one of template, graph and nodes")
    base: Base
    if kinds == ["template"]:
        package = section.take_text("package")
        if not _VERSION.fullmatch(package):
            raise section.error(("package",), f"'{package}' is no version such as 0.1.50")
        base = Template(name=_name(section, "template"), package=package)
    elif kinds == ["graph"]:
        base = Graph(prompt=_graph_beside(section, _name(section, "graph")))
    else:
        base = Graph(prompt=_prompt(section, section.take("nodes"), "nodes"))
    section.end()
    return base


def _name(section: Section, key: str) -> str:
    """The name of a file or template: never a way out of its folder."""
    name = section.take_text(key)
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_. -]*", name) or ".." in name:
        raise section.error((key,), f"'{name}' is no name of a file in the same folder")
    return name


def _graph_beside(section: Section, name: str) -> dict[str, Any]:
    path = section.file.parent / name
    try:
        if path.stat().st_size > MOST_GRAPH_BYTES:
            raise section.error(("graph",), f"the file '{name}' is larger than 4 MiB")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise section.error(("graph",), f"the file '{name}' could not be read ({error})") from error
    except (ValueError, RecursionError) as error:
        raise section.error(("graph",), f"the file '{name}' holds no JSON") from error
    return _prompt(section, value, "graph")


def _prompt(section: Section, value: Any, key: str) -> dict[str, Any]:
    if fault := check_bounds(value):
        raise section.error((key,), fault)
    try:
        prompt = read_prompt(value)
    except ValueError as error:
        raise section.error((key,), str(error)) from error
    if fault := graph_fault(prompt):
        raise section.error((key,), fault)
    return prompt


def _change(section: Section) -> Change:
    change = Change(
        add=_added(section),
        drop=frozenset(section.take_texts("drop", [])),
        link=_links(section.take_section("link")),
        set={_pin(each, name): each.take(name) for each, name in _each(section, "set")},
    )
    section.end()
    return change


def _added(section: Section) -> dict[str, Any]:
    try:
        return read_prompt(section.take("add", {}), empty=True)
    except ValueError as error:
        raise section.error(("add",), str(error)) from error


def _each(section: Section, name: str) -> list[tuple[Section, str]]:
    inside = section.take_section(name)
    return [(inside, key) for key in inside]


def _links(section: Section) -> dict[Pin, tuple[str, int]]:
    found = {}
    for name in section:
        node, _, index = section.take_text(name).rpartition(".")
        if not node or not index.isdecimal():
            what = "expected a node and the number of its output, such as 57:8.0"
            raise section.error((name,), what)
        found[_pin(section, name)] = (node, int(index))
    return found


def _pin(section: Section, name: str) -> Pin:
    node, dot, input = name.partition(".")
    if not (node and dot and input):
        raise section.error((name,), f"'{name}' is no node and input such as 57:8.text")
    return Pin(node=node, input=input)


def _outputs(section: Section) -> tuple[Output, ...]:
    found = []
    for name in section:
        each = section.take_section(name)
        media = each.take_choice("media", MEDIA)
        found.append(Output(name=name, node=each.take_text("node"), media=media))
        each.end()
    if not found:
        raise section.error((), "no output is named")
    return tuple(found)


def _precisions(top: Section) -> tuple[Precision, ...]:
    """``precision`` and ``models``, or ``precisions`` with what each has beside the models."""
    shared = tuple(_model(each) for each in top.take_sections("models"))
    if "precisions" not in top:
        name = (
            top.take_choice("precision", PRECISIONS) if shared else top.take_text("precision", "")
        )
        return (Precision(name=name, models=shared),)
    found = []
    several = top.take_section("precisions")
    for name in several:
        if name not in PRECISIONS:
            raise several.error((name,), f"'{name}' is none of {', '.join(PRECISIONS)}")
        each = several.take_section(name)
        models = tuple(_model(model) for model in each.take_sections("models"))
        needs = _version(each, "needs")
        change = _change(each.take_section("change"))
        found.append(Precision(name=name, needs=needs, models=models + shared, change=change))
        each.end()
    if not found:
        raise several.error((), "no precision is named")
    return tuple(found)


def _version(section: Section, key: str) -> str:
    version = section.take_text(key, "")
    if version and not _VERSION.fullmatch(version):
        raise section.error((key,), f"'{version}' is no version such as 0.8.0")
    return version


def _model(section: Section) -> Model:
    model = Model(
        id=ModelId(section.take_text("id")),
        file=section.take_text("file"),
        folder=section.take_text("folder"),
        pins=read_pins(section, "at", optional=True),
        url=section.take_text("url", ""),
    )
    section.end()
    if not _MODEL_ID.fullmatch(model.id):
        raise section.error(("id",), f"'{model.id}' is no id such as wan2.2-t2v-14b-high/fp8")
    for key, text in (("file", model.file), ("folder", model.folder)):
        if not _FILE.fullmatch(text):
            raise section.error((key,), f"'{text}' is no name of a {key}")
    if model.url and not model.url.startswith("https://"):
        raise section.error(("url",), "an address begins with https://")
    return model


def _check(top: Section, workflow: Workflow) -> None:
    """What only the whole file can tell."""
    if not any(each.media == workflow.media for each in workflow.outputs):
        what = f"a workflow of kind {workflow.kind} gives {workflow.media}; none of these does"
        raise top.error(("outputs",), what)
    if workflow.kind == "character_variation" and not workflow.tier:
        raise top.error(("tier",), "a character's workflow says which tier it keeps")
    if isinstance(workflow.base, Graph):
        _check_pins(top, workflow, workflow.base.prompt)


def _check_pins(top: Section, workflow: Workflow, prompt: Mapping[str, Any]) -> None:
    """Pins and outputs of a graph of our own name nodes that are there."""
    nodes = set(prompt) | set(workflow.change.add)
    for each in workflow.inputs:
        for pin in each.pins:
            if pin.node not in nodes:
                what = f"there is no node '{pin.node}' in the graph"
                raise top.error(("inputs", each.name, "at"), what)
    for output in workflow.outputs:
        if output.node not in nodes:
            what = f"there is no node '{output.node}' in the graph"
            raise top.error(("outputs", output.name, "node"), what)
