# SPDX-License-Identifier: GPL-3.0-or-later
"""How a scene is covered: its pieces dealt out to shots, in order, none left, none twice.

The one idea: begin wide, move in as feeling rises, cut to whoever speaks and back
to whoever listens.  What the writer framed is kept.  A shot is a draft here; its
size and movement are chosen in ``framing_choice``, missing shots added in ``extras``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from .camera import framing
from .cast import Cast
from .pieces import Piece
from .timing import action_seconds, speech_seconds

__all__ = ["Draft", "deal", "off_screen"]

#: Seconds: an opening picture is read in about five, a shot of action tires after seven.
_OPENING_S: Final = 5.5
_LONGEST_ACTION_S: Final = 7.5
_SHORT_ACTION_S: Final = 3.2
_TWO_SHOT_S: Final = 7.0
_LONGEST_SPEECH_S: Final = 14.0
#: "She turns": after somebody's line nobody can tell who is meant.
PRONOUN: Final = re.compile(
    r"^(?:he|she|they|his|her|their|он|она|они|его|её|il|elle|ils|elles|er|sie|él|ella)\b",
    re.IGNORECASE,
)
_OFF: Final = re.compile(
    r"\b(?:V\.?\s?O|O\.?\s?S|O\.?\s?C|OFF|VOICE|З\.?\s?К|ЗК|ГЗК)\b|OFF[- ]?SCREEN|ЗА КАДРОМ|HORS CHAMP|"
    r"VOIX|画外|旁白|ナレーション",
    re.IGNORECASE,
)
_HANDLED: Final = re.compile(
    r"\b(?:looks? (?:down )?at|stares? at|studies|reads|opens?|unfolds|picks? up|holds? (?:up|out)|"
    r"turns over|takes out|pulls out|draws|examines|checks|clutches|glances at)\s+"
    r"(?:the|a|an|his|her|their|its|one)\s+(?!face|eyes|man|woman|boy|girl|door|room|window)[a-z]|"
    r"\b(?:смотрит на|читает|открывает|разворачивает|достаёт|берёт|держит)\s+(?!него|неё|них|дверь)[а-я]|"
    r"\b(?:regarde|lit|ouvre|déplie|tient|sort|prend)\s+(?:le|la|les|l'|un|une|sa|son|ses)\s?(?!porte|main)[a-zé]",
)


def off_screen(extension: str) -> bool:
    """Whether a cue's extension says that the speaker is heard and not seen."""
    return _OFF.search(extension) is not None


@dataclass(slots=True)
class Draft:
    """A shot in the making.  A made-up one has ``text`` and ``people`` instead of pieces."""

    role: str  #: opening, action, speech, insert, reaction, coverage or detail
    type: str = ""
    move: str = ""
    pieces: list[Piece] = field(default_factory=list)
    text: str = ""
    people: tuple[str, ...] = ()
    after: str = ""
    framed: bool = False  #: the writer asked for this picture
    closed: bool = False

    def action(self) -> float:
        """Seconds of its action."""
        return sum(action_seconds(p.text) for p in self.pieces if p.kind == "sentence")

    def lines(self) -> list[Piece]:
        """What is said in it."""
        return [piece for piece in self.pieces if piece.kind == "line"]

    def spoken(self) -> float:
        """Seconds of its lines, those spoken together counted once."""
        return sum(
            speech_seconds(line.text) + line.pause + 0.25
            for line in self.lines()
            if line.dual != "right"
        )


def deal(pieces: tuple[Piece, ...], cast: Cast) -> list[Draft]:
    """The pieces as drafts of shots, the first of them the scene's opening."""
    dealer = _Dealer(cast)
    for at, piece in enumerate(pieces):
        before = pieces[at - 1] if at else None
        if piece.kind == "cue":
            dealer.current("action").pieces.append(piece)
        elif piece.kind == "line":
            dealer.line(piece)
        else:
            dealer.sentence(piece, before)
    return dealer.drafts


class _Dealer:
    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._inserted = False
        self._talks = 0
        opening = Draft(role="opening")
        self.drafts = [opening]

    def current(self, role: str) -> Draft:
        """The draft at hand, or a new one after a closed one."""
        if self.drafts[-1].closed:
            self.drafts.append(Draft(role=role))
        return self.drafts[-1]

    def _new(self, role: str, piece: Piece) -> Draft:
        draft = Draft(role=role, pieces=[piece])
        self.drafts.append(draft)
        return draft

    def sentence(self, piece: Piece, before: Piece | None) -> None:
        said = framing(piece.text)
        if said.cut or piece.opens:
            draft = self.drafts[0]
            if draft.pieces:
                draft = self._new("insert" if said.type == "insert" else "action", piece)
            else:
                draft.pieces.append(piece)
            draft.type, draft.move, draft.framed = said.type, said.move, True
            return
        draft = self.drafts[-1]
        if self._handles(piece, draft):
            self._inserted = True
            self._new("insert", piece).closed = True
            return
        same = before is not None and before.paragraph == piece.paragraph
        if self._joins(piece, draft, same):
            draft.pieces.append(piece)
        else:
            draft = self._new("action", piece)
        draft.move = draft.move or said.move

    def _handles(self, piece: Piece, draft: Draft) -> bool:
        if self._inserted or not draft.pieces or draft.framed:
            return False
        return len(piece.text) <= 90 and _HANDLED.search(piece.text) is not None

    def _joins(self, piece: Piece, draft: Draft, same: bool) -> bool:
        seconds = action_seconds(piece.text)
        if draft.closed:
            return False
        if not draft.pieces:
            return True
        if draft.lines():
            others = set(self._cast.mentioned(piece.text)) - {self._speaker(draft.lines()[-1])}
            if not same and PRONOUN.match(piece.text):
                return False
            return seconds <= _SHORT_ACTION_S and not others and draft.action() < _SHORT_ACTION_S
        total = draft.action() + seconds
        if draft.role == "opening" and not draft.framed:
            return total <= _OPENING_S and same
        if draft.framed and not same:
            return draft.pieces[-1].opens
        return total <= _LONGEST_ACTION_S and (same or draft.action() < _SHORT_ACTION_S)

    def _speaker(self, piece: Piece) -> str:
        return self._cast.key(piece.speaker)

    def line(self, piece: Piece) -> None:
        draft = self.drafts[-1]
        if piece.dual == "right" and draft.lines():
            draft.pieces.append(piece)
        elif off_screen(piece.extension) and not draft.closed:
            self._overheard(piece, draft)
        elif self._answers(piece, draft):
            draft.pieces.append(piece)
        else:
            self._talks += 1
            self._new("speech", piece)

    def _overheard(self, piece: Piece, draft: Draft) -> None:
        """A voice from elsewhere does not cut: the picture goes on under it."""
        if draft.spoken() + speech_seconds(piece.text) > _LONGEST_SPEECH_S:
            self._new("action", piece)
        else:
            draft.pieces.append(piece)

    def _answers(self, piece: Piece, draft: Draft) -> bool:
        """Whether the line is said in the shot at hand."""
        if draft.closed:
            return False
        speaker = self._speaker(piece)
        said = [line for line in draft.lines() if not off_screen(line.extension)]
        total = draft.spoken() + speech_seconds(piece.text)
        if said:
            voices = {self._speaker(line) for line in said}
            if speaker in voices:
                return self._speaker(said[-1]) == speaker and total <= _LONGEST_SPEECH_S
            first_talk = draft.role == "speech" and self._talks == 1 and not draft.framed
            return first_talk and len(voices) == 1 and total <= _TWO_SHOT_S
        mentioned = set(self._cast.mentioned(" ".join(p.text for p in draft.pieces)))
        if draft.framed:
            return speaker in mentioned and total <= _LONGEST_SPEECH_S
        if draft.role == "opening" or not draft.pieces:
            return False
        return draft.action() < _SHORT_ACTION_S and mentioned <= {speaker}
