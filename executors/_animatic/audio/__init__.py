# SPDX-License-Identifier: GPL-3.0-or-later
"""Voices, sound, music and the mix of the animatic, all made with NumPy and eSpeak NG.

One idea: everything heard is a deterministic function of words, seeds and seconds, float32
at 48 kHz, so a deleted sound comes back as the same bytes.  Reading film graphs and
naming files is not here.
"""

from __future__ import annotations

from .cues import Cue, FileSource, Source, Track
from .loudness import integrated, true_peak
from .mix import MixFacts, MixSpec, mix
from .recording import conformed, recorded_line
from .sound import RATE_HZ
from .speech import Mark, Spoken, Word, speak
from .stretch import Fitted, fit, fit_line
from .voices import CastMember, VoiceSettings, cast, cast_all
from .wav import read_blocks, wav_frames, write_wav

__all__ = [
    "RATE_HZ",
    "CastMember",
    "Cue",
    "FileSource",
    "Fitted",
    "Mark",
    "MixFacts",
    "MixSpec",
    "Source",
    "Spoken",
    "Track",
    "VoiceSettings",
    "Word",
    "cast",
    "cast_all",
    "conformed",
    "fit",
    "fit_line",
    "integrated",
    "mix",
    "read_blocks",
    "recorded_line",
    "speak",
    "true_peak",
    "wav_frames",
    "write_wav",
]
