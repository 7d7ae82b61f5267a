# SPDX-License-Identifier: GPL-3.0-or-later
"""Screenplay emphasis, taken off: ``*it*``, ``**it**``, ``_it_`` become ``it``."""

from __future__ import annotations

import re

__all__ = ["unmarked"]

_MARKED = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)


def unmarked(text: str) -> str:
    """The text as it is read, on one line with single spaces; escaped marks stay."""
    before = ""
    while before != text:
        before, text = text, _MARKED.sub(r"\2", text)
    return " ".join(text.replace("\\*", "*").replace("\\_", "_").split())
