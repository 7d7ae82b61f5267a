"""Lips for speech that came without times."""

from __future__ import annotations

import numpy as np
import pytest
from movie_director.executors._animatic.audio import speak
from movie_director.executors._animatic.audio.alignment import (
    BY_LOUDNESS,
    BY_TEXT,
    aligned,
    moved,
)
from movie_director.executors._animatic.audio.sound import RATE_HZ, Samples
from movie_director.executors._animatic.audio.speech import Mark, Word

TEXT = "Is anybody there? I heard something, out on the platform."


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), dtype=np.float32)


def test_a_line_is_given_nearly_the_times_it_really_has() -> None:
    said = speak(TEXT)
    line, timing = aligned(said.samples, TEXT)
    assert timing == BY_TEXT
    assert [word.text for word in line.words] == [word.text for word in said.words]
    for found, true in zip(line.words, said.words, strict=True):
        assert found.seconds == pytest.approx(true.seconds, abs=0.12)


def test_words_wait_for_the_pause_that_somebody_made() -> None:
    said = speak(TEXT)
    cut = round(said.words[3].seconds * RATE_HZ)  # before "I heard"
    samples = np.concatenate([said.samples[:cut], silence(2.0), said.samples[cut:]])
    line, _ = aligned(samples, TEXT)
    before, after = line.words[2].seconds, line.words[4].seconds
    assert before < said.words[3].seconds
    assert after > said.words[3].seconds + 1.8
    closed = [mark for mark in line.marks if mark.phoneme == "_" and mark.seconds < after]
    assert any(said.words[3].seconds - 0.4 < mark.seconds < after - 1.5 for mark in closed)


def test_marks_are_in_order_inside_the_line_and_begin_and_end_closed() -> None:
    line, _ = aligned(np.concatenate([silence(0.5), speak(TEXT).samples, silence(0.7)]), TEXT)
    times = [mark.seconds for mark in line.marks]
    assert times == sorted(times)
    assert 0.0 == times[0] <= times[-1] <= line.seconds
    assert line.marks[0].phoneme == line.marks[-1].phoneme == "_"
    assert 0.4 < next(mark.seconds for mark in line.marks if mark.phoneme != "_") < 0.7


@pytest.mark.parametrize(("text", "language"), [("Hello.", "tlh"), ("...", ""), ("", "")])
def test_without_words_the_loudness_moves_the_lips(text: str, language: str) -> None:
    samples = speak("Hello there.").samples
    line, timing = aligned(samples, text, language)
    assert timing == BY_LOUDNESS
    assert {mark.phoneme for mark in line.marks} <= {"_", "@", "a"}
    assert len(line.marks) > 2
    assert line.words == ()


def test_a_silent_recording_keeps_its_lips_closed() -> None:
    line, _ = aligned(silence(1.0), "Hello.")
    assert line.marks == (Mark(seconds=0.0, phoneme="_"),)


def test_times_move_with_a_line_of_another_length() -> None:
    line = moved((Mark(seconds=1.0, phoneme="a"),), (Word(seconds=0.5, text="Oh"),), 2.0, 2.2)
    assert line.marks == (Mark(seconds=1.1, phoneme="a"),)
    assert line.words == (Word(seconds=0.55, text="Oh"),)
