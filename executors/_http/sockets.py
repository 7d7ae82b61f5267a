# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets that never wait longer than a moment without looking up.

A blocking socket hears neither the cancel flag nor a clock for the whole answer: a server that
sends one byte a minute holds it for ever.  These wait in slices, and between two slices ask the
``Watch`` of the thread that uses them: cancelled? too late? more bytes than agreed?  Everything
above them (requests, urllib3, TLS) stays as it is.
"""

from __future__ import annotations

import errno
import functools
import http.client
import os
import re
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import requests.adapters
import requests.utils
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from ...core.address import Address
from ...core.errors import InputError
from ...core.executor import CancelFlag

__all__ = ["Adapter", "Stopped", "TooMuch", "Watch", "knock", "watched"]

#: Seconds between two looks at the cancel flag: a quarter of the second that was promised.
SLICE = 0.25
#: Where a company's own certificates lie, as requests and curl know it.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


class Stopped(Exception):
    """The cancel flag was set while a service was waited for."""


class TooMuch(Exception):
    """More bytes came than were agreed."""


@dataclass(slots=True)
class Watch:
    """What one attempt at a question may take; owned by the thread that asks.

    ``ends`` and ``connect_s`` are seconds (of the monotonic clock, and for the connection);
    ``room`` counts down the bytes that may still come.  ``sent`` says whether any byte of the
    question left.
    """

    ends: float
    connect_s: float
    room: int
    cancel: CancelFlag | None = None
    sent: bool = False

    def look(self, ends: float | None = None) -> None:
        """Go on, or raise ``Stopped`` or ``TimeoutError``."""
        if self.cancel is not None and self.cancel.is_set():
            raise Stopped
        if time.monotonic() >= (self.ends if ends is None else ends):
            raise TimeoutError("timed out")

    def came(self, count: int) -> None:
        """So many bytes came."""
        self.room -= count
        if self.room < 0:
            raise TooMuch


class _Now(threading.local):
    watch: Watch | None = None


_now = _Now()


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Have this thread's sockets obey ``watch``; one question may be asked amid another's answer.

    The outer one is not obeyed while the inner one is asked, and again afterwards.
    """
    outer, _now.watch = _now.watch, watch
    try:
        yield watch
    finally:
        _now.watch = outer


def _look() -> None:
    if _now.watch is not None:
        _now.watch.look()


class _Sliced(socket.socket):
    """Waits in slices, whatever time it is given."""

    def settimeout(self, value: float | None) -> None:
        """At most a slice."""
        super().settimeout(SLICE if value is None else min(value, SLICE))

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        """What came, counted."""
        while True:
            _look()
            try:
                count = super().recv_into(*arguments, **named)
            except TimeoutError:
                continue
            if _now.watch is not None:
                _now.watch.came(count)
            return count

    def send(self, data: Any, flags: int = 0) -> int:
        """How much of ``data`` left."""
        while True:
            _look()
            if _now.watch is not None:
                _now.watch.sent = True
            try:
                return super().send(data, flags)
            except TimeoutError:
                continue


class _PlainSocket(_Sliced):
    """A TCP socket."""

    def sendall(self, data: Any, flags: int = 0) -> None:
        """All of ``data``; the one of C would wait unseen."""
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest, flags) :]


class _TlsSocket(_Sliced, ssl.SSLSocket):
    """A socket under TLS; its own ``sendall`` sends through ``send``."""

    def do_handshake(self, block: bool = False) -> None:
        """Agree on keys, in slices; nobody else closes it when that is given up."""
        try:
            while True:
                _look()
                try:
                    return super().do_handshake(block)
                except TimeoutError:
                    continue
        except BaseException:
            self.close()
            raise


@functools.cache
def _tls() -> ssl.SSLContext:
    """TLS that checks names and certificates, in sockets of ours.

    Raises:
        InputError: the authorities that the environment names cannot be read.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = True
    named = next((name for name in _BUNDLES if os.environ.get(name)), "")
    bundle = os.environ[named] if named else requests.utils.DEFAULT_CA_BUNDLE_PATH
    folder = os.path.isdir(bundle)
    try:
        context.load_verify_locations(None if folder else bundle, bundle if folder else None)
    except OSError as error:  # SSLError is one
        raise InputError(
            f"The certificates in '{bundle}' could not be read ({error.strerror or error}).",
            remedy=f"Correct the environment variable {named}." if named else "Install it again.",
        ) from error
    context.sslsocket_class = _TlsSocket
    return context


def knock(address: Address, seconds: float) -> bool:
    """Whether anybody takes a connection there within ``seconds``; nothing is said on it."""
    watch = Watch(ends=time.monotonic() + seconds, connect_s=seconds, room=0)
    with watched(watch):
        try:
            _connected(HTTPConnection(address.host, address.port)).close()
        except (ConnectTimeoutError, NewConnectionError):
            return False
    return True


def _connected(connection: HTTPConnection) -> socket.socket:
    """A socket to where ``connection`` leads.

    Raises:
        ConnectTimeoutError: nobody took the connection in time.
        NewConnectionError: it was refused, or the name is unknown.
    """
    watch = _now.watch or Watch(ends=time.monotonic() + 10.0, connect_s=10.0, room=0)
    ends = min(watch.ends, time.monotonic() + watch.connect_s)
    refused: OSError | None = None
    try:
        places = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, place in places:
            try:
                return _reached(_PlainSocket(family, kind, protocol), place, watch, ends)
            except TimeoutError:
                raise
            except OSError as error:
                refused = error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "nobody took the connection") from error
    except (OSError, UnicodeError) as error:
        refused = refused or OSError(str(error))
    raise NewConnectionError(connection, str(refused)) from refused


def _reached(sock: _PlainSocket, place: Any, watch: Watch, ends: float) -> socket.socket:
    """``sock`` connected to ``place``; closed where that fails."""
    try:
        sock.setblocking(False)
        code = sock.connect_ex(place)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            raise OSError(code, os.strerror(code))
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_WRITE)
            while not selector.select(min(SLICE, max(0.0, ends - time.monotonic()))):
                watch.look(ends)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == errno.ETIMEDOUT:
            raise TimeoutError(code, os.strerror(code))
        if code:
            raise OSError(code, os.strerror(code))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(SLICE)
    except BaseException:
        sock.close()
        raise
    return sock


#: The beginning of a first line, without its end.
_BEGUN = re.compile(rb"HTTP/[\d.]*( \d{0,3})?")


class _Lines:
    """A file that lines are read from; knows the last one."""

    def __init__(self, file: Any) -> None:
        self.file, self.last = file, b""

    def readline(self, *most: int) -> bytes:
        """The next line."""
        self.last = self.file.readline(*most)
        return self.last

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class _WholeHead(http.client.HTTPResponse):
    """An answer whose head ends as heads do.

    The library takes the end of the connection for that of the head, too: half a head, without the
    length that was to come, would be a good answer with nothing in it.
    """

    def begin(self) -> None:
        """Read the head.

        Raises:
            RemoteDisconnected: it broke off.
        """
        file = self.fp
        lines = _Lines(file)
        self.fp = lines  # type: ignore[assignment]  # only lines are read of a head
        try:
            super().begin()
        except http.client.BadStatusLine as error:
            if lines.last and (b"HTTP/".startswith(lines.last) or _BEGUN.fullmatch(lines.last)):
                raise http.client.RemoteDisconnected("the head of the answer broke off") from error
            raise
        finally:
            if self.fp is not None:
                self.fp = file
        if lines.last not in (b"\r\n", b"\n"):
            raise http.client.RemoteDisconnected("the head of the answer broke off")


class _Plain(HTTPConnection):
    response_class = _WholeHead

    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _Secure(HTTPSConnection):
    response_class = _WholeHead

    def _new_conn(self) -> socket.socket:
        return _connected(self)

    def connect(self) -> None:
        self.ssl_context = _tls()
        super().connect()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(requests.adapters.HTTPAdapter):
    """Gives ``requests`` our sockets; keeps up to ``size`` connections open, repeats nothing."""

    def __init__(self, size: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=size, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """The pool, of our connections."""
        super().init_poolmanager(*arguments, **named)
        _ours(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **named: Any) -> Any:
        """The pool behind a proxy, of our connections."""
        return _ours(super().proxy_manager_for(proxy, **named))

    def close(self) -> None:
        """End the connections that are not in use.

        urllib3 leaves that to the last who holds a pool: an error that is kept does, by its trace.
        """
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - it cannot be iterated over
                manager.pools[key].close()
        super().close()


def _ours(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager
