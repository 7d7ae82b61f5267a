# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON from elsewhere, taken in only as far as it stays reasonable.

A server, a picture or a stranger's file may hold megabytes of brackets.  Depth and number of values
are judged before anything looks into them, and what is not plain JSON is refused; NaN alone is read
as null.  How many bytes are read at all is for whoever reads them.
"""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["ForeignJson", "read_foreign"]


class ForeignJson(ValueError):
    """Why it is not taken; words that follow "it"."""


def read_foreign(text: bytes | str, *, depth: int, values: int) -> Any:
    """The JSON value of ``text``: at most ``values`` in it, at most ``depth`` inside each other.

    Raises:
        ForeignJson: it is more than that, holds a number beyond all bounds, or is no JSON.
    """
    marks = (b",", b"[", b"{") if isinstance(text, bytes) else (",", "[", "{")
    if sum(map(text.count, marks)) > values:  # type: ignore[arg-type]  # the marks are of its kind
        raise ForeignJson(f"holds more than {values} values")
    try:
        value = json.loads(text, parse_constant=_constant)
    except RecursionError:
        raise ForeignJson(f"is nested deeper than {depth}") from None
    except ValueError as error:
        raise ForeignJson(f"is not JSON ({str(error)[:120]})") from None
    _check(value, depth)
    return value


def _check(value: Any, depth: int) -> None:
    """Level by level, without recursion: depth is what is being judged."""
    level = [value]
    for _ in range(depth + 1):
        if any(isinstance(each, float) and math.isinf(each) for each in level):
            raise ForeignJson("holds a number beyond all bounds")
        inside: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inside += each.values()
            elif isinstance(each, list):
                inside += each
        if not inside:
            return
        level = inside
    raise ForeignJson(f"is nested deeper than {depth}")


def _constant(word: str) -> None:
    """ComfyUI writes NaN into prompts, for a node that always runs: a number that is none."""
    if word != "NaN":
        raise ValueError(f"{word} is no number that JSON knows")
