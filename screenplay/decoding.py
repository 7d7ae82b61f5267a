# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes of a screenplay as text, whatever program wrote them.

The one idea: a byte-order mark decides, then UTF-8, then the single-byte code
page that the bytes look like.  What is no text at all is refused with the place
of the first byte that says so, before anything else reads it.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from ..core.errors import ScriptError

__all__ = ["MAX_BYTES", "decode", "position"]

#: Five million bytes is some 30 feature screenplays: past that it is another kind of file.
MAX_BYTES: Final = 5_000_000

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN: Final = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (.fadein, .docx and .celtx are such)"),
    (b"\x89PNG", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "a Rich Text document"),
    (b"BLENDER", "a .blend file"),
)
_EXPORT: Final = "Export it as Fountain (.fountain), Final Draft (.fdx) or plain text first."
_NEWLINE: Final = re.compile(r"\r\n|\n|\r")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_LETTER: Final = re.compile(rb"[A-Za-z\x80-\xff]")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of code point ``offset`` in ``text``."""
    line, start = 1, 0
    for match in _NEWLINE.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return line, offset - start + 1


def decode(data: bytes | str) -> str:
    """The text in ``data``, without a byte-order mark, otherwise unchanged.

    UTF-8, UTF-16 and UTF-32 are told by their marks (UTF-16 also without one);
    other bytes are read as Windows-1251 when most letters are above ASCII, as
    Cyrillic is, else as Windows-1252.

    Raises:
        ScriptError: It is longer than ``MAX_BYTES``, or no text.
    """
    if len(data) > MAX_BYTES:
        raise ScriptError(
            f"The file has {len(data):,} bytes; a screenplay may have {MAX_BYTES:,}.",
            remedy="Give the screenplay alone, or cut it into parts.",
            line=1,
            column=1,
        )
    text = data.removeprefix("\ufeff") if isinstance(data, str) else _from_bytes(bytes(data))
    return _checked(text)


def _from_bytes(data: bytes) -> str:
    for magic, what in _KNOWN:
        if data.startswith(magic):
            raise ScriptError(f"This is {what}, not text.", remedy=_EXPORT, line=1, column=1)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    unmarked = _unmarked_utf16(data)
    if unmarked:
        return _strict(data, unmarked)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _end(data[: error.start].decode(encoding, "replace"))
        raise ScriptError(
            f"The file says it is {encoding.upper()}, and this is not.",
            remedy="Save it again as UTF-8.",
            line=line,
            column=column,
        ) from error


def _end(text: str) -> tuple[int, int]:
    return position(text, len(text))


def _unmarked_utf16(data: bytes) -> str:
    """The kind of UTF-16 that the first bytes look like: every other one zero."""
    head = data[:400]
    half = len(head) // 2
    if half < 2:
        return ""
    for encoding, zeros, others in (
        ("utf-16-le", head[1::2], head[0::2]),
        ("utf-16-be", head[0::2], head[1::2]),
    ):
        if zeros.count(0) * 10 >= half * 9 and not others.count(0):
            return encoding
    return ""


def _legacy(data: bytes) -> str:
    cyrillic = len(_HIGH.findall(data)) * 2 > len(_LETTER.findall(data))
    return data.decode("cp1251" if cyrillic else "cp1252", "replace")


def _checked(text: str) -> str:
    """``text`` if it can be one: no NULs, no lone surrogates, no more than stray controls."""
    odd = re.search("[\x00\ud800-\udfff]", text)
    if odd is None:
        controls = list(re.finditer("[\x01-\x08\x0e-\x1f]", text))
        odd = controls[0] if len(controls) > 8 + len(text) // 100 else None
    if odd is None:
        return text
    line, column = position(text, odd.start())
    raise ScriptError(
        f"The character U+{ord(odd.group()):04X} cannot stand in a screenplay; this is no text.",
        remedy=_EXPORT,
        line=line,
        column=column,
    )
