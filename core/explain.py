# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan in words: what people read before anything runs.

How much there is to do and why, stage by stage; why the film is cut where it is, what leaves
memory, what was given up and what would undo that.  What holds for many steps is said once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .amounts import amount
from .cuts import Cut, cuts
from .downgrades import downgrades
from .step import ModelId, Placed, Stage

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["Told", "cut_words", "duration_words", "explain_plan", "figure_lines", "told"]

#: Steps that are named of a group that is done alike, and groups of one stage.
_NAMED, _GROUPS = 8, 12
#: Most models that are named in one breath.
_MODELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to say of a plan, for whoever draws it again and again.

    ``lines`` are about the whole; ``cuts`` about why each stage begins where it does.
    """

    lines: tuple[str, ...]
    cuts: tuple[tuple[str, ...], ...]


def told(plan: Plan) -> Told:
    """The plan in sentences."""
    lines = (*figure_lines(plan), *(given.words for given in downgrades(plan)))
    return Told(lines=lines, cuts=tuple(tuple(cut_words(plan, cut)) for cut in cuts(plan)))


def explain_plan(plan: Plan) -> str:
    """Several lines, no final line break."""
    return "\n".join(_lines(plan))


def duration_words(seconds: float) -> str:
    """ "4 s", "3 min 20 s", "2 h 5 min": whole units, two at most."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _lines(plan: Plan) -> Iterator[str]:
    yield from figure_lines(plan)
    waiting = sum(1 for id in plan.dirty if id in plan.cached)
    if waiting:
        yield f"{waiting} results stand in for what was asked; nothing better can be had now."
    for given in downgrades(plan):
        yield given.words
    why = cuts(plan)
    for number, stage in enumerate(plan.stages):
        yield ""
        yield _stage_line(plan, number, stage)
        yield from (f"  {line}" for line in cut_words(plan, why[number]))
        yield from _step_lines(plan, stage)


def figure_lines(plan: Plan) -> Iterator[str]:
    """The plan as a whole: how much, how long, how well, and within which budgets."""
    to_do, figures = len(plan.to_do), plan.figures
    if not to_do:
        yield f"Nothing to do: all {len(plan.steps)} steps are there."
        return
    yield (
        f"{to_do} of {len(plan.steps)} steps to do, {len(plan.cached)} there already; "
        f"about {duration_words(plan.seconds)}{_range(plan)}, "
        f"at most {amount(plan.peak_bytes)} of memory."
    )
    if figures.loads:
        best = "No plan is better." if figures.optimal else "The best plan found."
        more = "" if figures.loads == 1 else "s"
        yield (
            f"{figures.loads} load{more}, {amount(figures.loaded_bytes)}; every plan loads at least "
            f"{amount(figures.lower_bound_bytes)}. {best}"
        )
        yield (
            f"Waste: {_percent(figures.held_share)} of the memory holds what nobody needs, "
            f"{_percent(figures.reloaded_share)} of what is loaded is loaded in vain."
        )
    used = {stage.device for stage in plan.stages}
    for id, budget in plan.budgets.items():
        if id in used:
            yield f"{id}: {budget.explain()}."


def _range(plan: Plan) -> str:
    low, high = plan.figures.seconds_range
    if duration_words(low) == duration_words(high):
        return ""
    return f" ({duration_words(low)} to {duration_words(high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".0 %", " %")


def _stage_line(plan: Plan, number: int, stage: Stage) -> str:
    kinds = Counter(placed.step.kind for placed in stage.steps)
    what = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    models = f"; loads {_named(plan, stage.load)}" if stage.load else ""
    service = plan.services[stage.service]
    where = "" if str(service.id) == stage.device else f" on {stage.device}"
    return (
        f"Stage {number + 1} of {len(plan.stages)}: {service.id}{where}, {what}, "
        f"{amount(stage.peak_bytes)}{models}"
    )


def _named(plan: Plan, models: Collection[ModelId]) -> str:
    """Models with their sizes, the largest first."""
    order = sorted(models, key=lambda model: (-plan.sizes.get(model, 0), model))
    named = [
        f"{model} ({amount(plan.sizes[model])})" if plan.sizes.get(model) else str(model)
        for model in order[:_MODELS]
    ]
    if len(order) > _MODELS:
        rest = sum(plan.sizes.get(model, 0) for model in order[_MODELS:])
        named.append(f"{len(order) - _MODELS} more ({amount(rest)})")
    return ", ".join(named)


def cut_words(plan: Plan, cut: Cut | None) -> Iterator[str]:
    """Why a stage begins where it does, a sentence a line; nothing for a device's first."""
    if cut is None:
        return
    gone = [*cut.again, *cut.over]
    if cut.lack_bytes and cut.comes and gone:
        yield (
            f"Cut here: {_named(plan, cut.comes)} and {_named(plan, gone)} do not fit together, "
            f"{amount(cut.lack_bytes)} more than the {amount(cut.room_bytes)} there are."
        )
    elif cut.lack_bytes and gone:
        yield f"Cut here: the work takes {amount(cut.lack_bytes)} more than is left beside all that."
    elif cut.before != cut.service:
        yield f"Cut here: the next steps are {cut.service}'s, those before were {cut.before}'s."
    for model, stage in sorted(cut.again.items()):
        yield f"Unloads {_named(plan, [model])}; stage {stage} loads it again."
    if cut.over:
        it = "it" if len(cut.over) == 1 else "them"
        yield f"Unloads {_named(plan, cut.over)}: nothing needs {it} any more."


def _step_lines(plan: Plan, stage: Stage) -> Iterator[str]:
    """The steps in groups that are done alike for the same reason."""
    groups: dict[tuple[str, str], list[Placed]] = {}
    for placed in stage.steps:
        groups.setdefault((_by(placed), placed.reason), []).append(placed)
    for number, ((by, reason), found) in enumerate(groups.items()):
        if number == _GROUPS:
            rest = sum(map(len, list(groups.values())[_GROUPS:]))
            yield f"  and {rest} more steps, in {len(groups) - _GROUPS} more ways"
            return
        if len(found) == 1:
            yield f"  {_step_words(plan, found[0])}  {by}: {reason}"
            continue
        yield f"  {len(found)} steps by {by}: {reason}"
        yield from (f"    {_step_words(plan, placed)}" for placed in found[:_NAMED])
        if len(found) > _NAMED:
            yield f"    and {len(found) - _NAMED} more{_why(plan, found[_NAMED:])}"


def _by(placed: Placed) -> str:
    how = "/".join(part for part in (placed.option.workflow, placed.option.precision) if part)
    return f"{placed.service.id} {how}".strip()


def _why(plan: Plan, rest: Iterable[Placed]) -> str:
    codes = Counter(plan.dirty[placed.step.id].code for placed in rest)
    return f" ({', '.join(f'{count} {code}' for code, count in codes.items())})"


def _step_words(plan: Plan, placed: Placed) -> str:
    step = placed.step
    why = plan.dirty[step.id]
    said = why.code if why.code == "new" else f"{why.code}: {why.text}"
    label = step.label if len(step.label) <= 60 else f"{step.label[:59]}…"
    return f"{step.id}  {label}  [{said}]"
