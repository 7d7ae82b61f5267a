# SPDX-License-Identifier: GPL-3.0-or-later
"""The .blend a command makes: built anew, unless somebody worked in it since.

A note beside the file (``film.blend.json``) says which bytes we wrote and of which
film.  A .blend that is no longer those bytes is somebody's work and is never
replaced: the new one gets the next free name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import __version__, api
from ..core.digest import digest, file_digest
from ..core.edit import Edit, edit_to_json
from ..core.jsonable import readable
from ..core.step import Artifact, StepId
from .desk import Desk
from .progress import near_path
from .source import Source

__all__ = ["keep_or_build"]

SCHEMA = "movie-director/blend@1"


def keep_or_build(
    desk: Desk,
    source: Source,
    path: Path,
    edit: Edit | None,
    artifacts: Mapping[StepId, Artifact],
) -> Path:
    """The .blend with this film's tree and results; its path, which may be another than asked."""
    wanted = _identity(source, edit, artifacts)
    count = 1
    free = path
    while free.exists():
        note = _note(free)
        if note.get("content") == file_digest(free):
            if note.get("made_from") == wanted:
                return free
            break
        count += 1
        free = path.with_name(f"{path.stem}_{count}{path.suffix}")
    if free != path:
        desk.note(f"{near_path(path)} was changed since; it stays as it is.")
    desk.note(f"Writing {near_path(free)}")
    api.blender_room().build_blend(source.graph, free, edit=edit, artifacts=artifacts)
    record = {
        "schema": SCHEMA,
        "content": file_digest(free),
        "made_from": wanted,
        "version": __version__,
    }
    api.save_text(readable(record), free.with_name(f"{free.name}.json"))
    return free


def _identity(
    source: Source, edit: Edit | None, artifacts: Mapping[StepId, Artifact]
) -> Mapping[str, Any]:
    """What a .blend is made from: tree, cut and files."""
    return {
        "graph": digest(api.to_json(source.graph)),
        "cut": digest(edit_to_json(edit)) if edit is not None else "",
        "results": digest({id: made.content for id, made in artifacts.items()}),
    }


def _note(path: Path) -> Mapping[str, Any]:
    """What was noted beside a .blend of ours; nothing beside anybody else's."""
    try:
        note = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
