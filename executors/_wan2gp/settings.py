# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a model: the server's own defaults, with few keys changed.  Pure.

What is *locked* (model, size, steps, guidance, LoRAs) is the same for every shot of a quality;
its digest goes into provenance, so that shots made otherwise can be told.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ...core.conforming import frames_for_each
from ...core.digest import text_digest
from ...core.errors import BadAnswer
from .._wording import Picture, Sound
from .profiles import Profile

__all__ = ["GRID", "clip_settings", "frames_of", "locked", "locked_digest", "picture_size", "sound_settings",
           "speech_settings"]  # fmt: skip

#: What differs from shot to shot.
_FREE = frozenset(
    {"prompt", "negative_prompt", "seed", "video_length", "image_start", "audio_guide"}
    | {"alt_prompt", "duration_seconds", "image_prompt_type", "client_id"}
)
#: Models take sides that are multiples of this.
GRID = 16
#: One prompt is one clip: by default a blank line would part it into several.
_ONE_PROMPT = {"multi_prompts_gen_type": "FG", "repeat_generation": 1, "batch_size": 1}
#: Frames for each that it can make itself, most first: RIFE, in the same job.
_SMOOTH = {4: "rife4", 2: "rife2"}
#: What ACE-Step is told in place of words to sing.
INSTRUMENTAL = "[Instrumental]"


def clip_settings(
    defaults: Any,
    profile: Profile,
    picture: Picture,
    seconds: float,
    start: str,
    who: str,
    *,
    size: tuple[int, int] = (0, 0),
    memory: float = 0.0,
    smooth: bool = False,
) -> dict[str, Any]:
    """Settings of a clip of so many seconds; ``start`` is the gallery id of its first picture, or "".

    ``size`` is a smaller picture to make, (0, 0) the best; ``memory`` another of its memory profiles
    than the server's own, 0 for that; ``smooth``: the frames that its model lacks for the film's rate
    are made too.

    Raises:
        BadAnswer: ``defaults`` are none.
    """
    best = picture_size(profile.pixels, picture.width, picture.height)
    width, height = size if all(size) else best
    settings = {
        **_base(defaults, profile, who),
        "prompt": picture.motion if start else picture.prompt,
        "negative_prompt": picture.negative,
        "resolution": f"{width}x{height}",
        "video_length": frames_of(profile, seconds),
        "seed": picture.seed,
    }
    lacking = frames_for_each(profile.fps, float(picture.rate))
    if smooth and lacking > 1:
        settings["temporal_upsampling"] = _SMOOTH[2 if lacking == 2 else 4]
    if start:
        settings |= {"image_start": start, "image_prompt_type": "S"}
    if memory:
        settings["override_profile"] = memory
    return settings


def sound_settings(defaults: Any, profile: Profile, sound: Sound, who: str) -> dict[str, Any]:
    """Settings of an effect, an ambience or a piece of music; music takes its words apart.

    Raises:
        BadAnswer: ``defaults`` are none.
    """
    words = {"prompt": sound.prompt, "negative_prompt": sound.negative}
    if profile.kind == "music":
        words = {"prompt": INSTRUMENTAL, "alt_prompt": sound.prompt}
    return {
        **_base(defaults, profile, who),
        **words,
        "duration_seconds": round(min(sound.seconds, profile.longest), 3),
        "seed": sound.seed,
    }


def speech_settings(
    defaults: Any, profile: Profile, text: str, recording: str, seed: int, who: str
) -> dict[str, Any]:
    """Settings of a line in the voice of a recording, given by its gallery id.

    Raises:
        BadAnswer: ``defaults`` are none.
    """
    return {
        **_base(defaults, profile, who),
        "prompt": text,
        "audio_guide": recording,
        "duration_seconds": profile.longest,
        "seed": seed,
    }


def frames_of(profile: Profile, seconds: float) -> int:
    """How many frames to ask for: enough for ``seconds``, and a number the model can make."""
    wanted = max(1, math.ceil(seconds * profile.fps - 1e-6))
    steps = math.ceil((wanted - 1) / profile.step)
    return min(steps * profile.step + 1, profile.frames)


def picture_size(pixels: int, width: int, height: int) -> tuple[int, int]:
    """The film's shape with about as many ``pixels``, on the models' grid; never larger than asked."""
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    sides = (max(GRID, round(side * scale / GRID) * GRID) for side in (width, height))
    wide, tall = sides
    return wide, tall


def locked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that shots of one quality have in common."""
    return {name: value for name, value in settings.items() if name not in _FREE}


def locked_digest(settings: Mapping[str, Any]) -> str:
    """A digest of the locked settings."""
    return text_digest(json.dumps(locked(settings), sort_keys=True, default=str))


def _base(defaults: Any, profile: Profile, who: str) -> dict[str, Any]:
    if not isinstance(defaults, dict):
        raise BadAnswer(
            f"{who} gave no settings for its model '{profile.model}'.",
            remedy="Update Wan2GP, or choose another template on the Backend node.",
        )
    return {**defaults, **_ONE_PROMPT, **profile.settings, "model_type": profile.model}
