# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server would accept a prompt, judged from its node classes before anything is sent.

The questions are those of the server's own ``validate_prompt`` (execution.py of ComfyUI 0.33):
known classes, required inputs, links to outputs that exist and fit, numbers in range, choices
from the list, no circles, something to run.  Missing *files* are told apart: a model that is not
there yet is a different matter from a workflow that is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .object_info import COMBO, DYNAMIC_COMBO, InputSpec, NodeClass, ObjectInfo, OutputSpec
from .ui_nodes import rename
from .ui_resolve import types_fit

__all__ = ["Finding", "check_prompt", "wanted_inputs"]

#: What names of files end with: models, pictures, clips, recordings, shapes.
_FILE = re.compile(
    r"\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx|pkl|npz|png|jpe?g|webp|gif|bmp|tiff?|exr|avif|mp4|webm"
    r"|mov|mkv|avi|mp3|wav|flac|ogg|opus|m4a|glb|gltf|obj|fbx|stl|usdz|ply|splat|spz|ksplat|ya?ml|txt"
    r"|json)( \[(input|output|temp)\])?$",
    re.IGNORECASE,
)
#: Kinds of finding.  A server refuses each, ``missing_file`` until the file is there; a ``type`` of
#: text or a switch it turns into something nobody meant.
KINDS = (
    "malformed", "missing_class", "missing_input", "bad_link", "type", "range", "choice",
    "missing_file", "circle", "no_output",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with a prompt: its kind, the node and input it is about, and words."""

    kind: str
    node: str
    input: str = ""
    text: str = ""

    def __str__(self) -> str:
        place = f"node {self.node}" if self.node else "the workflow"
        return f"{place}{f', {self.input}' if self.input else ''}: {self.text}"


def check_prompt(prompt: Mapping[str, Any], info: ObjectInfo) -> tuple[Finding, ...]:
    """Everything wrong with ``prompt`` on a server with these classes; empty when nothing is.

    As on the server, every class must be known, but inputs matter only where something that saves
    or shows needs them.
    """
    nodes = {id: node for id, node in prompt.items() if _is_node(node)}
    found = [
        Finding(kind="malformed", node=str(id), text="it has no class_type or no inputs")
        for id in prompt
        if id not in nodes
    ]
    ends = [id for id, node in nodes.items() if _is_end(node, info)]
    needed = _needed(ends, nodes)
    for id, node in nodes.items():
        if id in needed or node["class_type"] not in info:
            found += _node(id, node, nodes, info)
    found += _circles({id: node for id, node in nodes.items() if id in needed})
    if not ends:
        found.append(Finding(kind="no_output", node="", text="nothing in it saves or shows"))
    return tuple(found)


def _is_node(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), dict)
    )


def _is_end(node: Mapping[str, Any], info: ObjectInfo) -> bool:
    return node["class_type"] in info and info[node["class_type"]].output_node


def _needed(ends: list[str], nodes: Mapping[str, Any]) -> set[str]:
    """The ends, and all nodes that they need."""
    needed, ahead = set(ends), list(ends)
    while ahead:
        for link in nodes[ahead.pop()]["inputs"].values():
            origin = str(link[0]) if _is_link(link) else ""
            if origin in nodes and origin not in needed:
                needed.add(origin)
                ahead.append(origin)
    return needed


def _node(
    id: str, node: Mapping[str, Any], nodes: Mapping[str, Any], info: ObjectInfo
) -> Iterator[Finding]:
    node_class = info.get(node["class_type"])
    if node_class is None:
        text = f"the server has no class '{node['class_type'][:80]}'"
        yield Finding(kind="missing_class", node=id, text=text)
        return
    inputs = node["inputs"]
    for spec in wanted_inputs(node_class, inputs):
        if spec.name not in inputs:
            if not spec.optional:
                text = "it is required and has neither link nor value"
                yield Finding(kind="missing_input", node=id, input=spec.name, text=text)
        elif isinstance(inputs[spec.name], list):
            yield from _link(id, spec, inputs[spec.name], nodes, info)
        else:
            yield from _value(id, spec, inputs[spec.name])


def wanted_inputs(node_class: NodeClass, inputs: Mapping[str, Any]) -> Iterator[InputSpec]:
    """The inputs a class takes, given which are there: dynamic ones under their dotted names."""
    for spec in node_class.inputs:
        yield from _expanded(spec, inputs)


def _expanded(spec: InputSpec, inputs: Mapping[str, Any]) -> Iterator[InputSpec]:
    if spec.autogrow is not None:
        yield from _grown(spec, inputs)
        return
    yield spec
    if spec.type != DYNAMIC_COMBO:
        return
    key = next((each for each in spec.keys if each.key == inputs.get(spec.name)), None)
    for inner in key.inputs if key is not None else ():
        yield from _expanded(rename(inner, f"{spec.name}.{inner.name}"), inputs)


def _grown(spec: InputSpec, inputs: Mapping[str, Any]) -> Iterator[InputSpec]:
    """As many of a group as are required or there."""
    group = spec.autogrow
    assert group is not None
    there = [name for name in inputs if name.startswith(f"{spec.name}.")]
    count = max(group.minimum, len(there))
    for ordinal in range(min(group.maximum, count + 1)):
        for inner in group.inputs:
            single = group.prefix if len(group.inputs) == 1 else inner.name
            last = group.names[ordinal] if group.names else f"{single}{ordinal}"
            grown = rename(inner, f"{spec.name}.{last}")
            required = ordinal < group.minimum and not spec.optional and not inner.optional
            if required or grown.name in inputs:
                yield from _expanded(grown, inputs)


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _link(
    id: str, spec: InputSpec, link: list[Any], nodes: Mapping[str, Any], info: ObjectInfo
) -> Iterator[Finding]:
    origin, slot = link if len(link) == 2 else (None, None)
    if not isinstance(origin, str) or not isinstance(slot, int) or isinstance(slot, bool):
        text = f"its link is {str(link)[:60]}"
        yield Finding(kind="bad_link", node=id, input=spec.name, text=text)
        return
    node = nodes.get(origin)
    if node is None:
        text = f"it is linked to node {origin[:40]}, which is not there"
        yield Finding(kind="bad_link", node=id, input=spec.name, text=text)
        return
    outputs = info[node["class_type"]].outputs if node["class_type"] in info else None
    if outputs is not None and not 0 <= slot < len(outputs):
        text = f"node {origin[:40]} has no output {slot}"
        yield Finding(kind="bad_link", node=id, input=spec.name, text=text)
    elif outputs is not None and not _joins(spec, outputs[slot]):
        text = f"it takes {spec.type}, but node {origin[:40]} gives {outputs[slot].type}"
        yield Finding(kind="type", node=id, input=spec.name, text=text)


def _joins(spec: InputSpec, output: OutputSpec) -> bool:
    if COMBO in (spec.type, output.type):  # a combo takes text, and text from a combo is text
        return {spec.type, output.type} <= {COMBO, DYNAMIC_COMBO, "STRING", "*"}
    return types_fit(spec.type, output.type)


def _value(id: str, spec: InputSpec, value: Any) -> Iterator[Finding]:
    if spec.type in ("INT", "FLOAT"):
        yield from _number(id, spec, value)
    elif spec.type == COMBO:
        yield from _choice(id, spec, value)
    elif spec.type == DYNAMIC_COMBO and value not in [each.key for each in spec.keys]:
        yield Finding(kind="choice", node=id, input=spec.name, text=_not_in(value))
    elif spec.type in ("STRING", "BOOLEAN") and isinstance(value, dict | list):
        yield Finding(
            kind="type", node=id, input=spec.name, text=f"{value!r:.60} is no {spec.type}"
        )


def _number(id: str, spec: InputSpec, value: Any) -> Iterator[Finding]:
    try:
        number = int(value) if spec.type == "INT" else float(value)
    except (TypeError, ValueError, OverflowError):
        text = f"{value!r:.60} is no number"
        yield Finding(kind="type", node=id, input=spec.name, text=text)
        return
    low, high = spec.number("min"), spec.number("max")
    if not math.isfinite(number) or (low is not None and number < low):
        text = f"{value!r:.60} is less than {low}"
        yield Finding(kind="range", node=id, input=spec.name, text=text)
    elif high is not None and number > high:
        text = f"{value!r:.60} is more than {high}"
        yield Finding(kind="range", node=id, input=spec.name, text=text)


def _choice(id: str, spec: InputSpec, value: Any) -> Iterator[Finding]:
    if spec.options.get("remote") or spec.options.get("remote_combo"):
        return  # the list lies elsewhere
    given = value.get("__value__") if isinstance(value, dict) else None
    values = given if isinstance(given, list) and spec.several else [value]
    for each in values:
        if each in spec.choices:
            continue
        is_file = isinstance(each, str) and (_FILE.search(each) or not spec.choices)
        kind = "missing_file" if is_file else "choice"
        text = f"the server has no file {each!r:.120}" if kind == "missing_file" else _not_in(each)
        yield Finding(kind=kind, node=id, input=spec.name, text=text)


def _not_in(value: Any) -> str:
    return f"{value!r:.80} is not one of its choices"


def _circles(nodes: Mapping[str, Any]) -> Iterator[Finding]:
    """The nodes left when everything that needs nothing left is taken away again and again."""
    needs = {
        id: {
            link[0]
            for link in node["inputs"].values()
            if _is_link(link) and isinstance(link[0], str) and link[0] in nodes
        }
        for id, node in nodes.items()
    }
    users: dict[str, list[str]] = {id: [] for id in nodes}
    for id, needed in needs.items():
        for each in needed:
            users[each].append(id)
    ready = [id for id, needed in needs.items() if not needed]
    while ready:
        done = ready.pop()
        for user in users[done]:
            needs[user].discard(done)
            if not needs[user]:
                ready.append(user)
    stuck = [id for id, needed in needs.items() if needed]
    if stuck:
        yield Finding(kind="circle", node=stuck[0], text="it needs its own result")
