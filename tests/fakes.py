"""A scriptable executor, and small films to try it on.

``FakeExecutor`` speaks the executor contract in full and makes deterministic files.
Each attempt at a step follows the next ``Act`` of its script: it can fail, stall,
lose its service, lie and break, on command.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from movie_director.core.compile import FilmSettings, Program
from movie_director.core.difference import spelled
from movie_director.core.digest import digest, file_digest
from movie_director.core.errors import (
    MovieDirectorError,
    OutOfMemory,
    ServiceLost,
    StepFailed,
    StorageFull,
)
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Found,
    Gone,
    Health,
    Lost,
    Previewed,
    Produced,
    Progressed,
    Ticket,
    Unknown,
    Want,
)
from movie_director.core.run import Change, Run
from movie_director.core.step import (
    AMBIENCE,
    CLIP,
    CUT,
    FILM,
    INTERPOLATION,
    MIX,
    MUSIC,
    OTIO,
    SOUND,
    SPEECH,
    STORYBOARD,
    SUBTITLES,
    UPSCALE,
    Artifact,
    ArtifactRef,
    Device,
    DeviceId,
    Fidelity,
    Kind,
    ModelId,
    NodeId,
    Option,
    Place,
    Placed,
    Service,
    ServiceId,
    Step,
    StepId,
    references,
)

ALL_KINDS = frozenset(
    {
        AMBIENCE,
        CLIP,
        CUT,
        FILM,
        INTERPOLATION,
        MIX,
        MUSIC,
        OTIO,
        SOUND,
        SPEECH,
        STORYBOARD,
        SUBTITLES,
        UPSCALE,
    }
)
#: How an executor may break its promises.
Lie = Literal[
    "", "silent", "nothing", "empty", "outside", "size", "missing", "twice", "late", "raise"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one attempt does.  ``seconds`` is how long it takes; ``stall`` until it is cancelled."""

    seconds: float = 0.0
    fail: bool = False
    full: bool = False  #: fails because there is no room left
    starve: bool = False  #: fails because the device's memory ran out
    peak_bytes: int = 0  #: memory it says it needed
    transient: bool = False
    lose: bool = False
    stall: bool = False
    deaf: bool = False  #: finishes although it was cancelled
    lie: Lie = ""
    preview: bool = False
    content: str = ""  #: instead of what follows from the step


@dataclass
class FakeExecutor:
    """An executor without a service.  Its lists may be read while it runs; appending is atomic."""

    name: str = "fake"
    slots: int = 1
    kinds: Collection[Kind] = ALL_KINDS
    fidelity: Fidelity = Fidelity.FULL
    device: str = "fake"
    budget_bytes: int = 8 * 2**30
    seconds: float = 0.0
    models: frozenset[ModelId] = frozenset()
    script: Mapping[str, list[Act]] = field(default_factory=dict)
    refusal: str | None = None
    #: what ``reattach`` answers, by ticket id; "finish" makes the file and ends the work
    remembers: Mapping[str, Literal["finish", "gone"]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)  #: step ids, as they were finished
    begun: list[str] = field(default_factory=list)  #: step ids, as they were begun
    tickets: list[Ticket] = field(default_factory=list)
    freed: list[frozenset[ModelId] | None] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)  #: +1 and -1
    most_busy: int = 0
    closed: bool = False
    in_hand: int = 1

    def devices(self) -> tuple[Device, ...]:
        return (Device(id=DeviceId(self.device), budget_bytes=self.budget_bytes),)

    def services(self) -> tuple[Service, ...]:
        return (
            Service(
                id=ServiceId(self.name),
                executor=self.name,
                device=DeviceId(self.device),
                unload="selective",
                slots=self.slots,
                in_hand=self.in_hand,
                capabilities=frozenset(self.kinds),
            ),
        )

    def addresses(self) -> tuple[str, ...]:
        return ()

    def identify(self, address: str) -> Service | None:
        return self.services()[0] if address == self.name else None

    def health(self, service: Any) -> Health:
        return Health()

    def offer(self, want: Want) -> tuple[Option, ...]:
        return (self.option(),) if want.kind in self.kinds else ()

    def option(self, **changed: Any) -> Option:
        given: dict[str, Any] = {
            "executor": self.name,
            "fidelity": self.fidelity,
            "seconds": self.seconds,
            "models": self.models,
        }
        return Option(**{**given, **changed})

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        del step, option, service
        return self.refusal

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        self.begun.append(ticket.step)
        self.tickets.append(ticket)
        self.busy.append(1)
        self.most_busy = max(self.most_busy, sum(self.busy))
        try:
            acts = self.script.get(ticket.step, [])
            act = acts[min(ticket.attempt, len(acts)) - 1] if acts else Act(seconds=self.seconds)
            self._play(act, work, ticket, emit, cancel)
        finally:
            self.busy.append(-1)

    def _play(self, act: Act, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        step = ticket.step
        emit(Accepted(step=step))
        if act.preview:
            picture = ticket.folder / "preview.png"
            picture.write_bytes(b"picture")
            emit(Previewed(step=step, path=picture))
        if act.seconds:
            emit(Progressed(step=step, fraction=0.5, note="half way"))
            cancel.wait(act.seconds)
        if act.stall:
            cancel.wait()
        if cancel.is_set() and not act.deaf:
            emit(Cancelled(step=step))
        elif act.lie == "raise":
            raise ZeroDivisionError("the fake broke")
        elif act.lie == "silent":
            return
        elif act.lose:
            error = ServiceLost("The fake went away.", remedy="Bring it back.")
            emit(Lost(step=step, service=work.service.id, error=error))
        elif act.full:
            no_room = StorageFull("No room for the fake.", remedy="Make some.")
            emit(Failed(step=step, error=no_room))
        elif act.starve:
            starved = OutOfMemory("The fake ran out of memory.", remedy="Give it more.")
            emit(Failed(step=step, error=starved))
        elif act.fail:
            emit(Failed(step=step, error=failure(), transient=act.transient))
        else:
            self._produce(act, work.step, ticket, emit)

    def _produce(self, act: Act, step: Step, ticket: Ticket, emit: Emit) -> None:
        produced = make(step, ticket, act)
        if act.lie != "nothing":
            emit(produced)
        self.done.append(ticket.step)
        emit(Finished(step=ticket.step, seconds=act.seconds, peak_bytes=act.peak_bytes))
        if act.lie == "twice":
            emit(Finished(step=ticket.step))
        if act.lie == "late":
            emit(Failed(step=ticket.step, error=failure()))

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Found:
        del cancel
        known = self.remembers.get(ticket.id, "")
        if known == "gone":
            return Gone()
        if known != "finish":
            return Unknown()
        path = ticket.folder / "result.bin"
        path.write_bytes(b"remembered")
        emit(Produced(step=ticket.step, path=path, bytes=0, content=""))
        return Finished(step=ticket.step)

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        del service
        self.freed.append(models)

    def close(self) -> None:
        self.closed = True


def failure() -> MovieDirectorError:
    """The error a failing act fails with."""
    return StepFailed("The fake failed on command.", remedy="Tell it not to.")


def make(step: Step, ticket: Ticket, act: Act) -> Produced:
    """A file whose bytes follow from what is wanted and from the contents of its parents."""
    parents = {id: artifact.content for id, artifact in sorted(ticket.inputs.items())}
    content = act.content or f"{step.kind} {step.intent} {digest(parents)}\n"
    path = ticket.folder / f"result{step.place.suffix}"
    if act.lie == "outside":
        path = ticket.folder.parent.parent / "outside.bin"
    if act.lie != "missing":
        path.write_text("" if act.lie == "empty" else content, encoding="utf-8")
    size = len(content) + 7 if act.lie == "size" else 0
    known = file_digest(path) if act.lie == "" else ""
    return Produced(
        step=step.id, path=path, bytes=size, content=known, facts={"seconds": 1.5},
        recipe={"fake": "1"},
    )  # fmt: skip


# --- small films ------------------------------------------------------------------------


def step(
    id: str,
    *,
    kind: Kind = CLIP,
    options: tuple[Option, ...] = (Option(executor="fake"),),
    order: int = 0,
    place: Place | None = None,
    label: str = "",
    **inputs: Any,
) -> Step:
    """A step, ``"shot:clip"``; its intent is not known until it is in a ``program``.

    One without inputs wants something of its own.
    """
    node = id.rpartition(":")[0] or id
    inputs = inputs or {"text": id}
    return Step(
        id=StepId(id),
        node=NodeId(node),
        kind=kind,
        label=label or id,
        inputs=inputs,
        after=frozenset(ref.step for ref in references(inputs)),
        options=options,
        order=order,
        intent=digest(id),
        place=place
        or Place(scene="scene", shot=node.replace("/", "_"), stem="clip", suffix=".bin"),
    )


def made(id: str) -> ArtifactRef:
    """What the step of that id will make."""
    return ArtifactRef(step=StepId(id))


def program(steps: Iterable[Step]) -> Program:
    """Steps in order as a program, intents and orders filled in."""
    done: dict[StepId, Step] = {}
    for order, each in enumerate(steps):
        intents = {id: other.intent for id, other in done.items()}
        text = spelled(each.inputs, intents)
        for ref in references(each.inputs):
            assert ref.step in done, f"{each.id} comes before {ref.step}"
        intent = digest({"kind": each.kind, "inputs": _by_intent(text)})
        done[each.id] = replace(each, order=order, intent=intent)
    return Program(steps=done, film=FilmSettings(), output=NodeId("out"))


def _by_intent(value: Any) -> Any:
    """Spelled inputs without the ids of steps: those count for nothing."""
    if isinstance(value, dict):
        return {key: _by_intent(item) for key, item in value.items() if key != "$made"}
    if isinstance(value, list):
        return [_by_intent(item) for item in value]
    return value


def small_film(lines: Mapping[str, str], options: tuple[Option, ...] | None = None) -> Program:
    """For each name a spoken line and its shot; then the cut, the mix and the film."""
    ways = options or (Option(executor="fake"),)
    steps: list[Step] = []
    for name, text in lines.items():
        speech = f"{name}/line:speech"
        place = Place(scene=name, shot="dialogue", stem="line", suffix=".wav")
        steps.append(step(speech, kind=SPEECH, options=ways, line=text, place=place))
        place = Place(scene=name, shot="shot", stem="clip", suffix=".mp4")
        steps.append(step(f"{name}/shot:clip", options=ways, lines=[made(speech)], place=place))
    speeches = {f"{name}/line:speech": made(f"{name}/line:speech") for name in lines}
    clips = {f"{name}/shot:clip": made(f"{name}/shot:clip") for name in lines}
    place = Place(stem="cut", suffix=".json")
    steps.append(step("out:cut", kind=CUT, options=ways, lines=speeches, place=place))
    place = Place(stem="mix", suffix=".wav")
    steps.append(
        step("out:mix", kind=MIX, options=ways, cut=made("out:cut"), sounds=speeches, place=place)
    )
    place = Place(stem="film", suffix=".mp4", final=True)
    steps.append(
        step(
            "out:film",
            kind=FILM,
            options=ways,
            cut=made("out:cut"),
            mix=made("out:mix"),
            clips=clips,
            quality="draft",
            place=place,
        )
    )
    return program(steps)


# --- running ----------------------------------------------------------------------------


def finish(run: Run, *, timeout: float = 20.0) -> list[Change]:
    """Drain a started run to its end; what changed, in order.

    Raises:
        AssertionError: it does not end in time; says where it stands.
    """
    changes: list[Change] = []
    deadline = time.monotonic() + timeout
    while True:
        changes.extend(run.drain())
        if run.done:
            changes.extend(run.drain())
            return changes
        assert time.monotonic() < deadline, f"still running: {run.progress}; {changes[-5:]}"
        run.wait(0.05)


def files_in(root: Path) -> dict[str, bytes]:
    """Every file below ``root`` but the project's own folder, by path; a run may be under way."""
    found = {}
    # The own folder is not entered: its tickets come and go while one looks.
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if name != ".movie-director"]
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return dict(sorted(found.items()))


def artifacts_of(found: Mapping[StepId, Artifact], root: Path) -> dict[str, str]:
    """Paths of artifacts from ``root``, by step."""
    return {id: artifact.path.relative_to(root).as_posix() for id, artifact in found.items()}
