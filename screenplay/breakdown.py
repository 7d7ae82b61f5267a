# SPDX-License-Identifier: GPL-3.0-or-later
"""A screenplay broken down into a film: people, places, scenes, shots, lines, sounds.

The one idea: the same script gives the same film, every time, with no model asked.
Each step is a file of its own; this one only puts them in order and gives the keys.
Every sentence of action and every spoken line is in exactly one shot, in the order
of the script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..core.edit import LEAD_S, PAUSE_S, TAIL_S
from ..core.telling import told
from .camera import framing
from .cast import Cast, find_cast
from .coverage import Draft, deal, off_screen
from .cues import sounds_of
from .cutting import transitions_of
from .extras import complete
from .film import Breakdown, Line, Place, Scene, Score, Settings, Shot, Transition
from .framing_choice import choose_framing, on_screen, people_of
from .language import language_of
from .naming import Keys
from .pieces import Piece, RawScene, anchor_of, split_scenes
from .places import find_places
from .score import find_look, score_of
from .script import Kind, Screenplay
from .timing import action_seconds, page_eighths, speech_seconds

__all__ = ["break_down"]

#: Ids that the tree itself uses; nobody's name may take them.
RESERVED: Final = ("project", "script", "style", "backend", "film", "output", "input")
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
#: Seconds: a made-up shot, an insert, and the least any silent shot lasts.
_MADE_UP_S: Final = 2.5
_SHORTEST_S: Final = 2.0
_OPENING_S: Final = 3.5


def break_down(screenplay: Screenplay, settings: Settings | None = None) -> Breakdown:
    """The film that ``screenplay`` describes; a screenplay without text gives no scenes.

    Takes time linear in the length of the screenplay.
    """
    settings = settings or Settings()
    raw = split_scenes(screenplay)
    keys = Keys((*RESERVED, *(f"scene_{at + 1:02d}" for at in range(len(raw)))))
    cast = find_cast(screenplay, raw, settings, keys)
    places, used, moods = find_places(raw, keys)
    by_key = {place.key: place for place in places}
    look = find_look(screenplay)
    cuts = transitions_of(raw)
    scenes: list[Scene] = []
    for at, scene in enumerate(raw):
        place = by_key[used[at]]
        score = score_of(scene, moods[at], place, look)
        scenes.append(_scene(at + 1, scene, place, score, cuts[at], cast, settings))
    places = tuple(_described(place, scenes, cast) for place in places)
    return Breakdown(
        title=" ".join(screenplay.title_value("title", "titre", "titel", "название").split()),
        logline=screenplay.title_value("logline") or _logline(screenplay),
        language=language_of(
            (piece.text for scene in raw for piece in scene.pieces if piece.kind == "line"),
            screenplay.title_value("language", "langue", "язык"),
        ),
        people=cast.people,
        places=places,
        scenes=tuple(scenes),
        look=look,
        screenplay=screenplay,
        settings=settings,
    )


def _described(place: Place, scenes: Sequence[Scene], cast: Cast) -> Place:
    """The place with what its first scene opens on, people and camera aside."""
    first = next((scene for scene in scenes if scene.place == place.key), None)
    pieces = first.shots[0].pieces if first and first.shots else ()
    seen = [p.text for p in pieces if not cast.mentioned(p.text) and _of_the_place(p.text)]
    return replace(place, description=told(" ".join(seen[:3])))


def _of_the_place(text: str) -> bool:
    """Whether a sentence shows where we are: not one that cuts to a detail of it."""
    said = framing(text)
    return not said.cut or said.type in ("wide", "extreme_wide")


def _logline(screenplay: Screenplay) -> str:
    """The first synopsis before the first scene, "" without one."""
    for element in screenplay.elements:
        if element.kind is Kind.HEADING:
            return ""
        if element.kind is Kind.SYNOPSIS:
            return element.text
    return ""


def _scene(
    count: int,
    raw: RawScene,
    place: Place,
    score: Score,
    cuts: tuple[Transition, Transition],
    cast: Cast,
    settings: Settings,
) -> Scene:
    drafts = deal(raw.pieces, cast)
    drafts = complete(drafts, cast, settings, place.name.lower())
    choose_framing(drafts, cast, exterior=place.interior == "ext")
    heading = raw.heading
    number = heading.number if heading and heading.number else str(count)
    words = heading.words if heading else None
    return Scene(
        key=f"scene_{count:02d}",
        number=number,
        title=heading.text if heading else "",
        anchor=anchor_of(words.line, words.column, heading.text) if heading and words else "",
        place=place.key,
        shots=_shots(drafts, count, number, place, cast, settings),
        score=score,
        enter=cuts[0],
        leave=cuts[1],
        synopsis=raw.synopsis,
        sections=raw.sections,
        eighths=_eighths(raw.pieces),
    )


def _eighths(pieces: Sequence[Piece]) -> int:
    action = sum(len(piece.text) for piece in pieces if piece.kind != "line")
    spoken = sum(len(piece.text) for piece in pieces if piece.kind == "line")
    return page_eighths(action, spoken, len({piece.paragraph for piece in pieces}))


def _shots(
    drafts: list[Draft], scene: int, number: str, place: Place, cast: Cast, settings: Settings
) -> tuple[Shot, ...]:
    shots: list[Shot] = []
    lines = 0
    before: tuple[str, ...] = ()
    speakers = on_screen(drafts, cast)
    for at, draft in enumerate(drafts):
        people = people_of(draft, cast, before, speakers)
        before = people or before
        key = f"shot_{scene:02d}_{(at + 1) * 10:03d}"
        said = _lines(draft, f"line_{scene:02d}", lines, cast, settings)
        lines += len(said)
        action = draft.text or " ".join(p.text for p in draft.pieces if p.kind == "sentence")
        seconds, duration = _length(draft, said)
        shots.append(
            Shot(
                key=key,
                number=f"{number}{_letter(at)}",
                type=draft.type,
                move=draft.move,
                action=action or _silent(draft, people, place, cast),
                people=people,
                pieces=tuple(piece for piece in draft.pieces if piece.kind == "sentence"),
                after=draft.after,
                lines=said,
                sounds=sounds_of(draft.pieces, key.replace("shot", "sound"))
                if settings.sound_effects
                else (),
                seconds=seconds,
                duration=duration,
            )
        )
    return tuple(shots)


def _letter(at: int) -> str:
    """Slate letters in their order: A to Z without I and O, then AA."""
    count = len(_LETTERS)
    return ("" if at < count else _letter(at // count - 1)) + _LETTERS[at % count]


def _silent(draft: Draft, people: tuple[str, ...], place: Place, cast: Cast) -> str:
    """What is seen in a shot for which the script has no words."""
    names = [person.name for key in people for person in cast.people if person.key == key]
    if names and draft.lines():
        verb = "speaks" if len(names) == 1 else "talk"
        return f"{' and '.join(names[:2])} {verb}."
    return f"{place.name.capitalize()}, {place.time}."


def _lines(
    draft: Draft, prefix: str, count: int, cast: Cast, settings: Settings
) -> tuple[Line, ...]:
    lines: list[Line] = []
    lead = 0.0
    for piece in draft.pieces:
        if piece.kind == "sentence":
            lead += action_seconds(piece.text)
        if piece.kind != "line":
            continue
        together = piece.dual == "right" and bool(lines) and piece.cue != draft.pieces[0].cue
        lines.append(
            Line(
                key=f"{prefix}_{(count + len(lines) + 1) * 10:03d}",
                piece=piece,
                speaker=cast.key(piece.speaker),
                emotion=piece.manner or ("excited" if piece.text.endswith("!") else ""),
                seconds=speech_seconds(piece.text, words_per_minute=settings.words_per_minute),
                pause=0.0 if together else round(piece.pause + min(1.5, lead / 2), 1),
                off_screen=off_screen(piece.extension),
                together=together,
            )
        )
        lead = 0.0
    return tuple(lines)


def _length(draft: Draft, lines: tuple[Line, ...]) -> tuple[float, float]:
    """Estimated seconds, and the duration the shot asks for (0: its lines decide)."""
    action = draft.action()
    if not lines:
        least = _OPENING_S if draft.role == "opening" else _SHORTEST_S
        seconds = round(max(least, action) if draft.pieces else max(_MADE_UP_S, least), 1)
        return seconds, seconds
    spoken = LEAD_S + TAIL_S + PAUSE_S * (len(lines) - 1)
    spoken += sum(line.pause + (0.0 if line.together else line.seconds) for line in lines)
    duration = round(action, 1) if action > spoken else 0.0
    return round(max(spoken, action), 2), duration
