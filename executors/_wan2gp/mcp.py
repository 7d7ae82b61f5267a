# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools of an MCP server over HTTP, as Wan2GP serves it: one question, one JSON answer.

Its transport keeps no session: every call stands alone.  ``/mcp`` only points to ``/mcp/``, so the
latter is asked.  A tool that fails answers with HTTP 200 and says so inside.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from ...core.errors import BadAnswer, ServiceRefused
from ...core.executor import CancelFlag
from ...core.patience import Operation
from .._http import Http, Limits

__all__ = ["ToolFailed", "call", "greet", "tool_names"]

PATH = "/mcp/"
#: The revision whose transport this is (https://modelcontextprotocol.io/specification/2025-03-26).
_REVISION = "2025-03-26"
#: Both must be listed, or the answer is 406.
_HEADERS = {"Accept": "application/json, text/event-stream"}
#: The largest answers are lists of models: 217 with all they can do are under a megabyte.
_LIMITS = Limits(bytes=16 * 2**20, depth=40, values=400_000)
_NUMBERS = itertools.count(1)


class ToolFailed(ServiceRefused):
    """A tool answered that it failed; ``log`` is what it said."""


def greet(http: Http) -> str:
    """What the server calls itself; "" where no MCP server answers."""
    body = {
        "protocolVersion": _REVISION,
        "capabilities": {},
        "clientInfo": {"name": "movie-director", "version": "1"},
    }
    answer = _ask(http, "initialize", body, operation=Operation.HEALTH)
    info = answer.get("serverInfo")
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) else ""


def tool_names(http: Http) -> frozenset[str]:
    """The tools it has."""
    answer = _ask(http, "tools/list", {}, operation=Operation.HEALTH)
    tools = answer.get("tools")
    if not isinstance(tools, list):
        raise _bad(http, "listed no tools")
    names = (tool.get("name") for tool in tools if isinstance(tool, dict))
    return frozenset(name for name in names if isinstance(name, str))


def call(
    http: Http,
    tool: str,
    arguments: Mapping[str, Any],
    *,
    operation: Operation = Operation.SUBMIT,
    repeatable: bool = True,
    cancel: CancelFlag | None = None,
) -> Any:
    """What a tool answers: an object, or a list.

    ``repeatable`` is False where calling it twice does something twice.

    Raises:
        ToolFailed: it said that it failed.
        BadAnswer: the answer is none.
    """
    params = {"name": tool, "arguments": arguments}
    answer = _ask(
        http, "tools/call", params, operation=operation, repeatable=repeatable, cancel=cancel
    )
    if answer.get("isError"):
        failed = ToolFailed(
            f"{http.who} could not do what was asked ({tool}).",
            remedy="Look at Wan2GP's own window: what it says there tells more.",
        )
        failed.log = _text(answer)
        raise failed
    value = answer.get("structuredContent")
    if value is None:
        value = _parsed(http, _text(answer))
    # A tool that gives a list has it under one key.
    return value["result"] if isinstance(value, dict) and set(value) == {"result"} else value


def _ask(http: Http, method: str, params: Mapping[str, Any], **named: Any) -> dict[str, Any]:
    number = next(_NUMBERS)
    question = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    named = {"repeatable": True, **named}
    answer = http.post_json(PATH, question, headers=_HEADERS, limits=_LIMITS, **named)
    if not isinstance(answer, dict) or answer.get("id") != number:
        raise _bad(http, "answered another question")
    error = answer.get("error")
    if error is not None:
        refused = ToolFailed(
            f"{http.who} does not know how to do what was asked ({method}).",
            remedy="Update Wan2GP: this version has another interface.",
        )
        refused.log = json.dumps(error)[:2000]
        raise refused
    result = answer.get("result")
    if not isinstance(result, dict):
        raise _bad(http, "answered without a result")
    return result


def _text(answer: Mapping[str, Any]) -> str:
    content = answer.get("content")
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))[:100_000]


def _parsed(http: Http, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _bad(http, "answered with what is not JSON") from error


def _bad(http: Http, what: str) -> BadAnswer:
    return BadAnswer(
        f"{http.who} {what}.",
        remedy="Check that the address is Wan2GP's, and update Wan2GP.",
    )
