# SPDX-License-Identifier: GPL-3.0-or-later
"""Who could do a step: every option on every service that can, fits and does not refuse.

Only the best fidelity that can be had is kept.  Which of these ways is taken is decided for
the whole film at once, in ``planner``; who was passed over, and why, is remembered here.
Costs are those this machine taught; what is placed is the option as it was offered, or
corrections would add up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from .alike import Alike
from .amounts import amount
from .budget import Budget
from .errors import OutOfMemoryBudget, PlanError
from .step import (
    Device,
    DeviceId,
    Fidelity,
    Kind,
    ModelId,
    Option,
    Service,
    ServiceId,
    Step,
    StepId,
)

__all__ = ["Candidates", "Choice", "Costs", "Refuse", "Refused", "Spent", "Way"]

Refuse: TypeAlias = Callable[[Step, Option, Service], str | None]
#: What an option costs on a machine (its device's id): ``Learned.costs``.
Costs: TypeAlias = Callable[[str, Step, Option], Option]
#: A way that was tried and must not be tried again: the step's, on that service.
Spent: TypeAlias = tuple[StepId, ServiceId, Option]

#: Work of others that counts, in pieces: beyond, a server is simply busy.
MOST_WAITING = 9

NOT_ALLOWED = "the node allows nothing simpler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Who was passed over (a service, or an executor without one), and why.

    ``needs`` is given when it was for lack of memory: bytes beside what services hold idle.
    """

    who: str
    why: str
    option: Option
    needs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One option on services where it costs the same; ``cost`` is the option as corrected."""

    option: Option
    cost: Option
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The ways left for one step, best first; ``waiting`` is the work each service has already.

    ``because`` says why those that are passed over for the film's sake are; "" where none is.
    """

    step: Step
    ways: tuple[Way, ...]
    refused: tuple[Refused, ...]
    waiting: Mapping[ServiceId, int] = field(default_factory=dict)
    because: str = ""

    @property
    def fidelity(self) -> Fidelity:
        """What each of these ways gives."""
        return self.ways[0].option.fidelity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One service for one option: what it costs there, or why it never comes into question."""

    service: Service
    cost: Option
    refused: Refused | None


def _shape(step: Step) -> tuple[str, ...] | None:
    """The step's size as part of a key."""
    size = step.inputs.get("size")
    return tuple(map(str, size)) if isinstance(size, list | tuple) else None


class Candidates:
    """Asks for one step after the other; remembers those that nobody can do."""

    def __init__(
        self,
        devices: Mapping[DeviceId, Device],
        services: Collection[Service],
        refuse: Refuse,
        sizes: Mapping[ModelId, int],
        *,
        costs: Costs | None = None,
        budgets: Mapping[DeviceId, Budget] | None = None,
        spent: Collection[Spent] = (),
        waiting: Mapping[ServiceId, int] | None = None,
    ) -> None:
        self._refuse = refuse
        self._waiting = {id: count for id, count in (waiting or {}).items() if count > 0}
        self._sizes = sizes
        self._costs = costs
        self._budgets = budgets or {}
        self._spent = frozenset(spent)
        self._able: dict[tuple[str, Kind], list[Service]] = {}
        self._room: dict[ServiceId, int] = {}
        self._home = {service.id: service.device for service in services}
        idle: dict[DeviceId, int] = {}
        for service in services:
            idle[service.device] = idle.get(service.device, 0) + service.idle_bytes
            for kind in service.capabilities:
                self._able.setdefault((service.executor, kind), []).append(service)
        for service in services:
            budget = devices[service.device].budget_bytes
            self._room[service.id] = budget - idle[service.device]
        #: Cards that nobody knows the size of.
        self._unread = {
            id for id, device in devices.items()
            if device.gpu and not device.budget_bytes and id not in self._budgets
        }  # fmt: skip
        self._weights: dict[frozenset[ModelId], int] = {}
        self._corrected: dict[tuple[DeviceId, Kind, object, Option], Option] = {}
        self._known: dict[tuple[int, Kind, object], tuple[Option, tuple[_Judged, ...]]] = {}
        self._chosen: dict[Hashable, Choice] = {}
        self._alike = Alike()
        #: Steps that nobody can do, by kind, with what was said.
        self.unable: dict[Kind, list[tuple[Step, str]]] = {}

    def choose(self, step: Step) -> Choice | None:
        """The ways of the best fidelity there is today; None when nobody can do the step.

        Raises:
            OutOfMemoryBudget: memory alone is lacking.
        """
        key = None if self._spent else self._alike.key(step)
        known = self._chosen.get(key) if key else None
        if known is None:
            known = self._weighed(step)
            if key and known.ways:
                self._chosen[key] = known
        if not known.ways:
            self._nobody(step, known.refused)
            return None
        return replace(known, step=step)

    def _weighed(self, step: Step) -> Choice:
        """The ways of the best fidelity, and who is passed over."""
        refused: list[Refused] = []
        ways: list[Way] = []
        settled: set[tuple[str, ...]] = set()
        for option in sorted(step.options, key=lambda option: -option.fidelity):
            if ways and option.fidelity < ways[0].option.fidelity:
                break
            groups: dict[Option, list[Service]] = {}
            for service, cost in self._willing(step, option, refused):
                if (way := _way_there(option, service.id)) in settled:
                    continue
                settled.update((way,) if way else ())
                groups.setdefault(cost, []).append(service)
            for cost, services in groups.items():
                ways.append(Way(option=option, cost=cost, services=tuple(services)))
        refused += self._lesser(step, ways, refused) if ways else ()
        return Choice(step=step, ways=tuple(ways), refused=tuple(refused), waiting=self._waiting)

    def _lesser(
        self, step: Step, ways: Sequence[Way], refused: Collection[Refused]
    ) -> list[Refused]:
        """What those that were passed over could give instead, where looks would be kept less well."""
        best = ways[0].option.fidelity
        below = [
            option
            for option in step.options
            if option.note and Fidelity.STAND_IN < option.fidelity < min(best, Fidelity.SMALLER)
        ]
        if not below:
            return []
        found = {service.id for way in ways for service in way.services}
        passed = {one.who for one in refused} - found
        lesser: list[Refused] = []
        for option in sorted(below, key=lambda option: -option.fidelity):
            for service, _ in self._willing(step, option, []) if passed else ():
                if service.id in passed:
                    passed.remove(service.id)
                    lesser.append(
                        Refused(
                            who=service.id, why=f"there it would be {option.note}", option=option
                        )
                    )
        return lesser

    def refused(self, step: Step) -> tuple[Refused, ...]:
        """Who was passed over for a step that nobody can do, and why; the best way first."""
        refused: list[Refused] = []
        for option in sorted(step.options, key=lambda option: -option.fidelity):
            refused += self._passed(step, option)
        return tuple(refused)

    def _passed(self, step: Step, option: Option) -> list[Refused]:
        passed: list[Refused] = []
        for _ in self._willing(step, option, passed):
            pass
        return passed

    def room(self, service: ServiceId) -> int:
        """Bytes a way may take there, beside what services hold idle."""
        return self._room[service]

    def ways_out(self, needs: int, service: ServiceId) -> tuple[str, ...]:
        """What would give a way that takes ``needs`` bytes its room there; imperatives, none known: ()."""
        budget = self._budgets.get(self._home[service])
        if budget is None:
            return ()
        return tuple(budget.ways_to(needs + budget.bytes - self._room[service]))

    def best_fidelity(self, step: Step) -> Fidelity:
        """What the step's result could be today; a stand-in when nobody can do it."""
        for option in sorted(step.options, key=lambda option: -option.fidelity):
            if any(True for _ in self._willing(step, option, [])):
                return option.fidelity
        return Fidelity.STAND_IN

    def _willing(
        self, step: Step, option: Option, refused: list[Refused]
    ) -> Iterator[tuple[Service, Option]]:
        """Who would do it so, and what it costs there; the others go to ``refused``."""
        judged = self._judged(step, option)
        if not judged:
            refused.append(Refused(who=option.executor, why="no service for it", option=option))
        for each in judged:
            if each.refused is not None:
                refused.append(each.refused)
                continue
            why = self._spent_there(step, each.service, option)
            why = why or self._refuse(step, option, each.service)
            if why is None:
                yield each.service, each.cost
            else:
                refused.append(Refused(who=each.service.id, why=why, option=option))

    def _judged(self, step: Step, option: Option) -> tuple[_Judged, ...]:
        """What holds for every step of that kind and size; found once, since films repeat themselves."""
        key = (id(option), step.kind, _shape(step))
        known = self._known.get(key)
        if known is None:
            able = self._able.get((option.executor, step.kind), ())
            judged = tuple(self._judge(step, option, service) for service in able)
            # With the option itself, so that no other ever has its id.
            known = self._known[key] = (option, judged)
        return known[1]

    def _judge(self, step: Step, option: Option, service: Service) -> _Judged:
        cost = self.cost(step, option, service)
        needs = self._lacking(step, option, service)
        why = self._never(option) or (self._cramped(needs, service) if needs else None)
        refused = Refused(who=service.id, why=why, option=option, needs=needs) if why else None
        return _Judged(service=service, cost=cost, refused=refused)

    def _never(self, option: Option) -> str | None:
        """Why this is not even looked at."""
        if not option.allowed:
            return NOT_ALLOWED
        unknown = sorted(model for model in option.models if model not in self._sizes)
        return f"the size of the model '{unknown[0]}' is not known" if unknown else None

    def _spent_there(self, step: Step, service: Service, option: Option) -> str | None:
        spent = self._spent and (step.id, service.id, option) in self._spent
        return "it was tried and failed" if spent else None

    def cost(self, step: Step, option: Option, service: Service) -> Option:
        """The option with the time and memory it takes there, as experience has corrected."""
        if self._costs is None:
            return self._queued(self._trusted(option, service), service)
        key = (service.device, step.kind, _shape(step), option)
        known = self._corrected.get(key)
        if known is None:
            known = self._corrected[key] = self._costs(str(service.device), step, option)
        return self._queued(self._trusted(known, service), service)

    def _trusted(self, cost: Option, service: Service) -> Option:
        """Who keeps its memory itself is trusted to on a card that nobody knows the size of."""
        trusted = service.unload == "self" and service.device in self._unread
        return replace(cost, work_bytes=0) if trusted and cost.work_bytes else cost

    def _queued(self, cost: Option, service: Service) -> Option:
        """As long as others keep a queue there, each piece of ours waits for as many of theirs."""
        waiting = self._waiting.get(service.id, 0)
        if not waiting:
            return cost
        return replace(cost, seconds=cost.seconds * (1 + min(waiting, MOST_WAITING)))

    def needs(self, step: Step, option: Option, service: Service) -> int:
        """Bytes that this way of doing a step takes, beside what services hold when idle."""
        return self._weight(option.models) + self.cost(step, option, service).work_bytes

    def _weight(self, models: frozenset[ModelId]) -> int:
        known = self._weights.get(models)
        if known is None:
            known = self._weights[models] = sum(self._sizes.get(model, 0) for model in models)
        return known

    def _lacking(self, step: Step, option: Option, service: Service) -> int:
        """Bytes it needs where that is more than there is; else 0."""
        needs = self.needs(step, option, service)
        return needs if needs > self._room[service.id] else 0

    def _cramped(self, needs: int, service: Service) -> str:
        lack = amount(needs - self._room[service.id])
        return f"it needs more memory than there is: {amount(needs)}, {lack} more than may be used"

    def _nobody(self, step: Step, refused: Sequence[Refused]) -> None:
        tight = [
            (one.needs - self._room[id], one.needs, id)
            for one in refused
            if one.needs and one.option.allowed
            for id in (ServiceId(one.who),)
        ]
        if tight:
            _, needs, id = min(tight)
            remedy = self._way_out(needs, id, refused)
            raise OutOfMemoryBudget(step.node, needs=needs, budget=self._room[id], remedy=remedy)
        said = "; ".join(dict.fromkeys(f"{one.who}: {one.why}" for one in refused))
        self.unable.setdefault(step.kind, []).append((step, said))

    def _way_out(self, needs: int, id: ServiceId, refused: Sequence[Refused]) -> str:
        """What would make it fit: a setting, and what that saves; "" when none is known."""
        ways = []
        simpler = [one for one in refused if one.why == NOT_ALLOWED and not one.needs]
        if simpler:
            note = simpler[0].option.note or "something simpler"
            ways.append(f"allow something simpler on its Backend node ({note})")
        ways += self.ways_out(needs, id)
        if not ways:
            return ""
        said = "; or ".join(ways)
        return f"{said[0].upper()}{said[1:]}."

    def check(self) -> None:
        """Complain about the steps that nobody can do.

        Raises:
            PlanError: there are some; names every kind and why services refused.
        """
        if not self.unable:
            return
        kinds = ", ".join(f"{kind} ({len(found)})" for kind, found in self.unable.items())
        reasons = dict.fromkeys(why for found in self.unable.values() for _, why in found if why)
        said = "".join(f" {why}." for why in list(reasons)[:3])
        first = next(iter(self.unable.values()))[0][0]
        raise PlanError(
            f"Nothing here can do this kind of work: {kinds} steps.{said}",
            remedy=remedy_of(said),
            where=first.node,
        )


def _way_there(option: Option, service: ServiceId) -> tuple[str, ...]:
    """The same for options of which the first that fits is the best; () where each counts.

    Ways down come best first, not quickest; what is whole and the very same work comes again where
    its models take turns, which is for cards that cannot hold them together.
    """
    if option.fidelity < Fidelity.FULL:
        return (service, option.workflow if option.fidelity.enough else "")
    return (service, option.workflow, option.precision) if option.workflow else ()


def remedy_of(said: str) -> str:
    """What to do about a step that services refused with these words."""
    if "is not known" in said:
        return (
            "Write its size in bytes into footprints.yaml in your data folder, under 'bytes' "
            "(docs/footprints.md says where that is)."
        )
    return "Choose another service on the Backend node, or start one that can do it."
