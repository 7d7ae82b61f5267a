"""Services under TLS: whom we believe, and that waiting there ends as it does anywhere."""

from __future__ import annotations

import pathlib
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from types import MappingProxyType

import pytest
from movie_director.core.address import parse_address
from movie_director.core.errors import BadAnswer, InputError, ServiceLost
from movie_director.core.patience import Operation, Patience
from movie_director.executors._http import Ask, Http, Limits, Stopped, fetch, sockets

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))
from servers import misbehaving as bad
from servers.misbehaving import Misbehaving

DATA = pathlib.Path(__file__).resolve().parents[3] / "data" / "tls"
QUICK = Patience(
    seconds=MappingProxyType(dict.fromkeys(Operation, 1.0)), first_pause=0.02, longest_pause=0.1
)


@pytest.fixture(autouse=True)
def _believing(monkeypatch) -> Iterator[None]:
    """The test's own certificate is believed, as a company's own authority is."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(DATA / "certificate.pem"))
    sockets._tls.cache_clear()
    yield
    sockets._tls.cache_clear()


def secure(name: str = "certificate", key: str = "key") -> Misbehaving:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / f"{name}.pem", DATA / f"{key}.pem")
    return Misbehaving(tls=context)


def client(url: str) -> Http:
    return Http(parse_address(url), name="Fake", patience=QUICK, headers={"X-Key": "s3cret-key"})


def test_questions_go_through_one_connection_whole_and_checked(tmp_path) -> None:
    film = bytes(range(256)) * 4096
    with secure() as server:
        server.on("*", bad.says({"fine": True}))
        server.on("/film", bad.answer(film, kind="video/mp4"))
        http = client(server.url)
        for _ in range(5):
            assert http.post_json("/", {"prompt": "x" * 500_000}) == {"fine": True}
        fetched = fetch(http, Ask(method="GET", path="/film"), tmp_path / "film.mp4")
        assert fetched.path.read_bytes() == film
        assert server.connections == 1
        http.close()


def test_an_authority_nobody_named_is_not_believed_and_told_no_secret(monkeypatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    sockets._tls.cache_clear()
    with secure() as server, pytest.raises(BadAnswer, match="certificate"):
        client(server.url).get_json("/")
    assert server.asked == []


def test_a_certificate_for_another_name_is_not_believed(monkeypatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(DATA / "elsewhere.pem"))
    with (
        secure("elsewhere", "elsewhere_key") as server,
        pytest.raises(BadAnswer, match="valid for its name"),
    ):
        client(server.url).get_json("/")
    assert server.asked == []


def test_a_folder_of_authorities_is_read_as_other_programs_read_it(monkeypatch, tmp_path) -> None:
    name = "0.pem"
    (tmp_path / name).write_bytes((DATA / "certificate.pem").read_bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    with secure() as server, pytest.raises(BadAnswer, match="certificate"):
        # OpenSSL finds an authority in a folder by the hash of its name, which this one has not.
        client(server.url).get_json("/")


def test_a_bundle_that_is_not_there_is_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with secure() as server, pytest.raises(InputError, match=r"gone\.pem") as caught:
        client(server.url).get_json("/")

    assert "REQUESTS_CA_BUNDLE" in caught.value.remedy


def test_a_server_without_tls_is_not_spoken_to_without_it() -> None:
    with Misbehaving() as server:
        server.on("*", bad.says({}))
        http = client(server.url.replace("http", "https"))
        with pytest.raises((BadAnswer, ServiceLost)):
            http.get_json("/")
        assert server.asked == []


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_handshake_that_stalls_ends_in_time(cancelled: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # takes, and never says a word
        http = client(f"https://127.0.0.1:{listening.getsockname()[1]}")
        cancel, began = threading.Event(), time.monotonic()
        timer = threading.Timer(0.2, cancel.set)
        if cancelled:
            timer.start()
        with pytest.raises(Stopped if cancelled else ServiceLost):
            http.post_json("/", {}, cancel=cancel, operation=Operation.HEALTH)
        assert time.monotonic() - began < (1.2 if cancelled else 2.0)
        timer.cancel()


@pytest.mark.parametrize("manner", [bad.freeze, bad.trickle(0.2)])
def test_cancelled_while_a_secure_server_stalls_it_ends_within_a_second(manner) -> None:
    with secure() as server:
        server.on("*", manner)
        cancel = threading.Event()
        timer = threading.Timer(0.3, cancel.set)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            client(server.url).get_json("/", cancel=cancel)
        assert time.monotonic() - began < 1.3
        timer.join()


def test_an_endless_answer_is_refused_under_tls_too() -> None:
    with secure() as server:
        server.on("*", bad.endless())
        with pytest.raises(BadAnswer, match="more than 100000 bytes"):
            client(server.url).get_json("/", limits=Limits(bytes=100_000))
