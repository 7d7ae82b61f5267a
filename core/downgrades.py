# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan gives up, and what would undo it: a limit to raise, a node to change.

One entry for all steps that give up the same for the same reason.  The choice itself was made in
``candidates``; this only reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .amounts import amount
from .cuts import room_of
from .step import NodeId, Option, Placed, Service

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["Downgrade", "downgrades"]

#: Nodes that are named.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Downgrade:
    """What some nodes' steps give up; ``undo`` says what would change that, imperative."""

    nodes: tuple[NodeId, ...]
    given: str
    undo: str

    @property
    def words(self) -> str:
        """One sentence or two."""
        named = ", ".join(self.nodes[:_NAMED])
        more = f" and {len(self.nodes) - _NAMED} more" if len(self.nodes) > _NAMED else ""
        undo = f" To undo it, {self.undo}." if self.undo else ""
        return f"Simpler on {named}{more}: {self.given}.{undo}"


def downgrades(plan: Plan) -> tuple[Downgrade, ...]:
    """Everything that is not done in the best way that was asked for."""
    found: dict[tuple[str, str], dict[NodeId, None]] = {}
    known: dict[tuple[Option, tuple[Option, ...]], tuple[str, str]] = {}
    for placed in plan.to_do:
        options = placed.step.options
        best = max(options, key=lambda option: option.fidelity)
        if placed.option.fidelity >= best.fidelity and placed.option.fidelity.enough:
            continue
        about = (placed.option, options)
        if about not in known:
            known[about] = (_given(placed), _undo(plan, placed, best))
        found.setdefault(known[about], {})[placed.step.node] = None
    return tuple(
        Downgrade(nodes=tuple(nodes), given=given, undo=undo)
        for (given, undo), nodes in found.items()
    )


def _given(placed: Placed) -> str:
    if placed.option.note:
        return placed.option.note
    word = placed.option.precision or placed.option.workflow or placed.option.executor
    return f"a stand-in ({word})" if not placed.option.fidelity.enough else str(word)


def _undo(plan: Plan, placed: Placed, best: Option) -> str:
    if placed.option.fidelity >= best.fidelity:  # a stand-in, and nobody here offers more
        return "see what is missing: movie-director doctor FILM"
    able = [
        service
        for service in plan.services.values()
        if service.executor == best.executor and placed.step.kind in service.capabilities
    ]
    if not able:
        return f"start a service for {best.executor}"
    forbidden = _forbidden(plan, placed, able)
    if forbidden:
        return forbidden
    service = min(able, key=lambda service: _lack(plan, best, service))
    lack = _lack(plan, best, service)
    if lack <= 0:
        return ""
    budget = plan.budgets.get(service.device)
    device = plan.devices[service.device]
    needs = device.budget_bytes + lack
    if budget is None and device.gpu and not device.budget_bytes:
        return ""  # how large it is nobody knows
    if budget is None:
        return f"give {service.device} {amount(needs)} of memory, {amount(lack)} more"
    return " or ".join(budget.ways_to(needs))


def _forbidden(plan: Plan, placed: Placed, able: Sequence[Service]) -> str:
    """A better way that fits and that only the node's settings rule out."""
    for option in sorted(placed.step.options, key=lambda option: -option.fidelity):
        if option.allowed or option.fidelity <= placed.option.fidelity:
            continue
        if any(s.executor == option.executor and _lack(plan, option, s) <= 0 for s in able):
            what = option.note or f"choose {option.precision or option.workflow}"
            return f"allow something simpler on its Backend node ({what})"
    return ""


def _lack(plan: Plan, option: Option, service: Service) -> int:
    """Bytes that are missing for an option on a service; negative when it fits."""
    models = sum(plan.sizes.get(model, 0) for model in option.models)
    return models + option.work_bytes - room_of(plan, service.device)
