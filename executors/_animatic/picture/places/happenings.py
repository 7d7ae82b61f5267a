# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action puts into a place besides its people: someone far off, a thing on a bench.

The one idea: a story's small figures are silhouettes; who they are is told, not drawn.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

import re
from collections.abc import Sequence

from ..colour import brighter, mix
from ..outline import blob, box, ellipse
from ..props import named, paint_prop
from ..staging import Lens
from ..words import Hour
from .scene import Scene, streetlamp

_AFAR = re.compile(r"\b(?:far (?:down|off|away|behind|below)|in the distance|at the far end|at the end of|across the|on the horizon|вдали|вдалеке|au loin|in der ferne|a lo lejos|in lontananza)\b")
_SOMEBODY = re.compile(r"\b(?:a|an|one|another|the) (?:[\w-]+ ){0,2}(?:man|woman|figure|boy|girl|stranger|silhouette|child)\b|\b(?:мужчина|женщина|фигура|человек|силуэт)\b|\b(?:un homme|une femme|ein mann|eine frau|un hombre|una mujer|un uomo|una donna)\b")
_ON_SEAT = re.compile(r"\bon (?:the|a) (?:[\w-]+ )?bench,? ([^.!?]{3,40})|([^.!?]{3,40}) on (?:the|a) (?:[\w-]+ )?bench|\bна скамейке,? ([^.!?]{3,40})")


def happenings(s: Scene, action: str, lens: Lens, half: float) -> None:
    """Paint what the action names and nobody else draws."""
    said = action.casefold()
    if _AFAR.search(said) and _SOMEBODY.search(said):
        # Left of the middle, where looking room is; seen through the lens at hand.
        x = lens.focus[0] - half * 0.42 / lens.magnify
        _distant(s, x, s.horizon + 7, 14.0 if lens.magnify > 1.2 else 10.0, umbrella="umbrella" in said or "зонт" in said)
    found = _ON_SEAT.search(said)
    if found and s.bench is not None:
        name = named(next(group for group in found.groups() if group))
        if name:
            x, foot, width = s.bench
            paint_prop(s.middle, name, s.light, x + width * 0.52, foot - 11.5 - width * 0.1, width * 0.0078)


_LAMPS = frozenset({"platform", "train", "street", "alley", "harbour", "park", "bridge", "road"})


def lamplit(s: Scene, place: str, spots: Sequence[tuple[float, float, float]]) -> None:
    """By night, light where people stand: (x, foot, height) in the place's units."""
    if s.light.hour is not Hour.NIGHT or s.light.inside or place not in _LAMPS:
        return
    for i, (x, foot, tall) in enumerate(spots):
        if i == 0:
            high = tall * 1.9
            streetlamp(s, s.far, x - high * 0.11, foot - tall * 0.04, high)
        s.far.glow(x, foot, tall * 0.85, tall * 0.2, s.light.glow(), 0.5)
        s.far.glow(x, foot - tall * 0.5, tall * 0.6, tall * 0.75, s.light.glow(), 0.2)


def _distant(s: Scene, x: float, foot: float, tall: float, *, umbrella: bool) -> None:
    """Somebody far off, standing."""
    head = tall / 7.4
    ink = mix(s.light.ink, s.light.haze, 0.18)
    c = s.middle
    s.far.glow(x, foot - tall * 0.5, tall * 1.1, tall * 0.9, brighter(s.light.haze, 0.3), 0.4)
    body = blob([(x - head * 0.7, foot), (x - head * 0.95, foot - tall * 0.5), (x - head * 1.05, foot - tall * 0.8), (x, foot - tall * 0.86), (x + head * 1.05, foot - tall * 0.8), (x + head * 0.95, foot - tall * 0.5), (x + head * 0.7, foot)], 0.6)
    c.fill(body, ink)
    c.fill(ellipse(x, foot - tall * 0.93, head * 0.5, head * 0.62), ink)
    c.fill(ellipse(x, foot, head * 2, head * 0.3), s.light.ink, 0.35)
    if umbrella:
        c.fill(box(x + head * 1.9 - head * 0.08, foot - tall * 1.1, x + head * 1.9 + head * 0.08, foot - tall * 0.55), ink)
        c.fill(blob([(x + head * 0.9, foot - tall * 0.62), (x + head * 1.9, foot - tall * 0.6), (x + head * 1.9, foot - tall * 0.55), (x + head * 0.9, foot - tall * 0.55)], 0.5), ink)
        paint_prop(c, "umbrella", s.light, x + head * 1.9, foot - tall * 1.08, head * 0.075)
