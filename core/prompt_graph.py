# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's graph of nodes as plain values: its links, its faults, what an output needs.

The form is ComfyUI's: ``{id: {"class_type": …, "inputs": {name: value}}}``, where a value
``[id, index]`` is a link to another node's output.  What the classes mean is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from .workflow import Prompt

__all__ = ["feeds", "graph_fault", "is_link", "needed", "read_prompt"]


def is_link(value: Any) -> TypeGuard[list[Any]]:
    """Whether an input's value is a link to another node."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )


def feeds(node: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """The links into a node: its input, the other node, the index of that one's output."""
    for name, value in node["inputs"].items():
        if is_link(value):
            yield name, value[0], value[1]


def read_prompt(value: Any, *, empty: bool = False) -> dict[str, dict[str, Any]]:
    """A prompt in its plain form: class and inputs of each node, and what is titled.

    ``is_changed`` (which pins a file's old content) and whatever else is dropped.

    Raises:
        ValueError: it has not that form; says which node.
    """
    if not isinstance(value, Mapping) or not (value or empty):
        raise ValueError("expected nodes with class_type and inputs")
    found: dict[str, dict[str, Any]] = {}
    for id, node in value.items():
        known = isinstance(node, Mapping) and isinstance(node.get("class_type"), str)
        inputs = node.get("inputs", {}) if known else None
        if not isinstance(inputs, Mapping) or not all(isinstance(name, str) for name in inputs):
            raise ValueError(f"node '{id}' has no class_type and inputs")
        found[str(id)] = {"class_type": node["class_type"], "inputs": dict(inputs)}
        meta = node.get("_meta")
        if isinstance(meta, Mapping) and isinstance(meta.get("title"), str):
            found[str(id)]["_meta"] = {"title": meta["title"]}
    return found


def graph_fault(prompt: Prompt) -> str:
    """What is wrong with the links, or "": one that leads nowhere, or a circle."""
    for id, node in prompt.items():
        for name, other, _ in feeds(node):
            if other not in prompt:
                return f"node '{id}', input '{name}': there is no node '{other}'"
    ring = _ring(prompt)
    return f"the nodes {' → '.join(ring)} form a circle" if ring else ""


def _ring(prompt: Prompt) -> list[str]:
    """Nodes that wait for each other, the first named again at the end; none in a sound graph."""
    done: set[str] = set()
    for start in prompt:
        trail: list[tuple[str, Iterator[str]]] = [(start, _before(prompt, start))]
        path = {start: 0}
        while trail and start not in done:
            id, rest = trail[-1]
            other = next((each for each in rest if each not in done), None)
            if other is None:
                done.add(id)
                trail.pop()
                path.pop(id)
            elif other in path:
                return [*(each for each, _ in trail[path[other] :]), other]
            else:
                path[other] = len(trail)
                trail.append((other, _before(prompt, other)))
    return []


def _before(prompt: Prompt, id: str) -> Iterator[str]:
    return (other for _, other, _ in feeds(prompt[id]))


def needed(prompt: Prompt, ends: Iterable[str]) -> frozenset[str]:
    """The nodes that these need, themselves among them."""
    found: set[str] = set()
    waiting = [id for id in ends if id in prompt]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting.extend(other for other in _before(prompt, id) if other in prompt)
    return frozenset(found)
