# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound effects from words: which one a prompt means, and the sound of it.

The words are data in ``core/sound_words.py``, so that a screenplay's breakdown finds the same
effects; the recipes are in the ``recipes_*`` modules.  A prompt nobody knows gets a quiet
whoosh and impact, and the result says that it was not recognised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ....core.errors import MediaError
from ....core.sound_words import CONTINUOUS, EFFECT_WORDS, sounds_in
from . import recipes_machines as machines
from . import recipes_nature as nature
from . import recipes_people as people
from . import recipes_things as things
from .canvas import Canvas, seeded
from .loudness import Meter, gated
from .sound import RATE_HZ, Samples, frames_of

__all__ = ["Effect", "EffectSource", "effect", "find_effects", "known_effects"]

#: Longest effect that is made in one piece, in seconds; longer ones are looped in the mix.
MOST_SECONDS = 120.0

#: Loudness of effects, LUFS, before a recipe's own offset: under speech at -20.
_LUFS = -23.0
_PEAK = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """``samples`` ``(n, 2)`` float32; ``name`` of what was made; ``recognised`` or a stand-in."""

    samples: Samples
    name: str
    recognised: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSource:
    """An effect as a source for the mix."""

    prompt: str
    seconds: float | None = None
    seed: int = 0

    def blocks(self) -> Iterator[Samples]:
        yield effect(self.prompt, self.seconds, self.seed).samples

    def frames(self) -> int | None:
        return frames_of(self.seconds or _natural(_name(self.prompt)))


_Recipe = Callable[[Canvas], None]

#: Effect → recipe, natural length in seconds, offset in dB.
_RECIPES: dict[str, tuple[_Recipe, float, float]] = {
    "footsteps": (partial(people.steps, surface="stone"), 3.5, -3),
    "footsteps_gravel": (partial(people.steps, surface="gravel"), 3.5, -2),
    "footsteps_wood": (partial(people.steps, surface="wood"), 3.5, -2),
    "footsteps_snow": (partial(people.steps, surface="snow", per_second=1.6), 3.5, -4),
    "footsteps_water": (partial(people.steps, surface="water", per_second=1.7), 3.5, -2),
    "footsteps_grass": (partial(people.steps, surface="grass"), 3.5, -6),
    "footsteps_running": (partial(people.steps, surface="stone", per_second=3.1), 3.0, -1),
    "heartbeat": (people.heartbeat, 4.0, -1),
    "breathing": (people.breathing, 4.0, -8),
    "applause": (people.applause, 5.0, 0),
    "crowd": (people.crowd, 6.0, -5),
    "cheering": (people.cheering, 5.0, 1),
    "laughter": (people.laughter, 2.6, -3),
    "scream": (people.scream, 2.2, 2),
    "baby_cry": (people.baby_cry, 4.0, -2),
    "whistle": (people.whistle, 1.5, -4),
    "punch": (people.punch, 0.6, 1),
    "knock": (people.knock, 1.2, 0),
    "door_slam": (things.door_slam, 1.6, 4),
    "door_open": (things.door_open, 1.4, -4),
    "door_close": (things.door_close, 1.2, -1),
    "door_sliding": (things.door_sliding, 1.6, -3),
    "gate": (things.creak, 1.8, -4),
    "lock": (things.lock, 0.9, -6),
    "switch": (things.switch, 0.3, -8),
    "keys": (things.keys, 1.6, -8),
    "paper": (things.paper, 1.3, -9),
    "typing": (things.typing, 4.0, -8),
    "glass_break": (things.glass_break, 2.0, 2),
    "glass_clink": (things.clink, 1.2, -6),
    "dishes": (things.dishes, 3.0, -7),
    "pouring": (things.pouring, 2.4, -8),
    "metal_clang": (things.clang, 3.0, 1),
    "creak": (things.creak, 1.6, -5),
    "crash": (things.crash, 2.0, 3),
    "thud": (things.thud, 0.9, 0),
    "whoosh": (things.whoosh, 1.0, -3),
    "impact": (things.impact, 3.0, 3),
    "zipper": (things.zipper, 0.8, -9),
    "camera": (things.camera, 0.6, -6),
    "coins": (things.coins, 1.4, -7),
    "box_drop": (things.thud, 0.9, -2),
    "umbrella": (things.umbrella, 0.7, -3),
    "clock": (machines.clock, 4.0, -9),
    "alarm": (machines.alarm, 4.0, 0),
    "phone_ring": (machines.phone_ring, 4.2, -1),
    "phone_buzz": (machines.phone_buzz, 3.2, -7),
    "bell": (machines.bell, 6.0, -1),
    "doorbell": (machines.doorbell, 2.0, -3),
    "beep": (machines.beep, 1.2, -7),
    "static": (machines.static, 3.0, -7),
    "engine": (machines.engine, 4.0, -3),
    "car_start": (machines.car_start, 3.0, -1),
    "car_pass": (machines.car_pass, 4.5, -3),
    "car_horn": (machines.horn, 1.2, 1),
    "tires": (machines.tires, 1.7, 1),
    "motorcycle": (machines.motorcycle, 4.0, 0),
    "siren": (machines.siren, 6.0, -4),
    "train_pass": (machines.train_pass, 7.0, 1),
    "train_arrive": (machines.train_arrive, 7.0, -1),
    "train_depart": (machines.train_depart, 7.0, -1),
    "train_horn": (machines.train_horn, 3.8, -1),
    "airplane": (machines.airplane, 7.0, -2),
    "helicopter": (machines.helicopter, 6.0, -1),
    "ship_horn": (partial(machines.horn, pitches=(87.3, 130.8), seconds=2.2), 4.0, 0),
    "gunshot": (machines.gunshot, 2.0, 6),
    "gun_cock": (machines.gun_cock, 0.6, -4),
    "explosion": (machines.explosion, 4.0, 6),
    "sword": (things.sword, 1.9, -3),
    "machine_hum": (machines.hum, 4.0, -9),
    "elevator": (machines.elevator, 4.0, -6),
    "vacuum_steam": (machines.steam, 2.0, -5),
    "electric_spark": (machines.spark, 1.4, -3),
    "rain": (nature.rain, 6.0, -4),
    "thunder": (nature.thunder, 6.0, 4),
    "wind": (nature.wind, 6.0, -4),
    "waves": (nature.waves, 8.0, -4),
    "stream": (nature.stream, 5.0, -6),
    "water_drip": (nature.water_drip, 4.0, -8),
    "splash": (nature.splash, 1.8, 0),
    "bubbles": (nature.bubbles, 3.0, -6),
    "fire": (nature.fire, 5.0, -6),
    "birds": (nature.birds, 5.0, -8),
    "crow": (nature.crow, 2.0, -4),
    "owl": (nature.owl, 2.4, -7),
    "crickets": (nature.crickets, 5.0, -9),
    "dog_bark": (nature.dog, 1.8, 0),
    "cat": (nature.cat, 1.1, -4),
    "wolf": (nature.wolf, 4.5, -3),
    "horse": (nature.horse, 4.0, -2),
    "insects": (nature.insects, 4.0, -9),
    "wings": (nature.wings, 1.5, -5),
    "earthquake": (nature.earthquake, 5.0, 1),
    "magic": (nature.magic, 2.8, -5),
}

_STAND_IN = "unknown"


def _stand_in(canvas: Canvas) -> None:
    things.whoosh(canvas)
    canvas.add(canvas.burst(60, 600, 0.06), min(0.5, canvas.seconds / 3), 0.6)
    canvas.room(0.8, 0.3)


_RECIPES[_STAND_IN] = (_stand_in, 1.2, -4)


def known_effects() -> dict[str, tuple[str, ...]]:
    """Every effect that can be made and the words that call for it (see ``sound_words``)."""
    return dict(EFFECT_WORDS)


def find_effects(text: str) -> tuple[str, ...]:
    """The effects that an action line or a prompt calls for, in order."""
    return sounds_in(text)


def effect(prompt: str, seconds: float | None = None, seed: int = 0) -> Effect:
    """The first effect that ``prompt`` (or an effect's own name) calls for.

    ``seconds`` gives exactly ``round(seconds * 48000)`` samples: what goes on goes on, what
    happens once is followed by silence or faded out; without it the sound takes its time.

    Raises:
        MediaError: ``seconds`` is no length, or over two minutes.
    """
    name = _name(prompt)
    recipe, natural, offset = _RECIPES[name]
    length = natural if seconds is None else seconds
    if not math.isfinite(length) or not 0 < length <= MOST_SECONDS:
        raise MediaError(
            f"A sound effect cannot be {length:g} seconds long.",
            remedy=f"Give it a length of up to {MOST_SECONDS:g} seconds, and loop it if it goes on.",
        )
    drawn = length if name in CONTINUOUS else max(natural, 0.3)
    canvas = Canvas(drawn, seeded(name, seed))
    recipe(canvas)
    samples = _levelled(canvas.finished(), _LUFS + offset)
    return Effect(
        samples=_fitted(samples, frames_of(length)),
        name=name,
        recognised=name != _STAND_IN,
        seconds=frames_of(length) / RATE_HZ,
    )


def _name(prompt: str) -> str:
    plain = prompt.strip().lower().replace(" ", "_")
    if plain in _RECIPES:
        return plain
    found = sounds_in(prompt)
    return found[0] if found else _STAND_IN


def _natural(name: str) -> float:
    return _RECIPES[name][1]


def _levelled(samples: Samples, lufs: float) -> Samples:
    meter = Meter(peaks=False)
    meter.feed(samples)
    loudness = gated(meter.finish()[0])
    peak = float(np.abs(samples).max(initial=0.0))
    if loudness == -math.inf or peak <= 0:
        return samples
    gain = min(10 ** ((lufs - loudness) / 20), _PEAK / peak)
    return samples * np.float32(gain)


def _fitted(samples: Samples, frames: int) -> Samples:
    cut = len(samples) > frames
    out = np.zeros((frames, 2), dtype=np.float32)
    kept = min(frames, len(samples))
    out[:kept] = samples[:kept]
    fade = min(kept, frames_of(0.15 if cut else 0.02))
    if fade:
        out[kept - fade : kept] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return out
