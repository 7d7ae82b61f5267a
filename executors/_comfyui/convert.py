# SPDX-License-Identifier: GPL-3.0-or-later
"""From a workflow as the editor saves it to the prompt a server runs.

``convert`` gives what ComfyUI's own editor would post for the same file and server: nodes inside
subgraphs under their path (``7:12``), values where nothing is linked, links to where they really
come from.  Two things differ on purpose: a choice in braces is not left to chance, and a file
that the editor would stumble over (a link without a node) is read without that link.

The editor is github.com/Comfy-Org/ComfyUI_frontend, 1.49.6, read November 2026.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeAlias

from ...core.errors import InputError
from .object_info import ObjectInfo
from .ui_graph import UiWorkflow, read_ui_workflow
from .ui_load import load
from .ui_nodes import Node
from .ui_primitives import apply_primitives
from .ui_resolve import Place, Places
from .ui_special import sent_value
from .ui_text import with_replacements, without_choices
from .ui_widgets import ABSENT, Box, Widget

__all__ = ["MissingNodes", "Prompt", "convert", "convert_file"]

#: ``{node: {"inputs": {name: value or [node, output]}, "class_type": ..., "_meta": ...}}``
Prompt: TypeAlias = "dict[str, dict[str, Any]]"
#: What a prompt may have, about, in letters; a server takes bodies of 100 MB unless told otherwise.
LARGEST = 100 * 2**20
#: Classes whose file name may hold the date or other nodes' values.
SAVERS = frozenset({
    "SaveImage", "SaveImageAdvanced", "SaveSVGNode", "SaveVideo", "SaveAnimatedWEBP",
    "SaveWEBM", "SaveAudio", "SaveAudioMP3", "SaveAudioOpus", "SaveAudioAdvanced",
    "SaveGLB", "Save3DAdvanced", "SaveGaussianSplat", "SavePointCloud", "SaveAnimatedPNG",
    "CLIPSave", "VAESave", "ModelSave", "LoraSave", "SaveLatent",
})  # fmt: skip


class MissingNodes(InputError):
    """The workflow uses classes that the server lacks: ``missing`` is class by place."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        classes = sorted(set(missing.values()))
        shown = ", ".join(f"{name[:60]} (node {_first(missing, name)})" for name in classes[:12])
        more = f" and {len(classes) - 12} more" if len(classes) > 12 else ""
        super().__init__(
            f"The workflow uses nodes that the server does not have: {shown}{more}.",
            remedy="Install the custom nodes they belong to, or update ComfyUI.",
        )
        self.missing = dict(missing)


def _first(missing: Mapping[str, str], name: str) -> str:
    return next(place for place, each in missing.items() if each == name)


def convert_file(value: Any, info: ObjectInfo, now: datetime.datetime | None = None) -> Prompt:
    """The prompt of a parsed file in the editor's format.

    Raises:
        InputError: the file is malformed.
        MissingNodes: the server lacks classes it uses.
    """
    return convert(read_ui_workflow(value), info, now)


def convert(workflow: UiWorkflow, info: ObjectInfo, now: datetime.datetime | None = None) -> Prompt:
    """The prompt of a workflow for a server with these node classes.

    ``now`` is put where names of files ask for the date; without it they keep the pattern.
    Muted and bypassed nodes are not in it, nodes that nothing needs are.

    Raises:
        InputError: subgraphs contain themselves, or links run in a circle.
        MissingNodes: the server lacks classes that would run.
    """
    loaded = load(workflow, info)
    apply_primitives(loaded)
    places = Places(loaded)
    running = [each for each in places if not each.node.virtual and not each.silent]
    missing = {each.id: each.node.type for each in running if each.node.node_class is None}
    if missing:
        raise MissingNodes(missing)
    making = _Making(places, now)
    prompt = {place.id: making.described(place) for place in running}
    for described in prompt.values():
        inputs = described["inputs"]
        for name, given in list(inputs.items()):
            if isinstance(given, list) and given[0] not in prompt:
                del inputs[name]
    return prompt


class _Making:
    """One prompt in the making, no larger than a server takes."""

    def __init__(self, places: Places, now: datetime.datetime | None) -> None:
        self._places = places
        self._names = _Names([place.node for place in places])
        self._now = now
        self._left = LARGEST

    def described(self, place: Place) -> dict[str, Any]:
        """One node: its widgets' values, then its links, which replace values."""
        node = place.node
        inputs: dict[str, Any] = {}
        for widget in node.widgets:
            if widget.name and widget.sent:
                self._put(inputs, widget.name, self._value(node, widget), widget.kind)
        for at, slot in enumerate(node.inputs):
            origin = self._places.origin(place, at)
            if isinstance(origin, Box):
                self._put(inputs, slot.name, origin.value)
            elif origin is not None:
                inputs[slot.name] = [origin[0], origin[1]]
        return {"inputs": inputs, "class_type": node.type, "_meta": {"title": node.title}}

    def _put(self, inputs: dict[str, Any], name: str, value: Any, kind: str = "") -> None:
        """No value takes the key away, also one that was there; a list says that it is no link."""
        if value is ABSENT:
            inputs.pop(name, None)
            return
        value = self._copied(value)
        if isinstance(value, list):
            value = {"__value__": value}
            value = {"__type__": "CURVE", **value} if kind == "curve" else value
        inputs[name] = value

    def _copied(self, value: Any) -> Any:
        """The value, the caller's own; each counts against what is left."""
        self._left -= len(value) + 8 if isinstance(value, str | list | dict) else 8
        if self._left < 0:
            raise InputError(
                f"The prompt of this workflow would be larger than {LARGEST // 2**20} MB.",
                remedy="Use fewer or smaller subgraphs.",
            )
        if isinstance(value, list):
            return [self._copied(each) for each in value]
        if isinstance(value, dict):
            return {key: self._copied(each) for key, each in value.items()}
        return value

    def _value(self, node: Node, widget: Widget) -> Any:
        value = sent_value(node, widget)
        if not isinstance(value, str):
            return value
        if id(widget) in node.texts:
            return without_choices(value)
        if widget.name == "filename_prefix" and node.type in SAVERS:
            return with_replacements(value, self._names.value, self._now)
        return value


class _Names:
    """Nodes by the names that text may use for them."""

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    def value(self, name: str, widget: str) -> str | None:
        """A widget's value as text: of the node with that property, else with that title."""
        named = [each for each in self._nodes if _search_name(each) == name]
        named = named or [each for each in self._nodes if each.title == name]
        found = named[0].widget_named(widget) if named else None
        if found is None:
            return None
        value = found.box.value
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None or value is ABSENT else str(value)


def _search_name(node: Node) -> Any:
    default = node.type if node.node_class is not None and node.type not in SAVERS else None
    return node.properties.get("Node name for S&R", default)
