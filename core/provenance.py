# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidecar beside every artifact: what made it, from what, when.

Schema ``movie-director/artifact@1``.  A record is a plain JSON object that carries
a digest of itself, so that one changed by hand is noticed.  It is enough to find
the artifact again when the index is lost, and to say later what has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import __version__
from .casting import SPOKEN_BY, speaker
from .difference import spelled
from .digest import digest
from .executor import Produced, Ticket
from .jsonable import readable
from .stand_ins import STAND_IN
from .step import Artifact, Fidelity, Placed, Step

__all__ = ["SIDECAR_SCHEMA", "read_record", "record_text", "sealed", "sidecar_record"]

SIDECAR_SCHEMA = "movie-director/artifact@1"


def sidecar_record(
    placed: Placed,
    produced: Produced,
    ticket: Ticket,
    *,
    file: str,
    take: int,
    fidelity: Fidelity,
    made: str,
    seconds: float,
) -> dict[str, Any]:
    """The sealed record of one artifact.

    Args:
        file: its path from the project's folder, with ``/``.
        made: when it was finished, UTC, ISO 8601.
        seconds: how long making it took.
    """
    record: dict[str, Any] = {
        "schema": SIDECAR_SCHEMA,
        "file": file,
        **_wanted(placed.step),
        "take": take,
        "fidelity": fidelity.name.lower(),
        "content": produced.content,
        "bytes": produced.bytes,
        "made": made,
        "seconds": round(seconds, 3),
        "tool": f"movie-director {__version__}",
        "by": {**_maker(placed), "recipe": dict(produced.recipe)},
        "parents": [_parent(artifact) for artifact in ticket.inputs.values()],
        "facts": _facts(placed, produced),
        "inputs": spelled(
            placed.step.inputs, {id: artifact.intent for id, artifact in ticket.inputs.items()}
        ),
    }
    return {**record, "digest": digest(record)}


def _facts(placed: Placed, produced: Produced) -> dict[str, Any]:
    """What was found out, who spoke, and whether this very step, not what it is made from, is stood in for."""
    facts = dict(produced.facts)
    if speaker(placed.step) is not None:
        facts[SPOKEN_BY] = placed.service.id
    return facts if placed.option.fidelity.enough else {**facts, STAND_IN: True}


def _wanted(step: Step) -> dict[str, Any]:
    seed = step.inputs.get("seed")
    return {
        "step": step.id,
        "node": step.node,
        "also": list(step.also),
        "label": step.label,
        "kind": step.kind,
        "final": step.place.final,
        "intent": step.intent,
        **({"seed": seed} if isinstance(seed, int) else {}),
    }


def _maker(placed: Placed) -> dict[str, Any]:
    option = placed.option
    return {
        "executor": option.executor,
        "service": placed.service.id,
        "workflow": option.workflow,
        "precision": option.precision,
        "models": sorted(option.models),
        **({"size": list(option.size)} if any(option.size) else {}),
        **({"gave_up": option.note} if option.note else {}),
        "reason": placed.reason,
    }


def _parent(artifact: Artifact) -> dict[str, Any]:
    return {
        "step": artifact.step,
        "intent": artifact.intent,
        "content": artifact.content,
        "file": artifact.path.name,
    }


def record_text(record: Mapping[str, Any]) -> str:
    """The record as a file."""
    return readable(record)


def read_record(text: str) -> dict[str, Any] | None:
    """The record a file holds; None when it is no sidecar at all."""
    if SIDECAR_SCHEMA not in text[:200]:
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("schema") != SIDECAR_SCHEMA:
        return None
    return record


def sealed(record: Mapping[str, Any]) -> bool:
    """Whether a record is as it was written."""
    body = {key: value for key, value in record.items() if key != "digest"}
    return record.get("digest") == digest(body)
