# SPDX-License-Identifier: GPL-3.0-or-later
"""Casting: everybody their own voice, always the same, and what the writer said is heard."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from movie_director.core.errors import MediaError
from movie_director.executors._animatic.audio import (
    CastMember,
    VoiceSettings,
    cast,
    cast_all,
    speak,
)
from movie_director.executors._animatic.audio import voices as voices_module
from movie_director.executors._animatic.audio.espeak import variants
from movie_director.executors._animatic.audio.voices import apart

LINE = "You knew that when you came here tonight, and you came all the same."
COMPANY = [
    CastMember(identity="1", name="MARA", description="A woman in her thirties, tired"),
    CastMember(identity="2", name="VIKTOR", description="gruff old station master, 62"),
    CastMember(identity="3", name="ANNA"),
    CastMember(identity="4", name="JOHN"),
    CastMember(identity="5", name="TIM", description="a boy of 9"),
    CastMember(identity="6", name="IVAN"),
    CastMember(identity="7", name="OLGA"),
    CastMember(identity="8", name="PETER"),
]


def pitch_of(samples: np.ndarray) -> float:
    """Median pitch in Hz, by autocorrelation of loud frames."""
    found = []
    for start in range(0, len(samples) - 4096, 2048):
        frame = samples[start : start + 4096] * np.hanning(4096)
        if np.abs(frame).max() < 0.08:
            continue
        power = np.abs(np.fft.rfft(frame, 16_384)) ** 2
        power[int(1500 / 48_000 * 16_384) :] = 0
        correlation = np.fft.irfft(power)
        low, high = 48_000 // 450, 48_000 // 65
        lag = low + int(np.argmax(correlation[low:high]))
        if correlation[lag] > 0.4 * correlation[0]:
            found.append(48_000 / lag)
    return float(np.median(found))


def centre_of(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 48_000)
    return float((power * hertz).sum() / power.sum())


def test_casting_is_the_same_every_time():
    assert cast_all(COMPANY) == cast_all(COMPANY)
    assert cast("1", "MARA") == cast("1", "MARA")


def test_a_company_of_eight_sounds_like_eight_people():
    company = cast_all(COMPANY)
    for one, other in combinations(company.values(), 2):
        assert apart(one, other) >= 1.0


def test_two_men_and_two_women_are_told_apart_by_measure():
    company = cast_all(COMPANY)
    for first, second in (("4", "6"), ("1", "3")):
        heard = [speak(LINE, company[who]).samples for who in (first, second)]
        pitches, centres = [pitch_of(x) for x in heard], [centre_of(x) for x in heard]
        semitones = abs(12 * np.log2(pitches[0] / pitches[1]))
        brightness = abs(np.log2(centres[0] / centres[1]))
        assert semitones > 1.2 or brightness > 0.15


def test_pitch_lands_where_the_voice_says():
    for who, voice in cast_all(COMPANY).items():
        heard = pitch_of(speak(LINE, voice).samples)
        assert abs(12 * np.log2(heard / voice.hertz)) < 3.0, (who, voice, heard)


def test_a_boy_is_higher_than_a_woman_and_a_woman_than_a_man():
    company = cast_all(COMPANY)
    boy, woman, man = (pitch_of(speak(LINE, company[who]).samples) for who in ("5", "1", "2"))
    assert boy > woman * 1.15 > man * 1.3


def test_a_new_character_changes_nobody_elses_voice():
    assert cast_all(COMPANY).items() >= cast_all(COMPANY[:6]).items()


def test_the_voice_node_wins():
    voice = cast("x", "JOHN", "", {"source": "Annie", "pitch": 3.0, "language": "de", "gain": -2.0})
    own = cast("x", "JOHN", "", {"source": "annie"})
    assert (voice.variant, voice.language, voice.gain_db) == ("Annie", "de", -2.0)
    assert voice.semitones == own.semitones + 3.0
    assert cast("x", "JOHN", "", {"rate": 1.5}).rate == round(cast("x", "JOHN").rate * 1.5)


def test_words_of_the_description_are_heeded():
    plain, deep, robot, scot = (
        cast("x", "JOHN", text)
        for text in ("", "deep booming voice", "a robot", "an old Scottish fisherman")
    )
    assert deep.hertz < plain.hertz
    assert robot.texture == "robot"
    assert scot.language == "en-gb-scotland"
    assert scot.variant in ("grandpa", "Denis")


def test_a_voice_setting_that_is_no_number_is_refused_with_a_remedy():
    with pytest.raises(MediaError) as caught:
        cast("x", voice={"pitch": "high"})
    assert "pitch" in caught.value.remedy


def test_every_voice_of_the_palette_is_installed():
    assert set(voices_module._KNOWN) - {""} <= variants()


def test_the_pitches_of_the_palette_are_what_they_are_said_to_be():
    for variant in ("", "Michael", "f2", "Annie", "steph", "grandma"):
        said = voices_module._KNOWN[variant]
        voice = VoiceSettings(variant=variant, language="en-us")
        assert abs(12 * np.log2(pitch_of(speak(LINE, voice).samples) / said)) < 2.0, variant


def test_voices_with_different_numbers_are_told_apart_and_stay_when_others_join() -> None:
    women = [cast(f"w{n}", f"W{n}", "a woman", {"number": n}) for n in range(1, 7)]
    nearest = [min(apart(one, other) for other in women if other is not one) for one in women]
    assert min(nearest) > 0.7
    assert cast("w1", "W1", "a woman", {"number": 1}) == women[0]
