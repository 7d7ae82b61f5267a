# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two wishes, in words.

A step's inputs are compared with those its newest result was made from, both
spelled by ``spelled``: references as what they stand for.  Only what a person
can act on is named: the parameter, or the step it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .compile.lowering import FileRef
from .digest import Digest
from .step import ArtifactRef, Step, StepId

__all__ = ["difference", "spelled"]

_MADE, _FILE = "$made", "$file"
#: How much of a value is quoted, characters; how many changes are named.
_QUOTED, _NAMED = 40, 3


def spelled(value: Any, intents: Mapping[StepId, Digest]) -> Any:
    """Inputs as plain JSON: ``{"$made": step, "intent": …}`` and ``{"$file": name, "content": …}``."""
    if isinstance(value, ArtifactRef):
        return {_MADE: value.step, "intent": intents[value.step]}
    if isinstance(value, FileRef):
        return {_FILE: value.path.name, "content": value.content}
    if isinstance(value, Mapping):
        return {key: spelled(item, intents) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(item, intents) for item in value]
    return value


def difference(was: Any, step: Step, intents: Mapping[StepId, Digest]) -> str:
    """Why ``step`` is stale, given the spelled inputs of its newest result.

    "line changed from 'Hi' to 'Hello'", "scene_01/line_02:speech changed"; at most
    three changes are named.
    """
    found = list(dict.fromkeys(_changes("", was, spelled(step.inputs, intents))))
    if not found:
        return "the service asked for changed"
    more = len(found) - _NAMED
    return "; ".join(found[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _changes(name: str, was: Any, now: Any) -> Iterator[str]:
    if was == now:
        return
    if isinstance(now, dict) and _MADE in now:
        yield _remade(name, was, now)
    elif isinstance(now, dict) and _FILE in now:
        yield _refiled(name, was, now)
    elif isinstance(was, dict) and isinstance(now, dict) and not was.keys() & {_MADE, _FILE}:
        yield from _changed_keys(name, was, now)
    elif isinstance(was, list) and isinstance(now, list):
        yield from _changed_items(name, was, now)
    else:
        yield f"{_last(name)} changed from {_quote(was)} to {_quote(now)}"


def _remade(name: str, was: Any, now: Mapping[str, Any]) -> str:
    if isinstance(was, dict) and was.get(_MADE) == now[_MADE]:
        return f"{now[_MADE]} changed"
    return f"{_last(name)} is now {now[_MADE]}"


def _refiled(name: str, was: Any, now: Mapping[str, Any]) -> str:
    if isinstance(was, dict) and was.get(_FILE) == now[_FILE]:
        return f"the file '{now[_FILE]}' changed"
    return f"{_last(name)} is now the file '{now[_FILE]}'"


def _changed_keys(name: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    for key in [*now, *(key for key in was if key not in now)]:
        # A key may be a node's path: it is one name, not several.
        inner = f"{name}\0{key}" if name else key
        if key not in was:
            yield f"{_last(inner)} was added"
        elif key not in now:
            yield f"{_last(inner)} was removed"
        else:
            yield from _changes(inner, was[key], now[key])


def _changed_items(name: str, was: list[Any], now: list[Any]) -> Iterator[str]:
    if len(was) != len(now):
        yield f"{_last(name)} has {len(now)} items instead of {len(was)}"
        return
    for old, new in zip(was, now, strict=True):
        yield from _changes(name, old, new)


def _last(name: str) -> str:
    return name.rpartition("\0")[2] or "the inputs"


def _quote(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value) if not isinstance(value, dict | list) else "something else"
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
