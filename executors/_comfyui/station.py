# SPDX-License-Identifier: GPL-3.0-or-later
"""A server we know: its connections, and what it was found to have.

Sockets are kept between prompts, read all the while, and each serves one prompt at a time.
What a server has (version, node classes, files of weights) is looked at when it is identified,
for a plan asks no server.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import ServiceError, ServiceLost
from ...core.patience import Operation
from ...core.step import Device, DeviceId
from .line import Line
from .server import Memory, Server, Stats

__all__ = ["Known", "Station", "device_of"]

log = logging.getLogger(__name__)

#: Seconds for which what a server has is believed: people add models while it runs.
KNOWN_S = 60.0
_WEIGHTS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
#: How long it is waited for that memory is given back, and how often it is looked at, seconds.
FREE_S, _LOOK_S = 20.0, 0.5
#: What a process keeps on a card whatever it unloads: its context and small change.
_KEPT = 768 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a server has.  ``classes`` and ``files`` None: not known."""

    version: str = ""
    classes: frozenset[str] | None = None
    files: frozenset[str] | None = None
    at: float = field(default=0.0, compare=False)


class Station:
    """A server with its connections.  ``line`` is taken by several threads, each its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.known = Known()
        self._lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._used: set[str] = set()  #: ids of sockets that are lent; changed in one step each
        self._closed = False

    @contextmanager
    def line(self, client: str = "") -> Iterator[Line]:
        """A socket that listens; it may be closed where none could be opened.

        ``client`` is the id under which a prompt was sent: the server tells nobody else of it.
        """
        line = self._taken(client)
        self._used.add(line.client)
        try:
            yield line
        except BaseException:
            self._used.discard(line.client)
            line.close()
            raise
        self._used.discard(line.client)
        if line.open and not self._closed:
            line.rest()
            self._lines.put(line)
        else:
            line.close()

    def _taken(self, client: str) -> Line:
        # Two sockets of one id deafen each other: who still has it keeps it.
        client = "" if client in self._used else client
        found = self._kept(client)
        if found is not None:
            found.listen()
            return found
        line = Line(self.server.address, self.server.headers, client)
        try:
            line.connect()
        except ServiceLost as error:
            log.info("%s", error)  # queue and history are enough
        return line

    def _kept(self, client: str) -> Line | None:
        """A socket that waits for work, of that id where one is given."""
        others: list[Line] = []
        found: Line | None = None
        while found is None and not self._lines.empty():
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                break
            if not line.open:
                line.close()
            elif client in ("", line.client):
                found = line
            else:
                others.append(line)
        for each in others:
            self._lines.put(each)
        return found

    def examine(self, stats: Stats) -> None:
        """Look at what it has, unless that was just done."""
        now = time.monotonic()
        known = self.known
        if known.version == stats.version and known.at and now - known.at < KNOWN_S:
            return
        classes = files = None
        try:
            info = self.server.http.get_json("/object_info", operation=Operation.HEALTH)
            if isinstance(info, Mapping) and info:
                classes, files = frozenset(map(str, info)), frozenset(_files(info))
        except ServiceError as error:
            log.info("what it has is not known: %s", error)
        self.known = Known(version=stats.version, classes=classes, files=files, at=now)

    def free(self) -> None:
        """Have it give its memory back, and wait until it has.

        Raises:
            ServiceError: it does not answer, or keeps the memory.
        """
        before = self._memory()
        self.server.free()
        if before is None or before.type == "cpu" or before.held <= _KEPT:
            return  # main memory comes and goes by itself; a card that holds nothing has none to give
        until = time.monotonic() + FREE_S
        while time.monotonic() < until:
            time.sleep(_LOOK_S)
            after = self._memory()
            if after is None or after.held <= _KEPT or after.held <= before.held // 4:
                return
        raise ServiceError(
            f"{self.server.http.who} did not give its memory back within {FREE_S:.0f} s.",
            remedy="Wait until it has finished what it is doing, or restart it.",
        )

    def _memory(self) -> Memory | None:
        stats = self.server.stats()
        return stats.devices[0] if stats is not None and stats.devices else None

    def close(self) -> None:
        """End the connections; those in use end with their work."""
        self._closed = True
        while not self._lines.empty():
            self._lines.get().close()
        self.server.close()


def _files(info: Mapping[str, Any]) -> Iterator[str]:
    """Every name of a file of weights that a node offers to choose."""
    for node in info.values():
        inputs = node.get("input") if isinstance(node, Mapping) else None
        for group in inputs.values() if isinstance(inputs, Mapping) else ():
            for spec in group.values() if isinstance(group, Mapping) else ():
                for choice in _choices(spec):
                    if isinstance(choice, str) and choice.lower().endswith(_WEIGHTS):
                        yield choice


def _choices(spec: Any) -> list[Any]:
    """What can be chosen, in the older form of a list and the newer one of options."""
    if not isinstance(spec, list) or not spec:
        return []
    if isinstance(spec[0], list):
        return spec[0]
    options = spec[1].get("options") if len(spec) > 1 and isinstance(spec[1], Mapping) else None
    return options if isinstance(options, list) else []


def device_of(server: Server, stats: Stats) -> Device:
    """The memory it works in: its first device; the machine's own where that is the CPU."""
    host = "localhost" if server.address.loopback else server.address.host
    memory = stats.devices[0] if stats.devices else None
    if memory is None or memory.type == "cpu":
        id = "cpu" if host == "localhost" else f"{host}/cpu"
        total = memory.total if memory is not None else 0
        return Device(id=DeviceId(id), host=host, budget_bytes=total)
    return Device(
        id=DeviceId(f"{host}/{memory.type}:{memory.index or 0}"),
        host=host,
        budget_bytes=memory.total,
        gpu=memory.name,
        free_bytes=memory.free,
    )
