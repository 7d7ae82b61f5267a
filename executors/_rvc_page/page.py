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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ...core.errors import BadAnswer, ServiceRefused, Unauthorised
from ...core.executor import CancelFlag
from ...core.patience import Operation
from .._http import Ask, Http

__all__ = ["Following", "Function", "call", "choices", "file_path", "functions", "text_of"]

#: The most functions and inputs that are looked at.
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One of the page's functions: its place in its description, and what its inputs are.

    ``inputs`` are their types and ``defaults`` what the page has in them; ``stop`` is the function
    behind it that ends it, where there is one.
    """

    name: str
    number: int
    inputs: tuple[str, ...] = ()
    defaults: tuple[Any, ...] = ()
    stop: Function | None = None


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
    parts = {each.get("id"): each for each in _dicts(value.get("components"))}
    listed, found = _dicts(value.get("dependencies")), {}
    for number, each in enumerate(listed):
        name, ids = each.get("api_name"), each.get("inputs")
        if isinstance(name, str) and isinstance(ids, list):
            mine = [parts.get(id, {}) for id in ids if isinstance(id, int)]
            found[name] = Function(
                name=name,
                number=number,
                inputs=tuple(str(part.get("type")) for part in mine),
                defaults=tuple(_props(part).get("value") for part in mine),
                stop=_stop_of(listed, number),
            )
    return found


def _props(part: Mapping[str, Any]) -> Mapping[str, Any]:
    props = part.get("props")
    return props if isinstance(props, dict) else {}


def _stop_of(listed: Sequence[Mapping[str, Any]], number: int) -> Function | None:
    """The next function, where it takes nothing, has no name and writes where this one does."""
    mine = listed[number].get("outputs")
    after = listed[number + 1] if number + 1 < len(listed) else {}
    told = after.get("outputs")
    if not isinstance(mine, list) or not isinstance(told, list) or not mine or not told:
        return None
    unnamed = after.get("inputs") == [] and not after.get("api_name")
    return Function(name="", number=number + 1) if unnamed and told[0] == mine[0] else None


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
    # Without a session of its own, a question goes on with what somebody else asked.
    value = {"data": list(data), "session_hash": uuid.uuid4().hex}
    return _asked(http, name, value, cancel, repeatable, operation)[0]


class Following:
    """What a function tells, one telling at a time.

    A question is never given up: the page would go on with it, and take the next one for another.
    Each is answered within seconds, while the function lives.  Whoever knows the ``session`` goes
    on with what it tells; in a page that was started again, the function begins anew.
    """

    def __init__(
        self, http: Http, function: Function, data: Sequence[Any], session: str = ""
    ) -> None:
        self._http, self._function, self._data = http, function, data
        self.session, self._more = session or uuid.uuid4().hex, True

    def next(self) -> list[Any] | None:
        """The next telling; None after the last.  Errors as ``Http`` says."""
        if not self._more:
            return None
        value = {
            "data": list(self._data),
            "session_hash": self.session,
            "fn_index": self._function.number,
        }
        told, self._more = _asked(self._http, self._function.name or "predict", value, None, False)
        return told


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
    question: Mapping[str, Any],
    cancel: CancelFlag | None,
    repeatable: bool,
    operation: Operation = Operation.SUBMIT,
) -> tuple[list[Any], bool]:
    value = http.post_json(
        f"/api/{name}", question, operation=operation, cancel=cancel, repeatable=repeatable
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
