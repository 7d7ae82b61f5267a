# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict reading of what a YAML file holds: key by key, and nothing left over.

A ``Section`` is one mapping of a file.  Each ``take_…`` checks the type of one key and
marks it as read; ``end`` refuses what nobody asked for.  Every error names the file, the
key as a path (``inputs.seed.minimum``) and its line.  What the keys mean is not here.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import InputError
from .yaml_file import line_of, read_yaml

__all__ = ["Section", "check_bounds"]

#: What a file may hold, aliases counted each time they stand for something.
MOST_DEPTH, MOST_VALUES = 24, 50_000

_MISSING = object()


class Section:
    """One mapping of a file; owned by whoever reads it."""

    def __init__(self, file: Path, value: Any, keys: tuple[str | int, ...] = ()) -> None:
        self.file = file
        self.keys = keys
        if not isinstance(value, Mapping):
            raise self.error((), f"expected keys with values, found {_shown(value)}")
        self._values = value
        self._taken: set[str] = set()
        for name in value:
            if not isinstance(name, str):
                raise self.error((), f"the key {_shown(name)} is no text")

    @classmethod
    def of_file(cls, file: Path, value: Any = None) -> Section:
        """The whole of a file; ``value`` is what was read from it before.

        Raises:
            InputError: it is no YAML, too large, too deep, or holds no mapping.
            OSError: it cannot be read.
        """
        value = read_yaml(file) if value is None else value
        section = cls(file, value)
        if fault := check_bounds(value):
            raise section.error((), fault)
        return section

    def error(self, inside: Sequence[str | int], what: str, remedy: str = "") -> InputError:
        """An error about the key ``inside`` this section, with its line."""
        keys = (*self.keys, *inside)
        path = ".".join(str(key) for key in keys)
        line = line_of(self.file, keys)
        place = (f", key {path}" if path else "") + (f" (line {line})" if line else "")
        return InputError(
            f"The file '{self.file.name}'{place}: {what}.",
            remedy=remedy or "Correct the file and try again.",
        )

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def take(self, name: str, default: Any = _MISSING) -> Any:
        """Whatever stands there; an error when nothing does and there is no default."""
        self._taken.add(name)
        value = self._values.get(name, default)
        if value is _MISSING:
            raise self.error((name,), f"'{name}' is missing")
        return value

    def take_text(self, name: str, default: Any = _MISSING) -> str:
        """A text."""
        value = self.take(name, default)
        if not isinstance(value, str):
            raise self.error((name,), f"expected a text, found {_shown(value)}")
        return value.strip()

    def take_choice(self, name: str, among: Sequence[str], default: Any = _MISSING) -> str:
        """One of some words."""
        value = self.take_text(name, default)
        if value not in among:
            near = difflib.get_close_matches(value, among, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else ""
            raise self.error((name,), f"'{value}' is none of {', '.join(among)}", hint)
        return value

    def take_number(self, name: str, default: Any = _MISSING) -> float | None:
        """A finite number; ``default`` may be None."""
        value = self.take(name, default)
        if value is None and default is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.error((name,), f"expected a number, found {_shown(value)}")
        return value

    def take_whole(self, name: str, default: Any = _MISSING, *, minimum: int = 0) -> int:
        """A whole number from ``minimum`` up."""
        value = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            what = f"expected a whole number from {minimum} up, found {_shown(value)}"
            raise self.error((name,), what)
        return value

    def take_flag(self, name: str, default: Any = _MISSING) -> bool:
        """true or false."""
        value = self.take(name, default)
        if not isinstance(value, bool):
            raise self.error((name,), f"expected true or false, found {_shown(value)}")
        return value

    def take_list(self, name: str, default: Any = _MISSING) -> list[Any]:
        """A list, whatever is in it."""
        value = self.take(name, default)
        if not isinstance(value, list | tuple):
            raise self.error((name,), f"expected a list, found {_shown(value)}")
        return list(value)

    def take_texts(self, name: str, default: Any = _MISSING) -> tuple[str, ...]:
        """A list of texts."""
        items = self.take_list(name, default)
        for index, item in enumerate(items):
            if not isinstance(item, str):
                raise self.error((name, index), f"expected a text, found {_shown(item)}")
        return tuple(items)

    def take_section(self, name: str) -> Section:
        """A mapping inside; an empty one when the key is missing."""
        value = self.take(name, {})
        return Section(self.file, {} if value is None else value, (*self.keys, name))

    def take_sections(self, name: str) -> list[Section]:
        """A list of mappings; empty when the key is missing."""
        items = enumerate(self.take_list(name, []))
        return [Section(self.file, item, (*self.keys, name, index)) for index, item in items]

    def end(self) -> None:
        """Refuse keys that nobody took."""
        for name in self._values:
            if name not in self._taken:
                near = difflib.get_close_matches(name, self._taken, n=1)
                hint = f"Did you mean '{near[0]}'?" if near else "Remove it."
                raise self.error((name,), f"there is no key '{name}' here", hint)


def check_bounds(value: Any, depth: int = MOST_DEPTH, values: int = MOST_VALUES) -> str:
    """What is wrong with the size of a JSON-like value, or "": one with aliases counts in full."""
    left, stack = values, [(value, 1)]
    while stack:
        item, level = stack.pop()
        left -= 1
        if level > depth:
            return f"it is nested more than {depth} deep"
        if left < 0:
            return f"it holds more than {values} values"
        inside = item.values() if isinstance(item, Mapping) else item
        if isinstance(item, Mapping | list | tuple | set):
            stack.extend((each, level + 1) for each in inside)
    return ""


def _shown(value: Any) -> str:
    """A value as told to people: short."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
