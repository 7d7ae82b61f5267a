# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for a likeness that nobody learned: weights without weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._safetensors import write_note

__all__ = ["unlearned"]


def unlearned(
    inputs: Mapping[str, Any], folder: Path, report: Callable[[float, str], None]
) -> dict[str, Any]:
    """Facts: trained, false.  No picture is made with it."""
    del inputs
    report(0.5, "no service learns likenesses")
    path = folder / "unlearned.safetensors"
    write_note(path, {"trained": "false"})
    return {"path": str(path), "facts": {"trained": False}}
