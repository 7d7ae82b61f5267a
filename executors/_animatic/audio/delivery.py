# SPDX-License-Identifier: GPL-3.0-or-later
"""How an emotion changes a voice: speed, pitch, liveliness, loudness, breath.

Directions are found by word stems in what the writer put in the parenthetical or the
Dialogue node's emotion, in a few languages; several combine.  The figures are ours, set
by ear-model (loud speech is higher, faster and less breathy; sad speech slower and flatter).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PLAIN", "Delivery", "delivery_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Factors on speed and pitch range, semitones, decibels, and added breath (0–1)."""

    speed: float = 1.0
    semitones: float = 0.0
    range: float = 1.0
    gain_db: float = 0.0
    breath: float = 0.0
    tilt_db: float = 0.0  #: brightness above 2 kHz
    whispered: bool = False


PLAIN = Delivery()

_ANGRY = Delivery(speed=1.10, semitones=1.2, range=1.35, gain_db=3.0, tilt_db=2.5)
_SHOUT = Delivery(speed=1.04, semitones=3.0, range=1.3, gain_db=4.5, tilt_db=3.5)
_WHISPER = Delivery(speed=0.94, gain_db=-5.0, breath=0.35, whispered=True)
_QUIET = Delivery(speed=0.95, semitones=-0.8, range=0.8, gain_db=-3.5, breath=0.18, tilt_db=-2.0)
_SAD = Delivery(speed=0.84, semitones=-1.6, range=0.6, gain_db=-2.0, breath=0.15, tilt_db=-2.0)
_EXCITED = Delivery(speed=1.15, semitones=2.0, range=1.5, gain_db=1.5, tilt_db=1.0)
_CALM = Delivery(speed=0.91, semitones=-0.6, range=0.8, gain_db=-1.0, tilt_db=-1.0)
_AFRAID = Delivery(speed=1.10, semitones=2.2, range=1.2, gain_db=-1.0, breath=0.25)
_TENDER = Delivery(speed=0.92, semitones=-0.4, range=1.05, gain_db=-2.0, breath=0.2, tilt_db=-1.5)
_COLD = Delivery(speed=0.96, semitones=-1.0, range=0.45)
_TIRED = Delivery(speed=0.82, semitones=-1.2, range=0.6, gain_db=-2.0, breath=0.12, tilt_db=-1.5)
_URGENT = Delivery(speed=1.20, semitones=1.0, range=1.15, gain_db=1.5)
_WRY = Delivery(speed=0.95, semitones=-0.3, range=1.35)

#: Stems, matched at the start of a word.
_STEMS: tuple[tuple[Delivery, str], ...] = (
    (_WHISPER, "whisper hushed sotto murmur шепч шёпот шепот chuchot flüster susurr"),
    (_SHOUT, "shout yell scream bellow roar loud крич ора cri schrei grit"),
    (_ANGRY, "angr furious rage mad hostile bitter snap hiss snarl зл гнев ярост colère wütend"),
    (
        _SAD,
        "sad sorrow griev cry weep tear sob heartbr mourn defeat broken груст печал плач triste",
    ),
    (
        _EXCITED,
        "excit happy joy thrill laugh delight cheer elat eager grin рад весел смеё сме joyeu",
    ),
    (
        _AFRAID,
        "afraid scared fear fright terrif panic nervous anxious trembl shak испуг страх бо peur",
    ),
    (_TENDER, "tender gentl warm loving soft sweet kind affection нежн ласков tendre"),
    (_CALM, "calm quiet even steady relax serene patient спокойн calme ruhig"),
    (_COLD, "cold flat dry deadpan emotionless monoton detached icy холодн сух froid"),
    (_TIRED, "tired weary exhaust sleepy drows drunk slur dying weak устал пьян fatigu"),
    (_URGENT, "urgent quick fast rush hurr breathless desperate plead beg быстр тороп умоля vite"),
    (_WRY, "sarcas wry ironic teas mock amused smirk playful саркас насмеш ирон"),
    (_QUIET, "low under private hesita shy mutter тихо робк"),
)


def delivery_of(emotion: str) -> Delivery:
    """The delivery written in ``emotion``; ``PLAIN`` when nothing in it is known."""
    words = [word.strip(".,;:!?()\"'").lower() for word in emotion.replace("-", " ").split()]
    found = [
        delivery
        for delivery, stems in _STEMS
        if any(word.startswith(stem) for stem in stems.split() for word in words)
    ]
    result = PLAIN
    for delivery in found[:2]:
        result = _both(result, delivery)
    return result


def _both(one: Delivery, other: Delivery) -> Delivery:
    return Delivery(
        speed=one.speed * other.speed,
        semitones=one.semitones + other.semitones,
        range=one.range * other.range,
        gain_db=one.gain_db + other.gain_db,
        breath=min(0.5, one.breath + other.breath),
        tilt_db=one.tilt_db + other.tilt_db,
        whispered=one.whispered or other.whispered,
    )
