# SPDX-License-Identifier: GPL-3.0-or-later
"""One node for each thing a breakdown found.

The one idea: a node says only what the script said; everything else is left to its
type's default.  Parameter names are those of ``node_types``, which a test holds
against this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.graph import Node
from .film import Breakdown, Line, Look, Person, Place, Scene, Shot, Sound
from .pieces import film_text
from .sources import checksum, make_source

__all__ = [
    "character_node",
    "dialogue_node",
    "environment_node",
    "music_node",
    "project_node",
    "script_node",
    "sequence_node",
    "shot_node",
    "sound_node",
    "style_nodes",
    "voice_node",
]

_SETTING_DEFAULTS: Final = {
    "shots_per_scene": 3,
    "dialogue_shots": 4,
    "words_per_minute": 160.0,
    "aliases": (),
    "sound_effects": True,
    "music": True,
}
#: Longest mood or title that reads on one line of a node.
_ONE_LINE: Final = 240


def _node(id: str, type: str, defaults: Mapping[str, Any] | None = None, **params: Any) -> Node:
    """A node whose parameters leave out what is the default anyway."""
    usual = {"": "", **(defaults or {})}
    said = {
        name: value
        for name, value in params.items()
        if value not in ("", ()) and (name not in usual or usual[name] != value)
    }
    return Node(id=id, type=type, params=said)


def one_line(text: str) -> str:
    """``text`` for a parameter of one line."""
    return film_text(text)[:_ONE_LINE]


def project_node(found: Breakdown, title: str) -> Node:
    """The project: title and logline."""
    name = one_line(found.title or title) or "Untitled"
    return _node("project", "project", title=name, logline=found.logline)


def script_node(found: Breakdown) -> Node:
    """The script with its whole text, and the settings it was broken down with."""
    settings = found.settings
    given = {name: getattr(settings, name) for name in _SETTING_DEFAULTS}
    return _node("script", "script", _SETTING_DEFAULTS, text=found.screenplay.text, **given)


def style_nodes(look: Look) -> tuple[Node, ...]:
    """The film's style, then its variants; a variant's id ends in its time of day."""
    base = _node("style", "style", name=one_line(look.name), **_styled(dict(look.params)))
    variants = [
        _node(
            f"style_{time}", "style", name=f"{one_line(look.name)} {time}", keywords=one_line(words)
        )
        for time, words in look.variants
    ]
    return (base, *variants)


def _styled(params: dict[str, Any]) -> dict[str, Any]:
    return {
        name: one_line(value) if isinstance(value, str) else value for name, value in params.items()
    }


#: Voices that can be told apart by number; further speakers share the last.
MOST_VOICES = 48


def voice_node(id: str, language: str, number: int) -> Node:
    """A character's voice: the description chooses it, the number keeps it apart from others."""
    spoken = "" if language in ("", "en") else language
    return _node(id, "voice", {"number": 0}, language=spoken, number=min(number, MOST_VOICES))


def character_node(person: Person) -> Node:
    """Somebody, as the script introduces them."""
    return _node(
        person.key,
        "character",
        {"importance": 0.5},
        name=one_line(person.name),
        aliases=tuple(one_line(alias) for alias in person.aliases),
        description=person.description,
        importance=person.importance,
        tier="enhanced",
    )


def environment_node(place: Place) -> Node:
    """A place at a time of day."""
    usual = {"interior": "ext", "time_of_day": "day", "weather": "clear", "season": "any"}
    return _node(
        place.key,
        "environment",
        usual,
        name=one_line(place.name),
        description=place.description,
        interior=place.interior,
        place=place.kind,
        time_of_day=place.time,
        weather=place.weather,
        season=place.season,
        mood=place.mood,
        lighting=place.lighting,
    )


def shot_node(shot: Shot) -> Node:
    """A shot; its source names the sentences it shows."""
    usual = {"shot_type": "medium", "camera_move": "static", "duration": 0.0}
    return _node(
        shot.key,
        "shot",
        usual,
        number=shot.number,
        action=shot.action,
        shot_type=shot.type,
        camera_move=shot.move,
        duration=shot.duration,
        source=make_source(shot.pieces, shot.action),
    )


def dialogue_node(line: Line) -> Node:
    """A spoken line."""
    usual = {"pause": 0.0, "together": False, "off_screen": False}
    return _node(
        line.key,
        "dialogue",
        usual,
        line=line.piece.text,
        emotion=one_line(line.emotion),
        pause=line.pause,
        together=line.together,
        off_screen=line.off_screen,
        source=make_source([line.piece], line.piece.text),
    )


def sound_node(sound: Sound) -> Node:
    """A sound effect."""
    return _node(
        sound.key,
        "sound_effect",
        {"offset": 0.0, "loop": False},
        prompt=one_line(sound.prompt),
        offset=sound.offset,
        loop=sound.loop,
        source=make_source([sound.piece], one_line(sound.prompt), own=sound.cue),
    )


def music_node(scene: Scene) -> Node:
    """The scene's score."""
    score = scene.score
    return _node("music", "music", prompt=score.prompt, mood=score.mood, tempo=score.tempo)


def sequence_node(scene: Scene) -> Node:
    """The scene's sequence: its heading, and how it is entered and left."""
    usual = {"enter": "cut", "leave": "cut", "enter_seconds": 1.0, "leave_seconds": 1.0}
    timed = {
        **({"enter_seconds": scene.enter.seconds} if scene.enter.kind != "cut" else {}),
        **({"leave_seconds": scene.leave.seconds} if scene.leave.kind != "cut" else {}),
    }
    title = one_line(scene.title) or f"Scene {scene.number}"
    return _node(
        "sequence",
        "sequence",
        usual,
        title=title,
        enter=scene.enter.kind,
        leave=scene.leave.kind,
        source=f"{scene.anchor} ~{checksum(title)}".strip(),
        **timed,
    )
