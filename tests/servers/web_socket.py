"""The server's side of a web socket on a connection that HTTP has brought: frames by ``websockets``."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator

from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class WebSocket:
    """One client.  ``send`` may be called on any thread; ``heard`` on the connection's own."""

    def __init__(self, sock: socket.socket, key: str) -> None:
        self._sock = sock
        self._lock = threading.Lock()  # guards the writing side: a frame is written whole
        accept = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
        head = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
        )
        sock.sendall(head.encode())

    def send(self, data: str | bytes) -> None:
        """A message; a client that has gone hears nothing."""
        opcode = Opcode.TEXT if isinstance(data, str) else Opcode.BINARY
        self.frame(opcode, data.encode() if isinstance(data, str) else data)

    def frame(self, opcode: Opcode, data: bytes, *, fin: bool = True) -> None:
        """One frame as it stands."""
        self.raw(Frame(opcode, data, fin).serialize(mask=False, extensions=[]))

    def raw(self, data: bytes) -> None:
        """Bytes, whatever they are."""
        try:
            with self._lock:
                self._sock.sendall(data)
        except OSError:
            return

    def heard(self) -> Iterator[bytes]:
        """What the client says, until it goes or says so; pings are answered."""
        reader = StreamReader()
        while True:
            parsing = Frame.parse(reader.read_exact, mask=True, max_size=2**23)
            try:
                while True:
                    try:
                        next(parsing)
                    except StopIteration as done:
                        frame = done.value
                        break
                    data = self._sock.recv(65536)
                    if not data:
                        return
                    reader.feed_data(data)
            except (OSError, EOFError):
                return
            if frame.opcode is Opcode.CLOSE:
                return
            if frame.opcode is Opcode.PING:
                self.frame(Opcode.PONG, frame.data)
            elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                yield frame.data

    def goodbye(self) -> None:
        """Answer a client that said it goes."""
        self.frame(Opcode.CLOSE, b"")

    def hang_up(self) -> None:
        """End the connection without a word."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
