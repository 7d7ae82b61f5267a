# SPDX-License-Identifier: GPL-3.0-or-later
"""Voices, sound, music and the mix of the animatic, all made with NumPy and eSpeak NG.

One idea: everything heard is a deterministic function of words, seeds and seconds, float32
at 48 kHz, so a deleted sound comes back as the same bytes.  Reading film graphs and
naming files is not here.
"""

from __future__ import annotations

from .sound import RATE_HZ
from .speech import Mark, Spoken, Word, speak
from .voices import CastMember, VoiceSettings, cast, cast_all

__all__ = [
    "RATE_HZ",
    "CastMember",
    "Mark",
    "Spoken",
    "VoiceSettings",
    "Word",
    "cast",
    "cast_all",
    "speak",
]
