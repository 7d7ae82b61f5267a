# SPDX-License-Identifier: GPL-3.0-or-later
"""The composition root: everything a film needs, put together once.

The rooms below know nothing of each other; here the catalogue of node types, the
executors found in their folder and the writers of finished files meet.  The
Python API, the command line and Blender's session all open a ``Studio`` and so
behave alike.  What a person sees is theirs; nothing here talks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from . import executors as _executors
from .core import service_file
from .core.budget import Budget, Limits, Sampler
from .core.candidates import Candidates
from .core.cards import budgeted
from .core.compile import Files, Program, compile_graph
from .core.discovery import collect
from .core.errors import GraphError, StoreError
from .core.estimate import seconds_range
from .core.executor import Executor, Setup, Want
from .core.footprints import known_footprints
from .core.graph import GROUP, Graph
from .core.learning_file import Lessons
from .core.libraries import missing_library
from .core.machine import machine_cores, machine_memory
from .core.node_type import Catalogue
from .core.offers import weighed
from .core.plan import Plan
from .core.plan import plan as _plan
from .core.run import Run
from .core.step import (
    Device,
    DeviceId,
    ModelId,
    Option,
    Service,
    ServiceId,
    Step,
)
from .core.store import Store
from .core.worker_watch import Seen
from .executors._finding import Finder, devices_of, usable
from .executors._keyring import Keyring, secrets_here
from .executors._nvml import Nvml
from .executors.animatic import NAME as ANIMATIC
from .node_types import catalogue

__all__ = ["Studio", "belongs", "machine_cores", "machine_memory", "results_folder"]

#: The node types whose parameters hold for the whole film, and where it comes out.
PROJECT, OUTPUT = "project", "output"
#: What is used of the machine's memory: a quarter stays for the system and Blender.
MEMORY_SHARE = 0.75


class Studio:
    """A machine ready to make films.  Owned by one thread; close it, or use it in ``with``.

    ``executors`` by name, ``services`` and ``devices`` are what there is to work with (``refresh``
    adds those that ``finder`` found; ``seen`` is all it knows of them);
    ``keyring`` is where tokens of services are kept;
    ``lessons`` are what earlier runs on this machine taught, ``cards`` what their driver says.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        executors: Mapping[str, Executor],
        keyring: Keyring | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.keyring = keyring or Keyring()
        self.executors = executors
        self._own_services: tuple[Service, ...] = tuple(
            service for executor in executors.values() for service in executor.services()
        )
        here = (device for executor in executors.values() for device in executor.devices())
        self._own_devices = {device.id: device for device in here}
        self.services = self._own_services
        self.devices: tuple[Device, ...] = tuple(self._own_devices.values())
        self.finder = Finder(executors)
        self.seen = Seen(places={})
        self.lessons = Lessons()
        self._driver = Nvml()
        self.cards = Sampler(self._driver.read)
        self._files: dict[Path, Files] = {}
        self._last: Run | None = None
        self._resident: Mapping[ServiceId, frozenset[ModelId]] = {}

    @classmethod
    def open(cls, *, cores: int | None = None) -> Studio:
        """A studio with every executor of the package.  ``cores``: how many to use; all by default.

        Raises:
            MissingLibrary: one of the package's libraries cannot be loaded.
        """
        try:
            from .timeline import WRITERS  # loads fonts and codecs: not for who only reads a graph

            found = collect(_executors, "EXECUTOR", type)
        except ImportError as error:
            missing = missing_library(error)
            if missing is None:
                raise
            raise missing from error
        keyring = Keyring()
        setup = Setup(
            cores=cores or machine_cores(),
            memory_bytes=int(machine_memory() * MEMORY_SHARE),
            writers=WRITERS,
            secrets=secrets_here(keyring),
            patience=service_file.load().patience,
        )
        return cls(catalogue(), {name: found[name](setup) for name in found}, keyring)

    def refresh(self, wait_s: float = 0.0) -> Seen:
        """Take over the services that are ready now; their states, and the news since last time.

        Begin with ``finder.start()``; ``wait_s`` is how long to wait at most for those that are
        still connecting; a keyring that has to be asked first gets a while more.
        """
        more_s = self.keyring.wait_s if wait_s else 0.0
        before, self.seen = self.seen, self.finder.seen(wait_s + more_s)
        if before.places is self.seen.places:
            return self.seen
        found = usable(self.seen)
        own = {service.id for service in self._own_services}
        self.services = (*self._own_services, *(each for each in found if each.id not in own))
        devices = {device.id: device for device in devices_of(self.seen)}
        self.devices = tuple({**devices, **self._own_devices}.values())
        return self.seen

    def look_again(self) -> Seen:
        """Read anew which addresses the user named, and look wherever nobody is; returns at once."""
        self.keyring.renew()
        self.finder.start()
        self.finder.ask_anew()
        return self.refresh()

    def ask_anew(self, address: str) -> Seen:
        """Ask one place again at once, with the token that is kept for it now."""
        self.keyring.renew()
        self.finder.start()
        self.finder.ask_anew(address)
        return self.refresh()

    def offer(self, want: Want) -> tuple[Option, ...]:
        """Every way the executors here know to do ``want``, each executor's best first."""
        options = tuple(option for each in self.executors.values() for option in each.offer(want))
        return weighed(want, options, self.services, ANIMATIC)

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        """Why ``service`` cannot do this now, or None."""
        return self.executors[service.executor].refuse(step, option, service)

    def compile(self, graph: Graph, base: Path, *, output: str = "", node: str = "") -> Program:
        """The steps of a film whose relative paths are meant from ``base``.

        ``node`` may also be an Output, with its own film's settings, or a group: then the
        whole film is compiled, and planning keeps what the group needs.  Errors are those of ``compile_graph``.
        """
        files = self._files.setdefault(base, Files(base))
        kind = graph.node(node).type if node else ""
        if kind == OUTPUT:
            output, node = node, ""
        elif kind == GROUP:
            node = ""
        return compile_graph(
            graph, self.catalogue, offer=self.offer, files=files, output=output, node=node
        )

    def store(self, graph: Graph, folder: Path) -> Store:
        """The results in ``folder``, within the Project's storage limit.  Touches nothing yet.

        Raises:
            StoreError: ``folder`` is, or would lie in, a file.
        """
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not there.is_dir():
            raise StoreError(
                f"'{there}' is a file, so results cannot lie in '{folder}'.",
                remedy="Choose another folder for the results.",
            )
        params = {**self.catalogue[PROJECT].defaults, **_project_params(graph)}
        limit = round(params["storage_limit"] * 2**30)
        return Store(folder, project=params["title"], limit_bytes=limit)

    def plan(
        self,
        program: Program,
        store: Store,
        *,
        force: bool = False,
        node: str = "",
        vram_bytes: int | None = None,
        limits: Limits | None = None,
    ) -> Plan:
        """What will be done, where and why.

        ``force`` makes everything anew, or with ``node`` that node's own results.
        ``vram_bytes`` plans as if no device had more memory; ``limits`` are the film's own.
        """
        steps = program.steps
        mine = frozenset(id for id, step in steps.items() if belongs(step, node))
        if node and not steps:
            raise GraphError(
                f"There is nothing to make for '{node}'.",
                remedy="Name a shot, a line, a sound, a sequence, a scene or the output.",
                where=node,
            )
        store.refresh()
        inside = any(step.node.startswith(f"{node}/") for step in steps.values())
        devices, budgets = self._budgeted(vram_bytes, limits or Limits(), steps.values())
        learned = self.lessons.learned
        plan = _plan(
            program,
            devices=devices,
            services=self.services,
            refuse=self.refuse,
            find=store.find,
            # A sequence without sound has no results of its own: then its shots are meant.
            force=(mine or frozenset(steps)) if force else frozenset(),
            only=node if node and inside else "",
            sizes=self._sizes(steps.values()),
            costs=learned.costs if learned.lessons else None,
            budgets=budgets,
            loaded=self._loaded(),
            waiting=self._waiting(),
        )
        figures = replace(plan.figures, seconds_range=seconds_range(plan, learned))
        return replace(plan, figures=figures)

    def candidates(self, program: Program, limits: Limits | None = None) -> Candidates:
        """Who could do the program's steps, as ``plan`` asks it."""
        steps = program.steps.values()
        devices, budgets = self._budgeted(None, limits or Limits(), steps)
        learned = self.lessons.learned
        return Candidates(
            {device.id: device for device in devices},
            self.services,
            self.refuse,
            self._sizes(steps),
            costs=learned.costs if learned.lessons else None,
            budgets=budgets,
            waiting=self._waiting(),
        )

    def _waiting(self) -> Mapping[ServiceId, int]:
        """The pieces of others' work each service has; not known while a run of ours goes on."""
        if self._last is not None and not self._last.done:
            return {}
        return {
            each.service.id: each.health.waiting
            for each in self.seen.places.values()
            if each.service is not None
        }

    def _loaded(self) -> Mapping[ServiceId, frozenset[ModelId]]:
        """What each service holds: what it says, else what the last run here left with it."""
        if self._last is not None:
            self._resident = self._last.resident
            self._last = None if self._last.done else self._last
        loaded = dict(self._resident)
        for each in self.seen.places.values():
            if each.service is not None and each.health.loaded:
                files = map(known_footprints().by_file, sorted(each.health.loaded))
                loaded[each.service.id] = frozenset(model.id for model in files if model)
        there = {service.id for service in self.services}
        return {id: models for id, models in loaded.items() if models and id in there}

    def _sizes(self, steps: Iterable[Step]) -> Mapping[ModelId, int]:
        """Bytes of every known model; nothing is read for a film that uses none."""
        return known_footprints().sizes if _heavy(steps) else {}

    def limits(self, graph: Graph) -> Limits:
        """What the Project settled for the GPUs' memory."""
        params = {**self.catalogue[PROJECT].defaults, **_project_params(graph)}
        return Limits(
            margin_share=params["vram_margin"] / 100,
            limit_bytes=round(params["vram_limit"] * 2**30),
        )

    def _budgeted(
        self, vram_bytes: int | None, limits: Limits, steps: Iterable[Step]
    ) -> tuple[tuple[Device, ...], dict[DeviceId, Budget]]:
        """The devices within their limits.  The driver is asked only where work is for a card."""
        ways = (option for step in steps for option in step.options)
        gpus = any(device.gpu for device in self.devices)
        gpus = gpus and any(way.models or way.work_bytes for way in ways)
        if vram_bytes is not None:
            both = min(filter(None, (limits.limit_bytes, vram_bytes)))
            limits = replace(limits, limit_bytes=both)
        devices, budgets = budgeted(
            self.devices,
            self._driver.read() if gpus else (),
            limits,
            services=self.services,
            ours=self._held() if gpus else {},
        )
        most = vram_bytes if vram_bytes is not None else sys.maxsize
        return tuple(
            replace(device, budget_bytes=min(device.budget_bytes, most)) for device in devices
        ), budgets

    def _held(self) -> Mapping[DeviceId, int]:
        """Bytes of each device that our services' models take: a plan may use them again."""
        home = {service.id: service.device for service in self.services}
        sizes, held = known_footprints().sizes, dict[DeviceId, int]()
        for id, models in self._loaded().items():
            held[home[id]] = held.get(home[id], 0) + sum(sizes.get(model, 0) for model in models)
        return held

    def run(self, plan: Plan, store: Store) -> Run:
        """A run of ``plan``, not started; the thread that starts it drains it."""
        # The driver is asked only when there is work for a card: that takes it a moment at first.
        heavy = any(placed.option.models for placed in plan.to_do)
        cards = self.cards if heavy else None
        self._last = Run(
            plan,
            self.executors,
            store,
            lessons=self.lessons,
            cards=cards,
            answers=self.finder.answers,
        )
        return self._last

    def close(self) -> None:
        """End every helper process and connection.  Safe to call twice."""
        self.finder.close()
        for executor in self.executors.values():
            executor.close()
        self.keyring.close()
        self._driver.close()

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _heavy(steps: Iterable[Step]) -> bool:
    """Whether any of the work may need models in a card's memory."""
    return any(option.models for step in steps for option in step.options)


def belongs(step: Step, node: str) -> bool:
    """Whether a step is ``node``'s, or lies in the group ``node``; every step is the film's, ""."""
    if not node:
        return True
    owners = (step.node, *step.also)
    return any(owner == node or owner.startswith(f"{node}/") for owner in owners)


def results_folder(graph: Graph, film: Path | None) -> Path:
    """Where a film's results lie: the Project's folder, else ``NAME_film`` beside ``film``.

    ``film`` is the .blend, script or graph file; None when there is none yet.  ``//`` and
    relative paths are meant from its folder.

    Raises:
        StoreError: the folder depends on where the file lies, and it was never saved.
    """
    folder = _project_params(graph).get("output_folder", "")
    if film is None:
        if folder and not folder.startswith("//") and Path(folder).is_absolute():
            return Path(folder)
        raise StoreError(
            "The film has not been saved yet, so there is no folder for its results.",
            remedy="Save the file, or give the Project an output folder.",
        )
    if folder:
        return Path(os.path.normpath(film.parent / folder.removeprefix("//")))
    return film.parent / f"{film.stem}_film"


def _project_params(graph: Graph) -> Mapping[str, Any]:
    """Parameters of the first Project that is not muted; none when there is none."""
    found = (node.params for node in graph.nodes if node.type == PROJECT and not node.muted)
    return next(found, {})
