# SPDX-License-Identifier: GPL-3.0-or-later
"""ComfyUI's socket messages as frozen values: what arrives is checked here, and only here.

A message that is not as it should be becomes ``Strange`` and is passed over: the end of a
prompt can always be learned from the history.  The recordings in ``tests/data/comfyui`` hold
every kind; ``progress`` and ``follow`` say what they mean for our work.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = [
    "FLAGS", "Cached", "Errored", "Executed", "Executing", "Flags", "Interrupted", "Message",
    "NodeState", "Preview", "States", "Started", "Status", "Strange", "Succeeded", "Ticked",
    "read_binary", "read_text",
]  # fmt: skip

#: What we say first on a socket: previews are to come with the prompt they belong to.
FLAGS = '{"type":"feature_flags","data":{"supports_preview_metadata":true}}'
#: Longest text message read, in characters: an error with all its inputs takes 60 thousand.
MOST_TEXT = 16 * 2**20
#: Longest message in bytes: a picture of a result sent over the socket, uncompressed at worst.
MOST_BINARY = 64 * 2**20
_WITHOUT_METADATA, _TEXT, _WITH_METADATA = 1, 3, 4
#: How a picture begins, whatever the message says of it.
_MAGIC: Mapping[bytes, str] = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How many prompts wait or run, everybody's; ``client`` is who we are, said once."""

    remaining: int
    client: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the server can do, as it answers to what we can."""

    previews: bool
    upload_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A prompt's turn has come."""

    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    """Nodes of a prompt that need not run."""

    prompt: str
    nodes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Executing:
    """A node runs; ``node`` "" says that the prompt has ended and lies in the history.

    ``prompt`` is "" in the one that is repeated to who reconnects.
    """

    prompt: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """An output node is done; ``output`` is what it reports, by kind."""

    prompt: str
    node: str
    output: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """A node's own progress."""

    prompt: str
    node: str
    value: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """How far a node is; ``state`` is pending, running, finished or error."""

    state: str
    value: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """How far the nodes of a prompt are that have begun."""

    prompt: str
    nodes: Mapping[str, NodeState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """All nodes are done; the history is not yet written."""

    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errored:
    """A node raised; ``fatal`` is false for a branch that was merely closed."""

    prompt: str
    node: str
    node_type: str
    exception: str
    message: str
    trace: str = ""
    fatal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """Somebody stopped the prompt."""

    prompt: str
    node: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A picture of work under way; ``prompt`` is "" where the server does not say whose."""

    prompt: str
    node: str
    suffix: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A message that we do not know or that is not whole."""

    kind: str


Message: TypeAlias = (
    Status | Flags | Started | Cached | Executing | Executed | Ticked | States | Succeeded
    | Errored | Interrupted | Preview | Strange
)  # fmt: skip


def read_text(text: str) -> Message:
    """A text message; ``Strange`` for what is unknown, broken, too long or nested too deep."""
    if len(text) > MOST_TEXT:
        return Strange(kind="too long")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Strange(kind="no JSON")
    kind = value.get("type") if isinstance(value, dict) else None
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not isinstance(data, dict):
        return Strange(kind="no message")
    read = _READERS.get(kind)
    if read is None:
        return Strange(kind=kind[:60])
    try:
        return read(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return Strange(kind=kind)  # a list where names were due, a number beyond all numbers


def read_binary(data: bytes) -> Message:
    """A binary message: a preview, JPEG or PNG, with or without whom it belongs to."""
    if not 8 <= len(data) <= MOST_BINARY:
        return Strange(kind="binary of no sensible length")
    event, number = struct.unpack_from(">II", data)
    if event == _WITHOUT_METADATA:
        return _preview(data[8:], "", "")
    if event != _WITH_METADATA or 8 + number > len(data):
        return Strange(kind=f"binary {event}")
    try:
        about = json.loads(data[8 : 8 + number])
        return _preview(data[8 + number :], _text(about["prompt_id"]), _text(about["node_id"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Strange(kind="preview without its metadata")


def _preview(picture: bytes, prompt: str, node: str) -> Message:
    for magic, suffix in _MAGIC.items():
        if picture.startswith(magic):
            return Preview(prompt=prompt, node=node, suffix=suffix, data=picture)
    return Strange(kind="preview that is no picture")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def _status(data: dict[str, Any]) -> Message:
    remaining = data["status"]["exec_info"]["queue_remaining"]
    return Status(remaining=int(_number(remaining)), client=_text(data.get("sid") or ""))


def _flags(data: dict[str, Any]) -> Message:
    most = data.get("max_upload_size", 0)
    return Flags(
        previews=data.get("supports_preview_metadata") is True,
        upload_bytes=most if type(most) is int else 0,
    )


def _cached(data: dict[str, Any]) -> Message:
    return Cached(
        prompt=_text(data["prompt_id"]), nodes=frozenset(_text(each) for each in data["nodes"])
    )


def _executing(data: dict[str, Any]) -> Message:
    node = data["node"]
    return Executing(
        prompt=_text(data.get("prompt_id", "")), node="" if node is None else _text(node)
    )


def _executed(data: dict[str, Any]) -> Message:
    output = data.get("output") or {}
    if not isinstance(output, dict):
        raise TypeError("no outputs")
    return Executed(prompt=_text(data["prompt_id"]), node=_text(data["node"]), output=output)


def _ticked(data: dict[str, Any]) -> Message:
    return Ticked(
        prompt=_text(data["prompt_id"]),
        node=_text(data["node"]),
        value=_number(data["value"]),
        most=_number(data["max"]),
    )


def _states(data: dict[str, Any]) -> Message:
    nodes = {
        _text(id): NodeState(
            state=_text(node["state"]), value=_number(node["value"]), most=_number(node["max"])
        )
        for id, node in data["nodes"].items()
    }
    return States(prompt=_text(data["prompt_id"]), nodes=nodes)


def read_error(data: Mapping[str, Any]) -> Errored:
    """A failure as the socket tells it, and as the history keeps it.

    Raises:
        KeyError, TypeError: it is not whole.
    """
    trace = data.get("traceback")
    lines = trace if isinstance(trace, list) else []
    exception = _text(data.get("exception_type") or "")
    return Errored(
        prompt=_text(data["prompt_id"]),
        node=str(data.get("node_id", "")),
        node_type=_text(data.get("node_type") or ""),
        exception=exception,
        message=_text(data.get("exception_message") or "").strip()[:2000],
        trace="".join(line for line in lines if isinstance(line, str))[:20_000],
        fatal=exception != "ExecutionBlocked",
    )


_READERS: Mapping[str, Callable[[dict[str, Any]], Message]] = {
    "status": _status,
    "feature_flags": _flags,
    "execution_start": lambda data: Started(prompt=_text(data["prompt_id"])),
    "execution_cached": _cached,
    "executing": _executing,
    "executed": _executed,
    "progress": _ticked,
    "progress_state": _states,
    "execution_success": lambda data: Succeeded(prompt=_text(data["prompt_id"])),
    "execution_error": read_error,
    "execution_interrupted": lambda data: Interrupted(
        prompt=_text(data["prompt_id"]), node=str(data.get("node_id", ""))
    ),
}
