# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes as they stand in the editor once a file is loaded: slots, widgets, values.

These objects change while a workflow is being loaded and live no longer than that.  A dynamic
combo swaps the inputs below it when its value changes; an autogrow group gets another input
when its last one is joined.  Both change which stored value belongs to which widget, so they
happen here in the editor's order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .object_info import Autogrow, InputSpec, NodeClass, OutputSpec
from .ui_widgets import ABSENT, Box, Widget, has_widget, widgets_of

__all__ = ["Boxes", "Node", "Output", "Slot", "rename"]

#: Inputs that one node may grow to.
MOST_SLOTS = 5_000


class Boxes:
    """Every widget's value by node and name: widgets of one node and name are one value."""

    def __init__(self) -> None:
        self._boxes: dict[tuple[str, str], Box] = {}

    def share(self, node: str, name: str, box: Box) -> Box:
        """The box of that node and name; ``box`` from now on if there is none of its kind."""
        old = self._boxes.get((node, name))
        if old is not None and old.kind == box.kind:
            return old
        self._boxes[node, name] = box
        return box

    def drop(self, node: str, name: str) -> None:
        """Forget a widget that is no more."""
        self._boxes.pop((node, name), None)


@dataclass(slots=True)
class Slot:
    """An input.  ``widget`` is the widget that it can replace, or "".

    On a host, ``port`` is the subgraph's input behind it, ``box`` the value it has unlinked.
    """

    name: str
    type: str
    link: int | None = None
    widget: str = ""
    port: Any = None
    box: Box | None = None


@dataclass(slots=True)
class Output:
    name: str
    type: str
    links: list[int] = field(default_factory=list)
    match: str = ""


class Node:
    """A node of a known class, of the editor's own making, or of an unknown class.

    ``subgraph`` is set on hosts, whose widgets are their slots' boxes.
    """

    def __init__(self, id: str, type: str, boxes: Boxes, *, virtual: bool = False) -> None:
        self.id = id
        self.type = type
        self.boxes = boxes
        self.virtual = virtual
        self.title = ""
        self.mode = 0
        self.node_class: NodeClass | None = None
        self.subgraph: Any = None
        self.properties: dict[str, Any] = {}
        self.values: tuple[Any, ...] = ()  #: of a primitive, as stored
        self.inputs: list[Slot] = []
        self.outputs: list[Output] = []
        self.widgets: list[Widget] = []
        self.autogrow: dict[str, Autogrow] = {}
        self.matches: dict[str, dict[str, str]] = {}
        self.loading = False
        self.texts: set[int] = set()  #: ids of widgets whose text holds choices in braces
        self.unjoined: list[int] = []  #: links whose input is gone
        self.moved: dict[int, int] = {}  #: places of links that have changed since the file

    # -- building ---------------------------------------------------------------------------

    def build(self, specs: Iterable[InputSpec], outputs: Iterable[OutputSpec]) -> None:
        """Make slots and widgets: sockets first, then widgets, as the editor does."""
        ordered = tuple(specs)
        for spec in ordered:
            self._add_socket(spec)
        for spec in ordered:
            self._add_widget(spec)
        self.outputs += [Output(each.name, each.type, match=each.match) for each in outputs]

    def _add(self, spec: InputSpec) -> None:
        self._add_socket(spec)
        self._add_widget(spec)

    def _add_socket(self, spec: InputSpec) -> None:
        if len(self.inputs) >= MOST_SLOTS:
            return
        if spec.autogrow is not None:
            self._begin_autogrow(spec, spec.autogrow)
        elif spec.match:
            self.matches.setdefault(spec.match, {})[spec.name] = spec.type
            self._add(replace(spec, match=""))
        elif not has_widget(spec):
            self.inputs.append(Slot(spec.name, spec.type))

    def _add_widget(self, spec: InputSpec) -> None:
        if spec.autogrow is not None or spec.match or not has_widget(spec):
            return
        own: Widget | None = None
        for widget in widgets_of(spec):
            self.add_widget(widget)
            own = own or widget
        if own is not None and own.keys is not None:
            self._swap(own)
        self.inputs.append(Slot(spec.name, spec.type, widget=spec.name))

    def add_widget(self, widget: Widget) -> None:
        """Add a widget at the end."""
        widget.box = self.boxes.share(self.id, widget.name, widget.box)
        self.widgets.append(widget)

    # -- values -----------------------------------------------------------------------------

    def set(self, widget: Widget, value: Any) -> None:
        """Give a widget its value, with what follows from it."""
        widget.box.value = value
        if widget.keys is not None:
            self._swap(widget)

    def widget_named(self, name: str) -> Widget | None:
        """The first widget of that name."""
        return next((each for each in self.widgets if each.name == name), None)

    def slot_named(self, name: str) -> Slot | None:
        """The first input of that name."""
        return next((each for each in self.inputs if each.name == name), None)

    def slot_of_link(self, link: int) -> Slot | None:
        """The input that a link ends in."""
        return next((each for each in self.inputs if each.link == link), None)

    def widget_box(self, slot: Slot) -> tuple[str, Box] | None:
        """Name and value of the widget behind an input, if there is one."""
        if slot.box is not None:
            return slot.name, slot.box
        widget = self.widget_named(slot.widget) if slot.widget else None
        return None if widget is None else (widget.name, widget.box)

    # -- dynamic combos ---------------------------------------------------------------------

    def _swap(self, widget: Widget) -> None:
        """Replace what lies below a dynamic combo by what its key brings."""
        group = f"{widget.name}."
        gone = [slot for slot in self.inputs if slot.name.startswith(group)]
        self.inputs = [slot for slot in self.inputs if not slot.name.startswith(group)]
        for each in [each for each in self.widgets if each.name.startswith(group)]:
            self.widgets.remove(each)
            self.boxes.drop(self.id, each.name)
        key = _key(widget.box.value)
        brought = next((each for each in widget.keys or () if key and each.key == key), None)
        if brought is None:
            return
        widgets, inputs = len(self.widgets), len(self.inputs)
        for spec in brought.inputs:
            self._add(rename(spec, f"{widget.name}.{spec.name}"))
        self._move(widget, widgets, inputs)
        for slot in gone:
            self._rejoin(slot)

    def _move(self, widget: Widget, widgets: int, inputs: int) -> None:
        """Put what was added at the end behind the combo that brought it."""
        added = self.widgets[widgets:]
        del self.widgets[widgets:]
        at = self.widgets.index(widget) + 1
        self.widgets[at:at] = added
        names = [slot.name for slot in self.inputs]
        if widget.name not in names[:inputs]:
            return
        new = self.inputs[inputs:]
        del self.inputs[inputs:]
        at = names.index(widget.name) + 1
        self.inputs[at:at] = new
        self._note_places(at)

    def _rejoin(self, old: Slot) -> None:
        """Carry the link of an input that was swapped for one of its name."""
        slot = self.slot_named(old.name)
        if slot is None:
            if old.link is not None:
                self.unjoined.append(old.link)
            return
        slot.link = old.link
        if slot.link is not None:
            self.moved[slot.link] = self.inputs.index(slot)
            self.joined(slot)

    def _note_places(self, start: int) -> None:
        """Remember where links end from here on, as the editor then does."""
        for at, slot in enumerate(self.inputs[start:], start):
            if slot.link is not None:
                self.moved[slot.link] = at

    # -- autogrow ---------------------------------------------------------------------------

    def _begin_autogrow(self, spec: InputSpec, group: Autogrow) -> None:
        self.autogrow[spec.name] = group
        for ordinal in range(max(1, group.minimum + 1)):
            self._grow(spec.name, group, ordinal)

    def joined(self, slot: Slot) -> None:
        """An input has a link: if it is of an autogrow group, another one follows it."""
        name, _, last = slot.name.rpartition(".")
        group = self.autogrow.get(name)
        if group is None:
            return
        if self.loading and slot.widget:
            self._shim(slot)
        ordinal = _ordinal(group, last)
        if slot.link is not None and ordinal is not None:
            self._grow(name, group, ordinal + 1)

    def _grow(self, name: str, group: Autogrow, ordinal: int) -> None:
        if ordinal >= group.maximum or len(self.inputs) >= MOST_SLOTS:
            return
        added = [self._another(name, group, spec, ordinal) for spec in group.inputs]
        for new in added:
            for old in [each for each in self.inputs if each.name == new.name]:
                self.inputs.remove(old)
                new.link = old.link if new.link is None else new.link
        before = _grown_name(name, group, group.inputs[-1].name, ordinal - 1) if added else ""
        at = [i for i, each in enumerate(self.inputs) if before and each.name.startswith(before)]
        end = at[-1] + 1 if at else len(self.inputs)
        self.inputs[end:end] = added
        self._note_places(end)

    def _another(self, name: str, group: Autogrow, spec: InputSpec, ordinal: int) -> Slot:
        grown = rename(spec, _grown_name(name, group, spec.name, ordinal))
        self._add(replace(grown, optional=spec.optional or ordinal >= group.minimum))
        slot = self.inputs.pop()
        if len(group.inputs) != 1:
            self._shim(slot)
        return slot

    def _shim(self, slot: Slot) -> None:
        """A widget without a value, where the editor shows an input among widgets."""
        if slot.widget and self.widget_named(slot.widget) is not None:
            return
        self.add_widget(Widget(name=slot.name, box=Box("shim", ABSENT), saved=False))
        slot.widget = slot.name


def _key(value: Any) -> str:
    """A dynamic combo's value as the name of a key; old files have a switch where keys are now."""
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value) if value and isinstance(value, str | int) else ""


def rename(spec: InputSpec, name: str) -> InputSpec:
    """The spec under another name."""
    return replace(spec, name=name)


def _grown_name(name: str, group: Autogrow, base: str, ordinal: int) -> str:
    if group.names:
        return f"{name}.{group.names[ordinal]}" if ordinal >= 0 else f"{name}.undefined"
    return f"{name}.{group.prefix if len(group.inputs) == 1 else base}{ordinal}"


def _ordinal(group: Autogrow, last: str) -> int | None:
    """Which of its group an input is, by the end of its name."""
    if group.names:
        return group.names.index(last) if last in group.names else None
    digits = last[len(last.rstrip("0123456789")) :]
    return int(digits[:9]) if digits else None
