# SPDX-License-Identifier: GPL-3.0-or-later
"""An executor whose services are Gradio apps.

A plain function of such an app cannot be stopped: what is given up goes on there.  Then the helper
process stays with it, which keeps its place in the app's queue, so that the next piece does not
run beside it and the health of the service can tell the truth.
"""

from __future__ import annotations

import logging
import time
from abc import abstractmethod
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

from ...core.address import parse_address
from ...core.errors import MissingLibrary, ServiceError
from ...core.executor import CancelFlag, Health, Setup
from ...core.helper_environment import helper_python
from ...core.patience import Operation, Patience
from ...core.step import Service, Step
from .._helper import Helper, Task
from .._http import Ask, Http, Stopped
from .._service import Errand, Found, Served
from .call import CALL, SILENCE_S, answered, arguments, posted
from .page import Endpoint, Page, page_at

__all__ = ["GradioServed"]

log = logging.getLogger(__name__)

#: Seconds between two looks at what was given up.
POLL_S = 0.5
#: Seconds that a helper process may take to load its library, on a machine that is busy.
_IMPORT_S = 60.0
#: How long what was given up at a Gradio 3 app is said to go on; nobody can be asked, seconds.
_SUPPOSED_S = 120.0
_GOES_ON = "still makes what was given up: it cannot be stopped"
_STOPS = "was told to stop what was given up"


class GradioServed(Served):
    """Calls one endpoint for each file, one at a time."""

    #: The endpoint that stops what runs; "" where the app has none.
    interrupt = ""

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        super().__init__(setup, patience)
        self._helper = Helper()
        # What goes on after it was given up, by address.  Whoever takes a task owns it.
        self._left: dict[str, SimpleQueue[Task]] = {}
        # At Gradio 3 nothing can be asked: the moment until which it is supposed to go on.
        self._supposed: dict[str, float] = {}

    @abstractmethod
    def endpoint(self, page: Page) -> Endpoint | None:
        """The endpoint that makes what we want, by which the app is known; None for other apps.

        Raises:
            Incompatible: it is our app, and cannot be used as it is.
        """

    @abstractmethod
    def found(self, page: Page, endpoint: Endpoint) -> Found:
        """What such an app can do; the page and the endpoint are put beside its facts."""

    def recognise(self, http: Http) -> Found | None:
        """An app whose page has our endpoint."""
        page = page_at(http)
        endpoint = self.endpoint(page) if page is not None else None
        if page is None or endpoint is None:
            return None
        found = self.found(page, endpoint)
        return Found(
            name=found.name,
            version=f"Gradio {page.version}",
            kinds=found.kinds,
            models=found.models,
            facts={**found.facts, "page": page, "endpoint": endpoint},
        )

    def feel(self, http: Http) -> Health:
        """Whether it answers; a page's smallest part is asked for."""
        http.ask(
            Ask(
                method="GET",
                path="/favicon.ico",
                operation=Operation.HEALTH,
                accept=(200, 404, 405),
            )
        )
        base = http.address.base
        left = self._still_busy(base)
        if left or time.monotonic() < self._supposed.get(base, 0.0):
            return Health(waiting=max(left, 1), note=_STOPS if self.interrupt else _GOES_ON)
        return Health()

    def health(self, service: Service) -> Health:
        """How it is; libraries that are missing are said."""
        health = super().health(service)
        found = self._found.get(parse_address(service.address).base)
        missing = _missing(found)
        return Health(waiting=health.waiting, note=missing) if missing else health

    def unwilling(self, step: Step, found: Found) -> str | None:
        """The libraries that speak to it are not installed."""
        del step
        return _missing(found) or None

    def close(self) -> None:
        """End helper processes and connections; what goes on at a service is left to it."""
        for queue in tuple(self._left.values()):
            while not queue.empty():
                queue.get().end()
        self._helper.close()
        super().close()

    def call(self, errand: Errand, found: Found, values: Sequence[Any]) -> list[Any]:
        """The outputs of our endpoint.  Errors of ``Http`` and ``Stopped``, and as ``call`` says."""
        page, endpoint = found.facts["page"], found.facts["endpoint"]
        self._wait_for_given_up(errand)
        if not page.for_client:
            return self._posted(errand, page, endpoint, values)
        headers = self._secrets.headers(errand.http.address)
        question = arguments(errand.http, headers, endpoint, values)
        task = self._helper.begin(CALL, question)
        errand.accepted()
        told = task.follow(errand.progress, errand.cancel, stall_s=2 * SILENCE_S + _IMPORT_S)
        if told is None:
            self._left.setdefault(errand.http.address.base, SimpleQueue()).put(task)
            self._interrupted(errand, page)
            raise Stopped
        return answered(told, errand.http)

    def _posted(
        self, errand: Errand, page: Page, endpoint: Endpoint, values: Sequence[Any]
    ) -> list[Any]:
        errand.accepted()
        errand.progress(0.0, "working; it does not say how far it is")
        try:
            return posted(errand, page, endpoint, values)
        except Stopped:
            if not self._interrupted(errand, page):
                self._supposed[errand.http.address.base] = time.monotonic() + _SUPPOSED_S
            raise

    def _interrupted(self, errand: Errand, page: Page) -> bool:
        """Whether the app was told to stop: those that can be have an endpoint for it."""
        endpoint = page.named(self.interrupt) if self.interrupt else None
        if endpoint is None or endpoint.inputs:
            return False
        try:
            # Not the errand's flag: it is set.
            errand.http.post(
                f"{page.prefix}/api/{endpoint.name}", {"data": []}, operation=Operation.HEALTH,
                cancel=CancelFlag(),
            )  # fmt: skip
        except ServiceError as error:
            log.warning("%s could not be told to stop: %s", errand.who, error)
            return False
        return True

    def _wait_for_given_up(self, errand: Errand) -> None:
        """Until what was given up has ended: the card is busy with it."""
        while self._still_busy(errand.http.address.base):
            errand.progress(0.0, "waiting: it still makes what was given up")
            errand.wait(POLL_S)

    def _still_busy(self, base: str) -> int:
        """How many pieces go on that were given up."""
        queue = self._left.get(base)
        if queue is None:
            return 0
        going: list[Task] = []
        try:
            while True:
                task = queue.get_nowait()
                if not task.over():
                    going.append(task)
        except Empty:
            for task in going:
                queue.put(task)
        return len(going)


def _missing(found: Found | None) -> str:
    """Why an app cannot be spoken to from here; "" where it can."""
    if found is None or not found.facts["page"].for_client:
        return ""
    try:
        helper_python()
    except MissingLibrary as error:
        return f"{error.what} {error.remedy}"
    return ""
