# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot put together: plates, people, air and lettering become frame after frame.

The one idea: everything is painted before the first frame; a frame only places what moved.
When nothing moved since the last frame, the last frame is given again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import arrival, footage
from .actors import Actor
from .arrival import Arrival
from .backdrop import Backdrop, backdrop_of, insert_plate, photographed, shoulder_plate
from .camera import Camera
from .captions import BurnIn, Title, name_tag, titles
from .colour import Colour, brighter, luma
from .finish import Finish
from .grade import style_of
from .lettering import legible, missing
from .light import light_of
from .passage import Train, runs, train_at
from .places import kind_of
from .planes import Planes
from .plates import Plate
from .spec import ShotPicture
from .stage import Stage
from .staging import Placed, staged
from .standee import Standee
from .wardrobe import person_of
from .weather import Air, Flicker, air_of
from .words import is_interior

_REACH = {"extreme_wide": 1.0, "wide": 1.0, "medium": 0.8, "over_the_shoulder": 0.6, "close_up": 0.6, "extreme_close_up": 0.5, "insert": 0.6}  # fmt: skip

_NO_BLINDS = frozenset({"carriage", "car", "subway", "tunnel", "cave", "spaceship", "plane", "ship_deck", "church", "prison"})  # fmt: skip


def camera_of(picture: ShotPicture) -> Camera:
    """The shot's move; close framings move less."""
    return Camera(
        picture.camera_move, picture.seconds, picture.seed, _REACH.get(picture.shot_type, 1.0)
    )


def accents(picture: ShotPicture) -> dict[str, Colour]:
    """Each character's colour for tags and captions: their clothes', made bright enough."""
    found = {}
    for figure in picture.figures:
        colour = person_of(figure).outer
        found[figure.identity] = brighter(colour, max(0.0, (150 - luma(colour)) / 220))
    return found


def warnings_of(picture: ShotPicture) -> tuple[str, ...]:
    """What could not be lettered as it should."""
    texts = [line.text for line in picture.lines] + [line.name for line in picture.lines]
    texts += [picture.action] if picture.captions else []
    texts += [figure.name for figure in picture.figures] if picture.name_tags else []
    return missing(texts)


@dataclass(slots=True)
class _Overlay:
    """Lettering over the picture."""

    titles: list[Title]
    tags: list[Plate]
    burn: BurnIn | None

    def key(self, seconds: float) -> tuple[int, ...]:
        """What is shown, as a value that changes when it does."""
        return tuple(i for i, t in enumerate(self.titles) if t.start <= seconds < t.end)

    def draw(
        self, frame: Planes, scratch: np.ndarray[Any, Any], seconds: float, index: int
    ) -> None:
        for title in self.titles:
            if title.start <= seconds < title.end:
                title.plate.draw(frame, scratch)
        for tag in self.tags:
            tag.draw(frame, scratch)
        if self.burn is not None:
            for plate, left in self.burn.plates(index):
                plate.draw(frame, scratch, left)


class Film:
    """One shot, painted and ready."""

    def __init__(self, picture: ShotPicture) -> None:
        self.picture = picture
        self.style = style_of(picture.look)
        self.stage = Stage(
            width=picture.width,
            height=picture.height,
            camera=camera_of(picture),
            style=self.style,
            tight=picture.shot_type == "extreme_close_up",
        )
        self.scratch = np.empty((picture.height, picture.width), np.uint16)
        self.air: list[Air] = []
        self.actors: list[Actor | Standee] = []
        self.before: tuple[tuple[Plate, float], ...] = ()
        inside = is_interior(picture.setting) and kind_of(picture.setting).name not in _NO_BLINDS
        self.finish = Finish(self.style.manner, picture.width, picture.height, inside)
        placed: tuple[Placed, ...] = ()
        self.arrival: Arrival | None = None
        self.train: Train | None = None
        if picture.media:
            self.behind = photographed(self.stage, picture.media, 1).behind
        else:
            placed = self._painted()
            if picture.start_image:
                self.arrival = Arrival(picture.start_image, picture.width, picture.height)
        self.overlay = self._lettering(placed)
        self.base = self._base() if self.stage.camera.still else None

    def _painted(self) -> tuple[Placed, ...]:
        picture, stage = self.picture, self.stage
        light, kind = light_of(picture.setting, picture.seed), kind_of(picture.setting)
        staging = staged(picture, kind, stage.half)
        if picture.setting.images:
            set_ = photographed(stage, picture.setting.images[0], staging.lens.soft)
        else:
            set_ = backdrop_of(picture, stage, light, kind, staging)
        self.behind, self.before = set_.behind, set_.before
        if not picture.setting.images and train_at(picture, kind.name) and runs(picture, stage):
            motion = train_at(picture, kind.name)
            self.train = Train(stage, light, staging.lens, motion, picture.seconds)
        if staging.insert:
            self.behind = (*self.behind, insert_plate(picture, stage, light))
            self.before = ()
        people = [p for p in staging.placed if not p.shoulder]
        people.sort(key=lambda p: p.cast.seat.size)
        lit = light.on_people()
        self.actors = [
            (Standee if p.figure.images else Actor)(picture, stage, lit, p) for p in people
        ]
        if any(p.shoulder for p in staging.placed) or picture.shot_type not in (
            "wide",
            "extreme_wide",
        ):
            self.before = ()
        self.before += tuple(shoulder_plate(stage, light, p) for p in staging.placed if p.shoulder)
        size = (picture.width, picture.height)
        self.air.extend(
            air_of(light, size, picture.seed, picture.setting.season, kind.name, self.style.grade)
        )
        self._flicker(set_, size)
        return tuple(people)

    def _flicker(self, set_: Backdrop, size: tuple[int, int]) -> None:
        camera, scale = self.stage.camera, self.stage.scale
        if not camera.scaled:
            self.air.extend(
                Flicker(lamp, size, spot, reach, camera, scale)
                for lamp, spot, reach in set_.lamps[:4]
            )

    def _lettering(self, placed: tuple[Placed, ...]) -> _Overlay:
        picture = self.picture
        colours = accents(picture)
        tags = []
        if (
            picture.name_tags
            and self.stage.camera.still
            and picture.shot_type in ("wide", "medium", "extreme_wide")
        ):
            for p in placed:
                covered = p.cast.posture in ("walk", "run") or "umbrella" in p.things
                if legible(p.figure.name) and not covered:
                    tags.append(self._tag(p, colours[p.figure.identity]))
        shown = titles(picture, colours) if picture.captions else []
        return _Overlay(shown, tags, BurnIn(picture) if picture.burn_in else None)

    def _tag(self, placed: Placed, colour: Colour) -> Plate:
        seat, scale = placed.cast.seat, self.stage.scale
        x = self.picture.width / 2 + seat.x * scale
        y = (seat.y - seat.size * (0.95 if placed.cast.person.hat else 0.8)) * scale - 5.5 * min(
            self.picture.width, self.picture.height
        ) / 100
        return name_tag(self.picture, placed.figure.name, x, y, colour)

    def _base(self) -> Planes:
        """Everything that never moves under a still camera."""
        base = Planes.blank(self.picture.width, self.picture.height)
        for plate, _ in self.behind:
            plate.draw(base, self.scratch)
        return base

    def _key(self, seconds: float) -> tuple[Any, ...] | None:
        """What the frame depends on, when that can be told; None when it always changes."""
        arriving = self.arrival is not None and seconds < arrival.SECONDS
        lively = bool(self.air) or self.train is not None or arriving
        if self.base is None or lively or self.overlay.burn is not None:
            return None
        return (
            tuple((a.place(seconds), a.face(seconds)) for a in self.actors),
            self.overlay.key(seconds),
        )

    def _draw(self, frame: Planes, index: int) -> None:
        seconds = index / self.picture.fps
        if self.base is not None:
            frame.copy_from(self.base)
        else:
            self._plates(frame, self.behind, seconds)
        if self.train is not None:
            self.train.draw(frame, self.scratch, seconds)
        for actor in self.actors:
            actor.draw(frame, self.scratch, seconds)
        self._plates(frame, self.before, seconds)
        for air in self.air:
            air.draw(frame, self.scratch, seconds)
        self.finish.draw(frame)
        if self.arrival is not None:
            self.arrival.draw(frame, self.scratch, seconds)
        self.overlay.draw(frame, self.scratch, seconds, index)

    def _plates(
        self, frame: Planes, plates: tuple[tuple[Plate, float], ...], seconds: float
    ) -> None:
        scale = self.stage.scale
        for plate, parallax in plates:
            pose = self.stage.camera.seen(seconds, parallax)
            plate.draw(frame, self.scratch, pose.x * scale, pose.y * scale, pose.zoom)

    def frames(self) -> Iterator[Planes]:
        """Every frame in order; each is valid until the next is asked for."""
        frame = Planes.blank(self.picture.width, self.picture.height)
        last: tuple[Any, ...] | None = None
        for index in range(self.picture.frames):
            key = self._key(index / self.picture.fps)
            if key is None or key != last:
                self._draw(frame, index)
            last = key
            yield frame

    def frame(self, index: int) -> Planes:
        """One frame by itself."""
        frame = Planes.blank(self.picture.width, self.picture.height)
        self._draw(frame, index)
        return frame


class Conformed:
    """A clip of the user's own, lettered like any other shot."""

    def __init__(self, picture: ShotPicture) -> None:
        self.picture = picture
        self.scratch = np.empty((picture.height, picture.width), np.uint16)
        shown = titles(picture, accents(picture)) if picture.captions else []
        self.overlay = _Overlay(shown, [], BurnIn(picture) if picture.burn_in else None)

    def frames(self) -> Iterator[Planes]:
        """Every frame in order; each is valid until the next is asked for."""
        frame = Planes.blank(self.picture.width, self.picture.height)
        for index, source in enumerate(footage.conformed(self.picture)):
            frame.copy_from(source)
            self.overlay.draw(frame, self.scratch, index / self.picture.fps, index)
            yield frame

    def frame(self, index: int) -> Planes:
        """One frame by itself."""
        for at, frame in enumerate(self.frames()):
            if at == index:
                return frame
        raise IndexError(index)


def film_of(picture: ShotPicture) -> Film | Conformed:
    """The shot made ready to be drawn.  MediaError when its own material cannot be used."""
    if picture.media and footage.is_clip(picture.media):
        return Conformed(picture)
    return Film(picture)
