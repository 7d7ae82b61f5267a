# SPDX-License-Identifier: GPL-3.0-or-later
"""The title page of a Final Draft file, which is laid out and not labelled.

The one idea: the order is the custom of the trade: the title first, then the
credit, then who is credited; what stands below, left or right, is contact.  No
line is dropped: what has no place goes to the contact.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["title_page"]

_CREDIT: Final = re.compile(
    r"(?:written|screenplay|teleplay|story|script)?\s*(?:and directed\s*)?by:?$|scénario( de)?$|"
    r"(?:un film )?(?:de|von|di|by)$|автор(?: сценария)?:?$|сценарий:?$",
    re.IGNORECASE,
)
_SOURCE: Final = re.compile(
    r"(?:based on|from the|adapted from|по мотивам|d'après)\b", re.IGNORECASE
)
_DATE: Final = re.compile(
    r"(?:draft|revision|revised|\d{1,4}[./-]\d{1,2}[./-]\d{1,4})", re.IGNORECASE
)


def title_page(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One block of Fountain title page made of ``(text, alignment)`` lines, none if all are blank."""
    found: dict[str, list[str]] = {}
    expects = "Title"
    for text, alignment in lines:
        for line in (part.strip() for part in re.split(r"[\r\n]+", text)):
            if not line:
                expects = "Credit" if expects == "Title" and found else expects
                continue
            key = _key(line, alignment, expects, titled="Title" in found)
            found.setdefault(key, []).append(line)
            expects = {"Credit": "Author", "Author": "Author"}.get(key, expects)
    if not found:
        return []
    order = [
        key
        for key in ("Title", "Credit", "Author", "Source", "Draft date", "Contact")
        if key in found
    ]
    return [("block", "\n".join(_entry(key, found[key]) for key in order))]


def _key(line: str, alignment: str, expects: str, *, titled: bool) -> str:
    if _CREDIT.match(line) and (titled or expects != "Title"):
        return "Credit"
    if expects == "Title":
        return "Title"
    if _SOURCE.match(line):
        return "Source"
    if _DATE.search(line):
        return "Draft date"
    if alignment in ("Left", "Right") or expects != "Author":
        return "Contact"
    return "Author"


def _entry(key: str, lines: list[str]) -> str:
    if len(lines) == 1:
        return f"{key}: {lines[0]}"
    return "\n".join([f"{key}:", *(f"    {line}" for line in lines)])
