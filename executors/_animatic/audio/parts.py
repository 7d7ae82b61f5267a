# SPDX-License-Identifier: GPL-3.0-or-later
"""What each player of the score does in a bar: accompaniment, bass, drums.

A layer is a function of a bar and yields hits; it knows the chord, how it is voiced, the
chord to come, and nothing of sound.  The tune is in ``tune.py``, the bars come from
``form.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .harmony import Chord, nearest

__all__ = ["DRUM_LAYERS", "LAYERS", "Bar", "Hit", "closing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: begins at ``start`` seconds, ``beats`` of ``beat`` seconds; ``voices`` low to high."""

    index: int
    start: float
    beat: float
    beats: int
    swing: float
    chord: Chord
    coming: Chord
    voices: tuple[int, ...]
    random: np.random.Generator

    def low(self, tone: int, *, floor: int = 33) -> int:
        """The pitch of class ``tone`` from ``floor`` up (33 is the A below a bass's E string's octave)."""
        return floor + (tone - floor) % 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A note or, with ``pitch`` 0, a drum: ``at`` and ``length`` in beats of its bar."""

    at: float
    length: float
    sound: str
    pitch: int = 0
    gain: float = 1.0
    pan: float = 0.0


_Layer = Callable[[Bar], Iterator[Hit]]

_SPREAD = (-0.45, 0.25, -0.2, 0.45)


def _held(bar: Bar, sound: str, gain: float, *, shift: int = 0) -> Iterator[Hit]:
    for voice, pan in zip(bar.voices, _SPREAD, strict=True):
        yield Hit(at=0, length=bar.beats, sound=sound, pitch=voice + shift, gain=gain, pan=pan)


def _pad(bar: Bar) -> Iterator[Hit]:
    yield from _held(bar, "pad", 0.9)


def _dark_pad(bar: Bar) -> Iterator[Hit]:
    yield from _held(bar, "dark", 0.8, shift=-12)
    yield Hit(at=0, length=bar.beats, sound="pad", pitch=bar.voices[-1], gain=0.35)


def _strings(bar: Bar) -> Iterator[Hit]:
    yield from _held(bar, "strings", 0.9)


def _cluster_pad(bar: Bar) -> Iterator[Hit]:
    yield from _held(bar, "dark", 0.9, shift=-24)
    yield from _held(bar, "strings", 0.28, shift=12)


def _glass(bar: Bar) -> Iterator[Hit]:
    if bar.index % 2:
        tone = bar.chord.tones[int(bar.random.integers(len(bar.chord.tones)))]
        pan = float(bar.random.random()) * 1.4 - 0.7
        yield Hit(at=1, length=bar.beats - 1, sound="glass", pitch=nearest(91, (tone,)), pan=pan)


def _sparse_piano(bar: Bar) -> Iterator[Hit]:
    yield Hit(
        at=0, length=bar.beats, sound="felt", pitch=bar.low(bar.chord.root, floor=41), gain=0.7
    )
    places = (1.0, 2.0, 3.0) if bar.index % 2 else (0.0, 1.5, 3.0)
    for at, voice in zip(places, bar.voices[1:], strict=True):
        if at < bar.beats:
            gain = 0.5 + 0.2 * float(bar.random.random())
            yield Hit(
                at=at, length=bar.beats - at, sound="felt", pitch=voice + 12, gain=gain, pan=0.15
            )


def _arpeggio_piano(bar: Bar) -> Iterator[Hit]:
    low = bar.low(bar.chord.root, floor=41)
    yield Hit(at=0, length=bar.beats, sound="felt", pitch=low, gain=0.7, pan=-0.15)
    order = (0, 1, 2, 3, 2, 1, 2, 1)
    for index in range(1, bar.beats * 2):
        gain = 0.42 + 0.14 * float(bar.random.random()) + (0.08 if index % 2 == 0 else 0)
        voice = bar.voices[order[index % 8]]
        yield Hit(at=index / 2, length=1.5, sound="felt", pitch=voice, gain=gain, pan=0.1)


def _waltz_piano(bar: Bar) -> Iterator[Hit]:
    yield Hit(at=0, length=1.5, sound="felt", pitch=bar.low(bar.chord.root, floor=41), gain=0.75)
    for at in range(1, bar.beats):
        for voice in bar.voices[1:]:
            yield Hit(at=at, length=0.9, sound="felt", pitch=voice, gain=0.36, pan=0.1)


def _comp_piano(bar: Bar) -> Iterator[Hit]:
    patterns = ((0.0, 1.5), (1.5,), (0.5, 2.5), (1.0, 2.5), (0.0, 2.5))
    for at in patterns[int(bar.random.integers(len(patterns)))]:
        late = bar.swing if at % 1 else 0.0
        for voice, pan in zip(bar.voices, _SPREAD, strict=True):
            yield Hit(at=at + late, length=0.7, sound="piano", pitch=voice, gain=0.3, pan=pan * 0.6)


def _pulse_plucks(bar: Bar) -> Iterator[Hit]:
    for index in range(bar.beats * 2):
        voice = bar.voices[(1, 3, 2, 3)[index % 4]]
        gain = 0.42 if index % 4 == 0 else 0.3
        pan = 0.35 if index % 2 else -0.35
        yield Hit(at=index / 2, length=0.5, sound="pluck", pitch=voice + 12, gain=gain, pan=pan)


def _off_plucks(bar: Bar) -> Iterator[Hit]:
    for beat in range(bar.beats):
        for voice, pan in zip(bar.voices[1:], _SPREAD[1:], strict=True):
            yield Hit(
                at=beat + 0.5, length=0.3, sound="pluck", pitch=voice + 12, gain=0.34, pan=pan
            )


def _celesta_waltz(bar: Bar) -> Iterator[Hit]:
    order = (0, 2, 1, 3, 2, 1)
    for index in range(bar.beats * 2):
        if index == 0 or bar.random.random() < 0.75:
            voice = bar.voices[order[index % 6]] + 24
            pan = 0.3 * (-1) ** index
            yield Hit(at=index / 2, length=1, sound="celesta", pitch=voice, gain=0.5, pan=pan)


def _ostinato_strings(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root, floor=52)
    fifth = nearest(root + 7, bar.chord.tones)
    for index in range(bar.beats * 4):
        pitch = (root, root, fifth, root, root + 12, root, fifth, root)[index % 8]
        gain = (0.85, 0.4, 0.5, 0.4)[index % 4]
        yield Hit(at=index / 4, length=0.2, sound="spiccato", pitch=pitch, gain=gain, pan=-0.25)


def _low_brass(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root, floor=36)
    for pitch, gain in ((root, 0.8), (nearest(root + 7, bar.chord.tones), 0.55)):
        yield Hit(at=0, length=bar.beats * 0.9, sound="brass", pitch=pitch, gain=gain, pan=0.2)


def _soft_bass(bar: Bar) -> Iterator[Hit]:
    yield Hit(at=0, length=bar.beats, sound="long_bass", pitch=bar.low(bar.chord.root), gain=0.85)


def _round_bass(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root)
    fifth = nearest(root + 7, bar.chord.tones)
    yield Hit(at=0, length=1.3, sound="bass", pitch=root, gain=0.8)
    yield Hit(at=1.5, length=0.5, sound="bass", pitch=root, gain=0.55)
    yield Hit(at=2, length=1.3, sound="bass", pitch=fifth, gain=0.7)
    yield Hit(at=3.5, length=0.5, sound="bass", pitch=_approach(bar), gain=0.5)


def _oompah_bass(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root, floor=36)
    yield Hit(at=0, length=0.6, sound="bass", pitch=root, gain=0.8)
    yield Hit(at=2, length=0.6, sound="bass", pitch=nearest(root - 5, bar.chord.tones), gain=0.7)


def _approach(bar: Bar) -> int:
    """A half step from the next bar's root, from the side the bass is on."""
    target = bar.low(bar.coming.root)
    return target + (1 if bar.low(bar.chord.root) > target else -1)


def _walking_bass(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root, floor=31)
    up = bar.random.random() < 0.6
    tones = bar.chord.tones[:4]
    second = nearest(root + (4 if up else -4), tones)
    third = nearest(root + (7 if up else -5), tones)
    line = [root, second, third][: max(1, bar.beats - 1)]
    target = bar.low(bar.coming.root, floor=31)
    line.append(target + (1 if line[-1] > target else -1))
    for beat, pitch in enumerate(line[: bar.beats]):
        gain = 0.75 + 0.1 * float(bar.random.random())
        yield Hit(
            at=beat,
            length=0.92,
            sound="bass",
            pitch=pitch if pitch >= 28 else pitch + 12,
            gain=gain,
        )


def _pulse_bass(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root)
    for index in range(bar.beats * 2):
        gain = 0.6 if index % 4 == 0 else 0.38
        yield Hit(at=index / 2, length=0.45, sound="bass", pitch=root, gain=gain)


def _drive_bass(bar: Bar) -> Iterator[Hit]:
    root = bar.low(bar.chord.root)
    for index in range(bar.beats * 2):
        pitch = root + 12 if index in (3, 6) else root
        yield Hit(at=index / 2, length=0.42, sound="bass", pitch=pitch, gain=0.75)


def _drums(*strokes: tuple[float, str, float, float]) -> _Layer:
    """A pattern of (beat, drum, gain, pan); loudness breathes a little."""

    def layer(bar: Bar) -> Iterator[Hit]:
        for at, name, gain, pan in strokes:
            if at < bar.beats:
                late = bar.swing if at % 1 == 0.5 else 0.0
                level = gain * (0.85 + 0.3 * float(bar.random.random()))
                yield Hit(at=at + late, length=0.5, sound=name, gain=level, pan=pan)

    return layer


def _every(
    step: float, name: str, gain: float, pan: float
) -> tuple[tuple[float, str, float, float], ...]:
    return tuple(
        (index * step, name, gain * (1.0 if index % 2 == 0 else 0.65), pan)
        for index in range(round(4 / step))
    )


DRUM_LAYERS: dict[str, _Layer] = {
    "light_kit": _drums((0, "kick", 0.42, 0), (2, "kick", 0.32, 0), (1, "brush_tap", 0.5, 0.1),
                        (3, "brush_tap", 0.55, 0.1), *_every(0.5, "shaker", 0.5, 0.35)),
    "war_drums": _drums((0, "taiko", 0.6, -0.2), (1.5, "taiko", 0.35, 0.2), (2, "taiko", 0.45, -0.2),
                        (3, "tom", 0.4, 0.3), (3.5, "tom", 0.45, 0.35)),
    "drive_drums": _drums(*((beat, "kick", 0.5, 0.0) for beat in range(4)), (1, "snare", 0.4, 0.05),
                          (3, "snare", 0.45, 0.05), (3.75, "tom", 0.35, 0.3),
                          *_every(0.5, "hat", 0.5, 0.3)),
    "brushes": _drums((0.5, "brush", 0.55, -0.15), (1, "brush_tap", 0.4, 0.15), (2.5, "brush", 0.55, -0.15),
                      (3, "brush_tap", 0.45, 0.15), (0, "kick", 0.13, 0)),
    "ride_kit": _drums((0, "ride", 0.5, 0.3), (1, "ride", 0.6, 0.3), (1.5, "ride", 0.35, 0.3),
                       (2, "ride", 0.5, 0.3), (3, "ride", 0.6, 0.3), (3.5, "ride", 0.35, 0.3),
                       (1, "brush_tap", 0.25, 0), (3, "brush_tap", 0.3, 0), (0, "kick", 0.15, 0)),
    "clock": _drums(*((beat, "tick", 0.9, 0.4) for beat in range(4)), (0, "heart", 0.35, 0)),
    "heart_drum": _drums((0, "heart", 0.8, 0), (0.4, "heart", 0.5, 0), (2, "heart", 0.75, 0), (2.4, "heart", 0.45, 0)),
}  # fmt: skip

LAYERS: dict[str, _Layer] = {
    "pad": _pad,
    "dark_pad": _dark_pad,
    "strings": _strings,
    "cluster_pad": _cluster_pad,
    "glass": _glass,
    "sparse_piano": _sparse_piano,
    "arpeggio_piano": _arpeggio_piano,
    "waltz_piano": _waltz_piano,
    "comp_piano": _comp_piano,
    "pulse_plucks": _pulse_plucks,
    "off_plucks": _off_plucks,
    "celesta_waltz": _celesta_waltz,
    "ostinato_strings": _ostinato_strings,
    "low_brass": _low_brass,
    "soft_bass": _soft_bass,
    "round_bass": _round_bass,
    "oompah_bass": _oompah_bass,
    "walking_bass": _walking_bass,
    "pulse_bass": _pulse_bass,
    "drive_bass": _drive_bass,
    **DRUM_LAYERS,
}

#: Layer → what it plays on the last chord, and how many semitones lower or higher.
_LAST = {
    "pad": ("pad", 0), "dark_pad": ("dark", -12), "strings": ("strings", 0), "cluster_pad": ("dark", -12),
    "sparse_piano": ("felt", 0), "arpeggio_piano": ("felt", 0), "waltz_piano": ("felt", 0),
    "comp_piano": ("piano", 0), "pulse_plucks": ("pluck", 0), "off_plucks": ("pluck", 0),
    "celesta_waltz": ("celesta", 12), "ostinato_strings": ("strings", -12),
}  # fmt: skip
_LAST_BASS = {
    "low_brass": "brass", "soft_bass": "long_bass", "round_bass": "bass", "oompah_bass": "bass",
    "walking_bass": "bass", "pulse_bass": "long_bass", "drive_bass": "long_bass",
}  # fmt: skip
_LAST_DRUM = {
    "war_drums": "taiko", "drive_drums": "taiko", "light_kit": "kick", "brushes": "brush",
    "ride_kit": "ride", "heart_drum": "heart",
}  # fmt: skip


def closing(layer: str, bar: Bar) -> Iterator[Hit]:
    """What ``layer`` plays on the final chord: everybody holds it once."""
    if layer in _LAST:
        sound, shift = _LAST[layer]
        for index, (voice, pan) in enumerate(zip(bar.voices, _SPREAD, strict=True)):
            # Struck chords are rolled, a thirtieth of a beat a voice.
            at = index / 30 if sound in ("felt", "piano", "celesta", "pluck") else 0.0
            yield Hit(at=at, length=bar.beats, sound=sound, pitch=voice + shift, gain=0.55, pan=pan)
    elif layer in _LAST_BASS:
        yield Hit(
            at=0, length=bar.beats, sound=_LAST_BASS[layer], pitch=bar.low(bar.chord.root), gain=0.8
        )
    elif layer in _LAST_DRUM:
        yield Hit(at=0, length=1, sound=_LAST_DRUM[layer], gain=0.4)
