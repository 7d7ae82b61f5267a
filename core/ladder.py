# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways down when a step does not fit: each saves memory and gives something up.

The order is the film's: less exact weights (fp8, then GGUF Q8, Q5, Q4), then tiles and weights
that wait in the machine's memory, then fewer pixels, then a simpler tier.  A rung is there only
if it takes clearly less than every rung above it, so the first that fits is the best that fits.
A server may have one precision alone: then that one's rungs are its ladder, kept on request.
Choosing one is the planner's; another service is the planner's too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .amounts import amount
from .footprint import PRECISIONS, REFERENCE_LINK_BYTES_PER_S, Footprints, Work
from .step import Fidelity, ModelId, Option

__all__ = ["Need", "Rung", "climb_down", "fitting", "smaller_sizes"]

#: What a precision's weights give; int8 is as fp8, nvfp4 as Q4, Q6 counts as Q5.
_FIDELITY: Mapping[str, Fidelity] = {
    "fp32": Fidelity.FULL, "fp16": Fidelity.FULL, "fp8": Fidelity.FP8, "int8": Fidelity.FP8,
    "q8": Fidelity.Q8, "q6": Fidelity.Q5, "q5": Fidelity.Q5, "q4": Fidelity.Q4,
    "nvfp4": Fidelity.Q4,
}  # fmt: skip
#: Domain order, which is not the order of sizes: Q8 takes more than fp8 does.
_ORDER = sorted(PRECISIONS, key=lambda precision: -_FIDELITY[precision])
_WORDS: Mapping[str, str] = {
    "q8": "GGUF Q8", "q6": "GGUF Q6", "q5": "GGUF Q5", "q4": "GGUF Q4", "nvfp4": "NVFP4",
}  # fmt: skip
#: Share of the largest model that is on the card at once while weights are streamed.  Wan2GP runs
#: a 32B model (int8, 32 GB) with 8 GB and a 19B one with 8 GB, activations included
#: (its changelog, https://github.com/deepbeepmeep/Wan2GP, read 2026-11-24).
_WINDOW = 0.15
#: What a rung must save of what the one above takes: estimates are no better than that.
_WORTH = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one step wants.

    ``precisions`` are the models it loads by the precision of its main model; ``asked`` is the one
    the user chose, "" for the best there is.  ``tiled``: it decodes in tiles anyway.  ``swaps``: the
    service holds one phase's models at a time, and has models that denoise one after the other take
    turns where they do not fit together (``Footprints.swapped``); of ``last`` is the one at the end.  ``streams``: it can leave
    weights in the machine's memory.  ``sizes`` are smaller ones the model takes, largest first.
    ``lower`` is the same wish at the next simpler tier.
    """

    family: str
    precisions: Mapping[str, frozenset[ModelId]]
    asked: str = ""
    width: int = 0
    height: int = 0
    frames: int = 1
    steps: int = 20
    passes: int = 1
    sound_seconds: float = 0.0
    tokens: int = 0
    tier: str = ""
    tiled: bool = False
    swaps: bool = False
    last: frozenset[ModelId] = frozenset()
    streams: bool = True
    sizes: tuple[tuple[int, int], ...] = ()
    lower: Need | None = None
    link_bytes_per_s: float = REFERENCE_LINK_BYTES_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One way to do it.

    ``models`` stay resident, ``work_bytes`` come beside them; ``streamed`` are models that wait in
    the machine's memory instead.  ``relative_seconds`` and ``saved_bytes`` are against the rung
    that was asked for.  ``note`` says what it gives up, "" for what was asked; ``smaller`` that it
    has fewer pixels; ``turns`` that models which denoise take turns, which costs time alone.
    """

    precision: str
    models: frozenset[ModelId]
    streamed: frozenset[ModelId] = frozenset()
    width: int
    height: int
    tier: str
    tiled: bool
    work_bytes: int
    total_bytes: int
    seconds: float
    relative_seconds: float = 1.0
    saved_bytes: int = 0
    fidelity: Fidelity
    note: str = ""
    smaller: bool = False
    turns: bool = False

    def option(self, executor: str, workflow: str) -> Option:
        """The rung as a step's option; ``size`` is told where there are fewer pixels than asked."""
        return Option(
            executor=executor,
            workflow=workflow,
            precision=self.precision,
            models=self.models,
            work_bytes=self.work_bytes,
            seconds=self.seconds,
            fidelity=self.fidelity,
            note=self.note,
            size=(self.width, self.height) if self.smaller else (0, 0),
        )


def climb_down(
    need: Need, footprints: Footprints, *, each_precision: bool = False
) -> tuple[Rung, ...]:
    """The rungs, best first.

    ``each_precision`` keeps those of the size asked for that take less than the rungs above them of
    the same precision, for a service that may lack the others' weights.

    Raises:
        KeyError: an unknown family or model.
        ValueError: no precision is offered, or not the one that was asked for.
    """
    asked = _asked(need)
    top = _rung(need, asked, Fidelity.FULL if need.asked else _FIDELITY[asked], footprints)
    rungs, least = [top], {"": top.total_bytes, asked: top.total_bytes}
    for rung in _below(need, asked, footprints):
        whole = (rung.width, rung.height, rung.tier) == (top.width, top.height, top.tier)
        about = rung.precision if each_precision and whole else ""
        above = least.get(about, math.inf)
        if rung.total_bytes > above * (1 - _WORTH):
            continue
        rungs.append(_compared(rung, top))
        least[about] = rung.total_bytes
        least[""] = min(least[""], rung.total_bytes)
    return tuple(rungs)


def fitting(rungs: Sequence[Rung], budget_bytes: int) -> Rung | None:
    """The best rung that fits; None when none does."""
    return next((rung for rung in rungs if rung.total_bytes <= budget_bytes), None)


def smaller_sizes(
    width: int, height: int, *, multiple: int = 16, least: int = 256
) -> tuple[tuple[int, int], ...]:
    """Three quarters and half of the sides, in whole ``multiple`` pixels, none below ``least``."""
    sizes = []
    for share in (0.75, 0.5):
        size = tuple(max(multiple, round(s * share / multiple) * multiple) for s in (width, height))
        if min(size) >= least and size[0] * size[1] < width * height:
            sizes.append((size[0], size[1]))
    return tuple(sizes)


def _asked(need: Need) -> str:
    if need.asked and need.asked not in need.precisions:
        raise ValueError(f"{need.asked} is not offered")
    known = [precision for precision in _ORDER if precision in need.precisions]
    if not known:
        raise ValueError("no precision is offered")
    return need.asked or known[0]


def _below(need: Need, asked: str, footprints: Footprints) -> Iterator[Rung]:
    """Every way below what was asked, in the order they should be tried."""
    order = [precision for precision in _ORDER if precision in need.precisions]
    order = order[order.index(asked) :]
    for precision in order:
        exact = Fidelity.FULL if precision == need.asked else _FIDELITY[precision]
        if precision != asked:
            yield _rung(need, precision, exact, footprints)
        if _turns(need, precision, footprints):
            yield _rung(need, precision, exact, footprints, turns=True)
    yield from _squeezed(need, order, Fidelity.OFFLOADED, footprints)
    for width, height in need.sizes:
        small = replace(need, width=width, height=height)
        for precision in order:
            turns = _turns(small, precision, footprints)
            yield _rung(small, precision, Fidelity.SMALLER, footprints, turns=turns)
        yield from _squeezed(small, order, Fidelity.SMALLER, footprints)
    if need.lower is not None:
        for rung in climb_down(need.lower, footprints):
            yield replace(rung, fidelity=min(rung.fidelity, Fidelity.LOWER_TIER))


def _squeezed(
    need: Need, order: Sequence[str], fidelity: Fidelity, footprints: Footprints
) -> Iterator[Rung]:
    """In tiles, then with streamed weights."""
    tiled = replace(need, tiled=True)
    if not need.tiled:
        for precision in order:
            turns = _turns(tiled, precision, footprints)
            yield _rung(tiled, precision, fidelity, footprints, turns=turns)
    if need.streams:
        for precision in order:
            yield _rung(tiled, precision, fidelity, footprints, streamed=True)


def _rung(
    need: Need,
    precision: str,
    fidelity: Fidelity,
    footprints: Footprints,
    *,
    streamed: bool = False,
    turns: bool = False,
) -> Rung:
    models = need.precisions[precision]
    sizes = {model: footprints.bytes_of(model) for model in models}
    phases = _phases(need, precision, footprints)
    kept, work = frozenset(models), max(phases.sampling_bytes, phases.decoding_bytes)
    if need.swaps:
        kept, work = footprints.swapped(models, phases, turns=turns, last=need.last)
    seconds = _seconds(need, precision, footprints)
    if turns:
        # Each comes back from the machine's memory once for each piece of work.
        moved = sum(sizes[model] for model in footprints.denoising(models))
        seconds += moved / need.link_bytes_per_s
    if streamed:
        work = _streamed_bytes(phases, sizes, footprints)
        seconds += need.steps * need.passes * max(sizes.values(), default=0) / need.link_bytes_per_s
        kept = frozenset()
    return Rung(
        precision=precision,
        models=kept,
        streamed=models if streamed else frozenset(),
        width=need.width,
        height=need.height,
        tier=need.tier,
        tiled=need.tiled,
        work_bytes=work,
        total_bytes=work + sum(sizes[model] for model in kept),
        seconds=seconds,
        fidelity=fidelity,
        turns=turns,
    )


def _phases(need: Need, precision: str, footprints: Footprints) -> Work:
    return footprints.work(
        need.family,
        width=need.width,
        height=need.height,
        frames=need.frames,
        precision=precision,
        sound_seconds=need.sound_seconds,
        tokens=need.tokens,
        tiled=need.tiled,
    )


def _turns(need: Need, precision: str, footprints: Footprints) -> bool:
    """Whether models of that precision can take turns."""
    return need.swaps and len(footprints.denoising(need.precisions[precision])) > 1


def _seconds(need: Need, precision: str, footprints: Footprints) -> float:
    return footprints.seconds(
        need.family,
        width=need.width,
        height=need.height,
        frames=need.frames,
        steps=need.steps,
        passes=need.passes,
        precision=precision,
        sound_seconds=need.sound_seconds,
        tokens=need.tokens,
    )


def _streamed_bytes(phases: Work, sizes: Mapping[ModelId, int], footprints: Footprints) -> int:
    """A window of the largest model while sampling; the whole VAE while decoding."""
    vae = sum(size for model, size in sizes.items() if footprints.models[model].role == "vae")
    window = round(_WINDOW * max(sizes.values(), default=0))
    return max(phases.sampling_bytes + window, phases.decoding_bytes + vae)


def _compared(rung: Rung, top: Rung) -> Rung:
    """The rung with what it saves and costs against ``top``, in numbers and in words."""
    ratio = rung.seconds / top.seconds if top.seconds else 1.0
    saved = top.total_bytes - rung.total_bytes
    given, smaller = [], (rung.width, rung.height) != (top.width, top.height)
    if rung.tier != top.tier:
        given.append(f"{rung.tier or 'a simpler tier'} instead of {top.tier or 'the tier asked'}")
    if smaller:
        given.append(f"{rung.width}×{rung.height} instead of {top.width}×{top.height}")
    if rung.precision != top.precision:
        given.append(f"{_word(rung.precision)} instead of {_word(top.precision)}")
    if rung.turns:
        given.append("its models take turns on the card")
    if rung.streamed:
        given.append("weights waiting in the machine's memory")
    elif rung.tiled and not top.tiled:
        given.append("decoded in tiles")
    if saved > 0:
        given.append(f"{amount(saved)} less")
    if ratio >= 1.05:
        given.append(f"{ratio:.1f} times as long")
    return replace(
        rung, relative_seconds=ratio, saved_bytes=saved, note=", ".join(given), smaller=smaller
    )


def _word(precision: str) -> str:
    return _WORDS.get(precision, precision)
