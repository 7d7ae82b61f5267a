# SPDX-License-Identifier: GPL-3.0-or-later
"""From where a place is seen, in the words that a LoRA of camera angles learned.

They are those of Qwen-Image-Edit-2511-Multiple-Angles-LoRA: side, height, distance.  Its eight sides
are seen at eye level, its other heights from the front.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["view_of"]

_SIDES: Mapping[str, str] = {
    "front": "front view",
    "front_right": "front-right quarter view",
    "right": "right side view",
    "back_right": "back-right quarter view",
    "back": "back view",
    "back_left": "back-left quarter view",
    "left": "left side view",
    "front_left": "front-left quarter view",
}
_HEIGHTS: Mapping[str, str] = {
    "low": "low-angle shot",
    "elevated": "elevated shot",
    "high": "high-angle shot",
}


def view_of(angle: str) -> str:
    """The place from that angle, all of it in sight."""
    side = _SIDES.get(angle, _SIDES["front"])
    return f"<sks> {side} {_HEIGHTS.get(angle, 'eye-level shot')} wide shot"
