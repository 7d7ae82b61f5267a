# SPDX-License-Identifier: GPL-3.0-or-later
"""Size and movement of each shot where the writer left them open.

The one idea: size follows feeling and attention.  Wide to arrive, medium to meet,
over the shoulder to talk, close where it hurts, insert for a thing in somebody's
hand.  The camera rests unless something moves it.
"""

from __future__ import annotations

import re
from typing import Final

from .cast import Cast
from .coverage import PRONOUN, Draft, off_screen
from .lexicon import Lexicon
from .pieces import Piece

__all__ = ["choose_framing", "feeling", "on_screen", "people_of"]

_FEELING: Final = Lexicon(
    {
        "strong": "love sorry never please goodbye die died dead dying kill hate alone forgive lost "
        "remember promise god wait люблю прости никогда прощай умер* ненавижу пожалуйста "
        "aime pardon jamais adieu mort seul liebe verzeih niemals tot quiero perdón nunca muerto"
    }
)
_MANNER: Final = Lexicon(
    {
        "strong": "whisper* soft* cry* weep* tear* sob* break* scream* shout* plead* trembl* quiet* "
        "tender* sad* angr* шёпот* шепч* тихо плач* крич* нежно chuchot* doucement pleur* cri* leise"
    }
)
_FACE: Final = Lexicon(
    {
        "face": "face eyes eye tear tears smile smiles lips cheek gaze stare frown* лиц* глаз* слез* слёз* "
        "улыб* visage yeux larme* sourire sourit gesicht augen träne* cara ojos"
    }
)
_WIDE: Final = Lexicon(
    {
        "wide": "crowd* crosses enter enters arrives walks runs street train car city sky everyone leaves "
        "толпа входит идёт идут бежит улица поезд entre marche court foule rue train"
    }
)
_RUN: Final = Lexicon(
    {
        "handheld": "run runs running chase* fight* struggle* flee* sprint* бежит бегут дерутся court fuit"
    }
)
_WALK: Final = Lexicon(
    {
        "truck": "walk walks walking follow follows crosses strides drifts idles strolls идёт идут шагает "
        "marche suit traverse geht läuft"
    }
)
_SOMEBODY: Final = re.compile(
    r"\b(?:his|her|their|him|them|man|woman|boy|girl|hand|hands|его|её|их|son|sa|ses|homme|femme)\b",
    re.IGNORECASE,
)


def on_screen(drafts: list[Draft], cast: Cast) -> tuple[str, ...]:
    """Keys of those who speak and are seen, in order of first speech."""
    seen = (
        cast.key(line.speaker)
        for draft in drafts
        for line in draft.lines()
        if not off_screen(line.extension)
    )
    return tuple(dict.fromkeys(seen))


def feeling(line: Piece) -> int:
    """How strongly a line is felt, from 0, by its words, its stops and its parenthetical."""
    score = sum(1 for _ in _FEELING.hits(line.text)) + 2 * sum(1 for _ in _MANNER.hits(line.manner))
    return score + (1 if line.text.rstrip("\"'”»)").endswith(("!", "…", "...")) else 0)


def choose_framing(drafts: list[Draft], cast: Cast, *, exterior: bool) -> None:
    """Sets type and move of every draft that has none."""
    speakers = on_screen(drafts, cast)
    strongest = max((feeling(line) for draft in drafts for line in draft.lines()), default=0)
    talks = 0
    for draft in drafts:
        talks += bool(draft.lines())
        if draft.type == "close_up" and draft.framed and _shows_a_thing(draft, cast):
            draft.type = "insert"
        if not draft.type:
            draft.type = _type(draft, speakers, talks, strongest, exterior=exterior)
        if not draft.move:
            draft.move = _move(draft, exterior=exterior)


def _shows_a_thing(draft: Draft, cast: Cast) -> bool:
    """Whether CLOSE ON is said of a thing: nobody is named, and no part of anybody."""
    text = [piece.text for piece in draft.pieces if piece.kind == "sentence"]
    said = " ".join(text)
    person = cast.mentioned(said) or _FACE.first(said) or any(map(PRONOUN.match, text))
    return not person and not draft.lines() and not _SOMEBODY.search(said)


def _type(
    draft: Draft, speakers: tuple[str, ...], talks: int, strongest: int, *, exterior: bool
) -> str:
    fixed = {"insert": "insert", "detail": "insert", "reaction": "close_up", "coverage": "medium"}
    if draft.role in fixed:
        return fixed[draft.role]
    if draft.role == "opening":
        return "extreme_wide" if exterior else "wide"
    seen = [line for line in draft.lines() if not off_screen(line.extension)]
    if not seen:
        return _action_type(draft)
    if len({line.speaker for line in seen}) > 1 or talks == 1:
        return "medium"
    felt = max(feeling(line) for line in seen)
    if felt and felt >= min(2, strongest):
        return "close_up"
    if len(speakers) == 2:
        return "over_the_shoulder"
    return "close_up" if len(speakers) == 1 and talks % 2 == 0 else "medium"


def _action_type(draft: Draft) -> str:
    text = " ".join(piece.text for piece in draft.pieces if piece.kind == "sentence")
    if _FACE.first(text):
        return "close_up"
    return "wide" if _WIDE.first(text) else "medium"


def _move(draft: Draft, *, exterior: bool) -> str:
    text = " ".join(piece.text for piece in draft.pieces if piece.kind == "sentence")
    if draft.type in ("insert", "over_the_shoulder"):
        return "static"
    if draft.role == "opening" and not draft.framed:
        return "pan" if exterior else "dolly_in"
    if draft.type == "close_up" and draft.lines():
        return "dolly_in"
    return _RUN.first(text) or (_WALK.first(text) if draft.type != "close_up" else "") or "static"


def people_of(
    draft: Draft, cast: Cast, before: tuple[str, ...], speakers: tuple[str, ...]
) -> tuple[str, ...]:
    """Who is seen: speakers first, then whoever is named; "she" is who was seen before.

    Where two talk, a medium shot and one over the shoulder show both.
    """
    if draft.people or draft.role in ("detail",):
        return draft.people
    lines = [line for line in draft.lines() if not off_screen(line.extension)]
    people = dict.fromkeys(cast.key(line.speaker) for line in lines)
    text = [piece.text for piece in draft.pieces if piece.kind == "sentence"]
    for sentence in text:
        people.update(dict.fromkeys(cast.mentioned(sentence)))
    if lines and len(speakers) == 2 and draft.type in ("medium", "over_the_shoulder"):
        people.update(dict.fromkeys(speakers))
    if not people and any(PRONOUN.match(sentence) for sentence in text):
        return before[:1]
    return tuple(people)
