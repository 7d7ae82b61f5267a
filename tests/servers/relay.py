"""Passes bytes on to a server in another process, and does it badly on command.

A real server cannot be told to misbehave; what lies between us and it can.  Its address stays the
same while the server behind it is killed and started again elsewhere.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass

from .misbehaving import hang_up, stop_listening


@dataclass(frozen=True, kw_only=True)
class Bad:
    """What becomes of a connection: bytes of the answer before it is cut, seconds before it begins."""

    cut_after: int | None = None
    delay: float = 0.0


class Relay:
    """Listens on a port of 127.0.0.1 and connects on to ``target``, also a port there."""

    def __init__(self) -> None:
        self.port, self.target = 0, 0
        self._plans: list[Bad] = []
        self._socks: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()  # guards _plans, _socks and _threads

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self, target: int) -> None:
        """Listen, at the port of the first time, for the server at ``target``."""
        self.target = target
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        self._start(self._listen)

    def next(self, *plans: Bad) -> None:
        """What becomes of the next connections; those after them are well."""
        with self._lock:
            self._plans = list(plans)

    def hang_up(self) -> None:
        """Cut all connections."""
        with self._lock:
            socks = list(self._socks)
        hang_up(socks)

    def close(self) -> None:
        """Hang up on everybody, and free the port."""
        self._over.set()
        stop_listening(self._listening, self.port)
        with self._lock:
            threads, self._threads = self._threads, []
        while any(thread.is_alive() for thread in threads):
            self.hang_up()
            for thread in threads:
                thread.join(0.05)

    def _start(self, act: object, *arguments: object) -> None:
        thread = threading.Thread(target=act, args=arguments, daemon=True)  # type: ignore[arg-type]
        with self._lock:
            self._threads = [each for each in self._threads if each.is_alive()]
            self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        over, listening = self._over, self._listening
        while not over.is_set():
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            with self._lock:
                plan = self._plans.pop(0) if self._plans else Bad()
            self._start(self._carry, sock, plan)

    def _carry(self, near: socket.socket, plan: Bad) -> None:
        with near:
            if plan.delay:
                self._over.wait(plan.delay)
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5.0)
            except OSError:
                return
            with far:
                far.settimeout(None)
                with self._lock:
                    self._socks |= {near, far}
                back = threading.Thread(
                    target=self._pass, args=(far, near, plan.cut_after), daemon=True
                )
                back.start()
                self._pass(near, far, None)
                back.join()
                with self._lock:
                    self._socks -= {near, far}

    def _pass(self, one: socket.socket, other: socket.socket, most: int | None) -> None:
        """From one to the other until one hangs up, or ``most`` bytes have gone."""
        with contextlib.suppress(OSError):
            while not self._over.is_set() and (data := one.recv(65536)):
                if most is not None and len(data) >= most:
                    other.sendall(data[:most])
                    break
                most = None if most is None else most - len(data)
                other.sendall(data)
        hang_up((one, other))
