# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers, taken in only as far as was agreed.

A server may send for ever, send a megabyte that unpacks into a gigabyte, or send brackets without
end.  Pieces come unpacked by us and counted on both sides; JSON is judged before anything looks
into it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import requests

from ...core.errors import BadAnswer
from ...core.foreign_json import ForeignJson, read_foreign
from .sockets import TooMuch

__all__ = ["Limits", "announced", "parse_json", "pieces"]

_PIECE = 2**16
_UNPACKED = {"gzip", "x-gzip", "deflate"}
#: zlib: a header of gzip or zlib, whichever is there.
_EITHER_HEADER = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an answer may be at most.

    ``/object_info`` of a stock ComfyUI 0.33 has 1.6 MB, 96 000 values and a depth of 12; that of a
    server with hundreds of custom nodes some tens of megabytes.
    """

    bytes: int = 64 * 2**20  #: unpacked
    depth: int = 64  #: lists and objects inside each other
    values: int = 4_000_000


def pieces(answer: requests.Response, limit: int, who: str) -> Iterator[bytes]:
    """The body, unpacked, in pieces of at most 64 KiB; the connection is free again at the end.

    Raises:
        BadAnswer: it is larger than ``limit`` bytes, packed in another way, or damaged.
    """
    packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in _UNPACKED | {"identity", ""}:
        _bad(who, "packed its answer in a way that was not asked for")
    if announced(answer) > limit:
        _bad(who, f"announced an answer of more than {limit} bytes")
    raw = answer.raw.stream(_PIECE, decode_content=False)
    plain = _unpacked(raw, limit, who) if packing in _UNPACKED else raw
    total = 0
    try:
        for piece in plain:
            total += len(piece)
            if total > limit:
                raise TooMuch
            yield piece
    except TooMuch:
        _bad(who, f"answered with more than {limit} bytes")


def announced(answer: requests.Response) -> int:
    """Bytes on the wire that the head promises; 0 where it does not say."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _unpacked(raw: Iterator[bytes], limit: int, who: str) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(_EITHER_HEADER)
    total = 0
    try:
        for piece in raw:
            if unpacking.eof:
                # zlib would keep all of it, copying what it has for every piece.
                _bad(who, "sent more after the end of what it packed")
            while piece:
                plain = unpacking.decompress(piece, _PIECE)
                total += len(plain)
                if total > limit:
                    raise TooMuch
                yield plain
                piece = unpacking.unconsumed_tail
        yield unpacking.flush()
    except zlib.error:
        _bad(who, "sent an answer that cannot be unpacked")
    if not unpacking.eof:
        _bad(who, "sent an answer that breaks off")


def parse_json(body: bytes, limits: Limits, who: str) -> Any:
    """The JSON value of an answer, within ``limits``.

    Raises:
        BadAnswer: it is no JSON, too deep, has too many values or a number beyond all bounds.
    """
    try:
        return read_foreign(body, depth=limits.depth, values=limits.values)
    except ForeignJson as error:
        _bad(who, f"sent an answer that {error}")


def _bad(who: str, what: str) -> NoReturn:
    raise BadAnswer(
        f"{who} {what}.",
        remedy="Check that the address is the service's, and which version of it runs there.",
    )
