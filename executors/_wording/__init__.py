# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film asks of any generator: a step's inputs, put into words and numbers.

    picture_of   a shot: prompt, negative, seed, size, frames, start image, LoRAs
    opening_of   the still a shot begins with
    view_of      a place from another angle
    sound_of     a sound effect, a scene's ambience, a piece of music
    speech_of    a spoken line

Pure, and deterministic: the same wish gives the same words in the same order, what matters
most first, since text encoders heed the beginning most.  What a service makes of them, and
the sizes it can do, is not here.
"""

from __future__ import annotations

from .pictures import LoRAFile, Picture, opening_of, picture_of
from .sounds import Sound, Speech, sound_of, speech_of
from .views import view_of

__all__ = [
    "LoRAFile", "Picture", "Sound", "Speech", "opening_of", "picture_of", "sound_of", "speech_of",
    "view_of",
]  # fmt: skip
