# SPDX-License-Identifier: GPL-3.0-or-later
"""What services can do for a film, in a filmmaker's words: who does it now, or why nobody does.

Drawn from the same snapshot as the states of services.  Which node needs what is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .service_state import Watched
from .step import (
    AMBIENCE,
    CLIP,
    LORA_TRAINING,
    MUSIC,
    SOUND,
    SPEECH,
    STILL,
    TEXT,
    VIEW,
    VOICE_CONVERSION,
    VOICE_TRAINING,
    Kind,
)

__all__ = ["ABILITIES", "Able", "Ability", "abilities_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """One of them.  ``without`` is what becomes of it where no service does it."""

    id: str
    title: str
    kinds: frozenset[Kind]  #: any of them is enough
    without: str
    drafted: bool = False  #: a draft asks for no more than what is there without


#: In the order in which they are shown.
ABILITIES = (
    Ability(id="image", title="Images", kinds=frozenset({STILL}), without="left out", drafted=True),
    Ability(id="video", title="Video", kinds=frozenset({CLIP}), without="sketched", drafted=True),
    Ability(
        id="lora_training",
        title="LoRA training",
        kinds=frozenset({LORA_TRAINING}),
        without="not learned",
    ),
    Ability(
        id="view",
        title="Angles of places",
        kinds=frozenset({VIEW}),
        without="seen as pictured",
        drafted=True,
    ),
    Ability(id="text", title="Text", kinds=frozenset({TEXT}), without="left as it is"),
    Ability(
        id="voice",
        title="Voice",
        kinds=frozenset({SPEECH}),
        without="by this machine",
        drafted=True,
    ),
    Ability(
        id="voice_conversion",
        title="Trained voices",
        kinds=frozenset({VOICE_CONVERSION}),
        without="spoken plainly",
    ),
    Ability(
        id="voice_training",
        title="Voice training",
        kinds=frozenset({VOICE_TRAINING}),
        without="not learned",
    ),
    Ability(
        id="sfx",
        title="Sound effects",
        kinds=frozenset({SOUND, AMBIENCE}),
        without="sketched",
        drafted=True,
    ),
    Ability(id="music", title="Music", kinds=frozenset({MUSIC}), without="sketched", drafted=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """An ability as things stand: ``makers`` do it now; ``down`` says who would, and why not."""

    ability: Ability
    makers: tuple[str, ...] = ()
    down: str = ""

    @property
    def why(self) -> str:
        """Why nobody does it; "" where somebody does."""
        if self.makers:
            return ""
        return self.down or "no service here does it"


def abilities_of(places: Iterable[Watched]) -> tuple[Able, ...]:
    """How each ability stands with the services that were ever found at ``places``."""
    known = sorted(places, key=lambda each: each.address)
    return tuple(_able(ability, known) for ability in ABILITIES)


def _able(ability: Ability, places: Iterable[Watched]) -> Able:
    mine = [
        each
        for each in places
        if each.service is not None and each.service.capabilities & ability.kinds
    ]
    makers = dict.fromkeys(each.name for each in mine if each.state.usable and _has(each, ability))
    down = dict.fromkeys(
        f"{each.name} {'has no model for it' if each.state.usable else each.state.value}"
        for each in mine
    )
    return Able(ability=ability, makers=tuple(makers), down="" if makers else ", ".join(down))


def _has(place: Watched, ability: Ability) -> bool:
    return place.service is not None and bool(place.service.able & ability.kinds)
