# SPDX-License-Identifier: GPL-3.0-or-later
"""What each mood is in music: mode, tempo, chords, cadence, instruments, rhythm.

Chords are written as semitones above the key note and a quality ("8M" is the flat sixth
in minor, "7:7" the dominant seventh).  Progressions are four bars long and well worn: the
score stands behind a scene and must not surprise.  Turning them into notes is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MODES", "MOODS", "Mood", "mood_of"]

#: Steps of each mode in semitones.
MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """``tempo`` in beats a minute; one chord a bar; ``cadence`` are the last three chords.

    ``layers`` are drawn in ``parts.py``; ``melody`` is the instrument of the tune, "" for none;
    ``gain_db`` brings the mood to the common level (measured by the score tests).
    """

    mode: str
    tempo: float
    beats: int
    progressions: tuple[str, ...]
    cadence: str
    layers: tuple[str, ...]
    melody: str = ""
    swing: float = 0.0
    wet: float = 0.3
    keys: tuple[int, ...] = (0, 2, 3, 5, 7, 9)
    gain_db: float = 0.0


MOODS: dict[str, Mood] = {
    "calm": Mood(
        gain_db=-14.0, mode="lydian", tempo=62, beats=4,
        progressions=("0:M9 7:s4 9:m7 5:M7", "0:M7 2:M 9:m7 5:M9", "0:M9 9:m7 5:M7 7:s4"),
        cadence="5:M7 7:s4 0:M9", layers=("pad", "sparse_piano"), melody="vibes", wet=0.4,
    ),
    "sad": Mood(
        gain_db=-15.9, mode="minor", tempo=60, beats=4,
        progressions=("0:m 8:M7 3:M 10:M", "0:m 5:m7 8:M7 7:s4", "0:m 10:M 8:M7 5:m"),
        cadence="5:m7 7:s4 0:m", layers=("strings", "arpeggio_piano", "soft_bass"),
        melody="cello", wet=0.4,
    ),
    "melancholy": Mood(
        gain_db=-15.4, mode="dorian", tempo=68, beats=3,
        progressions=("0:m7 5:M 0:m7 10:M", "0:m7 7:m7 10:M 5:M", "0:m7 3:M7 10:M 5:M"),
        cadence="10:M 7:m7 0:m9", layers=("pad", "waltz_piano", "soft_bass"), melody="flute", wet=0.38,
    ),
    "romantic": Mood(
        gain_db=-15.9, mode="major", tempo=72, beats=4,
        progressions=("0:M7 9:m7 2:m7 7:7", "0:M7 4:m7 5:M7 7:s4", "5:M7 7:7 4:m7 9:m7"),
        cadence="2:m7 7:7 0:M9", layers=("strings", "arpeggio_piano", "soft_bass"),
        melody="violin", wet=0.36,
    ),
    "hopeful": Mood(
        gain_db=-14.2, mode="major", tempo=84, beats=4,
        progressions=("5:M7 0:M 7:M 9:m7", "0:M 5:M7 9:m7 7:s4", "9:m7 5:M7 0:M 7:M"),
        cadence="5:M7 7:s4 0:M", layers=("strings", "pulse_plucks", "soft_bass", "light_kit"),
        melody="horn", wet=0.34,
    ),
    "happy": Mood(
        gain_db=-12.6, mode="major", tempo=112, beats=4,
        progressions=("0:M 7:M 9:m7 5:M", "0:6 5:M 2:m7 7:7", "0:M 9:m7 5:M 7:M"),
        cadence="5:M 7:7 0:6", layers=("off_plucks", "round_bass", "light_kit"),
        melody="clarinet", wet=0.2,
    ),
    "comic": Mood(
        gain_db=-12.5, mode="mixolydian", tempo=104, beats=4,
        progressions=("0:6 0:6 5:7 0:6", "0:6 10:M 5:M 0:6", "2:7 7:7 0:6 7:7"),
        cadence="2:7 7:7 0:6", layers=("off_plucks", "oompah_bass"), melody="bassoon", wet=0.16,
    ),
    "epic": Mood(
        gain_db=-15.1, mode="minor", tempo=92, beats=4,
        progressions=("0:m 8:M 3:M 10:M", "0:m 5:m 8:M 10:M", "8:M 10:M 0:m 0:m"),
        cadence="8:M 10:M 0:m", layers=("strings", "low_brass", "ostinato_strings", "war_drums"),
        melody="horn", wet=0.38,
    ),
    "action": Mood(
        gain_db=-13.6, mode="minor", tempo=132, beats=4,
        progressions=("0:m 0:m 8:M 10:M", "0:m 3:M 5:m 7:m", "0:m 1:M 0:m 10:M"),
        cadence="8:M 10:M 0:o", layers=("ostinato_strings", "drive_bass", "drive_drums", "low_brass"),
        wet=0.2,
    ),
    "tense": Mood(
        gain_db=-12.8, mode="phrygian", tempo=84, beats=4,
        progressions=("0:m 0:m 1:M7 0:m", "0:m 8:M7 0:m 1:M7", "0:o 0:m 5:m 1:M7"),
        cadence="8:M7 1:M7 0:o", layers=("dark_pad", "pulse_bass", "clock"), melody="",
        wet=0.32,
    ),
    "mysterious": Mood(
        gain_db=-13.6, mode="harmonic", tempo=72, beats=3,
        progressions=("0:m 8:M 0:m 11:d", "0:m 5:m 8:M 7:M", "0:mM 5:m6 0:mM 7:M"),
        cadence="5:m6 7:M 0:mM", layers=("dark_pad", "celesta_waltz", "soft_bass"), wet=0.42,
    ),
    "noir": Mood(
        gain_db=-12.2, mode="dorian", tempo=66, beats=4, swing=0.18,
        progressions=("0:m9 5:m7 2:h 7:7b9", "0:m9 8:7 2:h 7:7b9", "0:m6 0:m9 5:m7 7:7b9"),
        cadence="2:h 7:7b9 0:m9", layers=("comp_piano", "walking_bass", "brushes"),
        melody="mute_trumpet", wet=0.3, keys=(0, 2, 5, 7, 10),
    ),
    "jazz": Mood(
        gain_db=-13.0, mode="major", tempo=118, beats=4, swing=0.2,
        progressions=("2:m7 7:7 0:M7 9:7b9", "0:M7 9:m7 2:m7 7:7", "4:m7 9:7b9 2:m7 7:7"),
        cadence="2:m7 7:7 0:M9", layers=("comp_piano", "walking_bass", "ride_kit"),
        melody="vibes", wet=0.2, keys=(0, 3, 5, 7, 10),
    ),
    "horror": Mood(
        gain_db=-13.7, mode="phrygian", tempo=54, beats=4,
        progressions=("0:cl 0:cl 1:cl 0:cl", "0:cl 6:cl 0:cl 1:cl"),
        cadence="1:cl 6:cl 0:cl", layers=("cluster_pad", "heart_drum", "glass"), wet=0.5,
    ),
}  # fmt: skip

#: Word stems → mood, most telling first; several languages where they are plain.
_STEMS: tuple[tuple[str, str], ...] = (
    ("noir", "noir detective hardboiled smoky нуар"),
    ("jazz", "jazz swing bebop lounge джаз"),
    ("horror", "horror terror creepy nightmar ghost haunt evil dread sinister ужас horreur grusel"),
    ("action", "action chase fight battle driving intense furious погон боев combat verfolg"),
    ("epic", "epic heroic triumph grand majest victor war adventur эпи герой épique heldenhaft"),
    (
        "tense",
        "tens suspens thriller danger threat urgent anxious nerv uneas dark напряж тревож tendu spann",
    ),
    (
        "mysterious",
        "myster magic enigma curious eerie strange secret wonder таинств загад mystér geheimnis",
    ),
    ("romantic", "romant love tender passion intimate warm любов романт amour liebe"),
    (
        "melancholy",
        "melanchol lonel alone nostalg wistful bitter rain regret longing тоск одиноч mélancol wehmut",
    ),
    ("sad", "sad grief sorrow tragic mourn loss tear cry farewell груст печал triste traurig"),
    ("hopeful", "hope uplift inspir dawn optimis bright new надежд espoir hoffnung"),
    ("comic", "comic comed funny quirk silly mischie playful sneaky комич смешн drôle lustig"),
    ("happy", "happy joy cheer fun celebrat upbeat party весел радост счаст joyeu fröhlich"),
    (
        "calm",
        "calm peace ambient serene relax gentle quiet soft dream neutral спокой мирн calme ruhig",
    ),
)


def mood_of(*texts: str) -> str:
    """The mood named first in ``texts``, earlier texts first; "calm" when none is."""
    for text in texts:
        words = text.lower().replace("-", " ").replace(",", " ").split()
        for word in words:
            for mood, stems in _STEMS:
                if any(word.startswith(stem) for stem in stems.split()):
                    return mood
    return "calm"
