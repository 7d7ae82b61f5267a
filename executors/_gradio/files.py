# SPDX-License-Identifier: GPL-3.0-or-later
"""Files sent to a Gradio app, and those that it made.

A file is asked for from the app that made it and from nobody else, whatever link it names: only
the path on the server counts, as a part of a path of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...core.errors import BadAnswer, ServiceLost, ServiceRefused, StepFailed
from ...core.patience import Operation
from .._http import Ask, Form, send
from .._http.faults import cleared
from .._service import Errand
from .call import failed
from .page import Page

__all__ = ["fetched", "file_in", "sent"]

#: Ten minutes of stereo at 48 kHz in 32 bits; a picture of the wave beside it is small.
_MOST_BYTES = 512 * 2**20


def sent(errand: Errand, page: Page, path: Path, called: str) -> str:
    """The path that a file of ours has on the server, where it was sent.

    Raises:
        BadAnswer: the server did not say.
    """
    form = Form({}, {"files": (called, path)})
    ask = Ask(
        method="POST",
        path=f"{page.prefix}/upload",
        operation=Operation.SHORT,
        repeatable=True,  # twice there is twice a file
        cancel=errand.cancel,
    )
    value = send(errand.http, ask, form).json()
    first = value[0] if isinstance(value, list) and value else None
    if not isinstance(first, str) or not 0 < len(first) < 4000:
        raise BadAnswer(
            f"{errand.who} took a file and did not say where it lies.",
            remedy="Look at the service's own log.",
        )
    return first


def file_in(value: Any) -> str:
    """The path of a file on the server, as an output holds it; "" where there is none."""
    if isinstance(value, Mapping) and isinstance(value.get("video"), Mapping):
        value = value["video"]
    if isinstance(value, list | tuple) and value:  # a video and its subtitles
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("path") or value.get("name")
    return value if isinstance(value, str) else ""


def fetched(errand: Errand, page: Page, value: Any, said: str = "") -> Path:
    """The file of an output, in the ticket's folder.  Errors as ``_http.fetch``, and:

    Raises:
        StepFailed: there is none: that is how many apps tell a failure.
        ServiceLost: the app does not know the file any more.
    """
    path = file_in(value)
    if not path and said:
        raise failed(errand.http, cleared(said, errand.http.secrets))
    if not path:
        raise StepFailed(
            f"{errand.who} ended without a file.",
            remedy="Look at the service's own window: it tells why there.",
        )
    # ".." would climb out of "/file=" on the way, and an address leads elsewhere.
    climbs = ".." in re.split(r"[/\\]", path)
    away = path.startswith("//") or "://" in path
    if len(path) > 4000 or not path.isprintable() or climbs or away:
        raise BadAnswer(
            f"{errand.who} named a file in a way that cannot be asked for.",
            remedy="Do not use this service before you know why it answers so.",
        )
    ask = Ask(
        method="GET",
        path=f"{page.prefix}/file={quote(path)}",
        operation=Operation.SHORT,
        cancel=errand.cancel,
    )
    try:
        return errand.fetch(ask, most=_MOST_BYTES).path
    except ServiceRefused as error:
        if error.status != 404:
            raise
        # It named the file a moment ago: it knew it, unless it was started again since.
        raise ServiceLost(
            f"{errand.who} was started again and forgot what it had made.",
            remedy="Evaluate again: it is made anew.",
        ) from error
