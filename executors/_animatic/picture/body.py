# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies: limbs from a posture's joints, and torso, in head units below the head's middle.

The one idea: a posture is where ten joints are; cloth hangs on them.  Clothes are in
``clothes.py``, the shadow and rim of the whole silhouette in ``figure.py``.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import math
from dataclasses import dataclass

from .canvas import Canvas
from .colour import Colour, brighter, mix
from .head import Seat, tones
from .light import Light
from .outline import Point, blob, ellipse, ribbon
from .wardrobe import Person

HEADS_TALL = 6.95  # head heights from the head's middle to the soles


@dataclass(frozen=True, slots=True, kw_only=True)
class Joints:
    """Elbows, hands, knees, feet (left, right on the screen) in head units; ``front`` arms."""

    elbows: tuple[Point, Point]
    hands: tuple[Point, Point]
    knees: tuple[Point, Point] = ((-0.34, 5.0), (0.34, 5.0))
    feet: tuple[Point, Point] = ((-0.38, 6.8), (0.38, 6.8))
    front: bool = False
    lean: float = 0.0  # degrees

    def mirrored(self) -> Joints:
        """The same posture facing the other way."""

        def flip(pair: tuple[Point, Point]) -> tuple[Point, Point]:
            (ax, ay), (bx, by) = pair
            return (-bx, by), (-ax, ay)

        return Joints(elbows=flip(self.elbows), hands=flip(self.hands), knees=flip(self.knees), feet=flip(self.feet), front=self.front, lean=-self.lean)


_POSTURES: dict[str, Joints] = {
    "stand": Joints(elbows=((-1.0, 2.0), (1.02, 1.98)), hands=((-0.98, 2.95), (0.98, 2.92))),
    "sit": Joints(elbows=((-0.98, 2.0), (1.0, 2.0)), hands=((-0.55, 2.85), (0.5, 2.9)), knees=((-0.62, 3.75), (0.66, 3.75)), feet=((-0.6, 5.35), (0.7, 5.35)), front=True),
    "point": Joints(elbows=((-1.0, 2.0), (1.35, 1.45)), hands=((-0.98, 2.95), (2.15, 1.1))),
    "phone": Joints(elbows=((-1.0, 2.0), (1.12, 1.75)), hands=((-0.98, 2.95), (0.5, 0.42)), front=True),
    "hold": Joints(elbows=((-1.02, 2.0), (1.04, 2.0)), hands=((-0.24, 1.95), (0.26, 1.9)), front=True),
    "lean": Joints(elbows=((-1.05, 2.0), (1.0, 1.95)), hands=((-0.75, 2.9), (0.9, 2.9)), lean=-5.0),
    "fold": Joints(elbows=((-1.0, 2.0), (1.0, 2.0)), hands=((0.5, 1.82), (-0.5, 1.95)), front=True),
}


def joints_of(posture: str, phase: float = 0.0) -> Joints:
    """Where the joints are; ``phase`` (turns) moves walkers and runners through their cycle."""
    if posture not in ("walk", "run"):
        return _POSTURES.get(posture, _POSTURES["stand"])
    swing = math.sin(math.tau * phase)
    lift = math.cos(math.tau * phase)
    reach = 0.72 if posture == "walk" else 1.2
    arm = 0.45 if posture == "walk" else 0.7
    bent = 0.0 if posture == "walk" else 0.5
    return Joints(
        elbows=((-0.75 - 0.25 * arm - swing * arm * 0.6, 2.0), (0.75 + 0.25 * arm - swing * arm * 0.6, 2.0)),
        hands=((-0.75 - swing * arm * 1.5 + bent, 2.85 - bent), (0.75 - swing * arm * 1.5 + bent, 2.85 - bent)),
        knees=((swing * reach * 0.55 + 0.12, 4.98 - max(0.0, lift) * 0.3), (-swing * reach * 0.55 + 0.12, 4.98 - max(0.0, -lift) * 0.3)),
        feet=((swing * reach, 6.8 - max(0.0, lift) * 0.35), (-swing * reach, 6.8 - max(0.0, -lift) * 0.35)),
        lean=5.0 if posture == "walk" else 11.0,
    )


def shoulder(person: Person) -> float:
    """Half the shoulders' width."""
    return (0.62 if person.age == "child" else 0.7 if person.female else 0.86) * (0.4 + 0.6 * person.build)


def torso_points(person: Person) -> list[Point]:
    """The right side of the torso from the neck down to the hips."""
    w, b = shoulder(person), person.build
    waist = (0.46 if person.female else 0.6) * b
    hip = (0.6 if person.female else 0.62) * b
    chest = w * (0.9 if person.female else 0.95)
    return [(0.17, 0.6), (0.24, 0.72), (w * 0.72, 0.87), (w, 1.1), (chest, 1.6), (waist, 2.4), (hip, 3.1), (hip, 3.45)]


def paint_neck(canvas: Canvas, person: Person, seat: Seat, light: Light) -> None:
    """Neck, with the head's shadow on it."""
    tone = tones(person, light)
    wide = (0.15 if person.female or person.age == "child" else 0.2) * (0.5 + 0.5 * person.build)
    t = seat.turn * 0.03
    neck = blob([(-wide + t, 0.2), (wide + t, 0.2), (wide * 0.98, 0.62), (wide * 1.7, 0.86), (-wide * 1.7, 0.86), (-wide * 0.98, 0.62)], 0.8)
    mask = canvas.fill(seat.put(neck), tone.skin)
    under = blob([(-0.4, 0.1), (0.4, 0.1), (0.3, 0.52), (seat.turn * 0.08 - light.side * 0.06, 0.68), (-0.3, 0.52)])
    canvas.fill(seat.put(under), tone.shade, 0.85, within=mask)


def paint_legs(canvas: Canvas, person: Person, seat: Seat, light: Light, joints: Joints) -> None:
    """Legs and shoes."""
    bare = person.outfit == "dress"
    cloth = light.tone(person.legs) if not bare else light.tone(brighter(person.skin, -0.08))
    dark = mix(light.tone(person.legs, shade=0.8), light.ink, 0.3)
    shoe = mix(light.tone((38, 32, 34)), light.ink, 0.3)
    wide = (0.5 if not bare else 0.36) * (0.4 + 0.6 * person.build)
    for i in (0, 1):
        side = (-1, 1)[i]
        hip, knee, foot = (side * 0.3 * person.build, 3.2), joints.knees[i], joints.feet[i]
        leg = ribbon([hip, knee, foot], [wide * 1.15, wide * 0.8, wide * 0.55])
        canvas.fill(seat.put(leg), cloth if i == (seat.turn < 0) else mix(cloth, dark, 0.45))
        toe = 0.26 * (1 if seat.turn > 0.1 else -1 if seat.turn < -0.1 else side)
        sole = blob([(foot[0] - 0.16, foot[1] - 0.04), (foot[0] + 0.14 + max(0, toe) * 0.5, foot[1] - 0.04), (foot[0] + 0.17 + max(0.0, toe), foot[1] + 0.14), (foot[0] - 0.17 + min(0.0, toe), foot[1] + 0.14)], 0.6)
        canvas.fill(seat.put(sole), shoe)


def paint_arm(canvas: Canvas, person: Person, seat: Seat, light: Light, joints: Joints, i: int, sleeve: Colour) -> None:
    """One arm with its hand; a soft dark edge parts it from the body behind."""
    tone = tones(person, light)
    side = (-1, 1)[i]
    top = (side * (shoulder(person) - 0.17), 1.19)
    elbow, hand = joints.elbows[i], joints.hands[i]
    scale = 0.55 + 0.45 * person.build
    elbow = (elbow[0] * (shoulder(person) / 0.86), elbow[1])
    wide = (0.36 if not person.female else 0.3) * scale
    bulky = 1.15 if person.outfit in ("coat", "hoodie", "space", "police") else 1.0
    arm = ribbon([top, elbow, hand], [wide * 1.15 * bulky, wide * bulky, wide * 0.72 * bulky])
    edge = arm.moved(-light.side * 0.05, 0.05)
    canvas.fill(seat.put(edge), mix(sleeve, light.ink, 0.6), 0.5, atop=True)
    dx, dy = hand[0] - elbow[0], hand[1] - elbow[1]
    length = max(0.01, math.hypot(dx, dy))
    ux, uy = dx / length, dy / length
    palm = ribbon([(hand[0] - ux * 0.05, hand[1] - uy * 0.05), (hand[0] + ux * 0.14, hand[1] + uy * 0.14), (hand[0] + ux * 0.3, hand[1] + uy * 0.3)], [wide * 0.5, wide * 0.72, wide * 0.4])
    canvas.fill(seat.put(palm), tone.skin)
    thumb = ribbon([(hand[0] + ux * 0.08, hand[1] + uy * 0.08), (hand[0] + ux * 0.2 - uy * 0.1 * side, hand[1] + uy * 0.2 + ux * 0.1 * side)], [0.09, 0.06])
    canvas.fill(seat.put(thumb), mix(tone.skin, tone.shade, 0.4))
    mass = canvas.fill(seat.put(arm), sleeve)
    if light.side * side < 0:
        canvas.fill(seat.put(arm.moved(-light.side * 0.14, 0)), mix(sleeve, light.ink, 0.5), 0.35, within=mass)
    cuff = ellipse(hand[0] - ux * 0.05, hand[1] - uy * 0.05, wide * 0.36, wide * 0.36)
    canvas.fill(seat.put(cuff), mix(sleeve, light.ink, 0.3), 0.5, within=mass)
