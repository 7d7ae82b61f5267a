# SPDX-License-Identifier: GPL-3.0-or-later
"""What is heard besides speech: bracketed cues, and action that makes a noise.

The one idea: a cue in brackets is asked for and taken at its word; in an action line
the effects are those of ``core.sound_words``.  Rain and wind belong to the
environment, which sounds all through the scene, and are not heard twice.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from ..core.sound_words import CONTINUOUS, EFFECT_WORDS, sounds_in
from .film import Sound
from .pieces import Piece
from .timing import action_seconds, speech_seconds

__all__ = ["sounds_of"]

#: The background of an environment makes these itself.
_BACKGROUND: Final = frozenset({"rain", "wind"})
_MOST_IN_A_SENTENCE: Final = 2
#: Things that are silent until something is done with them.
_THINGS: Final = frozenset({"box_drop", "umbrella"})
_DONE: Final = re.compile(
    r"\b(?:drop|set|put|open|snap|fall|slam|thud|unfurl|clos|shake)\w*", re.IGNORECASE
)
#: Camera words that would be heard as a door or a shot.
_CAMERA: Final = re.compile(r"\b(?:CLOSER? (?:ON|UP)|CLOSE-?UP|SHOT|INSERT|WIDE(?:R)?|ANGLE)\b")
#: Longer than any word: looking for stems in it would take time in its square.
_NO_WORD: Final = re.compile(r"\w{60,}")


@cache
def _prompt(effect: str) -> str:
    """Words that call for ``effect`` and for nothing else, its own name where that does."""
    entries = (entry.replace("*", "").replace("+", " ") for entry in EFFECT_WORDS[effect])
    offers = (effect.replace("_", " "), *entries)
    return next((offer for offer in offers if sounds_in(offer) == (effect,)), offers[0])


def _heard(text: str) -> list[str]:
    """Prompts of what a sentence of action sounds like."""
    effects = sounds_in(_NO_WORD.sub("", _CAMERA.sub("", text)))
    silent = _BACKGROUND if _DONE.search(text) else _BACKGROUND | _THINGS
    loud = [effect for effect in effects if effect not in silent]
    return [_prompt(effect) for effect in loud[:_MOST_IN_A_SENTENCE]]


def sounds_of(pieces: list[Piece], key: str) -> tuple[Sound, ...]:
    """The sounds of one shot in order; ``key`` begins each one's key.

    ``offset`` is where in the shot the words stand, in seconds of what goes before.
    """
    found: list[Sound] = []
    heard: set[str] = set()
    clock = 0.0
    for piece in pieces:
        cue = piece.kind == "cue"
        if piece.kind == "line":
            clock += speech_seconds(piece.text)
            continue
        for prompt in [piece.text] if cue else _heard(piece.text):
            if prompt in heard and not cue:
                continue
            heard.add(prompt)
            found.append(
                Sound(
                    key=f"{key}_{len(found) + 1}",
                    prompt=prompt,
                    piece=piece,
                    offset=round(clock, 1),
                    loop=any(name in CONTINUOUS for name in sounds_in(_NO_WORD.sub("", prompt))),
                    cue=cue,
                )
            )
        clock += 0.0 if cue else action_seconds(piece.text)
    return tuple(found)
