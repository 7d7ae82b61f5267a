# SPDX-License-Identifier: GPL-3.0-or-later
"""What a way gives up where it keeps a character's looks in a simpler way than was asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...core.step import Fidelity, Option
from ...core.workflow import TIERS, Workflow

__all__ = ["in_tier"]


def in_tier(
    ways: Iterable[Option], workflow: Workflow, tier: str, downgrade: bool
) -> Iterator[Option]:
    """The ways, told what they give up where a character's looks are kept in a simpler way."""
    if workflow.tier == tier:
        yield from ways
        return
    kept = _kept(workflow.tier, tier)
    note = f"{f'tier {workflow.tier}' if workflow.tier else 'words alone'} instead of {tier}"
    for way in ways:
        yield replace(
            way,
            allowed=way.allowed and downgrade,
            fidelity=min(way.fidelity, kept),
            note=", ".join(filter(None, (note, way.note))),
        )


def _kept(tier: str, asked: str) -> Fidelity:
    """What a simpler way of keeping looks gives, against the one that was asked for."""
    if not tier:
        return Fidelity.WORDS
    below = TIERS.index(asked) - TIERS.index(tier)
    return Fidelity.LOWEST_TIER if below > 1 else Fidelity.LOWER_TIER
