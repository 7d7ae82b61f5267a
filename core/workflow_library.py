# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflows there are, shipped and the user's own, and which of them does a piece of work.

Choosing is pure and the same everywhere: what a server cannot do is passed over with its
reason, then the nearest quality, the tier, the user's own, the preference and the name decide.
A file that cannot be used does not take the others with it: it is kept as a problem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .database import user_data_folder
from .errors import InputError
from .kept_values import KeptValues
from .workflow import QUALITIES, TIERS, WORK, Precision, Workflow
from .workflow_file import read_workflow
from .yaml_file import read_yaml

__all__ = [
    "SHIPPED", "Capabilities", "Choice", "WorkflowLibrary", "own_workflows_folder",
    "shipped_workflows", "usable_precisions",
]  # fmt: skip

SHIPPED = Path(__file__).resolve().parent.parent / "workflows"
#: More files in a user's folder are not read.
MOST_FILES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a service says of itself; None is not known, and is taken to be there.

    ``blocked`` are workflows by id that the service cannot do, with the reason in words:
    missing nodes, as its executor found out.
    """

    version: str = ""
    models: frozenset[str] | None = None  #: file names
    blocked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The workflow chosen, why, and the others of its kind with why they were not."""

    workflow: Workflow
    reason: str
    passed_over: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowLibrary:
    """All workflows by id, and the files that hold none, with what is wrong with them."""

    workflows: Mapping[str, Workflow]
    problems: tuple[InputError, ...] = ()

    @classmethod
    def open(cls, own: Path | None = None) -> WorkflowLibrary:
        """The shipped workflows and those in the user's folder (``own`` in its place)."""
        shipped = shipped_workflows()
        mine, problems = _own(own_workflows_folder() if own is None else own, shipped)
        return cls(workflows={**shipped, **mine}, problems=problems)

    def __getitem__(self, id: str) -> Workflow:
        """The workflow of that id.

        Raises:
            InputError: there is none.
        """
        if id not in self.workflows:
            for problem in self.problems:
                if f"'{id}.yaml'" in problem.what:
                    raise problem
            raise InputError(
                f"There is no workflow '{id}'.",
                remedy="See which there are: movie-director workflow list",
            )
        return self.workflows[id]

    def of_kind(self, kind: str) -> tuple[Workflow, ...]:
        """All of a kind, by id."""
        found = (each for each in self.workflows.values() if each.kind == kind)
        return tuple(sorted(found, key=lambda each: each.id))

    def find(
        self,
        kind: str,
        quality: str = "standard",
        tier: str = "",
        capabilities: Capabilities | None = None,
    ) -> Choice | None:
        """The best workflow for this work, or None when none can do it."""
        ranked = self.ranked(kind, quality, tier, capabilities)
        return ranked[0] if ranked else None

    def ranked(
        self,
        kind: str,
        quality: str = "standard",
        tier: str = "",
        capabilities: Capabilities | None = None,
    ) -> tuple[Choice, ...]:
        """Every workflow that can do this work, best first."""
        can = capabilities or Capabilities()
        refused = {each.id: _refusal(each, tier, can) for each in self.of_kind(kind)}
        fit = [each for each in self.of_kind(kind) if not refused[each.id]]
        fit.sort(key=lambda each: _rank(each, quality, tier))
        return tuple(
            Choice(
                workflow=each,
                reason=_reason(each, quality, tier, fit),
                passed_over=(
                    *((other.id, f"'{each.id}' fits better") for other in fit if other != each),
                    *((id, why) for id, why in refused.items() if why),
                ),
            )
            for each in fit
        )


def own_workflows_folder() -> Path:
    """Where a user's own workflows lie; it may not be there."""
    return user_data_folder() / "movie-director" / "workflows"


@cache
def shipped_workflows(folder: Path = SHIPPED) -> Mapping[str, Workflow]:
    """The workflows of the package, read once.

    Reading so much YAML takes a second: the plain values are kept beside the files.

    Raises:
        InputError: a file is not as it should be.
    """
    paths = sorted(folder.glob("*.yaml"))
    kept = KeptValues(folder, "workflows", paths)
    values = kept.load()
    fresh = values is None
    values = {path.name: read_yaml(path) for path in paths} if values is None else values
    found = {path.stem: read_workflow(path, value=values[path.name]) for path in paths}
    if fresh:
        kept.keep(values)
    return found


def _own(
    folder: Path, shipped: Mapping[str, Workflow]
) -> tuple[dict[str, Workflow], tuple[InputError, ...]]:
    """The user's workflows, and what is wrong with the files that hold none."""
    found: dict[str, Workflow] = {}
    problems: list[InputError] = []
    try:
        paths = sorted(folder.glob("*.yaml"))[:MOST_FILES]
    except OSError:
        paths = []
    for path in paths:
        try:
            workflow = read_workflow(path, own=True)
            if path.stem in shipped and not workflow.replaces:
                raise InputError(
                    f"The file '{path.name}' is called as a shipped workflow.",
                    remedy="Rename it, or write 'replaces: true' in it to use it instead.",
                )
        except InputError as error:
            problems.append(error)
        except OSError as error:
            problems.append(
                InputError(
                    f"The file '{path.name}' could not be read: {error.strerror or error}.",
                    remedy="Check that you may read it.",
                )
            )
        else:
            found[path.stem] = workflow
    return found, tuple(problems)


def _refusal(workflow: Workflow, tier: str, can: Capabilities) -> str:
    """Why it cannot be done there, or ""."""
    if workflow.id in can.blocked:
        return can.blocked[workflow.id]
    if needs := workflow.too_new(None, can.version):
        return f"it needs version {needs}; there is {can.version}"
    if not usable_precisions(workflow, can):
        least = workflow.precisions[-1].models
        lacking = [each.file for each in least if can.models and each.file not in can.models]
        lacking = lacking or [each.file for each in least]
        return f"its models are not there: {', '.join(lacking)}"
    if tier and workflow.tier and TIERS.index(workflow.tier) > TIERS.index(tier):
        return f"it keeps the tier {workflow.tier}; {tier} was asked for"
    return ""


def usable_precisions(workflow: Workflow, can: Capabilities) -> tuple[Precision, ...]:
    """Those that a service can load and has the models of, best first."""
    return tuple(
        each
        for each in workflow.precisions
        if not workflow.too_new(each, can.version)
        and (can.models is None or all(model.file in can.models for model in each.models))
    )


def _rank(workflow: Workflow, quality: str, tier: str) -> tuple[Any, ...]:
    wanted, has = QUALITIES.index(quality), QUALITIES.index(workflow.quality)
    lower = TIERS.index(tier) - TIERS.index(workflow.tier) if tier else 0
    return (
        lower,
        abs(wanted - has),
        has < wanted,
        not workflow.own,
        workflow.preference,
        workflow.id,
    )


def _reason(workflow: Workflow, quality: str, tier: str, fit: Sequence[Workflow]) -> str:
    words = [f"{WORK[workflow.kind].about} in {workflow.quality} quality"]
    if workflow.quality != quality:
        words.append(f"the nearest to {quality}")
    if tier and workflow.tier:
        words.append(f"tier {workflow.tier}" + ("" if workflow.tier == tier else f", below {tier}"))
    if workflow.own:
        words.append("your own")
    return ", ".join(words) + (f"; the best of {len(fit)}" if len(fit) > 1 else "")
