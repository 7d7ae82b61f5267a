# SPDX-License-Identifier: GPL-3.0-or-later
"""A screenplay written or changed with a language model's help: what it is told, what it may answer.

A change is a list of passages, each quoted as it stands and given anew: what is not quoted
cannot change, a long script need not be written again, and an answer that quotes what is not
there is refused.  The answer is a proposal, a value; nothing is written here.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Mapping
from typing import Any

from .conversation import Conversation

__all__ = ["CHANGES", "SCRIPT", "Unfit", "applied", "difference", "form_for", "plain", "question"]

_TEXT = {"type": "string", "maxLength": 2**20}
#: The form of a change to a script that is there.
CHANGES: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "comment": {**_TEXT, "description": "What was changed and why, or the answer, in short."},
        "changes": {
            "type": "array",
            "maxItems": 200,
            "items": {
                "type": "object",
                "properties": {
                    "find": {
                        **_TEXT,
                        "minLength": 1,
                        "description": "A passage exactly as it stands in the screenplay,"
                        " long enough to stand there only once.",
                    },
                    "replace": {**_TEXT, "description": "What stands there instead."},
                },
                "required": ["find", "replace"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["comment", "changes"],
    "additionalProperties": False,
}
#: The form of a script where there is none yet.
SCRIPT: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "comment": {**_TEXT, "description": "What was written, in short."},
        "screenplay": {**_TEXT, "minLength": 1, "description": "The screenplay in Fountain."},
    },
    "required": ["comment", "screenplay"],
    "additionalProperties": False,
}

_RULES = (
    "You write screenplays with a filmmaker, in Fountain. A scene begins with a heading such as"
    " 'INT. KITCHEN - DAY' on a line of its own between empty lines. Action is plain present tense."
    " A speaker's name stands in capitals on a line of its own, what is said on the line below."
    " Keep the screenplay's language, its names and its manner."
)
_REVISE = (
    " Change only what the filmmaker asks for. If only a question is asked, answer it in the"
    " comment and change nothing."
)
_WRITE = " Begin with a title page ('Title: ...'), then an empty line, then the first scene."


class Unfit(Exception):
    """An answer that follows the form and cannot be used; the text says why, to the model too."""


def form_for(script: str) -> Mapping[str, Any]:
    """What is asked for: changes of a script, or a script where there is none."""
    return CHANGES if script.strip() else SCRIPT


def question(script: str, wish: str, before: Conversation) -> list[dict[str, str]]:
    """What is asked: the rules, what was said before, and the wish with the script as it is now."""
    if not script.strip():
        return [_system(_RULES + _WRITE), *before.messages(), {"role": "user", "content": wish}]
    now = f"The screenplay as it is now:\n\n{script}\n\n(End of the screenplay.)\n\n{wish}"
    return [_system(_RULES + _REVISE), *before.messages(), {"role": "user", "content": now}]


def _system(words: str) -> dict[str, str]:
    return {"role": "system", "content": words}


def applied(script: str, proposal: Mapping[str, Any]) -> str:
    """The script as proposed; line ends stay as they are.

    Raises:
        Unfit: a passage is not there, is there more than once, or lies within another.
    """
    if "screenplay" in proposal:
        return _closed(plain(proposal["screenplay"]))
    changes = proposal.get("changes")
    if not isinstance(changes, list):
        raise Unfit("There are no changes in it.")
    text = script.replace("\r\n", "\n")
    places = sorted(_place(text, each) for each in changes)
    for (_, end, _), (start, _, _) in itertools.pairwise(places):
        if start < end:
            raise Unfit("Two of the passages overlap: change each place once.")
    for start, end, instead in reversed(places):
        text = text[:start] + instead + text[end:]
    return text.replace("\n", "\r\n") if "\r\n" in script else text


def _place(script: str, change: Any) -> tuple[int, int, str]:
    if not isinstance(change, dict):
        raise Unfit("A change is none.")
    find, instead = plain(change.get("find")), plain(change.get("replace"))
    if not find:
        raise Unfit("A passage is empty.")
    shown = f"'{' '.join(find.split())[:80]}'"
    start = script.find(find)
    if start < 0:
        raise Unfit(f"The passage {shown} does not stand in the screenplay: quote it exactly.")
    if script.find(find, start + 1) >= 0:
        raise Unfit(f"The passage {shown} stands there more than once: quote more of it.")
    return start, start + len(find), instead


def plain(value: Any) -> str:
    """Words without what no text file of a person's holds.

    Raises:
        Unfit: they are none.
    """
    if not isinstance(value, str):
        raise Unfit("A passage is no text.")
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char >= " " or char in "\n\t")


def _closed(script: str) -> str:
    return script if script.endswith("\n") else f"{script}\n"


def difference(before: str, after: str, name: str) -> str:
    """What would change, line by line (a unified diff); "" where nothing would."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, f"{name} as proposed", lineterm=""
    )
    return "\n".join(lines)
