# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a step cannot be made as asked with the services there are: one ``Lack`` for each reason.

The question is put to the same ``Candidates`` that a plan is made of, so the doctor and the plan
never differ.  What a service itself lacks, its executor says (``lack.Lacks``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .amounts import amount
from .candidates import NOT_ALLOWED, Candidates, Refused, remedy_of
from .conforming import CONFORMING
from .errors import OutOfMemoryBudget, Unauthorised
from .executor import Want
from .lack import Cause, Lack
from .offers import AUTOMATIC
from .service_state import State, Watched
from .step import Kind, NodeId, Option, Service, ServiceId, Step

__all__ = ["Ward", "asked_of", "state_lacks"]

#: Kinds of work in people's words.
_WORDS: Mapping[Kind, str] = {
    Kind("clip"): "makes clips", Kind("still"): "makes pictures", Kind("speech"): "speaks lines", Kind("sound"): "makes sounds",
    Kind("ambience"): "makes ambiences", Kind("music"): "makes music",
    Kind("voice_conversion"): "takes lines over into trained voices",
    Kind("voice_training"): "learns voices from recordings",
    Kind("lora_training"): "learns characters from pictures",
    Kind("view"): "shows places from other angles",
    Kind("interpolation"): "makes the frames that clips lack", Kind("upscale"): "enlarges clips",
}  # fmt: skip
#: States that a person wants to know of although nobody named the place.
_TOLD = frozenset({State.UNAUTHORISED, State.INCOMPATIBLE, State.STALLED, State.LOST, State.HELD})


def asked_of(want: Want, executor: str) -> bool:
    """Whether a wish may go to services of this executor."""
    return want.backend.get("service", AUTOMATIC) in (AUTOMATIC, executor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """What there is to work with.

    ``services`` are those at addresses; ``lacks`` asks one what it lacks for a step; ``installs``
    names what can be installed, by kind of work; ``states`` are the places that are not ready.
    """

    candidates: Candidates
    services: Collection[Service]
    lacks: Callable[[Want, Step, Service], Sequence[Lack]]
    installs: Mapping[Kind, Sequence[str]]
    states: Sequence[Lack]

    def look(self, step: Step, want: Want) -> tuple[tuple[Lack, ...], bool]:
        """What is missing for a step, and whether it is made well enough without."""
        refused: Sequence[Refused] = ()
        enough = built_in = False
        try:
            choice = self.candidates.choose(step)
        except OutOfMemoryBudget:
            refused = self.candidates.refused(step)
        else:
            refused = choice.refused if choice else self.candidates.refused(step)
            # Frames that are repeated keep no film from being final: what is missing would better it.
            enough = choice is not None and (choice.fidelity.enough or step.kind in CONFORMING)
            built_in = choice is not None and not any(
                service.address for way in choice.ways for service in way.services
            )
        if (enough and not built_in) or step.kind not in self.installs:
            return ((), True) if enough else (self._with(self._other(refused), step), False)
        if enough and (want.own or want.backend.get("service", AUTOMATIC) != AUTOMATIC):
            return (), True
        found = tuple(self._reasons(step, want, refused))
        if not found and not enough:
            found = tuple(self._other(refused))
        return self._with(found, step), enough

    def _with(self, lacks: Iterator[Lack] | Sequence[Lack], step: Step) -> tuple[Lack, ...]:
        nodes: tuple[NodeId, ...] = (step.node, *step.also)
        return tuple(replace(each, nodes=nodes) for each in lacks)

    def _reasons(self, step: Step, want: Want, refused: Sequence[Refused]) -> Iterator[Lack]:
        mine = [each for each in self.services if asked_of(want, each.executor)]
        told: set[ServiceId] = set()
        mendable = False
        for service in mine:
            for lack in self.lacks(want, step, service):
                told.add(service.id)
                mendable = True
                yield lack
        for one in refused:
            there = [each for each in mine if each.id == one.who]
            if not there or there[0].id in told or one.why == NOT_ALLOWED:
                continue
            told.add(there[0].id)
            mendable = mendable or bool(one.needs)
            yield self._tight(step, one, there[0]) if one.needs else _said(one, there[0])
        able = any(step.kind in each.capabilities for each in mine)
        # Who is there and will never do it is no reason not to name those who would.
        if not mendable and (told or not able):
            yield from self.states
            yield self._nobody(step.kind, want, other=bool(told))

    def _nobody(self, kind: Kind, want: Want, *, other: bool) -> Lack:
        names = [each for each in self.installs[kind] if asked_of(want, each)]
        names = names or list(self.installs[kind])
        fixes = tuple(f"movie-director services install {name}" for name in names)
        ready = "that is ready " if self.states else ""
        which = "other service" if other else "service"
        what = f"No {which} {ready}here {_WORDS.get(kind, f'does {kind} work')}."
        return Lack(cause="service", what=what, fixes=fixes)

    def _tight(self, step: Step, one: Refused, service: Service) -> Lack:
        room = self.candidates.room(service.id)
        name = "/".join(filter(None, (one.option.workflow, one.option.precision)))
        what = f"{service.name or service.id} may use {amount(room)}; {name} takes {amount(one.needs)}."
        fixes = self.candidates.ways_out(one.needs, service.id)
        fitting = self._fitting(step, service)
        if fitting is not None:
            note = fitting.note or f"{fitting.workflow} {fitting.precision}".strip()
            fixes = (f"Allow something simpler on the Backend node: {note}", *fixes)
        smaller = "Make it shorter or smaller, or use a service on a larger card"
        return Lack(cause="memory", what=what, fixes=fixes or (smaller,), bytes=one.needs - room)

    def _fitting(self, step: Step, service: Service) -> Option | None:
        """The best way that fits there, allowed or not."""
        room = self.candidates.room(service.id)
        ways = (each for each in step.options if each.executor == service.executor)
        fits = (way for way in ways if self.candidates.needs(step, way, service) <= room)
        return max(fits, key=lambda way: way.fidelity, default=None)

    def _other(self, refused: Sequence[Refused]) -> Iterator[Lack]:
        said = "; ".join(dict.fromkeys(f"{one.who}: {one.why}" for one in refused))
        what = f"Nothing here can do it ({said})." if said else "Nothing here can do it."
        yield Lack(cause="refused", what=what, fixes=(remedy_of(said),))


def _said(one: Refused, service: Service) -> Lack:
    what = f"{service.name or service.id} at {service.address} cannot do it: {one.why}."
    return Lack(cause="refused", what=what, fixes=(remedy_of(one.why),))


def state_lacks(places: Collection[Watched]) -> Iterator[Lack]:
    """The places that a person named or would use, and that are not ready."""
    for each in sorted(places, key=lambda each: each.address):
        if each.state.usable or not (each.named or each.state in _TOLD):
            continue
        error = each.error
        what = f"{each.address}: {each.state.value}."
        fix = "Start it; movie-director services shows when it answers"
        if error is not None:
            what, fix = f"{each.address}: {each.state.value}. {error.what}", error.remedy
        elif each.state is State.HELD:
            fix = f"movie-director services --add {each.address}"
        yield Lack(cause=_cause(each), what=what, fixes=(fix,))


def _cause(watched: Watched) -> Cause:
    if watched.state is State.HELD:
        return "permission"
    wants_token = watched.state is State.UNAUTHORISED or isinstance(watched.error, Unauthorised)
    return "token" if wants_token else "state"
