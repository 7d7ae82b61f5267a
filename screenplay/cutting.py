# SPDX-License-Identifier: GPL-3.0-or-later
"""Transitions of a script as the way its scenes are entered and left.

The one idea: a transition stands between two scenes, and which of them it belongs to
its words say: FADE OUT ends the one before, FADE IN begins the next, DISSOLVE joins
them.  A cut is what happens anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .film import Transition
from .pieces import RawScene

__all__ = ["transitions_of"]

#: Seconds; a dissolve of about a second and slower fades are the custom of the trade.
_DISSOLVE_S: Final = 1.0
_FADE_IN_S: Final = 1.5
_FADE_OUT_S: Final = 2.0
_DISSOLVES: Final = re.compile(
    r"DISSOLVE|WIPE|IRIS|НАПЛЫВ|ENCHAÎNÉ|ENCADENADO|ÜBERBLENDUNG|DISSOLVENZA(?! A NERO)|叠化"
)
_FADES_IN: Final = re.compile(
    r"FADES? (?:IN|UP)|FADE FROM|ИЗ З|OUVERTURE|AUFBLENDE|淡入|フェードイン"
)
_FADES_OUT: Final = re.compile(
    r"FADES? (?:OUT|TO)|BLACK ?OUT|CUT TO BLACK|^В?\s?З(?:ТМ|АТЕМНЕНИЕ)|В ЗАТЕМНЕНИЕ|AU NOIR|FERMETURE|"
    r"ABBLENDE|A NEGRO|A NERO|淡出|フェードアウト"
)
_CUT: Final = Transition()


def transitions_of(scenes: Sequence[RawScene]) -> list[tuple[Transition, Transition]]:
    """How each scene is entered and left.  A transition inside a scene counts for neither."""
    enter = [_CUT] * len(scenes)
    leave = [_CUT] * len(scenes)
    for at, scene in enumerate(scenes):
        for place, element in scene.transitions:
            words = element.text.upper()
            first, last = place == 0, place == len(scene.pieces)
            following = at + 1 if last and not (first and at == 0 and scene.pieces) else at
            if _FADES_OUT.search(words) and last:
                leave[at] = Transition(kind="fade", seconds=_out(words), text=element.text)
            elif _FADES_IN.search(words) and following < len(scenes):
                enter[following] = Transition(kind="fade", seconds=_FADE_IN_S, text=element.text)
            elif _DISSOLVES.search(words) and last and following < len(scenes) and following > at:
                enter[following] = Transition(
                    kind="dissolve", seconds=_DISSOLVE_S, text=element.text
                )
    return list(zip(enter, leave, strict=True))


def _out(words: str) -> float:
    return 0.2 if "CUT" in words else _FADE_OUT_S
