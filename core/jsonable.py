# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON as a type, and its one canonical spelling.

Canonical means: keys sorted, no spaces, UTF-8 unescaped, no NaN.  Two equal
values have equal canonical bytes, so they may be hashed and compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Any]

_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def canonical(value: Any) -> str:
    """The canonical JSON text of ``value``.

    Raises:
        ValueError: it holds NaN or infinity.
        TypeError: it holds something JSON has no word for.
    """
    return _encode(value)


def readable(value: Any) -> str:
    """JSON for people: indented by one space, keys in the order given, final newline."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path) -> Any:
    """The JSON value in a file of ours.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))
