# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as something to draw: for each device, what is in its memory from when to when.

A *bar* is a stage, or many that are too short to be seen, drawn as one with what they hold on
average.  How it looks is ``chart_svg``'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .cuts import resident
from .planner.problem import bits
from .planner.solve import Solution
from .step import Device, DeviceId, ModelId

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["Bar", "Chart", "Lane", "chart_of_plan", "chart_of_solution", "thinned"]

#: What a bar's memory holds: model and bytes, from the bottom up.
Held = tuple[tuple[ModelId, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stage, or several (``stages`` are their first and last number, from 1).

    Loading lasts from ``start`` to ``ready``; what is held stays to ``kept``, when the next stage
    begins.  ``work`` are the bytes beside models and idle services; ``parts`` the seconds of each
    step, or none when they are too many.
    """

    stages: tuple[int, int]
    service: str
    what: str
    start: float
    ready: float
    end: float
    kept: float
    idle: int
    held: Held
    loads: frozenset[ModelId]
    work: int
    steps: int
    parts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One device."""

    device: str
    about: str
    budget: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All of it.  ``facts`` are short sentences."""

    title: str
    facts: tuple[str, ...]
    seconds: float
    lanes: tuple[Lane, ...]
    sizes: tuple[tuple[ModelId, int], ...]  #: of the models, as they are met


def chart_of_plan(plan: Plan, title: str, facts: Iterable[str] = ()) -> Chart:
    """A film's plan."""
    held = resident(plan)
    spans = plan.figures.spans or ((0.0, 0.0),) * len(plan.stages)
    lanes: dict[DeviceId, list[Bar]] = {id: [] for id in plan.devices}
    order = _Order()
    for number, stage in enumerate(plan.stages):
        models = (model for each in held[number].values() for model in each)
        kinds = Counter(str(placed.step.kind) for placed in stage.steps)
        bar = _bar(
            number,
            spans[number],
            service=str(stage.service),
            what=", ".join(f"{count} {kind}" for kind, count in kinds.items()),
            loading=sum(plan.sizes.get(model, 0) for model in stage.load)
            / plan.devices[stage.device].load_bytes_per_s,
            idle=sum(s.idle_bytes for s in plan.services.values() if s.device == stage.device),
            held=order.of((model, plan.sizes.get(model, 0)) for model in models),
            loads=stage.load,
            peak=stage.peak_bytes,
            parts=tuple(placed.option.seconds for placed in stage.steps),
        )
        lanes[stage.device].append(bar)
    drawn = tuple(_lane(device, lanes[id]) for id, device in plan.devices.items() if lanes[id])
    return Chart(
        title=title, facts=tuple(facts), seconds=plan.seconds, lanes=drawn, sizes=order.sizes
    )


def chart_of_solution(solution: Solution, title: str, facts: Iterable[str] = ()) -> Chart:
    """A neutral problem's answer."""
    problem, answer = solution.problem, solution.answer
    timed = answer.timed
    blocks = [block for line in answer.lines for block in line]
    lanes: list[list[Bar]] = [[] for _ in problem.devices]
    order = _Order()
    for number, n in enumerate(sorted(range(len(blocks)), key=lambda n: (timed.starts[n], n))):
        block = blocks[n]
        bar = _bar(
            number,
            (timed.starts[n], timed.ends[n]),
            service=str(problem.services[block.service].id),
            what=f"{len(block.calls)} step{'s' if len(block.calls) != 1 else ''}",
            loading=problem.load_seconds(block.device, block.load),
            idle=problem.devices[block.device].budget_bytes - problem.room[block.device],
            held=order.of((problem.models[i], problem.sizes[i]) for i in bits(block.resident)),
            loads=problem.names(block.load),
            peak=block.peak,
            parts=tuple(way.seconds for _, way in block.calls),
        )
        lanes[block.device].append(bar)
    drawn = zip(problem.devices, lanes, strict=True)
    return Chart(
        title=title,
        facts=tuple(facts),
        seconds=timed.seconds,
        lanes=tuple(_lane(device, bars) for device, bars in drawn if bars),
        sizes=order.sizes,
    )


def _bar(
    number: int,
    span: tuple[float, float],
    *,
    service: str,
    what: str,
    loading: float,
    idle: int,
    held: Held,
    loads: frozenset[ModelId],
    peak: int,
    parts: tuple[float, ...],
) -> Bar:
    start, end = span
    return Bar(
        stages=(number + 1, number + 1),
        service=service,
        what=what,
        start=start,
        ready=min(end, start + loading),
        end=end,
        kept=end,
        idle=idle,
        held=held,
        loads=loads,
        work=max(0, peak - idle - sum(size for _, size in held)),
        steps=len(parts),
        parts=parts,
    )


def _lane(device: Device, bars: Sequence[Bar]) -> Lane:
    return Lane(
        device=str(device.id),
        about=device.gpu,
        budget=device.budget_bytes,
        bars=tuple(_kept(bars)),
    )


class _Order:
    """Models in the order they are met: a model keeps its place among its neighbours."""

    def __init__(self) -> None:
        self._known: dict[ModelId, tuple[int, int]] = {}

    def of(self, models: Iterable[tuple[ModelId, int]]) -> Held:
        """The same models, in that order; of the same model on two services the bytes together."""
        found: dict[ModelId, int] = {}
        for model, size in sorted(models):
            found[model] = found.get(model, 0) + size
            self._known.setdefault(model, (len(self._known), size))
        return tuple(sorted(found.items(), key=lambda each: self._known[each[0]][0]))

    @property
    def sizes(self) -> tuple[tuple[ModelId, int], ...]:
        """Bytes of every model that was met."""
        return tuple((model, size) for model, (_, size) in self._known.items())


def _kept(bars: Sequence[Bar]) -> Iterator[Bar]:
    """Each bar with how long its memory stays as it is."""
    for bar, after in pairwise(bars):
        yield replace(bar, kept=max(bar.end, after.start))
    yield bars[-1]


def thinned(bars: Sequence[Bar], least: float) -> tuple[Bar, ...]:
    """The bars, those shorter than ``least`` seconds drawn together with their neighbours."""
    found: list[Bar] = []
    group: list[Bar] = []
    for bar in bars:
        if group and (bar.kept - bar.start >= least or bar.kept - group[0].start > 4 * least):
            found.append(_together(group))
            group = []
        if bar.kept - bar.start >= least:
            found.append(bar)
        else:
            group.append(bar)
    if group:
        found.append(_together(group))
    return tuple(found)


def _together(bars: Sequence[Bar]) -> Bar:
    """One bar for several: models by their share of the time, as much work as makes the peak."""
    if len(bars) == 1:
        return bars[0]
    whole = sum(bar.kept - bar.start for bar in bars) or 1.0
    shares: dict[ModelId, float] = {}
    for bar in bars:
        for model, size in bar.held:
            shares[model] = shares.get(model, 0.0) + size * (bar.kept - bar.start) / whole
    held = tuple((model, round(size)) for model, size in shares.items())
    peak = max(sum(size for _, size in bar.held) + bar.work for bar in bars)
    services = dict.fromkeys(bar.service for bar in bars)
    return Bar(
        stages=(bars[0].stages[0], bars[-1].stages[1]),
        service=", ".join(services),
        what=f"{sum(bar.steps for bar in bars)} steps in {len(bars)} stages",
        start=bars[0].start,
        ready=bars[0].start,
        end=bars[-1].end,
        kept=bars[-1].kept,
        idle=bars[0].idle,
        held=held,
        loads=frozenset(),
        work=max(0, peak - sum(size for _, size in held)),
        steps=sum(bar.steps for bar in bars),
    )
