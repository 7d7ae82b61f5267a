# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the inputs of a workflow file: types, pins, bounds, defaults that keep to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from .errors import InputError
from .workflow import INPUT_TYPES, USUAL_INPUTS, Change, Input, InputType, Pin
from .workflow_values import check_value
from .yaml_section import Section

__all__ = ["read_inputs", "read_pins"]

_NUMBERS = ("int", "float")


def read_inputs(section: Section, change: Callable[[Section], Change]) -> tuple[Input, ...]:
    """Every input, in the order of the file."""
    return tuple(_input(section.take_section(name), name, change) for name in section)


def read_pins(section: Section, key: str, *, optional: bool = False) -> tuple[Pin, ...]:
    """Pins written ``node.input``: one text, or a list of them."""
    given = section.take(key, []) if optional else section.take(key)
    items = [given] if isinstance(given, str) else given
    if not isinstance(items, list):
        raise section.error((key,), "expected a node and input such as 57:8.text")
    found = []
    for item in items:
        node, dot, input = item.partition(".") if isinstance(item, str) else ("", "", "")
        if not (node and dot and input):
            raise section.error((key,), f"{item!r} is no node and input such as 57:8.text")
        found.append(Pin(node=node, input=input))
    if not found and not optional:
        raise section.error((key,), "it goes into no node")
    return tuple(found)


def _input(section: Section, name: str, change: Callable[[Section], Change]) -> Input:
    type = cast(InputType, section.take_choice("type", INPUT_TYPES, USUAL_INPUTS.get(name)))
    usual = USUAL_INPUTS.get(name, type)
    if type != usual:
        raise section.error(("type",), f"'{name}' is of type {usual} in every workflow")
    found = Input(
        name=name,
        type=type,
        pins=read_pins(section, "at"),
        doc=section.take_text("doc", ""),
        required=section.take_flag("required", False),
        default=section.take("default", None),
        minimum=section.take_number("minimum", None),
        maximum=section.take_number("maximum", None),
        step=section.take_number("step", None),
        unit=section.take_text("unit", ""),
        choices=section.take_texts("choices", []),
        absent=change(section.take_section("absent")),
    )
    section.end()
    _check(section, found)
    return found


def _check(section: Section, found: Input) -> None:
    bounds: dict[str, Any] = {
        "minimum": found.minimum, "maximum": found.maximum, "step": found.step,
    }  # fmt: skip
    for key, bound in bounds.items():
        if bound is None:
            continue
        if found.type not in _NUMBERS:
            raise section.error((key,), f"only numbers have a {key}")
        if found.type == "int" and int(bound) != bound:
            raise section.error((key,), f"{bound:g} is no whole number")
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        raise section.error(("minimum",), "the minimum is above the maximum")
    if found.step is not None and (found.step <= 0 or found.minimum is None):
        raise section.error(("step",), "a step is above 0 and counts from a minimum")
    if (found.type == "choice") != bool(found.choices):
        raise section.error(("choices",), "a choice has choices, and nothing else has")
    if found.required and found.default is not None:
        raise section.error(("default",), "what is required needs no default")
    if found.default is not None:
        try:
            check_value(found, found.default)
        except InputError as error:
            raise section.error(("default",), error.what.rstrip(".")) from error
