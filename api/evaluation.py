# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a film, evaluate it: the two things a graph is for.

``plan`` and ``evaluate`` do it in one call.  ``prepare`` gives the pieces to whoever
wants to watch or steer in between, as the command line does: a ``Job`` with its
plan, from which a run is started and drained by the same thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.audio_uses import AudioUse, audio_uses
from ..core.compile import Program, outputs_of
from ..core.digest import Digest
from ..core.edit import Edit, edit_from_json
from ..core.errors import GraphError, MovieDirectorError
from ..core.graph import Graph
from ..core.measured import Measured
from ..core.note import Note
from ..core.plan import Plan
from ..core.run import Change, Run
from ..core.step import CUT, Artifact, StepId
from ..core.store import Cleaned, Store
from ..core.voice_drift import Drift, voice_drift
from ..studio import Studio

__all__ = ["FIND_S", "Job", "Result", "clean", "evaluate", "plan", "prepare", "tick"]

#: Seconds until ``cancelled`` is asked again when the workers say nothing.
TICK_S = 0.05
#: Seconds a plan waits at most for services that are still connecting.
FIND_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an evaluation came to.

    ``files`` are the finished film's (``film.mp4``, ``film.otio``, …) by name; ``artifacts``
    everything there is, by step.  ``made`` steps were done now, ``cached`` were there.
    ``measured`` is what it took, by the measures of the plan; ``drift`` names characters that do
    not sound the same in every line; ``notes`` tell of what is not made as a node asks for it.
    """

    ok: bool
    cancelled: bool
    folder: Path
    files: Mapping[str, Path]
    artifacts: Mapping[StepId, Artifact]
    errors: tuple[MovieDirectorError, ...]
    made: int
    cached: int
    measured: Measured
    drift: tuple[Drift, ...] = ()
    notes: tuple[Note, ...] = ()


class Job:
    """A film that was compiled and planned, ready to run.  Owned by one thread."""

    def __init__(self, studio: Studio, store: Store, program: Program, plan: Plan) -> None:
        self.studio = studio
        self.store = store
        self.program = program
        self.plan = plan

    def run(self) -> Run:
        """A run of the plan, not started."""
        return self.studio.run(self.plan, self.store)

    def result(self, run: Run) -> Result:
        """What a run that is done came to."""
        ended = run.result
        artifacts = {**self.plan.cached, **ended.artifacts}
        return Result(
            ok=ended.ok,
            cancelled=ended.cancelled,
            folder=self.store.root,
            files=self.files(artifacts),
            artifacts=artifacts,
            errors=tuple(ended.errors.values()),
            made=len(ended.artifacts.keys() - self.plan.cached.keys()),
            cached=len(self.plan.cached),
            measured=ended.measured,
            drift=voice_drift(self.plan.steps, artifacts),
            notes=self.program.notes,
        )

    @property
    def audio(self) -> tuple[AudioUse, ...]:
        """Every sound of the film with the scenes that use it; the other way: ``audio_by_scene``."""
        return audio_uses(self.program.steps.values())

    def files(self, artifacts: Mapping[StepId, Artifact]) -> dict[str, Path]:
        """The finished film's files that are there, by name."""
        names = {
            f"{step.place.stem}{step.place.suffix}": id
            for id, step in self.plan.steps.items()
            if step.place.final and id in artifacts
        }
        return {name: self.store.published(self.plan.steps[id]) for name, id in names.items()}

    def edit(self, artifacts: Mapping[StepId, Artifact]) -> Edit | None:
        """The film's cut, once it is laid out; None before."""
        for id, artifact in artifacts.items():
            if self.plan.steps[id].kind == CUT:
                return edit_from_json(json.loads(artifact.path.read_text(encoding="utf-8")))
        return None


def _opened(cores: int | None) -> Studio:
    """A studio with the services that answer within a moment; where none is looked for, at once."""
    studio = Studio.open(cores=cores)
    studio.finder.start()
    studio.refresh(FIND_S)
    return studio


@contextmanager
def prepare(
    graph: Graph,
    folder: str | Path,
    *,
    base: str | Path = ".",
    output: str = "",
    node: str = "",
    step: str = "",
    force: bool = False,
    vram_bytes: int | None = None,
    cores: int | None = None,
) -> Iterator[Job]:
    """Compile and plan a film; its helpers end with the ``with`` block.

    Args:
        folder: where results lie; made when the run starts, not before.
        base: the folder that relative paths in the graph are meant from.
        output: which Output node to evaluate, when there are several.
        node: make only this node (a path) or group, and what it needs.
        step: make only the result of this kind ("otio", "clip"), and what it needs.
        force: make again what is there already.
        vram_bytes: plan as if no device had more memory than this.

    Raises:
        GraphError, LinkError, MediaError: the film cannot be compiled.
        PlanError, OutOfMemoryBudget: it cannot be planned.
    """
    folder = Path(folder).absolute()
    with _opened(cores) as studio:
        program = studio.compile(graph, Path(base).absolute(), output=output, node=node)
        if step:
            program = only_kind(program, step)
        store = studio.store(graph, folder)
        try:
            chosen = studio.plan(
                program,
                store,
                force=force,
                node=node,
                vram_bytes=vram_bytes,
                limits=studio.limits(graph),
            )
            yield Job(studio, store, program, chosen)
        finally:
            store.close()


def only_kind(program: Program, kind: str) -> Program:
    """The program without what steps of ``kind`` do not need."""
    pending = [id for id, step in program.steps.items() if step.kind == kind]
    kept: set[StepId] = set()
    while pending:
        id = pending.pop()
        if id not in kept:
            kept.add(id)
            pending.extend(program.steps[id].after)
    steps = {id: step for id, step in program.steps.items() if id in kept}
    return replace(program, steps=steps)


def plan(
    graph: Graph,
    folder: str | Path,
    *,
    base: str | Path = ".",
    output: str = "",
    node: str = "",
    force: bool = False,
    vram_bytes: int | None = None,
) -> Plan:
    """What evaluating the film would do: nothing is made, nothing is written.

    Arguments and errors are those of ``prepare``.

    >>> film = new(title="Two Cups")
    >>> shot = film.add("shot", action="A cup.")
    >>> film.link(shot, "shot", "film", "shots")
    >>> planned = plan(film.graph, "two_cups_film")
    >>> sorted(placed.step.kind for placed in planned.to_do)
    ['clip', 'cut', 'film', 'mix', 'otio', 'storyboard']
    """
    with prepare(
        graph,
        folder,
        base=base,
        output=output,
        node=node,
        force=force,
        vram_bytes=vram_bytes,
    ) as job:
        return job.plan


def evaluate(
    graph: Graph,
    folder: str | Path,
    *,
    base: str | Path = ".",
    output: str = "",
    node: str = "",
    force: bool = False,
    vram_bytes: int | None = None,
    on_change: Callable[[Change], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Result:
    """Make the film, as far as it is not made already.  Returns when all is done.

    ``on_change`` hears of every change of a step; ``cancelled`` is asked all the while
    whether to stop.  What failed is in the result's ``errors``; the rest is made.
    Arguments and errors are otherwise those of ``prepare``.

    Raises:
        ProjectBusy: another evaluation holds the folder.
        StoreError: the folder cannot be written to.
    """
    with prepare(
        graph,
        folder,
        base=base,
        output=output,
        node=node,
        force=force,
        vram_bytes=vram_bytes,
    ) as job:
        run = job.run()
        run.start()
        try:
            while not run.done:
                tick(run, on_change, cancelled)
            tick(run, on_change, None)
            return job.result(run)
        finally:
            run.close()


def clean(
    graph: Graph, folder: str | Path, *, base: str | Path = ".", dry_run: bool = False
) -> Cleaned:
    """Remove results that no Output of the film uses any more; says which, and their bytes.

    Finals, files that somebody changed and files that are not ours always stay.

    Raises:
        GraphError, LinkError, MediaError: the film cannot be compiled.
        ProjectBusy: an evaluation holds the folder.
        StoreError: something cannot be removed.
    """
    with Studio.open() as studio:
        keep: set[Digest] = set()
        outputs = outputs_of(graph, studio.catalogue)
        if not outputs:
            raise GraphError(
                "The film has no Output node, so nothing says which results it uses.",
                remedy="Add one and link a Sequence to it, or unmute it.",
            )
        for output in outputs:
            program = studio.compile(graph, Path(base).absolute(), output=output)
            keep.update(step.intent for step in program.steps.values())
        store = studio.store(graph, Path(folder).absolute())
        try:
            return store.clean(keep, dry_run=dry_run or not store.root.exists())
        finally:
            store.close()


def tick(
    run: Run, on_change: Callable[[Change], None] | None, cancelled: Callable[[], bool] | None
) -> None:
    """Tell what changed, cancel where that is wanted, and wait a moment."""
    if cancelled is not None and cancelled():
        run.cancel()
    for change in run.drain():
        if on_change is not None:
            on_change(change)
    run.wait(TICK_S)
