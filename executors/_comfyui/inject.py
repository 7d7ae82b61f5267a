# SPDX-License-Identifier: GPL-3.0-or-later
"""Put values into a workflow's graph: what comes out is exactly what is sent.

    base → change → precision's models → absent inputs taken out → values → what is needed

A value goes in with its type and is never looked into: a text stays a text, whatever it
says.  Nodes that no output needs are not sent (one without ``inputs`` would end the server's
worker).  Where the base comes from is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ...core.errors import InputError
from ...core.prompt_graph import graph_fault, is_link, needed, read_prompt
from ...core.workflow import Pin, Precision, Prompt, Workflow
from ...core.workflow_values import LoRA, check_values
from .prune import altered

__all__ = ["LOADER", "classes_of", "fill", "prepared"]

#: The stock node that puts a LoRA on a model alone.
LOADER = "LoraLoaderModelOnly"

_Nodes: TypeAlias = dict[str, dict[str, Any]]


def fill(
    workflow: Workflow, base: Prompt, values: Mapping[str, Any], *, precision: str = ""
) -> _Nodes:
    """The prompt to send; ``precision`` "" takes the best there is.

    The same arguments give the same prompt, key for key, and are left as they are.

    Raises:
        InputError: a value does not fit, or the workflow does not fit its base.
    """
    chosen = workflow.precision(precision)
    if chosen is None:
        names = ", ".join(each.name for each in workflow.precisions)
        raise InputError(
            f"The workflow '{workflow.id}' has no precision '{precision}'.",
            remedy=f"Choose one of: {names}.",
        )
    given = check_values(workflow, values)
    nodes = prepared(workflow, base, chosen)
    for each in workflow.inputs:
        if each.name not in given:
            nodes = altered(nodes, each.absent, workflow.id)
    for each in workflow.inputs:
        if each.name in given:
            _put(nodes, workflow, each.name, each.pins, given[each.name])
    return _finished(workflow, nodes)


def classes_of(workflow: Workflow, base: Prompt, precision: str = "") -> frozenset[str]:
    """The node classes that may be sent, whatever is put in.

    Raises:
        InputError: the workflow does not fit its base.
    """
    chosen = workflow.precision(precision) or workflow.precisions[0]
    nodes = prepared(workflow, base, chosen)
    sent = needed(nodes, (output.node for output in workflow.outputs))
    return frozenset(str(nodes[id]["class_type"]) for id in sent)


def prepared(workflow: Workflow, base: Prompt, precision: Precision) -> _Nodes:
    """The base as the workflow and one of its precisions alter it, models named, no values yet."""
    nodes = altered(read_prompt(base), workflow.change, workflow.id)
    nodes = altered(nodes, precision.change, workflow.id)
    for model in precision.models:
        for pin in model.pins:
            _node(nodes, workflow, f"models.{model.id}", pin)["inputs"][pin.input] = model.file
    return nodes


def _put(nodes: _Nodes, workflow: Workflow, name: str, pins: Iterable[Pin], value: Any) -> None:
    for number, pin in enumerate(pins, 1):
        node = _node(nodes, workflow, f"inputs.{name}", pin)
        if isinstance(value, tuple):
            _chain(nodes, workflow, pin, value, number)
        else:
            node["inputs"][pin.input] = value


def _chain(
    nodes: _Nodes, workflow: Workflow, pin: Pin, loras: tuple[LoRA, ...], number: int
) -> None:
    """Loaders between a model input and what fed it, the first LoRA nearest to the model."""
    source = nodes[pin.node]["inputs"].get(pin.input)
    if not is_link(source):
        raise _unfit(workflow, f"no model is linked to '{pin}', so no LoRA can be put before it")
    for place, lora in enumerate(loras, 1):
        id = f"lora:{number}:{place}"
        nodes[id] = {
            "class_type": LOADER,
            "inputs": {
                "model": list(source),
                "lora_name": lora.file,
                "strength_model": float(lora.strength),
            },
            "_meta": {"title": "LoRA"},
        }
        source = [id, 0]
    nodes[pin.node]["inputs"][pin.input] = list(source)


def _node(nodes: _Nodes, workflow: Workflow, where: str, pin: Pin) -> dict[str, Any]:
    node = nodes.get(pin.node)
    if node is None:
        raise _unfit(workflow, f"{where} goes into '{pin}', and there is no such node")
    return node


def _finished(workflow: Workflow, nodes: _Nodes) -> _Nodes:
    """What the outputs need, complete as a server expects it."""
    ends = [each.node for each in workflow.outputs]
    for end in ends:
        if end not in nodes:
            raise _unfit(workflow, f"the output node '{end}' is not there")
    if fault := graph_fault(nodes):
        raise _unfit(workflow, fault)
    keep = needed(nodes, ends)
    found: _Nodes = {}
    for id, node in nodes.items():
        if id in keep:
            title = node.get("_meta", {}).get("title", node["class_type"])
            found[id] = {
                "inputs": node["inputs"],
                "class_type": node["class_type"],
                "_meta": {"title": title},
            }
    return found


def _unfit(workflow: Workflow, what: str) -> InputError:
    return InputError(
        f"The workflow '{workflow.id}' does not fit its graph: {what}.",
        remedy="Correct the workflow file, or remove it.",
    )
