# SPDX-License-Identifier: GPL-3.0-or-later
"""Call one endpoint of a Gradio app; runs in the helper's environment, which has the library.

One call, followed to its end.  Nothing is sent but to the server: no token from elsewhere, no
report of its address, no way through a proxy.  Files are not fetched here: where they lie on the
server is told, and whoever asked fetches them under its own bounds.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

#: Says how far the work is (0-1), and what is being done.
Say = Callable[[float, str], None]

#: Seconds between two looks at the work.
_POLL_S = 0.1
#: Letters kept of what a server says.
_MOST = 2000


def call(arguments: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """``{"outcome": "answer", "data": [...]}``, or how it ended without one.

    Arguments: ``base`` (the server's address), ``function`` (its number in ``/config``), ``inputs``
    (JSON, one for each of the endpoint's), ``headers`` that let us in, and seconds: ``silence_s``
    between two signs of life (the server gives one every 15), ``whole_s`` for all, ``connect_s``.

    Other outcomes: ``failed`` (``said``), ``full`` (its queue), ``lost`` (``sent``), ``silent``,
    ``slow``, ``unauthorised``, ``bad`` (``said``).
    """
    import gradio_client

    silence, connect = float(arguments["silence_s"]), float(arguments["connect_s"])
    wire = {
        "timeout": (
            connect,
            silence,
            silence,
            silence,
        ),  # for the connection, reading, writing, a turn
        "trust_env": False,
        "follow_redirects": False,
    }
    try:
        client = gradio_client.Client(
            arguments["base"],
            token=False,  # None would be whatever the user is logged in with elsewhere
            headers=dict(arguments["headers"]) or None,
            download_files=False,
            analytics_enabled=False,
            verbose=False,
            httpx_kwargs=wire,
            max_workers=1,
        )
    except Exception as error:  # the library's, httpx's and Python's own
        return _ended(error, arguments, sent=False)
    try:
        say(0.0, "")
        task = client.submit(*arguments["inputs"], fn_index=int(arguments["function"]))
        return _followed(task, arguments, say)
    except Exception as error:  # as above
        return _ended(error, arguments, sent=True)
    finally:
        client.close()


def _followed(task: Any, arguments: Mapping[str, Any], say: Say) -> dict[str, Any]:
    ends = time.monotonic() + float(arguments["whole_s"])
    while not task.done():
        if time.monotonic() > ends:
            return {"outcome": "slow"}
        fraction, note = _standing(task.status())
        say(fraction, note)
        time.sleep(_POLL_S)
    found = task.result(timeout=1)
    data = list(found) if isinstance(found, tuple | list) else [found]
    return {"outcome": "answer", "data": data}


def _standing(status: Any) -> tuple[float, str]:
    """How far the work is, as far as the server says."""
    if status.rank:
        return 0.0, f"waiting: {status.rank} before it in the service's queue"
    units = status.progress_data or []
    for unit in units:
        fraction = unit.progress
        if fraction is None and unit.length:
            fraction = (unit.index or 0) / unit.length
        if fraction is not None:
            return float(fraction), str(unit.desc or "")[:80]
    return 0.0, ""


def _ended(error: Exception, arguments: Mapping[str, Any], *, sent: bool) -> dict[str, Any]:
    """What an exception of the library's means."""
    names = " ".join(kind.__name__ for kind in type(error).__mro__)
    said = str(error)[:_MOST]
    if "AuthenticationError" in names or "401" in said[:200]:
        return {"outcome": "unauthorised"}
    if "QueueError" in names:
        return {"outcome": "full"}
    if "AppError" in names or "ValidationError" in names:
        return {"outcome": "failed", "said": said}
    if "Timeout" in names and "ConnectTimeout" not in names:
        return {"outcome": "silent"}
    if "CancelledError" in names:
        # The stream ended in mid-work: the server died, or said nothing for too long.
        return {"outcome": "lost" if _gone(arguments) else "silent", "sent": True}
    if "TransportError" in names:
        return {"outcome": "lost", "sent": sent and "ConnectError" not in names}
    return {"outcome": "bad", "said": f"{type(error).__name__}: {said}"[:_MOST]}


def _gone(arguments: Mapping[str, Any]) -> bool:
    """Whether nobody takes a connection any more; one who takes it and says nothing is frozen."""
    place = urlsplit(arguments["base"])
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        with socket.create_connection((place.hostname, port), float(arguments["connect_s"])) as way:
            # Any answer will do; whoever wants TLS says no at once.
            way.sendall(b"GET /favicon.ico HTTP/1.0\r\n\r\n")
            way.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


#: What the helper process finds here: jobs by name.
JOBS = {"call": call}
