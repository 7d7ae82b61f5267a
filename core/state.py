# SPDX-License-Identifier: GPL-3.0-or-later
"""The states a step can be in, as people see them: Houdini PDG's words."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SETTLED", "NodeState"]


class NodeState(StrEnum):
    """Where a step stands.  A node's state is that of its least advanced step."""

    WAITING = "waiting"  #: for other steps, or for its stage
    SCHEDULED = "scheduled"  #: its turn has come; no worker has begun
    COOKING = "cooking"
    COOKED = "cooked"
    CACHED = "cached"  #: done by an earlier run
    FAILED = "failed"  #: it, or something it needs, could not be made
    CANCELLED = "cancelled"
    DIRTY = "dirty"  #: to be done: new, stale, missing, edited or a stand-in


#: States in which a run is finished with a step.
SETTLED = frozenset({NodeState.COOKED, NodeState.CACHED, NodeState.FAILED, NodeState.CANCELLED})
