# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain values out of a YAML file: the only place that knows a YAML parser.

YAML 1.2, so ``yes`` is a text and ``1e3`` a number.  A key given twice is an error,
tags make no objects, and a file of a hostile size is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from .errors import InputError

__all__ = ["MOST_BYTES", "line_of", "read_yaml"]

#: Larger files are not what people write: 4 MiB.
MOST_BYTES = 4 * 2**20


def read_yaml(path: Path) -> Any:
    """The file's value: dicts, lists, texts, numbers, booleans, None, dates.

    Raises:
        InputError: it is no YAML, or far too large; names file, line and column from 1.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError(
            f"The file '{path.name}' is larger than {MOST_BYTES // 2**20} MiB, so it was not read.",
            remedy="Give the file that was meant.",
        )
    parser = YAML(typ="safe", pure=True)
    try:
        return parser.load(path.read_text(encoding="utf-8-sig"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _unreadable(path, f"{error.problem or error.context}", place) from error
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _unreadable(path, str(error) or type(error).__name__, "") from error


def _unreadable(path: Path, why: str, place: str) -> InputError:
    first = why.strip().splitlines()[0]
    return InputError(
        f"The file '{path.name}'{place}: {first}.", remedy="Correct the file and try again."
    )


def line_of(path: Path, keys: Sequence[str | int]) -> int:
    """The line, from 1, on which the value under ``keys`` is given; 0 when that is not known.

    Reads the file once more: for telling somebody about an error, not for reading.  A key
    that is not there has the line of the mapping it is missing from.
    """
    try:
        node = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8-sig"))
    except (OSError, YAMLError, ValueError, RecursionError):
        return 0
    if node is None:
        return 0
    line = node.start_mark.line
    for key in keys:
        inside = _inside(node, key)
        if inside is None:
            break
        line, node = inside
    return int(line) + 1


def _inside(node: Node, key: str | int) -> tuple[int, Node] | None:
    """The line (from 0) and the node of what is called ``key`` in a node."""
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line, value
    elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
        item = node.value[key]
        return item.start_mark.line, item
    return None
