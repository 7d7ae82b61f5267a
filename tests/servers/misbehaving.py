"""An HTTP server on a real socket that misbehaves on command.

Each path gets a list of *manners*, one for each time it is asked; the last one stays.  A manner is
called with the request and the raw connection and does as it likes with it: what a real server
would do by accident is done here on purpose.

    with Misbehaving() as server:
        server.on("/health", drop, answer(b"fine"))

``server.asked`` is what came, in order; ``server.connections`` how often somebody connected.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request as it came: ``headers`` by lower-case name."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def path(self) -> str:
        return self.target.split("?")[0]


@dataclass
class Line:
    """The connection a manner speaks on; ``over`` is set when the server closes."""

    sock: socket.socket
    over: threading.Event
    keep: bool = True
    lost: bool = field(default=False)

    def send(self, data: bytes) -> bool:
        """Whether anybody was still there to take it."""
        try:
            self.sock.sendall(data)
        except OSError:
            self.keep, self.lost = False, True
        return not self.lost


Manner = Callable[[Request, Line], None]


# --- manners --------------------------------------------------------------------------------


def answer(
    body: bytes = b"{}", status: int = 200, kind: str = "application/json", **headers: str
) -> Manner:
    """A good answer; ``headers`` with ``_`` for ``-``."""

    def manner(request: Request, line: Line) -> None:
        del request
        lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}"]
        if "Content_Length" not in headers:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        line.send("\r\n".join([*lines, "", ""]).encode() + body)

    return manner


def says(value: Any, status: int = 200) -> Manner:
    """A value as JSON."""
    return answer(json.dumps(value).encode(), status)


def drop(request: Request, line: Line) -> None:
    """Hang up without a word."""
    del request
    line.keep = False


def reset(request: Request, line: Line) -> None:
    """Hang up with a reset, as a killed process does."""
    del request
    line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.keep = False


def freeze(request: Request, line: Line) -> None:
    """Take the question and never answer."""
    del request
    line.over.wait()
    line.keep = False


def after(seconds: float, then: Manner) -> Manner:
    """Be slow."""

    def manner(request: Request, line: Line) -> None:
        line.over.wait(seconds)
        then(request, line)

    return manner


def truncated(body: bytes, promised: int) -> Manner:
    """Promise more than comes."""

    def manner(request: Request, line: Line) -> None:
        answer(body, Content_Length=str(promised))(request, line)
        line.keep = False

    return manner


def endless(piece: bytes = b" " * 65536, head: str = "Content-Type: application/json") -> Manner:
    """A body that never ends; the other side has to hang up."""

    def manner(request: Request, line: Line) -> None:
        del request
        line.send(f"HTTP/1.1 200 Said\r\n{head}\r\n\r\n".encode())
        while not line.over.is_set() and line.send(piece):
            pass
        line.keep = False

    return manner


def endless_chunk_size(request: Request, line: Line) -> None:
    """A chunk whose length never ends."""
    endless(b"0" * 65536, "Transfer-Encoding: chunked")(request, line)


def endless_headers(request: Request, line: Line) -> None:
    """A line of the head that never ends."""
    del request
    line.send(b"HTTP/1.1 200 Said\r\nX-Long: ")
    while not line.over.is_set() and line.send(b"x" * 65536):
        pass
    line.keep = False


def trickle(pause: float, data: bytes = b"HTTP/1.1 200 Said\r\nX-Slow: " + b"x" * 9999) -> Manner:
    """One byte at a time (slow-loris)."""

    def manner(request: Request, line: Line) -> None:
        del request
        for at in range(len(data)):
            if line.over.wait(pause) or not line.send(data[at : at + 1]):
                break
        line.keep = False

    return manner


def gzip_bomb(megabytes: int) -> Manner:
    """Zeros, packed a thousand times smaller."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packing.compress(b"0" * 2**20) for _ in range(megabytes)) + packing.flush()
    return answer(packed, Content_Encoding="gzip")


def deep(levels: int) -> Manner:
    """JSON of nothing but brackets."""
    return answer(b"[" * levels + b"]" * levels)


def redirect(to: str, status: int = 302) -> Manner:
    """Lead elsewhere."""
    return answer(b"", status, Location=to)


def raw(data: bytes) -> Manner:
    """Whatever bytes, and hang up."""

    def manner(request: Request, line: Line) -> None:
        del request
        line.send(data)
        line.keep = False

    return manner


def echo(request: Request, line: Line) -> None:
    """Say back all that came, headers too: what a careless server does with a token."""
    said = {"path": request.target, "headers": request.headers, "length": len(request.body)}
    answer(json.dumps(said).encode(), 400)(request, line)


# --- sockets --------------------------------------------------------------------------------


def stop_listening(listening: socket.socket, port: int) -> None:
    """Free the port, and wake the thread that waits there for a connection."""
    listening.close()
    with socket.socket() as knock:  # where closing does not wake it
        knock.settimeout(0.2)
        knock.connect_ex(("127.0.0.1", port))


def hang_up(socks: Iterable[socket.socket]) -> None:
    """End connections, whichever the other side has not ended first."""
    for sock in socks:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


# --- the server -----------------------------------------------------------------------------


class Misbehaving:
    """Listens on a free port of 127.0.0.1, or on ``port``; under TLS where a context is given."""

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Request] = []
        self.connections = 0
        self._manners: dict[str, list[Manner]] = {}
        self._frozen = threading.Event()
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()  # guards asked, connections, _manners and _lines
        self._scheme = "https" if tls else "http"
        self._tls = tls
        self.port = port
        self.open()

    def open(self) -> None:
        """Listen; one that died comes back at its port, and remembers what it is made to."""
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        if (
            self._tls is not None
        ):  # hands are shaken with the first read, on the connection's thread
            self._listening = self._tls.wrap_socket(
                self._listening, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def on(self, path: str, *manners: Manner) -> None:
        """How ``path`` behaves from now on, one time after another; "*" is every other path."""
        with self._lock:
            self._manners[path] = list(manners)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.asked]

    @property
    def open_lines(self) -> int:
        """How many connections there are now."""
        with self._lock:
            return len(self._lines)

    def freeze(self) -> None:
        """Stop answering, while connections stay and new ones are taken: a hung process."""
        self._frozen.set()

    def thaw(self) -> None:
        """Answer again."""
        self._frozen.clear()

    def close(self) -> None:
        """Die: hang up on everybody, and free the port."""
        self._over.set()
        self._frozen.clear()
        stop_listening(self._listening, self.port)
        with self._lock:
            lines = list(self._lines)
        hang_up(lines)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Misbehaving:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _listen(self) -> None:
        over, listening = self._over, self._listening
        while not over.is_set():
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._lines.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads = [each for each in self._threads if each.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        line = Line(sock, self._over)
        with sock, sock.makefile("rb") as file:
            while line.keep and not self._over.is_set():
                try:
                    request = _read(file)
                except (OSError, ValueError):
                    break
                if request is None:
                    break
                while self._frozen.is_set() and not self._over.wait(0.01):
                    pass
                self._manner(request)(request, line)
        with self._lock:
            self._lines.discard(sock)

    def _manner(self, request: Request) -> Manner:
        with self._lock:
            self.asked.append(request)
            manners = self._manners.get(request.path) or self._manners.get("*")
            if not manners:
                return answer(b"", 404)
            return manners.pop(0) if len(manners) > 1 else manners[0]


def _read(file: Any) -> Request | None:
    """The next request of a connection; None at its end."""
    first = file.readline()
    if not first.strip():
        return None
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers = dict(_headers(file))
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(_chunks(file))
    else:
        body = _whole(file, int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, time.monotonic())


def _whole(file: Any, length: int) -> bytes:
    """So many bytes; who hung up before the last asked for nothing."""
    found: bytes = file.read(length)
    if len(found) < length:
        raise ConnectionResetError("the request broke off")
    return found


def _line(file: Any) -> bytes:
    """A line of a request; who hung up before its end asked for nothing."""
    found: bytes = file.readline()
    if not found.endswith(b"\n"):
        raise ConnectionResetError("the request broke off")
    return found


def _headers(file: Any) -> Iterator[tuple[str, str]]:
    while (text := _line(file).decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        yield name.lower(), value.strip()


def _chunks(file: Any) -> Iterator[bytes]:
    while length := int(file.readline(), 16):
        yield _whole(file, length)
        file.readline()
    file.readline()


class Silent:
    """A port that swallows packets: it listens, and nobody ever takes a connection.

    The queue of the socket is filled, so on Linux a further connection is not even completed.
    """

    def __init__(self, port: int = 0) -> None:
        self._listening = socket.socket()
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listening.bind(("127.0.0.1", port))
        self._listening.listen(0)
        self.port = self._listening.getsockname()[1]
        self._waiting: list[socket.socket] = []
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.port))
            self._waiting.append(sock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *end: object) -> None:
        for sock in (*self._waiting, self._listening):
            sock.close()
