# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that pictures and sounds share, and how parts become one text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...core.emphasis import unmarked

__all__ = ["INTERIORS", "WEATHER", "joined"]

#: The longest prompt in characters: what encoders read of it is less.
_LONGEST = 4000
INTERIORS: Mapping[str, str] = {
    "int": "interior", "ext": "exterior", "int_ext": "interior and exterior",
}  # fmt: skip
WEATHER: Mapping[str, str] = {
    "cloudy": "cloudy sky", "rain": "rain", "storm": "storm", "snow": "snow", "fog": "fog",
    "wind": "wind",
}  # fmt: skip


def joined(parts: Iterable[str], between: str = ". ") -> str:
    """What is not empty, each on one line without its own full stop, bounded in length."""
    words = (unmarked(part or "").strip().rstrip(".,;") for part in parts)
    return between.join(word for word in words if word)[:_LONGEST]
