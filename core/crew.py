# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers of one run: one for each step a service is given at once, hired when first needed."""

from __future__ import annotations

import time
from collections.abc import Mapping

from .errors import PlanError
from .executor import Executor
from .step import Service, ServiceId
from .worker import Outbox, Worker

__all__ = ["Crew"]


class Crew:
    """Owned by the run; only messages reach the threads."""

    def __init__(
        self,
        executors: Mapping[str, Executor],
        services: Mapping[ServiceId, Service],
        outbox: Outbox,
    ) -> None:
        self._executors = executors
        self._services = services
        self._outbox = outbox
        self._workers: dict[ServiceId, list[Worker]] = {}

    def idle(self, service: ServiceId) -> Worker:
        """A worker of the service with nothing to do; the first one when all are busy.

        Raises:
            PlanError: the plan names an executor that is not here.
        """
        workers = self._workers.setdefault(service, [])
        for worker in workers:
            if worker.idle:
                return worker
        found = self._services[service]
        if len(workers) >= found.at_once:
            return workers[0]
        executor = self._executors.get(found.executor)
        if executor is None:
            raise PlanError(
                f"The plan names the executor '{found.executor}', which is not here.",
                remedy="Plan again.",
            )
        worker = Worker(executor, found, len(workers), self._outbox)
        workers.append(worker)
        return worker

    def end(self) -> None:
        """Let every thread end after what it is doing.  Safe to call twice."""
        for workers in self._workers.values():
            for worker in workers:
                worker.end()

    def join(self, timeout: float) -> bool:
        """Whether every thread has ended within ``timeout`` seconds in all."""
        deadline = time.monotonic() + timeout
        ended = [
            worker.join(max(0.0, deadline - time.monotonic()))
            for workers in self._workers.values()
            for worker in workers
        ]
        return all(ended)
