# SPDX-License-Identifier: GPL-3.0-or-later
"""Any screenplay file as a ``Screenplay``: Fountain, Final Draft or plain text.

The one idea: what a file is, its content says, not its name; so a Fountain file
called .txt and an .fdx renamed by a mail program are read all the same.
"""

from __future__ import annotations

from dataclasses import replace

from .decoding import decode
from .fdx import fountain_from_fdx, is_fdx
from .fountain import read_fountain
from .script import Screenplay

__all__ = ["read"]


def read(data: bytes | str) -> Screenplay:
    """The screenplay in ``data``, a whole file's bytes or its text.

    Takes time linear in its length.

    Raises:
        ScriptError: It is no text, not well-formed XML, or longer than five
            million bytes; names line and column, from 1.
    """
    text = decode(data)
    if is_fdx(text):
        return replace(read_fountain(fountain_from_fdx(text)), source="fdx")
    return read_fountain(text)
