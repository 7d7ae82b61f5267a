# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is, told to whoever waits.

On a terminal: a bar for each stage of the work (voices, sound, pictures, film),
what is being made, and how long it will still take.  On a pipe: one line a
finished step.  Either way the first shot is named as soon as it can be watched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..core.allocation import Allocation
from ..core.conforming import CONFORMING
from ..core.errors import MovieDirectorError
from ..core.plan import Plan
from ..core.progress import RunProgress
from ..core.run import Change
from ..core.state import SETTLED, NodeState
from ..core.step import (
    AMBIENCE,
    CLIP,
    CUT,
    FILM,
    LORA_TRAINING,
    MIX,
    MUSIC,
    OTIO,
    SOUND,
    SPEECH,
    STILL,
    STORYBOARD,
    SUBTITLES,
    VIEW,
    VOICE_CONVERSION,
    VOICE_TRAINING,
    Kind,
    Placed,
    StepId,
)
from .bars import Block, bar, clipped, width
from .desk import Desk
from .quantities import duration

__all__ = ["Progress", "near_path"]

#: Stages as a filmmaker sees them, in the order they are drawn.
_STAGES: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("Voices", frozenset({SPEECH, VOICE_CONVERSION, VOICE_TRAINING})),
    ("Sound", frozenset({SOUND, AMBIENCE, MUSIC})),
    ("Likenesses", frozenset({LORA_TRAINING})),
    ("Pictures", frozenset({VIEW, STILL, CLIP, *CONFORMING})),
    ("Film", frozenset({CUT, MIX, FILM, OTIO, SUBTITLES, STORYBOARD})),
)
_OTHER = "Other"
#: Seconds between two frames: what the eye follows, and no more work than that.
FRAME_S = 0.1
_BAR_CELLS = 24


@dataclass(slots=True)
class _Stage:
    """One bar.  Owned by ``Progress``."""

    name: str
    steps: dict[StepId, float] = field(default_factory=dict)  #: fraction done, by step
    weights: dict[StepId, float] = field(default_factory=dict)  #: estimated seconds
    done: int = 0
    making: dict[StepId, str] = field(default_factory=dict)

    @property
    def fraction(self) -> float:
        total = sum(self.weights.values())
        return sum(self.steps[id] * self.weights[id] for id in self.steps) / total


class Progress:
    """Shows one run of ``plan``.  Every call is quick; call ``show`` as often as you like."""

    def __init__(
        self,
        desk: Desk,
        plan: Plan,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._began = clock()
        self._placed: dict[StepId, Placed] = {placed.step.id: placed for placed in plan.to_do}
        self._stages = _stages(plan.to_do)
        self._of = {id: stage for stage in self._stages for id in stage.steps}
        self._count = 0
        self._settled: set[StepId] = set()
        #: Whether no shot can be watched yet.
        self._first = any(placed.step.kind == CLIP for placed in plan.to_do)
        self._block = Block(desk.err) if desk.lively else None
        self._plain_bars = not _shows_blocks(desk)
        self._drawn_at = -FRAME_S
        self._eta_s = plan.seconds
        self._warned = ""
        self._mended: set[str] = set()
        self._held: list[str] = []

    def show(
        self,
        changes: Iterable[Change],
        progress: RunProgress,
        held: Iterable[Allocation] = (),
    ) -> None:
        """Take in what changed, how far the run is, and who holds how much memory."""
        self._held = [each.words() for each in held if each.has_models]
        self._eta_s = progress.eta_s
        for change in changes:
            self._take(change)
        if progress.warning and progress.warning != self._warned:
            self._warned = progress.warning
            self.line(progress.warning)
        now = self._clock()
        if self._block is not None and now - self._drawn_at >= FRAME_S:
            self._drawn_at = now
            self._block.frame(self._lines())

    def line(self, text: str) -> None:
        """Say something that stays."""
        if self._block is not None:
            self._block.above(clipped(text, 2000))
        else:
            self._desk.note(text)

    def close(self) -> None:
        """Take the bars away, however it ended."""
        if self._block is not None:
            self._block.clear()

    def _take(self, change: Change) -> None:
        stage = self._of.get(change.step)
        if stage is None or change.step in self._settled:
            return
        label = self._placed[change.step].step.label
        if change.error is not None and change.state not in SETTLED:
            self._again(label, change.error)
        elif change.note and change.error is None and change.state is NodeState.WAITING:
            self.line(f"{label}: {change.note}")
        if change.state is NodeState.COOKING:
            stage.steps[change.step] = max(stage.steps[change.step], change.fraction)
            stage.making[change.step] = label
        elif change.state in SETTLED:
            stage.making.pop(change.step, None)
            self._settled.add(change.step)
            if change.state in (NodeState.COOKED, NodeState.CACHED):
                self._finished(change, stage, label)

    def _again(self, label: str, error: MovieDirectorError) -> None:
        """Why a step is tried again; what holds up many of them is said with the first."""
        if error.what not in self._mended:
            self._mended.add(error.what)
            self.line(f"{label} is tried again: {error.what}")

    def _finished(self, change: Change, stage: _Stage, label: str) -> None:
        stage.steps[change.step] = 1.0
        stage.done += 1
        self._count += 1
        if self._block is None:
            self._desk.note(f"[{self._count}/{len(self._placed)}] {label}")
        is_clip = self._placed[change.step].step.kind == CLIP
        if self._first and is_clip and change.artifact is not None:
            self._first = False
            passed = duration(self._clock() - self._began)
            self.line(f"first shot ready after {passed}: {near_path(change.artifact.path)}")

    def _lines(self) -> list[str]:
        columns = self._desk.columns - 1
        names = max(width(stage.name) for stage in self._stages) if self._stages else 0
        cells = min(_BAR_CELLS, max(8, columns - names - 16))
        lines = []
        for stage in self._stages:
            count = f"{stage.done}/{len(stage.steps)}"
            drawn = bar(stage.fraction, cells, plain=self._plain_bars)
            head = f"{stage.name:<{names}}  {drawn}  {count:>7}  "
            making = ", ".join(stage.making.values())
            lines.append(head + clipped(making, columns - width(head)))
        lines += [clipped(words, columns) for words in self._held]
        lines.append(self._rest())
        return lines

    def _rest(self) -> str:
        passed = duration(self._clock() - self._began)
        return f"{passed} so far, about {duration(self._eta_s)} to go"


def _stages(placed: Iterable[Placed]) -> list[_Stage]:
    """A bar for each stage that has something to do."""
    stages = {name: _Stage(name) for name in (*(name for name, _ in _STAGES), _OTHER)}
    by_kind = {kind: name for name, kinds in _STAGES for kind in kinds}
    for each in placed:
        stage = stages[by_kind.get(each.step.kind, _OTHER)]
        stage.steps[each.step.id] = 0.0
        stage.weights[each.step.id] = max(0.05, each.option.seconds)
    return [stage for stage in stages.values() if stage.steps]


def _shows_blocks(desk: Desk) -> bool:
    """Whether the stream's encoding has the block characters; if not, bars are ASCII."""
    try:
        "█░".encode(getattr(desk.err, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def near_path(path: Path) -> str:
    """``path`` as one would type it here: relative if it lies below the current folder."""
    try:
        inside = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)
    return str(path) if inside.startswith("..") else inside
