# SPDX-License-Identifier: GPL-3.0-or-later
"""From changes of steps to what people see on nodes.

A node may stand for several steps, a group for many nodes.  A node's state is that
of its least advanced step; a group counts what is inside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import MovieDirectorError
from ..core.plan import Plan
from ..core.run import Change
from ..core.state import NodeState
from ..core.step import Artifact, StepId
from . import pictures, status

#: From the least to the most telling when steps of one node differ.
_ORDER = ("failed", "cooking", "scheduled", "waiting", "dirty", "cancelled", "cooked", "cached")
_DONE = frozenset({"cooked", "cached"})


@dataclass(slots=True)
class _StepView:
    """One step as last heard of."""

    state: str = ""
    fraction: float = 0.0
    note: str = ""
    error: MovieDirectorError | None = None
    artifact: Artifact | None = None
    preview: Path | None = None


class Board:
    """All steps of one film, by node.  ``film`` is the tree's session id."""

    def __init__(self, film: int, plan: Plan) -> None:
        self.film = film
        self.plan = plan
        self.steps: dict[StepId, _StepView] = {}
        self.by_node: dict[str, list[StepId]] = {}
        self.inside: dict[str, list[StepId]] = {}
        for id, step in plan.steps.items():
            self.steps[id] = _StepView()
            for node in dict.fromkeys((str(step.node), *map(str, step.also))):
                self.by_node.setdefault(node, []).append(id)
                while "/" in node:
                    node = node.rpartition("/")[0]
                    self.inside.setdefault(node, []).append(id)

    def show_plan(self, errors: Mapping[StepId, MovieDirectorError]) -> None:
        """How everything stands before a run: there, or to be made and why, or failed before."""
        for id, view in self.steps.items():
            artifact = self.plan.cached.get(id)
            dirty = self.plan.dirty.get(id)
            view.artifact = artifact
            view.state = "dirty" if dirty is not None else "cached"
            view.note = f"– {dirty.text}" if dirty is not None else ""
            view.fraction = 1.0 if artifact is not None else 0.0
            if dirty is not None and id in errors:
                view.state, view.error = "failed", errors[id]
        self._show([*self.by_node, *self.inside])

    def apply(self, change: Change) -> None:
        """One step changed."""
        view = self.steps[change.step]
        view.state, view.fraction, view.note = str(change.state), change.fraction, change.note
        view.error = change.error if change.state == NodeState.FAILED else None
        view.artifact = change.artifact or view.artifact
        view.preview = change.preview or view.preview
        step = self.plan.steps[change.step]
        touched: dict[str, None] = {}
        for node in (str(step.node), *map(str, step.also)):
            while node:
                touched[node] = None
                node = node.rpartition("/")[0]
        self._show(list(touched))

    @property
    def cooking(self) -> list[StepId]:
        """What is being made right now."""
        return [id for id, view in self.steps.items() if view.state == "cooking"]

    def _show(self, nodes: list[str]) -> None:
        for node in nodes:
            own = [self.steps[id] for id in self.by_node.get(node, ())]
            if own:
                status.put(self.film, node, _of_node(own))
            elif node in self.inside:
                status.put(self.film, node, _of_group([self.steps[id] for id in self.inside[node]]))


def _state(views: list[_StepView]) -> str:
    states = {view.state for view in views}
    return next((state for state in _ORDER if state in states), "")


def _of_node(views: list[_StepView]) -> status.NodeStatus:
    state = _state(views)
    telling = next((view for view in views if view.state == state), views[0])
    error = next((view.error for view in views if view.error is not None), None)
    return status.NodeStatus(
        state=state,
        fraction=sum(_fraction(view) for view in views) / len(views),
        note=telling.note if state in ("cooking", "dirty", "scheduled") else "",
        what=error.what if error is not None else "",
        remedy=error.remedy if error is not None else "",
        picture=_picture(views),
        files=tuple(view.artifact.path for view in views if view.artifact is not None),
    )


def _of_group(views: list[_StepView]) -> status.NodeStatus:
    done = sum(view.state in _DONE for view in views)
    state = _state(views)
    if state in ("waiting", "scheduled") and done:
        state = "cooking"
    counted = f"{done} of {len(views)}"
    return status.NodeStatus(
        state=state,
        fraction=sum(_fraction(view) for view in views) / len(views),
        note=counted if state not in _DONE else "",
        picture=_picture(views),
    )


def _fraction(view: _StepView) -> float:
    return 1.0 if view.state in _DONE else view.fraction


def _picture(views: list[_StepView]) -> Path | None:
    for view in views:
        if view.artifact is not None and pictures.can_show(view.artifact.path):
            return view.artifact.path
    return next((view.preview for view in views if view.preview is not None), None)
