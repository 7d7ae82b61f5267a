# SPDX-License-Identifier: GPL-3.0-or-later
"""Voices, sound, music and the mix of the animatic, all made with NumPy and eSpeak NG.

One idea: everything heard is a deterministic function of words, seeds and seconds, float32
at 48 kHz, so a deleted sound comes back as the same bytes.  Reading film graphs and
naming files is not here.
"""

from __future__ import annotations

from .ambience import AmbienceSource, ambience
from .cues import Cue, FileSource, Source, Track
from .effects import Effect, EffectSource, effect, find_effects, known_effects
from .loudness import integrated, true_peak
from .mix import MixFacts, MixSpec, mix
from .recording import conformed, mouth_marks, recorded_line
from .score import ScoreSource, score
from .sound import RATE_HZ
from .speech import Mark, Spoken, Word, speak
from .stretch import Fitted, fit, fit_line
from .voices import CastMember, VoiceSettings, cast, cast_all
from .wav import read_blocks, wav_frames, write_wav

__all__ = [
    "RATE_HZ",
    "AmbienceSource",
    "CastMember",
    "Cue",
    "Effect",
    "EffectSource",
    "FileSource",
    "Fitted",
    "Mark",
    "MixFacts",
    "MixSpec",
    "ScoreSource",
    "Source",
    "Spoken",
    "Track",
    "VoiceSettings",
    "Word",
    "ambience",
    "cast",
    "cast_all",
    "conformed",
    "effect",
    "find_effects",
    "fit",
    "fit_line",
    "integrated",
    "known_effects",
    "mix",
    "mouth_marks",
    "read_blocks",
    "recorded_line",
    "score",
    "speak",
    "true_peak",
    "wav_frames",
    "write_wav",
]
