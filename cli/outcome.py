# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command did, as JSON: schema ``movie-director/outcome@1`` (docs/outcome.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import api
from ..core.errors import MovieDirectorError

__all__ = ["SCHEMA", "outcome", "run_outcome"]

SCHEMA = "movie-director/outcome@1"


def outcome(
    folder: Path | None,
    *,
    files: Mapping[str, Path],
    state: str = "done",
    errors: Iterable[MovieDirectorError] = (),
    **counts: int,
) -> dict[str, Any]:
    """The value to print.  ``state`` is done, failed or interrupted; ``files`` are what is left.

    ``folder`` is None where a command failed before it had one.
    """
    return {
        "schema": SCHEMA,
        "state": state,
        "folder": str(folder or ""),
        "files": {name: str(files[name]) for name in files},
        "errors": [error.as_json() for error in errors],
        **counts,
    }


def run_outcome(result: api.Result, files: Mapping[str, Path] | None = None) -> dict[str, Any]:
    """The value to print after a run; ``files`` in place of the result's own."""
    return outcome(
        result.folder,
        files=result.files if files is None else files,
        state="interrupted" if result.cancelled else "done" if result.ok else "failed",
        errors=result.errors,
        made=result.made,
        cached=result.cached,
    )
