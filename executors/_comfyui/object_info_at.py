# SPDX-License-Identifier: GPL-3.0-or-later
"""One question to a ComfyUI server that is not yet a service of ours: which nodes have you?"""

from __future__ import annotations

from dataclasses import replace

from ...core.address import parse_address
from ...core.patience import Operation, Patience
from .._http import Ask, Http, Limits
from .._keyring import secrets_here
from .bounded import Bounds
from .object_info import ObjectInfo, parse_object_info

__all__ = ["fetch_object_info"]

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
    address = parse_address(url, port=PORT)
    patience = replace(Patience(), seconds={Operation.SUBMIT: ALL}, attempts=1)
    headers = secrets_here().headers(address)
    http = Http(address, name="ComfyUI", headers=headers, patience=patience)
    try:
        limits = Limits(bytes=Bounds.SIZE)
        answer = http.ask(Ask(method="GET", path="/object_info", limits=limits))
        return parse_object_info(answer.body, f"The answer of {address}")
    finally:
        http.close()
