# SPDX-License-Identifier: GPL-3.0-or-later
"""What the editor adds to some classes of its own: buttons, previews, lists that grow.

A server's ``/object_info`` knows nothing of these, yet they take places in a file's list of
values, and a few reach the prompt.  Classes of custom node packs that bring their own editor
code are not here: nobody can tell from outside what that code does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .object_info import COMBO, InputSpec, NodeClass
from .ui_nodes import Node
from .ui_widgets import Box, Widget

__all__ = ["VIRTUAL", "add_extras", "before_building", "fill_combo", "sent_value"]

#: Nodes that exist in the editor only.
REROUTE, PRIMITIVE = "Reroute", "PrimitiveNode"
VIRTUAL = (REROUTE, PRIMITIVE, "Note", "MarkdownNote")
#: A class whose list of choices is typed in beside it.
CUSTOM_COMBO = "CustomCombo"
#: Options that mark a combo of files which can be uploaded.
UPLOADS = ("image_upload", "video_upload", "animated_image_upload")
#: A three-dimensional view sends a picture of itself; without a view, an empty one.
EMPTY_VIEW: dict[str, Any] = {
    "image": "", "mask": "", "normal": "", "camera_info": None, "recording": "",
    "model_3d_info": [],
}  # fmt: skip


def before_building(node_class: NodeClass) -> tuple[InputSpec, ...]:
    """The inputs of a class with those that the editor adds at their end."""
    specs = node_class.inputs
    if any(_uploads(spec) for spec in specs if not spec.optional):
        specs += (InputSpec(name="upload", type="IMAGEUPLOAD", optional=False),)
    if node_class.name in ("SaveGLB", "Preview3D"):
        specs += (InputSpec(name="image", type="PREVIEW_3D", optional=False),)
    return specs


def _uploads(spec: InputSpec) -> bool:
    return spec.type == COMBO and any(spec.options.get(name) is True for name in UPLOADS)


def add_extras(node: Node, node_class: NodeClass) -> None:
    """Add what the class's own editor code adds to a new node."""
    add = _EXTRAS.get(node_class.name)
    if add is not None:
        add(node)


def _load_3d(node: Node) -> None:
    names = {
        "upload 3d model": "upload3dmodel",
        "upload extra resources": "uploadExtraResources",
        "clear": "clear",
    }
    buttons = [Widget(name=name, box=Box("button", value)) for name, value in names.items()]
    node.widgets[1:1] = buttons


def _load_output(node: Node) -> None:
    auto = Widget(name="Auto-refresh after generation", box=Box("toggle", False), sent=False)
    node.widgets[1:1] = [auto, Widget(name="refresh", box=Box("button", "refresh"))]


def _audio(node: Node) -> None:
    node.add_widget(Widget(name="upload", box=Box("button", ""), sent=False))


def _webcam(node: Node) -> None:
    node.add_widget(Widget(name="waiting for camera...", box=Box("button", "capture")))


def _custom_combo(node: Node) -> None:
    node.add_widget(Widget(name="index", box=Box("hidden", 0)))
    _add_option(node)


def _add_option(node: Node) -> None:
    node.add_widget(Widget(name=f"option{len(node.widgets) - 1}", box=Box("string", "")))


_EXTRAS: dict[str, Callable[[Node], None]] = {
    "Load3D": _load_3d,
    "LoadImageOutput": _load_output,
    "LoadAudio": _audio,
    "WebcamCapture": _webcam,
    CUSTOM_COMBO: _custom_combo,
}


def fill_combo(node: Node, widget: Widget, value: Any) -> None:
    """Give an option of a typed-in list its text; the last one filled brings another."""
    if widget.name == "index":
        return  # follows from the choice
    widget.box.value = value
    if not widget.name.startswith("option"):
        return
    last = node.widgets[-1]
    emptied = not value and not last.box.value and widget in node.widgets[-2:-1]
    if widget is last and value:
        _add_option(node)
    elif widget is not last and emptied:
        node.widgets.pop()


def sent_value(node: Node, widget: Widget) -> Any:
    """The value of a widget as the prompt holds it, before text is looked into."""
    if node.type == CUSTOM_COMBO and widget.name == "index":
        options = [each.box.value for each in node.widgets[2:]]
        choice = node.widgets[0].box.value
        return options.index(choice) if choice in options else -1
    if widget.kind == "customtext" and widget.box.value is None:
        return ""  # a text field shows nothing as no text
    if widget.spec is not None and widget.spec.type == "PREVIEW_3D":
        return ""
    viewed = widget.spec is not None and widget.spec.type in ("LOAD_3D", "LOAD_3D_ADVANCED")
    if viewed and not isinstance(widget.box.value, dict):
        return dict(EMPTY_VIEW)
    return widget.box.value
