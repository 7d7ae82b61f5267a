"""TLS: certificates are checked, connections kept, and every wait ends at the cancel flag."""

from __future__ import annotations

import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from movie_director.core.address import parse_address
from movie_director.core.errors import BadAnswer
from movie_director.core.patience import Operation, Patience
from movie_director.executors._http import Http, Limits, Stopped
from movie_director.executors._http import sockets as own

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))
from servers import misbehaving as bad
from servers.misbehaving import Misbehaving

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> pathlib.Path:
    """Key and certificate of 127.0.0.1, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [
        str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-keyout", str(path), "-out", f"{path}.crt", "-days", "2", "-subj", "/CN=test",
        "-addext", "subjectAltName=IP:127.0.0.1",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + pathlib.Path(f"{path}.crt").read_bytes())
    return path


class Secure(Misbehaving):
    """The misbehaving server under TLS."""

    def __init__(self, certificate: pathlib.Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        super().__init__()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def _serve(self, sock: socket.socket) -> None:
        try:
            secure = self._context.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        super()._serve(secure)


@pytest.fixture
def server(certificate) -> Iterator[Secure]:
    with Secure(certificate) as server:
        yield server


@pytest.fixture
def trusted(certificate, monkeypatch) -> Iterator[None]:
    """The certificate is one of a person's own authority."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{certificate}.crt")
    own._tls.cache_clear()
    yield
    own._tls.cache_clear()


def client(url: str) -> Http:
    return Http(parse_address(url), patience=Patience(first_pause=0.01))


def test_a_certificate_of_nobody_known_is_refused(server) -> None:
    server.on("*", bad.says(1))
    http = client(server.url)
    with pytest.raises(BadAnswer, match="certificate") as caught:
        http.get_json("/", operation=Operation.HEALTH)
    assert "REQUESTS_CA_BUNDLE" in caught.value.remedy
    assert server.asked == []
    http.close()


def test_a_certificate_of_another_name_is_refused(server, trusted) -> None:
    server.on("*", bad.says(1))
    with socket.socket() as probe:  # the server listens on 127.0.0.1 alone
        probe.bind(("127.0.0.2", 0))
        port = probe.getsockname()[1]
    relay = Relay(port, server.port)
    http = client(f"https://127.0.0.2:{port}")
    with pytest.raises(BadAnswer, match="valid for its name"):
        http.get_json("/", operation=Operation.HEALTH)
    http.close()
    relay.close()


class Relay:
    """One connection to 127.0.0.2 handed on to 127.0.0.1."""

    def __init__(self, port: int, to: int) -> None:
        self._listening = socket.create_server(("127.0.0.2", port))
        self._to = to
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            line, _ = self._listening.accept()
        except OSError:
            return
        with line, socket.create_connection(("127.0.0.1", self._to)) as there:
            back = threading.Thread(target=_copy, args=(there, line), daemon=True)
            back.start()
            _copy(line, there)
            back.join(5)

    def close(self) -> None:
        self._listening.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_ones_own_authority_is_taken_and_connections_are_kept(server, trusted) -> None:
    server.on("*", bad.says({"big": "x" * 300_000}))
    http = client(server.url)
    for _ in range(5):
        assert len(http.get_json("/")["big"]) == 300_000
        assert http.post_json("/", {"big": "y" * 300_000})
    assert server.connections == 1
    http.close()


@pytest.mark.parametrize("stall", [bad.freeze, bad.trickle(0.05), bad.endless(b" ")])
def test_cancelled_while_it_stalls_it_ends_within_a_second(server, trusted, stall) -> None:
    server.on("/", stall)
    http = client(server.url)
    assert _seconds_to_stop(http) < 1.0
    http.close()


def test_cancelled_while_keys_are_agreed_it_ends_within_a_second(trusted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        http = client(f"https://127.0.0.1:{mute.getsockname()[1]}")
        assert _seconds_to_stop(http) < 1.0
        http.close()


def _seconds_to_stop(http: Http) -> float:
    """From when a question was given up until it ended."""
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        http.get_json("/", cancel=cancel, limits=Limits())
    timer.join()
    return time.monotonic() - began - 0.3
