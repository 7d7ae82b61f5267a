# SPDX-License-Identifier: GPL-3.0-or-later
"""How a benchmark ends: its results told and written, its limits judged."""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["asked", "told"]

#: What was found, and what it must stay below, by what people call it.
Limits = Mapping[str, tuple[float, float]]


def asked(purpose: str) -> argparse.Namespace:
    """The options every benchmark takes: ``quick`` (bool) and ``json`` (a path or None)."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument(
        "--quick", action="store_true", help="less of it, with looser limits on seconds"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results here")
    return parser.parse_args()


def told(results: Mapping[str, Any], limits: Limits, file: pathlib.Path | None) -> int:
    """Print the results with their limits, write them to ``file``; 0 when every limit is kept."""
    judged = {name: {"found": found, "limit": limit} for name, (found, limit) in limits.items()}
    text = json.dumps({**results, "limits": judged}, indent=1)
    print(text)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")
    missed = [name for name, (found, limit) in limits.items() if found >= limit]
    for name in missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if missed else 0
