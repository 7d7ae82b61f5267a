# SPDX-License-Identifier: GPL-3.0-or-later
"""ComfyUI: shots, sounds and music by any workflow of the library, on servers of that kind.

Each piece of work goes out under an id of ours that is written down first, is followed by
socket, queue and history to its end, fetched, checked, and brought to the film's size and pace
in a helper process.  How a server is spoken to is in ``_comfyui``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from ..core.address import parse_address
from ..core.errors import (
    BadAnswer,
    InputError,
    MissingLibrary,
    MovieDirectorError,
    ServiceError,
    ServiceLost,
    ServiceRefused,
    Unauthorised,
)
from ..core.executor import (
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Found,
    Gone,
    Health,
    Lost,
    Running,
    Setup,
    Ticket,
    Unknown,
    Want,
)
from ..core.lack import Lack
from ..core.step import (
    CLIP,
    STILL,
    Device,
    ModelId,
    NodeId,
    Option,
    Placed,
    Service,
    ServiceId,
    Step,
    StepId,
)
from ..core.workflow import Workflow
from ._animatic.pool import Pool
from ._comfyui.build import built, nothing_lacks
from ._comfyui.carry import carry, part_file, produced
from ._comfyui.fitting import lora_names, unfit
from ._comfyui.follow import Pace, Vanished
from ._comfyui.jobs import Ended, Nowhere
from ._comfyui.lacks import lacks_of
from ._comfyui.server import Server
from ._comfyui.station import Station, device_of
from ._comfyui.task import read_task
from ._comfyui.ways import KINDS, NAME, Ways
from ._http import Stopped
from ._service import Errand
from ._service.finish import passed_on

Error = TypeVar("Error", bound=MovieDirectorError)

log = logging.getLogger(__name__)

#: Where ComfyUI listens unless told otherwise, and its desktop application.
PORTS = (8188, 8000)
#: Keys of a step's inputs that hold the user's own result.
_OWN = ("media", "recording")


class ComfyUI:
    """Owns connections and helper processes.  ``run`` is called on several worker threads.

    Stations are added by whoever identifies a server and never taken away before ``close``;
    adding to a dict is one step, so there is no lock here.
    """

    name = NAME

    def __init__(self, setup: Setup, *, ways: Ways | None = None, pace: Pace | None = None) -> None:
        self._secrets, self._patience = setup.secrets, setup.patience
        self._ways = ways or Ways()
        self._pace = pace or Pace()
        self._pool = Pool()
        self._stations: dict[str, Station] = {}
        self._former: list[Station] = []

    def devices(self) -> tuple[Device, ...]:
        """None: each server that is found tells its own."""
        return ()

    def services(self) -> tuple[Service, ...]:
        """None: servers are found, or named."""
        return ()

    def addresses(self) -> tuple[str, ...]:
        """Its usual ports on this machine."""
        return tuple(f"http://127.0.0.1:{port}" for port in PORTS)

    def identify(self, address: str) -> Service | None:
        """The server, if what answers ``/system_stats`` says that it is a ComfyUI."""
        station = self._station_anew(address)
        try:
            stats = station.server.stats()
        except Unauthorised:
            raise
        except ServiceError as error:
            log.debug("%s", error)
            return None
        if stats is None:
            return None
        station.examine(stats)
        device = device_of(station.server, stats)
        where = station.server.address
        return Service(
            id=ServiceId(f"{NAME}@{where.place}{where.path}"),
            executor=NAME,
            address=where.base,
            device=device.id,
            unload="all",
            capabilities=frozenset(KINDS),
            lacking=self._ways.unmade(station.known),
            name="ComfyUI",
            version=stats.version,
            models=tuple(sorted(station.known.files or ())),
            gpu=device.gpu,
            memory_bytes=device.budget_bytes,
        )

    def health(self, service: Service) -> Health:
        """How many prompts it has, and its memory."""
        server = self._station(service.address).server
        stats = server.stats()
        if stats is None:
            raise BadAnswer(
                f"{server.http.who} no longer answers as a ComfyUI.",
                remedy="Check what runs at that address.",
            )
        queue = server.queue()
        memory = stats.devices[0] if stats.devices else None
        return Health(
            waiting=len(queue.running) + len(queue.waiting),
            free_bytes=memory.free if memory else 0,
            total_bytes=memory.total if memory else 0,
            note=f"ComfyUI {stats.version}",
        )

    def offer(self, want: Want) -> tuple[Option, ...]:
        """What the workflows can do, once a server was found that has what they need.

        Where ComfyUI is asked for by name, also what no server has: then people learn why not.
        """
        named = want.backend.get("service", "auto")
        there = [each for each in self._stations.values() if each.known.version]
        known = tuple(dict.fromkeys(each.known for each in there))
        options = self._ways.offer(want, known) if there and named in ("auto", NAME) else ()
        if named == NAME:
            return options
        library = self._ways.library.workflows if options else {}
        return tuple(
            option
            for option in options
            if any(self._lacks(library[option.workflow], option, each) is None for each in there)
        )

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        """Why not: the user's own file, a picture too many or too few, models that are not there."""
        workflow = self._ways.library.workflows.get(option.workflow)
        if workflow is None:
            return f"there is no workflow '{option.workflow}'"
        if any(step.inputs.get(key) for key in _OWN):
            return "the node has a file of its own"
        why = unfit(workflow, step)
        if why is not None:
            return why
        station = self._stations.get(service.address)
        if station is None:
            return None
        return self._lacks(workflow, option, station) or _lacking_loras(workflow, step, station)

    def lacks(self, want: Want, step: Step, service: Service) -> tuple[Lack, ...]:
        """What the server lacks for the workflows that would make it best."""
        station = self._stations.get(service.address)
        if station is None or not station.known.version:
            return ()
        library = self._ways.library.workflows
        template = want.backend.get("template", "")
        if template not in library and want.backend.get("service") == NAME and template:
            fix = "Name another as the Backend node's template: movie-director workflow list"
            return (
                Lack(cause="refused", what=f"There is no workflow '{template}'.", fixes=(fix,)),
            )
        ways = [(library[option.workflow], option) for option in self._ways.offer(want)]
        fitting = [way for way in ways if unfit(way[0], step) is None]
        return lacks_of(fitting, step, service, station.known)

    def _lacks(self, workflow: Workflow, option: Option, station: Station) -> str | None:
        try:
            return _lacking(workflow, option, self._ways, station)
        except (InputError, MissingLibrary) as error:
            return f"its workflow cannot be used: {error.what}"

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        """Upload what is needed, send the prompt, follow it, fetch what it made.

        A clip that needs no conforming is passed on, and the server not asked.
        """
        step = work.step.id
        began = time.monotonic()

        def do() -> Finished:
            station = self._station(work.service.address)
            errand = Errand.at(station.server.http, work, ticket, emit, cancel)
            errand.check()
            if nothing_lacks(work, ticket):
                errand.accepted()
                emit(produced(passed_on(self._pool, errand), errand, {}))
                return Finished(step=step)
            task = built(work, ticket, station, self._pool, self._ways, cancel)
            emit(carry(task, errand, station, self._pool, self._pace, send=True))
            seconds = time.monotonic() - began
            return Finished(step=step, seconds=seconds, peak_bytes=errand.peak_bytes)

        ended = _told(do, step, work.service.id, work.step.node, emit)
        if ended is not None:
            emit(ended)

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Found:
        """Follow what still runs, fetch what has ended, and say what nobody knows any more."""
        task = read_task(ticket.folder)
        if task is None:
            return Unknown()
        station = self._station(task.address)
        try:
            where = station.server.where(task.prompt)
        except (ServiceError, Stopped) as error:
            if isinstance(error, Stopped):
                emit(Cancelled(step=ticket.step))
            else:
                emit(Lost(step=ticket.step, service=ServiceId(task.service), error=error))
            return Running()
        if isinstance(where, Nowhere):
            return Unknown()
        if isinstance(where, Ended) and not where.success:
            return Gone()
        if not all(part_file(ticket.folder, each).is_file() for each in range(task.number)):
            return Gone()

        def do() -> Finished:
            http, node = station.server.http, NodeId(task.node)
            errand = Errand(http, ticket, task.kind, node, task.inputs, emit, cancel)
            emit(carry(task, errand, station, self._pool, self._pace, send=False))
            return Finished(step=ticket.step, peak_bytes=errand.peak_bytes)

        ended = _told(do, ticket.step, ServiceId(task.service), task.node, emit)
        return ended if ended is not None else Running()

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        """Have the server unload all it holds; it knows no less."""
        del models
        self._station(service.address).free()

    def close(self) -> None:
        """End connections and helper processes."""
        for station in (*self._stations.values(), *self._former):
            station.close()
        self._pool.close()

    def _station(self, address: str) -> Station:
        """The station at an address, made when first asked for.

        Raises:
            InputError: it can be no address.
        """
        where = parse_address(address, port=PORTS[0])
        found = self._stations.get(where.base)
        if found is None:
            server = Server(where, self._secrets.headers(where), self._patience)
            found = self._stations.setdefault(where.base, Station(server))
        return found

    def _station_anew(self, address: str) -> Station:
        """The same, made anew where its server was given another token since.

        Raises:
            Unauthorised: its token cannot be had.
        """
        station = self._station(address)
        where = station.server.address
        headers = self._secrets.headers(where)
        if station.server.headers == headers:
            return station
        self._former.append(station)  # somebody may be speaking through it
        station = self._stations[where.base] = Station(Server(where, headers, self._patience))
        return station


EXECUTOR = ComfyUI


def _told(
    do: Callable[[], Finished], step: StepId, service: ServiceId, node: str, emit: Emit
) -> Finished | None:
    """What ``do`` gives; None when it ended otherwise, which was told."""
    try:
        return do()
    except Stopped:
        emit(Cancelled(step=step))
    except ServiceLost as error:
        emit(Lost(step=step, service=service, error=_at(error, node)))
    except Vanished as error:
        emit(Failed(step=step, error=error, transient=True))
    except ServiceRefused as error:
        emit(Failed(step=step, error=_at(error, node), transient=error.transient))
    except MovieDirectorError as error:
        emit(Failed(step=step, error=_at(error, node)))
    return None


def _at(error: Error, node: str) -> Error:
    error.where = error.where or node
    return error


def _lacking(workflow: Workflow, option: Option, ways: Ways, station: Station) -> str | None:
    """What the server does not have of what the workflow needs; None when it is not known."""
    known = station.known
    if needs := workflow.too_new(workflow.precision(option.precision), known.version):
        return f"its workflow needs ComfyUI {needs}; there is {known.version}"
    classes = ways.classes(option)
    if known.classes is not None and classes - known.classes:
        return f"it does not have the nodes {', '.join(sorted(classes - known.classes)[:3])}"
    if known.files is not None:
        lacking = [file for file in ways.files(option) if file not in known.files]
        if lacking:
            return f"it does not have {', '.join(lacking[:3])}"
    return None


def _lacking_loras(workflow: Workflow, step: Step, station: Station) -> str | None:
    """Which of the user's own LoRAs cannot be used there; None when all can."""
    if step.kind not in (CLIP, STILL):
        return None
    names, takes = lora_names(step.inputs), workflow.input("loras")
    if names and takes is None:
        return "its workflow takes no LoRA, and the shot has one"
    known = station.known.files
    missing = [name for name in names if known is not None and name not in known]
    return (
        f"it does not have the LoRA {', '.join(missing)} in its loras folder" if missing else None
    )
