# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of an errand in its ticket's folder, so that another run can take it up.

The journal holds our id; a service that gives ids of its own has them kept here, beside where it
was asked and what for.  References are kept as references: the run that takes it up knows what
they stand for by then.  What is read back was written by us, and is checked all the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.compile.lowering import FileRef
from ...core.digest import Digest
from ...core.step import ArtifactRef, Kind, NodeId, StepId

__all__ = ["Letter", "read_letter", "write_letter"]

_NAME = "sent.json"
_FORM = 1
_MADE, _FILE = "\0made by", "\0file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """``job`` is the service's own id; ``seed`` and the rest are what was asked for."""

    address: str
    job: str
    kind: Kind
    node: NodeId
    inputs: Mapping[str, Any]
    recipe: Mapping[str, Any]


def write_letter(folder: Path, letter: Letter) -> None:
    """Keep ``letter`` in ``folder``, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    value = {
        "form": _FORM,
        "address": letter.address,
        "job": letter.job,
        "kind": letter.kind,
        "node": letter.node,
        "inputs": letter.inputs,
        "recipe": letter.recipe,
    }
    aside = folder / f".{_NAME}.part"
    with aside.open("w", encoding="utf-8") as file:
        json.dump(value, file, default=_spelled)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / _NAME)


def read_letter(folder: Path) -> Letter | None:
    """The letter in ``folder``; None when there is none that can be read."""
    try:
        value = json.loads((folder / _NAME).read_text("utf-8"), object_hook=_understood)
        if value["form"] != _FORM:
            return None
        return Letter(
            address=str(value["address"]),
            job=str(value["job"]),
            kind=Kind(value["kind"]),
            node=NodeId(value["node"]),
            inputs=dict(value["inputs"]),
            recipe=dict(value["recipe"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _spelled(value: Any) -> Any:
    if isinstance(value, ArtifactRef):
        return {_MADE: value.step}
    if isinstance(value, FileRef):
        return {_FILE: [str(value.path), value.content]}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _understood(value: dict[str, Any]) -> Any:
    if _MADE in value:
        return ArtifactRef(step=StepId(value[_MADE]))
    if _FILE in value:
        path, content = value[_FILE]
        return FileRef(path=Path(path), content=Digest(content))
    return value
