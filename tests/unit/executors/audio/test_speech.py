# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines become sound: the same every time, in any language, with times for the mouth."""

from __future__ import annotations

import hashlib
import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import MediaError, MissingLibrary
from movie_director.executors._animatic.audio import RATE_HZ, VoiceSettings, speak
from movie_director.executors._animatic.audio import espeak as espeak_module
from movie_director.executors._animatic.audio.language import language_of, spoken_parts

TESTS = pathlib.Path(__file__).resolve().parents[3]
LINE = "It left an hour ago, Mara. (beat) You knew that when you came."
VOICE = VoiceSettings(variant="f2", semitones=2.0, formant=1.05)


def digest(samples: np.ndarray) -> str:
    return hashlib.sha256(samples.tobytes()).hexdigest()


def in_another_process(code: str) -> str:
    start = f"import sys; sys.path.insert(0, {str(TESTS)!r}); import conftest\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_line_has_the_same_bytes_whatever_was_spoken_before_and_in_any_process():
    first = digest(speak(LINE, VOICE, emotion="angry").samples)
    speak("Qu'est-ce que c'est ?", VoiceSettings(language="fr-fr", variant="klatt2"))
    speak("шёпотом", emotion="whisper")
    again = digest(speak(LINE, VOICE, emotion="angry").samples)
    elsewhere = in_another_process(
        "import hashlib\n"
        "from movie_director.executors._animatic.audio import speak, VoiceSettings\n"
        "speak('Something else entirely.', VoiceSettings(variant='adam'))\n"
        "v = VoiceSettings(variant='f2', semitones=2.0, formant=1.05)\n"
        f"s = speak({LINE!r}, v, emotion='angry')\n"
        "print(hashlib.sha256(s.samples.tobytes()).hexdigest())"
    )
    assert [again, elsewhere] == [first, first]


def test_a_breathy_line_does_not_depend_on_the_clock():
    """eSpeak seeds its breath from the second it is started in."""
    first, second = digest(speak(LINE, VOICE).samples), int(time.time())
    while int(time.time()) == second:
        time.sleep(0.02)
    assert digest(speak(LINE, VOICE).samples) == first


@pytest.mark.parametrize("variant", ["", "adam", "f2", "klatt6", "whisper", "grandma"])
def test_every_kind_of_synthesis_is_repeatable(variant):
    voice = VoiceSettings(variant=variant)
    first = digest(speak("Say it again.", voice).samples)
    speak("In between.", VoiceSettings(variant="klatt6"))
    assert digest(speak("Say it again.", voice).samples) == first


def test_sound_is_mono_float_at_48_kilohertz_and_does_not_clip():
    spoken = speak(LINE)
    assert spoken.samples.dtype == np.float32
    assert spoken.samples.ndim == 1
    assert spoken.seconds == len(spoken.samples) / RATE_HZ
    assert 0.1 < np.abs(spoken.samples).max() < 0.95
    assert np.isfinite(spoken.samples).all()


def test_marks_and_words_come_in_order_and_inside_the_line():
    spoken = speak(LINE, VOICE)
    for times in ([m.seconds for m in spoken.marks], [w.seconds for w in spoken.words]):
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] <= spoken.seconds
    assert len(spoken.marks) > 25
    assert [w.text for w in spoken.words] == (
        ["It", "left", "an", "hour", "ago", "Mara", "You", "knew", "that", "when", "you", "came"]
    )


def test_the_mouth_is_closed_where_nothing_is_heard():
    spoken = speak("Stop. (beat) Go.")
    open_marks = [m.seconds for m in spoken.marks if not m.phoneme.startswith("_")]
    loud = np.flatnonzero(np.abs(spoken.samples) > 0.05) / RATE_HZ
    gap = (loud[:-1][np.diff(loud) > 0.4][0], loud[1:][np.diff(loud) > 0.4][0])
    assert not [at for at in open_marks if gap[0] + 0.1 < at < gap[1] - 0.1]


def test_formants_move_without_changing_pitch_or_length_much():
    small, large = (speak(LINE, VoiceSettings(formant=f)) for f in (1.15, 0.9))
    assert abs(small.seconds / large.seconds - 1) < 0.08


def test_a_beat_is_silence_and_direction_is_not_spoken():
    plain = speak("It left an hour ago. You knew.")
    beat = speak("It left an hour ago. (beat) You knew.")
    aside = speak("It left *an hour* ago. (to herself) You _knew_.")
    assert beat.seconds > plain.seconds + 0.3
    assert [w.text for w in aside.words] == [w.text for w in plain.words]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Поезд ушёл час назад.", "ru"),
        ("Їжак і ґава", "uk"),
        ("こんにちは、元気ですか", "ja"),
        ("你好，我们走吧。", "cmn"),
        ("안녕하세요", "ko"),
        ("Καλημέρα σας", "el"),
        ("صباح الخير", "ar"),
        ("שלום לך", "he"),
        ("नमस्ते दुनिया", "hi"),
        ("Good morning.", "en-us"),
    ],
)
def test_the_language_follows_the_script_and_is_spoken(text, language):
    spoken = speak(text)
    assert spoken.language == language
    assert spoken.seconds > 0.5
    assert len(spoken.marks) > 5


def test_a_wanted_language_holds_unless_the_script_is_another():
    assert language_of("Guten Morgen", "de") == "de"
    assert language_of("Доброе утро", "bg") == "bg"
    assert language_of("Доброе утро", "de") == "ru"
    assert language_of("Good morning", "Russian") == "ru"


def test_an_emotion_changes_speed_and_loudness():
    plain, sad, angry, whisper = (
        speak(LINE, emotion=e) for e in ("", "sad", "angry", "whispering")
    )

    def loudness(spoken):
        return float(np.sqrt(np.mean(np.square(spoken.samples))))

    assert sad.seconds > plain.seconds > angry.seconds
    assert loudness(angry) > loudness(plain) > loudness(whisper)


@pytest.mark.parametrize("text", ["(beat)", "...", "🙂🙂", "[[note]]", "—"])
def test_a_line_without_words_is_a_silence_with_closed_lips(text):
    said = speak(text)
    assert (said.seconds, said.samples.any(), said.words) == (1.2, False, ())
    assert [mark.phoneme for mark in said.marks] == ["_"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_what_cannot_be_spoken_is_refused_with_a_remedy(text):
    with pytest.raises(MediaError) as caught:
        speak(text)
    assert caught.value.remedy


def test_an_unknown_language_and_an_endless_line_are_refused_with_a_remedy():
    for text, voice in (("Hello", VoiceSettings(language="xx")), ("word " * 5000, VoiceSettings())):
        with pytest.raises(MediaError) as caught:
            speak(text, voice)
        assert caught.value.remedy


def test_a_missing_library_names_the_command_that_installs_it(monkeypatch):
    espeak_module._library.cache_clear()
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    try:
        with pytest.raises(MissingLibrary, match="pip install espeakng-loader"):
            speak("Hello")
    finally:
        monkeypatch.undo()
        espeak_module._library.cache_clear()


def outcome(text):
    try:
        return speak(text)
    except MediaError as error:
        return error


@given(st.text(max_size=120))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_voice(text):
    spoken = outcome(text)
    if isinstance(spoken, MediaError):
        assert spoken.remedy
        return
    assert np.isfinite(spoken.samples).all()
    times = [m.seconds for m in spoken.marks]
    assert times == sorted(times)
    assert times[-1] <= spoken.seconds


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_spoken_parts_never_hold_markup_or_control_characters(text):
    try:
        parts = spoken_parts(text)
    except MediaError:
        return
    for part in parts:
        assert not set(part.text) & set("*_[]()<>\0\1\n")


def test_a_long_line_is_spoken_whole():
    spoken = speak("And so it goes on. " * 100)
    assert len(spoken.words) == 500


def test_a_line_of_four_seconds_takes_a_fraction_of_a_second():
    speak(LINE, VOICE)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        speak(LINE, VOICE)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3
