# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads typed fields out of a JSON mapping and names the field that is wrong.

A field may be missing (its default is taken) but never mistyped, and no unknown field passes:
a misspelt option would otherwise be silently ignored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ....core.errors import InputError

Made = TypeVar("Made")


class Reader:
    """One mapping being read; ``where`` names it in errors."""

    __slots__ = ("seen", "value", "where")

    def __init__(self, value: Mapping[str, Any], where: str) -> None:
        if not isinstance(value, Mapping):
            raise InputError(
                f"{where} is {type(value).__name__}, not an object.",
                remedy="Give a JSON object with named fields.",
            )
        self.value = value
        self.where = where
        self.seen: set[str] = set()

    def _get(self, name: str) -> Any:
        self.seen.add(name)
        return self.value.get(name)

    def _wrong(self, name: str, value: object, wanted: str) -> InputError:
        return InputError(f"{self.where}.{name} is {value!r}.", remedy=f"Set {name} to {wanted}.")

    def finish(self) -> None:
        """Refuse fields nobody asked for."""
        extra = sorted(str(name) for name in self.value if name not in self.seen)
        if extra:
            raise InputError(
                f"{self.where} has no field {', '.join(extra)}.",
                remedy=f"Use only {', '.join(sorted(self.seen))}.",
            )

    def text(self, name: str) -> str:
        """Text, "" when missing."""
        value = self._get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._wrong(name, value, "text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._list(name)
        if not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of texts")
        return tuple(value)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def number(self, name: str, low: float, high: float, default: float) -> float:
        """A finite number within limits."""
        value = self._get(name)
        if value is None:
            return default
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not good or not math.isfinite(value) or not low <= value <= high:
            raise self._wrong(name, value, f"a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number within limits."""
        value = self._get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self._wrong(name, value, f"a whole number from {low} to {high}")
        return value

    def even(self, name: str, low: int, high: int, default: int) -> int:
        """An even whole number within limits."""
        value = self.whole(name, low, high, default)
        if value % 2:
            raise self._wrong(name, value, "an even number (video is stored in 2×2 blocks)")
        return value

    def wholes(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers within limits."""
        value = self._list(name)
        for item in value:
            if isinstance(item, bool) or not isinstance(item, int) or not low <= item <= high:
                raise self._wrong(name, item, f"whole numbers from {low} to {high}")
        return tuple(value)

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """One of a closed list."""
        value = self._get(name)
        if value is None:
            return default
        if value not in choices:
            raise self._wrong(name, value, "one of " + ", ".join(repr(c) for c in choices))
        return str(value)

    def timed(self, name: str, choices: Sequence[str]) -> tuple[tuple[float, str], ...]:
        """Pairs of (seconds, one of a closed list), seconds ascending."""
        pairs: list[tuple[float, str]] = []
        for item in self._list(name):
            pair = Reader({"seconds": None, "word": None}, f"{self.where}.{name}")
            if not isinstance(item, (list, tuple)) or len(item) != 2:
                raise self._wrong(name, item, "pairs of seconds and viseme")
            pair.value = {"seconds": item[0], "word": item[1]}
            seconds = pair.number("seconds", pairs[-1][0] if pairs else 0.0, 1e6, 0.0)
            pairs.append((seconds, pair.choice("word", choices, choices[0])))
        return tuple(pairs)

    def one(self, name: str, read: Callable[[Mapping[str, Any], str], Made]) -> Made:
        """A nested object; an empty one when missing."""
        value = self._get(name)
        return read({} if value is None else value, f"{self.where}.{name}")

    def many(self, name: str, read: Callable[[Mapping[str, Any], str], Made]) -> tuple[Made, ...]:
        """A list of nested objects."""
        items = self._list(name)
        return tuple(read(item, f"{self.where}.{name}[{i}]") for i, item in enumerate(items))

    def _list(self, name: str) -> Sequence[Any]:
        value = self._get(name)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            raise self._wrong(name, value, "a list")
        return value
