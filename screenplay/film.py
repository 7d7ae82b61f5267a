# SPDX-License-Identifier: GPL-3.0-or-later
"""A film as its script implies it: people, places, scenes, shots, lines, sounds, score.

The one idea: everything here is a proposal made from words alone, each item with a
readable key and the anchors of the words it came from.  How it is found is in
``breakdown``; how it becomes a node tree is in ``to_graph``.  Seconds are estimates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .pieces import Piece
from .script import Screenplay

__all__ = [
    "Breakdown",
    "Line",
    "Look",
    "Person",
    "Place",
    "Scene",
    "Score",
    "Settings",
    "Shot",
    "Sound",
    "Transition",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to break a script down; the Script node's parameters of the same names.

    ``aliases`` are written ``OTHER NAME = NAME``.
    """

    shots_per_scene: int = 3
    dialogue_shots: int = 4
    words_per_minute: float = 160.0
    aliases: tuple[str, ...] = ()
    sound_effects: bool = True
    music: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who speaks, or is introduced by name and age.

    ``importance`` (0–1) is their share of the words against who says most.
    """

    key: str
    name: str
    aliases: tuple[str, ...]
    description: str
    importance: float
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place at a time of day.  ``kind`` is the kind of place (station, kitchen), "" if unknown.

    ``variant_of`` is the key of the same place at another time, "" for the first.
    """

    key: str
    name: str
    interior: Literal["int", "ext", "int_ext"]
    time: Literal["day", "night", "dawn", "dusk"]
    kind: str = ""
    weather: str = "clear"
    season: str = "any"
    mood: str = ""
    lighting: str = ""
    description: str = ""
    variant_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One spoken line.  ``together``: it begins with the line before it (dual dialogue)."""

    key: str
    piece: Piece
    speaker: str  #: key of a Person
    emotion: str
    seconds: float
    pause: float
    off_screen: bool
    together: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One effect in a shot.  ``offset`` is seconds from the shot's start.

    ``cue``: the script asked for it in brackets, so its words belong to it alone.
    """

    key: str
    prompt: str
    piece: Piece
    offset: float
    loop: bool
    cue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One shot.  ``pieces`` are its sentences of action; without any it was made up.

    ``after`` is the anchor of the piece a made-up shot follows, "" at the scene's
    head.  ``seconds`` is its estimated length, ``duration`` what it asks for (0: as
    long as its lines take).
    """

    key: str
    number: str
    type: str
    move: str
    action: str
    people: tuple[str, ...]
    pieces: tuple[Piece, ...]
    after: str
    lines: tuple[Line, ...]
    sounds: tuple[Sound, ...]
    seconds: float
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Music for a scene: a mood in words and beats per minute."""

    mood: str
    tempo: float
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """How a scene is entered or left, and the words that said so ("" when none did)."""

    kind: Literal["cut", "dissolve", "fade"] = "cut"
    seconds: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene.  ``anchor`` is its heading's, "" without one; ``number`` as written or counted."""

    key: str
    number: str
    title: str
    anchor: str
    place: str  #: key of a Place
    shots: tuple[Shot, ...]
    score: Score
    enter: Transition
    leave: Transition
    synopsis: str
    sections: tuple[str, ...]
    eighths: int

    @property
    def seconds(self) -> float:
        """Estimated length."""
        return round(sum(shot.seconds for shot in self.shots), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The film's style: parameters of a Style node, and variants for times of day."""

    name: str
    params: tuple[tuple[str, object], ...]
    variants: tuple[tuple[str, str], ...] = ()  #: (time of day, words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A whole film.  ``language`` is an ISO 639-1 code, "" when it could not be told."""

    title: str
    logline: str
    language: str
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    scenes: tuple[Scene, ...]
    look: Look
    screenplay: Screenplay
    settings: Settings

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Every shot in order."""
        return tuple(shot for scene in self.scenes for shot in scene.shots)

    @property
    def seconds(self) -> float:
        """The film's estimated length."""
        return round(sum(scene.seconds for scene in self.scenes), 2)
