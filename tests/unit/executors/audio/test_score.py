# SPDX-License-Identifier: GPL-3.0-or-later
"""The score: exact length, in its key, a cadence at the end, never clipping, soon made."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest
from movie_director.core.errors import MediaError
from movie_director.executors._animatic.audio import integrated, score
from movie_director.executors._animatic.audio.form import played
from movie_director.executors._animatic.audio.harmony import chord, scale_over, voiced
from movie_director.executors._animatic.audio.instruments import DRUMS, INSTRUMENTS
from movie_director.executors._animatic.audio.moods import MODES, MOODS, mood_of
from movie_director.executors._animatic.audio.parts import LAYERS
from movie_director.executors._animatic.audio.score import composition


def heard(mood, seconds=30.0, seed=1, tempo=None, keywords=()):
    return np.concatenate(list(score(mood, tempo, seconds, seed, keywords)))


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_every_mood_plays_at_a_common_level_and_does_not_clip(mood):
    music = heard(mood, 40.0)
    assert music.shape == (40 * 48_000, 2)
    assert music.dtype == np.float32
    assert np.abs(music).max() < 0.8
    assert -29 < integrated([music]) < -21
    assert np.abs(music[-240:]).max() < 0.002


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5, 7.77777, 13.0, 61.03])
def test_the_length_is_exact_whatever_it_is(seconds):
    for mood in ("noir", "action"):
        assert len(heard(mood, seconds)) == round(seconds * 48_000)


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_every_note_belongs_to_its_chord_or_its_scale(mood):
    form = composition(mood, None, 90.0, seed=4)
    for bar, over in zip(played(form), form.chords(), strict=True):
        allowed = set(scale_over(form.mood.mode, form.key, over)) | set(over.tones)
        strange = [one for one in bar if one.pitch and one.pitch % 12 not in allowed]
        # A walking bass may lead into the next root by a half step, and nothing else may.
        assert all(one.sound == "bass" for one in strange), strange
        assert len(strange) <= 1


def test_minor_moods_have_the_minor_third_and_major_moods_the_major():
    for mood, semitones in (("sad", 3), ("epic", 3), ("happy", 4), ("romantic", 4)):
        form = composition(mood, None, 60.0, seed=2)
        classes = [(one.pitch - form.key) % 12 for bar in played(form) for one in bar if one.pitch]
        other = 7 - semitones
        assert classes.count(semitones) > 3 * classes.count(other)


def test_the_sound_itself_is_in_the_key():
    form = composition("sad", None, 40.0, seed=1)
    music = heard("sad", 40.0).mean(axis=1)
    power = np.abs(np.fft.rfft(music)) ** 2
    hertz = np.fft.rfftfreq(len(music), 1 / 48_000)
    band = (hertz > 80) & (hertz < 1200)
    classes = (np.round(12 * np.log2(hertz[band] / 440)) + 9).astype(int) % 12
    weights = np.bincount(classes, power[band], 12)
    inside = [(form.key + step) % 12 for step in MODES["minor"]]
    assert weights[inside].sum() > 0.93 * weights.sum()


def test_the_last_chord_is_home_and_begins_before_the_end():
    for mood in ("sad", "noir", "epic", "happy"):
        form = composition(mood, None, 45.0, seed=3)
        last = list(played(form))[-1]
        assert min(one.seconds for one in last) == pytest.approx(45.0 - form.ring)
        bass = min((one for one in last if one.pitch), key=lambda one: one.pitch)
        assert bass.pitch % 12 == form.key


def test_the_end_slows_down():
    form = composition("romantic", None, 60.0)
    lengths = [length for _, length in form.starts()]
    assert lengths[-1] > lengths[-2] > lengths[0]
    assert sum(lengths) == pytest.approx(60.0 - form.ring)


def test_tempo_is_followed_within_a_bars_rounding():
    for tempo in (60, 120):
        form = composition("happy", tempo, 120.0)
        (_, first), *_ = form.starts()
        assert 60 / (first / 4) == pytest.approx(tempo, rel=0.05)


def test_moods_sound_different():
    centres = {}
    for mood in ("horror", "happy"):
        music = heard(mood).mean(axis=1)
        power = np.abs(np.fft.rfft(music)) ** 2
        hertz = np.fft.rfftfreq(len(music), 1 / 48_000)
        centres[mood] = float((power * hertz).sum() / power.sum())
    assert centres["happy"] > 2 * centres["horror"]


def test_seeds_differ_and_repeat():
    digests = [
        hashlib.sha256(heard("noir", 12.0, seed).tobytes()).hexdigest() for seed in (1, 1, 2)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("tense, building", "tense"),
        ("Lonely and cold", "melancholy"),
        ("film noir", "noir"),
        ("грустно", "sad"),
        ("triumphant", "epic"),
        ("", "calm"),
        ("xyzzy", "calm"),
    ],
)
def test_moods_are_found_in_words(text, mood):
    assert mood_of(text) == mood


def test_a_noir_film_is_scored_as_one():
    assert composition("sad", None, 20.0, keywords=("film noir", "rain")).name == "noir"
    assert composition("sad", None, 20.0, keywords="a film noir in the rain").name == "noir"
    assert composition("action", None, 20.0, keywords=("film noir",)).name == "action"


def test_minimal_means_no_drums_and_no_tune():
    form = composition("hopeful", None, 60.0, keywords=("minimal",))
    sounds = {one.sound for bar in played(form) for one in bar}
    assert not sounds & {*DRUMS, form.mood.melody or "horn"}


def test_what_moods_name_exists():
    for mood in MOODS.values():
        assert set(mood.layers) <= set(LAYERS)
        assert not mood.melody or mood.melody in INSTRUMENTS
        for text in (*mood.progressions, mood.cadence):
            assert all(chord(one, 0).tones for one in text.split())
        assert {len(text.split()) for text in mood.progressions} == {4}


def test_voices_move_little_from_chord_to_chord():
    voices = voiced(chord("0:m9", 2), ())
    for text in ("5:m7", "2:h", "7:7b9", "0:m9"):
        moved = voiced(chord(text, 2), voices)
        assert sum(abs(a - b) for a, b in zip(moved, voices, strict=True)) <= 14
        assert moved == tuple(sorted(moved))
        voices = moved


@pytest.mark.parametrize("seconds", [0, -3, float("nan"), float("inf")])
def test_an_impossible_length_is_refused_with_a_remedy(seconds):
    with pytest.raises(MediaError) as caught:
        score("calm", None, seconds)
    assert caught.value.remedy


def test_a_minute_of_music_takes_a_moment():
    start = time.perf_counter()
    heard("noir", 60.0)
    assert time.perf_counter() - start < 4.0
