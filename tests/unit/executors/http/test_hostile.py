"""What a server may do that is neither one answer nor none: found by trying to break the client."""

from __future__ import annotations

import pathlib
import sys
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from types import MappingProxyType

import pytest
from movie_director.core.address import parse_address
from movie_director.core.errors import BadAnswer, ServiceLost, ServiceRefused
from movie_director.core.patience import Operation, Patience
from movie_director.executors._http import Ask, Http, Limits, fetch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))
from servers import misbehaving as bad
from servers.misbehaving import Line, Misbehaving, Request

SECONDS = 1.0
ONCE = Patience(seconds=MappingProxyType(dict.fromkeys(Operation, SECONDS)), attempts=1)
SMALL = Limits(bytes=100_000)
HEAD = b"HTTP/1.1 200 Said\r\n"


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with Misbehaving() as server:
        yield server


@pytest.fixture
def http(server) -> Iterator[Http]:
    headers = {"Authorization": "Bearer s3cret-token-42"}
    client = Http(parse_address(server.url), name="Fake", patience=ONCE, headers=headers)
    yield client
    client.close()


def packed_and_more(request: Request, line: Line) -> None:
    """A packed answer that ends, and bytes without end behind it."""
    del request
    line.send(HEAD + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"{}"))
    bad.endless(b"x" * 65536)(Request("GET", "/", {}, b"", 0.0), line)


def packed_zeros() -> bytes:
    """200 MB of them; packing takes a second or two on a busy machine, so before the question."""
    zeros = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(zeros.compress(bytes(2**20)) for _ in range(200)) + zeros.flush()


@pytest.mark.parametrize("path", ["@{}/x", "0/x", ".evil.example/", "http://{}/", "/a\r\nb", "x"])
def test_a_path_cannot_lead_a_question_and_its_token_to_another_host(http, path: str) -> None:
    with Misbehaving() as elsewhere:
        elsewhere.on("*", bad.says({}))
        with pytest.raises(BadAnswer, match="no path on a service"):
            http.get_json(path.format(f"127.0.0.1:{elsewhere.port}"))
        assert elsewhere.asked == []


@pytest.mark.parametrize("there", ["http://[bad", "http://127.0.0.1:x/", "http://127.0.0.1:99999/"])
def test_a_redirect_to_what_is_no_url_is_refused(server, http, there: str) -> None:
    server.on("/", bad.redirect(there))
    with pytest.raises(BadAnswer, match="lead us elsewhere"):
        http.get_json("/")


def test_what_comes_with_a_redirect_is_neither_read_nor_unpacked(server, http) -> None:
    leads = bad.answer(packed_zeros(), 302, Content_Encoding="gzip", Location="/there")
    server.on("/", leads)
    server.on("/there", bad.says({"there": True}))
    tracemalloc.start()
    assert http.get_json("/", limits=SMALL) == {"there": True}
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 2**20  # the server's own thread holds some


def test_bytes_after_the_end_of_what_was_packed_are_not_collected(server, http) -> None:
    server.on("/", packed_and_more)
    began = time.monotonic()
    with pytest.raises(BadAnswer, match="more after the end"):
        http.get_json("/", limits=Limits(bytes=2**30))
    assert time.monotonic() - began < SECONDS / 2


def test_an_answer_that_announces_more_than_was_agreed_is_not_awaited(server, http) -> None:
    def announcing(request: Request, line: Line) -> None:
        del request
        line.send(HEAD + b"Content-Length: 100001\r\n\r\n{")
        line.over.wait()

    server.on("/", announcing)
    began = time.monotonic()
    with pytest.raises(BadAnswer, match="announced an answer of more than 100000 bytes"):
        http.get_json("/", limits=SMALL)
    assert time.monotonic() - began < SECONDS / 2


def test_a_question_amid_a_file_leaves_the_file_its_time(server, http, tmp_path) -> None:
    def stalls(request: Request, line: Line) -> None:
        del request
        line.send(HEAD + b"Content-Length: 200000\r\n\r\n" + b"a" * 100_000)
        line.over.wait(5 * SECONDS)
        line.keep = False

    server.on("/file", stalls)
    server.on("/health", bad.says({}))
    began = time.monotonic()
    with pytest.raises(ServiceLost, match="within 1 s"):
        fetch(
            http,
            Ask(method="GET", path="/file"),
            tmp_path / "file",
            heard=lambda _: http.get_json("/health"),
        )
    assert time.monotonic() - began < 3 * SECONDS
    assert "/health" in server.paths()
    assert list(tmp_path.iterdir()) == []


def test_a_no_stays_a_no_when_its_reasons_break_off(server, http) -> None:
    server.on("/", bad.raw(b'HTTP/1.1 400 No\r\nContent-Length: 100\r\n\r\n{"error":'))
    with pytest.raises(ServiceRefused) as caught:
        http.post_json("/", {})
    assert caught.value.status == 400


def test_a_connection_the_server_closed_while_idle_is_not_used_for_work(server, http) -> None:
    def closes(request: Request, line: Line) -> None:
        bad.says({})(request, line)
        line.keep = False

    server.on("/", closes)
    for _ in range(5):
        http.post_json("/", {})
        deadline = time.monotonic() + 5
        while server._lines and time.monotonic() < deadline:  # until it has hung up
            time.sleep(0.005)
    assert server.paths() == ["/"] * 5
