"""HTTP with services that behave, that fail for a while, and that mean harm; real sockets all through."""

from __future__ import annotations

import pathlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from movie_director.core.address import parse_address
from movie_director.core.digest import file_digest
from movie_director.core.errors import (
    BadAnswer,
    InputError,
    MovieDirectorError,
    ServiceError,
    ServiceLost,
    ServiceRefused,
    StorageFull,
    StoreError,
    Unauthorised,
)
from movie_director.core.patience import Operation, Patience
from movie_director.executors import _http
from movie_director.executors._http import (
    Ask,
    Form,
    Http,
    Limits,
    Stopped,
    fetch,
    send,
    served_name,
)
from movie_director.executors._http import download as downloading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))
from servers import misbehaving as bad
from servers.misbehaving import Misbehaving

TIMES = MappingProxyType(dict.fromkeys(Operation, 1.0))
QUICK = Patience(seconds=TIMES, connect=1.0, first_pause=0.02, longest_pause=0.1)
SMALL = Limits(bytes=100_000, depth=10, values=1000)
TOKEN = "s3cret-token-42"


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with Misbehaving() as server:
        yield server


@pytest.fixture
def http(server) -> Iterator[Http]:
    client = Http(
        parse_address(server.url),
        name="Fake",
        patience=QUICK,
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    yield client
    client.close()


def get(http: Http, path: str = "/", **named: object) -> object:
    return http.get_json(path, **{"limits": SMALL, **named})


# --- connections ------------------------------------------------------------------------------


def test_many_questions_go_through_one_connection(server, http) -> None:
    server.on("*", bad.says({"ok": 1}))
    for number in range(30):
        assert get(http, f"/{number}") == {"ok": 1}
        http.post_json("/post", {"number": number})
    assert server.connections == 1
    assert len(server.asked) == 60


def test_closing_ends_the_connections_also_while_an_error_is_kept(server) -> None:
    client = Http(parse_address(server.url), patience=QUICK)
    server.on("/", bad.reset, bad.says(1))
    with pytest.raises(ServiceLost) as kept:
        client.post_json("/", {})
    assert client.get_json("/") == 1
    until = time.monotonic() + 10
    assert server.open_lines == 1
    client.close()
    while server.open_lines:
        assert time.monotonic() < until
        time.sleep(0.005)
    assert kept.value is not None


def test_questions_from_many_threads_keep_no_more_connections_than_agreed(server) -> None:
    client = Http(parse_address(server.url), patience=QUICK, connections=4)
    server.on("*", bad.after(0.02, bad.says(1)))

    def ask() -> None:
        for _ in range(10):
            client.get_json("/")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.connections <= 4
    client.close()


def test_an_answer_of_every_framing_leaves_the_connection_usable(server, http) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n"

    def in_chunks(request: bad.Request, line: bad.Line) -> None:
        line.send(chunked)

    server.on("/", in_chunks, bad.gzip_bomb(0), bad.says(2), bad.answer(b"", 204), bad.says(3))
    assert get(http) == [1]
    with pytest.raises(BadAnswer, match="not JSON"):
        get(http)
    assert get(http) == 2
    assert http.ask(Ask(method="GET", path="/", accept=(204,))).status == 204
    assert get(http) == 3
    assert server.connections == 1


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Ty", b"HTTP/1.1 200 OK\r\nX-A: 1\r\n",
     b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 12", b"HTTP/1.1 200", b"HTTP/1.1 2", b"HT"],
)  # fmt: skip
def test_half_a_head_is_a_connection_that_broke_off(server, http, head) -> None:
    server.on("/", bad.raw(head), bad.says(1))
    with pytest.raises(ServiceLost, match="broke off"):
        http.post_json("/", {})
    server.on("/", bad.raw(head), bad.says(1))
    assert get(http) == 1  # a question that may be repeated is


def test_what_is_packed_is_unpacked(server, http) -> None:
    import gzip

    server.on("/", bad.answer(gzip.compress(b'{"a": [1, 2]}'), Content_Encoding="gzip"))
    assert get(http) == {"a": [1, 2]}


# --- patience ---------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [bad.drop, bad.reset, bad.freeze, bad.truncated(b"{", 99),
                                     *(bad.answer(b"", status) for status in (429, 502, 503, 504))])  # fmt: skip
def test_what_passes_is_asked_again(server, http, trouble) -> None:
    server.on("/", trouble, trouble, bad.says("there"))
    assert get(http) == "there"
    assert server.paths() == ["/"] * 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422, 500, 501])
def test_a_no_is_taken_for_a_no(server, http, status) -> None:
    server.on("/", bad.says({"error": "no"}, status))
    with pytest.raises(ServiceRefused) as caught:
        get(http)
    assert caught.value.status == status
    assert b"no" in caught.value.answer
    assert caught.value.remedy
    assert isinstance(caught.value, Unauthorised) is (status in (401, 403))
    assert len(server.asked) == 1


@pytest.mark.parametrize("trouble", [bad.drop, bad.freeze, bad.answer(b"", 503)])
def test_work_that_may_have_been_taken_is_never_sent_twice(server, http, trouble) -> None:
    server.on("/prompt", trouble, bad.says("twice"))
    with pytest.raises((ServiceLost, ServiceRefused)) as caught:
        http.post("/prompt", {})
    assert len(server.asked) == 1
    if isinstance(caught.value, ServiceLost):
        assert caught.value.sent


def test_work_that_does_no_harm_twice_may_be_sent_again(server, http) -> None:
    server.on("/prompt", bad.drop, bad.says("again"))
    assert http.post_json("/prompt", {}, repeatable=True) == "again"


def test_work_that_surely_never_arrived_is_sent_again() -> None:
    server = Misbehaving()
    port = server.port
    server.close()
    client = Http(parse_address(server.url), patience=replace(QUICK, attempts=8))
    made: list[Misbehaving] = []

    def begin_again() -> None:
        made.append(Misbehaving(port))
        made[0].on("*", bad.says("done"))

    timer = threading.Timer(0.08, begin_again)
    timer.start()
    assert client.post_json("/prompt", {}) == "done"
    timer.join()
    made[0].close()
    client.close()


def test_nobody_there_is_said_after_some_attempts() -> None:
    with Misbehaving() as gone:
        url = gone.url
    client = Http(parse_address(url), name="ComfyUI", patience=QUICK)
    with pytest.raises(
        ServiceLost, match=r"ComfyUI at http://127\.0\.0\.1:\d+ does not answer"
    ) as caught:
        client.get_json("/")
    assert not caught.value.sent
    assert "Start the service" in caught.value.remedy


def test_a_port_that_swallows_packets_is_given_up_in_time() -> None:
    with bad.Silent() as silent:
        client = Http(parse_address(silent.url), patience=replace(QUICK, attempts=1, connect=0.5))
        began = time.monotonic()
        with pytest.raises(ServiceLost):
            client.get_json("/")
        assert time.monotonic() - began < 1.6


def test_health_is_asked_once(server, http) -> None:
    server.on("/", bad.answer(b"", 503), bad.says(1))
    with pytest.raises(ServiceRefused):
        get(http, operation=Operation.HEALTH)


def test_a_service_that_asks_for_a_pause_gets_it(server, http) -> None:
    server.on("/", bad.answer(b"", 429, Retry_After="1"), bad.says(1))
    client = Http(http.address, patience=replace(QUICK, longest_pause=0.3))
    get(client)
    first, second = server.asked
    assert 0.25 < second.at - first.at < 2.0
    client.close()


def test_an_unsent_answer_in_time_for_its_kind(server) -> None:
    times = {**TIMES, Operation.HEALTH: 0.3, Operation.SHORT: 3.0}
    client = Http(parse_address(server.url), patience=replace(QUICK, seconds=times, attempts=1))
    server.on("/", bad.after(0.8, bad.says(1)))
    assert get(client, operation=Operation.SHORT) == 1
    began = time.monotonic()
    with pytest.raises(ServiceLost, match=r"within 0\.3 s"):
        get(client, operation=Operation.HEALTH)
    assert time.monotonic() - began < 0.75
    client.close()


@pytest.mark.parametrize("stall", [bad.freeze, bad.trickle(0.05), bad.endless(b" "),
                                   bad.after(9, bad.says(1)), bad.answer(b"", 503)])  # fmt: skip
def test_cancelled_while_a_server_stalls_it_ends_within_a_second(server, stall) -> None:
    long = Patience(first_pause=30.0)
    client = Http(parse_address(server.url), patience=long)
    server.on("/", stall)
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        client.get_json("/", cancel=cancel)
    assert time.monotonic() - began < 1.3
    timer.join()
    client.close()


def test_cancelled_while_a_connection_hangs_it_ends_within_a_second() -> None:
    with bad.Silent() as silent:
        client = Http(parse_address(silent.url), patience=Patience(connect=60.0))
        cancel = threading.Event()
        timer = threading.Timer(0.3, cancel.set)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            client.get_json("/", cancel=cancel)
        assert time.monotonic() - began < 1.3
        timer.join()


# --- hostile answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        (bad.endless(), "more than 100000 bytes"),
        (bad.endless_chunk_size, "more than was agreed|does not speak HTTP"),
        (bad.endless_headers, "does not speak HTTP"),
        (bad.gzip_bomb(100), "more than 100000 bytes"),
        (bad.deep(50), "nested deeper than 10"),
        (bad.answer(b"[" * 900), "not JSON"),
        (bad.answer(b"[" + b"1," * 5000 + b"1]"), "more than 1000 values"),
        (bad.answer(b"[1e999]"), "beyond all bounds"),
        (bad.answer(b"[Infinity]"), "not JSON"),
        (bad.answer(b"[" + b"9" * 5000 + b"]"), "not JSON"),
        (bad.answer(b"\xff\xfe\xff"), "not JSON"),
        (bad.answer(b"<html>"), "not JSON"),
        (bad.answer(b"x", Content_Encoding="br"), "not asked for"),
        (bad.answer(b"no gzip", Content_Encoding="gzip"), "cannot be unpacked"),
        (bad.raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "does not speak HTTP"),
        (bad.redirect("http://169.254.169.254/"), "lead us elsewhere"),
        (bad.redirect("https://127.0.0.1/"), "lead us elsewhere"),
        (bad.redirect("file:///etc/passwd"), "lead us elsewhere"),
        (bad.redirect("//evil.example/"), "lead us elsewhere"),
        (bad.redirect("/"), "lead us elsewhere"),
    ],
)  # fmt: skip
def test_a_hostile_answer_is_refused_at_once(server, http, manner, said) -> None:
    server.on("/", manner)
    began = time.monotonic()
    with pytest.raises(BadAnswer, match=said) as caught:
        get(http)
    assert caught.value.remedy
    assert time.monotonic() - began < 2.0


def test_a_slow_trickle_ends_with_the_time_for_the_whole(server, http) -> None:
    server.on("/", bad.trickle(0.05))
    began = time.monotonic()
    with pytest.raises(ServiceLost, match="within 1 s"):
        get(http, operation=Operation.HEALTH)
    assert time.monotonic() - began < 2.0


def test_a_redirect_within_the_place_is_followed(server, http) -> None:
    server.on("/old", bad.redirect("/new"))
    server.on("/new", bad.says("here"))
    assert get(http, "/old") == "here"


@pytest.mark.parametrize(("status", "followed"), [(302, False), (307, True), (308, True)])
def test_work_is_led_on_only_where_it_stays_what_it_is(server, http, status, followed) -> None:
    server.on("/mcp", bad.redirect("/mcp/", status))
    server.on("/mcp/", bad.says("taken"))
    if followed:
        assert http.post_json("/mcp", {"a": 1}) == "taken"
        assert server.asked[-1].body == b'{"a": 1}'
    else:
        with pytest.raises(BadAnswer):
            http.post_json("/mcp", {"a": 1})


def test_proxies_of_the_environment_never_see_what_stays_here(server, monkeypatch) -> None:
    with Misbehaving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        server.on("/", bad.says(1))
        client = Http(parse_address(server.url), patience=QUICK)
        assert get(client) == 1
        client.close()
        assert proxy.asked == []
        proxy.on("*", bad.says("by proxy"))
        far = Http(parse_address("http://gpu.example:80"), patience=QUICK)
        assert get(far, "/x") == "by proxy"
        far.close()


def test_the_users_netrc_is_not_read(server, monkeypatch, tmp_path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2")
    monkeypatch.setenv("NETRC", str(netrc))
    server.on("/", bad.says(1))
    client = Http(parse_address(server.url), patience=QUICK)
    get(client)
    client.close()
    assert "authorization" not in server.asked[0].headers


def test_cookies_are_not_kept(server, http) -> None:
    server.on("/", bad.answer(b"1", Set_Cookie="who=you"))
    get(http)
    get(http)
    assert "cookie" not in server.asked[1].headers


# --- secrets ----------------------------------------------------------------------------------


def test_the_token_goes_with_every_question_and_into_no_error(server, http) -> None:
    server.on("/", bad.echo)
    with pytest.raises(ServiceRefused) as caught:
        get(http, params={"q": "1"})
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    error = caught.value
    told = f"{error} {error.log} {error.answer!r} {error.__dict__} {error.as_json()}"
    assert TOKEN not in told
    assert "•••" in error.log


def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(server) -> None:
    for token in ("line\nbreak-s3cret", " space-s3cret", "ünicode-s3cret"):
        with pytest.raises(InputError) as caught:
            Http(parse_address(server.url), headers={"X-Key": token})
        assert "s3cret" not in str(caught.value)


# --- files ------------------------------------------------------------------------------------


def test_a_file_comes_whole_with_its_digest(server, http, tmp_path) -> None:
    body = bytes(range(256)) * 20_000
    server.on("/view", bad.drop, bad.answer(body, kind="image/png; a=b"))
    heard: list[int] = []
    got = fetch(
        http, Ask(method="GET", path="/view"), tmp_path / "a.png", types=("image/",),
        heard=heard.append,
    )  # fmt: skip
    assert got.path.read_bytes() == body
    assert (got.bytes, got.type) == (len(body), "image/png")
    assert got.content == file_digest(got.path)
    assert heard == sorted(heard)
    assert heard[-1] == len(body)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("manner", "error"),
    [
        (bad.answer(b"<html>", kind="text/html"), BadAnswer),
        (bad.answer(b"x" * 2000, kind="image/png"), BadAnswer),
        (bad.endless(b"x" * 999, "Content-Type: image/png"), BadAnswer),
        (bad.gzip_bomb(1), BadAnswer),
        (bad.truncated(b"x" * 10, 500), (BadAnswer, ServiceLost)),
        (bad.answer(b"", 404), ServiceRefused),
        (bad.freeze, ServiceLost),
    ],
)
def test_a_refused_file_leaves_nothing(server, http, tmp_path, manner, error) -> None:
    server.on("/view", manner)
    with pytest.raises(error):
        fetch(
            http, Ask(method="GET", path="/view"), tmp_path / "a.png", types=("image/", "appl"),
            most=1000,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_file_leaves_nothing(server, http, tmp_path) -> None:
    server.on("/view", bad.endless(b"x" * 1000))
    cancel = threading.Event()
    with pytest.raises(Stopped):
        fetch(
            http, Ask(method="GET", path="/view", cancel=cancel), tmp_path / "a.png",
            heard=lambda _: cancel.set(),
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_file_for_which_there_is_no_room_is_not_begun(server, http, tmp_path) -> None:
    server.on("/view", bad.answer(b"x", Content_Length=str(10**15)))
    with pytest.raises(StorageFull):
        fetch(http, Ask(method="GET", path="/view"), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_is_not_blamed_on_the_service(server, http, tmp_path) -> None:
    server.on("/view", bad.answer(b"x"))
    with pytest.raises(StoreError):
        fetch(http, Ask(method="GET", path="/view"), tmp_path / "nowhere" / "a.png")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "name",
    ["../a.png", "a/b", "/etc/passwd", "..", ".", "", " ", "C:\\a", "C:a.png", "\\\\host\\share\\a",
     "a\\b", "a\0b", 7, None, ["a"], "x" * 2000],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: object) -> None:
    with pytest.raises(BadAnswer) as caught:
        served_name(name, "Fake")
    assert len(caught.value.what) < 200


@pytest.mark.parametrize(
    ("name", "safe"), [("a b.png", "a b.png"), ("CON.png", "_CON.png"), (".hidden", "_hidden")]
)
def test_a_name_that_is_one_is_made_safe(name: str, safe: str) -> None:
    assert served_name(name, "Fake") == safe


def test_a_form_is_sent_in_pieces_with_its_length(server, http, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "_PIECE", 1000)
    path = tmp_path / "shot.png"
    path.write_bytes(b"p" * 12_345)
    server.on("/upload", bad.says({"name": "shot.png"}))
    form = Form({"overwrite": "true"}, {"image": ('sh"o/t.png', path)})
    assert send(http, Ask(method="POST", path="/upload"), form).json() == {"name": "shot.png"}
    (asked,) = server.asked
    assert int(asked.headers["content-length"]) == len(asked.body) == len(form)
    assert b'name="overwrite"\r\n\r\ntrue\r\n' in asked.body
    assert b'filename="sh_o_t.png"' in asked.body
    assert b"p" * 12_345 in asked.body


def test_every_error_says_what_to_do(server, http) -> None:
    for manner in (bad.drop, bad.freeze, bad.echo, bad.answer(b"", 500), bad.raw(b"\0\0\n\n")):
        server.on("/", manner)
        with pytest.raises(MovieDirectorError) as caught:
            get(http, operation=Operation.HEALTH)
        assert isinstance(caught.value, ServiceError)
        assert caught.value.what.endswith(".")
        assert caught.value.remedy.endswith((".", "s)."))


def test_the_room_says_what_it_offers() -> None:
    assert all(hasattr(_http, name) for name in _http.__all__)
