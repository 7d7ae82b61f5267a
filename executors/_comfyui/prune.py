# SPDX-License-Identifier: GPL-3.0-or-later
"""Alter a graph as a workflow says: add, drop, link anew, set; nothing is left dangling.

A link from a dropped node is laid anew where the change says so, and taken away elsewhere;
whether what it fed can do without is for the check against a server's nodes.
"""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

from ...core.errors import InputError
from ...core.prompt_graph import feeds
from ...core.workflow import Change, Pin, Prompt

__all__ = ["altered"]

_Nodes: TypeAlias = dict[str, dict[str, Any]]


def altered(prompt: Prompt, change: Change, name: str) -> _Nodes:
    """A copy with the change made; ``name`` is the workflow's, for errors.

    Raises:
        InputError: the change speaks of nodes that are not there, or adds one that is.
    """
    nodes: _Nodes = {id: copy.deepcopy(dict(node)) for id, node in prompt.items()}
    for id, node in change.add.items():
        if id in nodes:
            raise _unfit(name, f"it adds a node '{id}', and there is one")
        nodes[id] = copy.deepcopy(dict(node))
    _drop(nodes, change, name)
    for pin, (other, index) in change.link.items():
        if other not in nodes:
            raise _unfit(name, f"it links '{pin}' to '{other}', and there is no such node")
        _at(nodes, pin, name)[pin.input] = [other, index]
    for pin, value in change.set.items():
        _at(nodes, pin, name)[pin.input] = copy.deepcopy(value)
    return nodes


def _drop(nodes: _Nodes, change: Change, name: str) -> None:
    for id in sorted(change.drop):
        if nodes.pop(id, None) is None:
            raise _unfit(name, f"it drops a node '{id}', and there is none")
    for node in nodes.values():
        for input, other, _ in list(feeds(node)):
            if other in change.drop:
                del node["inputs"][input]


def _at(nodes: _Nodes, pin: Pin, name: str) -> dict[str, Any]:
    if pin.node not in nodes:
        raise _unfit(name, f"it changes '{pin}', and there is no such node")
    inputs: dict[str, Any] = nodes[pin.node]["inputs"]
    return inputs


def _unfit(name: str, what: str) -> InputError:
    return InputError(
        f"The workflow '{name}' does not fit its graph: {what}.",
        remedy="Correct the workflow file, or remove it.",
    )
