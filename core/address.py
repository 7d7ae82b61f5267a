# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a service listens: what people type, repaired into one exact place.

``127.0.0.1:8188/``, ``http//localhost:8188/queue`` and ``0.0.0.0:8188`` all mean one server.
Nothing is looked up: only a number can be loopback (and ``localhost``, which is made into one),
since a name may resolve to anywhere.  An address never holds a secret: those are
in ``secrets``.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

from .errors import InputError

__all__ = ["Address", "parse_address"]

#: Beginnings people mistype: a missing colon, one slash or three, backslashes.
_SCHEME = re.compile(r"^(https?|wss?)(:?[/\\]{1,3}|:(?=[^/\\\d])|:(?=\d{1,3}\.))", re.I)
_OTHER_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(?!\d+([/\\?#]|$))", re.I)
#: What a host name may be made of; an underscore is met in names of containers.
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$")
_LIKE_A_NUMBER = re.compile(r"(0x[0-9a-f]*|\d+)$")
_SEGMENT = re.compile(r"[A-Za-z0-9._~@:+-]+$")
#: Words of a query that carry a secret.
_SECRET = re.compile(r"(token|key|pass|secret|auth|sig|session|code)", re.I)
#: Pages and calls people copy together with the address; services add their own again.
_PAGES = frozenset(
    {"api", "config", "docs", "gradio_api", "health", "history", "index.html", "info", "mcp"}
    | {"models", "object_info", "prompt", "queue", "sse", "system_stats", "v1", "view", "ws"}
)
_HTTP, _HTTPS = 80, 443
#: The longest thing read as an address, in characters.
_LONGEST = 2000
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # recognised, never listened on


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Address:
    """One place: ``host`` is a lower-case name or a bare number, ``path`` is "" or "/prefix"."""

    host: str
    port: int
    secure: bool = False
    path: str = ""

    @property
    def place(self) -> str:
        """``host:port``, as it stands in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def base(self) -> str:
        """``http://host:port[/prefix]``, without a slash at the end."""
        return f"{'https' if self.secure else 'http'}://{self.place}{self.path}"

    @property
    def socket(self) -> str:
        """The same place for a web socket: ``ws://``, or ``wss://`` where ``base`` is secure."""
        return f"{'wss' if self.secure else 'ws'}://{self.place}{self.path}"

    @property
    def loopback(self) -> bool:
        """Whether it is certain to stay on this machine."""
        number = _number(self.host)
        return number is not None and number.is_loopback

    def __str__(self) -> str:
        return self.base


def parse_address(text: str, *, port: int | None = None) -> Address:
    """The address somebody typed or pasted.

    ``port`` is taken where ``text`` names none.  Without it, an address with http:// or
    https:// gets the web's port (80, 443) and any other is refused.

    Raises:
        InputError: it can be no address, or carries a password or token (which is not repeated).
    """
    said = _tidied(text)
    scheme, rest = _split_scheme(said)
    if "@" in rest.split("/")[0].split("?")[0]:
        _refuse_secret()
    try:
        parts = urlsplit(f"http://{rest}")
        asked = parts.port
    except ValueError:
        _refuse(said, "its host or port is not written as one")
    if any(_SECRET.search(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        _refuse_secret()
    secure = scheme in ("https", "wss")
    if asked is None:
        asked = port or ((_HTTPS if secure else _HTTP) if scheme else None)
    if asked is None:
        _refuse(said, "it names no port")
    if not 1 <= asked <= 65535:
        _refuse(said, f"there is no port {asked}")
    host = _host(parts.hostname or "", said)
    return Address(host=host, port=asked, secure=secure, path=_path(parts.path, said))


def _tidied(text: str) -> str:
    """Without what comes along when an address is copied: spaces, quotes, brackets, dots."""
    said = unicodedata.normalize("NFKC", text).strip().strip("<>\"'`,; ").rstrip(".…")
    said = re.sub(r"\s*([:/.\\])\s*", r"\1", said)
    if not said:
        _refuse(said, "nothing is written there")
    if len(said) > _LONGEST or re.search(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]", said):
        _refuse(said, "it holds what no address can hold")
    return said


def _split_scheme(said: str) -> tuple[str, str]:
    """The scheme ("" when none was typed) and what follows it."""
    found = _SCHEME.match(said)
    if found:
        return found[1].lower(), said[found.end() :].replace("\\", "/").lstrip("/")
    if "://" in said or _OTHER_SCHEME.match(said):
        if "@" in said:
            _refuse_secret()
        _refuse(said, "only http and https lead to a service")
    return "", _bracketed(said.replace("\\", "/").lstrip("/"))


def _bracketed(rest: str) -> str:
    """A bare IPv6 number gets the brackets it needs in a URL."""
    host, slash, tail = rest.partition("/")
    number = _number(host)
    return f"[{host}]{slash}{tail}" if number is not None and number.version == 6 else rest


def _host(host: str, said: str) -> str:
    host = host.strip(".")
    if "%" in host:
        _refuse(said, "an interface of this machine is part of it")
    number = _number(host)
    if number is None:
        return _name(host, said)
    # An IPv4 number in an IPv6 one leads to the same place.
    mapped = getattr(number, "ipv4_mapped", None)
    return _EVERYWHERE.get(str(mapped or number), str(mapped or number))


def _name(host: str, said: str) -> str:
    """A host name as the wire spells it."""
    try:
        name = host.encode("idna").decode("ascii").lower() if host else ""
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL.match, labels)):
        _refuse(said, "its host is not written as one")
    if _LIKE_A_NUMBER.match(labels[-1]):
        # 127.1 and 0x7f000001 mean a number to some systems and a name to others.
        _refuse(said, "its host is neither a name nor a whole number")
    return "127.0.0.1" if name == "localhost" else name


def _path(path: str, said: str) -> str:
    """The prefix a proxy serves it under; pages of the service itself are left out."""
    segments = [segment for segment in path.split("/") if segment]
    if any(not _SEGMENT.match(segment) or segment in (".", "..") for segment in segments):
        _refuse(said, "its path holds what no service's path holds")
    while segments and segments[-1].lower() in _PAGES:
        segments.pop()
    return "".join(f"/{segment}" for segment in segments)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refuse(said: str, why: str) -> NoReturn:
    shown = re.sub(r"[?#].*", "", said)[:100]
    shown = "".join(char if char.isprintable() else "?" for char in shown)
    shown = "that" if "@" in shown else f"'{shown}'"
    raise InputError(
        f"There is no service at {shown}: {why}.",
        remedy="Write it like 127.0.0.1:8188 or https://example.org/comfy.",
    )


def _refuse_secret() -> NoReturn:
    raise InputError(
        "The address holds a password or a token, which would be seen wherever it is shown.",
        remedy="Leave it out of the address; give it by the environment or the system's keyring.",
    )
