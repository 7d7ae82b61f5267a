# SPDX-License-Identifier: GPL-3.0-or-later
"""An executor whose services are found at addresses: everything but what is said to them.

A subclass recognises its kind of server, offers, and makes one file; how the ending is told, how
a file becomes a result and how an errand is taken up after a crash is the same for all.
"""

from __future__ import annotations

import errno
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ...core.address import Address, parse_address
from ...core.errors import (
    Incompatible,
    MovieDirectorError,
    ServiceError,
    ServiceLost,
    StorageFull,
    StoreError,
    Unauthorised,
)
from ...core.executor import (
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Health,
    Lost,
    Produced,
    Progressed,
    Running,
    Setup,
    Ticket,
    Unknown,
    Want,
)
from ...core.executor import Found as Answer
from ...core.patience import Patience
from ...core.step import (
    CLIP,
    SPEECH,
    Device,
    DeviceId,
    Kind,
    ModelId,
    Option,
    Placed,
    Service,
    ServiceId,
    Step,
)
from .._animatic.pool import Pool
from .._http import Http, Stopped
from .errand import Errand, Made, Work
from .finish import finish, still
from .letter import Letter, read_letter

__all__ = ["Found", "Served"]


#: What PyTorch calls a machine's first graphics card.
_FIRST_CARD = "cuda:0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was learned of a service when it was recognised.

    ``kinds`` it can do now; ``facts`` are the executor's own: voices, models.
    """

    name: str = ""
    version: str = ""
    kinds: frozenset[Kind]
    models: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


class Served(ABC):
    """Any thread may call; ``run`` is on ``in_hand`` threads at once for each service."""

    name: ClassVar[str]
    title: ClassVar[str]  #: how errors call the service
    usual: ClassVar[tuple[str, ...]]  #: where it listens unless told otherwise
    #: Whether it fills a graphics card: then it works on this machine's first one, as ComfyUI does,
    #: and not at the same time.  None says which card it uses, or how much of it.
    heavy: ClassVar[bool] = False
    #: How many steps it is given at once, though it does one at a time: ``Service.in_hand``.
    in_hand: ClassVar[int] = 1

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        self._secrets = setup.secrets
        self._patience = patience or setup.patience
        self._pool = Pool()
        # Each is written whole and never taken back, so a reader sees the old or the new one.
        self._https: dict[str, Http] = {}
        self._former: list[Http] = []
        self._found: dict[str, Found] = {}

    # --- what a kind of service is ------------------------------------------------------

    @abstractmethod
    def recognise(self, http: Http) -> Found | None:
        """What answers, if it is ours.  Errors of ``Http`` may be raised."""

    @abstractmethod
    def offer(self, want: Want) -> tuple[Option, ...]:
        """The ways this kind of service could do ``want``, best first."""

    @abstractmethod
    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Have the file made.  Errors of ``Http`` and ``Stopped`` may be raised."""

    @abstractmethod
    def feel(self, http: Http) -> Health:
        """How a service is: one question that costs it nothing.  Errors of ``Http`` may be raised."""

    def unwilling(self, step: Step, found: Found) -> str | None:
        """Why a service that was found cannot do this step."""
        del step, found
        return None

    def take_up(self, errand: Errand, letter: Letter) -> Work | None:
        """How to go on with an errand that an earlier run left; None where nothing is known of it."""
        del errand, letter
        return None

    # --- what is the same for all -------------------------------------------------------

    def devices(self) -> tuple[Device, ...]:
        """None: each service found has its own, since none says what it holds of which."""
        return ()

    def services(self) -> tuple[Service, ...]:
        """None: they are looked for."""
        return ()

    def addresses(self) -> tuple[str, ...]:
        """Where such services listen unless told otherwise."""
        return self.usual

    def identify(self, address: str) -> Service | None:
        """What answers at ``address``, if it is ours.

        Raises:
            Unauthorised: something answers that wants a token.
            Incompatible: it is ours, and cannot be used as it is.
        """
        place = parse_address(address)
        try:
            found = self.recognise(self._http_anew(place))
        except (Unauthorised, Incompatible):
            raise
        except ServiceError:
            return None
        return None if found is None else self._remembered(place, found)

    def health(self, service: Service) -> Health:
        """How it is, by one light question.

        Raises:
            ServiceError: it does not answer, or not as it should.
        """
        return self.feel(self.http(parse_address(service.address)))

    def refuse(self, step: Step, option: Option, service: Service) -> str | None:
        """Why ``service`` cannot do this now, or None."""
        del option
        inputs = step.inputs
        if inputs.get("recording") or (step.kind == CLIP and inputs.get("media")):
            return "your own file is used as it is"
        if step.kind == SPEECH and "fit" in inputs:
            return "a line that was said is fitted on this machine"
        found = self._found.get(service.address)
        if found is None:
            return "nobody has looked at it yet"
        if step.kind not in found.kinds:
            return "it has no model for that"
        return self.unwilling(step, found)

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        """Have it made, fetched and brought into the film's form."""
        http = self.http(parse_address(work.service.address))
        errand = Errand.at(http, work, ticket, emit, cancel)

        def make() -> Made:
            found = self._found.get(work.service.address) or self.recognise(http)
            if found is None:
                raise _changed(errand)
            return self.produce(errand, work.option, found)

        self._carry_out(errand, work.service.id, make)

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Answer:
        """Go on with what was left, where its service still knows of it.

        A service that cannot be asked is ``Lost``: what it has is not known, so nothing is sent anew.
        """
        letter = read_letter(ticket.folder)
        if letter is None:
            return Unknown()
        http = self.http(parse_address(letter.address))
        errand = Errand.again(http, letter, ticket, emit, cancel)
        try:
            work = self.take_up(errand, letter)
        except Stopped:
            emit(Cancelled(step=ticket.step))
            return Running()
        except ServiceError as error:
            lost = _placed(error, errand)
            emit(Lost(step=ticket.step, service=self._id(http.address), error=lost))
            return Running()
        if work is None:
            return Unknown()
        self._carry_out(errand, self._id(http.address), work)
        return Running()

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        """Nothing: these services keep their memory themselves."""
        del service, models

    def close(self) -> None:
        """End helper processes and connections."""
        self._pool.close()
        for http in (*self._https.values(), *self._former):
            http.close()

    def still(self, errand: Errand, clip: Path) -> Path:
        """The last frame of a clip, as a picture.  Errors as ``finish``."""
        return still(self._pool, errand, clip)

    def http(self, place: Address) -> Http:
        """Whom to ask at ``place``; connections are kept."""
        http = self._https.get(place.base)
        if http is None:
            http = self._https.setdefault(place.base, self._connection(place))
        return http

    def _http_anew(self, place: Address) -> Http:
        """The same, with another token where it was given another one since."""
        http = self.http(place)
        if http.headers == self._secrets.headers(place):
            return http
        self._former.append(http)  # somebody may be speaking through it
        http = self._https[place.base] = self._connection(place)
        return http

    def _connection(self, place: Address) -> Http:
        headers = self._secrets.headers(place)
        return Http(place, name=self.title, headers=headers, patience=self._patience)

    def _id(self, place: Address) -> ServiceId:
        return ServiceId(f"{self.name}@{place.place}{place.path}")

    def _remembered(self, place: Address, found: Found) -> Service:
        id, base = self._id(place), place.base
        self._found[base] = found
        host = "localhost" if place.loopback else place.host
        return Service(
            id=id,
            executor=self.name,
            address=base,
            device=DeviceId(f"{host}/{_FIRST_CARD}" if self.heavy else str(id)),
            gpu=_FIRST_CARD if self.heavy else "",
            in_hand=self.in_hand,
            capabilities=found.kinds,
            name=found.name or self.title,
            version=found.version,
            models=found.models,
        )

    def _carry_out(self, errand: Errand, service: ServiceId, work: Work) -> None:
        """Do it and tell how it ended, once."""
        began, step, emit = time.monotonic(), errand.ticket.step, errand.emit
        try:
            errand.check()
            made = work()
            done = finish(self._pool, errand, made)
            size = os.stat(done["path"]).st_size
        except Stopped:
            emit(Cancelled(step=step))
        except ServiceLost as error:
            emit(Lost(step=step, service=service, error=_placed(error, errand)))
        except MovieDirectorError as error:
            transient = bool(getattr(error, "transient", False))
            emit(Failed(step=step, error=_placed(error, errand), transient=transient))
        except OSError as error:
            emit(Failed(step=step, error=_unwritable(error, errand)))
        else:
            emit(
                Produced(
                    step=step,
                    path=errand.ticket.folder / os.path.basename(done["path"]),
                    bytes=size,
                    content="",
                    facts={**made.facts, **done["facts"]},
                    recipe={**done["recipe"], **made.recipe},
                )
            )
            emit(Progressed(step=step, fraction=1.0))
            seconds = max(0.0, time.monotonic() - began - errand.idle_s)
            emit(Finished(step=step, seconds=seconds))


def _unwritable(error: OSError, errand: Errand) -> MovieDirectorError:
    """A file of ours that could not be read or written."""
    kind = StorageFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError
    return kind(
        f"A file beside '{errand.ticket.folder.name}' could not be used ({error.strerror or error}).",
        remedy="Check that the output folder can be written and has room.",
        where=errand.node,
    )


def _placed(error: ServiceLost | MovieDirectorError, errand: Errand) -> Any:
    error.where = error.where or errand.node
    return error


def _changed(errand: Errand) -> ServiceError:
    return ServiceLost(
        f"{errand.who} is not there any more; something else answers.",
        remedy="Start the service again, or correct its address in the preferences.",
    )
