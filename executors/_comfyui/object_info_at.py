# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a ComfyUI server that is not yet a service of ours: which nodes have you, how old
are you?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ...core.address import parse_address
from ...core.patience import Operation, Patience
from .._http import Ask, Http, Limits
from .._keyring import secrets_here
from .bounded import Bounds
from .object_info import ObjectInfo, parse_object_info
from .server import STATS, read_stats

__all__ = ["fetch_object_info", "fetch_version"]

#: Where ComfyUI listens unless told otherwise.
PORT = 8188
#: Seconds for all of it: a stock 0.33 takes 0.2 s for its 1.6 MB; a server with many custom nodes
#: some seconds.
ALL = 120.0


def fetch_object_info(url: str) -> ObjectInfo:
    """The node classes of the server at ``url``.

    Raises:
        InputError: the address is none, or the answer is not what /object_info answers.
        ServiceError: the server refuses (``ServiceLost``: does not answer).
    """
    with _asked(url) as http:
        answer = http.ask(Ask(method="GET", path="/object_info", limits=Limits(bytes=Bounds.SIZE)))
        return parse_object_info(answer.body, f"The answer of {http.address}")


def fetch_version(url: str) -> str:
    """The version of the server at ``url``, "" where it tells none.

    Raises:
        InputError: the address is none.
        ServiceError: the server refuses (``ServiceLost``: does not answer).
    """
    with _asked(url) as http:
        stats = read_stats(http.get_json("/system_stats", limits=STATS))
        return stats.version if stats else ""


@contextmanager
def _asked(url: str) -> Iterator[Http]:
    address = parse_address(url, port=PORT)
    patience = replace(Patience(), seconds={Operation.SUBMIT: ALL}, attempts=1)
    http = Http(address, name="ComfyUI", headers=secrets_here().headers(address), patience=patience)
    try:
        yield http
    finally:
        http.close()
