# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a screenplay as Fountain text, for what no script said before.

The one idea: what is written here must be read back as what it is, so whatever could
be mistaken for something else is forced, as Fountain allows.
"""

from __future__ import annotations

import re

from .headings import looks_like_heading
from .paragraphs import looks_like_cue, looks_like_transition
from .tree import TreeLine, TreeScene, TreeShot

__all__ = ["action", "cue_name", "heading", "scene", "shot", "speech", "spoken_words"]

_BLANK_LINES = re.compile(r"\n[ \t]*(?=\n)")


def heading(title: str, *, forced: bool = False) -> str:
    """A scene heading; a dot goes before what would not be read as one."""
    words = " ".join(title.split()) or "INT. SOMEWHERE"
    plain = looks_like_heading(words) or forced
    return words if plain else f".{words}" if words[0].isalnum() else f".SCENE {words}"


def action(text: str) -> str:
    """A paragraph of action; an exclamation mark goes before what would be misread."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    first = lines[0]
    risky = first[0] in ".@!>~=#" or looks_like_heading(first) or looks_like_transition(first)
    if risky or (len(lines) > 1 and looks_like_cue(first)):
        lines[0] = f"!{first}"
    return "\n".join(lines)


def cue_name(name: str) -> str:
    """A speaker's cue: in capitals, or forced where capitals are not enough."""
    words = " ".join(name.split()) or "SOMEBODY"
    return words.upper() if looks_like_cue(words.upper()) else f"@{words}"


def spoken_words(text: str) -> str:
    """A line's words; a blank line inside them gets the two spaces that keep it inside."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n".join(line or "  " for line in lines)


def speech(line: TreeLine) -> str:
    """Cue, parenthetical and words of one line; "" for a line without words."""
    words = spoken_words(line.text)
    if not words:
        return ""
    extension = " (V.O.)" if line.off_screen else ""
    caret = " ^" if line.together else ""
    manner = [f"({line.emotion})"] if line.emotion and line.emotion != "excited" else []
    return "\n".join([f"{cue_name(line.speaker)}{extension}{caret}", *manner, words])


def shot(value: TreeShot) -> str:
    """A shot: what happens, its bracketed cues, what is said."""
    cues = [f"[{cue.prompt}]" for cue in value.cues if cue.source.own and cue.prompt]
    parts = [action(value.action), *cues, *(speech(line) for line in value.lines)]
    return "\n\n".join(part for part in parts if part)


def scene(value: TreeScene) -> str:
    """A whole scene under its heading, with the transitions its sequence has."""
    parts = ["> DISSOLVE TO:"] if value.enter == "dissolve" else []
    parts += ["FADE IN:"] if value.enter == "fade" else []
    parts += [heading(value.title), *(shot(item) for item in value.shots)]
    parts += ["FADE OUT."] if value.leave == "fade" else []
    return "\n\n".join(part for part in parts if part)
