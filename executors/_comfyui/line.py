# SPDX-License-Identifier: GPL-3.0-or-later
"""A web socket to a ComfyUI server, under one client id.

The server tells each client only of its own prompts, by this id, and repeats nothing.  Two
sockets under one id deafen each other when the older closes, so a new one is opened only after
the old has gone.  A thread of its own reads it, always.
"""

from __future__ import annotations

import socket
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import websocket
from websocket._abnf import ABNF, frame_buffer

from ...core.address import Address
from ...core.errors import ServiceLost
from ...core.worker_reader import Reader
from .wire import FLAGS, MOST_BINARY, Flags, Message, Strange, read_binary, read_text

__all__ = ["Line"]

#: Seconds until a connection, and until the server's answer to it, is given up.
CONNECT_S = 5.0
#: Seconds in which a server that is told goodbye answers, having forgotten the connection: who
#: connects under the same id before is forgotten with it.
_GOODBYE_S = 1.0
#: Seconds a closed connection's thread may take to end.
_JOIN_S = 2.0


class Line:
    """One connection, opened again when it broke.  Owned by the thread that follows a prompt."""

    def __init__(
        self, address: Address, headers: Mapping[str, str] | None = None, client: str = ""
    ) -> None:
        """``client`` is the id of a connection that has gone, to hear of its prompts; "" for a new one."""
        self.client = client or uuid.uuid4().hex
        self._address = address
        self._headers = [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._socket: Any = None  # the library's own types are not whole
        self._reader: Reader[Message] | None = None
        self._flags = threading.Event()  #: set by the reading thread

    @property
    def open(self) -> bool:
        """Whether it is connected, as far as is known."""
        return self._reader is not None and not self._reader.ended

    @property
    def names_previews(self) -> bool:
        """Whether the server says whose each preview is: then one without a name is not ours."""
        return self._flags.is_set()

    def connect(self) -> None:
        """Connect under our id; the connection before is ended first.

        Raises:
            ServiceLost: nothing takes the connection.
        """
        self.close()
        self._flags.clear()
        made: Any = websocket.WebSocket(
            enable_multithread=True, skip_utf8_validation=False,
            sslopt={"cert_reqs": ssl.CERT_REQUIRED, "check_hostname": True},
        )  # fmt: skip
        made.frame_buffer = _Bounded(made._recv, False)
        try:
            made.connect(
                f"{self._address.socket}/ws?clientId={self.client}",
                timeout=CONNECT_S,
                header=self._headers,
                suppress_origin=True,  # a foreign one is refused, and we are no web page
                redirect_limit=0,
                http_no_proxy=["*"] if self._address.loopback else None,
                sockopt=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            )
            made.send(FLAGS)
            made.settimeout(None)
        except (websocket.WebSocketException, OSError, ValueError) as error:
            made.shutdown()
            raise ServiceLost(
                f"ComfyUI's socket at {self._address} did not open ({type(error).__name__}).",
                remedy="Start ComfyUI, or correct its address.",
            ) from error
        self._socket = made
        self._reader = Reader(_receiver(made, self._flags), f"md-comfyui-{self._address.port}")
        self._reader.listen()

    def listen(self) -> None:
        """Keep what comes from now on."""
        if self._reader is not None:
            self._reader.listen()

    def rest(self) -> None:
        """Read on for the server's sake, and keep nothing."""
        if self._reader is not None:
            self._reader.rest()

    def next(self, timeout: float) -> Message | None:
        """The next message, or None when none came within ``timeout`` seconds."""
        return None if self._reader is None else self._reader.next(timeout)

    def close(self) -> None:
        """End the connection and wait until it is gone.  Safe to call twice."""
        if self._socket is not None and self._reader is not None:
            if _said_goodbye(self._socket):
                self._reader.join(_GOODBYE_S)
            _shut(self._socket)
            self._reader.join(_JOIN_S)
        if self._socket is not None:
            self._socket.shutdown()
        self._socket = self._reader = None


def _said_goodbye(made: Any) -> bool:
    """Whether the server could be told that the connection ends."""
    try:
        if made.sock is not None:
            made.sock.settimeout(0.5)
        made.send_close()
    except (websocket.WebSocketException, OSError):
        return False  # it is gone already, which is what was wanted
    return True


def _shut(made: Any) -> None:
    """Wake who reads."""
    try:
        if made.sock is not None:
            made.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # as above


class _Bounded(frame_buffer):
    """Frames of a sensible size only: a length is believed before its bytes are waited for."""

    def recv_length(self) -> None:
        """The length of a frame that begins."""
        super().recv_length()
        if (self.length or 0) > MOST_BINARY:
            raise websocket.WebSocketPayloadException("a frame beyond all bounds")


def _receiver(made: Any, flags: threading.Event) -> Callable[[], Message]:
    """What gives the next whole message; raises when the connection has ended."""
    parts: list[bytes] = []
    kind = ABNF.OPCODE_TEXT

    def receive() -> Message:
        nonlocal kind
        while True:
            frame = made.recv_frame()
            if frame.opcode == ABNF.OPCODE_CLOSE:
                raise websocket.WebSocketConnectionClosedException("the server closed it")
            if frame.opcode == ABNF.OPCODE_PING:
                made.pong(frame.data)
            if frame.opcode not in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY, ABNF.OPCODE_CONT):
                continue
            if frame.opcode != ABNF.OPCODE_CONT:
                parts.clear()
                kind = frame.opcode
            parts.append(_bytes(frame.data))
            if sum(map(len, parts)) > MOST_BINARY:
                raise websocket.WebSocketPayloadException("a message beyond all bounds")
            if frame.fin:
                whole = b"".join(parts)
                parts.clear()
                message = _message(kind, whole)
                if isinstance(message, Flags) and message.previews:
                    flags.set()
                return message

    return receive


def _bytes(data: Any) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)


def _message(kind: int, data: bytes) -> Message:
    if kind == ABNF.OPCODE_BINARY:
        return read_binary(data)
    try:
        return read_text(data.decode())
    except UnicodeDecodeError:
        return Strange(kind="no text")
