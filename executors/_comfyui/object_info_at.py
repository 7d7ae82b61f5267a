# SPDX-License-Identifier: GPL-3.0-or-later
"""One question to a ComfyUI server that is not yet a service of ours: which nodes have you?

Asks ``/object_info`` and nothing else, follows no redirects, takes no proxy and no more than a
bounded answer.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import requests

from ...core.errors import InputError, ServiceError, ServiceLost
from .bounded import Bounds
from .object_info import ObjectInfo, parse_object_info

__all__ = ["fetch_object_info"]

#: Seconds to connect, between two pieces of the answer, and for all of it.
CONNECT, READ, ALL = 5.0, 30.0, 120.0
#: A stock 0.33 takes 0.2 s for its 1.6 MB; a server with many custom nodes some seconds.
PIECE = 2**16


def fetch_object_info(url: str) -> ObjectInfo:
    """The node classes of the server at ``url``.

    Raises:
        InputError: the address is none, or the answer is not what /object_info answers.
        ServiceError: the server refuses (``ServiceLost``: does not answer).
    """
    address = _address(url)
    with requests.Session() as session:
        session.trust_env = False  # no proxy between us and a server we were told the place of
        try:
            return parse_object_info(_body(session, address), f"The answer of {address}")
        except requests.RequestException as error:
            raise ServiceLost(
                f"{address} did not answer ({type(error).__name__}).",
                remedy="Start ComfyUI, or name its address with --url.",
            ) from error


def _body(session: requests.Session, address: str) -> bytes:
    deadline = time.monotonic() + ALL
    asked = session.get(
        f"{address}/object_info", timeout=(CONNECT, READ), stream=True, allow_redirects=False
    )
    with asked as answer:
        if answer.status_code != 200:
            raise ServiceError(
                f"{address} answered {answer.status_code} to /object_info.",
                remedy="Check that the address is a ComfyUI server's.",
            )
        body = bytearray()
        for piece in answer.iter_content(PIECE):
            body += piece
            if len(body) > Bounds.SIZE or time.monotonic() > deadline:
                raise ServiceError(
                    f"{address} answered without end.",
                    remedy="Check that the address is a ComfyUI server's.",
                )
        return bytes(body)


def _address(url: str) -> str:
    """``http(s)://host[:port][/path]`` without a slash at the end."""
    text = url.strip().rstrip("/")
    text = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and parts.port != 0 and parts.username is None and not parts.query
    except ValueError:
        usable = False
    if not usable:
        raise InputError(
            f"'{url[:120]}' is no address of a server.",
            remedy="Write it like http://127.0.0.1:8188, without name and password.",
        )
    return text
