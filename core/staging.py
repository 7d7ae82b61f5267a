# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the planner decided to stages: indexes and bit sets become steps and names again.

Each placed step gets its reason here: why this service, and who was passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .candidates import Choice, Way
from .errors import PlanError
from .likeness import kept_words
from .making import reason_words
from .planner import Effort, JobWish, Problem, Solution, Wish, pose, solve
from .planner.clock import Block
from .planner.greedy import Circle
from .step import Device, DeviceId, Fidelity, ModelId, Option, Placed, Service, ServiceId, Stage

__all__ = ["Figures", "staged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of a plan as a whole.

    ``spans`` are (start, end) of each stage in seconds from the start of the run;
    ``seconds_range`` is what nine of ten runs should lie in, (0, 0) when nobody said.  Waste is
    measured in two ways: ``held_share``, memory held by models that no step needs any more,
    over budget and time; ``reloaded_share``, bytes loaded beyond the best plan known, over
    bytes loaded.
    """

    spans: tuple[tuple[float, float], ...] = ()
    seconds: float = 0.0
    seconds_range: tuple[float, float] = (0.0, 0.0)
    loads: int = 0
    loaded_bytes: int = 0
    lower_bound_bytes: int = 0
    held_share: float = 0.0
    reloaded_share: float = 0.0
    optimal: bool = True


def staged(
    choices: Sequence[Choice],
    devices: Mapping[DeviceId, Device],
    services: Mapping[ServiceId, Service],
    sizes: Mapping[ModelId, int],
    loaded: Mapping[ServiceId, frozenset[ModelId]],
    effort: Effort,
) -> tuple[tuple[Stage, ...], Figures]:
    """The stages that do these steps, by their start, and what they come to.

    Raises:
        PlanError: steps wait for each other.
    """
    if not choices:
        return (), Figures()
    wishes = [_wish(choice) for choice in choices]
    try:
        problem = pose(
            wishes,
            devices=tuple(devices.values()),
            services=tuple(services.values()),
            sizes=sizes,
            loaded=loaded,
        )
        solution = solve(problem, effort)
    except Circle as error:
        raise PlanError(
            f"These steps wait for each other: {', '.join(error.jobs)}.",
            remedy="Remove one of the links between their nodes.",
        ) from None
    return _stages(solution, choices)


def _wish(choice: Choice) -> JobWish:
    step = choice.step
    return JobWish(
        id=step.id,
        after=step.after,
        priority=int(step.priority),
        wishes=[
            Wish(
                services=[service.id for service in way.services],
                models=way.option.models,
                work_bytes=way.cost.work_bytes,
                seconds=way.cost.seconds,
                fidelity=int(way.option.fidelity),
            )
            for way in choice.ways
        ],
    )


def _stages(solution: Solution, choices: Sequence[Choice]) -> tuple[tuple[Stage, ...], Figures]:
    answer, timed = solution.answer, solution.answer.timed
    blocks = [block for line in answer.lines for block in line]
    order = sorted(range(len(blocks)), key=lambda n: (timed.starts[n], n))
    stages = tuple(_stage(solution.problem, blocks[n], choices) for n in order)
    figures = Figures(
        spans=tuple((timed.starts[n], timed.ends[n]) for n in order),
        seconds=timed.seconds,
        loads=sum(block.load.bit_count() for block in blocks),
        loaded_bytes=answer.loaded_bytes,
        lower_bound_bytes=solution.lower_bound_bytes,
        held_share=timed.idle_share,
        reloaded_share=solution.reloaded_share,
        optimal=solution.optimal,
    )
    return stages, figures


def _stage(problem: Problem, block: Block, choices: Sequence[Choice]) -> Stage:
    service = problem.services[block.service]
    placed = tuple(
        _placed(choices[job], choices[job].ways[way.wish], service) for job, way in block.calls
    )
    return Stage(
        device=service.device,
        service=service.id,
        load=problem.names(block.load),
        unload=problem.names(block.unload),
        frees=tuple(_frees(problem, block)),
        steps=placed,
        peak_bytes=block.peak,
    )


def _frees(problem: Problem, block: Block) -> Iterator[tuple[ServiceId, frozenset[ModelId]]]:
    """Whom to ask for what: each service that holds something which has to leave."""
    for number, service in enumerate(problem.services):
        held = block.unload & problem.belongings[number]
        if held:
            yield service.id, problem.names(held)


def _placed(choice: Choice, way: Way, service: Service) -> Placed:
    return Placed(
        step=choice.step, option=way.option, service=service, reason=_reason(choice, way, service)
    )


def _reason(choice: Choice, way: Way, service: Service) -> str:
    text = _chosen(way.option, choice.because or kept_words(choice.step))
    passed_over = [*((one.who, one.why) for one in choice.refused), *_others(choice, way, service)]
    return reason_words(text, passed_over)


def _chosen(option: Option, kept: str) -> str:
    """Why it is done so: what it gives up, and how it is shown who is seen."""
    if option.fidelity == Fidelity.STAND_IN:
        return "a stand-in, nothing better is there"
    text = option.note or "the best way there is"
    if not option.fidelity.enough:
        text = f"a stand-in, nothing better is there: {text}"
    shown = kept if option.fidelity > Fidelity.WORDS else ""
    return f"{text}: {shown}" if shown else text


def _others(choice: Choice, mine: Way, service: Service) -> Iterator[tuple[str, str]]:
    """The services that could do it just as well and were not taken, each once, and why."""
    named: set[ServiceId] = {service.id}
    for other in choice.ways:
        longer = other.cost.seconds > mine.cost.seconds
        why = "it takes longer" if longer else "the film as a whole is done no sooner"
        for one in other.services:
            if one.id not in named:
                named.add(one.id)
                yield str(one.id), _busy(choice.waiting.get(one.id, 0)) or why


def _busy(waiting: int) -> str:
    if not waiting:
        return ""
    return f"{waiting} piece{'s' if waiting > 1 else ''} of work wait{'' if waiting > 1 else 's'} there already"
