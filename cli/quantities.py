# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities as people write them on a command line, and back.

``8GiB``, ``1280x720``, ``23.976``, ``24000/1001`` in; ``3.2 s``, ``1:05`` and ``12 MB`` out.
"""

from __future__ import annotations

import argparse
import re
from fractions import Fraction

__all__ = ["duration", "frames_per_second", "limit", "memory", "resolution", "size"]

_UNITS = {
    "": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
#: Width and height in pixels of the sizes that have a name.
NAMED_SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
#: The Project node's limits.
_SIDES = (64, 8192)
_RATES = (1, 120)


def memory(text: str) -> int:
    """Bytes of ``8GiB``, ``512MiB``, ``24GB``; a bare number is bytes."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", text)
    if match is None or match[2].lower() not in _UNITS or not float(match[1]):
        raise argparse.ArgumentTypeError(f"'{text}' is no amount of memory: write 8GiB or 512MiB")
    return round(float(match[1]) * _UNITS[match[2].lower()])


def limit(text: str) -> float:
    """Seconds to wait at most: ``1.5``; from 0 to a day."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        raise argparse.ArgumentTypeError(f"'{text}' is no time limit: write seconds, such as 2.5")
    return seconds


def resolution(text: str) -> tuple[int, int]:
    """Width and height in pixels of ``1280x720``, or of a name such as ``1080p``."""
    if text.lower() in NAMED_SIZES:
        return NAMED_SIZES[text.lower()]
    match = re.fullmatch(r"\s*(\d{1,6})\s*[xX×*]\s*(\d{1,6})\s*", text)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no resolution: write width x height, such as 1280x720"
        )
    width, height = int(match[1]), int(match[2])
    low, high = _SIDES
    if not (low <= width <= high and low <= height <= high):
        raise argparse.ArgumentTypeError(
            f"{width}x{height} is out of range: each side must be {low} to {high} pixels"
        )
    return width, height


def frames_per_second(text: str) -> float:
    """Frames per second of ``24``, ``23.976`` or ``24000/1001``."""
    try:
        rate = float(Fraction(text.strip()))
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no frame rate: write 24, 25, 29.97 or 24000/1001"
        ) from None
    low, high = _RATES
    if not low <= rate <= high:
        raise argparse.ArgumentTypeError(f"{text} is out of range: write {low} to {high}")
    return rate


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``1:05``, ``2:03:00``: as short as it can be read."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """``512 bytes``, ``1.4 MB``: decimal units, as file browsers show them."""
    if count < 1000:
        return f"{count} bytes"
    value, units = count / 1000, ["TB", "GB", "MB", "kB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop()
    unit = units[-1]
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
