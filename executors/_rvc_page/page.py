# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions of RVC's web page, by the names that its own description gives them.

It is a Gradio 3 page: a question is answered when the function is done.  A function that tells of
itself meanwhile answers with one telling, and the same question in the same session brings the
next.  There is no way to send it a file but inside a question, and a failure is a text.
Facts from the page's source (webui.py of 2026-07-23) and Gradio 3.14's (routes.py), read 2026-11-25.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ...core.errors import BadAnswer, ServiceRefused, Unauthorised
from ...core.executor import CancelFlag
from ...core.patience import Operation
from .._http import Ask, Http

__all__ = ["Function", "call", "choices", "file_path", "follow", "functions", "text_of"]

#: The most functions and inputs that are looked at.
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One of the page's functions: its place in its description, and what its inputs are.

    ``number`` is -1 where only its name is known.
    """

    name: str
    number: int
    inputs: tuple[str, ...]


def functions(http: Http) -> Mapping[str, Function]:
    """The functions that have names; {} where what answers is no Gradio page.

    Errors as ``Http`` says, but that a server without the question is no error.
    """
    try:
        answer = http.ask(
            Ask(method="GET", path="/config", operation=Operation.HEALTH, accept=(200, 404))
        )
        value = answer.json() if answer.status == 200 else None
    except Unauthorised:
        raise
    except (BadAnswer, ServiceRefused):
        return {}
    if not isinstance(value, dict):
        return {}
    kinds = {each.get("id"): str(each.get("type")) for each in _dicts(value.get("components"))}
    found = {}
    for number, each in enumerate(_dicts(value.get("dependencies"))):
        name, inputs = each.get("api_name"), each.get("inputs")
        if isinstance(name, str) and isinstance(inputs, list):
            types = tuple(kinds.get(id, "") for id in inputs if isinstance(id, int))
            found[name] = Function(name=name, number=number, inputs=types)
    return found


def call(
    http: Http,
    name: str,
    data: Sequence[Any],
    *,
    operation: Operation = Operation.SHORT,
    cancel: CancelFlag | None = None,
    repeatable: bool = False,
) -> list[Any]:
    """What a function gives.  Errors as ``Http`` says."""
    return _asked(http, name, data, uuid.uuid4().hex, operation, cancel, repeatable)[0]


def follow(
    http: Http, name: str, data: Sequence[Any], cancel: CancelFlag | None = None
) -> Iterator[list[Any]]:
    """What a function tells, as it tells it, to its end.  Errors as ``Http`` says."""
    session = uuid.uuid4().hex
    while True:
        told, more = _asked(http, name, data, session, Operation.TRAINING, cancel, False)
        if told and told[0] is not None:
            yield told
        if not more:
            return


def choices(told: Sequence[Any]) -> tuple[str, ...]:
    """The entries of a list that a function renewed; () where it is none."""
    update = told[0] if told else None
    listed = update.get("choices") if isinstance(update, dict) else None
    names = listed if isinstance(listed, list) else []
    return tuple(each for each in names[:_MOST] if isinstance(each, str) and each.isprintable())


def file_path(name: str) -> str:
    """Where a file on the page's machine is asked for."""
    return f"/file={quote(name, safe='/:')}"


def text_of(value: Any) -> str:
    """What a function said, as text of bounded length that can be shown."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return "".join(char for char in text[-4000:] if char == "\n" or char.isprintable())


def _asked(
    http: Http,
    name: str,
    data: Sequence[Any],
    session: str,
    operation: Operation,
    cancel: CancelFlag | None,
    repeatable: bool,
) -> tuple[list[Any], bool]:
    # Without a session of its own, a question goes on with what somebody else asked.
    value = http.post_json(
        f"/api/{name}",
        {"data": list(data), "session_hash": session},
        operation=operation,
        cancel=cancel,
        repeatable=repeatable,
    )
    told = value.get("data") if isinstance(value, dict) else None
    if not isinstance(told, list):
        raise BadAnswer(
            f"{http.who} answered '{name}' with something else than its results.",
            remedy="Check that the address is the RVC page's, and which release of it runs there.",
        )
    return told, value.get("is_generating") is True


def _dicts(value: Any) -> list[dict[str, Any]]:
    return (
        [each if isinstance(each, dict) else {} for each in value[:_MOST]]
        if isinstance(value, list)
        else []
    )
