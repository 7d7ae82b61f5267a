# SPDX-License-Identifier: GPL-3.0-or-later
"""Which widgets the editor makes for a class's inputs, and the values they begin with.

The order of a node's widgets is what gives a file's bare list of values its meaning, so it must
be the editor's to the last button: a seed is followed by its control, a crop region by its four
numbers.  Not every widget's value is stored in a file (``saved``), not every one reaches the
prompt (``sent``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .object_info import COMBO, DYNAMIC_COMBO, Choice, InputSpec

__all__ = ["ABSENT", "Box", "Widget", "has_widget", "widget_type", "widgets_of"]


class _Absent:
    """No value at all, as JavaScript's undefined: a key with it is left out."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
#: Input types that have a widget.  The rest are sockets.
WIDGET_TYPES = frozenset({
    DYNAMIC_COMBO, "INT", "FLOAT", "BOOLEAN", "STRING", "MARKDOWN", "COMBO",
    "COLOR", "IMAGECOMPARE", "BOUNDING_BOX", "CHART", "GALLERIA", "PAINTER",
    "COMPOSITOR", "TEXTAREA", "CURVE", "RANGE", "VIDEO_EDIT", "BOUNDING_BOXES",
    "COLORS", "IMAGEUPLOAD", "AUDIOUPLOAD", "AUDIO_UI", "AUDIO_RECORD", "WEBCAM",
    "LOAD_3D", "LOAD_3D_ADVANCED", "PREVIEW_3D",
})  # fmt: skip
#: Whole numbers of these names are seeds: a control widget follows them unasked.
SEEDS = ("seed", "noise_seed")
#: What begins a widget whose spec has no default.
BEGINNINGS: dict[str, Any] = {
    "INT": 0, "FLOAT": 0, "BOOLEAN": False, "STRING": "", "MARKDOWN": "", "TEXTAREA": "",
    "PAINTER": "", "COLOR": "#000000", "COLORS": [], "BOUNDING_BOXES": [], "CHART": {},
    "GALLERIA": [], "RANGE": {"min": 0.0, "max": 1.0}, "IMAGECOMPARE": ["", ""],
    "BOUNDING_BOX": {"x": 0, "y": 0, "width": 512, "height": 512}, "IMAGEUPLOAD": "image",
    "CURVE": {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"},
}  # fmt: skip
#: The editor's kind of widget for a type; another type keeps its own name.
KINDS = {
    "INT": "number", "FLOAT": "number", "BOOLEAN": "toggle", "STRING": "text", "COMBO": "combo",
    DYNAMIC_COMBO: "combo", "COLOR": "color", "COLORS": "colors", "CURVE": "curve",
    "LOAD_3D": "load3D", "PREVIEW_3D": "load3D", "IMAGECOMPARE": "imagecompare",
}  # fmt: skip
#: What tells one number's widget from another's.
NUMBERS = ("min", "max", "step", "round")
#: Widgets that only show: neither their value nor their place is stored.
SHOWN = ("AUDIO_UI", "IMAGECOMPARE")


@dataclass(slots=True)
class Box:
    """A value that several may share: widgets of one node and name, a host and its slot.

    ``spec`` is the server's description of what is wanted, if it has one.
    """

    kind: str
    value: Any
    choices: tuple[Any, ...] = ()
    spec: InputSpec | None = None

    @property
    def likeness(self) -> str:
        """Equal for widgets that one input of a subgraph may stand for."""
        numbers = [self.spec.number(name) for name in NUMBERS] if self.spec is not None else []
        return f"{self.kind} {numbers}"


@dataclass(slots=True)
class Widget:
    """One widget of a node; ``keys`` are a dynamic combo's."""

    name: str
    box: Box
    saved: bool = True
    sent: bool = True
    spec: InputSpec | None = None
    keys: tuple[Choice, ...] | None = None

    @property
    def kind(self) -> str:
        """The kind of its box."""
        return self.box.kind


def widget_type(spec: InputSpec) -> str:
    """The type whose widget an input gets."""
    named = spec.options.get("widgetType")
    return named if isinstance(named, str) and named else spec.type


def has_widget(spec: InputSpec) -> bool:
    """Whether an input gets a widget at all."""
    return widget_type(spec) in WIDGET_TYPES and not spec.force_input


def widgets_of(spec: InputSpec) -> Iterator[Widget]:
    """The input's own widget, then those that come with it, in the editor's order."""
    kind = widget_type(spec)
    if kind == "AUDIO_RECORD":  # a player bears the same name before the recorder
        yield Widget(name=spec.name, box=Box("audioUI", ""))
        yield Widget(name=spec.name, box=Box("audiorecord", ""), sent=False)
        return
    yield Widget(
        name=spec.name,
        box=Box(_kind(spec, kind), _beginning(spec, kind), choices_of(spec), spec),
        saved=kind not in SHOWN,
        sent=kind not in ("AUDIO_UI", "IMAGEUPLOAD", "AUDIOUPLOAD"),
        spec=spec,
        keys=spec.keys if kind == DYNAMIC_COMBO else None,
    )
    yield from _control(spec, kind)
    if kind == "BOUNDING_BOX":
        for name in ("x", "y", "width", "height"):
            yield Widget(name=name, box=Box("number", 0), sent=False)


def choices_of(spec: InputSpec) -> tuple[Any, ...]:
    """What a combo offers."""
    return tuple(each.key for each in spec.keys) if spec.keys else spec.choices


def _kind(spec: InputSpec, kind: str) -> str:
    if kind == "STRING" and spec.options.get("multiline"):
        return "customtext"
    if kind == COMBO and spec.options.get("multi_select"):
        return "multiselect"
    if kind in ("INT", "FLOAT") and spec.options.get("display") in ("slider", "knob"):
        return str(spec.options["display"])
    if kind == "FLOAT" and spec.options.get("display") == "gradientslider":
        return "gradientslider"
    return KINDS.get(kind, kind)


def _beginning(spec: InputSpec, kind: str) -> Any:
    """The value before a file says otherwise; a new one each time, for it may be changed."""
    if kind in (COMBO, DYNAMIC_COMBO):
        choices = choices_of(spec)
        if kind == COMBO and spec.options.get("multi_select"):
            return []
        first = choices[0] if choices else "Loading..." if spec.options.get("remote") else ABSENT
        # A dynamic combo begins with its first key, whatever its default says.
        return spec.default if kind == COMBO and spec.default else first
    if kind == "IMAGECOMPARE" or spec.default is None:
        return copy.deepcopy(BEGINNINGS.get(kind, ""))
    return copy.deepcopy(spec.default)


def _control(spec: InputSpec, kind: str) -> Iterator[Widget]:
    """The widget that says how a seed changes after each run, and a combo's filter."""
    wish = spec.options.get("control_after_generate")
    if wish is None:
        wish = kind == "INT" and spec.name in SEEDS
    if not wish or kind not in ("INT", "FLOAT", COMBO):
        return
    name = wish if isinstance(wish, str) else "control_after_generate"
    begins = "fixed" if kind == "FLOAT" else wish if isinstance(wish, str) else "randomize"
    yield Widget(name=name, box=Box("combo", begins), sent=False)
    if kind == COMBO:
        yield Widget(name="control_filter_list", box=Box("string", ""), sent=False)
