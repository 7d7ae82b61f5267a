# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says: what became of a step, and how it all ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .errors import MovieDirectorError
from .measured import Measured
from .state import NodeState
from .step import Artifact, NodeId, StepId

__all__ = ["Change", "Changes", "RunResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one step since the last ``drain``; several changes are one.

    ``error`` is why it failed or is tried again.  ``preview`` is a picture that may be
    gone when the step ends.
    """

    step: StepId
    node: NodeId
    state: NodeState
    fraction: float = 0.0
    note: str = ""
    artifact: Artifact | None = None
    error: MovieDirectorError | None = None
    preview: Path | None = None


class Changes:
    """Those of a run since they were last taken, one for each step.  Owned by the run."""

    def __init__(self) -> None:
        self._by_step: dict[StepId, Change] = {}

    def note(self, step: StepId, node: NodeId, state: NodeState, /, **what: Any) -> None:
        """One more, of a step in this state; what was noted before, and is not said anew, stays."""
        known = self._by_step.get(step) or Change(step=step, node=node, state=state)
        self._by_step[step] = replace(known, **what)

    def take(self) -> tuple[Change, ...]:
        """All of them, in the order in which the steps first changed."""
        changes = tuple(self._by_step.values())
        self._by_step.clear()
        return changes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended.

    ``artifacts`` are all there are, cached ones included.  ``errors`` are by step; what
    only lacked a failed step is not among them.  ``measured`` is what the run came to.
    """

    ok: bool
    cancelled: bool
    artifacts: Mapping[StepId, Artifact]
    errors: Mapping[StepId, MovieDirectorError]
    measured: Measured
