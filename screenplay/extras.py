# SPDX-License-Identifier: GPL-3.0-or-later
"""The shots a scene still lacks: reactions, coverage, details.

The one idea: a scene is cut from an establishing shot, coverage and a reaction; when
the writing gives fewer, long shots are split first, and only then are shots made
up, which hold no words of the script.
"""

from __future__ import annotations

from .cast import Cast
from .coverage import Draft, off_screen
from .film import Settings
from .framing_choice import feeling, on_screen
from .pieces import Piece

__all__ = ["complete"]


def complete(drafts: list[Draft], cast: Cast, settings: Settings, place: str) -> list[Draft]:
    """``drafts`` with a reaction where two talk and as many shots as ``settings`` asks for."""
    speakers = on_screen(drafts, cast)
    present = _present(drafts, cast)
    least = settings.dialogue_shots if len(speakers) == 2 else settings.shots_per_scene
    if len(speakers) > 1 or (speakers and len(present) > 1):
        drafts = _with_reaction(drafts, cast, present)
    while len(drafts) < least:
        parts = _split(drafts)
        if parts is None:
            return _made_up(drafts, cast, present, place, least)
        drafts = parts
    return drafts


def _present(drafts: list[Draft], cast: Cast) -> tuple[str, ...]:
    """Everybody seen in the scene, in order."""
    found: dict[str, None] = {}
    for draft in drafts:
        for piece in draft.pieces:
            if piece.kind == "sentence":
                found.update(dict.fromkeys(cast.mentioned(piece.text)))
            elif piece.kind == "line" and not off_screen(piece.extension):
                found[cast.key(piece.speaker)] = None
    return tuple(found)


def _with_reaction(drafts: list[Draft], cast: Cast, present: tuple[str, ...]) -> list[Draft]:
    """A close-up on who listens, after the line that is felt most; none if the script has one."""
    talks = [at for at, draft in enumerate(drafts) if draft.lines()]
    if any(_overhears(drafts[at], cast) for at in talks):
        return drafts
    for at in talks:
        if at + 1 < len(drafts) and _reacts(drafts[at], drafts[at + 1], cast):
            drafts[at + 1].role = "reaction"
            drafts[at + 1].closed = True
            return drafts
    at = max(talks, key=lambda at: (max(map(feeling, drafts[at].lines())), at))
    said = drafts[at].lines()[-1]
    speaker = cast.key(said.speaker)
    listener = next((key for key in reversed(present) if key != speaker), "")
    if not listener:
        return drafts
    made = Draft(
        role="reaction",
        text=f"{_name(cast, listener)} listens.",
        people=(listener,),
        after=said.anchor,
    )
    return [*drafts[: at + 1], made, *drafts[at + 1 :]]


def _reacts(talk: Draft, draft: Draft, cast: Cast) -> bool:
    """Whether ``draft`` shows somebody else taking in what was just said."""
    if draft.lines() or draft.role != "action" or not 0 < len(draft.pieces) <= 2:
        return False
    if draft.framed and draft.type not in ("close_up", "extreme_close_up"):
        return False
    last = cast.key(talk.lines()[-1].speaker)
    named = cast.mentioned(draft.pieces[0].text)
    return bool(named) and last not in named


def _overhears(draft: Draft, cast: Cast) -> bool:
    """Whether the writer framed somebody close while another is heard."""
    text = " ".join(piece.text for piece in draft.pieces if piece.kind == "sentence")
    heard = {cast.key(line.speaker) for line in draft.lines() if off_screen(line.extension)}
    return draft.framed and bool(heard) and bool(set(cast.mentioned(text)) - heard)


def _split(drafts: list[Draft]) -> list[Draft] | None:
    """The longest shot cut in two where a sentence or a speaker changes; None if none can be."""
    best, length = -1, 0.0
    for at, draft in enumerate(drafts):
        seconds = draft.action() + draft.spoken()
        if _seam(draft) and seconds > length:
            best, length = at, seconds
    if best < 0:
        return None
    draft = drafts[best]
    seam = _seam(draft)
    tail = draft.pieces[seam:]
    second = Draft(
        role="speech" if any(p.kind == "line" for p in tail) else "action",
        pieces=tail,
        closed=draft.closed,
    )
    draft.pieces = draft.pieces[:seam]
    return [*drafts[: best + 1], second, *drafts[best + 1 :]]


def _seam(draft: Draft) -> int:
    """Before which piece a shot may be cut, the one nearest its middle; 0 for nowhere."""
    if draft.framed:
        return 0
    good = [
        at for at in range(1, len(draft.pieces)) if _cuts(draft.pieces[at - 1], draft.pieces[at])
    ]
    middle = len(draft.pieces) / 2
    return min(good, key=lambda at: (abs(at - middle), at), default=0)


def _cuts(before: Piece, piece: Piece) -> bool:
    if "cue" in (before.kind, piece.kind) or piece.dual == "right":
        return False
    if piece.kind == "line" and off_screen(piece.extension):
        return False
    return before.kind != "line" or piece.kind != "line" or before.speaker != piece.speaker


def _made_up(
    drafts: list[Draft], cast: Cast, present: tuple[str, ...], place: str, least: int
) -> list[Draft]:
    names = [_name(cast, key) for key in present[:2]]
    last = next((d.pieces[-1].anchor for d in reversed(drafts) if d.pieces), "")
    first = drafts[0].pieces[-1].anchor if drafts[0].pieces else ""
    where = place or "the scene"
    offers: list[tuple[int, Draft]] = []
    if names:
        together = " and ".join(names)
        offers.append((1, _draft("coverage", f"{together}.", present[:2], first)))
        offers.append(
            (99, _draft("reaction", f"Close on {names[-1]}.", present[len(names) - 1 :][:1], last))
        )
    else:
        offers.append((1, _draft("coverage", f"{_sentence(where)}, nearer.", (), first)))
    offers.append((99, _draft("detail", f"A detail of {where}.", (), last)))
    while len(offers) < least:
        offers.append((99, _draft("detail", f"Another detail of {where}.", (), last)))
    for at, draft in offers[: max(0, least - len(drafts))]:
        drafts = [*drafts[:at], draft, *drafts[at:]]
    return drafts


def _draft(role: str, text: str, people: tuple[str, ...], after: str) -> Draft:
    return Draft(role=role, text=text, people=people, after=after)


def _name(cast: Cast, key: str) -> str:
    return next((person.name for person in cast.people if person.key == key), key)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
