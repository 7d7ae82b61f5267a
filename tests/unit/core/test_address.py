"""What people type is repaired into one place, and what can be none is refused without repeating secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.address import Address, parse_address
from movie_director.core.errors import InputError

HERE = Address(host="127.0.0.1", port=8188)


@pytest.mark.parametrize(
    "typed",
    [
        "127.0.0.1:8188", "127.0.0.1:8188/", " 127.0.0.1:8188 ", "http://127.0.0.1:8188",
        "HTTP://127.0.0.1:8188/", "http//127.0.0.1:8188", "http:/127.0.0.1:8188",
        "http:///127.0.0.1:8188", "http:\\\\127.0.0.1:8188", "http:127.0.0.1:8188",
        "localhost:8188", "LocalHost:8188/queue", "http:localhost:8188", "0.0.0.0:8188",
        "http://0.0.0.0:8188/system_stats", "127.0.0.1:8188/api/prompt", "127.0.0.1 : 8188",
        "<http://127.0.0.1:8188/>", '"127.0.0.1:8188"', "127.0.0.1:8188.", "127.0.0.1:8188...",
        "http://localhost.:8188", "ws://127.0.0.1:8188/ws", "127.0.0.1:8188/?page=1#top",
        "http://127.0.0.1:8188//", "１２７.0.0.1:8188", "//127.0.0.1:8188",
        "[::ffff:127.0.0.1]:8188", "http:// 127.0.0.1:8188",
    ],
)  # fmt: skip
def test_one_server_written_in_many_ways_is_one(typed: str) -> None:
    assert parse_address(typed) == HERE


@pytest.mark.parametrize(
    ("typed", "base", "socket"),
    [
        ("https://example.org", "https://example.org:443", "wss://example.org:443"),
        ("wss://example.org/ws", "https://example.org:443", "wss://example.org:443"),
        ("http://example.org", "http://example.org:80", "ws://example.org:80"),
        ("https://gpu.lan/comfy/", "https://gpu.lan:443/comfy", "wss://gpu.lan:443/comfy"),
        ("[::1]:8188", "http://[::1]:8188", "ws://[::1]:8188"),
        ("[::]:8188", "http://[::1]:8188", "ws://[::1]:8188"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80", "ws://[2001:db8::1]:80"),
        ("bücher.example:1234", "http://xn--bcher-kva.example:1234", None),
        ("my_box:8188", "http://my_box:8188", None),
    ],
)
def test_the_parts_come_together_again(typed: str, base: str, socket: str | None) -> None:
    address = parse_address(typed)
    assert address.base == str(address) == base
    assert socket in (None, address.socket)


def test_a_missing_port_is_the_one_the_caller_knows() -> None:
    assert parse_address("127.0.0.1", port=8188) == HERE
    assert parse_address("::1", port=8188).base == "http://[::1]:8188"
    assert parse_address("http://box", port=8188).port == 8188
    with pytest.raises(InputError, match="names no port"):
        parse_address("127.0.0.1")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "nothing"), ("  ", "nothing"), ("file:///etc/passwd", "only http"),
        ("ftp://host:21", "only http"), ("javascript:alert(1)", "only http"),
        ("127.0.0.1:0", "no port 0"), ("127.0.0.1:65536", "port"), ("127.0.0.1:-1", "port"),
        ("127.0.0.1:http", "port"), ("http://host:80a", "port"), ("127.1:8188", "neither"),
        ("2130706433:8188", "neither"), ("0x7f000001:8188", "neither"), ("1.2.3.4.5:80", "neither"),
        ("http://", "host"), ("http://a b:80", "no address can hold"), ("a\0b:80", "can hold"),
        ("http://-a:80", "host"), ("http://[::1:80", "host"), ("http://[fe80::1%25eth0]:80", "interface"),
        ("http://host/../x", "path"), ("http://host/a%2fb", "path"), ("h" * 3000, "can hold"),
        ("http://" + "a" * 64 + ":80", "host"), ("http://" + "ab." * 90 + "c:80", "host"),
    ],
)  # fmt: skip
def test_what_can_be_no_address_is_refused_with_the_reason(typed: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        parse_address(typed)
    assert caught.value.remedy
    assert len(caught.value.what) < 300


@pytest.mark.parametrize(
    "typed",
    [
        "http://me:hunter2@host:80", "hunter2@host:80", "https://host/?token=hunter2",
        "host:80/?api_key=hunter2", "ftp://me:hunter2@host", "http:///me:hunter2@host",
    ],
)  # fmt: skip
def test_a_secret_in_an_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(InputError, match="password or a token") as caught:
        parse_address(typed)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", True), ("::ffff:127.0.0.1", True), ("192.168.0.2", False),
        ("169.254.169.254", False), ("::ffff:8.8.8.8", False), ("localhost.evil.example", False),
        ("127.0.0.1.nip.io", False), ("ip6-localhost", False), ("fe80::1", False),
    ],
)  # fmt: skip
def test_only_what_cannot_leave_this_machine_is_loopback(host: str, here: bool) -> None:
    assert parse_address(f"[{host}]:80" if ":" in host else f"{host}:80").loopback is here


@given(
    st.text(max_size=60) | st.from_regex(r"(https?:/{1,3})?[\w.\[\]:@%-]{1,30}(:\d{1,6})?(/\S*)?")
)
def test_whatever_is_typed_it_is_an_address_or_refused(typed: str) -> None:
    try:
        address = parse_address(typed)
    except InputError:
        return
    assert parse_address(address.base) == address
    assert parse_address(address.socket) == address
    assert address.base.isascii()
    assert "@" not in address.place
    assert 1 <= address.port <= 65535
