# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours as (red, green, blue) floats 0–255, and how to mix them.

What a film's look does to them is in ``grade.py``; which ones a place uses in ``light.py``.
"""

from __future__ import annotations

import colorsys

Colour = tuple[float, float, float]

WHITE: Colour = (255.0, 255.0, 255.0)
BLACK: Colour = (0.0, 0.0, 0.0)


def parse(text: str) -> Colour:
    """``#rrggbb`` to a colour (the caller has checked the text)."""
    return (float(int(text[1:3], 16)), float(int(text[3:5], 16)), float(int(text[5:7], 16)))


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """``a`` at share 0, ``b`` at share 1."""
    s = min(max(share, 0.0), 1.0)
    return (a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s, a[2] + (b[2] - a[2]) * s)


def lit(colour: Colour, light: Colour) -> Colour:
    """A surface of one colour under a light of another (white light changes nothing)."""
    r, g, b = (min(255.0, c * k / 255.0) for c, k in zip(colour, light, strict=True))
    return (r, g, b)


def brighter(colour: Colour, amount: float) -> Colour:
    """Lighter by a share of the way to white, or darker when negative (towards black)."""
    return mix(colour, WHITE, amount) if amount >= 0 else mix(colour, BLACK, -amount)


def luma(colour: Colour) -> float:
    """Perceived brightness 0–255 (BT.709 weights)."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def hued(hue: float, saturation: float, lightness: float) -> Colour:
    """A colour from hue (turns), saturation and lightness 0–1."""
    r, g, b = colorsys.hls_to_rgb(hue % 1.0, lightness, saturation)
    return (r * 255, g * 255, b * 255)


def saturated(colour: Colour, amount: float) -> Colour:
    """The colour with its distance from grey multiplied by ``amount``."""
    grey = luma(colour)
    r, g, b = (min(255.0, max(0.0, grey + (c - grey) * amount)) for c in colour)
    return (r, g, b)
