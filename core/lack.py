# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film lacks to be made as asked, and what would mend it: one entry for each cause.

A ``Lack`` is found where the knowledge is (an executor, the states of the services, the store);
``gathered`` says each once, with all the nodes it holds up.  Nothing is asked or decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from .executor import Want
from .step import NodeId, Service, Step

__all__ = ["CAUSES", "SCHEMA", "Cause", "Diagnosis", "Lack", "Lacks", "gathered"]

SCHEMA = "movie-director/doctor@1"

#: film: it cannot be compiled · file: one of the film's own · service: none that can · state: one
#: that is not ready · token · permission: another machine, and nobody said yes · version: too old ·
#: nodes: node classes · model · memory · disk · refused: anything else a service cannot do
Cause: TypeAlias = Literal[
    "film", "file", "permission", "token", "state", "service", "version", "nodes", "model",
    "memory", "disk", "refused",
]  # fmt: skip
#: In the order in which they are worth mending.
CAUSES: tuple[Cause, ...] = (
    "film", "file", "permission", "token", "state", "service", "version", "nodes", "model",
    "memory", "disk", "refused",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """One thing that is missing: ``what`` in words, ``fixes`` each a command, a link or an imperative.

    ``bytes`` is how much would be fetched, or how much memory or room is lacking; 0: not known.
    """

    cause: Cause
    what: str
    fixes: tuple[str, ...]
    bytes: int = 0
    nodes: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """``missing`` keeps nodes from being made as asked; ``better`` would make more of a sketch."""

    missing: tuple[Lack, ...] = ()
    better: tuple[Lack, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything can be made as it was asked for."""
        return not self.missing

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as JSON, schema ``movie-director/doctor@1``."""
        return {
            "schema": SCHEMA,
            "ok": self.ok,
            "missing": [_plain(each) for each in self.missing],
            "better": [_plain(each) for each in self.better],
        }


@runtime_checkable
class Lacks(Protocol):
    """An executor that can say what a service of its kind lacks for a wish.

    ``lacks`` is as pure and quick as ``offer``.  Empty: nothing, or nothing it could name.
    """

    def lacks(self, want: Want, step: Step, service: Service) -> tuple[Lack, ...]:
        """What is missing there for the way it would be made best."""
        ...


def gathered(found: Iterable[Lack]) -> tuple[Lack, ...]:
    """Each cause once, with every node it was found for; by what is worth mending first."""
    nodes: dict[Lack, dict[NodeId, None]] = {}
    for each in found:
        nodes.setdefault(replace(each, nodes=()), {}).update(dict.fromkeys(each.nodes))
    all = [replace(each, nodes=tuple(named)) for each, named in nodes.items()]
    return tuple(sorted(all, key=lambda each: (CAUSES.index(each.cause), -len(each.nodes))))


def _plain(lack: Lack) -> Mapping[str, Any]:
    return {**asdict(lack), "fixes": list(lack.fixes), "nodes": list(lack.nodes)}
