# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens next: a state machine without threads, clock, files or services.

``begin`` makes the state from a plan; ``advance`` takes an event and answers with
commands.  Time comes in with the event.  The state handed in is spent: it is
changed in place, since copying 10,000 steps for each event would be quadratic.

Stages of one device follow one another; within a stage the earliest ready step
goes first, as many at a time as the service is given at once.  What fails for good takes
with it only what depends on it.  What fails for a passing reason, or is lost with
its service, is tried again after a growing pause, and not while its service is known to be away.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Mapping

from .errors import MovieDirectorError, OutOfMemory, StepFailed
from .executor import Accepted, Cancelled, Failed, Finished, Lost, Progressed
from .happenings import (
    Anew,
    Away,
    Back,
    CancelAll,
    Command,
    Free,
    Freed,
    Halt,
    Happening,
    Moved,
    Send,
    Stop,
    Tick,
)
from .standing import Entry, Line, State
from .state import SETTLED, NodeState
from .step import DeviceId, ServiceId, Stage, StepId

__all__ = ["FIRST_PAUSE_S", "MOST_ATTEMPTS", "MOST_PAUSE_S", "State", "advance", "begin"]

#: Attempts at one step before it is given up, the first included.
MOST_ATTEMPTS = 4
#: Seconds before the second attempt; doubled for each further one, at most ``MOST_PAUSE_S``.
FIRST_PAUSE_S, MOST_PAUSE_S = 0.5, 30.0


def begin(
    stages: Iterable[Stage], slots: Mapping[ServiceId, int], *, seed: int = 0
) -> tuple[State, list[Command]]:
    """The state at the start, and what to do first.

    Parents that no stage holds count as made.  ``slots`` says how many steps each service is given
    at once; ``seed`` decides the jitter of pauses.
    """
    stages = tuple(stages)
    entries: dict[StepId, Entry] = {}
    for number, stage in enumerate(stages):
        for place, placed in enumerate(stage.steps):
            entries[placed.step.id] = Entry(placed=placed, stage=number, place=place, waits=0)
    children: dict[StepId, list[StepId]] = {}
    for id, entry in entries.items():
        for parent in entry.placed.step.after:
            if parent in entries:
                entry.waits += 1
                children.setdefault(parent, []).append(id)
    lines: dict[DeviceId, Line] = {}
    for number, stage in enumerate(stages):
        lines.setdefault(stage.device, Line(stages=[])).stages.append(number)
    state = State(
        stages=stages,
        entries=entries,
        children=children,
        lines=lines,
        left=[len(stage.steps) for stage in stages],
        unsettled=len(entries),
        seed=seed,
        slots=slots,
    )
    commands: list[Command] = []
    for device in lines:
        _open_stage(state, device, commands)
    return state, commands


def advance(state: State, event: Happening, *, now: float) -> tuple[State, list[Command]]:
    """The state after ``event`` and what to do; events about unknown or settled steps do nothing."""
    commands: list[Command] = []
    state.now = now
    match event:
        case Tick():
            _resume(state, now, commands)
        case CancelAll():
            state.cancelled = True
            _give_up_waiting(state, commands)
            for id, entry in state.entries.items():
                if entry.running:
                    commands.append(Stop(step=id))
        case Freed(device=device):
            line = state.lines[device]
            line.freeing -= 1
            if not line.freeing:
                opened = line.stages and line.stages[0] == line.opened
                (_begin_stage if opened else _open_stage)(state, device, commands)
        case Away(service=service):
            state.away.add(service)
        case Back(service=service):
            state.away.discard(service)
            for device in state.lines:
                _dispatch(state, device, commands)
        case Anew():
            _start_anew(state, event, commands)
        case Halt(step=step, error=error):
            state.halted = True
            _fail(state, state.entries[step], error, commands)
            _give_up_waiting(state, commands)
        case _:
            about = state.entries.get(event.step)
            if about is not None and about.running:
                _hear(state, about, event, now, commands)
    return state, commands


def _hear(
    state: State,
    entry: Entry,
    event: Accepted | Progressed | Finished | Failed | Cancelled | Lost,
    now: float,
    commands: list[Command],
) -> None:
    match event:
        case Accepted() | Progressed():
            if entry.state is NodeState.SCHEDULED:
                _move(state, entry, NodeState.COOKING, commands)
        case Finished():
            _release(state, entry)
            _settle(state, entry, NodeState.COOKED, commands)
            _wake_children(state, entry, commands)
        case Cancelled():
            _release(state, entry)
            _settle(state, entry, NodeState.CANCELLED, commands)
            _give_up_children(state, entry, commands)
        case Failed(error=OutOfMemory() as error) if not entry.starved:
            entry.starved = True
            transient = not _make_room(state, entry, error, commands)
            if transient:
                _retry_or_fail(state, entry, error, transient, False, now, commands)
        case Failed(error=error, transient=transient):
            _retry_or_fail(state, entry, error, transient, False, now, commands)
        case Lost(error=error):
            _retry_or_fail(state, entry, error, True, True, now, commands)
    _dispatch(state, entry.placed.service.device, commands)


def _retry_or_fail(
    state: State,
    entry: Entry,
    error: MovieDirectorError,
    transient: bool,
    again: bool,
    now: float,
    commands: list[Command],
) -> None:
    if state.cancelled or state.halted:
        _release(state, entry)
        _settle(state, entry, NodeState.CANCELLED, commands)
        _give_up_children(state, entry, commands)
    elif transient and entry.attempt < MOST_ATTEMPTS:
        _release(state, entry)
        entry.again = again
        _move(state, entry, NodeState.SCHEDULED, commands, error)
        entry.due = now + _pause(state.seed, entry.placed.step.id, entry.attempt)
        heapq.heappush(state.pauses, (entry.due, entry.placed.step.id))
    else:
        _fail(state, entry, error, commands)


def _make_room(state: State, entry: Entry, error: OutOfMemory, commands: list[Command]) -> bool:
    """Have the service give all its memory back and try again; False while others work there."""
    service = entry.placed.service
    line = state.lines[service.device]
    if line.running > 1 or state.cancelled or state.halted:
        return False
    _release(state, entry)
    _move(state, entry, NodeState.SCHEDULED, commands, error)
    heapq.heappush(line.ready, (entry.place, entry.placed.step.id))
    line.freeing += 1
    state.resident.pop(service.id, None)
    commands.append(Free(service=service.id, device=service.device, models=None))
    return True


def _start_anew(state: State, event: Anew, commands: list[Command]) -> None:
    """Other stages for what is not settled; what runs goes on, its stage first."""
    for line in state.lines.values():
        line.stages.clear()
        line.ready.clear()
        line.opened = -1
    for id, error in event.given_up.items():
        if state.entries[id].state not in SETTLED:
            _fail(state, state.entries[id], error, commands)
    for id in event.ended:
        entry = state.entries[id]
        if entry.running:
            _release(state, entry)
            entry.attempt, entry.again, entry.starved, entry.due = 0, False, False, 0.0
    for service in event.gone:
        state.resident.pop(service, None)
        state.away.discard(service)
    _lay_out(state, event.stages, commands)
    for device, line in state.lines.items():
        if not line.freeing:
            _open_stage(state, device, commands)


def _lay_out(state: State, stages: tuple[Stage, ...], commands: list[Command]) -> None:
    """Every entry into its stage."""
    state.stages, state.left = stages, [0] * len(stages)
    state.pauses.clear()
    for number, stage in enumerate(stages):
        for place, placed in enumerate(stage.steps):
            entry = state.entries[placed.step.id]
            entry.stage, entry.place = number, place
            if entry.state in SETTLED:
                continue
            state.left[number] += 1
            if not entry.running:
                entry.placed = placed
                if entry.state is not NodeState.WAITING:
                    _move(state, entry, NodeState.WAITING, commands)
        if state.left[number]:
            state.lines.setdefault(stage.device, Line(stages=[])).stages.append(number)


def _pause(seed: int, step: StepId, attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, between a half and the whole of it."""
    whole = min(MOST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempt - 1))
    return whole * random.Random(f"{seed}/{step}/{attempt}").uniform(0.5, 1.0)


def _resume(state: State, now: float, commands: list[Command]) -> None:
    devices: dict[DeviceId, None] = {}
    while state.pauses and state.pauses[0][0] <= now:
        _, id = heapq.heappop(state.pauses)
        entry = state.entries[id]
        if entry.state not in SETTLED:
            device = entry.placed.service.device
            heapq.heappush(state.lines[device].ready, (entry.place, id))
            devices[device] = None
    for device in devices:
        _dispatch(state, device, commands)


def _open_stage(state: State, device: DeviceId, commands: list[Command]) -> None:
    """Make room for the device's next stage, or begin it at once."""
    line = state.lines[device]
    while line.stages and not state.left[line.stages[0]]:
        line.stages.pop(0)
    if not line.stages:
        return
    line.opened = line.stages[0]
    stage = state.stages[line.opened]
    line.freeing = len(stage.frees)
    for service, models in stage.frees:
        state.resident[service] = state.resident.get(service, frozenset()) - models
        commands.append(Free(service=service, device=device, models=models))
    if not stage.frees:
        _begin_stage(state, device, commands)


def _begin_stage(state: State, device: DeviceId, commands: list[Command]) -> None:
    line = state.lines[device]
    if not line.stages:
        return
    stage = state.stages[line.stages[0]]
    state.resident[stage.service] = state.resident.get(stage.service, frozenset()) | stage.load
    for placed in stage.steps:
        entry = state.entries[placed.step.id]
        if not entry.waits and entry.state is NodeState.WAITING:
            _make_ready(state, entry, commands)
    _dispatch(state, device, commands)


def _make_ready(state: State, entry: Entry, commands: list[Command]) -> None:
    _move(state, entry, NodeState.SCHEDULED, commands)
    if entry.due > state.now:
        heapq.heappush(state.pauses, (entry.due, entry.placed.step.id))
        return
    line = state.lines[entry.placed.service.device]
    heapq.heappush(line.ready, (entry.place, entry.placed.step.id))


def _dispatch(state: State, device: DeviceId, commands: list[Command]) -> None:
    """Send what can be sent now; go on to the next stage when this one is done."""
    line = state.lines[device]
    if line.freeing or not line.stages:
        return
    current = line.stages[0]
    if not state.left[current]:
        line.stages.pop(0)
        _open_stage(state, device, commands)
        return
    if state.cancelled or state.halted:
        return
    service = state.stages[current].service
    slots = 0 if service in state.away else state.slots.get(service, 1)
    while line.ready and line.running < slots:
        _, id = heapq.heappop(line.ready)
        entry = state.entries[id]
        if entry.state in SETTLED:
            continue
        entry.running = True
        entry.attempt += 1
        line.running += 1
        commands.append(Send(placed=entry.placed, attempt=entry.attempt, again=entry.again))


def _release(state: State, entry: Entry) -> None:
    entry.running = False
    state.lines[entry.placed.service.device].running -= 1


def _move(
    state: State,
    entry: Entry,
    to: NodeState,
    commands: list[Command],
    error: MovieDirectorError | None = None,
    because: StepId | None = None,
) -> None:
    entry.state = to
    if to in SETTLED:
        state.left[entry.stage] -= 1
        state.unsettled -= 1
    commands.append(Moved(step=entry.placed.step.id, state=to, error=error, because=because))


_settle = _move


def _fail(state: State, entry: Entry, error: MovieDirectorError, commands: list[Command]) -> None:
    if entry.running:
        _release(state, entry)
    _settle(state, entry, NodeState.FAILED, commands, error)
    _give_up_children(state, entry, commands, error)


def _wake_children(state: State, entry: Entry, commands: list[Command]) -> None:
    for id in state.children.get(entry.placed.step.id, ()):
        child = state.entries[id]
        child.waits -= 1
        if child.waits or child.state is not NodeState.WAITING:
            continue
        device = child.placed.service.device
        line = state.lines[device]
        if line.stages and line.stages[0] == child.stage and not line.freeing:
            _make_ready(state, child, commands)
            if device != entry.placed.service.device:
                _dispatch(state, device, commands)


def _give_up_children(
    state: State, entry: Entry, commands: list[Command], error: MovieDirectorError | None = None
) -> None:
    """What needs a step that will not come fails with it, or is cancelled with it."""
    root = entry.placed.step
    devices: dict[DeviceId, None] = {}
    pending = list(state.children.get(root.id, ()))
    while pending:
        child = state.entries[pending.pop()]
        if child.state in SETTLED:
            continue
        to = NodeState.CANCELLED
        lacking: MovieDirectorError | None = None
        if error is not None:
            to = NodeState.FAILED
            lacking = StepFailed(
                f"It needs '{root.label}' ({root.id}), which failed.",
                remedy=error.remedy,
                where=child.placed.step.node,
            )
        _settle(state, child, to, commands, lacking, root.id)
        devices[child.placed.service.device] = None
        pending.extend(state.children.get(child.placed.step.id, ()))
    for device in devices:
        _dispatch(state, device, commands)


def _give_up_waiting(state: State, commands: list[Command]) -> None:
    """Everything that is not running is cancelled."""
    state.pauses.clear()
    for entry in state.entries.values():
        if not entry.running and entry.state not in SETTLED:
            _settle(state, entry, NodeState.CANCELLED, commands)
    for line in state.lines.values():
        line.ready.clear()
