# SPDX-License-Identifier: GPL-3.0-or-later
"""Effects and ambiences: recognised, of the right length and level, the same every time."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from movie_director.core.errors import MediaError
from movie_director.core.sound_words import EFFECT_WORDS
from movie_director.executors._animatic.audio import ambience, effect, integrated, known_effects
from movie_director.executors._animatic.audio.ambience import layers_of
from movie_director.executors._animatic.audio.beds import _PLACES, BEDS


def centre_of(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples.mean(axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 48_000)
    return float((power * hertz).sum() / power.sum())


@pytest.mark.parametrize("name", sorted(EFFECT_WORDS))
def test_every_effect_is_made_within_bounds(name):
    made = effect(name)
    assert (made.name, made.recognised) == (name, True)
    assert made.samples.shape == (round(made.seconds * 48_000), 2)
    assert made.samples.dtype == np.float32
    assert 0.02 < np.abs(made.samples).max() <= 0.71
    assert -36 < integrated([made.samples]) < -15
    assert np.abs(made.samples[-1]).max() < 0.01


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("footsteps on gravel", "footsteps_gravel"),
        ("a heavy wooden door slams shut", "door_slam"),
        ("distant thunder", "thunder"),
        ("train passing at speed", "train_pass"),
        ("an old phone ringing", "phone_ring"),
        ("glass breaking", "glass_break"),
        ("шаги", "footsteps"),
        ("lluvia", "rain"),
    ],
)
def test_a_prompt_is_recognised(prompt, name):
    assert effect(prompt).name == name


def test_an_unknown_prompt_gets_a_stand_in_that_says_so():
    made = effect("the colour of regret")
    assert (made.name, made.recognised) == ("unknown", False)
    assert np.abs(made.samples).max() > 0.05


def test_the_length_asked_for_is_given_to_the_sample():
    for name in ("rain", "gunshot", "footsteps", "bell"):
        for seconds in (0.25, 1.0, 3.33333, 9.5):
            assert len(effect(name, seconds).samples) == round(seconds * 48_000)


def test_what_goes_on_goes_on_to_the_end():
    rain = effect("rain", 10.0).samples
    quarters = [float(np.sqrt(np.mean(np.square(part)))) for part in np.array_split(rain, 4)]
    assert min(quarters) > 0.5 * max(quarters)


def test_seeds_differ_and_repeat():
    def digest(seed):
        return hashlib.sha256(effect("rain", 2.0, seed).samples.tobytes()).hexdigest()

    assert digest(1) == digest(1) != digest(2)


def test_effects_sound_as_they_should_by_their_brightness():
    centres = {
        name: centre_of(effect(name).samples)
        for name in ("thunder", "earthquake", "rain", "keys", "heartbeat", "vacuum_steam")
    }
    assert centres["earthquake"] < 150
    assert centres["heartbeat"] < 150
    assert centres["thunder"] < 600
    assert 2000 < centres["rain"] < centres["vacuum_steam"]
    assert centres["keys"] > 3000


@pytest.mark.parametrize("seconds", [0, -1, 1e9, float("nan"), float("inf")])
def test_an_impossible_length_is_refused_with_a_remedy(seconds):
    with pytest.raises(MediaError) as caught:
        effect("rain", seconds)
    assert caught.value.remedy


def test_the_vocabulary_is_what_the_screenplay_looks_for():
    assert known_effects() == dict(EFFECT_WORDS)


def test_every_layer_of_every_place_exists():
    for _, sound in _PLACES:
        assert set(sound.day + sound.night) <= set(BEDS)


@pytest.mark.parametrize(
    ("setting", "layers"),
    [
        ({"interior": "ext", "place": "forest"}, ("leaves", "birds")),
        ({"interior": "ext", "place": "forest", "time_of_day": "night"}, ("leaves", "crickets", "owl")),
        ({"interior": "ext", "place": "street", "weather": "rain"}, ("traffic", "rain")),
        ({"interior": "int", "place": "house", "weather": "rain"}, ("room", "traffic_inside", "rain_inside")),
        ({"interior": "ext", "place": "вокзал", "weather": "rain"}, ("hall", "rain")),
        ({"interior": "ext", "place": "forest", "weather": "rain"}, ("leaves", "rain")),
        ({"interior": "int", "place": "house", "mood": "tense"}, ("room", "traffic_inside", "drone")),
        ({}, ("breeze", "traffic_far")),
    ],
)  # fmt: skip
def test_a_setting_has_its_layers(setting, layers):
    assert layers_of(setting) == layers


def test_an_ambience_is_as_long_as_asked_and_quiet_and_repeats():
    setting = {"interior": "ext", "place": "street", "weather": "rain"}
    blocks = list(ambience(setting, 41.7, seed=3))
    whole = np.concatenate(blocks)
    assert whole.shape == (round(41.7 * 48_000), 2)
    assert max(len(block) for block in blocks) <= 48_000
    assert -40 < integrated([whole]) < -28
    assert np.abs(whole).max() < 0.5
    again = np.concatenate(list(ambience(setting, 41.7, seed=3)))
    assert np.array_equal(whole, again)


def test_stretches_of_ambience_join_without_a_dip_or_a_click():
    whole = np.concatenate(list(ambience({"place": "mountain", "weather": "rain"}, 40.0)))
    power = np.square(whole).mean(axis=1).reshape(-1, 24_000).mean(axis=1)
    assert power.min() > 0.25 * np.median(power)
    assert np.abs(np.diff(whole, axis=0)).max() < 0.15
