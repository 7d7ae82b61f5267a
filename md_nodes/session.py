# SPDX-License-Identifier: GPL-3.0-or-later
"""Films being planned and made from inside Blender: one session for each film's tree.

The composition root of Blender's side.  A session knows its film by the tree's
session id and its scene by name; undo, redo and a closed editor mean nothing to
it.  ``tick`` moves everything on by a few milliseconds and is called by the timer
in a window and by a loop without one.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import bpy

from ..core.audio_uses import AudioUse, audio_uses
from ..core.edit import edit_from_json
from ..core.errors import MovieDirectorError, StoreError
from ..core.explain import Told, told
from ..core.graph import Graph
from ..core.making import Making, making_of, remembered
from ..core.note import Note
from ..core.outlook import Outlook
from ..core.plan import Plan
from ..core.progress import Pacing, RunProgress
from ..core.run import Run
from ..core.step import CUT, Artifact, NodeId, StepId
from ..core.store import Failure, Store
from ..core.voice_drift import Drift, voice_drift
from ..studio import Studio, results_folder
from . import preferences, status
from .board import Board
from .read import read_tree
from .strips import Placement, placing
from .where import find, show_sequence, tree_with

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Session:
    """One film's plan and run.  ``output`` is the Output node's path, ``scene`` a name."""

    film: int
    output: str
    scene: str
    folder: Path
    plan: Plan
    store: Store
    board: Board
    told: Told
    pacing: Pacing  #: how long steps take, as known before the run
    making: dict[StepId, Making]  #: who makes what is to be made
    backed: Mapping[NodeId, tuple[NodeId, ...]]  #: the nodes each Backend speaks for
    failures: Mapping[StepId, Failure]  #: what failed when it was last tried, and is still wanted
    sounds: tuple[AudioUse, ...] = ()  #: with the scenes that use them
    run: Run | None = None
    placing: Iterator[None] | None = None
    wanted: str = ""  #: the node asked for, "" for the whole film
    ended: str = ""  #: how the last run ended, for people
    cancelled: bool = False  #: whether it ended before its time
    missing: tuple[str, ...] = ()
    errors: list[MovieDirectorError] = field(default_factory=list)
    drift: tuple[Drift, ...] = ()  #: characters that do not sound the same in every line
    notes: tuple[Note, ...] = ()  #: what is not made as a node asks for it
    _made: dict[Path, Making] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """Whether something is being made or put into the sequencer."""
        return self.run is not None or self.placing is not None

    def outlook(self, step: StepId) -> Outlook:
        """How long a step still takes, and what it waits for."""
        if self.run is not None:
            return self.run.outlook(step)
        return Outlook(left_s=self.pacing.left_s(step))

    def made(self, artifact: Artifact) -> Making:
        """Who made what is there, as its sidecar says; read once."""
        if artifact.path not in self._made:
            self._made[artifact.path] = remembered(self.store.record(artifact))
        return self._made[artifact.path]

    @property
    def progress(self) -> RunProgress | None:
        """How far the run is."""
        return self.run.progress if self.run is not None else None


_studio: Studio | None = None
_sessions: dict[int, Session] = {}
#: Errors that kept a film from being planned or started, by film.
refused: dict[int, MovieDirectorError] = {}


def of(film: int) -> Session | None:
    """The film's session, if it was planned or made since the file was opened."""
    return _sessions.get(film)


def busy() -> bool:
    """Whether any film is being made."""
    return any(session.busy for session in _sessions.values())


def studio() -> Studio:
    """The machine with its executors, opened when first needed."""
    global _studio
    if _studio is None:
        _studio = Studio.open(cores=preferences.cores() or None)
        _studio.finder.allow(bpy.app.online_access)
        _studio.finder.start()
    return _studio


def opened() -> Studio | None:
    """The same if it is open, else None."""
    return _studio


def prepare(
    film: bpy.types.NodeTree, output: str = "", *, node: str = "", force: bool = False
) -> Session:
    """Read, compile and plan a film; nothing is made.

    Raises:
        MovieDirectorError: it cannot be read, compiled or planned, or was never saved.
    """
    known = _sessions.get(film.session_uid)
    if known is not None and known.busy:
        raise StoreError("The film is being made.", remedy="Wait for its end, or cancel it.")
    graph = read_tree(film)
    folder = results_of(graph)
    base = Path(bpy.data.filepath).parent if bpy.data.filepath else folder
    program = studio().compile(graph, base, output=output, node=node)
    store = studio().store(graph, folder)
    limits = studio().limits(graph)
    plan = studio().plan(program, store, force=force, node=node, limits=limits)
    board = Board(film.session_uid, plan)
    session = Session(
        film=film.session_uid, output=output or str(program.output), scene=bpy.context.scene.name,
        folder=folder, plan=plan, store=store, board=board, told=told(plan), making=_making(plan),
        pacing=Pacing(plan, studio().lessons.learned.pace()), backed=program.backed,
        failures=_failures(plan, store), sounds=audio_uses(plan.steps.values()),
        wanted=node, notes=program.notes,
    )  # fmt: skip
    _sessions[film.session_uid] = session
    refused.pop(film.session_uid, None)
    board.show_plan({id: failure.error for id, failure in session.failures.items()})
    return session


def _failures(plan: Plan, store: Store) -> Mapping[StepId, Failure]:
    """What failed, and is wanted as it was then."""
    steps = plan.steps
    known = store.failures().items()
    return {id: failure for id, failure in known if id in steps and failure.about(steps[id])}


def _making(plan: Plan) -> dict[StepId, Making]:
    return {placed.step.id: making_of(placed) for placed in plan.to_do}


def start(
    film: bpy.types.NodeTree, output: str = "", *, node: str = "", force: bool = False
) -> Session:
    """Begin to make a film, or one node of it.  Errors as ``prepare``; also ``ProjectBusy``."""
    session = prepare(film, output, node=node, force=force)
    session.run = studio().run(session.plan, session.store)
    try:
        session.run.start()
    except MovieDirectorError:
        session.run = None
        raise
    return session


def cancel(film: int) -> None:
    """Ask for the end of a film's run; what is finished stays."""
    session = _sessions.get(film)
    if session is not None and session.run is not None:
        session.run.cancel()


def tick(budget_s: float) -> bool:
    """Go on with all films for about ``budget_s`` seconds; whether anything changed."""
    before = status.version
    deadline = time.monotonic() + budget_s
    for session in list(_sessions.values()):
        if session.run is not None:
            _drain(session, max(0.001, deadline - time.monotonic()))
        elif session.placing is not None:
            _place_on(session, deadline)
    return status.version != before


def _drain(session: Session, budget_s: float) -> None:
    run = session.run
    assert run is not None
    for change in run.drain(budget_s):
        session.board.apply(change)
    if run.plan is not session.plan:  # something happened, and the rest is done another way
        session.plan, session.told = run.plan, told(run.plan)
        session.making = _making(run.plan)
    if run.done:
        for change in run.drain():
            session.board.apply(change)
        _finish(session)


def _finish(session: Session) -> None:
    """A run ended: say how, and put the film into the sequencer when there is one."""
    run = session.run
    assert run is not None
    result = run.result
    run.close(0.5)
    session.run = None
    session.errors = list(result.errors.values())
    session.failures = _failures(session.plan, session.store)
    session.cancelled = result.cancelled
    artifacts = {**session.plan.cached, **result.artifacts}
    session.drift = voice_drift(session.plan.steps, artifacts)
    elapsed = f"{run.progress.elapsed_s:.0f} s"
    if result.cancelled:
        session.ended = "Cancelled. What is finished stays; Evaluate goes on from there."
    elif result.errors:
        session.ended = f"{len(result.errors)} steps failed. What could be made is there."
    else:
        session.ended = f"Done in {elapsed}." if session.plan.to_do else "Everything was there."
    status.touch()
    if not session.wanted and not result.cancelled and preferences.place_strips():
        session.placing = _placing(session, artifacts)


def _placing(session: Session, artifacts: Mapping[StepId, Artifact]) -> Iterator[None] | None:
    cut = next((a for id, a in artifacts.items() if session.plan.steps[id].kind == CUT), None)
    if cut is None:
        return None
    film = tree_with(session.film)
    found = find(film, session.output) if film is not None else None
    channel, start = (found[1].p_channel, found[1].p_start_frame) if found else (1, 1)
    edit = edit_from_json(json.loads(cut.path.read_text(encoding="utf-8")))
    placement = Placement(
        scene=session.scene, output=session.output, edit=edit, artifacts=artifacts,
        channel=channel, start_frame=start,
    )  # fmt: skip
    return placing(placement)


def _place_on(session: Session, deadline: float) -> None:
    """Put strips into the sequencer until the time is up."""
    steps = session.placing
    assert steps is not None
    try:
        while time.monotonic() < deadline:
            next(steps)
    except StopIteration as end:
        session.placing = None
        session.missing = end.value or ()
        status.touch()
        _remember()
    except (RuntimeError, OSError, ReferenceError) as error:
        session.placing = None
        session.errors.append(
            StoreError(
                f"The film could not be put into the sequencer: {error}.",
                remedy="Evaluate again; everything that was made is still there.",
            )
        )
        log.exception("placing the film failed")
        status.touch()


def _remember() -> None:
    """Show the whole film; one undo step for it, where Blender keeps undo steps."""
    show_sequence()
    if not bpy.app.background and bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message="Film in the Sequencer")


def results_of(graph: Graph) -> Path:
    """Where the results of the film in this file lie.  Errors are those of ``results_folder``."""
    film = Path(bpy.data.filepath) if bpy.data.filepath else None
    return results_folder(graph, film)


def detach() -> None:
    """End all runs, keeping what is made: the file is about to be replaced."""
    for session in _sessions.values():
        if session.run is not None:
            session.run.close(2.0)
        session.store.close()
    _sessions.clear()
    refused.clear()


def close() -> None:
    """End everything, helper processes too."""
    global _studio
    detach()
    if _studio is not None:
        _studio.close()
        _studio = None


def has_results(film: bpy.types.NodeTree) -> bool:
    """Whether an earlier run left anything for this film."""
    if not bpy.data.filepath:
        return False
    return (results_of(read_tree(film)) / ".movie-director").is_dir()
