# SPDX-License-Identifier: GPL-3.0-or-later
"""The film's look as one function from colour to colour, and what it asks of the drawing.

The one idea: every paint passes through ``Style.grade`` before it reaches a canvas, so a
look costs nothing per pixel.  ``.cube`` files are read in ``lut.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from .colour import WHITE, Colour, lit, luma, mix, parse, saturated
from .lut import cube
from .spec import Look
from .words import begins

Grade = Callable[[Colour], Colour]

_PIVOT = 96.0
_TOE = 0.45  # share of the contrast that reaches the shadows, chosen by eye on night scenes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a named style draws: multipliers on the look, and strokes, paper, blinds."""

    contrast: float = 1.0
    saturation: float = 1.0
    lift: float = 0.0  # share of the way from black to paper white
    tint: Colour = WHITE
    outline: float = 0.0  # ink line around shapes, units
    paper: float = 0.10  # strength of paper and brush texture
    vignette: float = 0.5
    blinds: bool = False
    dots: bool = False
    duotone: tuple[str, ...] = ()


_MANNERS: tuple[tuple[tuple[str, ...], Manner], ...] = (
    (("noir", "black and white", "black-and-white", "b&w", "monochrome", "нуар", "noir"),
     Manner(contrast=1.4, saturation=0.10, tint=(236, 242, 255), vignette=0.6, blinds=True)),
    (("watercolo", "aquarel", "акварел", "wash", "gouache"),
     Manner(contrast=0.85, saturation=0.95, lift=0.42, paper=0.6, vignette=-0.6)),
    (("pastel", "soft", "kawaii", "children"),
     Manner(contrast=0.75, saturation=0.8, lift=0.48, paper=0.14, vignette=0.0)),
    (("comic", "graphic novel", "manga", "cartoon", "pop art", "комикс", "anime"),
     Manner(contrast=1.3, saturation=1.3, outline=0.42, paper=0.03, dots=True)),
    (("sketch", "pencil", "storyboard", "charcoal", "ink ", "line art", "карандаш"),
     Manner(contrast=1.0, saturation=0.08, lift=0.6, outline=0.42, paper=0.6, vignette=-0.7)),
    (("neon", "cyberpunk", "synthwave", "vaporwave"),
     Manner(contrast=1.2, saturation=1.45, duotone=("#12062e", "#5b1a8c", "#e0368c", "#4fe3ff"))),
    (("sepia", "vintage", "western", "period", "old film", "nostalg", "ретро", "retro"),
     Manner(contrast=0.95, saturation=0.42, lift=0.08, tint=(255, 232, 196), paper=0.4, vignette=0.9)),
    (("horror", "thriller", "grim", "gothic", "ужас"),
     Manner(contrast=1.25, saturation=0.6, tint=(222, 238, 228), vignette=1.1)),
    (("vivid", "technicolor", "bold", "saturated"),
     Manner(contrast=1.1, saturation=1.35)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The look made ready: ``grade`` for every paint, ``manner`` for the drawing."""

    grade: Grade
    manner: Manner


@lru_cache(maxsize=16)
def style_of(look: Look) -> Style:
    """What a look asks for.  MediaError when its .cube file cannot be used."""
    manner = _manner(f"{look.description} {' '.join(look.keywords)}".casefold())
    ramp = _ramp(look.palette or manner.duotone)
    share = (0.35 + 0.4 * look.intensity) if ramp else 0.0
    if not look.palette:
        share *= 0.6
    table = cube(look.lut) if look.lut else None
    white = lit(_kelvin(look.temperature), manner.tint)
    contrast = _towards(manner.contrast, look.intensity) * look.contrast
    colourful = _towards(manner.saturation, look.intensity) * look.saturation
    lift = manner.lift * look.intensity

    @lru_cache(maxsize=4096)
    def grade(colour: Colour) -> Colour:
        seen = colour
        if ramp:
            toned = _on_ramp(ramp, luma(seen))
            seen = mix(seen, mix(toned, saturated(seen, 1.1), 0.25), share)
        seen = saturated(lit(seen, white), colourful)
        seen = _contrasted(seen, contrast)
        if lift:
            seen = mix(seen, (250.0, 246.0, 238.0), lift * (1 - luma(seen) / 400))
        if table is not None:
            seen = mix(seen, table(seen), look.intensity)
        r, g, b = (min(255.0, max(0.0, c)) for c in seen)
        return (r, g, b)

    return Style(grade=grade, manner=manner)


def _towards(value: float, share: float) -> float:
    """A multiplier at a style's intensity (0.8, the default, is the full manner)."""
    return 1 + (value - 1) * min(1.25, share / 0.8)


def _manner(words: str) -> Manner:
    for stems, manner in _MANNERS:
        if any(begins(words, stem) for stem in stems):
            return manner
    return Manner()


def _kelvin(temperature: float) -> Colour:
    """White under a look's temperature: lower is warmer, as film stock is labelled on screen."""
    off = (temperature - 5600) / (3600 if temperature < 5600 else 4400)
    warm, cool = (255.0, 206.0, 142.0), (178.0, 214.0, 255.0)
    return mix(WHITE, warm, -off) if off < 0 else mix(WHITE, cool, off)


def _contrasted(colour: Colour, amount: float) -> Colour:
    """An S-curve about a dark middle grey that keeps black black and never crushes shadows."""

    def bent(c: float) -> float:
        if c <= _PIVOT:
            # Shadows fall half as fast as lights rise: a dark coat by night is still a coat.
            return float(c * (max(c, 1.0) / _PIVOT) ** ((amount - 1) * _TOE))
        over = 255 - c
        return float(255 - over * (max(over, 1.0) / (255 - _PIVOT)) ** (amount - 1))

    r, g, b = (min(255.0, max(0.0, bent(c))) for c in colour)
    return (r, g, b)


def _ramp(palette: tuple[str, ...]) -> tuple[tuple[float, Colour], ...]:
    """The palette as stops from dark to light; its ends reach near black and near white."""
    if not palette:
        return ()
    colours = sorted((parse(text) for text in palette), key=luma)
    first, last = colours[0], colours[-1]
    stops = [mix(first, (0, 0, 0), 0.75), *colours, mix(last, WHITE, 0.7)]
    spots = [12.0, *(min(235.0, max(20.0, luma(c))) for c in colours), 248.0]
    return tuple(zip(spots, stops, strict=True))


def _on_ramp(ramp: tuple[tuple[float, Colour], ...], value: float) -> Colour:
    for (low, dark), (high, light) in pairwise(ramp):
        if value <= high:
            return mix(dark, light, (value - low) / max(1e-6, high - low))
    return ramp[-1][1]
