# SPDX-License-Identifier: GPL-3.0-or-later
"""What the editor does to text on its way into the prompt.

Prompts may hold comments and choices (``{red|green}``), names of files the date and other
nodes' values (``%date:yyyy-MM-dd%``, ``%KSampler.seed%``).  The editor throws dice for a choice;
here the first one is taken, so that converting a file twice gives the same.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

__all__ = ["without_choices", "with_replacements"]

_COMMENT = re.compile(r"/\*[\s\S]*?\*/|//[^\n\r\u2028\u2029]*")
_ESCAPED = re.compile(r"\\([{}|])")
_PATTERN = re.compile(r"%([^%]+)%")
_DATE = re.compile(r"dd?|MM?|hh?|mm?|ss?|yy(?:yy)?")
#: Braces in braces; deeper text stays as it is.
DEEPEST = 50


def without_choices(text: str, depth: int = 0) -> str:
    """The text without comments, each group in braces replaced by its first choice."""
    text = _COMMENT.sub("", text)
    if "{" not in text and "\\" not in text:
        return text
    out, at = [], 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter == "\\":
            out.append(letter + (text[at] if at < len(text) else "undefined"))
            at += 1
        elif letter == "{" and depth < DEEPEST:
            chosen, at = _first_choice(text, at)
            out.append(without_choices(chosen, depth + 1))
        else:
            out.append(letter)
    return _ESCAPED.sub(r"\1", "".join(out))


def _first_choice(text: str, at: int) -> tuple[str, int]:
    """The first choice of the group that begins at ``at``, and where the group ends."""
    first: str | None = None
    choice: list[str] = []
    depth = 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter == "\\":
            choice.append(letter + (text[at] if at < len(text) else "undefined"))
            at += 1
            continue
        if letter == "{":
            depth += 1
        elif letter == "}":
            if not depth:
                break
            depth -= 1
        elif letter == "|" and not depth:
            first = "".join(choice) if first is None else first
            choice = []
            continue
        choice.append(letter)
    return ("".join(choice) if first is None else first), at


def with_replacements(
    text: str, widget: Callable[[str, str], str | None], now: datetime.datetime | None
) -> str:
    """The text with ``%Node.widget%`` and ``%date:…%`` filled in; dates only if ``now`` is given.

    ``widget`` gives a node's value as text, or None where there is none: that stays as it is.
    """

    def replacement(match: re.Match[str]) -> str:
        parts = match[1].split(".")
        if len(parts) == 2:
            found = widget(parts[0], parts[1])
            return match[0] if found is None else re.sub(r'[/?<>\\:*|"\x00-\x1f\x7f]', "_", found)
        if parts[0].startswith("date:") and now is not None:
            return _date(parts[0][len("date:") :], now)
        return match[0]

    return _PATTERN.sub(replacement, text)


def _date(pattern: str, now: datetime.datetime) -> str:
    """The date in the editor's letters: yyyy MM dd hh mm ss."""
    numbers = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def word(match: re.Match[str]) -> str:
        letters = match[0]
        if letters[0] == "y":
            return f"{now.year:04}"[-len(letters) :]
        return f"{numbers[letters[0]]:0{len(letters)}}"

    return _DATE.sub(word, pattern)
