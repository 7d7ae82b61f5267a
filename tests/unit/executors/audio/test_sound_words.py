# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words of an action line are heard."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.sound_words import CONTINUOUS, EFFECT_WORDS, sounds_in


@pytest.mark.parametrize(
    ("line", "sounds"),
    [
        ("The door slams. Footsteps on gravel.", ("door_slam", "footsteps_gravel")),
        ("Rain hammers the window. A phone rings, far away.", ("rain", "phone_ring")),
        ("A train rushes past; he knocks on the door.", ("train_pass", "knock")),
        ("The last train pulls out of the station.", ("train_depart",)),
        ("Шаги по лестнице. Дверь хлопнула.", ("footsteps_wood", "door_slam")),
        ("雨が降る。電話が鳴る。", ("rain", "phone_ring")),
        ("Les cloches sonnent.", ("bell",)),
        ("Thunder.", ("thunder",)),
        ("She waves goodbye. He winds his watch.", ()),
        ("He wears a raincoat and looks alarmed.", ()),
        ("They look at each other in silence.", ()),
        ("", ()),
    ],
)
def test_sound_bearing_words_are_found_in_order(line, sounds):
    assert sounds_in(line) == sounds


def test_every_entry_finds_its_own_effect_or_a_closer_one():
    for name, entries in EFFECT_WORDS.items():
        for entry in entries:
            text = entry.replace("*", "").replace("+", " ")
            assert sounds_in(text), (name, entry)


def test_what_goes_on_is_known():
    assert set(EFFECT_WORDS) >= CONTINUOUS


@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text):
    found = sounds_in(text)
    assert len(found) == len(set(found))
    assert set(found) <= set(EFFECT_WORDS)


def test_a_feature_film_is_searched_in_a_moment():
    line = "Mara walks along the platform in the rain and looks at the station clock. "
    start = time.perf_counter()
    for _ in range(2000):
        sounds_in(line)
    assert time.perf_counter() - start < 2.0
