# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON from elsewhere, taken in only as far as it stays reasonable.

A server, a picture or a stranger's file may hold megabytes of brackets.  Size, depth and number
of values are judged before anything looks into them, and what is not plain JSON (NaN) is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from ...core.errors import InputError

__all__ = ["Bounds", "parse_json", "read_file"]


class Bounds:
    """What a document may be at most.

    The largest workflow of the official templates (0.1.50) has 0.6 MB, 45 000 values and a depth
    of 12; ``/object_info`` of a stock 0.33 has 1.6 MB and 96 000 values, of a server with
    hundreds of custom nodes some tens of megabytes.
    """

    SIZE = 64 * 2**20  #: bytes of text
    DEPTH = 64  #: lists and objects inside each other
    VALUES = 4_000_000  #: values in all


def parse_json(text: bytes | str, what: str) -> Any:
    """The JSON value of ``text``, checked; ``what`` is how errors call it.

    Raises:
        InputError: it is too large, too deep, or no JSON.
    """
    if len(text) > Bounds.SIZE:
        _refuse(what, f"has more than {Bounds.SIZE // 2**20} MB")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        _refuse(what, f"is nested deeper than {Bounds.DEPTH}")
    except ValueError as error:
        raise InputError(
            f"{what} is not JSON: {str(error)[:120]}.",
            remedy="Give a file that was saved or exported by ComfyUI.",
        ) from None
    _check_depth(value, what)
    return value


def read_file(path: Path, what: str) -> bytes:
    """The bytes of a file of bounded size.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(Bounds.SIZE + 1)
    except OSError as error:
        raise InputError(
            f"{what} could not be read: {error.strerror or error}.",
            remedy="Check the name, and that you may read it.",
        ) from error
    if len(data) > Bounds.SIZE:
        _refuse(what, f"has more than {Bounds.SIZE // 2**20} MB")
    return data


def _check_depth(value: Any, what: str) -> None:
    """Level by level, without recursion: depth is what is being judged."""
    level, count = [value], 0
    for _ in range(Bounds.DEPTH):
        inside: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inside += each.values()
            elif isinstance(each, list):
                inside += each
        count += len(inside)
        if count > Bounds.VALUES:
            _refuse(what, f"holds more than {Bounds.VALUES} values")
        if not inside:
            return
        level = inside
    _refuse(what, f"is nested deeper than {Bounds.DEPTH}")


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number that JSON knows")


def _refuse(what: str, why: str) -> NoReturn:
    raise InputError(f"{what} {why}.", remedy="Give a file that was saved or exported by ComfyUI.")
