"""The scripted server itself: what it must not take for a question."""

from __future__ import annotations

import socket
import time

import pytest

from tests.servers.misbehaving import Misbehaving

HALVES = {
    "headers": b"POST /work HTTP/1.1\r\nContent-Length: 10\r\n",
    "body": b"POST /work HTTP/1.1\r\nContent-Length: 10\r\n\r\n{",
    "chunk": b"POST /work HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{",
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_who_hangs_up_in_the_middle_of_a_question_has_asked_nothing(half: bytes) -> None:
    with Misbehaving() as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
            line.sendall(half)
            line.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + 5
            while line.recv(100) and time.monotonic() < deadline:
                continue  # until the server has hung up too
        assert server.asked == []
