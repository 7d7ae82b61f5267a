# SPDX-License-Identifier: GPL-3.0-or-later
"""Find services, and keep an eye on them, with the executors there are.

*What* answers counts, not on which port: at every place, every executor is asked whether it knows
its own, those first that usually listen there.  A service that found its port taken listens on
one of the next: there, only those are asked who may have gone on to it.  Nothing beyond this machine is asked without a
person's yes, and nothing at all where network access is switched off.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ..core import service_file
from ..core.address import parse_address
from ..core.errors import (
    Incompatible,
    InputError,
    ServiceError,
    ServiceLost,
    StoreError,
    Unauthorised,
)
from ..core.executor import Executor, Health
from ..core.service_file import Services, Uptime
from ..core.service_state import Tell
from ..core.step import Device, Service, ServiceId
from ..core.worker_watch import Place, Seen, Watch
from ._http import knock

__all__ = ["OFF", "WALK", "Finder", "devices_of", "usable"]

log = logging.getLogger(__name__)

#: The environment variable that, set to "off", has us look for no services.
OFF = "MOVIE_DIRECTOR_SERVICES"
#: Seconds: a port that swallows packets gets this long to take a connection; executors are asked
#: in turn until this has gone by (one that hears nothing takes its 5 s).
_KNOCK_S, _ASK_S = 1.5, 3.0
#: Seconds more that are waited for a place that a person named: a busy machine takes some to say what
#: it is, each executor asks in turn, and a plan without it would be made by others.
_NAMED_S = 5.0
#: Seconds between two questions to a service that a run is waiting for.
_SOON_S = 1.0
#: How many ports after its usual one a service that found it taken may have gone on to: ComfyUI is
#: started again at 8189, Gradio takes 7861 by itself.
WALK = 3
#: For a device whose memory nobody tells.
_PLENTY = 1 << 50


class Finder:
    """Watches the usual places and those a person named.  Owned by one thread; close it.

    ``online`` says whether machines elsewhere may be asked at all (Blender's switch).
    """

    def __init__(
        self, executors: Mapping[str, Executor], *, online: bool = True, usual: bool = True
    ) -> None:
        """``usual`` looks where services listen unless told otherwise; nothing is asked yet."""
        self._executors = executors
        self._online = online
        self._off = os.environ.get(OFF, "").strip().lower() in ("off", "0", "no")
        self._usual = usual and not self._off
        #: Who may have gone on to a port that is nobody's usual one, and the places a person named.
        #: Both are replaced whole by the owner, and read by askers.
        self._walked: Mapping[str, frozenset[str]] = {}
        self._asked_for: frozenset[str] = frozenset()
        self._watch: Watch | None = None
        self._untold: tuple[Tell, ...] = ()  #: news that came while one service was asked after
        self._wanted_s = float("-inf")
        self.settled: Services = Services()  #: what the user's file said when it was last read

    def start(self) -> Seen:
        """Begin to watch, or read anew what the user settled; returns at once."""
        self.settled = Services() if self._off else service_file.load()
        places = self.places(self.settled)
        if self._watch is None and places:
            self._watch = Watch(self.look, self.feel)
        if self._watch is not None:
            self._watch.watch(places)
        return self.seen()

    def ask_anew(self, *addresses: str) -> None:
        """Ask these places, all without any, at once what is there, without waiting out their pause.

        Those that work can be sent to are asked all the while anyway.
        """
        if self._watch is not None:
            self._watch.ask(addresses or [place.address for place in self.places(self.settled)])

    def allow(self, online: bool) -> None:
        """Whether machines elsewhere may be asked from now on."""
        if online != self._online:
            self._online = online
            self.start()

    def seen(self, wait_s: float = 0.0) -> Seen:
        """All places as they are; after at most ``wait_s`` seconds, if some are still connecting.

        Those that a person named are waited for a while more: they are there, or say soon that not.
        """
        if self._watch is None:
            return Seen(places={})
        seen = self._watch.wait(wait_s, _NAMED_S) if wait_s else self._watch.drain()
        untold, self._untold = self._untold, ()
        return replace(seen, news=(*untold, *seen.news)) if untold else seen

    def answers(self, service: ServiceId, since_s: float) -> bool | None:
        """Whether a service has answered since then (``time.monotonic``); None: it is not watched.

        One that has not is asked again soon, without waiting out its pause.
        """
        if self._watch is None:
            return None
        seen = self._watch.drain()
        self._untold += seen.news
        found = (
            each for each in seen.places.values() if each.service and each.service.id == service
        )
        watched = next(found, None)
        if watched is None:
            return None
        if watched.state.usable and watched.heard_s > since_s:
            return True
        now = time.monotonic()
        if now - self._wanted_s >= _SOON_S:
            self._wanted_s = now
            self.ask_anew(watched.address)
        return False

    def close(self) -> None:
        """Stop watching, and keep how long each was up.  Safe to call twice."""
        if self._watch is None:
            return
        spent = {
            address: Uptime(up_s=each.up_s, seen_s=each.seen_s)
            for address, each in self._watch.drain().places.items()
            if each.seen_s
        }
        self._watch.close()
        self._watch = None
        if not spent:
            return
        try:
            service_file.change(lambda services: services.after(spent))
        except StoreError as error:
            log.warning("%s", error)

    # --- where ------------------------------------------------------------------------------

    def places(self, settled: Services) -> tuple[Place, ...]:
        """Where to look, named places first."""
        places = {each.address: self._named(each) for each in settled.named}
        self._asked_for = frozenset(places)
        if self._usual:
            self._walked = _walked(self._executors, settled.ignored)
            for text in (*_usual_places(self._executors), *self._walked):
                if text not in settled.ignored:
                    places.setdefault(text, Place(address=text))
        return tuple(places.values())

    def _named(self, named: service_file.Named) -> Place:
        refusal = None
        if not parse_address(named.address).loopback:
            refusal = self._refusal(named)
        return Place(address=named.address, named=True, refusal=refusal)

    def _refusal(self, named: service_file.Named) -> ServiceError | None:
        if not named.elsewhere:
            return ServiceError(
                f"{named.address} is not on this machine, and nobody allowed asking it.",
                remedy=f"Allow it: movie-director services --add {named.address} --elsewhere.",
            )
        if not self._online:
            return ServiceError(
                f"{named.address} is not on this machine, and online access is switched off.",
                remedy="Allow online access in Blender's preferences, under System.",
            )
        return None

    # --- what (on askers' threads) ------------------------------------------------------------

    def look(self, place: str) -> Service | None:
        """What answers at ``place``: the service of the first executor that knows it.

        Raises:
            Incompatible, Unauthorised: one knows it, and cannot use it as it is.
            ServiceLost: it takes connections and says nothing.
        """
        address = parse_address(place)
        if address.loopback and not knock(address, _KNOCK_S):
            return None
        ends = time.monotonic() + _ASK_S
        refusals: list[ServiceError] = []
        for executor in self._by_likelihood(address.base):
            service = self._identified(executor, address.base, refusals)
            if service is not None:
                return service
            if time.monotonic() > ends:
                refusals.append(_silent(address.base))
                break
        if refusals:
            # What one knows for sure comes before what several suppose.
            raise min(refusals, key=_supposition)
        return None

    def _identified(
        self, executor: Executor, base: str, refusals: list[ServiceError]
    ) -> Service | None:
        """What ``executor`` knows there; what it fails on is no reason not to ask the next one."""
        try:
            return executor.identify(base)
        except (Incompatible, Unauthorised) as error:
            refusals.append(error)
        except InputError as error:  # its token can be none
            refusals.append(Unauthorised(error.what, remedy=error.remedy))
        except ServiceError as error:
            if isinstance(error, ServiceLost) and error.silent:
                refusals.append(error)
            log.debug("'%s' could not say what %s is: %s", executor.name, base, error)
        except Exception:  # a bug of one executor; the others still find theirs
            log.exception("the executor '%s' broke at %s", executor.name, base)
        return None

    def feel(self, service: Service) -> Health:
        """How a service is.  Errors are those of ``Executor.health``."""
        return self._executors[service.executor].health(service)

    def _by_likelihood(self, base: str) -> list[Executor]:
        def unlikely(executor: Executor) -> bool:
            return base not in [parse_address(text).base for text in executor.addresses()]

        remote = [each for each in self._executors.values() if not each.services()]
        if base in self._walked and base not in self._asked_for:
            remote = [each for each in remote if each.name in self._walked[base]]
        return sorted(remote, key=unlikely)


def _usual_places(executors: Mapping[str, Executor]) -> Iterable[str]:
    for executor in executors.values():
        for text in executor.addresses():
            address = parse_address(text)
            if address.loopback:
                yield address.base


def _walked(
    executors: Mapping[str, Executor], ignored: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """The ports after the usual ones that are usual for nobody, and who may have gone on there.

    Nobody is followed from a place that a person does not want asked.
    """
    usual = set(_usual_places(executors))
    found: dict[str, set[str]] = {}
    for name, executor in executors.items():
        for text in _usual_places({name: executor}):
            address = parse_address(text)
            if text in ignored:
                continue
            for port in range(address.port + 1, min(address.port + WALK, 65535) + 1):
                base = replace(address, port=port).base
                if base not in usual:
                    found.setdefault(base, set()).add(name)
    return {base: frozenset(names) for base, names in found.items()}


def _supposition(error: ServiceError) -> int:
    """How far an error is from certainty about what answers."""
    if isinstance(error, Incompatible):
        return 0
    return 1 if isinstance(error, Unauthorised) else 2


def _silent(base: str) -> ServiceLost:
    error = ServiceLost(
        f"{base} takes connections and says nothing.",
        remedy="Wait if it works on something heavy; otherwise start it again.",
    )
    error.silent = True
    return error


def usable(seen: Seen) -> tuple[Service, ...]:
    """The services that work may be sent to, by address."""
    return tuple(
        each.service
        for _, each in sorted(seen.places.items())
        if each.state.usable and each.service is not None
    )


def devices_of(seen: Seen) -> tuple[Device, ...]:
    """The devices of usable services, as those tell them; one that several share, once."""
    found: dict[str, Device] = {}
    for each in seen.places.values():
        service = each.service
        if service is None or not each.state.usable:
            continue
        host = parse_address(each.address)
        device = Device(
            id=service.device,
            host="localhost" if host.loopback else host.host,
            gpu=service.gpu,
            budget_bytes=service.memory_bytes or (0 if service.gpu else _PLENTY),
            free_bytes=each.health.free_bytes or -1,
        )
        known = found.get(service.device)
        if known is None or device.budget_bytes > known.budget_bytes:
            found[service.device] = device
    return tuple(found.values())
