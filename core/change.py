# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says: what became of a step, and how it all ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import MovieDirectorError
from .measured import Measured
from .state import NodeState
from .step import Artifact, NodeId, StepId

__all__ = ["Change", "RunResult"]


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
