# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's node classes, as ``GET /object_info`` describes them, checked and frozen.

The one idea: an input is described by a *spec* whatever the server's age, so a list of choices
(before 0.8) and ``COMBO`` (since) read the same.  A class that makes no sense is left out and
named in ``refused``: one broken custom node must not hide all others.

What the frontend makes of a spec (widgets, slots) is in ``ui_widgets``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ...core.errors import InputError
from .bounded import parse_json

__all__ = [
    "COMBO",
    "Autogrow",
    "Choice",
    "InputSpec",
    "NodeClass",
    "ObjectInfo",
    "OutputSpec",
    "parse_object_info",
    "read_object_info",
]

COMBO = "COMBO"
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
AUTOGROW = "COMFY_AUTOGROW_V3"
MATCH_TYPE = "COMFY_MATCHTYPE_V3"
#: Specs inside specs: a dynamic combo in an autogrow in a dynamic combo is the most seen.
NESTING = 8
#: Names of classes and inputs; the longest of a stock 0.33 has 46 letters.
NAME = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One key of a dynamic combo and the inputs that come with it."""

    key: str
    inputs: tuple[InputSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Autogrow:
    """Inputs that repeat: named by ``names`` in order, else ``prefix`` and a number from 0.

    ``minimum`` of them are required; there are at most ``maximum``.
    """

    inputs: tuple[InputSpec, ...]
    names: tuple[str, ...]
    prefix: str
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One input of a class.  ``options`` are the server's own words about it, unchanged.

    ``choices`` are those of a combo; ``keys`` those of a dynamic combo; ``match`` is the group
    of a match-type input, whose members must agree on one of the types in ``type``.
    """

    name: str
    type: str
    optional: bool
    options: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Any, ...] = ()
    keys: tuple[Choice, ...] = ()
    autogrow: Autogrow | None = None
    match: str = ""

    @property
    def has_default(self) -> bool:
        """Whether the server names a default."""
        return "default" in self.options

    @property
    def default(self) -> Any:
        """The server's default, or None."""
        return self.options.get("default")

    @property
    def force_input(self) -> bool:
        """Whether it is a socket although its type has a widget."""
        return bool(self.options.get("forceInput"))

    @property
    def several(self) -> bool:
        """Whether a combo takes a list of its choices."""
        return bool(self.options.get("multi_select") or self.options.get("multiselect"))

    def number(self, name: str) -> float | int | None:
        """``min``, ``max``, ``step`` or ``round`` of a number, if the server gives one."""
        value = self.options.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSpec:
    """One output of a class.  ``match`` is the match-type group that its type follows, or ""."""

    name: str
    type: str
    is_list: bool
    match: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeClass:
    """A class of nodes: ``inputs`` as the frontend orders them, required first.

    ``output_node``: running it has an effect beyond its outputs (saves, previews).
    """

    name: str
    title: str
    inputs: tuple[InputSpec, ...]
    hidden: tuple[str, ...]
    outputs: tuple[OutputSpec, ...]
    output_node: bool
    deprecated: bool
    api_node: bool
    module: str

    def input(self, name: str) -> InputSpec | None:
        """The input of that name."""
        return next((each for each in self.inputs if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo(Mapping[str, NodeClass]):
    """All classes of a server by name; ``refused`` are those it describes in no usable way.
    ``version`` is the server's, "" where it is not known."""

    classes: Mapping[str, NodeClass]
    refused: Mapping[str, str]
    version: str = ""

    def __getitem__(self, name: str) -> NodeClass:
        return self.classes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.classes)

    def __len__(self) -> int:
        return len(self.classes)


def parse_object_info(text: bytes | str, what: str = "The server's node list") -> ObjectInfo:
    """The classes in the text of an answer.

    Raises:
        InputError: it is not such an answer.
    """
    return read_object_info(parse_json(text, what), what)


def read_object_info(value: Any, what: str = "The server's node list") -> ObjectInfo:
    """The classes in a parsed answer.

    Raises:
        InputError: it is not such an answer.
    """
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise InputError(
            f"{what} is not what /object_info answers.",
            remedy="Save http://SERVER:8188/object_info of a ComfyUI server and give that file.",
        )
    classes: dict[str, NodeClass] = {}
    refused: dict[str, str] = {}
    for name, described in value.items():
        try:
            classes[_name(name)] = _node_class(name, described)
        except _Unclear as error:
            refused[name[:NAME]] = str(error)
    if value and not classes:
        raise InputError(
            f"{what} describes no node class that can be understood.",
            remedy="Save http://SERVER:8188/object_info of a ComfyUI server and give that file.",
        )
    return ObjectInfo(classes=MappingProxyType(classes), refused=MappingProxyType(refused))


class _Unclear(Exception):
    """A class is described in no usable way; the text says what is wrong."""


def _node_class(name: str, described: Mapping[str, Any]) -> NodeClass:
    inputs = _mapping(described.get("input"), "input")
    hidden = _mapping(inputs.get("hidden"), "hidden inputs")
    return NodeClass(
        name=name,
        title=_text(described.get("display_name")) or name,
        inputs=_ordered(_specs(inputs, 0), described.get("input_order")),
        hidden=tuple(_name(each) for each in hidden),
        outputs=_outputs(described),
        output_node=bool(described.get("output_node")),
        deprecated=bool(described.get("deprecated")),
        api_node=bool(described.get("api_node")),
        module=_text(described.get("python_module")),
    )


def _specs(inputs: Mapping[str, Any], depth: int) -> tuple[InputSpec, ...]:
    """Required inputs, then optional ones; a name given twice keeps its last spec."""
    if depth > NESTING:
        raise _Unclear(f"inputs are nested deeper than {NESTING}")
    specs: dict[str, InputSpec] = {}
    for section, optional in (("required", False), ("optional", True)):
        for name, spec in _mapping(inputs.get(section), section).items():
            specs[name] = _spec(_name(name), spec, optional, depth)
    return tuple(specs.values())


def _spec(name: str, spec: Any, optional: bool, depth: int) -> InputSpec:
    if not isinstance(spec, list) or not spec or not isinstance(spec[0], str | list):
        raise _Unclear(f"input '{name}' has no type")
    options = _mapping(spec[1] if len(spec) > 1 else None, f"options of '{name}'")
    kind, choices = (COMBO, spec[0]) if isinstance(spec[0], list) else (spec[0], None)
    if kind == COMBO:
        choices = choices if choices is not None else options.get("options", [])
    if choices is not None and not isinstance(choices, list):
        raise _Unclear(f"choices of '{name}' are no list")
    kind = "*" if kind == "" else kind
    template = _mapping(options.get("template"), f"template of '{name}'")
    match = kind == MATCH_TYPE
    return InputSpec(
        name=name,
        type=_text(template.get("allowed_types")) or "*" if match else kind,
        optional=optional,
        options=MappingProxyType(dict(options)),
        choices=tuple(choices or ()),
        keys=_keys(options, depth) if kind == DYNAMIC_COMBO else (),
        autogrow=_autogrow(name, template, depth) if kind == AUTOGROW else None,
        match=_text(template.get("template_id")) or name if match else "",
    )


def _keys(options: Mapping[str, Any], depth: int) -> tuple[Choice, ...]:
    entries = options.get("options", [])
    if not isinstance(entries, list):
        raise _Unclear("a dynamic combo's options are no list")
    keys = []
    for entry in entries:
        each = _mapping(entry, "an option")
        inputs = _specs(_mapping(each.get("inputs"), "an option's inputs"), depth + 1)
        keys.append(Choice(key=_text(each.get("key")), inputs=inputs))
    return tuple(keys)


def _autogrow(name: str, template: Mapping[str, Any], depth: int) -> Autogrow:
    names = template.get("names") or []
    if not isinstance(names, list):
        raise _Unclear(f"names of '{name}' are no list")
    low, high = template.get("min", 1), template.get("max", 100)
    if not isinstance(low, int) or not isinstance(high, int) or not 0 <= low <= 10_000:
        raise _Unclear(f"'{name}' repeats {low!r} to {high!r} times")
    return Autogrow(
        inputs=_specs(_mapping(template.get("input"), f"inputs of '{name}'"), depth + 1),
        names=tuple(_name(each) for each in names),
        prefix=_text(template.get("prefix")),
        minimum=low,
        maximum=len(names) or min(high, 10_000),
    )


def _outputs(described: Mapping[str, Any]) -> tuple[OutputSpec, ...]:
    types, names = _list(described.get("output")), _list(described.get("output_name"))
    lists, groups = (
        _list(described.get("output_is_list")),
        _list(described.get("output_matchtypes")),
    )
    found = []
    for at, kind in enumerate(types):
        if not isinstance(kind, str | list):
            raise _Unclear(f"output {at} has no type")
        word = COMBO if isinstance(kind, list) else kind
        found.append(
            OutputSpec(
                name=_text(_at(names, at)) or word,
                type="*" if word in (MATCH_TYPE, "") else word,
                is_list=bool(_at(lists, at)),
                match=_text(_at(groups, at)),
            )
        )
    return tuple(found)


def _ordered(specs: tuple[InputSpec, ...], order: Any) -> tuple[InputSpec, ...]:
    """As ``input_order`` says (0.3 and later send it), what it does not name last."""
    if not isinstance(order, dict):
        return specs
    by_name = {each.name: each for each in specs}
    first: dict[str, InputSpec] = {}
    for section, optional in (("required", False), ("optional", True)):
        for name in _list(order.get(section)):
            spec = by_name.get(name) if isinstance(name, str) else None
            if spec is not None and spec.optional == optional:
                first[spec.name] = spec
    return tuple((first | {each.name: each for each in specs}).values())


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Unclear(f"{what} is no object")
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME:
        raise _Unclear(f"{str(value)[:40]!r} is no name")
    return value
