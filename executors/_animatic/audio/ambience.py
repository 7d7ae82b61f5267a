# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of a place, for as long as a scene lasts.

A few layers (room, traffic, rain, birds, …) are chosen from the setting, each brought to its
own level, and laid down in stretches of some seconds that are blended into one another;
two different stretches alternate, so it never plays the same bar twice running and never
needs more memory.  What the layers are made of is in ``beds.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ....core.errors import MediaError
from .beds import BEDS, place_of
from .canvas import Canvas, seeded
from .loudness import Meter, gated
from .sound import BLOCK, Samples, frames_of

__all__ = ["AmbienceSource", "ambience", "layers_of"]

#: Seconds of one stretch, and of the blend into the next.
_STRETCH, _BLEND = 18.0, 2.5

_WEATHER: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # weather: heard outside, heard inside
    "rain": (("rain",), ("rain_inside",)),
    "storm": (("storm", "wind", "thunder"), ("rain_inside", "wind_inside", "thunder")),
    "snow": (("breeze",), ()),
    "wind": (("wind",), ("wind_inside",)),
    "fog": (("night",), ()),
}
_WET = frozenset(("rain", "storm", "snow"))
_UNEASY = ("tens", "horror", "dread", "eerie", "omin", "sinister", "creepy", "тревож", "ужас")


def layers_of(setting: Mapping[str, object]) -> tuple[str, ...]:
    """The layers of a setting: ``interior``, ``place``, ``time_of_day``, ``weather``, ``season``, ``mood``.

    Also reads ``name`` and ``description`` for the place; anything missing is plain day.
    """
    interior = _said(setting, "interior") in ("int", "true", "interior", "1")
    where = " ".join(_said(setting, key) for key in ("place", "name", "description"))
    sound = place_of(where, interior=interior)
    dark = _said(setting, "time_of_day") in ("night", "dusk", "evening", "midnight")
    weather = _said(setting, "weather")
    sheltered = interior or sound.sheltered
    layers = list(sound.night if dark and sound.night else sound.day)
    outside, inside = _WEATHER.get(weather, ((), ()))
    layers += inside if sheltered else outside
    if weather in _WET or _said(setting, "season") == "winter":
        layers = [layer for layer in layers if layer not in ("birds", "crickets", "owl")]
    if any(stem in _said(setting, "mood") for stem in _UNEASY):
        layers.append("drone")
    return tuple(dict.fromkeys(layers)) or ("room",)


def ambience(setting: Mapping[str, object], seconds: float, seed: int = 0) -> Iterator[Samples]:
    """Blocks ``(n, 2)`` that are together exactly ``round(seconds * 48000)`` samples.

    Raises:
        MediaError: ``seconds`` is no length.
    """
    if not math.isfinite(seconds) or seconds <= 0:
        raise MediaError(
            f"An ambience cannot be {seconds:g} seconds long.",
            remedy="Give the scene a length.",
        )
    return _cut(_stretches(layers_of(setting), seed, seconds), frames_of(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbienceSource:
    """An ambience as a source for the mix."""

    setting: Mapping[str, object] = field(default_factory=dict)
    seconds: float
    seed: int = 0

    def blocks(self) -> Iterator[Samples]:
        return ambience(self.setting, self.seconds, self.seed)

    def frames(self) -> int | None:
        return frames_of(self.seconds)


def _said(setting: Mapping[str, object], key: str) -> str:
    return str(setting.get(key, "") or "").strip().lower()


def _cut(pieces: Iterator[Samples], frames: int) -> Iterator[Samples]:
    left = frames
    for piece in pieces:
        for begin in range(0, len(piece), BLOCK):
            block = piece[begin : begin + min(BLOCK, left)]
            yield block
            left -= len(block)
            if left <= 0:
                return


def _stretches(layers: tuple[str, ...], seed: int, seconds: float) -> Iterator[Samples]:
    """One stretch after another without end, each blended into the next."""
    length = _STRETCH if seconds > _STRETCH - _BLEND else seconds + _BLEND
    blend = frames_of(_BLEND)
    swell = np.sin(np.linspace(0, np.pi / 2, blend, dtype=np.float32))[:, None]
    ending: Samples | None = None
    index = 0
    while True:
        stretch = _stretch(layers, seed, index % 2, round(length, 3))
        body = stretch[:-blend].copy()
        if ending is not None:
            # Unlike noises add in power: sine and cosine keep the level.
            body[:blend] = body[:blend] * swell + ending * swell[::-1]
        ending = stretch[-blend:]
        yield body
        index += 1


@lru_cache(maxsize=3)
def _stretch(layers: tuple[str, ...], seed: int, which: int, seconds: float) -> Samples:
    total = np.zeros((frames_of(seconds), 2), dtype=np.float32)
    for layer in layers:
        bed = BEDS[layer]
        canvas = Canvas(seconds, seeded(f"{layer} {which}", seed))
        bed.recipe(canvas)
        samples = canvas.finished()
        total += samples * np.float32(_gain(samples, bed.lufs))
    total.setflags(write=False)
    return total


def _gain(samples: Samples, lufs: float) -> float:
    meter = Meter(peaks=False)
    meter.feed(samples)
    loudness = gated(meter.finish()[0])
    peak = float(np.abs(samples).max(initial=0.0))
    if loudness == -math.inf or peak <= 0:
        return 0.0
    return float(min(10 ** ((lufs - loudness) / 20), 0.35 / peak))
