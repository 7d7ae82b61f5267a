# SPDX-License-Identifier: GPL-3.0-or-later
"""The set behind and before the people, as plates: painted, photographed, or a table top.

The one idea: a still camera needs one plate behind the people; a carried one needs a plate
for each distance.  Places are painted in ``places``; pictures are read in ``footage.py``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from .camera import FAR, MIDDLE, NEAR, SUBJECT
from .canvas import Canvas
from .colour import mix
from .figure import paint_body, shaded
from .footage import filled
from .hair import paint_rear
from .inking import inked
from .light import Light
from .outline import box
from .passage import paint_train, runs, train_at
from .places import Kind
from .places.happenings import happenings, lamplit
from .places.scene import Lamp, Scene
from .plates import Plate
from .props import paint_prop, paint_surface, prop_of
from .raster import Mask
from .spec import ShotPicture
from .stage import Stage, enlarged
from .staging import Lens, Placed, Staging
from .words import begins

_NEAR_SOFT = 2  # what is close to the lens is never sharp


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """Plates with their parallax, behind and in front of the people; lamps that live."""

    behind: tuple[tuple[Plate, float], ...]
    before: tuple[tuple[Plate, float], ...]
    lamps: tuple[tuple[Lamp, tuple[float, float], float], ...]


def _full(stage: Stage, canvas: Canvas, parallax: float, soft: int) -> Canvas:
    if soft == 1:
        return canvas
    mx, my = stage.margins(parallax)
    return enlarged(canvas, soft, stage.width + 2 * mx, stage.height + 2 * my, canvas.scale * soft)


def backdrop_of(
    picture: ShotPicture, stage: Stage, light: Light, kind: Kind, staging: Staging
) -> Backdrop:
    """The painted set of a shot."""
    lens = staging.lens
    soft = lens.soft
    far = _canvas(stage, FAR, lens, soft, opaque=True)
    middle = _canvas(stage, MIDDLE, lens, soft)
    near = _canvas(stage, NEAR, lens, max(soft, _NEAR_SOFT))
    scene = Scene(
        far=far, middle=middle, near=near, light=light,
        rng=random.Random(f"{kind.name} {picture.setting.place} {picture.scene}"),
        words=" ".join((picture.setting.place, picture.setting.description, picture.setting.season, picture.setting.weather)).casefold(),
    )  # fmt: skip
    kind.paint(scene)
    standing = train_at(picture, kind.name)
    if standing and not runs(picture, stage):
        paint_train(far, light)
    happenings(scene, picture.action, lens, stage.half)
    if picture.shot_type in ("wide", "extreme_wide"):
        lamplit(scene, kind.name, [_standing_at(p, lens) for p in staging.placed])
    if lens.soft > 1:
        _air(far, light)
    far, middle = _full(stage, far, FAR, soft), _full(stage, middle, MIDDLE, soft)
    if soft == 1:
        middle = inked(middle, stage)
    front = stage.plate(_full(stage, near, NEAR, max(soft, _NEAR_SOFT)), NEAR)
    lamps = tuple(_lamp_spot(stage, lamp, lens) for lamp in scene.lamps if lamp.flicker > 0)
    if stage.camera.still or stage.camera.move == "zoom" or (soft > 1 and stage.camera.scaled):
        # Out of focus, or turned rather than carried: the two distances move alike.
        far.paste(middle, 0, 0)
        return Backdrop(
            behind=((stage.plate(far, FAR), FAR),), before=((front, NEAR),), lamps=lamps
        )
    return Backdrop(
        behind=((stage.plate(far, FAR), FAR), (stage.plate(middle, MIDDLE), MIDDLE)),
        before=((front, NEAR),),
        lamps=lamps,
    )


def _standing_at(placed: Placed, lens: Lens) -> tuple[float, float, float]:
    """Where someone stands and how tall they are, in the units of the place."""
    seat, (fx, fy) = placed.cast.seat, lens.focus
    foot = seat.y + seat.size * 6.9
    return (
        fx + seat.x / lens.magnify,
        fy + (foot - 50) / lens.magnify,
        seat.size * 7.5 / lens.magnify,
    )


def _canvas(stage: Stage, parallax: float, lens: Lens, soft: int, opaque: bool = False) -> Canvas:
    return stage.canvas(parallax, opaque=opaque, magnify=lens.magnify, focus=lens.focus, soft=soft)


def _air(canvas: Canvas, light: Light) -> None:
    """A breath of haze that parts people from an unsharp background."""
    left, top, right, bottom = canvas.units()
    canvas.fill(box(left, top, right, bottom), light.haze, 0.16)


def _lamp_spot(stage: Stage, lamp: Lamp, lens: Lens) -> tuple[Lamp, tuple[float, float], float]:
    """A lamp's place in the frame and its reach, in pixels."""
    scale = stage.scale * lens.magnify
    x = stage.width / 2 + (lamp.x - lens.focus[0]) * scale
    y = stage.height / 2 + (lamp.y - lens.focus[1]) * scale
    return lamp, (x, y), lamp.reach * scale


def photographed(stage: Stage, path: str, soft: int) -> Backdrop:
    """A picture of the place in place of the painted one."""
    canvas = stage.canvas(FAR, opaque=True)
    image = filled(path, canvas.width, canvas.height)
    canvas.planes = np.ascontiguousarray(image.transpose(2, 0, 1))
    if soft > 1:
        small = Canvas(-(-canvas.width // soft), -(-canvas.height // soft), scale=1.0, opaque=True)
        small.planes = canvas.planes[:, ::soft, ::soft].copy()
        canvas = enlarged(small, soft, canvas.width, canvas.height, canvas.scale)
    return Backdrop(behind=((stage.plate(canvas, FAR), FAR),), before=(), lamps=())


def insert_plate(picture: ShotPicture, stage: Stage, light: Light) -> tuple[Plate, float]:
    """The object the action names, on a table where that makes sense."""
    canvas = stage.canvas(SUBJECT)
    name = prop_of(picture.action)
    reach = min(1.0, stage.half / 42)
    # A table lamp, whatever the hour: what matters must be seen.
    lamplight = replace(light, inside=True, key=mix(light.key, light.glow(0.35), 0.6))
    hangs = name == "clock" and not begins(picture.action.casefold(), "watch")
    if name not in ("door", "hand", "umbrella") and not hangs:
        paint_surface(canvas, lamplight, 44.0)
    thing = stage.canvas(SUBJECT)
    paint_prop(thing, name, lamplight, 0.0, 50.0, 1.12 * reach, picture.action)
    _cast_shadow(canvas, thing, light)
    canvas.paste(inked(thing, stage), 0, 0)
    return stage.plate(canvas, SUBJECT), SUBJECT


def _cast_shadow(canvas: Canvas, thing: Canvas, light: Light) -> None:
    """The object's own shape, softened, falling away from the light."""
    alpha = thing.planes[3:]
    soft = 4
    small = Canvas(-(-thing.width // soft), -(-thing.height // soft), scale=1.0)
    small.planes[3] = alpha[0, ::soft, ::soft]
    wide = enlarged(small, soft, thing.width, thing.height, 1.0).planes[3]
    x, y = round(-light.side * 2.6 * canvas.scale), round(2.4 * canvas.scale)
    shape = np.roll(wide, (y, x), (0, 1))
    canvas.fill(Mask(0, 0, shape), light.ink, 0.5)


def shoulder_plate(stage: Stage, light: Light, placed: Placed) -> tuple[Plate, float]:
    """Someone's dark, unsharp back at the edge of the frame."""
    soft = 3
    canvas = stage.canvas(SUBJECT, soft=soft)
    cast = placed.cast
    paint_body(canvas, cast, light)
    paint_rear(canvas, cast.person, cast.seat, light)
    _turned_away(canvas, light)
    shaded(canvas, light, cast.seat.size * canvas.scale)
    return stage.plate(_full(stage, canvas, SUBJECT, soft), SUBJECT), SUBJECT


def _turned_away(canvas: Canvas, light: Light) -> None:
    """A back in shadow: features go, a hint of colour stays."""
    whole = box(*canvas.units())
    canvas.fill(whole, light.ink, 0.84, atop=True)
