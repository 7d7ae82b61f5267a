# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stands where: a shot type and its people become seats, postures and a lens.

The one idea: framing is decided here and nowhere else, in units of the frame (100 high).
Headroom, thirds, looking room, two people facing each other; the same person keeps the same
side and direction through a scene.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from .carried import carried
from .figure import Cast
from .head import Seat
from .places import Kind
from .spec import Figure, ShotPicture
from .wardrobe import Person, person_of
from .words import begins, feeling_of, is_interior, posture_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """How the set is seen: enlarged about a point (units), and how far out of focus."""

    magnify: float = 1.0
    focus: tuple[float, float] = (0.0, 50.0)
    soft: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Someone in the frame.

    ``shoulder`` marks the dark back in the foreground; ``things`` are what they have with
    them; who ``enters`` walks in to their mark.
    """

    figure: Figure
    cast: Cast
    shoulder: bool = False
    things: tuple[str, ...] = ()
    enters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """A framed shot."""

    placed: tuple[Placed, ...]
    lens: Lens
    insert: bool = False


_LENSES = {
    "extreme_wide": Lens(magnify=0.8, focus=(0.0, 56.0)),
    "wide": Lens(),
    "medium": Lens(magnify=1.45, focus=(0.0, 47.0), soft=2),
    "over_the_shoulder": Lens(magnify=1.6, focus=(6.0, 46.0), soft=3),
    "close_up": Lens(magnify=2.0, focus=(-8.0, 42.0), soft=4),
    "extreme_close_up": Lens(magnify=2.8, focus=(-10.0, 40.0), soft=6),
    "insert": Lens(magnify=2.2, focus=(10.0, 62.0), soft=5),
}
# head height in units, middle of the head from the top, for one, two and three or more people
_SIZES = {
    "extreme_wide": ((3.5, 57.5), (3.3, 59.0), (3.0, 61.0)),
    "wide": ((8.3, 31.0), (8.0, 33.0), (7.7, 35.0)),
    "medium": ((25.0, 33.0), (22.0, 35.0), (18.5, 37.0)),
    "over_the_shoulder": ((31.0, 37.0), (31.0, 37.0), (31.0, 37.0)),
    "close_up": ((54.0, 43.0), (41.0, 43.0), (33.0, 43.0)),
    "extreme_close_up": ((112.0, 35.0), (64.0, 41.0), (48.0, 42.0)),
    "insert": ((0.0, 0.0),) * 3,
}
_ENTERS = (
    "enter",
    "steps down",
    "steps out",
    "steps in",
    "comes in",
    "appears",
    "emerges",
    "arrives",
    "входит",
    "выходит",
    "entre ",
    "tritt ein",
    "kommt herein",
    "entra ",
)
_MOST = {"extreme_wide": 6, "wide": 5, "medium": 3, "close_up": 1, "extreme_close_up": 1, "over_the_shoulder": 1, "insert": 0}  # fmt: skip


def staged(picture: ShotPicture, kind: Kind, half: float) -> Staging:
    """The shot framed; ``half`` is half the frame's width in units."""
    lens = _LENSES[picture.shot_type]
    if picture.shot_type == "insert":
        return Staging(placed=(), lens=lens, insert=True)
    shown = _sheltered(picture, _shown(picture))
    if not shown:
        soft = 1 if picture.shot_type in ("extreme_wide", "wide", "medium") else 2
        return Staging(placed=(), lens=replace(lens, soft=soft))
    order = _sides(picture)
    seated = kind.seated and picture.shot_type not in ("extreme_wide",)
    placed = tuple(
        _place(picture, figure, i, len(shown), order, half, seated, kind.name)
        for i, figure in enumerate(shown)
    )
    placed = _one_umbrella(placed)
    if picture.shot_type == "over_the_shoulder":
        placed = (*placed, _shoulder(picture, shown[0], order, half))
    return Staging(placed=placed, lens=lens)


def _shown(picture: ShotPicture) -> tuple[Figure, ...]:
    """The people in frame: speakers first in close shots, left to right as they stand."""
    speaking = dict.fromkeys(line.identity for line in picture.lines)
    speakers = [f for i in speaking for f in picture.figures if f.identity == i]
    most = _MOST[picture.shot_type]
    if picture.shot_type in ("close_up", "extreme_close_up"):
        most = max(most, min(3, len(speakers)))
    others = [f for f in picture.figures if f not in speakers]
    named = [f for f in others if f.name and f.name.casefold() in picture.action.casefold()]
    ranked = [*speakers, *named, *(f for f in others if f not in named)][:most]
    order = _sides(picture)
    return tuple(sorted(ranked, key=lambda f: order.get(f.identity, len(order))))


_SHELTER = re.compile(r"\bunder (?:the|an|one|her|his|their) (?:[\w-]+ )?umbrella\b.*\b(?:two|both|together)\b|\b(?:two|both|together)\b.*\bunder (?:the|an|one|her|his|their) (?:[\w-]+ )?umbrella\b", re.IGNORECASE | re.DOTALL)  # fmt: skip


def _sheltered(picture: ShotPicture, shown: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Whoever shares an umbrella with the one person named: a stranger nobody has named."""
    outside = not is_interior(picture.setting)
    if len(shown) != 1 or not outside or not _SHELTER.search(picture.action):
        return shown
    man = not person_of(shown[0]).female
    stranger = Figure(
        identity=f"{shown[0].identity} stranger",
        description="woman, 30s" if man else "man, 30s, white shirt, dark trousers",
    )
    return (*shown, stranger)


def _one_umbrella(placed: tuple[Placed, ...]) -> tuple[Placed, ...]:
    """Of several who have an umbrella, one holds it and the others stand close."""
    owners = [p for p in placed if "umbrella" in p.things]
    if len(owners) < 2:
        return placed
    middle, size = sum(p.cast.seat.x for p in owners) / len(owners), owners[0].cast.seat.size
    close = []
    for i, p in enumerate(owners):
        x = middle + (2 * i / (len(owners) - 1) - 1) * size * 0.95
        seat = replace(p.cast.seat, x=x, turn=abs(p.cast.seat.turn) * (1 if i == 0 else -1))
        things = p.things if i == 0 else tuple(name for name in p.things if name != "umbrella")
        close.append(replace(p, cast=replace(p.cast, seat=seat), things=things))
    return (*(p for p in placed if p not in owners), *close)


def _sides(picture: ShotPicture) -> dict[str, int]:
    """Places from left to right, the same in every shot with the same people."""
    people = sorted({f.identity for f in picture.figures}, key=_rank)
    return {identity: i for i, identity in enumerate(people)}


def _rank(identity: str) -> bytes:
    return hashlib.sha256(f"side {identity.casefold()}".encode()).digest()


def _facing(identity: str, order: dict[str, int]) -> float:
    """1 looks to the right, −1 to the left."""
    if len(order) > 1:
        return 1.0 if order.get(identity, len(order)) < len(order) / 2 else -1.0
    return 1.0 if _rank(identity)[0] % 2 else -1.0


def _place(
    picture: ShotPicture, figure: Figure, i: int, count: int,
    order: dict[str, int], half: float, seated: bool, kind_name: str,
) -> Placed:  # fmt: skip
    person = person_of(figure)
    size, y = _SIZES[picture.shot_type][min(count, 3) - 1]
    squeeze = min(1.0, half / (44.0 if count < 3 else 60.0)) ** 0.6
    size *= squeeze
    wide = picture.shot_type in ("wide", "extreme_wide")
    way = _facing(figure.identity, order)
    mine = _about(picture, figure)
    posture, feeling = _acting(picture, figure, person, mine)
    if seated and posture in ("stand", "lean"):
        posture = "sit"
    if wide and seated and picture.shot_type == "wide" and kind_name == "car":
        y, size = 37.0, 15.5 * squeeze  # a car is no wider than its seats
    elif wide:
        y, size = _standing(y, size, person, posture, squeeze)
    else:
        y += (1 - person.tall) * size * 0.5
        size *= 1 if person.age != "child" else 0.92
    turn = way * {"extreme_close_up": 0.32, "close_up": 0.42}.get(picture.shot_type, 0.6)
    x = _column(picture.shot_type, i, count, half, way, size)
    seat = Seat(x=x, y=y, size=size, turn=turn)
    gaze = way * (0.35 if count > 1 or picture.lines else 0.15)
    close = picture.shot_type in ("close_up", "extreme_close_up")
    cast = Cast(person=person, seat=seat, posture=posture, feeling=feeling, gaze=gaze, close=close)
    return Placed(
        figure=figure,
        cast=cast,
        things=_things(picture, figure, mine, posture) if not close else (),
        enters=posture == "walk" and any(begins(mine.casefold(), stem) for stem in _ENTERS),
    )


def _things(picture: ShotPicture, figure: Figure, mine: str, posture: str) -> tuple[str, ...]:
    """What somebody has with them here: nobody opens an umbrella under a roof."""
    things = carried(mine, figure.description, posture)
    roof = is_interior(picture.setting)
    return tuple(name for name in things if not (roof and name == "umbrella"))


def _standing(
    y: float, size: float, person: Person, posture: str, squeeze: float
) -> tuple[float, float]:
    """Head place and size so that feet meet the floor of the frame."""
    feet = y + size / squeeze * 7.0
    grown = size * (0.5 + 0.4 * person.tall) if person.age == "child" else size * person.tall
    tall = 5.6 if posture == "sit" else 6.95
    return feet - grown * tall, grown


def _column(shot: str, i: int, count: int, half: float, way: float, size: float) -> float:
    if count == 1:
        third = {"close_up": 0.14, "extreme_close_up": 0.03, "over_the_shoulder": 0.2}.get(
            shot, 0.24
        )
        return -way * third * half
    reach = {"extreme_wide": 0.16, "wide": 0.46, "medium": 0.5}.get(shot, 0.52)
    if count == 2 and shot in ("wide", "extreme_wide"):
        reach = min(reach * half, size * 2.1) / half
    return (2 * i / (count - 1) - 1) * reach * half


def _about(picture: ShotPicture, figure: Figure) -> str:
    """The sentences of the action that are about this person."""
    sentences = re.split(r"(?<=[.!?…])\s+", picture.action)
    others = [f.name.casefold() for f in picture.figures if f.name and f is not figure]
    mine = []
    for sentence in sentences:
        lowered = sentence.casefold()
        if (figure.name and begins(lowered, figure.name.casefold())) or not any(
            begins(lowered, name) for name in others
        ):
            mine.append(sentence)
    return " ".join(mine)


def _acting(picture: ShotPicture, figure: Figure, person: Person, text: str) -> tuple[str, str]:
    """Posture and feeling, from the sentences that are about this person."""
    spoken = " ".join(line.text for line in picture.lines if line.identity == figure.identity)
    feeling = feeling_of(text) or feeling_of(spoken)
    if not feeling and spoken.rstrip().endswith("!"):
        feeling = "angry" if spoken.isupper() else "surprised"
    posture = posture_of(text)
    if posture == "stand" and person.age == "old" and _rank(figure.identity)[1] % 3 == 0:
        posture = "lean"
    return posture, feeling


def _shoulder(picture: ShotPicture, seen: Figure, order: dict[str, int], half: float) -> Placed:
    """The other person's back at the frame's edge; someone unnamed when there is no other."""
    other = next((f for f in picture.figures if f.identity != seen.identity), None)
    figure = other or Figure(name="", identity=f"{seen.identity} listener")
    way = _facing(seen.identity, order)
    size = 66.0 * min(1.0, half / 50) ** 0.5
    seat = Seat(
        x=way * (half - size * (0.22 if half > 50 else 0.02)), y=58.0, size=size, turn=-way * 0.25
    )
    cast = Cast(person=person_of(figure), seat=seat, back=True, close=True)
    return Placed(figure=figure, cast=cast, shoulder=True)
