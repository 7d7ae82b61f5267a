# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan being carried out: the only thing here that changes over time.

The owner calls ``start``, then ``drain`` again and again: from Blender's timer or
from a loop.  ``drain`` takes what the workers said, lets the schedule decide,
performs its commands and returns what changed.  It never waits for anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .absence import Absence, Answers
from .allocation import Allocation, allocations
from .budget import Sampler
from .change import Change, Changes, RunResult
from .crew import Crew
from .detour import Detour
from .errors import MovieDirectorError, StorageFull, StoreError
from .executor import (
    Cancelled,
    Event,
    Executor,
    Failed,
    Finished,
    Lost,
    Previewed,
    Produced,
    Progressed,
)
from .happenings import Anew, CancelAll, Command, Free, Halt, Happening, Moved, Send, Stop, Tick
from .happenings import Freed as MemoryFreed
from .inbox import Inbox
from .learning_file import Lessons
from .measured import measured
from .outlook import Outlook, outlook
from .plan import Plan
from .progress import Pacing, RunProgress
from .replan import Replanned
from .room import Room
from .schedule import advance, begin
from .stand_ins import refuse_stand_ins
from .state import SETTLED, NodeState
from .step import Artifact, ModelId, ServiceId, StepId
from .store import Store
from .tickets import Job, Tickets
from .worker import Freed, FreeWork, Report

__all__ = ["Change", "Run", "RunResult"]

log = logging.getLogger(__name__)


class Run:
    """Carries out one plan, once.  Every method is its owner's; nothing here blocks but ``close``.

    The owner is one thread; workers have their own and hand over messages.
    """

    def __init__(
        self,
        plan: Plan,
        executors: Mapping[str, Executor],
        store: Store,
        *,
        lessons: Lessons | None = None,
        cards: Sampler | None = None,
        answers: Answers | None = None,
        clock: Callable[[], float] = time.monotonic,
        seed: int = 0,
    ) -> None:
        """``executors`` is by name; ``seed`` decides the jitter between attempts.

        ``lessons`` says how fast work goes here, and learns from the run; ``cards`` whether their
        memory runs short; ``answers`` whether services that went away are back.
        """
        self.plan = plan
        self._store = store
        self._clock = clock
        slots = {service.id: service.at_once for service in plan.services.values()}
        self._state, self._first = begin(plan.stages, slots, seed=seed)
        self._inbox = Inbox()
        self._crew = Crew(executors, plan.services, self._inbox.queue)
        self._absence = Absence(answers)
        self._lessons = lessons
        self._detour = Detour(executors, lessons)
        self._tickets = Tickets(store, lessons)
        self._artifacts: dict[StepId, Artifact] = dict(plan.cached)
        self._errors: dict[StepId, MovieDirectorError] = {}
        self._ends: dict[StepId, float] = {}  #: seconds from the start
        self._changes = Changes()
        self._pacing = Pacing(plan, {})
        self._began = 0.0
        self._ended = 0.0
        self._room = Room(store, cards)
        self._holding = False
        self._begun = False

    # --- what the owner asks ------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not, and everything was cleared away."""
        return self._begun and not self._holding

    @property
    def result(self) -> RunResult:
        """How it stands, or ended."""
        unmade = any(id not in self._artifacts for id in self.plan.steps)
        return RunResult(
            ok=self.done and not self._errors and not unmade,
            cancelled=self._state.cancelled,
            artifacts=dict(self._artifacts),
            errors=dict(self._errors),
            measured=measured(self.plan, self._ends),
        )

    @property
    def progress(self) -> RunProgress:
        """How far it is."""
        now = self._ended or self._clock()
        warning = " ".join(filter(None, (self._room.warning, self._absence.warning)))
        return self._pacing.look(now - self._began if self._begun else 0.0, warning)

    def outlook(self, step: StepId) -> Outlook:
        """How long a step still takes, and what it waits for."""
        elapsed_s = self._tickets.elapsed_s(step, self._clock())
        return outlook(self.plan.steps, self._state, self._pacing, step, elapsed_s)

    @property
    def resident(self) -> Mapping[ServiceId, frozenset[ModelId]]:
        """The models each service was asked to load and not to give back since."""
        gone = self._detour.gone
        return {id: held for id, held in self._state.resident.items() if held and id not in gone}

    @property
    def allocation(self) -> tuple[Allocation, ...]:
        """Who holds how much of each device now."""
        running = [job.placed for job in self._tickets.jobs.values()]
        return allocations(self.plan, self._state, running, self._room.readings)

    def start(self) -> None:
        """Hold the project, clear what a dead run left, and send the first steps.

        Raises:
            ProjectBusy: somebody else evaluates the project.
            StoreError: it cannot be written.
        """
        self._store.hold()
        self._holding = True
        self._begun = True
        self._began = self._clock()
        try:
            self._pacing = Pacing(self.plan, self._lessons.learned.pace() if self._lessons else {})
            self._tickets.take_stock(self.plan)
            self._room.look(self._clock())
            self._report_standing()
            self._perform(self._first)
        except BaseException:
            self.close(0.0)
            raise
        self._finish_if_done()

    def drain(self, budget_s: float | None = None) -> tuple[Change, ...]:
        """Go on, for about ``budget_s`` seconds at most, and say what changed."""
        if self._holding:
            deadline = None if budget_s is None else self._clock() + budget_s
            self._happen(Tick())
            self._look_for_lost()
            while (message := self._inbox.take()) is not None:
                self._hear(message)
                if deadline is not None and self._clock() >= deadline:
                    break
            self._room.look(self._clock())
            self._finish_if_done()
        return self._changes.take()

    def wait(self, timeout: float) -> None:
        """Return once ``drain`` has something to do, after ``timeout`` seconds at most.

        For owners that have nothing else to do; Blender's timer never calls it.
        """
        if not self._holding:
            return
        due = self._state.next_due
        if due is not None:
            timeout = min(timeout, max(0.0, due - self._clock()))
        self._inbox.wait(timeout)

    def cancel(self) -> None:
        """Ask for the end: nothing more is sent, and what runs is told to stop."""
        if self._holding:
            self._happen(CancelAll())
            self._finish_if_done()

    def close(self, timeout: float = 5.0) -> bool:
        """Cancel, let go of the project, and end the threads; whether all ended in time."""
        if self._holding and not self._state.done:
            self.cancel()
            deadline = time.monotonic() + timeout
            while self._holding and time.monotonic() < deadline:
                self.wait(0.05)
                self.drain()
        self._end()
        return self._crew.join(timeout)

    # --- beginning and ending -----------------------------------------------------------

    def _report_standing(self) -> None:
        """Say how every step stands before anything runs; show finals that are there."""
        for id, step in self.plan.steps.items():
            artifact = self.plan.cached.get(id)
            if artifact is None:
                self._change(id, state=NodeState.WAITING)
                continue
            state = NodeState.DIRTY if id in self.plan.dirty else NodeState.CACHED
            self._change(id, state=state, fraction=1.0, artifact=artifact)
            if step.place.final:
                self._store.publish(step, artifact)
        for number, stage in enumerate(self.plan.stages, 1):
            log.info(
                "stage %d of %d: %s, %d steps, %d bytes at most",
                number, len(self.plan.stages), stage.service, len(stage.steps), stage.peak_bytes,
            )  # fmt: skip

    def _finish_if_done(self) -> None:
        if self._holding and self._state.done and not self._tickets.jobs:
            self._end()

    def _end(self) -> None:
        """Clear away and let go.  Safe to call twice."""
        self._crew.end()
        if not self._holding:
            return
        self._holding = False
        self._ended = self._clock()
        try:
            self._tickets.clear()
        finally:
            self._store.let_go()
            if self._lessons is not None:
                self._lessons.keep()

    # --- messages in --------------------------------------------------------------------

    def _hear(self, message: Report | Freed) -> None:
        if isinstance(message, Freed):
            self._given_back(message)
        elif (job := self._tickets.jobs.get(message.ticket)) is not None:
            self._hear_event(job, message.event)

    def _hear_event(self, job: Job, event: Event) -> None:
        match event:
            case Produced():
                job.produced = event
                return
            case Previewed(path=path):
                self._change(event.step, preview=path)
                return
            case Progressed(fraction=fraction, note=note):
                self._pacing.cooking(job.placed, fraction)
                self._change(event.step, fraction=fraction, note=note)
                self._happen(event)
            case Finished():
                self._finished(job, event)
            case Failed(error=error, transient=transient):
                # What failed in passing, such as the download, says nothing of the work itself.
                self._tickets.close(job, "lost" if transient else "failed", error=error)
                # With no room left nothing else can be made either.
                full = isinstance(error, StorageFull)
                self._happen(Halt(step=event.step, error=error) if full else self._way(job, event))
            case Lost(error=error):
                self._tickets.close(job, "lost", error=error)
                if not self._detour.does_as_well(self.plan, job.placed):
                    away = self._absence.lost(job.placed.service, self._clock())
                    self._happen(away or Tick())
                self._happen(self._way(job, event))
            case Cancelled():
                self._tickets.close(job, "cancelled")
                self._happen(event)
            case _:
                self._happen(event)

    def _given_back(self, message: Freed) -> None:
        """Go on, with another plan where a card has less by now than was planned with."""
        device, elapsed = message.device, self._clock() - self._began
        found = self._detour.given_back(
            self.plan, self._state, device, self._room.fresh, elapsed, message.error
        )
        if found is not None:
            self._happen(self._anew(found))
        self._happen(MemoryFreed(device=device))

    def _way(self, job: Job, event: Failed | Lost) -> Happening:
        """The event, or the plan there is instead when it leaves no way but another plan."""
        elapsed = self._clock() - self._began
        found = self._detour.around(self.plan, self._state, job.placed, event, elapsed)
        if found is None:
            return event
        log.warning("%s is planned anew: %s", event.step, event.error)
        return self._anew(found, event.step)

    def _look_for_lost(self) -> None:
        """Go on with services that are back, and without those that were waited for in vain."""
        now = self._clock()
        for look in self._absence.look(self._state, now):
            for step in look.steps:
                self._change(step, note=look.note)
            if look.over is None:
                continue
            found, elapsed = None, now - self._began
            if not look.back:
                found = self._detour.without(self.plan, self._state, look.over.service, elapsed)
            self._happen(self._anew(found) if found else look.over)

    def _anew(self, found: Replanned, *ended: StepId) -> Anew:
        """Take the plan over."""
        self.plan = found.plan
        done = [id for id, entry in self._state.entries.items() if entry.state in SETTLED]
        self._pacing = self._pacing.replanned(found.plan, done)
        for id, note in found.notes.items():
            self._change(id, note=note)
        return self._detour.anew(found, *ended)

    def _finished(self, job: Job, event: Finished) -> None:
        """Take the result in; only then is the step done."""
        assert job.produced is not None, "the worker sends what was produced first"
        seconds = event.seconds or self._clock() - job.began
        step = job.placed.step
        try:
            artifact = self._store.adopt(job.placed, job.produced, job.ticket, seconds=seconds)
            if step.place.final:
                self._store.publish(step, artifact)
        except StoreError as error:
            error.where = error.where or step.node
            self._tickets.close(job, "failed", error=error)
            self._happen(Halt(step=step.id, error=error))
            return
        self._artifacts[step.id] = artifact
        self._detour.succeeded(job.placed.service.id)
        self._absence.succeeded(job.placed.service.id)
        self._ends[step.id] = self._clock() - self._began
        self._tickets.close(job, "finished", seconds=seconds, peak_bytes=event.peak_bytes)
        self._pacing.settled(job.placed, NodeState.COOKED, seconds)
        self._change(step.id, fraction=1.0, artifact=artifact, note="")
        self._happen(event)

    # --- commands out -------------------------------------------------------------------

    def _happen(self, event: Happening) -> None:
        self._state, commands = advance(self._state, event, now=self._clock())
        self._perform(commands)

    def _perform(self, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case Send():
                    self._send(command)
                case Stop(step=step):
                    self._tickets.stop(step)
                case Free(service=service, device=device, models=models):
                    self._detour.shortage.freeing(self.plan, service, models)
                    self._crew.idle(service).send(FreeWork(device=device, models=models))
                case Moved():
                    self._moved(command)

    def _send(self, command: Send) -> None:
        """Write the ticket down, then hand it to a worker."""
        placed, step = command.placed, command.placed.step
        inputs = {id: self._artifacts[id] for id in sorted(step.after)}
        try:
            refuse_stand_ins(step, self._artifacts, self.plan.steps)
            worker = self._crew.idle(placed.service.id)
            self._detour.shortage.sent(placed.service.id)
            there = self.plan.services.keys() - self._detour.gone
            self._tickets.open(
                placed, command.attempt, inputs, worker, services=there, now=self._clock()
            )
        except StoreError as error:
            self._happen(Halt(step=step.id, error=error))
        except MovieDirectorError as error:
            self._happen(Failed(step=step.id, error=error))

    def _moved(self, moved: Moved) -> None:
        self._change(moved.step, state=moved.state, error=moved.error)
        if moved.state in (NodeState.FAILED, NodeState.CANCELLED):
            self._pacing.settled(self._state.entries[moved.step].placed, moved.state)
        if moved.state is NodeState.FAILED and moved.error is not None and moved.because is None:
            self._errors[moved.step] = moved.error
            log.warning("%s failed: %s", moved.step, moved.error)

    def _change(self, step: StepId, **what: Any) -> None:
        """Note a change; what was noted since the last ``drain`` and is not said anew stays."""
        entry = self._state.entries.get(step)
        state = entry.state if entry is not None else NodeState.CACHED
        self._changes.note(step, self.plan.steps[step].node, state, **what)
